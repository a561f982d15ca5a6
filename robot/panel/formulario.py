"""Routes that act: each wants the session's secret (CSRF), and the same form acts once however often it is sent."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from fastapi import HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from robot.panel.acceso import panel_of, quien, sesion_of
from robot.records.store import hechas

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF: Final = "csrf"
MARCA: Final = "marca"
_LONGEST_SECONDS: Final = 30.0
F = TypeVar("F", bound=Callable[..., Any])


def sin_efecto(endpoint: F) -> F:
    """Mark an endpoint whose POST changes nothing (it validates what is typed): its form needs no mark."""
    endpoint.sin_efecto = True  # type: ignore[attr-defined]  # a flag for `Formulario`
    return endpoint


class Formulario(APIRoute):
    """A route whose unsafe methods act: `router = APIRouter(route_class=Formulario)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with both guards around it."""
        act = super().get_route_handler()
        harmless = getattr(self.endpoint, "sin_efecto", False)

        async def handler(request: Request) -> Response:
            if request.method in SAFE:
                return await act(request)
            form = await request.form()
            await asyncio.to_thread(_check_csrf, request, form)
            if harmless:
                return await act(request)
            return await _once(request, str(form.get(MARCA, "")), act)

        return handler


def _check_csrf(request: Request, form: FormData) -> None:
    """Raise 403 unless the request bears the session's secret, and comes from a page of this panel."""
    quien(request)
    sesion = sesion_of(request)
    given = request.headers.get("X-CSRF-Token") or str(form.get(CSRF, ""))
    if sesion is None or not hmac.compare_digest(given, sesion.csrf):
        raise HTTPException(403, "La página estaba vencida. Cárguela de nuevo y repita.")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "La orden vino de otra página.")


async def _once(request: Request, mark: str, act: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    if not 16 <= len(mark) <= 64:
        raise HTTPException(400, "El formulario no trae su marca. Cargue la página de nuevo.")
    store, who = panel_of(request).store, quien(request).usuario
    earlier = await asyncio.to_thread(hechas.begin, store, mark, who)
    if earlier is not None:
        return await _as_before(request, mark, earlier)
    kept: str | None = None
    try:
        response = await act(request)
        if response.status_code < 400:
            kept = response.headers.get("Location") or response.headers.get("HX-Redirect") or "-"
        return response
    finally:
        await asyncio.to_thread(hechas.end, store, mark, kept)


async def _as_before(request: Request, mark: str, earlier: str) -> Response:
    """Answer the second sending of a form as the first one was answered, once it is over."""
    store, who = panel_of(request).store, quien(request).usuario
    until = time.monotonic() + _LONGEST_SECONDS
    found: str | None = earlier
    while found == hechas.PENDING and time.monotonic() < until:
        await asyncio.sleep(0.1)
        found = await asyncio.to_thread(hechas.answer, store, mark, who)
    if not found or found == "-":
        return Response(status_code=204)
    if "HX-Request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": found})
    return RedirectResponse(found, 303)


def ir_a(request: Request, where: str) -> Response:
    """Send the browser on after an act, whether htmx or the browser itself sent the form."""
    if "HX-Request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, 303)
