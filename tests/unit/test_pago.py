"""Paso 23: a payment is the case's own, of no other, neither before its abono nor in the future."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from a_request import MAP, request, settings

from robot.errors import Rejected
from robot.masking import Masker
from robot.records.caso import Caso, load
from robot.records.journal import Journal
from robot.records.solicitud import Pago
from robot.settings import BOGOTA, Settings
from robot.work.apertura import open_case
from robot.work.pago import check, record


@pytest.fixture
def office(tmp_path: Path) -> Settings:
    """Give an installation without cases."""
    return settings(tmp_path / "datos")


def waiting(office: Settings, recibo: str = "RC-1", codigo: str = "100234") -> Caso:
    """Open a case and take it to the wait for its payment."""
    caso = open_case(office, MAP, request(codigo=codigo))
    with Journal(caso.folder, Masker()) as journal:
        journal.write("effect.intent", kind="abono", what={"total": 98700})
        journal.write("effect.confirmed", kind="abono", number=recibo)
        journal.write("case.state", etapa="cobro", estado="esperando_pago")
    return load(caso.folder)


def today(caso: Caso) -> date:
    """Return the day of the abono for people in Colombia."""
    return datetime.fromisoformat(caso.entries[-1]["t"]).astimezone(BOGOTA).date()


def paid(caso: Caso, **changed: Any) -> Pago:
    """Return the right payment of a case with some fields changed."""
    right = {"recibo": caso.number("abono"), "fecha": today(caso), "valor": 98700, "confirmado_por": "asesor1"}
    return Pago(**right | changed)


def faults(office: Settings, caso: Caso, now: datetime | None = None, **changed: Any) -> list[str]:
    """Return the fields that the check refuses."""
    with pytest.raises(Rejected) as refused:
        check(office, caso, paid(caso, **changed), now)
    return [line.strip().split(":")[0] for line in refused.value.reason.splitlines()[1:]]


def test_the_right_payment_passes(office: Settings) -> None:
    """Receipt, day and value of the abono pass; letters' case and a value nobody gave don't count."""
    caso = waiting(office)
    check(office, caso, paid(caso))
    check(office, caso, paid(caso, recibo=" rc-1 "))
    check(office, caso, paid(caso, valor=None))
    check(office, caso, paid(caso, fecha=today(caso) + timedelta(days=3)), datetime.now(BOGOTA) + timedelta(days=3))


def test_every_fault_comes_at_once(office: Settings) -> None:
    """Another receipt, another value and a day to come are named together."""
    caso = waiting(office)
    wrong = {"recibo": "RC-9", "valor": 98701, "fecha": today(caso) + timedelta(days=2)}
    assert faults(office, caso, **wrong) == ["recibo", "fecha", "valor"]


def test_the_day_is_between_the_abono_and_today_in_colombia(office: Settings) -> None:
    """The day before the abono and tomorrow are refused; the day is Bogotá's, not UTC's."""
    caso = waiting(office)
    assert faults(office, caso, fecha=today(caso) - timedelta(days=1)) == ["fecha"]
    late = datetime.combine(today(caso), datetime.max.time(), BOGOTA)  # already tomorrow in UTC
    check(office, caso, paid(caso), late)
    assert faults(office, caso, now=late, fecha=today(caso) + timedelta(days=1)) == ["fecha"]


def test_another_receipt_needs_a_reason(office: Settings) -> None:
    """A receipt that isn't the abono's, or another value, passes only with a motive that isn't blank."""
    caso = waiting(office)
    assert faults(office, caso, recibo="RC-9", otro_recibo="  ") == ["recibo"]
    check(office, caso, paid(caso, recibo="RC-9", valor=1, otro_recibo="reimpreso en caja"))


def test_a_receipt_is_never_empty(office: Settings) -> None:
    """A motive stands for another receipt, not for none."""
    caso = waiting(office)
    with pytest.raises((Rejected, ValueError)):
        check(office, caso, paid(caso, recibo="  ", otro_recibo="se perdió"))


def test_a_receipt_pays_one_case(office: Settings) -> None:
    """The receipt that paid a case, or that is the abono of another, pays no second one, motive or not."""
    first, second, third = waiting(office), waiting(office, "RC-2", "100235"), waiting(office, "RC-3", "100236")
    record(first, request(), paid(first))
    assert faults(office, second, recibo="rc-1", otro_recibo="motivo") == ["recibo"]
    assert faults(office, second, recibo="rc-3", otro_recibo="motivo") == ["recibo"]
    record(second, request(codigo="100235"), paid(second, recibo="RC-7", otro_recibo="motivo"))
    assert faults(office, third, recibo="RC-7", otro_recibo="motivo") == ["recibo"]
    check(office, third, paid(third))


@pytest.mark.parametrize(
    "estado", ["en_curso", "terminado", "rechazado", "fallido", "en_duda", "incompleto", "cancelado"]
)
def test_only_a_waiting_case_is_paid(office: Settings, estado: str) -> None:
    """A case in any other state takes no payment."""
    caso = waiting(office)
    with Journal(caso.folder, Masker()) as journal:
        journal.write("case.state", etapa="cobro", estado=estado)
    with pytest.raises(Rejected, match="no espera un pago"):
        check(office, load(caso.folder), paid(caso))


def test_the_payment_is_on_disk(office: Settings) -> None:
    """What was recorded is read back from the journal, with who saw it."""
    caso = waiting(office)
    record(caso, request(), paid(caso, otro_recibo="reimpreso"))
    found = load(caso.folder).payment()
    assert caso.payment() == found
    assert (found["recibo"], found["valor"], found["registrado_por"]) == ("RC-1", 98700, "asesor1")
    assert (found["fecha"], found["otro_recibo"]) == (today(caso).isoformat(), "reimpreso")
