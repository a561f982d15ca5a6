"""Spanish text and pesos, compared and read as people do."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot.text import fold, in_pesos, loose_pattern, pesos, plain, sentence, without_accents, words

SPANISH = st.text("abcdefghijklmnñopqrstuvwxyzáéíóúüABCÑÁÉÍÓÚÜ 019.-()+", min_size=1, max_size=30)


def test_plain_collapses_every_white_space() -> None:
    """Tabs, line feeds and no-break spaces are single spaces, none at the ends."""
    assert plain(" a\t\u00a0b\n c\u202fd ") == "a b c d"


def test_a_sentence_begins_with_a_capital_and_keeps_its_names() -> None:
    """Serviweb stays Serviweb."""
    assert sentence("no se sabe si Serviweb guardó") == "No se sabe si Serviweb guardó"
    assert sentence("EN DUDA: Serviweb") == "EN DUDA: Serviweb"
    assert sentence("") == ""


def test_fold_forgets_case_and_accents() -> None:
    """RECONEXIÓN is reconexion, composed or not (D9)."""
    assert fold("RECONEXIÓN  Ñ") == fold(unicodedata.normalize("NFD", "reconexión ñ")) == "reconexion n"
    assert without_accents("ÑÁÑEZ Ü") == "NANEZ U"
    assert words("S.A.S. Ñáñez-2") == ["s", "a", "s", "nanez", "2"]


@given(SPANISH)
def test_loose_pattern_matches_what_folds_equal(text: str) -> None:
    """The pattern finds the text in upper case, without accents and with doubled spaces, and nothing longer."""
    pattern = loose_pattern(text)
    for shape in (text, text.upper(), without_accents(text), text.replace(" ", "  \u00a0"), f" {text} "):
        assert pattern.search(shape)
    if plain(text):
        assert not pattern.search(f"{plain(text)} y nuevo")
        assert not pattern.search(f"x{plain(text)}")


def test_loose_pattern_has_no_wildcards() -> None:
    """What looks like a pattern in a label is only text."""
    assert not loose_pattern("A.B").search("AXB")
    assert not loose_pattern("Agregar").search("Agregor")
    assert loose_pattern("+ (1)").search("+ (1)")


@pytest.mark.parametrize(
    ("text", "amount"),
    [("$ 98.700", 98700), ("98700", 98700), ("$1.250.000,00", 1250000), (" $\u00a0500 ", 500), ("0", 0), ("7 COP", 7)],
)
def test_pesos_are_read_as_colombia_writes_them(text: str, amount: int) -> None:
    """Points part thousands, and a comma only stands before zero cents."""
    assert pesos(text) == amount


@pytest.mark.parametrize(
    "text",
    ["", "$", "98,700", "98.70", "1.2500", "98.700,50", "-5", "1 000", "US$ 5", "9.870.0", "٣", "1.000.00", "12,5"],
)
def test_no_amount_is_guessed(text: str) -> None:
    """Anything that another country reads otherwise, or that holds cents, is an error."""
    with pytest.raises(ValueError, match="pesos"):
        pesos(text)


@given(st.integers(min_value=0, max_value=10**12))
def test_pesos_survive_the_round(amount: int) -> None:
    """What is written as pesos is read as the same amount."""
    assert pesos(in_pesos(amount)) == amount
