"""People of the panel, as an administrator keeps them."""

from __future__ import annotations

import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response

from robot.errors import Rejected
from robot.panel.acceso import Administrador, ElPanel, anotar, sesion_of
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page
from robot.panel.palabras_auditoria import nombre_accion
from robot.records.store import acciones, intentos, personas
from robot.records.store.schema_panel import ROLES
from robot.work import credenciales

router = APIRouter(route_class=Formulario)
Campo = Annotated[str, Form()]
SHOWN_SECONDS: Final = 60.0
"""How long a temporary password can be seen by who made it, in the session that made it."""
HECHO: Final = {
    "rol": "El rol quedó cambiado; sus sesiones se cerraron.",
    "datos": "Los datos quedaron guardados.",
    "activada": "Puede entrar otra vez.",
    "desactivada": "Ya no puede entrar; sus sesiones se cerraron.",
    "desbloqueada": "Quedó desbloqueada.",
}


@router.get("/personas")
def lista(request: Request, panel: ElPanel, quien: Administrador) -> Response:  # noqa: ARG001 — who may
    """Show everybody."""
    anotar(request, "ver_personas")
    return _lista(request, panel)


def _lista(request: Request, panel: Panel, status: int = 200, **said: Any) -> Response:
    everybody = personas.everybody(panel.store)
    blanks: dict[str, Any] = {"error": "", "dado": {}}
    return page(
        request,
        "personas.html",
        status,
        personas=everybody,
        bloqueadas=intentos.locked(panel.store, [row["usuario"] for row in everybody]),
        roles=ROLES,
        **(blanks | said),
    )


@router.post("/personas")
def crear(
    request: Request,
    panel: ElPanel,
    quien: Administrador,  # noqa: ARG001 — who may
    usuario: Campo = "",
    nombre: Campo = "",
    rol: Campo = "asesor",
    serviweb: Campo = "",
) -> Response:
    """Add somebody with a temporary password."""
    clave = personas.temporary()
    try:
        made = personas.create(panel.store, usuario, nombre=nombre, rol=rol, clave=clave, serviweb=serviweb)
    except Rejected as refused:
        dado = {"usuario": usuario, "nombre": nombre, "rol": rol, "serviweb": serviweb}
        return _lista(request, panel, 422, error=f"{refused.reason}. {refused.advice}", dado=dado)
    anotar(request, "usuario_creado", usuario=made.usuario, rol_nuevo=made.rol, serviweb=made.serviweb)
    _show_once(request, made.usuario, clave)
    return ir_a(request, f"/personas/{made.usuario}")


@router.get("/personas/{usuario}")
def ver(request: Request, panel: ElPanel, quien: Administrador, usuario: str, hecho: str = "") -> Response:
    """Show somebody, with what people did with their account."""
    row = next((row for row in personas.everybody(panel.store) if row["usuario"] == usuario.lower()), None)
    if row is None:
        personas.found(panel.store, usuario)
        raise Rejected("Esa persona ya no está")
    anotar(request, "ver_persona", usuario=row["usuario"])
    return page(
        request,
        "persona.html",
        fila=row,
        es_usted=row["usuario"] == quien.usuario,
        bloqueada=bool(intentos.locked(panel.store, [row["usuario"]])),
        temporal=_shown(request, row["usuario"]),
        guardada=credenciales.where(panel.settings, panel.store, row["serviweb"]),
        tambien=[name for name in personas.with_serviweb(panel.store, row["serviweb"]) if name != row["usuario"]],
        ultimas=acciones.lista(panel.store, acciones.Filtro(quien=row["usuario"]), limit=10),
        nombre_accion=nombre_accion,
        hecho=HECHO.get(hecho, ""),
        roles=ROLES,
    )


@router.post("/personas/{usuario}/rol")
def cambiar_rol(request: Request, panel: ElPanel, quien: Administrador, usuario: str, rol: Campo = "") -> Response:
    """Change somebody's role; one's own too, while another administrator is left."""
    before = personas.found(panel.store, usuario)
    after = personas.change(panel.store, usuario, rol=rol)
    anotar(request, "rol_cambiado", usuario=after.usuario, antes=before.rol, ahora=after.rol)
    return ir_a(request, "/" if after.usuario == quien.usuario else f"/personas/{after.usuario}?hecho=rol")


@router.post("/personas/{usuario}/datos")
def cambiar_datos(
    request: Request,
    panel: ElPanel,
    quien: Administrador,  # noqa: ARG001 — who may
    usuario: str,
    nombre: Campo = "",
    serviweb: Campo = "",
) -> Response:
    """Change somebody's name and user of Serviweb; the password of a user that nobody has any more is erased."""
    before = personas.found(panel.store, usuario)
    after = personas.change(panel.store, usuario, nombre=nombre, serviweb=serviweb)
    anotar(request, "usuario_cambiado", usuario=after.usuario, serviweb=after.serviweb)
    if after.serviweb != before.serviweb:
        credenciales.forget_unused(panel.settings, panel.store, before.serviweb)
    return ir_a(request, f"/personas/{after.usuario}?hecho=datos")


@router.post("/personas/{usuario}/activa")
def activar(request: Request, panel: ElPanel, quien: Administrador, usuario: str, activa: Campo = "") -> Response:
    """Let somebody enter again, or never more."""
    lets, known = activa == "si", personas.found(panel.store, usuario)
    if known.usuario == quien.usuario and not lets:
        raise Rejected("No puede desactivarse a sí mismo", remedy="Pídalo a otro administrador.")
    after = personas.change(panel.store, known.usuario, activa=lets)
    anotar(request, "usuario_activado" if lets else "usuario_desactivado", usuario=after.usuario)
    return ir_a(request, f"/personas/{after.usuario}?hecho={'activada' if lets else 'desactivada'}")


@router.post("/personas/{usuario}/clave")
def dar_clave(request: Request, panel: ElPanel, quien: Administrador, usuario: str) -> Response:
    """Give somebody a temporary password; their sessions end, and a lock-out too."""
    usuario = personas.found(panel.store, usuario).usuario
    if usuario == quien.usuario:
        raise Rejected("La suya la cambia usted mismo", remedy="Use «Mi cuenta».")
    clave = personas.temporary()
    personas.set_password(panel.store, usuario, clave, cambiar_clave=True)
    anotar(request, "clave_temporal", usuario=usuario)
    _show_once(request, usuario, clave)
    return ir_a(request, f"/personas/{usuario}")


@router.post("/personas/{usuario}/desbloquear")
def desbloquear(request: Request, panel: ElPanel, quien: Administrador, usuario: str) -> Response:  # noqa: ARG001
    """Let somebody try again who was locked out."""
    usuario = personas.found(panel.store, usuario).usuario
    personas.unlock(panel.store, usuario)
    anotar(request, "usuario_desbloqueado", usuario=usuario)
    return ir_a(request, f"/personas/{usuario}?hecho=desbloqueada")


# A temporary password is nowhere but in this process's memory, for a minute, for the session that made it.


def _secrets(request: Request) -> dict[tuple[str, str], tuple[str, float]]:
    if not hasattr(request.app.state, "temporales"):
        request.app.state.temporales = {}
    kept: dict[tuple[str, str], tuple[str, float]] = request.app.state.temporales
    now = time.monotonic()
    for key in [key for key, (_, until) in list(kept.items()) if until < now]:
        kept.pop(key, None)
    return kept


def _show_once(request: Request, usuario: str, clave: str) -> None:
    sesion = sesion_of(request)
    if sesion:
        _secrets(request)[sesion.huella, usuario] = (clave, time.monotonic() + SHOWN_SECONDS)


def _shown(request: Request, usuario: str) -> str:
    sesion = sesion_of(request)
    return _secrets(request).get((sesion.huella if sesion else "", usuario), ("", 0))[0]
