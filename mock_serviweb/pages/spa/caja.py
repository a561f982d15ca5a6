"""Caja: a cashier marks a recibo as paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.spa.answers import data, plainly
from mock_serviweb.prints import pesos
from mock_serviweb.rules import abonos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

CASHIERS = frozenset({"cajero"})


def screen(visit: Visit) -> Response:
    return data(visit)


@plainly
def recibo(visit: Visit) -> Response:
    found = abonos.by_number(visit.store, visit.text("numero"))
    return data(
        visit,
        **{key: found[key] for key in ("numero", "codigo", "nombre")},
        estado=found["estado"].capitalize(),
        facturas=", ".join(row["numero"] for row in abonos.facturas_of(visit.store, found["numero"])),
        valor=pesos(found["valor"]),
    )


@plainly
def pay(visit: Visit) -> Response:
    return data(visit, pago=abonos.pay(visit.store, visit.text("numero"), visit.user))


SCREENS: Sequence[Screen] = (
    Screen("", "/api/v1/caja", screen, answers="data", profiles=CASHIERS),
    Screen("", "/api/v1/caja/recibo", recibo, answers="data", profiles=CASHIERS),
    Screen("caja.pagar", "/api/v1/caja/pagos", pay, "POST", "data", CASHIERS),
)
