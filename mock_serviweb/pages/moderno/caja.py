"""Caja: a cashier marks a recibo as paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.moderno.view import data, for_script, page
from mock_serviweb.prints import pesos
from mock_serviweb.rules import abonos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

CASHIERS = frozenset({"cajero"})


def screen(visit: Visit) -> Response:
    return page(visit, "caja.html", title="Caja")


@for_script
def recibo(visit: Visit) -> Response:
    found = abonos.by_number(visit.store, visit.text("numero"))
    return data(
        visit,
        **{key: found[key] for key in ("numero", "codigo", "nombre")},
        estado=found["estado"].capitalize(),
        facturas=", ".join(row["numero"] for row in abonos.facturas_of(visit.store, found["numero"])),
        valor=pesos(found["valor"]),
    )


@for_script
def pay(visit: Visit) -> Response:
    payment = abonos.pay(visit.store, visit.text("numero"), visit.user)
    return data(visit, numero=payment, mensaje="Pago registrado.")


SCREENS: Sequence[Screen] = (
    Screen("", "/caja", screen, profiles=CASHIERS),
    Screen("", "/caja/recibo", recibo, answers="data", profiles=CASHIERS),
    Screen("caja.pagar", "/caja/pagar", pay, "POST", "data", CASHIERS),
)
