"""The sampling review: finished cases that a supervisor looks at and signs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from robot.errors import Rejected
from robot.panel.acceso import ElPanel, Supervisor, anotar
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page
from robot.records.store import cases, listado, muestra
from robot.records.store.personas import Persona
from robot.work import muestreo

router = APIRouter(route_class=Formulario)


@router.get("/revision")
def revision(request: Request, panel: ElPanel, persona: Supervisor) -> Response:
    """Show what is to be looked at, how far each month is, and what was signed last."""
    muestreo.choose(panel.store, panel.boveda, panel.settings.muestra_porcentaje)
    waiting = muestra.pending(panel.store)
    anotar(request, "revision", filas=len(waiting))
    return page(
        request,
        "revision.html",
        pendientes=waiting,
        cuantos=muestra.unsigned(panel.store),
        firmadas=muestra.signed(panel.store),
        meses=muestra.months(panel.store),
        porcentaje=panel.settings.muestra_porcentaje,
        ajenos=muestra.own_hand(panel.store, [row["id"] for row in waiting], persona.usuario, persona.nombre),
    )


@router.get("/revision/{caso}")
def una(request: Request, panel: ElPanel, persona: Supervisor, caso: str) -> Response:
    """Show the form that signs one case."""
    return _form(request, panel, persona, caso)


def _form(
    request: Request,
    panel: Panel,
    persona: Persona,
    caso: str,
    *,
    problema: Rejected | None = None,
    dictamen: str = "",
    nota: str = "",
) -> Response:
    row, review = cases.case(panel.store, caso), muestra.of(panel.store, caso)
    if review is None:
        return RedirectResponse(f"/casos/{row['id']}", 303)
    anotar(request, "revision_caso", row["id"])
    return page(
        request,
        "revision_caso.html",
        422 if problema else 200,
        fila=row,
        revision=review,
        numeros=listado.documents(panel.store, [row["id"]]).get(row["id"], {}),
        ajeno=muestra.own_hand(panel.store, [row["id"]], persona.usuario, persona.nombre).get(row["id"], ""),
        problema=problema,
        dictamen=dictamen,
        nota=nota,
    )


@router.post("/revision/{caso}")
def firmar(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,
    caso: str,
    dictamen: Annotated[str, Form()] = "",
    nota: Annotated[str, Form()] = "",
) -> Response:
    """Sign a case's review."""
    try:
        muestra.sign(panel.store, caso, revisor=persona.usuario, nombre=persona.nombre, dictamen=dictamen, nota=nota)
    except Rejected as refused:
        return _form(request, panel, persona, caso, problema=refused, dictamen=dictamen, nota=nota)
    anotar(request, "revision_firmada", caso, dictamen=dictamen)
    return ir_a(request, "/revision")


@router.post("/revision/{caso}/pedir")
def pedir(request: Request, panel: ElPanel, _persona: Supervisor, caso: str) -> Response:
    """Put a finished case into the sample, because a supervisor wants it looked at."""
    muestra.add(panel.store, caso)
    anotar(request, "revision_pedida", caso)
    return ir_a(request, f"/revision/{caso}")
