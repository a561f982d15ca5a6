"""Lots: the files that were queued, how far each is, their results to take away, and their rest cancelled."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response

from robot.panel.acceso import ElPanel, Supervisor, anotar
from robot.panel.bajar import CSV, XLSX, bajar
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import CORTO, page
from robot.records.resultados import escribir_csv, escribir_xlsx
from robot.records.store import lotes
from robot.work.lote import lineas

router = APIRouter(route_class=Formulario)
_PAGE: Final = 50
_LOTES: Final = 10
_WRITES: Final = {"csv": (escribir_csv, CSV), "xlsx": (escribir_xlsx, XLSX)}


@router.get("/cola/lotes")
def lista(request: Request, panel: ElPanel, persona: Supervisor, antes: str = "") -> Response:  # noqa: ARG001 — who may
    """Show the newest lots, and how far each is."""
    rows = lotes.recent(panel.store, _LOTES + 1, before=antes)
    done = lotes.progress(panel.store, [row["id"] for row in rows[:_LOTES]])
    older = rows[_LOTES - 1]["creado"] if len(rows) > _LOTES else ""
    return page(request, "lotes.html", lotes=rows[:_LOTES], avances=done, antes=antes, siguen=older)


@router.get("/cola/lotes/{lote}")
def ver(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,  # noqa: ARG001 — who may
    lote: str,
    desde: int = 0,
    estado: str = "",
) -> Response:
    """Show a lot: its rows, what became of each, and its case now."""
    row = lotes.found(panel.store, lote)
    which = estado if estado in CORTO else ""
    rows = lotes.rows(panel.store, row["id"], desde=max(0, desde), limit=_PAGE + 1, estado=which)
    anotar(request, "ve_lote", lote=row["id"])
    return page(
        request,
        "lote.html",
        lote=row,
        avance=lotes.progress(panel.store, [row["id"]])[row["id"]],
        filas=rows[:_PAGE],
        siguiente=rows[_PAGE]["fila"] if len(rows) > _PAGE else None,
        desde=desde,
        estado=which,
    )


@router.get("/cola/lotes/{lote}/avance")
def avance(request: Request, panel: ElPanel, persona: Supervisor, lote: str) -> Response:  # noqa: ARG001 — who may
    """Show how far a lot is by now."""
    row = lotes.found(panel.store, lote)
    done = lotes.progress(panel.store, [row["id"]])[row["id"]]
    return page(request, "_lote_avance.html", lote=row, avance=done)


@router.post("/cola/lotes/{lote}/cancelar")
def cancelar(request: Request, panel: ElPanel, persona: Supervisor, lote: str) -> Response:
    """Cancel the cases of a lot that nobody began."""
    row = lotes.found(panel.store, lote)
    number = lotes.cancel_rest(panel.store, row["id"], persona.usuario)
    anotar(request, "cancela_lote", lote=row["id"], casos=number)
    return ir_a(request, f"/cola/lotes/{row['id']}")


@router.get("/cola/lotes/{lote}/resultados.{forma}")
def resultados(request: Request, panel: ElPanel, persona: Supervisor, lote: str, forma: str) -> Response:  # noqa: ARG001
    """Give a lot's results as a CSV or a workbook."""
    if forma not in _WRITES:
        raise HTTPException(404)
    row = lotes.found(panel.store, lote)
    write, kind = _WRITES[forma]
    anotar(request, "baja_resultados", lote=row["id"], forma=forma)
    return bajar(panel, kind, lambda folder: write(lineas(panel.archivo(), row["id"]), folder / f"{row['id']}.{forma}"))
