"""What people see when something can't be done: a sentence and what to do, as a page or in the page's own notice."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from robot.errors import Fenced, Quarantined, Rejected, RobotError, SettingsError, SiteDown
from robot.panel.acceso import ClaveTemporalError, SinSesionError
from robot.panel.cabeceras import dress
from robot.panel.formulario import ir_a
from robot.panel.paginas import page
from robot.panel.palabras import en_pantalla
from robot.records.store.engine import StoreDownError

_STATUS: tuple[tuple[type[RobotError], int], ...] = (
    (Rejected, 422),
    (Fenced, 409),
    (Quarantined, 409),
    (SettingsError, 503),
    (SiteDown, 503),
)
_SAID = {
    400: "La página envió algo que el panel no entiende.",
    403: "Su rol no permite ver esta página.",
    404: "Esa página no existe.",
    405: "Esa página no se usa así.",
    413: "El archivo es demasiado grande.",
}


def status_of(error: RobotError) -> int:
    """Return the HTTP status of an error's class."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 409)


def install(app: FastAPI) -> None:
    """Register the handlers."""

    def robot_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RobotError)  # noqa: S101 — what it is registered for
        return _answer(request, status_of(error), en_pantalla(error.reason) or error.reason, en_pantalla(error.advice))

    def store_down(request: Request, _error: Exception) -> Response:
        request.state.sesion = getattr(request.state, "sesion", None)  # it can't be asked who this is
        return _answer(request, 503, "La base de datos no responde", "Espere un momento y repita.")

    def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 — what it is registered for
        standard = error.detail == HTTPStatus(error.status_code).phrase
        own = "" if standard or not error.detail else error.detail
        answer = _answer(request, error.status_code, own or _SAID.get(error.status_code, "No se pudo."), "")
        answer.headers.update(error.headers or {})
        return answer

    def ours(request: Request, _error: Exception) -> Response:
        request.state.sesion = None
        answer = _answer(request, 500, "El panel falló al hacer eso", "Mire si se hizo antes de repetirlo.")
        dress(answer.headers, https=request.app.state.panel.settings.panel_https)  # it leaves outside of `Cabeceras`
        return answer

    def invalid(request: Request, _error: Exception) -> Response:
        return _answer(request, 400, _SAID[400], "Cargue la página de nuevo.")

    def nobody(request: Request, _error: Exception) -> Response:
        return _to_login(request)

    def temporary(request: Request, _error: Exception) -> Response:
        if "HX-Sondeo" in request.headers:
            return Response(status_code=204)
        return ir_a(request, "/mi-cuenta")

    app.add_exception_handler(RobotError, robot_error)
    app.add_exception_handler(StoreDownError, store_down)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(SinSesionError, nobody)
    app.add_exception_handler(ClaveTemporalError, temporary)
    app.add_exception_handler(Exception, ours)


def is_api(request: Request) -> bool:
    """Say whether a program asks, not a person."""
    return request.url.path.startswith("/api/")


def _answer(request: Request, status: int, reason: str, advice: str) -> Response:
    if is_api(request):
        return JSONResponse({"motivo": reason, "que_hacer": advice or None}, status)
    if "HX-Request" in request.headers:
        fragment = page(request, "_falla.html", status, motivo=reason, que_hacer=advice)
        fragment.headers["HX-Retarget"] = "#mensajes"
        fragment.headers["HX-Reswap"] = "innerHTML"
        return fragment
    return page(request, "falla.html", status, motivo=reason, que_hacer=advice, codigo=status)


def _to_login(request: Request) -> Response:
    if is_api(request):
        return JSONResponse({"motivo": "Falta entrar", "que_hacer": None}, 401)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = here if request.method == "GET" and "HX-Request" not in request.headers else ""
    goal = "/ingresar" + (f"?sigue={quote(back)}" if back not in ("", "/") else "")
    if "HX-Request" in request.headers or request.headers.get("accept") == "text/event-stream":
        return HTMLResponse("", 401, headers={"HX-Redirect": goal})
    if back and request.headers.get("Sec-Fetch-Site") == "cross-site":
        return page(request, "desde_fuera.html", destino=safe_path(back))
    return RedirectResponse(goal, 303)


def safe_path(path: str) -> str:
    """Return an address of this panel that can't be read as another site's."""
    return "/" + path.lstrip("/\\")
