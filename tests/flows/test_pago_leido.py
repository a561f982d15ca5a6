"""The receipt that a person saw is read again in Serviweb before its trámite (D4): paid there, or the case waits on."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from robot.errors import PaymentUnconfirmed, Unfinished
from robot.records.journal import read
from robot.records.report import case_page
from robot.records.solicitud import Pago
from robot.records.store import cases, payments
from robot.settings import BOGOTA
from robot.work import pago as rules

if TYPE_CHECKING:
    from desk import Desk

    from robot.records.caso import Caso


def seen(desk: Desk, caso: Caso, **changed: Any) -> None:
    """Record a payment that a person says to have seen; nobody has paid at the caja."""
    right = {"recibo": caso.number("abono"), "fecha": datetime.now(BOGOTA).date(), "confirmado_por": "prueba"}
    rules.paid(desk.archivo, caso, Pago(**right | changed))


def checks(caso: Caso) -> list[bool]:
    """Return what each reading of the payment found."""
    return [entry["pagado"] for entry in read(caso.folder) if entry["event"] == "payment.checked"]


def test_a_receipt_that_isn_t_paid_there_waits_on(desk: Desk) -> None:
    """A person said paid, Serviweb's list says no: nothing is filed; once it is paid there, it is."""
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    seen(desk, caso)
    outcome = desk.tramite(caso, solicitud)
    assert isinstance(outcome.error, PaymentUnconfirmed)
    assert outcome.error.exit_code == 3
    assert "«Sin pagar»" in str(outcome.error)
    assert caso.id in outcome.error.advice
    assert desk.posts("tramite.guardar") == 0
    row = cases.case(desk.store, caso.id)
    assert (row["estado"], row["etapa"], row["trabajador"]) == ("esperando_pago", "tramite", None)
    [unread] = payments.unconfirmed(desk.store)
    assert (unread["caso"], unread["recibo"]) == (caso.id, caso.number("abono"))
    assert "«Sin pagar»" in unread["confirmado_motivo"]
    assert "Serviweb no lo muestra pagado" in case_page(caso.folder).read_text("utf-8")
    desk.do_pay(caso)
    assert desk.tramite(caso, solicitud).error is None
    assert checks(caso) == [False, True]
    assert payments.unconfirmed(desk.store) == []
    assert desk.posts("tramite.guardar") == 1
    assert "confirmado en Serviweb" in case_page(caso.folder).read_text("utf-8")


def test_another_receipt_counts_when_the_factura_is_paid(desk: Desk) -> None:
    """The list doesn't have that receipt; the factura itself says whether it is paid."""
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    seen(desk, caso, recibo="RC-9999999", otro_recibo="la caja lo reimprimió con otro número")
    outcome = desk.tramite(caso, solicitud)
    assert isinstance(outcome.error, PaymentUnconfirmed)
    assert "no muestra el recibo RC-9999999" in str(outcome.error)
    desk.do_pay(caso)
    assert desk.tramite(caso, solicitud).error is None
    assert checks(caso) == [False, True]


@pytest.mark.parametrize("without", ["setting", "map", "pattern"])
def test_where_nobody_can_read_it_serviweb_itself_decides(desk: Desk, without: str) -> None:
    """A map without the lists, or without the word for *paid*: as before, and Serviweb refuses the trámite."""
    if without == "setting":
        desk.set(consulta_previa=False)
    screens = dict(desk.maps.screens)
    if without == "map":
        del screens["consulta"]
    elif without == "pattern":
        silent = dataclasses.replace(screens["consulta"]["recibo_estado"], pattern=None)
        screens["consulta"] = {**screens["consulta"], "recibo_estado": silent}
    desk.maps = dataclasses.replace(desk.maps, screens=screens)
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    seen(desk, caso)
    outcome = desk.tramite(caso, solicitud)
    assert isinstance(outcome.error, Unfinished)
    assert "no tiene un abono pagado" in str(outcome.error)
    assert (outcome.caso.estado, checks(caso)) == ("esperando_pago", [])
    assert desk.posts("tramite.guardar") == 1
