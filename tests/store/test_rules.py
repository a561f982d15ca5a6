"""What the database itself forbids, whatever a program says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from some_cases import begun, intended, journal, new, one, run, saved
from sqlalchemy.exc import IntegrityError

from robot.errors import Fenced, Rejected, SentElsewhere
from robot.records.journal import read
from robot.records.store import cases, leases, ledger
from robot.records.store.engine import Store
from robot.records.store.schema import DOCUMENTOS, ESTADOS, NOTHING, OPEN, TRANSITIONS

GOALS = st.lists(st.sampled_from(ESTADOS), max_size=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(goals=GOALS)
def test_a_case_goes_where_the_table_allows(store: Store, goals: list[str]) -> None:
    """Each change happens if and only if the table of transitions has it."""
    run(store, "UPDATE casos SET codigo = id WHERE estado IN ('en_duda', 'incompleto')")  # other examples' cases
    case = new(store, nueva_ocasion="otro corte")
    estado = "en_cola"
    for goal in goals:
        if goal == "en_curso":
            continue  # only a claim goes there
        if goal in TRANSITIONS[estado]:
            cases.change(store, case, goal)
            estado = goal
        else:
            with pytest.raises(Rejected):
                cases.change(store, case, goal)
        assert cases.case(store, case)["estado"] == estado
    run(store, "UPDATE casos SET codigo = id WHERE id = :case", case=case)


def test_every_state_is_in_the_table() -> None:
    """The table names each state, and the ends are ends."""
    assert set(TRANSITIONS) == set(ESTADOS)
    assert {estado for estado, goals in TRANSITIONS.items() if not goals} == {"terminado", "rechazado", "cancelado"}
    assert all(goals <= set(ESTADOS) - {estado} for estado, goals in TRANSITIONS.items())


@pytest.mark.parametrize("estado", NOTHING)
@pytest.mark.parametrize("kind", DOCUMENTOS)
def test_nothing_in_serviweb_is_never_said_of_something(store: Store, tmp_path: Path, kind: str, estado: str) -> None:
    """Once a document was sent, no statement at all makes its case rechazado, fallido or cancelado."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, kind)
        book.sent(kind)
    for seen in ("enviado", "respondido", "en_duda"):
        run(store, "UPDATE efectos SET estado = :seen", seen=seen)
        with pytest.raises(IntegrityError):
            run(store, "UPDATE casos SET estado = :e, trabajador = NULL, vence_arriendo = NULL", e=estado)
        with pytest.raises(IntegrityError):
            leases.finish(store, claim, estado)
    run(store, "UPDATE efectos SET estado = 'anulado'")
    leases.finish(store, claim, estado)
    with pytest.raises(IntegrityError):
        run(store, "UPDATE efectos SET estado = 'enviado'")


def test_a_tercero_alone_bills_nobody(store: Store, tmp_path: Path) -> None:
    """A person in Serviweb's directory is no document: the case may still be rejected."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "tercero")
        book.sent("tercero")
        book.write("effect.confirmed", durable=True, kind="tercero", number="T-1")
        book.write("case.state", durable=True, etapa="cobro", estado="rechazado", reason="no es el suscriptor")
    assert cases.case(store, claim.case)["motivo"] == "no es el suscriptor"


@pytest.mark.parametrize("estado", OPEN)
def test_two_open_cases_of_a_subscriber_are_impossible(store: Store, estado: str) -> None:
    """The unique index holds against any statement."""
    first = new(store)
    new(store, nueva_ocasion="otro corte")
    begun(store, first)
    statement = "UPDATE casos SET estado = :estado, trabajador = 'x', vence_arriendo = creado WHERE estado = 'en_cola'"
    with pytest.raises(IntegrityError):
        run(store, statement, estado=estado)


@pytest.mark.parametrize("statement", ["UPDATE diario SET entrada = '{}'", "DELETE FROM diario", "DELETE FROM efectos"])
def test_history_is_only_added_to(store: Store, tmp_path: Path, statement: str) -> None:
    """No row of the journal or of the effects is changed behind its back or removed."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "factura")
    with pytest.raises(IntegrityError):
        run(store, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE casos SET estado = 'perdido'",
        "UPDATE casos SET etapa = 'otra'",
        "UPDATE casos SET estado = 'en_curso'",
        "UPDATE casos SET trabajador = 'x'",
    ],
)
def test_only_known_values_stand(store: Store, statement: str) -> None:
    """States and stages are those of the design, and who runs a case has a lease."""
    new(store)
    with pytest.raises(IntegrityError):
        run(store, statement)


def test_a_document_is_sent_once_per_case(store: Store, tmp_path: Path) -> None:
    """A second intent of a document that isn't settled is refused; after *no enviado* it may run again."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "factura")
        with pytest.raises(Fenced, match="ya se envió"):
            intended(book, "factura")
        book.write("effect.not_sent", durable=True, kind="factura")
        saved(book, "factura", "F-1")
        with pytest.raises(Fenced):
            intended(book, "factura")
    assert [row["estado"] for row in cases.effects(store, claim.case)] == ["no_enviado", "confirmado"]


def test_a_tercero_is_made_once_over_all_cases(store: Store, tmp_path: Path) -> None:
    """Two cases of one person don't both add it to the directory; two persons don't disturb each other."""
    first, second = begun(store, new(store, codigo="100001")), begun(store, new(store, codigo="100002"))
    other = begun(store, new(store, codigo="100003", documento="40781235"))
    with journal(tmp_path, store, first) as one_book, journal(tmp_path, store, second) as two_book:
        intended(one_book, "tercero")
        with pytest.raises(SentElsewhere, match=first.case):
            intended(two_book, "tercero")
        one_book.sent("tercero")
        one_book.write("effect.confirmed", durable=True, kind="tercero", number="T-1")
        with pytest.raises(Rejected, match=f"{first.case} ya creó este tercero"):
            intended(two_book, "tercero")
    assert ledger.length(store, second.case) == len(two_book.entries) == len(read(tmp_path / second.case))
    with journal(tmp_path, store, other) as book:
        intended(book, "tercero")
    keys = one(store, "SELECT count(DISTINCT clave) FROM efectos")
    assert keys == 2
    assert one(store, "SELECT count(*) FROM efectos WHERE clave LIKE '%4078123%'") == 0


def test_a_number_is_of_one_case(store: Store, tmp_path: Path) -> None:
    """A number of Serviweb that another case owns is never adopted."""
    first, second = begun(store, new(store, codigo="100001")), begun(store, new(store, codigo="100002"))
    with journal(tmp_path, store, first) as book:
        saved(book, "factura", "F-1")
    assert cases.owner(store, "factura", "F-1") == first.case
    assert cases.owner(store, "factura", "F-1", but=first.case) is None
    with journal(tmp_path, store, second) as book, pytest.raises(Fenced, match="ese número"):
        saved(book, "factura", "F-1")
    assert [row["estado"] for row in cases.effects(store, second.case)] == ["respondido"]
