"""What a person is told at once of a decision that can't count: waiting time, form of a number, whose it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from some_cases import new

from robot.errors import Rejected
from robot.records.caso import Caso
from robot.records.store.engine import Store
from robot.settings import Settings
from robot.work.guardas import document_number, may_be_ours, wait_left

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def caso(mark: str = "R-AAAAAAA") -> Caso:
    """Return a case whose factura was sent ten minutes ago, and whose abono isn't its business."""
    sent = (NOW - timedelta(minutes=10)).isoformat()
    known = [{"numero": "F-000100"}]
    entries = [
        {"n": 1, "t": sent, "event": "case.opened", "codigo": "100234"},
        {"n": 2, "t": sent, "event": "effect.baseline", "kind": "abono", "documentos": known},
        {"n": 3, "t": sent, "event": "effect.confirmed", "kind": "factura", "number": "F-000200"},
        {"n": 4, "t": sent, "event": "effect.intent", "kind": "abono", "what": {}},
        {"n": 5, "t": sent, "event": "effect.sent", "kind": "abono"},
    ]
    return Caso(Path(mark), entries)


def test_the_wait_runs_from_the_sending() -> None:
    """Half an hour, of which ten minutes are over; later nothing is left."""
    settings = Settings(espera_duda_minutos=30)
    assert wait_left(settings, caso(), "abono", NOW) == timedelta(minutes=20)
    assert wait_left(settings, caso(), "abono", NOW + timedelta(hours=1)) == timedelta(0)


@pytest.mark.parametrize(
    ("typed", "number"), [(" F-000123 ", "F-000123"), ("2026 - 000457", "2026-000457"), ("77", "77")]
)
def test_a_number_is_read_without_its_spaces(typed: str, number: str) -> None:
    """As people copy it from a screen."""
    assert document_number(typed) == number


@pytest.mark.parametrize("typed", ["", "   ", "ninguno", "F-12;DROP", "-F1", "<b>1</b>", "1" * 60])
def test_what_is_no_number_is_refused(typed: str) -> None:
    """Nothing, words, or what no Serviweb prints."""
    with pytest.raises(Rejected):
        document_number(typed)


def test_a_number_that_cannot_be_ours_is_refused(store: Store) -> None:
    """It was there before, or it is another document of the same case; a new one may be."""
    new(store)
    with pytest.raises(Rejected, match="ya estaba en Serviweb"):
        may_be_ours(store, caso(), "abono", "F-000100")
    with pytest.raises(Rejected, match="es la factura de este caso"):
        may_be_ours(store, caso(), "abono", "F-000200")
    may_be_ours(store, caso(), "abono", "RC-0000001")
