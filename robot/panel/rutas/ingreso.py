"""Enter and leave."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from robot.errors import Rejected
from robot.panel.acceso import COOKIE, ElPanel, anotar, sesion_of
from robot.panel.formulario import Formulario
from robot.panel.paginas import page
from robot.records.store import acciones, personas

router = APIRouter()
leaving = APIRouter(route_class=Formulario)


def safe_goal(goal: str) -> str:
    """Return where to go after entering: a page of this panel, never another site."""
    inside = goal.startswith("/") and not goal.startswith(("//", "/\\")) and "\n" not in goal
    return goal if inside and not goal.startswith("/ingresar") else "/"


@router.get("/ingresar")
def entrada(request: Request, sigue: str = "/") -> Response:
    """Show the form."""
    if sesion_of(request):
        return RedirectResponse(safe_goal(sigue), 303)
    return page(request, "ingresar.html", sigue=safe_goal(sigue), error=None, usuario="")


@router.post("/ingresar")
def entrar(
    request: Request,
    panel: ElPanel,
    usuario: Annotated[str, Form()] = "",
    clave: Annotated[str, Form()] = "",
    sigue: Annotated[str, Form()] = "/",
) -> Response:
    """Let somebody in. The form has no session yet, so another site's is told by what the browser says of it."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return page(request, "ingresar.html", 403, sigue="/", error=Rejected("Entre desde esta página"), usuario="")
    origin = request.client.host if request.client else ""
    try:
        persona = personas.login(panel.store, usuario, clave, panel.rules)
    except Rejected as refused:
        acciones.note(panel.store, "ingreso_negado", quien=usuario.strip().lower()[:60], origen=origin)
        return page(request, "ingresar.html", 422, sigue=safe_goal(sigue), error=refused, usuario=usuario)
    agent = request.headers.get("user-agent", "")
    token = personas.open_session(panel.store, persona, panel.rules, agente=agent)
    acciones.note(panel.store, "ingreso", quien=persona.usuario, rol=persona.rol, origen=origin)
    answer = RedirectResponse("/mi-cuenta" if persona.cambiar_clave else safe_goal(sigue), 303)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=panel.settings.panel_https, path="/")
    return answer


@leaving.post("/salir")
def salir(request: Request, panel: ElPanel) -> Response:
    """End the session."""
    anotar(request, "salida")
    sesion = sesion_of(request)
    if sesion:
        personas.close_session(panel.store, sesion.huella)
    answer = RedirectResponse("/ingresar", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


router.include_router(leaving)
