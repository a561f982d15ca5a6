"""Paso 23: a payment is the case's own, of no other, neither before its abono nor in the future; none is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from robot.errors import Rejected
from robot.records.solicitud import Pago
from robot.records.store.payments import Facts, Recorded
from robot.settings import BOGOTA
from robot.work.pago import judge, raised

DAY = date(2026, 11, 24)
NOW = datetime.combine(DAY, time(15, 30), BOGOTA)
WAITING = Facts(
    caso="R-7K3QF2M",
    codigo="100234",
    estado="esperando_pago",
    etapa="cobro",
    recibo="RC-1",
    total=98700,
    generado=datetime.combine(DAY, time(8), BOGOTA),
)
KNOWN = Recorded(recibo="RC-1", fecha=DAY, valor=98700, otro_recibo="", cuando=NOW, refutado=False)


def paid(**changed: Any) -> Pago:
    """Return the right payment of the case with some fields changed."""
    return Pago(**{"recibo": "RC-1", "fecha": DAY, "valor": 98700, "confirmado_por": "asesor1"} | changed)


def kind(facts: Facts = WAITING, owner: str | None = "R-7K3QF2M", now: datetime = NOW, **changed: Any) -> str:
    """Return what a payment is to the case."""
    return judge(facts, paid(**changed), owner=owner, now=now).kind


def faults(facts: Facts = WAITING, owner: str | None = None, now: datetime = NOW, **changed: Any) -> list[str]:
    """Return the fields that the rules refuse."""
    with pytest.raises(Rejected) as refused:
        judge(facts, paid(**changed), owner=owner, now=now)
    return [line.strip().split(":")[0] for line in refused.value.reason.splitlines()[1:]]


def test_the_right_payment_is_new() -> None:
    """Receipt, day and value of the abono pass; letters' case and a value nobody gave don't count."""
    assert kind() == "nuevo"
    assert kind(recibo=" rc-1 ") == "nuevo"
    assert kind(valor=None) == "nuevo"
    later = timedelta(days=3)
    assert kind(fecha=DAY + later, now=NOW + later) == "nuevo"


def test_every_fault_of_a_waiting_case_comes_at_once() -> None:
    """Another receipt, another value and a day before the abono are named together."""
    assert faults(recibo="RC-9", valor=98701, fecha=DAY - timedelta(days=2)) == ["recibo", "fecha", "valor"]


def test_the_day_is_between_the_abono_and_today_in_colombia() -> None:
    """The day before the abono and tomorrow are refused; the day is Bogotá's, not UTC's."""
    assert faults(fecha=DAY - timedelta(days=1)) == ["fecha"]
    late = datetime.combine(DAY, time(23, 59), BOGOTA)  # already tomorrow in UTC
    assert kind(now=late) == "nuevo"
    assert faults(now=late, fecha=DAY + timedelta(days=1)) == ["fecha"]


def test_another_receipt_needs_a_reason() -> None:
    """A receipt that isn't the abono's, or another value, passes only with a motive that isn't blank."""
    assert faults(recibo="RC-9", otro_recibo="  ") == ["recibo"]
    assert kind(owner=None, recibo="RC-9", valor=1, otro_recibo="reimpreso en caja") == "nuevo"


def test_a_receipt_is_never_empty() -> None:
    """A motive stands for another receipt, not for none."""
    assert faults(recibo="  ", otro_recibo="se perdió") == ["recibo"]


def test_a_receipt_of_another_case_is_refused_whatever_the_state() -> None:
    """A receipt that another case has pays no second one, motive or not, and isn't even raised."""
    assert faults(owner="R-OTRO123", recibo="RC-2", otro_recibo="motivo") == ["recibo"]
    closed = replace(WAITING, estado="terminado")
    assert faults(closed, owner="R-OTRO123", recibo="RC-2") == ["recibo"]


@pytest.mark.parametrize("estado", ["esperando_pago", "en_cola", "terminado"])
def test_a_payment_that_stands_already_is_the_same_one(estado: str) -> None:
    """The same receipt, day and value again are no second payment, wherever the case has come to meanwhile."""
    facts = replace(WAITING, estado=estado, etapa="tramite", pago=KNOWN)
    assert kind(facts) == "igual"
    assert kind(facts, recibo="rc-1", valor=None) == "igual"


def test_the_same_receipt_with_other_data_names_what_differs() -> None:
    """Day and value of a payment that stands can't be changed: each that differs is named."""
    facts = replace(WAITING, estado="en_cola", pago=KNOWN)
    assert faults(facts, fecha=DAY - timedelta(days=1), valor=1) == ["fecha", "valor"]


def test_a_payment_that_serviweb_refuted_may_be_corrected() -> None:
    """Of a waiting case whose payment Serviweb didn't show, the right one takes its place, by the same rules."""
    facts = replace(WAITING, pago=replace(KNOWN, refutado=True))
    assert kind(facts) == "igual"
    assert kind(facts, valor=None, fecha=DAY) == "igual"
    later = timedelta(days=1)
    assert kind(facts, fecha=DAY + later, now=NOW + later) == "corregido"
    assert faults(facts, recibo="RC-9", fecha=DAY - later) == ["recibo", "fecha"]


@pytest.mark.parametrize(
    "estado", ["en_curso", "en_cola", "terminado", "rechazado", "fallido", "en_duda", "incompleto", "cancelado"]
)
def test_a_payment_that_no_case_waits_for_is_raised(estado: str) -> None:
    """In any other state the payment is unexpected: why and what to do are said, and nothing is refused."""
    facts = replace(WAITING, estado=estado)
    verdict = judge(facts, paid(), owner=None, now=NOW)
    assert verdict.kind == "inesperado"
    told = raised(facts, paid(), verdict)
    assert told.exit_code == 7
    assert "RC-1" in told.reason
    assert "serviweb pagos atender R-7K3QF2M" in told.advice


def test_a_second_payment_is_raised() -> None:
    """Another receipt for a case that is paid is unexpected, with what doesn't agree; the same one is told once."""
    facts = replace(WAITING, estado="terminado", etapa="tramite", pago=KNOWN)
    verdict = judge(facts, paid(recibo="RC-9", valor=5), owner=None, now=NOW)
    assert (verdict.kind, "RC-1" in verdict.motivo, "$ 5" in verdict.motivo) == ("inesperado", True, True)
    assert kind(replace(facts, inesperados=frozenset({"RC-9"})), recibo="rc-9", owner=None) == "igual"


def test_an_unexpected_payment_is_from_today_or_before() -> None:
    """What can't be true is refused, not raised."""
    assert faults(replace(WAITING, estado="cancelado"), fecha=DAY + timedelta(days=1)) == ["fecha"]
