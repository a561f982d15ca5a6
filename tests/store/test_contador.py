"""The counter beside the database: an old copy betrays itself, and a killed process doesn't look like one."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from a_request import settings
from some_cases import begun, intended, new, saved
from sqlalchemy import text

from robot.errors import Fenced, Quarantined
from robot.masking import Masker
from robot.records.contador import SLOTS, Contador
from robot.records.journal import FILE, Journal
from robot.records.store import cases, leases
from robot.records.store.engine import Store, open_store
from robot.records.store.ledger import Mirror
from robot.work import cuarentena
from robot.work.archivo import Archivo


@pytest.fixture
def archivo(store: Store, tmp_path: Path) -> Archivo:
    """Give an installation that has begun once."""
    archivo = Archivo(settings(tmp_path), store)
    cuarentena.check(archivo, folders=True)
    return archivo


def book(archivo: Archivo, claim: leases.Claim) -> Journal:
    """Open a claimed case's journal as the worker does, with its counter."""
    counter = Contador(archivo.settings.carpeta)
    mirror = Mirror(archivo.store, claim, counter)
    return Journal(archivo.settings.casos / claim.case, Masker(private=(), legible=()), mirror)


def begin(archivo: Archivo, codigo: str) -> leases.Claim:
    """Take a case up to its opening."""
    claim = begun(archivo.store, new(archivo.store, codigo=codigo))
    with book(archivo, claim) as journal:
        journal.write("case.opened", durable=True, caso=claim.case, codigo=codigo)
    return claim


def forgets(store: Store, case: str, after: int) -> None:
    """Let the database be a copy from before these entries, as far as the journal goes."""
    with store.write() as connection:
        on = "" if store.is_sqlite else " ON diario"
        connection.execute(text(f"DROP TRIGGER IF EXISTS diario_no_se_borra{on}"))
        connection.execute(text("DELETE FROM diario WHERE caso = :case AND n > :n"), {"case": case, "n": after})


def test_each_request_is_counted_before_it_leaves(archivo: Archivo) -> None:
    """The file names the last requests; those refused by the database are void; the ring goes round."""
    counter = Contador(archivo.settings.carpeta)
    claim = begin(archivo, "100234")
    with book(archivo, claim) as journal:
        intended(journal, "factura")
        journal.sent("factura")
        entry = journal.entries[-1]
        assert [(s.numero, s.caso, s.n, s.huella) for s in counter.salidas()] == [(1, claim.case, 3, entry["hash"])]
        cases.switch_on(archivo.store, cases.QUARANTINE, "prueba")
        intended(journal, "abono")
        with pytest.raises(Fenced):
            journal.sent("abono")
        cases.switch_off(archivo.store, cases.QUARANTINE)
        assert [s.numero for s in counter.salidas()] == [1]
    for _ in range(SLOTS + 5):
        counter.note(entry, claim.case)
    assert [s.numero for s in counter.salidas()] == list(range(8, SLOTS + 8))
    assert counter.path.stat().st_size == SLOTS * 160


def test_an_intent_that_nobody_watches_is_counted_too(archivo: Archivo) -> None:
    """Where the gate can't serve, the intent alone may have left."""
    with book(archivo, begin(archivo, "100234")) as journal:
        intended(journal, "factura")
        intended(journal, "tramite", gated=False)
    assert [s.n for s in Contador(archivo.settings.carpeta).salidas()] == [3]


def test_many_count_at_once(tmp_path: Path) -> None:
    """Threads and processes that count together never take one number twice."""
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: Contador(tmp_path).note({"n": n, "hash": "a" * 64}, "R-1"), range(40)))
    assert sorted(numbers) == list(range(1, 41))


def test_what_a_living_installation_does_raises_no_alarm(archivo: Archivo) -> None:
    """Saved, refused and half-done cases, again and again: nothing is in quarantine."""
    for code in ("100001", "100002"):
        claim = begin(archivo, code)
        with book(archivo, claim) as journal:
            saved(journal, "factura", f"F-{code}")
        cuarentena.check(archivo, folders=True)
    claim = begin(archivo, "100003")
    with book(archivo, claim) as journal:
        intended(journal, "factura")
        leases.sweep(archivo.store, workers=("uno",))
        with pytest.raises(Fenced):
            journal.sent("factura")
    cuarentena.check(archivo, folders=True)


@pytest.mark.parametrize("known", [0, 1, 2])
def test_an_old_database_is_put_in_quarantine(archivo: Archivo, known: int) -> None:
    """A copy that doesn't know the last request: nothing may be claimed any more, for any case."""
    claim = begin(archivo, "100234")
    with book(archivo, claim) as journal:
        saved(journal, "factura", "F-1")
    other = new(archivo.store, codigo="100500")
    forgets(archivo.store, claim.case, known)
    with pytest.raises(Quarantined, match=claim.case):
        cuarentena.check(archivo)
    assert leases.claim(archivo.store, "dos") is None
    assert leases.claim_case(archivo.store, other, "dos") is None
    with pytest.raises(Quarantined):
        cuarentena.check(archivo)


def test_a_copy_that_knows_the_request_and_not_its_end(archivo: Archivo) -> None:
    """Its case is blocked, so the counter says nothing; whoever looks at the folders finds it."""
    claim = begin(archivo, "100234")
    with book(archivo, claim) as journal:
        saved(journal, "factura", "F-1")
    forgets(archivo.store, claim.case, 3)
    cuarentena.check(archivo)
    with pytest.raises(Quarantined, match=claim.case):
        cuarentena.check(archivo, folders=True)


def test_a_database_that_never_saw_the_case(archivo: Archivo, tmp_path: Path) -> None:
    """An empty database under living folders is an old one too, with the counter file and without."""
    claim = begin(archivo, "100234")
    with book(archivo, claim) as journal:
        saved(journal, "factura", "F-1")
    with open_store(tmp_path / "otra.sqlite3") as empty:
        young = Archivo(archivo.settings, empty)
        assert cuarentena.is_behind(young)
        cases.switch_off(empty, cases.QUARANTINE)
        Contador(archivo.settings.carpeta).path.unlink()
        with pytest.raises(Quarantined, match="carpetas"):
            cuarentena.check(young)


def test_a_kill_between_file_and_database_is_no_old_copy(archivo: Archivo) -> None:
    """*Sent* as a folder's last line, which the database lacks: the process died, and nothing had left."""
    claim = begin(archivo, "100234")
    with book(archivo, claim) as journal:
        intended(journal, "factura")
        journal.sent("factura")
    forgets(archivo.store, claim.case, 2)
    cuarentena.check(archivo, folders=True)
    with Journal(archivo.settings.casos / claim.case, Masker(private=(), legible=())) as journal:
        journal.write("effect.answered", durable=True, kind="factura", status=302)
    with pytest.raises(Quarantined):
        cuarentena.check(archivo)


def test_a_folder_copied_in_is_found_by_the_queue(archivo: Archivo, tmp_path: Path) -> None:
    """A case of another installation, with documents: the counter doesn't know it, the look at the folders does."""
    stranger = tmp_path / "R-0000001"
    with Journal(stranger, Masker(private=(), legible=())) as journal:
        journal.write("case.opened", durable=True, caso="R-0000001", codigo="100999")
        saved(journal, "factura", "F-77")
    shutil.copytree(stranger, archivo.settings.casos / "R-0000001")
    cuarentena.check(archivo)
    with pytest.raises(Quarantined, match="R-0000001"):
        cuarentena.check(archivo, folders=True)


def test_a_torn_line_is_no_request(archivo: Archivo) -> None:
    """A power cut in the middle of a line: it had not left; the next one takes its place."""
    counter = Contador(archivo.settings.carpeta)
    claim = begin(archivo, "100234")
    with book(archivo, claim) as journal:
        saved(journal, "factura", "F-1")
    data = counter.path.read_bytes()
    counter.path.write_bytes(data[:160] + data[:30] + data[190:])
    cuarentena.check(archivo)
    assert counter.note({"n": 9, "hash": "b" * 64}, "R-1") == 2


def test_each_machine_lifts_its_own(archivo: Archivo, tmp_path: Path) -> None:
    """Two machines in quarantine: the first to recover lets nothing through until the second has."""
    there = Archivo(settings(tmp_path / "otra", equipo="caja-2"), archivo.store)
    cuarentena.put(archivo, "x")
    cuarentena.put(there, "y")
    assert cuarentena.lift(archivo, "{}") == ["caja-2"]
    assert cases.QUARANTINE in cases.switches(archivo.store)
    assert cuarentena.lift(there, "{}") == []
    cuarentena.check(there)


def test_a_journal_that_is_gone_does_not_excuse_an_old_copy(archivo: Archivo) -> None:
    """Database and case folders put back together, the counter file left: its last request is known to nobody."""
    claim = begin(archivo, "100234")
    with book(archivo, claim) as journal:
        intended(journal, "factura")
        before = (archivo.settings.casos / claim.case / FILE).read_bytes()
        journal.sent("factura")
    forgets(archivo.store, claim.case, 2)
    (archivo.settings.casos / claim.case / FILE).write_bytes(before)
    with pytest.raises(Quarantined):
        cuarentena.check(archivo)
