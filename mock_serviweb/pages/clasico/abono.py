"""Abono: the lupa's window, what is pending, GENERAR behind a native question, and the recibo as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.clasico.postback import Event, Form
from mock_serviweb.pages.clasico.view import for_person, page
from mock_serviweb.prints import pesos
from mock_serviweb.rules import abonos, suscriptores
from mock_serviweb.rules.answers import NotFound, NotSaved

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from starlette.responses import Response

ADVISERS = frozenset({"asesor", "supervisor"})


def show(visit: Visit, *, error: str = "", done: str = "", printable: str = "") -> Response:
    """Render the screen with what the chosen subscriber owes; *printable* is the recibo just generated."""
    codigo = visit.text("codigo")
    found = visit.store.one("SELECT * FROM suscriptores WHERE codigo = ?", codigo) if codigo else None
    owed = abonos.pending(visit.store, codigo) if found else []
    return page(
        visit,
        "abono.html",
        title="Abono a factura o financiación",
        action="/Abono.aspx",
        kept={"mostradas": ",".join(row["numero"] for row in owed)},
        error=error,
        done=done,
        found=found,
        owed=owed,
        total=sum(row["total"] for row in owed),
        question=_question(codigo, owed),
        number=abonos.last_number(visit.store, visit.user),
        printable=printable,
        paper="/ImprimirRecibo.aspx",
    )


def _question(codigo: str, owed: list[sqlite3.Row]) -> str:
    which = "a la factura" if len(owed) == 1 else "a las facturas"
    numbers = ", ".join(row["numero"] for row in owed)
    total = pesos(sum(row["total"] for row in owed))
    return f"¿Desea generar el abono por {total} {which} {numbers} del suscriptor {codigo}?"


def opened(visit: Visit) -> Response:
    return show(visit)


def generate(visit: Visit) -> Response:
    shown = [number for number in visit.text("mostradas").split(",") if number]
    try:
        number = abonos.generate(visit.store, visit.text("codigo"), shown, visit.user, copies=visit.copies)
    except NotSaved as no:
        return show(visit, error=str(no))
    return show(visit, done="Abono generado.", printable=number)


def search_window(visit: Visit, *, error: str = "", rows: Sequence[sqlite3.Row] = ()) -> Response:
    return page(
        visit,
        "buscar.html",
        title="Buscar suscriptor",
        action="/BuscarSuscriptor.aspx",
        error=error,
        rows=rows,
        searches=list(suscriptores.SEARCHES),
    )


def search(visit: Visit) -> Response:
    try:
        found = suscriptores.search(visit.store, visit.text("tipo_busqueda"), visit.text("texto"))
    except NotFound as no:
        return search_window(visit, error=str(no))
    return search_window(visit, rows=found)


@for_person
def printed(visit: Visit) -> Response:
    recibo = abonos.by_number(visit.store, visit.text("n"))
    return page(
        visit,
        "papel_recibo.html",
        title=f"Recibo de pago {recibo['numero']}",
        recibo=recibo,
        facturas=abonos.facturas_of(visit.store, recibo["numero"]),
        preview=visit.text("vista") == "previa",
    )


FORM = Form(
    Screen("abono.pantalla", "/Abono.aspx", opened, profiles=ADVISERS),
    {
        "elegido": Event("abono.pendientes", show, delay_seconds=0.2),
        "generar": Event("abono.generar", generate, writes=True),
    },
)
SEARCH = Form(
    Screen("", "/BuscarSuscriptor.aspx", search_window, profiles=ADVISERS),
    {"buscar": Event("abono.buscar", search)},
)
SCREENS: Sequence[Screen] = (
    *FORM.screens(),
    *SEARCH.screens(),
    Screen("abono.imprimir", "/ImprimirRecibo.aspx", printed, answers="paper"),
)
