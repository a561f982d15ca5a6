"""What people ask of the cases: found by what they type, by day, by doubt; each question goes by an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from a_request import request, settings
from some_cases import begun, intended, journal, new, run, saved
from sqlalchemy import event

from robot.errors import BrokenJournal, Rejected
from robot.masking import Masker
from robot.records.store import cases, leases, ledger
from robot.records.store.engine import Store
from robot.records.store.requests import Batch, NewCase, take
from robot.settings import BOGOTA
from robot.work import expediente
from robot.work.archivo import Archivo
from robot.work.decision import doubts, to_annul

MANY = 5_000


@pytest.fixture
def archivo(store: Store, tmp_path: Path) -> Archivo:
    """Give an installation on that database."""
    return Archivo(settings(tmp_path / "datos"), store)


def waiting(archivo: Archivo, codigo: str = "100234", number: str = "1", **changed: Any) -> str:
    """Bring a case to the wait for its payment; its numbers end in *number*."""
    store = archivo.store
    mark = new(store, codigo=codigo, **changed)
    with journal(archivo.settings.casos, store, begun(store, mark)) as book:
        book.write("case.opened", durable=True, codigo=codigo, ruta="01-383", caso=mark)
        saved(book, "factura", f"F-{number}")
        saved(book, "abono", f"RC-{number}")
        book.write("case.state", durable=True, etapa="cobro", estado="esperando_pago")
    return mark


def test_a_case_is_found_by_whatever_people_know_of_it(archivo: Archivo) -> None:
    """Mark in any case, a number of Serviweb, the receipt that paid it, its reference, its code."""
    mark = waiting(archivo, solicitud="S-1")
    paid = {"recibo": "RC-77", "fecha": "2026-11-24"}
    with archivo.idle(archivo.settings.casos / mark, Masker()) as book:
        book.write("payment.recorded", durable=True, **paid)
    for name in (mark, f" {mark.lower()} ", "F-1", "f-1", "RC-1", "rc-77", "S-1", "100234"):
        assert expediente.find(archivo, name).id == mark, name
    for name in ("R-BBBBBBB", "RC-2", "100235", "", "R-", "%"):
        with pytest.raises(Rejected, match="Ningún caso corresponde"):
            expediente.find(archivo, name)


def test_a_code_names_the_one_case_that_waits(archivo: Archivo) -> None:
    """Where a payment is looked for, a code means the case that waits; else all of its cases are named."""
    first = waiting(archivo)
    other = new(archivo.store, nueva_ocasion="otro corte")
    assert expediente.find_row(archivo, "100234", waiting=True)["id"] == first
    with pytest.raises(Rejected, match=rf"varios casos: {first} \(esperando el pago en caja\); {other} \(en cola\)"):
        expediente.find_row(archivo, "100234")
    with pytest.raises(Rejected, match="no ha comenzado: en cola") as refused:
        expediente.begun(archivo, other)
    assert f"serviweb cola cancelar {other}" in refused.value.advice
    cases.change(archivo.store, first, "en_cola")
    with pytest.raises(Rejected, match=f"no tiene casos esperando pago: {first}"):
        expediente.find_row(archivo, "100234", waiting=True)


def test_the_mark_wins_over_a_number_and_a_number_over_a_code(archivo: Archivo) -> None:
    """A number that looks like another case's code names the case that has it."""
    first = waiting(archivo)
    claim = begun(archivo.store, new(archivo.store, codigo="100900"))
    with journal(archivo.settings.casos, archivo.store, claim) as book:
        book.write("case.opened", durable=True, codigo="100900")
        saved(book, "factura", "100234")
    assert expediente.find_row(archivo, "100234")["id"] == claim.case
    assert expediente.find_row(archivo, first)["id"] == first


def test_the_journal_comes_from_wherever_more_of_it_stands(archivo: Archivo) -> None:
    """Without its folder, or with one that lags, the database tells the case; a contradiction is named."""
    mark = waiting(archivo)
    path = archivo.settings.casos / mark / "journal.jsonl"
    whole, entries = path.read_bytes(), cases.diary(archivo.store, mark)
    assert expediente.find(archivo, mark).caso.entries == entries
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    assert expediente.find(archivo, mark).caso.estado == "esperando_pago"
    path.unlink()
    assert expediente.find(archivo, "RC-1").caso.number("factura") == "F-1"
    path.write_bytes(whole.replace(b"RC-1", b"RC-9"))
    with pytest.raises(BrokenJournal):
        expediente.find(archivo, mark)
    [(_, told)] = expediente.in_database(archivo, [cases.case(archivo.store, mark)])
    assert told.entries == entries
    assert expediente.is_altered(told)


def test_a_request_is_the_one_that_came_in(archivo: Archivo) -> None:
    """It is given back whole, whatever machine asks; a changed one is named, an erased one refused."""
    mark = new(archivo.store)
    assert expediente.request_of(archivo.store, mark) == request()
    run(archivo.store, "UPDATE valores SET solicitud = replace(solicitud, '40781234', '40781235')")
    with pytest.raises(BrokenJournal, match=mark):
        expediente.request_of(archivo.store, mark)
    cases.erase(archivo.store, mark)
    with pytest.raises(Rejected, match="ya no están"):
        expediente.request_of(archivo.store, mark)


def test_a_folder_that_the_database_does_not_know(archivo: Archivo) -> None:
    """A case folder without a row is told apart from a mistyped mark."""
    (archivo.settings.casos / "R-AAAAAAA").mkdir(parents=True)
    with pytest.raises(Rejected, match="la base de datos no lo conoce"):
        expediente.find(archivo, "r-aaaaaaa")


def test_a_case_of_the_queue_knows_its_turn(archivo: Archivo) -> None:
    """How many go before it, for which open case of its subscriber it waits, and when it may begin at the earliest."""
    store = archivo.store
    blocking = new(store)
    mine = new(store, nueva_ocasion="otro corte")
    new(store, codigo="100777", prioridad=0)
    new(store, codigo="100778")
    begun(store, blocking)
    turn = expediente.turn(store, cases.case(store, mine))
    assert (turn.ahead, turn.not_before) == (1, None)
    assert turn.waits_for is not None
    assert turn.waits_for["id"] == blocking
    run(store, "UPDATE casos SET disponible = '2999-01-01T00:00:00.000000Z' WHERE id = :mine", mine=mine)
    assert expediente.turn(store, cases.case(store, mine)).not_before == datetime(2999, 1, 1, tzinfo=UTC)


def test_doubts_and_twins_are_the_database_s(archivo: Archivo) -> None:
    """A case in doubt is listed without its folder; a second document stands there until its annulment is recorded."""
    store = archivo.store
    claim = begun(store, new(store))
    with journal(archivo.settings.casos, store, claim) as book:
        book.write("case.opened", durable=True, codigo="100234")
        intended(book, "factura")
        book.sent("factura")
    leases.sweep(store, workers=("uno",))
    folder = archivo.settings.casos / claim.case
    folder.rename(folder.with_name("lejos"))
    [doubt] = doubts(archivo)
    assert (doubt.caso.id, doubt.caso.codigo, doubt.kind) == (claim.case, "100234", "factura")
    assert doubt.since == doubt.caso.sent_at("factura")
    double = {"kind": "factura", "decision": "doble", "number": "F-1", "por_anular": "F-2"}
    with archivo.idle(folder, Masker()) as book:
        book.write("effect.decided", durable=True, **double)
        book.write("effect.confirmed", durable=True, kind="factura", number="F-1")
    assert doubts(archivo) == []
    assert [(twin.caso, twin.codigo, twin.numero) for twin in to_annul(archivo)] == [(claim.case, "100234", "F-2")]
    assert cases.owner(store, "factura", "F-2", but="R-OTRO") == claim.case
    with archivo.idle(folder, Masker()) as book:
        book.write("effect.annulled", durable=True, kind="factura", number="F-2")
    assert to_annul(archivo) == []
    assert cases.owner(store, "factura", "F-2", but="R-OTRO") == claim.case


def test_a_day_is_colombia_s(store: Store) -> None:
    """A case belongs to the days on which it came, changed, was paid or filed; today also what isn't closed."""
    mark = new(store)
    night = datetime(2026, 11, 24, 23, 30, tzinfo=BOGOTA)
    late = cases.stamp(night)  # already the 25th in UTC
    run(store, "UPDATE casos SET creado = :late, cambiado = :late", late=late)

    def marks(day: datetime, **more: bool) -> list[str]:
        return [row["id"] for row in cases.moved_on(store, day.date(), **more)]

    assert marks(night) == [mark]
    assert marks(night + timedelta(days=1)) == []
    assert marks(night - timedelta(days=1)) == []
    assert marks(night + timedelta(days=9), also_unfinished=True) == [mark]
    run(store, "UPDATE casos SET estado = 'cancelado'")
    assert marks(night + timedelta(days=9), also_unfinished=True) == []
    paid = "INSERT INTO pagos (recibo, caso, fecha, registrado_por, cuando) VALUES ('R', :c, '2026-11-27', '', :t)"
    run(store, paid, c=mark, t=late)
    assert marks(night + timedelta(days=3)) == [mark]


# How it is asked.


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Collect what is asked of the database, but for what only opens a transaction."""
    asked: list[tuple[str, Any]] = []

    def seen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            asked.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", seen)
    try:
        yield asked
    finally:
        event.remove(store._engine, "before_cursor_execute", seen)


def scans(store: Store, asked: list[tuple[str, Any]]) -> list[str]:
    """Return the plan's lines that read a big table from its first row to its last."""
    found = []
    with store.read() as connection:
        for statement, parameters in asked:
            explain = "EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN "
            for row in connection.exec_driver_sql(explain + statement, parameters):
                line = str(row[-1])
                whole = line.startswith("SCAN ") if store.is_sqlite else "Seq Scan on" in line
                if whole and re.search(r"\b(casos|efectos|diario|pagos|valores)\b", line):
                    found.append(line)
    return found


@pytest.fixture
def many(store: Store) -> Store:
    """Give a database with closed cases, each with a factura, a payment and one entry of its journal."""
    counted = f"WITH RECURSIVE c (k) AS (SELECT 200000 UNION ALL SELECT k + 1 FROM c WHERE k < {200_000 + MANY - 1})"
    yes = "1" if store.is_sqlite else "true"
    tables = {
        "casos (id, codigo, ruta, estado, prioridad, orden, huella, disponible, vence, creado, cambiado)": (
            f"{counted} SELECT 'R-A' || k, CAST(k AS TEXT), '01-383', 'terminado', 20, k, '', '2020', '2020', "
            "'2020', '2020' FROM c"
        ),
        "efectos (caso, n, tipo, clave, estado, con_compuerta, token, numero, intencion, cerrado)": (
            f"SELECT id, 1, 'factura', 'factura:' || id, 'confirmado', {yes}, 1, 'F-' || codigo, '2020', '2020' "
            "FROM casos"
        ),
        "pagos (recibo, caso, fecha, registrado_por, cuando)": (
            "SELECT 'P-' || codigo, id, '2020', '', '2020' FROM casos"
        ),
        "valores (caso, sal, solicitud)": "SELECT id, '', '{}' FROM casos",
        "diario (caso, n, evento, entrada, previa, huella)": (
            "SELECT id, 1, 'case.opened', '{\"event\"\\: \"case.opened\"}', '', '' FROM casos"
        ),
    }
    for table, rows in tables.items():
        run(store, f"INSERT INTO {table} {rows}")
    if not store.is_sqlite:
        with store._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    return store


def test_no_question_reads_a_whole_table(many: Store, tmp_path: Path) -> None:
    """With 5,000 closed cases, each question of a person asks little and goes by an index."""
    archivo = Archivo(settings(tmp_path / "datos"), many)
    case = waiting(archivo, number="nuevo")
    questions = {
        "find": lambda: [expediente.find(archivo, name) for name in (case, "RC-nuevo", "F-200077", "200099")],
        "doubts": lambda: (doubts(archivo), to_annul(archivo)),
        "owner": lambda: cases.owner(many, "factura", "F-200100", but="R-OTRO"),
        "same request": lambda: take(many, [NewCase(solicitud=request())], Batch()),
        "same reference": lambda: take(many, [NewCase(solicitud=request(solicitud="S-1"))], Batch()),
        "waiting": lambda: (cases.waiting(many), cases.unfinished(many)),
        "day": lambda: cases.moved_on(many, datetime.now(BOGOTA).date(), also_unfinished=True),
        "diary": lambda: ledger.head(many, case),
    }
    for name, ask in questions.items():
        with statements(many) as asked:
            ask()
        assert asked, name
        assert len(asked) <= 10, name
        assert scans(many, asked) == [], name
