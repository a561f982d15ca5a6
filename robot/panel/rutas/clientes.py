"""Programs that use the API: who has a token, what it may do, and when it was used last."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from robot.errors import Rejected
from robot.panel.acceso import Administrador, ElPanel, anotar
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page
from robot.records.store import clientes
from robot.records.store.clientes import PERMISOS

router = APIRouter(route_class=Formulario)
_USUAL = ("casos:leer", "casos:crear", "pagos:registrar")


def _shown(
    request: Request,
    panel: Panel,
    status: int = 200,
    *,
    nombre: str = "",
    marcados: tuple[str, ...] = _USUAL,
    error: Rejected | None = None,
    token: str = "",
    nuevo: str = "",
) -> Response:
    return page(
        request,
        "clientes.html",
        status,
        clientes=clientes.everybody(panel.store),
        permisos=PERMISOS,
        nombre=nombre,
        marcados=marcados,
        error=error,
        token=token,
        nuevo=nuevo,
    )


@router.get("/clientes")
def lista(request: Request, panel: ElPanel, _persona: Administrador) -> Response:
    """Show the programs and the form for a new one."""
    return _shown(request, panel)


@router.post("/clientes")
def crear(
    request: Request,
    panel: ElPanel,
    persona: Administrador,
    nombre: Annotated[str, Form()] = "",
    permisos: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make a program, and show its token this once: it isn't kept."""
    try:
        made, token = clientes.create(panel.store, nombre, permisos or [], por=persona.usuario)
    except Rejected as error:
        return _shown(request, panel, 422, nombre=nombre, marcados=tuple(permisos or ()), error=error)
    anotar(request, "cliente_crear", cliente=made.id, permisos=sorted(made.permisos))
    return _shown(request, panel, token=token, nuevo=made.nombre)


@router.post("/clientes/{cliente}/revocar")
def revocar(request: Request, panel: ElPanel, _persona: Administrador, cliente: str) -> Response:
    """Take a program's token away."""
    gone = clientes.revoke(panel.store, cliente)
    anotar(request, "cliente_revocar", cliente=gone.id)
    return ir_a(request, "/clientes")
