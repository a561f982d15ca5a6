"""The panel's audit journal: who saw and did what, when; and the proof that nobody altered it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from robot.panel.acceso import ElPanel, Supervisor, anotar
from robot.panel.paginas import fecha, page
from robot.panel.palabras_auditoria import dato, nombre_accion, nombre_dato
from robot.records.celda import guard
from robot.records.store import acciones
from robot.records.store.acciones import Filtro
from robot.records.store.cases import Row
from robot.records.store.engine import stamp
from robot.settings import BOGOTA
from robot.text import words

router = APIRouter()
PAGE: Final = 100
_COLUMNS: Final = ("n", "cuando", "quien", "rol", "accion", "caso", "detalle", "origen", "huella")


@dataclass(frozen=True, kw_only=True)
class Pedido:
    """What somebody wants to see, as they wrote it."""

    persona: str = ""
    accion: str = ""
    caso: str = ""
    desde: str = ""
    hasta: str = ""
    antes: int = 0

    @property
    def filtro(self) -> Filtro:
        """Return it as the store asks; days are Colombia's, the last one whole."""
        return Filtro(
            quien=self.persona.strip().lower(),
            accion=self.accion.strip(),
            caso=self.caso.strip().upper(),
            desde=_midnight(self.desde, 0),
            hasta=_midnight(self.hasta, 1),
        )

    def query(self, **changed: object) -> str:
        """Return the address's query for the same acts."""
        names = ("persona", "accion", "caso", "desde", "hasta")
        given = {name: getattr(self, name) for name in names if getattr(self, name)}
        return urlencode(given | changed)


def _midnight(day: str, days_later: int) -> str:
    try:
        wanted = date.fromisoformat(day) + timedelta(days=days_later)
    except (ValueError, OverflowError):
        return ""
    return stamp(datetime.combine(wanted, time(), BOGOTA))


def pedido(
    persona: str = "", accion: str = "", caso: str = "", desde: str = "", hasta: str = "", antes: str = ""
) -> Pedido:
    """Return what a query asks for; what is no number or day asks for nothing."""
    number = int(antes) if antes.isdecimal() and len(antes) < 19 else 0
    return Pedido(persona=persona, accion=accion, caso=caso, desde=desde, hasta=hasta, antes=number)


def _said(row: Row) -> dict[str, str]:
    given = {name: value for name, value in json.loads(row["detalle"]).items() if value not in ("", None, [])}
    return {nombre_dato(name): dato(value) for name, value in given.items()}


ElPedido = Annotated[Pedido, Depends(pedido)]


@router.get("/auditoria")
def ver(request: Request, panel: ElPanel, quien: Supervisor, pedido: ElPedido) -> Response:  # noqa: ARG001
    """Show the newest acts that are asked for."""
    rows = acciones.lista(panel.store, pedido.filtro, antes=pedido.antes, limit=PAGE + 1)
    anotar(request, "ver_auditoria")
    shown = rows[:PAGE]
    return page(
        request,
        "auditoria.html",
        pedido=pedido,
        filas=[(row, _said(row)) for row in shown],
        nombre_accion=nombre_accion,
        siguiente=pedido.query(antes=shown[-1]["n"]) if len(rows) > PAGE else "",
        primera=pedido.query(),
        quienes=acciones.known(panel.store, "quien"),
        verbos=sorted(acciones.known(panel.store, "accion"), key=lambda accion: words(nombre_accion(accion))),
    )


@router.get("/auditoria/cadena")
def cadena(request: Request, panel: ElPanel, quien: Supervisor) -> Response:  # noqa: ARG001
    """Follow the whole chain of hashes, and say what was found."""
    found = acciones.verify(panel.store)
    anotar(request, "auditoria_comprobada", cuantas=found.cuantas, rota=found.rota)
    return page(request, "_cadena.html", cadena=found)


@router.get("/auditoria/csv")
def exportar(request: Request, panel: ElPanel, quien: Supervisor, pedido: ElPedido) -> Response:  # noqa: ARG001
    """Send all acts that are asked for as a file for Excel."""
    anotar(request, "auditoria_exportada")
    headers = {"Content-Disposition": 'attachment; filename="auditoria.csv"'}
    lines = _lines(acciones.each(panel.store, pedido.filtro))
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _lines(rows: Iterator[Row]) -> Iterator[str]:
    yield "\ufeff" + _line(_COLUMNS)  # Excel tells UTF-8 by this mark
    for row in rows:
        yield _line([_cell(row, name) for name in _COLUMNS])


def _cell(row: Row, name: str) -> str:
    if name == "n":
        return str(row["n"])
    return fecha(row["cuando"]) if name == "cuando" else guard(str(row[name] or ""))


def _line(cells: list[str] | tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerow(cells)
    return text.getvalue()
