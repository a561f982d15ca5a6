"""The audit finds the altered entry, wherever it was altered, and forgives what a crash leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from some_cases import begun, journal, new, saved
from sqlalchemy import text

from robot.records.journal import FILE
from robot.records.store import audit, leases
from robot.records.store.engine import Store


@pytest.fixture
def case(store: Store, tmp_path: Path) -> str:
    """Give a finished case with both witnesses."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        book.write("case.opened", durable=True, caso=claim.case, codigo="100234")
        saved(book, "factura", "F-1")
        book.write("case.state", durable=True, etapa="cobro", estado="esperando_pago")
    return claim.case


def against_the_rules(store: Store, *statements: str) -> None:
    """Alter the journal as somebody would who owns the database: with its triggers out of the way."""
    with store.write() as connection:
        names = {"diario_no_cambia": "UPDATE", "diario_no_se_borra": "DELETE", "efectos_no_se_borran": "DELETE"}
        for name in names:
            on = "" if store.is_sqlite else " ON efectos" if "efectos" in name else " ON diario"
            connection.execute(text(f"DROP TRIGGER {name}{on}"))
        for statement in statements:
            connection.execute(text(statement))


def test_a_whole_journal_has_no_fault(store: Store, tmp_path: Path, case: str) -> None:
    """Nothing is wrong with what nobody touched, and its printed head is found again."""
    (head,) = audit.heads(store)
    assert (head.caso, head.n) == (case, 6)
    assert audit.verify(store, tmp_path, [head]) == []


@pytest.mark.parametrize(
    ("statement", "n"),
    [
        ("UPDATE diario SET entrada = replace(entrada, 'F-1', 'F-2') WHERE n = 5", 5),
        ("UPDATE diario SET evento = 'dialog' WHERE n = 3", 3),
        ("UPDATE diario SET previa = huella WHERE n = 2", 2),
        ("DELETE FROM diario WHERE n = 4", 4),
        ("DELETE FROM diario WHERE n = 1", 1),
        ("UPDATE diario SET entrada = 'x' WHERE n = 1", 1),
    ],
)
def test_an_altered_row_is_named(store: Store, tmp_path: Path, case: str, statement: str, n: int) -> None:
    """A changed, dropped or unreadable row of the database is named by its number."""
    against_the_rules(store, statement)
    faults = audit.verify(store, tmp_path)
    assert ("base", n) in {(fault.donde, fault.n) for fault in faults if not fault.nota and fault.caso == case}


def test_an_altered_file_is_named(store: Store, tmp_path: Path, case: str) -> None:
    """A changed line of the folder's journal is named by its number."""
    path = tmp_path / case / FILE
    path.write_bytes(path.read_bytes().replace(b'"F-1"', b'"F-2"'))
    (fault,) = audit.verify(store, tmp_path)
    assert (fault.donde, fault.n, fault.nota) == ("carpeta", 5, False)


def test_a_chain_made_anew_is_not_the_other_witness(store: Store, tmp_path: Path, case: str) -> None:
    """Who rewrites a whole folder with good hashes is betrayed by the database."""
    from robot.masking import Masker
    from robot.records.journal import Journal, read

    entries = read(tmp_path / case)
    (tmp_path / case / FILE).unlink()
    with Journal(tmp_path / case, Masker(private=(), legible=())) as book:
        for entry in entries:
            own = {k: v for k, v in entry.items() if k not in ("n", "t", "event", "prev", "hash")}
            book.write(entry["event"], **own)
    (fault,) = audit.verify(store, tmp_path)
    assert (fault.donde, fault.n, fault.nota) == ("acuerdo", 1, False)


def test_a_shortened_chain_is_betrayed_by_its_printed_head(store: Store, tmp_path: Path, case: str) -> None:
    """Both witnesses cut short agree with each other, not with the paper."""
    (head,) = audit.heads(store)
    against_the_rules(store, "DELETE FROM diario WHERE n > 4")
    path = tmp_path / case / FILE
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    assert [fault.donde for fault in audit.verify(store, tmp_path)] == []
    (fault,) = audit.verify(store, tmp_path, [head])
    assert (fault.donde, fault.n) == ("sello", 6)
    (fault,) = audit.verify(store, tmp_path, [audit.Head(caso=case, n=0, huella=head.huella[:16])])
    assert fault.donde == "sello"


def test_a_missing_folder_is_told(store: Store, tmp_path: Path, case: str) -> None:
    """A case without its folder is a fault."""
    (tmp_path / case / FILE).unlink()
    (fault,) = audit.verify(store, tmp_path)
    assert (fault.caso, fault.donde, fault.nota) == (case, "carpeta", False)


def test_a_document_that_left_the_tables_is_told(store: Store, tmp_path: Path, case: str) -> None:
    """A confirmed number of the journal must stand in the table of effects."""
    against_the_rules(store, "UPDATE efectos SET numero = 'F-9'")
    (fault,) = audit.verify(store, tmp_path)
    assert (fault.caso, fault.donde, fault.n) == (case, "base", 5)


def test_what_a_crash_leaves_is_a_note(store: Store, tmp_path: Path) -> None:
    """A folder that lost its last unhurried line is a note; one that lost an effect is a fault."""
    claim = begun(store, new(store))
    book = journal(tmp_path, store, claim)
    saved(book, "factura", "F-1")
    book.write("dialog", durable=True, text="hola", expected=False, accepted=False)
    book.close()
    path = tmp_path / claim.case / FILE
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]) + lines[-1][:10])
    assert [(fault.donde, fault.n, fault.nota) for fault in audit.verify(store, tmp_path)] == [("acuerdo", 5, True)]
    path.write_bytes(b"".join(lines[:-2]))
    assert [(fault.donde, fault.n, fault.nota) for fault in audit.verify(store, tmp_path)] == [("acuerdo", 4, False)]


def test_an_old_copy_of_the_database_is_a_fault(store: Store, tmp_path: Path, case: str) -> None:
    """A folder with effects that the database doesn't know is a fault; of a running case, a note."""
    against_the_rules(store, "DELETE FROM diario WHERE n > 1")
    (fault,) = audit.verify(store, tmp_path)
    assert (fault.caso, fault.donde, fault.n, fault.nota) == (case, "acuerdo", 2, False)
    claim = leases.claim_case(store, case, "uno")
    assert claim is not None
    assert json.loads((tmp_path / case / FILE).read_text().splitlines()[0])["event"] == "case.opened"
    assert [fault.nota for fault in audit.verify(store, tmp_path)] == [True]
