"""Which finished cases must be reviewed: a share that nobody can foresee or steer, and all that a person decided."""

from __future__ import annotations

from robot.records.boveda import Boveda
from robot.records.store import muestra
from robot.records.store.engine import Store


def drawn(boveda: Boveda, caso: str, porcentaje: float) -> bool:
    """Say whether a case is of the share: always the same, and known only to whoever has the panel's key."""
    return int(boveda.huella("muestra", caso)[:12], 16) < porcentaje / 100 * 16**12


def choose(store: Store, boveda: Boveda, porcentaje: float) -> int:
    """Draw from the cases that finished since the last time; return how many were taken."""
    total, after = 0, muestra.start(store)
    while True:
        last, taken = muestra.draw(store, lambda caso: drawn(boveda, caso, porcentaje), after)
        total += taken
        if last is None:
            return total
        after = last
