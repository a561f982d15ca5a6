"""Who asks: the session's person, what their role may see, and the audit journal of what they saw and did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

from robot.panel.contexto import Panel
from robot.records.store import acciones, sesiones
from robot.records.store.personas import Persona
from robot.records.store.schema_panel import ROLES
from robot.records.store.sesiones import Sesion

COOKIE = "serviweb_sesion"
SIN_CLAVE_PROPIA = ("/mi-cuenta", "/mi-cuenta/clave", "/salir")
"""What somebody may use who must choose a password first."""


class SinSesionError(Exception):
    """Nobody entered, or the session is over."""


class ClaveTemporalError(Exception):
    """Somebody entered with a password that another gave them, and must choose their own first."""


def panel_of(request: Request) -> Panel:
    """Return the running panel."""
    panel: Panel = request.app.state.panel
    return panel


def sesion_of(request: Request) -> Sesion | None:
    """Return the session of a request, asked of the database once a request. Live streams don't count as use."""
    if not hasattr(request.state, "sesion"):
        panel = panel_of(request)
        touch = request.headers.get("accept", "") != "text/event-stream" and "HX-Sondeo" not in request.headers
        token = request.cookies.get(COOKIE, "")
        request.state.sesion = sesiones.found(panel.store, token, panel.rules, touch=touch)
    found: Sesion | None = request.state.sesion
    return found


def quien(request: Request) -> Persona:
    """Return who asks. Raises `SinSesionError`, and `ClaveTemporalError` on most pages."""
    sesion = sesion_of(request)
    if sesion is None:
        raise SinSesionError
    if sesion.persona.cambiar_clave and request.url.path not in SIN_CLAVE_PROPIA:
        raise ClaveTemporalError
    return sesion.persona


def origen(request: Request) -> str:
    """Return the address that asks, as the panel sees it."""
    return request.client.host if request.client else ""


def may(persona: Persona, rol: str) -> bool:
    """Say whether somebody's role is this one, or one that may do more."""
    return ROLES.index(persona.rol) >= ROLES.index(rol)


def de_rol(rol: str) -> Callable[[Request], Persona]:
    """Return a dependency: the person who asks, if their role is this one or one that may do more; else 403."""

    def allowed(request: Request) -> Persona:
        persona = quien(request)
        if not may(persona, rol):
            anotar(request, "sin_permiso", ruta=request.url.path)
            raise HTTPException(403, "Su rol no permite ver esta página.")
        return persona

    return allowed


ElPanel = Annotated[Panel, Depends(panel_of)]
Asesor = Annotated[Persona, Depends(de_rol("asesor"))]
Supervisor = Annotated[Persona, Depends(de_rol("supervisor"))]
Administrador = Annotated[Persona, Depends(de_rol("administrador"))]


def ve_el_caso(persona: Persona, asesor_del_caso: str) -> bool:
    """Say whether somebody may see a case: an advisor their own, a supervisor every one."""
    return may(persona, "supervisor") or asesor_del_caso == persona.usuario


def anotar(request: Request, accion: str, caso: str | None = None, **detalle: Any) -> None:
    """Write into the audit journal what somebody saw or did; *detalle* holds no personal data."""
    sesion = sesion_of(request)
    acciones.note(
        panel_of(request).store,
        accion,
        quien=sesion.persona.usuario if sesion else "",
        rol=sesion.persona.rol if sesion else "",
        caso=caso,
        origen=origen(request),
        **detalle,
    )
