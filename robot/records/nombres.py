"""Compare people's names as Serviweb and a request write them (design: *Whose data*)."""

from __future__ import annotations

from robot.text import words

_PARTICLES = frozenset(
    ["de", "del", "la", "las", "los", "el", "y", "e", "san", "santa", "sas", "s", "a", "ltda", "cia", "sa", "esp"]
)


def same_name(one: str, other: str) -> bool:
    """Say whether both names hold the same words, whatever their case, accents and order."""
    return sorted(words(one)) == sorted(words(other)) and bool(words(one))


def shares_surname(shown: str, *, surnames: str, names: str) -> bool:
    """Say whether the name that Serviweb shows has a surname of the request (step 7).

    A company has no surnames: then a significant word of its name must agree.
    """
    ours = {word for word in words(surnames) or words(names) if len(word) > 1} - _PARTICLES
    return bool(ours & set(words(shown)))
