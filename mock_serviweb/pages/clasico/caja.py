"""Caja: a cashier marks a recibo as paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.clasico.postback import Event, Form
from mock_serviweb.pages.clasico.view import page
from mock_serviweb.rules import abonos
from mock_serviweb.rules.answers import NotFound, NotSaved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response


def show(visit: Visit, *, error: str = "", done: str = "", payment: str = "", number: str = "") -> Response:
    recibo = abonos.by_number(visit.store, number) if number else None
    return page(
        visit,
        "caja.html",
        title="Caja",
        action="/Caja.aspx",
        kept={"recibo": number},
        error=error,
        done=done,
        payment=payment,
        recibo=recibo,
        facturas=", ".join(row["numero"] for row in abonos.facturas_of(visit.store, number)) if recibo else "",
    )


def opened(visit: Visit) -> Response:
    return show(visit)


def find(visit: Visit) -> Response:
    try:
        found = abonos.by_number(visit.store, visit.text("numero"))
    except NotFound as no:
        return show(visit, error=str(no))
    return show(visit, number=found["numero"])


def pay(visit: Visit) -> Response:
    try:
        payment = abonos.pay(visit.store, visit.text("recibo"), visit.user)
    except NotSaved as no:
        return show(visit, error=str(no))
    return show(visit, done="Pago registrado.", payment=payment, number=visit.text("recibo"))


FORM = Form(
    Screen("", "/Caja.aspx", opened, profiles=frozenset({"cajero"})),
    {"buscar": Event("", find), "pagar": Event("caja.pagar", pay, writes=True)},
)
SCREENS: Sequence[Screen] = FORM.screens()
