"""Each form acts once: whoever sends it twice gets the first one's answer."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from robot.records.store.engine import Store, later
from robot.records.store.schema_panel import hechas

KEPT_SECONDS: Final = 7 * 86400
PENDING: Final = ""
"""The answer of an act that isn't over."""
DONE: Final = "-"
"""The answer of an act that leads to no other page."""
BROKEN: Final = "!"
"""The answer of an act that ended with an error of ours: nobody knows what it did."""


def begin(store: Store, mark: str, quien: str) -> str | None:
    """Claim a form's mark and return None, or the answer of whoever claimed it before: `PENDING` while it acts."""
    while True:
        try:
            with store.write() as connection:
                now = store.now(connection)
                connection.execute(delete(hechas).where(hechas.c.cuando < later(now, -KEPT_SECONDS)))
                connection.execute(insert(hechas), {"id": mark, "quien": quien, "cuando": now})
        except IntegrityError:
            earlier = _answer(store, mark, quien)
            if earlier is not None:
                return earlier
            continue  # it was given back between the two
        return None


def _answer(store: Store, mark: str, quien: str) -> str | None:
    """Return the answer of an act, `PENDING` while it isn't over, None when it was refused and may be tried again."""
    with store.read() as connection:
        row = connection.execute(select(hechas).where(hechas.c.id == mark)).mappings().first()
    if row is None:
        return None
    return row["respuesta"] or PENDING if row["quien"] == quien else BROKEN


def end(store: Store, mark: str, respuesta: str | None) -> None:
    """Keep the answer of an act; None for one that was refused, whose form may be sent again."""
    with store.write() as connection:
        mine = hechas.c.id == mark
        if respuesta is None:
            connection.execute(delete(hechas).where(mine))
        else:
            connection.execute(update(hechas).where(mine).values(respuesta=respuesta))
