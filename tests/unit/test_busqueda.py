"""Whose a document on Serviweb's list is: pure decisions, and the rules that no list may break."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot.records.busqueda import Adopt, Documento, Expected, Unknown, appeared, decide, repeated, unpaid

MARK = "R-7K3QF2M"
PRODUCTS = ("CORTE", "RECONEXIÓN DEL SERVICIO")
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
FACTURA = Expected(kind="factura", mark=MARK, productos=PRODUCTS, total=98700)
ABONO = Expected(kind="abono", mark=MARK, factura="F-10", total=98700)
UNMARKED = Expected(kind="factura", productos=PRODUCTS, total=98700)


def nobody(_number: str) -> None:
    """Own no number."""


def bill(number: str, *, mark: str = MARK, **more: object) -> Documento:
    """Return a factura as the list shows ours."""
    values = {"productos": PRODUCTS, "total": 98700, "observacion": f"100234 01-383 {mark}".strip()} | more
    return Documento(numero=number, **values)


def test_the_one_new_document_with_our_mark_is_adopted() -> None:
    """Others may be new, ours is the one that carries the mark."""
    current = [bill("F-12", mark="R-0000000"), bill("F-11"), bill("F-10", mark="")]
    assert decide(FACTURA, baseline={"F-10"}, current=current, owner=nobody) == Adopt("F-11")


def test_a_recibo_is_ours_by_our_factura() -> None:
    """The list of recibos shows no Observación, but the factura that each pays."""
    current = [Documento(numero="RC-2", facturas=("F-10",)), Documento(numero="RC-1", facturas=("F-9",))]
    assert decide(ABONO, baseline=set(), current=current, owner=nobody) == Adopt("RC-2")


@pytest.mark.parametrize(
    ("expected", "baseline", "current", "words"),
    [
        (FACTURA, None, [bill("F-11")], "antes de enviar"),
        (FACTURA, {"F-10"}, [bill("F-10")], "no muestra la factura"),
        (FACTURA, set(), [], "más tarde"),
        (FACTURA, set(), [bill("F-11"), bill("F-12")], "varios documentos de este caso: F-11, F-12"),
        (FACTURA, set(), [bill("F-11", mark=MARK + "X")], "ninguno es de este caso"),
        (FACTURA, set(), [bill("F-11", estado="Anulada")], "anulado"),
        (UNMARKED, set(), [bill("F-11", total=98701)], "productos y el total"),
        (UNMARKED, set(), [bill("F-11", productos=("CORTE",))], "productos y el total"),
        (UNMARKED, set(), [bill("F-11"), bill("F-12", productos=("OTRO",))], "varios documentos nuevos"),
        (UNMARKED, set(), [Documento(numero="F-11")], "productos y el total"),
        (FACTURA, set(), [bill("F-11"), bill("F-11", total=1)], "un mismo número"),
    ],
)
def test_anything_else_stays_in_doubt(
    expected: Expected, baseline: set[str] | None, current: list[Documento], words: str
) -> None:
    """No baseline, none new, two of ours, a foreign mark, void, or unlike ours where there is no mark."""
    result = decide(expected, baseline=baseline, current=current, owner=nobody)
    assert isinstance(result, Unknown)
    assert words in result.reason


def test_without_a_mark_only_the_one_equal_new_document_is_adopted() -> None:
    """Products in any order and accents aside, and the total to the peso."""
    twin = bill("F-11", productos=("reconexion del servicio", "CORTE"))
    assert decide(UNMARKED, baseline={"F-10"}, current=[twin, bill("F-10")], owner=nobody) == Adopt("F-11")


numbers = st.sampled_from([f"F-{n}" for n in range(8)])
rows = st.lists(
    st.builds(
        Documento,
        numero=numbers,
        productos=st.sampled_from([PRODUCTS, ("OTRO",), None]),
        total=st.sampled_from([98700, 1, None]),
        observacion=st.sampled_from([f"x {MARK}", "x", "R-0000000", None]),
        facturas=st.sampled_from([("F-10",), ("F-9",), None]),
        estado=st.sampled_from(["Pendiente", "Anulada"]),
    ),
    max_size=6,
)


@given(
    expected=st.sampled_from([FACTURA, ABONO, UNMARKED]),
    baseline=st.none() | st.frozensets(numbers),
    current=rows,
    foreign=st.frozensets(numbers),
)
def test_never_what_was_there_never_another_cases_never_one_of_two(
    expected: Expected, baseline: frozenset[str] | None, current: list[Documento], foreign: frozenset[str]
) -> None:
    """Whatever the list says: an adopted number is new, free, not void, listed, and the only one with our sign."""
    result = decide(expected, baseline=baseline, current=current, owner=lambda n: "R-OTHER00" if n in foreign else None)
    if isinstance(result, Unknown):
        assert result.reason
        return
    assert baseline is not None
    assert result.number not in baseline
    assert result.number not in foreign
    first = {d.numero: d for d in reversed(current)}
    assert not first[result.number].anulado
    new = [d for n, d in first.items() if n not in baseline]
    signed = [d.numero for d in new if expected.signs(d)]
    assert signed == [result.number] or (not signed and len(new) == 1 and expected.resembles(new[0]))


@given(current=rows, baseline=st.frozensets(numbers))
def test_two_new_ones_with_our_mark_are_never_decided(current: list[Documento], baseline: frozenset[str]) -> None:
    """Serviweb saved twice: a person decides."""
    current = [bill("F-98"), *current, bill("F-99")]
    assert isinstance(decide(FACTURA, baseline=baseline, current=current, owner=nobody), Unknown)


def test_before_saving_a_document_with_our_mark_is_seen() -> None:
    """It came late, after a person decided that it does not exist; another case's, ours and void ones don't count."""
    current = [bill("F-11"), bill("F-10", mark="")]
    assert appeared(FACTURA, baseline=None, current=current, own=None, owner=nobody) == "F-11"
    assert appeared(FACTURA, baseline=None, current=current, own="F-11", owner=nobody) == ""
    assert appeared(FACTURA, baseline=None, current=current, own=None, owner=lambda _n: "R-1") == ""
    assert appeared(FACTURA, baseline=None, current=[bill("F-11", estado="ANULADA")], own=None, owner=nobody) == ""
    assert appeared(UNMARKED, baseline={"F-10"}, current=current, own=None, owner=nobody) == "F-11"
    assert appeared(UNMARKED, baseline=None, current=current, own=None, owner=nobody) == ""


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (bill("F-9", mark="", abierto=True, fecha=NOW - timedelta(days=300)), True),
        (bill("F-9", mark="", fecha=NOW - timedelta(days=24), usuario="caja2"), True),
        (bill("F-9", mark="", fecha=NOW - timedelta(days=26)), False),
        (bill("F-9", mark="", abierto=True, estado="Anulada"), False),
        (bill("F-9", mark="", abierto=True, productos=("CORTE",)), False),
        (bill("F-10", mark="", abierto=True), False),
    ],
)
def test_a_like_document_that_is_open_or_young_is_a_repetition(document: Documento, found: bool) -> None:
    """Our products, not ours, not void, and open or younger than the days of the setting; the sentence says whose."""
    sentence = repeated(FACTURA, [document], own="F-10", now=NOW, dias_duplicado=25)
    assert bool(sentence) is found
    if document.usuario:
        assert sentence == "ya existe la factura F-9 de caja2, del 31/10/2026, por $ 98.700"


def test_a_like_tramite_is_told_by_its_causal() -> None:
    """The trámite has no products."""
    expected = Expected(kind="tramite", mark=MARK, causal="RECONEXIÓN DEL SERVICIO")
    row = Documento(numero="2026-1", causal="Reconexion del servicio", fecha=NOW)
    assert "el trámite 2026-1" in repeated(expected, [row], own=None, now=NOW, dias_duplicado=25)
    assert repeated(ABONO, [row], own=None, now=NOW, dias_duplicado=25) == ""


def test_other_open_facturas_are_named() -> None:
    """GENERAR would pay them too (D13); ours is not one of them."""
    current = [bill("F-1", abierto=True), bill("F-2"), bill("F-3", abierto=True)]
    assert unpaid(current, own="F-3") == ["F-1"]


def test_the_journal_keeps_the_mark_and_not_the_observation() -> None:
    """An Observación may hold somebody's phone."""
    entry = bill("F-1", fecha=NOW).as_entry(MARK)
    assert entry["marca"] is True
    assert entry["productos"] == list(PRODUCTS)
    assert "100234" not in str(entry)
