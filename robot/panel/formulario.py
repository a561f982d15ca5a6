"""Routes that act: each wants the session's secret (CSRF), and the same form acts once however often it is sent."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from robot.errors import Rejected, RobotError
from robot.panel.acceso import panel_of, quien, sesion_of
from robot.records.store import hechas

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF: Final = "csrf"
MARCA: Final = "marca"
_LONGEST_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1
_REFUSALS: Final = (RobotError, HTTPException, RequestValidationError)
"""Errors that say no: nothing was done."""
Act = Callable[[Request], Coroutine[Any, Any, Response]]
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
            await asyncio.to_thread(quien, request)  # before a stranger's file is read
            form = await request.form()
            _check(request, form)
            if harmless:
                return await act(request)
            return await _once(request, str(form.get(MARCA, "")), act)

        return handler


def _check(request: Request, form: FormData) -> None:
    """Raise 403 unless the request bears the session's secret, 400 for what no database holds."""
    sesion = sesion_of(request)
    given = request.headers.get("X-CSRF-Token") or str(form.get(CSRF, ""))
    if sesion is None or not hmac.compare_digest(given.encode("utf-8", "replace"), sesion.csrf.encode()):
        raise HTTPException(403, "La página estaba vencida. Cárguela de nuevo y repita.")
    if any(isinstance(value, str) and "\0" in value for _, value in form.multi_items()):
        raise HTTPException(400, "Un campo trae letras que no se pueden guardar.")


async def _once(request: Request, mark: str, act: Act) -> Response:
    """Act, unless the same form did at the same address; a sending that was refused did nothing, and is none."""
    if not 16 <= len(mark) <= 64:
        raise HTTPException(400, "El formulario no trae su marca. Cargue la página de nuevo.")
    store, who = panel_of(request).store, quien(request).usuario
    key = hashlib.sha256(f"{who}\0{request.url.path}\0{mark}".encode()).hexdigest()
    until = time.monotonic() + _LONGEST_SECONDS
    while (earlier := await asyncio.to_thread(hechas.begin, store, key, who)) is not None:
        if earlier != hechas.PENDING:
            return _as_before(request, earlier)
        if time.monotonic() > until:
            raise Rejected("Esa orden todavía está en curso", remedy="Mire si ya se hizo antes de repetirla.")
        await asyncio.sleep(_POLL_SECONDS)
    return await _claimed(request, key, act)


async def _claimed(request: Request, key: str, act: Act) -> Response:
    store = panel_of(request).store
    kept: str | None = hechas.BROKEN
    try:
        response = await act(request)
        where = response.headers.get("Location") or response.headers.get("HX-Redirect") or hechas.DONE
        kept = where if response.status_code < 400 else None
    except _REFUSALS:
        kept = None
        raise
    else:
        return response
    finally:
        await asyncio.to_thread(hechas.end, store, key, kept)


def _as_before(request: Request, earlier: str) -> Response:
    """Answer the second sending of a form as the first one was answered."""
    if earlier == hechas.BROKEN:
        raise Rejected("No se sabe si esa orden se hizo", remedy="Cargue la página de nuevo y mire antes de repetirla.")
    if earlier == hechas.DONE:
        return Response(status_code=204)
    return ir_a(request, earlier)


def ir_a(request: Request, where: str) -> Response:
    """Send the browser on after an act, whether htmx or the browser itself sent the form."""
    if "HX-Request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, 303)
