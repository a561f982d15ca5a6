"""Before a request is sent: would it be one that a case has already? The rule itself is `store.requests.take`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from robot.records.store import antecedentes
from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema import NOTHING, OPEN

Clase = Literal["referencia", "abierto", "sin_terminar", "reciente"]


@dataclass(frozen=True, kw_only=True)
class Repetida:
    """The case that a request would repeat, and how: by its reference, or by what is known of its subscriber."""

    caso: Row
    clase: Clase

    @property
    def cabe_nueva_ocasion(self) -> bool:
        """Say whether a reason makes it a request of its own: not beside an open case, nor with the same reference."""
        return self.clase in ("sin_terminar", "reciente")


@dataclass(frozen=True, kw_only=True)
class Antecedentes:
    """A subscriber's cases, the newest first, their numbers in Serviweb, and the one that a request would repeat."""

    casos: Sequence[Row]
    numeros: dict[str, dict[str, str]]
    repetida: Repetida | None


def known_of(store: Store, codigo: str, *, referencia: str = "", dias_duplicado: int) -> Antecedentes:
    """Return what is known of a subscriber."""
    rows = antecedentes.of_subscriber(store, codigo) if codigo else []
    same = antecedentes.of_reference(store, referencia) if referencia else None
    since = datetime.now(UTC) - timedelta(days=dias_duplicado)
    marks = {row["id"] for row in rows} | ({same["id"]} if same else set())
    return Antecedentes(
        casos=rows,
        numeros=antecedentes.numbers(store, marks) if marks else {},
        repetida=repeats(rows, same, since=since),
    )


def repeats(rows: Sequence[Row], same: Row | None, *, since: datetime) -> Repetida | None:
    """Say which case a request would repeat: *rows* are its subscriber's, *same* the one of its own reference."""
    if same:
        return Repetida(caso=same, clase="referencia")
    theirs = [row for row in reversed(rows) if row["estado"] not in NOTHING]
    tests: tuple[tuple[Clase, Callable[[Row], bool]], ...] = (
        ("abierto", lambda row: row["estado"] in OPEN),
        ("sin_terminar", lambda row: row["estado"] != "terminado"),
        ("reciente", lambda row: datetime.fromisoformat(row["cambiado"]) > since),
    )
    for clase, holds in tests:
        if found := next(filter(holds, theirs), None):
            return Repetida(caso=found, clase=clase)
    return None
