"""Factura: one form, posted back whole at every look-up, line and save; its lines live in the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.clasico.postback import Event, Form
from mock_serviweb.pages.clasico.view import for_person, page
from mock_serviweb.rules import facturas, suscriptores, terceros
from mock_serviweb.rules.answers import NotFound, NotSaved
from mock_serviweb.rules.facturas import Draft, NewFactura

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

ADVISERS = frozenset({"asesor", "supervisor"})


def show(visit: Visit, *, error: str = "", done: str = "", says: str = "", printable: str = "") -> Response:
    """Render the form with what was typed and found so far; *printable* is the factura just saved."""
    lines = facturas.lines_of(visit.store, visit.draft)
    document = f"{visit.text('tipo_documento')} {visit.text('documento')}"
    searched = bool(visit.text("documento")) and visit.text("buscado") == document
    tercero = terceros.by_document(visit.store, *document.split(" ", 1)) if searched else None
    codigo = visit.text("suscriptor") if visit.text("suscriptor") == visit.text("codigo") else ""
    return page(
        visit,
        "factura.html",
        title="Factura",
        action="/Factura.aspx",
        kept={"suscriptor": codigo, "buscado": visit.text("buscado"), "borrador": visit.draft.id},
        error=error,
        done=done,
        says=says,
        found=visit.store.one("SELECT * FROM suscriptores WHERE codigo = ?", codigo) if codigo else None,
        tercero=terceros.full_name(tercero) if tercero else "",
        missing=searched and tercero is None,
        lines=lines,
        total=sum(line.valor for line in lines),
        saved=visit.draft.saved,
        number=facturas.last_number(visit.store, visit.user),
        printable=printable,
        paper="/ImprimirFactura.aspx",
        products=facturas.price_list(visit.store),
        payment_forms=facturas.PAYMENT_FORMS,
        document_types=terceros.DOCUMENT_TYPES,
    )


def opened(visit: Visit) -> Response:
    if visit.draft.saved:
        visit.draft = Draft()
    return show(visit)


def subscriber(visit: Visit) -> Response:
    visit.typed["suscriptor"] = ""
    try:
        found = suscriptores.by_code(visit.store, visit.text("codigo"))
    except NotFound as no:
        return show(visit, says=str(no))
    if visit.draft.saved:
        visit.draft = Draft()
    visit.draft.codigo = visit.typed["suscriptor"] = visit.typed["codigo"] = found["codigo"]
    return show(visit)


def tercero(visit: Visit) -> Response:
    visit.typed["buscado"] = f"{visit.text('tipo_documento')} {visit.text('documento')}"
    return show(visit)


def add(visit: Visit) -> Response:
    if visit.draft.saved:
        visit.draft = Draft(codigo=visit.draft.codigo)
    try:
        facturas.add_line(visit.store, visit.draft, visit.text("producto"))
    except NotFound as no:
        return show(visit, error=str(no))
    visit.typed["producto"] = ""
    return show(visit)


def take_away(visit: Visit) -> Response:
    facturas.take_line(visit.draft, visit.text("argumento"))
    return show(visit)


def clear(visit: Visit) -> Response:
    visit.draft = Draft(codigo=visit.draft.codigo)
    return show(visit)


def save(visit: Visit) -> Response:
    try:
        return show(visit, done="Factura guardada.", printable=_saved(visit))
    except NotSaved as no:
        return show(visit, error=str(no))


def save_and_new(visit: Visit) -> Response:
    try:
        _saved(visit)
    except NotSaved as no:
        return show(visit, error=str(no))
    visit.draft = Draft()
    visit.typed.clear()
    return show(visit, done="Factura guardada.")


def _saved(visit: Visit) -> str:
    new = NewFactura.typed(visit.typed)
    facturas.check_draft(visit.draft, visit.text("borrador"))
    return facturas.save(visit.store, visit.draft, new, visit.user, copies=visit.copies)


@for_person
def printed(visit: Visit) -> Response:
    found = facturas.by_number(visit.store, visit.text("n"))
    return page(
        visit,
        "papel_factura.html",
        title=f"Solicitud de trámite {found['numero']}",
        factura=found,
        lines=facturas.lines_saved(visit.store, found["numero"]),
        preview=visit.text("vista") == "previa",
    )


FORM = Form(
    Screen("factura.pantalla", "/Factura.aspx", opened, profiles=ADVISERS),
    {
        "codigo": Event("factura.suscriptor", subscriber, delay_seconds=0.15),
        "documento": Event("factura.tercero", tercero),
        "tercero_creado": Event("", tercero),
        "agregar": Event("factura.agregar", add, writes=True),
        "quitar": Event("", take_away),
        "limpiar": Event("", clear),
        "guardar": Event("factura.guardar", save, writes=True),
        "guardar_nuevo": Event("factura.guardar", save_and_new, writes=True),
    },
)
SCREENS: Sequence[Screen] = (
    *FORM.screens(),
    Screen("factura.imprimir", "/ImprimirFactura.aspx", printed, answers="paper"),
)
