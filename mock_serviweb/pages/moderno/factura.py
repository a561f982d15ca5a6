"""Factura: look-ups, the table of products in the session, Guardar, and the printed solicitud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.moderno.view import data, for_person, for_script, fragment, page
from mock_serviweb.rules import facturas, suscriptores, terceros
from mock_serviweb.rules.facturas import Draft, NewFactura

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

ADVISERS = frozenset({"asesor", "supervisor"})


def table(visit: Visit) -> dict[str, Any]:
    """Describe the half-filled factura to the page."""
    lines = facturas.lines_of(visit.store, visit.draft)
    total = sum(line.valor for line in lines)
    html = fragment("tabla_productos.html", lines=lines, total=total)
    return {"borrador": visit.draft.id, "tabla": html, "lineas": len(lines)}


def screen(visit: Visit) -> Response:
    if visit.draft.saved:
        visit.draft = Draft()
    lines = facturas.lines_of(visit.store, visit.draft)
    return page(
        visit,
        "factura.html",
        title="Factura",
        draft=visit.draft,
        lines=lines,
        total=sum(line.valor for line in lines),
        products=facturas.price_list(visit.store),
        payment_forms=facturas.PAYMENT_FORMS,
        document_types=terceros.DOCUMENT_TYPES,
        number=facturas.last_number(visit.store, visit.user),
    )


@for_script
def subscriber(visit: Visit) -> Response:
    found = suscriptores.by_code(visit.store, visit.text("codigo"))
    if visit.draft.saved:
        visit.draft = Draft()
    visit.draft.codigo = found["codigo"]
    return data(
        visit,
        **{key: found[key] for key in ("codigo", "nombre", "ruta")},
        estado=found["estado"].upper(),
        **table(visit),
    )


@for_script
def tercero(visit: Visit) -> Response:
    found = terceros.by_document(visit.store, visit.text("tipo"), visit.text("numero"))
    return data(visit, nombre=terceros.full_name(found) if found else None)


@for_script
def add(visit: Visit) -> Response:
    if visit.draft.saved:
        visit.draft = Draft(codigo=visit.draft.codigo)
    facturas.add_line(visit.store, visit.draft, visit.text("producto"))
    return data(visit, **table(visit))


@for_script
def take_away(visit: Visit) -> Response:
    facturas.take_line(visit.draft, visit.text("linea"))
    return data(visit, **table(visit))


@for_script
def clear(visit: Visit) -> Response:
    visit.draft = Draft(codigo=visit.draft.codigo)
    return data(visit, **table(visit))


@for_script
def save(visit: Visit) -> Response:
    new = NewFactura.typed(visit.typed)
    facturas.check_draft(visit.draft, visit.text("borrador"))
    number = facturas.save(visit.store, visit.draft, new, visit.user, copies=visit.copies)
    if visit.text("nuevo"):
        visit.draft = Draft()
        return data(visit, numero=number, mensaje="Factura guardada.", **table(visit))
    return data(visit, numero=number, mensaje="Factura guardada.")


@for_person
def printed(visit: Visit) -> Response:
    found = facturas.by_number(visit.store, visit.path["numero"])
    return page(
        visit,
        "solicitud_factura.html",
        title=f"Solicitud de trámite {found['numero']}",
        factura=found,
        lines=facturas.lines_saved(visit.store, found["numero"]),
        preview=visit.text("vista") == "previa",
    )


SCREENS: Sequence[Screen] = (
    Screen("factura.pantalla", "/factura", screen, profiles=ADVISERS),
    Screen(
        "factura.suscriptor",
        "/factura/suscriptor",
        subscriber,
        answers="data",
        profiles=ADVISERS,
        delay_seconds=0.15,
    ),
    Screen("factura.tercero", "/factura/tercero", tercero, answers="data", profiles=ADVISERS),
    Screen("factura.agregar", "/factura/agregar", add, "POST", "data", ADVISERS),
    Screen("", "/factura/quitar", take_away, "POST", "data", ADVISERS),
    Screen("", "/factura/limpiar", clear, "POST", "data", ADVISERS),
    Screen("factura.guardar", "/factura/guardar", save, "POST", "data", ADVISERS),
    Screen("factura.imprimir", "/factura/{numero}/solicitud", printed, answers="paper"),
)
