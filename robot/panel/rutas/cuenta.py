"""One's own account: password, user of Serviweb, sessions, theme."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from robot.errors import Rejected
from robot.panel.acceso import Asesor, ElPanel, anotar, origen, sesion_of
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.navegadores import nombre_del_agente
from robot.panel.paginas import page
from robot.panel.rutas.ingreso import con_sesion
from robot.records.store import leases, personas, sesiones
from robot.records.store.personas import Persona
from robot.work import credenciales

router = APIRouter(route_class=Formulario)
Campo = Annotated[str, Form()]
HECHO = {
    "clave": "Su clave quedó cambiada. Las otras sesiones se cerraron.",
    "serviweb": "Su contraseña de Serviweb quedó guardada.",
    "borrada": "Su contraseña de Serviweb quedó borrada.",
    "sesiones": "Las otras sesiones se cerraron.",
}


@router.get("/mi-cuenta")
def ver(request: Request, panel: ElPanel, persona: Asesor, hecho: str = "") -> Response:
    """Show it."""
    return _cuenta(request, panel, persona, hecho=HECHO.get(hecho, ""))


def _cuenta(request: Request, panel: Panel, persona: Persona, status: int = 200, **said: Any) -> Response:
    blanks: dict[str, Any] = {"hecho": "", "errores": {}, "usuario_serviweb": persona.serviweb}
    here = sesion_of(request)
    own = sesiones.of_user(panel.store, persona.usuario, panel.rules)
    known = leases.known_user(panel.store, persona.serviweb) if persona.serviweb else None
    return page(
        request,
        "cuenta.html",
        status,
        guardada=credenciales.where(panel.settings, panel.store, persona.serviweb),
        bloqueado=bool(known and known["bloqueado"]),
        sesiones=[(row, nombre_del_agente(row["agente"]), bool(here and row["huella"] == here.huella)) for row in own],
        minimo=personas.SHORTEST,
        **(blanks | said),
    )


@router.post("/mi-cuenta/clave")
def cambiar_clave(
    request: Request, panel: ElPanel, persona: Asesor, actual: Campo = "", nueva: Campo = "", otra_vez: Campo = ""
) -> Response:
    """Change one's own password; every other session ends, and this one goes on under a new name."""
    errores = _wrong_password(request, panel, persona, actual) or _poor(persona, actual, nueva, otra_vez)
    if errores:
        return _cuenta(request, panel, persona, 422, errores=errores)
    personas.set_password(panel.store, persona.usuario, nueva)
    anotar(request, "clave_cambiada")
    return con_sesion(request, panel, persona, ir_a(request, "/mi-cuenta?hecho=clave"))


def _wrong_password(request: Request, panel: Panel, persona: Persona, clave: str) -> dict[str, str]:
    """Return what is wrong with the present password; it is guessed no oftener here than at the door."""
    try:
        personas.login(panel.store, persona.usuario, clave, panel.rules, origen=origen(request))
    except Rejected as refused:
        anotar(request, "clave_negada")
        locked = refused.reason.startswith("Demasiados")
        return {"actual": f"{refused.reason}. {refused.advice}" if locked else "La clave actual no es esa"}
    return {}


def _poor(persona: Persona, actual: str, nueva: str, otra_vez: str) -> dict[str, str]:
    if nueva != otra_vez:
        return {"otra_vez": "Las dos claves nuevas no son iguales"}
    if nueva == actual:
        return {"nueva": "La clave nueva debe ser distinta de la actual"}
    try:
        personas.check_password(nueva, usuario=persona.usuario)
    except Rejected as refused:
        return {"nueva": f"{refused.reason}. {refused.advice}"}
    return {}


@router.post("/mi-cuenta/serviweb")
def guardar_serviweb(
    request: Request, panel: ElPanel, persona: Asesor, usuario: Campo = "", contrasena: Campo = ""
) -> Response:
    """Keep one's own user and password of Serviweb; the password is never shown again."""
    usuario = usuario.strip()
    try:
        credenciales.keep_own(panel.settings, panel.store, persona, usuario, contrasena)
    except Rejected as refused:
        field = "contrasena" if usuario and not contrasena else "usuario"
        said = f"{refused.reason}. {refused.advice}".strip()
        return _cuenta(request, panel, persona, 422, errores={field: said}, usuario_serviweb=usuario)
    anotar(request, "serviweb_guardado", serviweb=usuario)
    return ir_a(request, "/mi-cuenta?hecho=serviweb")


@router.post("/mi-cuenta/serviweb/borrar")
def borrar_serviweb(request: Request, panel: ElPanel, persona: Asesor) -> Response:
    """Erase the password of one's own user of Serviweb."""
    if not persona.serviweb:
        raise Rejected("No hay un usuario de Serviweb en su cuenta")
    credenciales.forget(panel.settings, panel.store, persona.serviweb)
    anotar(request, "serviweb_borrado", serviweb=persona.serviweb)
    return ir_a(request, "/mi-cuenta?hecho=borrada")


@router.post("/mi-cuenta/sesiones/cerrar")
def cerrar_otras(request: Request, panel: ElPanel, persona: Asesor) -> Response:  # noqa: ARG001 — who may
    """End one's other sessions."""
    sesion = sesion_of(request)
    ended = sesiones.end_others(panel.store, sesion) if sesion else 0
    anotar(request, "sesiones_cerradas", cuantas=ended)
    return ir_a(request, "/mi-cuenta?hecho=sesiones")
