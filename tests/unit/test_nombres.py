"""Whose data the screen shows: names compared as people compare them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot.records.nombres import same_name, shares_surname


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ÑÁÑEZ RUIZ ANA", "Ana Ñáñez Ruiz", True),
        ("RUIZ  ANA", "ana ruiz", True),
        ("RUIZ, ANA", "ana ruiz", True),
        ("ANA RUIZ", "ANA RUIZ RUIZ", False),
        ("ANA RUIZ", "ANA", False),
        ("ANA RUIZ", "", False),
        ("", "", False),
        ("...", "---", False),
    ],
)
def test_same_name_has_the_same_words(one: str, other: str, same: bool) -> None:
    """Case, accents and order don't count, words do; two empty names are nobody's."""
    assert same_name(one, other) is same
    assert same_name(other, one) is same


@pytest.mark.parametrize(
    ("shown", "surnames", "names", "shares"),
    [
        ("NAÑEZ RUIZ ANA", "Ñáñez", "Ana", True),
        ("ANA GOMEZ", "Ruiz", "Ana", False),
        ("MARIA DE LA CRUZ", "De La Hoz", "María", False),
        ("ROSA DEL CASTILLO", "del Río", "Rosa", False),
        ("SURTIGAS S.A.S.", "", "Surtigas SAS", True),
        ("AGUAS S.A. E.S.P.", "", "Gases S.A. E.S.P.", False),
        ("RUIZ", "Ruiz Gómez", "Ana", True),
        ("", "Ruiz", "Ana", False),
        ("ANA", "Ruiz", "Ana", False),
        ("DE LA", "De La", "", False),
    ],
)
def test_a_surname_must_agree(shown: str, surnames: str, names: str, shares: bool) -> None:
    """A document belongs to who asks if a surname agrees: not a first name, not a particle (paso 7)."""
    assert shares_surname(shown, surnames=surnames, names=names) is shares


@given(st.permutations(["ANA", "MARÍA", "ÑÁÑEZ", "RUIZ"]))
def test_order_never_counts(names: list[str]) -> None:
    """A name is the same in any order of its words."""
    assert same_name(" ".join(names), "Ana Maria Nanez Ruiz")
