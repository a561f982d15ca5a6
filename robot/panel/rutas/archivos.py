"""Files of requests: dropped here, looked through and corrected row by row, and put into the queue."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, File, Request, Response, UploadFile

from robot.panel.acceso import ElPanel, Supervisor, anotar, panel_of
from robot.panel.bajar import CSV, XLSX, bajar
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page
from robot.panel.palabras import en_pantalla
from robot.panel.quienes import Quienes
from robot.records.columnas import COLUMNS
from robot.records.planilla import write_template
from robot.records.store import borrador_filas, borradores
from robot.records.store.borrador_filas import Fila, header_of
from robot.records.store.cases import Row
from robot.work import borrador, cuarentena, puesta

router = APIRouter(route_class=Formulario)
_AT_ONCE_SECONDS: Final = 1.5
"""What is ready by then needs no page that waits."""
_PAGE: Final = 50
_FILTROS: Final = {"malas": "Con errores", "buenas": "Listas", "fuera": "Dejadas por fuera", "todas": "Todas"}


@router.get("/cola/archivos")
def archivos(request: Request, panel: ElPanel, persona: Supervisor) -> Response:  # noqa: ARG001 — who may
    """Show where to drop a file, and the drafts."""
    rows = borradores.recent(panel.store)
    counted = {row["id"]: borrador_filas.counts(panel.store, row["id"]) for row in rows if row["estado"] == "abierto"}
    called = Quienes(panel.store)
    names = {row["usuario"]: called(row["usuario"]) for row in rows}
    return page(
        request, "archivos.html", borradores=rows, cuentas=counted, nombres=names, mega=borrador.MOST_BYTES >> 20
    )


@router.post("/cola/archivos")
def subir(request: Request, panel: ElPanel, persona: Supervisor, archivo: Annotated[UploadFile, File()]) -> Response:
    """Read a file into a draft; nothing of it goes to the queue yet."""
    folder = borrador.place(panel.settings)
    try:
        path = borrador.keep(archivo.file, archivo.filename or "archivo", folder)
        reading = borrador.begin(panel.store, panel.settings, path, persona.usuario)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    anotar(request, "sube_archivo", borrador=reading.draft)
    _in_background(reading.run)
    return ir_a(request, f"/cola/archivos/{reading.draft}")


def _in_background(work: Callable[[], None]) -> None:
    """Run it in a thread, and wait a moment for what is quick."""
    thread = threading.Thread(target=work, name="borrador", daemon=True)
    thread.start()
    thread.join(_AT_ONCE_SECONDS)


@router.get("/cola/archivos/plantilla.xlsx")
def plantilla(panel: ElPanel, persona: Supervisor) -> Response:  # noqa: ARG001 — who may
    """Give the empty file of requests."""
    return bajar(panel, XLSX, lambda folder: write_template(folder / "solicitudes.xlsx"))


@router.get("/cola/archivos/{draft}")
def ver(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,  # noqa: ARG001 — who may
    draft: str,
    ver: str = "",
    desde: int = 0,
) -> Response:
    """Show a draft: its rows with what is wrong in each, fifty a page; first those to correct."""
    row = borradores.found(panel.store, draft)
    if row["estado"] != "abierto":
        return page(request, "borrador.html", b=row, **_busy(panel, row), **_about(panel, row))
    counts = borrador_filas.counts(panel.store, draft)
    which = ver if ver in _FILTROS else "malas" if counts.malas else "todas"
    rows = borrador_filas.rows(panel.store, draft, desde=max(0, desde), limit=_PAGE + 1, solo=which)
    anotar(request, "ve_borrador", borrador=draft)
    return page(
        request,
        "borrador.html",
        b=row,
        cuentas=counts,
        previstas=puesta.foreseen(panel.store, panel.settings, draft),
        filas=[_shown(row, fila) for fila in rows[:_PAGE]],
        siguiente=rows[_PAGE].numero if len(rows) > _PAGE else None,
        anterior=borrador_filas.before(panel.store, draft, rows[0].numero, limit=_PAGE, solo=which) if rows else None,
        ver=which,
        filtros=_FILTROS,
        **_about(panel, row),
    )


def _about(panel: Panel, row: Row) -> dict[str, Any]:
    """Return what a page tells of a draft beside its rows."""
    twins = borradores.same_file(panel.store, row["huella"], but=row["id"]) if row["estado"] == "abierto" else []
    return {
        "notas": [en_pantalla(nota) for nota in json.loads(row["notas"])],
        "autor": Quienes(panel.store)(row["usuario"]),
        "iguales": twins,
    }


def _busy(panel: Panel, row: Row) -> dict[str, Any]:
    """Return how far the reading or sending of a draft is, and whether it was interrupted."""
    return {"interrumpido": borradores.is_silent(panel.store, row)}


def _shown(row: Row, fila: Fila, *, editar: bool = False, guardada: bool = False) -> dict[str, Any]:
    """Return a row as its template shows it: the cells to correct, or all of them, and what is wrong with the whole."""
    header = header_of(row)
    given = {name: cell for name, cell in zip(header.fields, fila.celdas, strict=False) if name}
    wrong: dict[str, list[Any]] = {}
    for problem in fila.problemas:
        wrong.setdefault(problem.campo if problem.campo in given else "", []).append(problem)
    fields = [column for column in COLUMNS if editar or column.field in wrong]
    if any(problem.de == "cola" for problem in fila.problemas) and not editar:
        fields += [column for column in COLUMNS if column.field == "nueva_ocasion" and column not in fields]
    return {
        "numero": fila.numero,
        "fila": fila,
        "datos": given,
        "mal": wrong,
        "campos": fields,
        "editar": editar,
        "guardada": guardada,
        "atendida": [(one.de, one.campo) for one in fila.problemas] == [("cola", "")],
        "sobran": [cell for cell in fila.celdas[len(header.names) :] if cell.strip()],
    }


@router.get("/cola/archivos/{draft}/avance")
def avance(request: Request, panel: ElPanel, persona: Supervisor, draft: str) -> Response:  # noqa: ARG001 — who may
    """Show how far it is; when it is over the page comes anew."""
    row = borradores.found(panel.store, draft)
    if row["estado"] not in borradores.BUSY:
        return ir_a(request, f"/cola/archivos/{draft}")
    return page(request, "_avance.html", b=row, **_busy(panel, row))


@router.get("/cola/archivos/{draft}/filas/{numero}")
def fila(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,  # noqa: ARG001 — who may
    draft: str,
    numero: int,
    editar: bool = False,
) -> Response:
    """Show one row, with all its cells open where asked."""
    row = borradores.found(panel.store, draft)
    return page(
        request, "_fila.html", b=row, f=_shown(row, borrador_filas.row(panel.store, draft, numero), editar=editar)
    )


@router.post("/cola/archivos/{draft}/filas/{numero}")
async def corregir(request: Request, panel: ElPanel, persona: Supervisor, draft: str, numero: int) -> Response:  # noqa: ARG001
    """Write what was typed into a row and judge it again."""
    form = await request.form()
    given = {column.field: str(form[column.field]) for column in COLUMNS if column.field in form}
    return await asyncio.to_thread(_corrected, request, draft, numero, given)


def _corrected(request: Request, draft: str, numero: int, given: dict[str, str]) -> Response:
    panel = panel_of(request)
    changed = borrador.correct(panel.store, draft, numero, given, borrador.formats_of(panel.settings))
    anotar(request, "corrige_fila", borrador=draft, fila=numero)
    return _changed(request, draft, changed)


def _changed(request: Request, draft: str, changed: list[Fila]) -> Response:
    """Show the row that was changed, and out of band the counts and the rows that it repeats or repeated."""
    panel = panel_of(request)
    row = borradores.found(panel.store, draft)
    first, *others = (_shown(row, fila, guardada=number == 0) for number, fila in enumerate(changed))
    counts = borrador_filas.counts(panel.store, draft)
    foreseen = puesta.foreseen(panel.store, panel.settings, draft)
    return page(request, "_fila_cambiada.html", b=row, f=first, otras=others, cuentas=counts, previstas=foreseen)


@router.post("/cola/archivos/{draft}/filas/{numero}/fuera")
def dejar_fuera(request: Request, panel: ElPanel, persona: Supervisor, draft: str, numero: int) -> Response:  # noqa: ARG001
    """Leave a row out."""
    changed = borrador.leave_out(panel.store, draft, numero, fuera=True)
    anotar(request, "deja_fila_fuera", borrador=draft, fila=numero)
    return _changed(request, draft, changed)


@router.post("/cola/archivos/{draft}/filas/{numero}/dentro")
def volver_dentro(request: Request, panel: ElPanel, persona: Supervisor, draft: str, numero: int) -> Response:  # noqa: ARG001
    """Put a row back."""
    changed = borrador.leave_out(panel.store, draft, numero, fuera=False)
    anotar(request, "devuelve_fila", borrador=draft, fila=numero)
    return _changed(request, draft, changed)


@router.post("/cola/archivos/{draft}/cola")
def poner(request: Request, panel: ElPanel, persona: Supervisor, draft: str) -> Response:
    """Put the good rows into the queue, or go on where that was interrupted."""
    cuarentena.check(panel.archivo())
    sending = puesta.begin_sending(panel.store, panel.settings, draft, persona.usuario)
    anotar(request, "pone_en_cola", borrador=draft, lote=sending.lote)
    _in_background(sending.run)
    return ir_a(request, f"/cola/archivos/{draft}")


@router.post("/cola/archivos/{draft}/leer")
def leer_otra_vez(request: Request, panel: ElPanel, persona: Supervisor, draft: str) -> Response:  # noqa: ARG001
    """Read a file again whose reading was interrupted."""
    reading = borrador.begin_again(panel.store, panel.settings, draft)
    anotar(request, "lee_archivo_otra_vez", borrador=draft)
    _in_background(reading.run)
    return ir_a(request, f"/cola/archivos/{draft}")


@router.post("/cola/archivos/{draft}/descartar")
def descartar(request: Request, panel: ElPanel, persona: Supervisor, draft: str) -> Response:  # noqa: ARG001 — who may
    """Erase what is left of a draft."""
    became = borrador.discard(panel.store, panel.settings, draft)
    anotar(request, "descarta_borrador", borrador=draft, quedo=became)
    return ir_a(request, "/cola/archivos")


@router.get("/cola/archivos/{draft}/errores.csv")
def errores(request: Request, panel: ElPanel, persona: Supervisor, draft: str) -> Response:  # noqa: ARG001 — who may
    """Give the rows to correct as a file."""
    anotar(request, "baja_errores", borrador=draft)
    return bajar(panel, CSV, lambda folder: borrador.errors_file(panel.store, draft, folder))
