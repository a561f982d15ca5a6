"""Two journals that part: what a lost machine's file may forget, and what not."""

from __future__ import annotations

from pathlib import Path

import pytest
from some_cases import begun, intended, journal, new

from robot.errors import BrokenJournal
from robot.masking import Masker
from robot.records.journal import ASIDE, FILE, Journal, read
from robot.records.store import cases, leases
from robot.records.store.engine import Store, open_store
from robot.settings import Settings
from robot.work.archivo import Archivo
from robot.work.expediente import caso_of


def _begun(store: Store, machine: Path) -> str:
    """Begin a case on a machine and let it die; its file has what the database has."""
    mark = new(store)
    with journal(machine / "casos", store, begun(store, mark)) as book:
        book.write("case.opened", durable=True, caso=mark, codigo="100234")
    return mark


def _goes_on(store: Store, machine: Path, mark: str) -> None:
    """Let another machine take the case over and go on, from what the database has."""
    leases.sweep(store, workers=("uno",))
    with journal(machine / "casos", store, begun(store, mark, "dos")) as book:
        book.restore(cases.diary(store, mark))
        intended(book, "factura")
        book.sent("factura")
        book.write("effect.confirmed", durable=True, kind="factura", number="F-1")
        book.write("case.state", durable=True, etapa="cobro", estado="incompleto")


def _alone(machine: Path, mark: str, *events: tuple[str, dict[str, str]]) -> None:
    """Write entries that only the dead machine's file has."""
    with Journal(machine / "casos" / mark, Masker()) as book:
        for event, fields in events:
            book.write(event, durable=True, **fields)


HARMLESS = {
    "steps that waited for company": [("step.started", {"number": "4"})],
    "an intent that never reached the database": [("effect.intent", {"kind": "factura"})],
    "a number that was found again": [("effect.confirmed", {"kind": "factura", "number": "F-1"})],
}


@pytest.mark.parametrize("what", HARMLESS)
def test_a_machine_that_lost_its_case_follows_the_database(tmp_path: Path, what: str) -> None:
    """Back again, it sees the case as the other machine left it; its own last lines stand beside."""
    una, otra = tmp_path / "una", tmp_path / "otra"
    with open_store(tmp_path / "una.sqlite3") as store:
        mark = _begun(store, una)
        _alone(una, mark, *HARMLESS[what])
        _goes_on(store, otra, mark)
        archivo = Archivo(Settings(carpeta=una, _env_file=None), store)
        assert caso_of(archivo, mark).documents() == {"factura": "F-1"}
        with archivo.idle(una / "casos" / mark, Masker()) as book:
            assert book.write("case.closed", durable=True)["n"] == 6
    assert read(una / "casos" / mark)[:5] == read(otra / "casos" / mark)
    aside = (una / "casos" / mark / ASIDE).read_text(encoding="utf-8")
    assert HARMLESS[what][0][0] in aside
    assert aside not in (una / "casos" / mark / FILE).read_text(encoding="utf-8")


FORBIDDEN = {
    "something that was sent": [("effect.sent", {"kind": "factura"})],
    "another number": [("effect.confirmed", {"kind": "factura", "number": "F-2"})],
    "a payment": [("payment.recorded", {"recibo": "RC-1"})],
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_the_database_must_know_is_never_set_aside(tmp_path: Path, what: str) -> None:
    """Such a file contradicts the database, which may be an old copy: nobody works with either."""
    una = tmp_path / "una"
    with open_store(tmp_path / "una.sqlite3") as store:
        mark = _begun(store, una)
        _alone(una, mark, *FORBIDDEN[what])
        _goes_on(store, tmp_path / "otra", mark)
        archivo = Archivo(Settings(carpeta=una, _env_file=None), store)
        with pytest.raises(BrokenJournal):
            caso_of(archivo, mark)
        with pytest.raises(BrokenJournal), archivo.idle(una / "casos" / mark, Masker()):
            pass
    assert len(read(una / "casos" / mark)) == 2
