"""Two journals of one case that part: a machine died or was fenced, and another one went on from what the database had.

A folder's file has an entry first and the database is the truth, so what the file of the lost machine has beyond it was
never acted upon. It is set aside, not deleted, unless it tells of something that the database must know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from robot.errors import BrokenJournal
from robot.records.journal import Entry

_MUST_BE_KNOWN: Final = frozenset(
    {"effect.sent", "effect.passed", "effect.decided", "effect.annulled", "payment.recorded", "payment.unexpected"}
)


def shared(here: Sequence[Entry], there: Sequence[Entry]) -> int:
    """Return how many entries two journals have in common from the first one on."""
    pairs = enumerate(zip(here, there, strict=False))
    return next((n for n, (one, other) in pairs if one["hash"] != other["hash"]), min(len(here), len(there)))


def may_be_set_aside(tail: Sequence[Entry], there: Sequence[Entry]) -> bool:
    """Say whether a folder may forget *tail*, where the database goes on otherwise with *there*.

    Not where it says that something was sent, paid or decided that the database doesn't know: an old copy of the
    database looks like that. A number that was read must be one that the database has found too.
    """
    numbers = {(e["kind"], str(e["number"])) for e in there if e["event"] == "effect.confirmed"}
    read = {(e["kind"], str(e["number"])) for e in tail if e["event"] == "effect.confirmed"}
    return not any(e["event"] in _MUST_BE_KNOWN for e in tail) and read <= numbers


def contradiction(mark: str, there: Sequence[Entry]) -> BrokenJournal:
    """Return the error of a folder that the database contradicts from *there* on: what to do, and where."""
    told = f"El diario del caso {mark} no es el que tiene la base de datos"
    others = ", ".join(sorted(machines(there)))
    if not others:
        return BrokenJournal(told)
    remedy = (
        f"Lo siguió el equipo {others}: trabájelo allá. Si este equipo se apagó justo al enviar, guarde su carpeta del "
        "caso fuera de «casos» y aquí se escribe otra; si la base de datos puede ser una copia vieja, avise al "
        "supervisor."
    )
    return BrokenJournal(told, remedy=remedy)


def machines(entries: Sequence[Entry]) -> set[str]:
    """Return the machines that these entries name."""
    return {str(entry["equipo"]) for entry in entries if entry.get("equipo")}
