"""Assisted mode: before each save a person sees what will be saved, and says yes or no.

Nothing has been meant to be sent by then. While the person thinks, nothing that saves leaves the browser either: the
page is in front of them, and what they save by hand the case would save again.
"""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from playwright.async_api import BrowserContext, Request, Route
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from robot.browser.effect import Journal
from robot.browser.gate import LOOKS, named
from robot.browser.maps import Control, Map
from robot.errors import Rejected, StepFailed

Approve = Callable[[str, Mapping[str, Any]], Awaitable[bool]]
"""Show a person what kind of document will be saved and with what, and return the yes or no."""
Reads = Callable[[], Awaitable[Mapping[str, Any]]]
"""Read the whole form back and say what will be saved, or raise."""

_CHANGED: Final = "Lo que se va a guardar cambió mientras se esperaba la respuesta"
_BY_HAND: Final = "Alguien quiso guardar en el navegador mientras se esperaba la respuesta; no se dejó salir"
_AGAIN: Final = "No se guardó: corrija la solicitud, o lo que no estaba bien en Serviweb, y ejecute de nuevo."
_GO_ON: Final = (
    "No se guardó: corrija en Serviweb lo que no estaba bien y siga con «serviweb continuar {case}»; nunca lo empiece "
    "de nuevo."
)
_REFUSED: Final = {
    "tercero": ("El asesor no aprobó guardar el tercero", _AGAIN),
    "factura": ("El asesor no aprobó guardar la factura", _AGAIN),
    "abono": ("El asesor no aprobó generar el abono", _GO_ON),
    "tramite": ("El asesor no aprobó guardar el trámite", _GO_ON),
}


@asynccontextmanager
async def approved(
    approve: Approve | None,
    kind: str,
    control: Control,
    reads: Reads,
    *,
    context: BrowserContext,
    maps: Map,
    to: Journal,
) -> AsyncIterator[Reads]:
    """Ask about what *reads* says, and give a reader that says the same, or raises `StepFailed` since it changed.

    Without *approve* nobody is asked. Until the block ends no save leaves but through what was armed within it. Raises
    `Rejected` when the answer is no.
    """
    if approve is None:
        yield reads
        return
    tried: list[str] = []
    writes = maps.writes

    async def hold(route: Route, request: Request) -> None:
        if not _saves(request, control, writes):
            await route.fallback()
            return
        tried.append(request.method)
        await route.abort("blockedbyclient")

    async def again() -> Mapping[str, Any]:
        try:
            now = dict(await reads())
        except (AssertionError, PlaywrightTimeout) as error:
            raise StepFailed(_CHANGED) from error
        if tried:
            raise StepFailed(_BY_HAND)
        if now != shown:
            raise StepFailed(_CHANGED)
        return now

    await context.route("**/*", hold)
    try:
        shown = dict(await reads())
        yes = await approve(kind, shown)
        to.write("commit.approved", kind=kind, approved=yes, by=getpass.getuser())
        if not yes:
            reason, remedy = _REFUSED[kind]
            raise Rejected(reason, remedy=remedy.format(case=to.folder.name))
        yield again
    finally:
        with suppress(PlaywrightError):  # the browser may be gone
            await context.unroute("**/*", hold)


def _saves(request: Request, control: Control, writes: Sequence[str]) -> bool:
    """Say whether a request would save something: the map names its address, or names none and this is no look-up."""
    return named(writes, request.url) or (not control.writes and request.method not in LOOKS)
