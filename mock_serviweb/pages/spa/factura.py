"""Factura: its screen, the look-ups, the lines in the session, saving, and the solicitud as a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.spa import prints
from mock_serviweb.pages.spa.answers import data, paper, plainly
from mock_serviweb.prints import pesos
from mock_serviweb.rules import facturas, suscriptores, terceros
from mock_serviweb.rules.facturas import Draft, NewFactura

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

ADVISERS = frozenset({"asesor", "supervisor"})


def half_filled(visit: Visit) -> dict[str, Any]:
    """Describe the half-filled factura."""
    lines = facturas.lines_of(visit.store, visit.draft)
    rows = [{"producto": x.producto, "cantidad": x.cantidad, "valor": pesos(x.valor)} for x in lines]
    return {"borrador": visit.draft.id, "lineas": rows, "total": pesos(sum(line.valor for line in lines))}


def screen(visit: Visit) -> Response:
    if visit.draft.saved:
        visit.draft = Draft()
    products = facturas.price_list(visit.store)
    return data(
        visit,
        formas_pago=facturas.PAYMENT_FORMS,
        tipos_documento=terceros.DOCUMENT_TYPES,
        productos=[{"codigo": row["codigo"], "texto": row["texto_lista"]} for row in products],
        ultima=facturas.last_number(visit.store, visit.user),
        **half_filled(visit),
    )


@plainly
def subscriber(visit: Visit) -> Response:
    found = suscriptores.by_code(visit.store, visit.text("codigo"))
    if visit.draft.saved:
        visit.draft = Draft()
    visit.draft.codigo = found["codigo"]
    shown = {key: found[key] for key in ("codigo", "nombre", "ruta")}
    return data(visit, suscriptor={**shown, "estado": found["estado"].upper()}, **half_filled(visit))


@plainly
def tercero(visit: Visit) -> Response:
    found = terceros.by_document(visit.store, visit.text("tipo"), visit.text("documento"))
    return data(visit, tercero={"nombre": terceros.full_name(found)} if found else None)


@plainly
def add(visit: Visit) -> Response:
    if visit.draft.saved:
        visit.draft = Draft(codigo=visit.draft.codigo)
    facturas.add_line(visit.store, visit.draft, visit.text("producto"))
    return data(visit, **half_filled(visit))


@plainly
def take_away(visit: Visit) -> Response:
    facturas.take_line(visit.draft, visit.text("linea"))
    return data(visit, **half_filled(visit))


@plainly
def clear(visit: Visit) -> Response:
    visit.draft = Draft(codigo=visit.draft.codigo)
    return data(visit, **half_filled(visit))


@plainly
def save(visit: Visit) -> Response:
    new = NewFactura.typed(visit.typed)
    facturas.check_draft(visit.draft, visit.text("borrador"))
    number = facturas.save(visit.store, visit.draft, new, visit.user, copies=visit.copies)
    if not visit.text("nuevo"):
        return data(visit, numero=number)
    visit.draft = Draft()
    return data(visit, numero=number, **half_filled(visit))


@plainly
def printed(visit: Visit) -> Response:
    found = facturas.by_number(visit.store, visit.path["numero"])
    lines = facturas.lines_saved(visit.store, found["numero"])
    pdf = prints.factura(found, lines, preview=visit.text("vista") == "previa")
    return paper(visit, pdf, f"solicitud-{found['numero']}")


SCREENS: Sequence[Screen] = (
    Screen("factura.pantalla", "/api/v1/facturas/nueva", screen, answers="data", profiles=ADVISERS),
    Screen(
        "factura.suscriptor",
        "/api/v1/facturas/suscriptor",
        subscriber,
        answers="data",
        profiles=ADVISERS,
        delay_seconds=0.15,
    ),
    Screen("factura.tercero", "/api/v1/facturas/tercero", tercero, answers="data", profiles=ADVISERS),
    Screen("factura.agregar", "/api/v1/facturas/lineas", add, "POST", "data", ADVISERS),
    Screen("", "/api/v1/facturas/lineas/quitar", take_away, "POST", "data", ADVISERS),
    Screen("", "/api/v1/facturas/lineas/limpiar", clear, "POST", "data", ADVISERS),
    Screen("factura.guardar", "/api/v1/facturas", save, "POST", "data", ADVISERS),
    Screen("factura.imprimir", "/api/v1/facturas/{numero}/solicitud.pdf", printed, answers="paper"),
)
