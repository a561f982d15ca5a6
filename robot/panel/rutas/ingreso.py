"""Enter and leave."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from robot.errors import Rejected
from robot.panel.acceso import COOKIE, ElPanel, anotar, origen, sesion_of
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario
from robot.panel.paginas import page
from robot.records.store import acciones, personas, sesiones
from robot.records.store.personas import Persona

router = APIRouter()
leaving = APIRouter(route_class=Formulario)


def safe_goal(goal: str) -> str:
    """Return where to go after entering: a page of this panel, never another site."""
    # Browsers drop tabs and line ends from addresses, and read «\\» as «/».
    inside = goal.startswith("/") and not goal.startswith("//") and goal.isprintable() and "\\" not in goal
    return goal if inside and len(goal) < 1000 and not goal.startswith("/ingresar") else "/"


@router.get("/ingresar")
def entrada(request: Request, panel: ElPanel, sigue: str = "/") -> Response:
    """Show the form."""
    if sesion_of(request):
        return RedirectResponse(safe_goal(sigue), 303)
    return _form(request, panel, sigue=sigue)


def _form(
    request: Request,
    panel: Panel,
    status: int = 200,
    *,
    sigue: str = "/",
    error: Rejected | None = None,
    usuario: str = "",
) -> Response:
    empty = personas.nobody_yet(panel.store)
    return page(
        request, "ingresar.html", status, sigue=safe_goal(sigue), error=error, usuario=usuario[:60], sin_personas=empty
    )


@router.post("/ingresar")
def entrar(
    request: Request,
    panel: ElPanel,
    usuario: Annotated[str, Form()] = "",
    clave: Annotated[str, Form()] = "",
    sigue: Annotated[str, Form()] = "/",
) -> Response:
    """Let somebody in. The form has no session yet; `Guardia` turns away what other sites send."""
    try:
        persona = personas.login(panel.store, usuario, clave, panel.rules, origen=origen(request))
    except Rejected as refused:
        _note_refusal(request, panel, usuario, refused)
        return _form(request, panel, 422, sigue=sigue, error=refused, usuario=usuario)
    acciones.note(panel.store, "ingreso", quien=persona.usuario, rol=persona.rol, origen=origen(request))
    answer = RedirectResponse("/mi-cuenta" if persona.cambiar_clave else safe_goal(sigue), 303)
    return con_sesion(request, panel, persona, answer)


def _note_refusal(request: Request, panel: Panel, usuario: str, refused: Rejected) -> None:
    """Write who was refused; a name that nobody has may be a password in the wrong field."""
    try:
        known = personas.found(panel.store, usuario).usuario
    except Rejected:
        known = "desconocido"
    acciones.note(panel.store, "ingreso_negado", quien=known, origen=origen(request), motivo=refused.reason)


def con_sesion(request: Request, panel: Panel, persona: Persona, answer: Response) -> Response:
    """Give an answer the cookie of a new session; the one that the browser had ends."""
    agent = request.headers.get("user-agent", "")
    token = sesiones.begin(panel.store, persona, panel.rules, agente=agent, previa=sesion_of(request))
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=panel.settings.panel_https, path="/")
    return answer


@leaving.post("/salir")
def salir(request: Request, panel: ElPanel) -> Response:
    """End the session."""
    anotar(request, "salida")
    sesion = sesion_of(request)
    if sesion:
        sesiones.end(panel.store, sesion.huella)
    answer = RedirectResponse("/ingresar", 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=panel.settings.panel_https)
    return answer


router.include_router(leaving)
