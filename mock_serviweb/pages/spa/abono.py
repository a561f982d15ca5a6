"""Abono: search a subscriber five at a time, see what is pending, generate, download the recibo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.clock import day_for_people
from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.spa.answers import data, paper, plainly
from mock_serviweb.prints import pesos, recibo
from mock_serviweb.rules import abonos, suscriptores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

ADVISERS = frozenset({"asesor", "supervisor"})
GRID_ROWS = 5


def screen(visit: Visit) -> Response:
    last = abonos.last_number(visit.store, visit.user)
    return data(visit, tipos_busqueda=list(suscriptores.SEARCHES), ultimo=last)


@plainly
def search(visit: Visit) -> Response:
    found = suscriptores.search(visit.store, visit.text("tipo"), visit.text("texto"))
    pages = -(-len(found) // GRID_ROWS)
    number = min(pages, int(visit.text("pagina"))) if visit.text("pagina").isdigit() else 1
    keys = ("codigo", "nombre", "ruta", "tipo_documento", "documento")
    shown = found[max(0, number - 1) * GRID_ROWS :][:GRID_ROWS]
    rows = [{key: row[key] for key in keys} for row in shown]
    return data(visit, suscriptores=rows, pagina=max(1, number), paginas=pages, cuantos=len(found))


@plainly
def pending(visit: Visit) -> Response:
    owed = abonos.pending(visit.store, visit.text("codigo"))
    rows = [
        {
            "numero": row["numero"],
            "fecha": day_for_people(row["momento"]),
            "concepto": row["concepto"],
            "saldo": pesos(row["total"]),
        }
        for row in owed
    ]
    return data(visit, facturas=rows, total=pesos(sum(row["total"] for row in owed)))


@plainly
def generate(visit: Visit) -> Response:
    shown = [number for number in visit.text("facturas").split(",") if number]
    number = abonos.generate(visit.store, visit.text("codigo"), shown, visit.user, copies=visit.copies)
    return data(visit, recibo=number)


@plainly
def printed(visit: Visit) -> Response:
    found = abonos.by_number(visit.store, visit.path["numero"])
    owed = abonos.facturas_of(visit.store, found["numero"])
    pdf = recibo(found, owed, preview=visit.text("vista") == "previa")
    return paper(visit, pdf, f"recibo-{found['numero']}", attached=True)


SCREENS: Sequence[Screen] = (
    Screen("abono.pantalla", "/api/v1/abonos/nuevo", screen, answers="data", profiles=ADVISERS),
    Screen("abono.buscar", "/api/v1/abonos/suscriptores", search, answers="data", profiles=ADVISERS),
    Screen(
        "abono.pendientes",
        "/api/v1/abonos/pendientes",
        pending,
        answers="data",
        profiles=ADVISERS,
        delay_seconds=0.2,
    ),
    Screen("abono.generar", "/api/v1/abonos", generate, "POST", "data", ADVISERS),
    Screen("abono.imprimir", "/api/v1/abonos/{numero}/recibo.pdf", printed, answers="paper"),
)
