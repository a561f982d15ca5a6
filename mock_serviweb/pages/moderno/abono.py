"""Abono: search a subscriber, see what is pending, generate, print the recibo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from mock_serviweb import prints
from mock_serviweb.clock import day_for_people
from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.moderno.view import NEVER_KEPT, data, for_person, for_script, page
from mock_serviweb.rules import abonos, suscriptores

if TYPE_CHECKING:
    from collections.abc import Sequence

ADVISERS = frozenset({"asesor", "supervisor"})


def screen(visit: Visit) -> Response:
    number = abonos.last_number(visit.store, visit.user)
    return page(visit, "abono.html", title="Abono", number=number, searches=list(suscriptores.SEARCHES))


@for_script
def search(visit: Visit) -> Response:
    found = suscriptores.search(visit.store, visit.text("tipo"), visit.text("texto"))
    keys = ("codigo", "nombre", "ruta", "tipo_documento", "documento")
    return data(visit, suscriptores=[{key: row[key] for key in keys} for row in found])


@for_script
def pending(visit: Visit) -> Response:
    owed = abonos.pending(visit.store, visit.text("codigo"))
    return data(
        visit,
        facturas=[
            {
                "numero": row["numero"],
                "fecha": day_for_people(row["momento"]),
                "concepto": row["concepto"],
                "saldo": prints.pesos(row["total"]),
            }
            for row in owed
        ],
        total=prints.pesos(sum(row["total"] for row in owed)),
    )


@for_script
def generate(visit: Visit) -> Response:
    shown = [number for number in visit.text("facturas").split(",") if number]
    number = abonos.generate(visit.store, visit.text("codigo"), shown, visit.user, copies=visit.copies)
    return data(visit, numero=number, mensaje="Abono generado.")


@for_person
def printed(visit: Visit) -> Response:
    recibo = abonos.by_number(visit.store, visit.path["numero"])
    owed = abonos.facturas_of(visit.store, recibo["numero"])
    pdf = prints.recibo(recibo, owed, preview=visit.text("vista") == "previa")
    return Response(
        pdf,
        media_type="application/pdf",
        headers={**NEVER_KEPT, "Content-Disposition": f'inline; filename="recibo-{recibo["numero"]}.pdf"'},
    )


SCREENS: Sequence[Screen] = (
    Screen("abono.pantalla", "/abono", screen, profiles=ADVISERS),
    Screen("abono.buscar", "/abono/buscar", search, answers="data", profiles=ADVISERS),
    Screen(
        "abono.pendientes",
        "/abono/pendientes",
        pending,
        answers="data",
        profiles=ADVISERS,
        delay_seconds=0.2,
    ),
    Screen("abono.generar", "/abono/generar", generate, "POST", "data", ADVISERS),
    Screen("abono.imprimir", "/abono/{numero}/recibo.pdf", printed, answers="paper"),
)
