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


def begin(store: Store, mark: str, quien: str) -> str | None:
    """Claim a form's mark and return None, or the answer of whoever claimed it before: `PENDING` while it acts."""
    try:
        with store.write() as connection:
            now = store.now(connection)
            connection.execute(delete(hechas).where(hechas.c.cuando < later(now, -KEPT_SECONDS)))
            connection.execute(insert(hechas), {"id": mark, "quien": quien, "cuando": now})
    except IntegrityError:
        return answer(store, mark, quien)
    return None


def answer(store: Store, mark: str, quien: str) -> str | None:
    """Return the answer of an act, `PENDING` while it isn't over, None when it failed and may be tried again."""
    with store.read() as connection:
        row = connection.execute(select(hechas).where(hechas.c.id == mark, hechas.c.quien == quien)).mappings().first()
    return None if row is None else row["respuesta"] or PENDING


def end(store: Store, mark: str, respuesta: str | None) -> None:
    """Keep the answer of an act; None for one that failed, whose form may be sent again."""
    with store.write() as connection:
        mine = hechas.c.id == mark
        if respuesta is None:
            connection.execute(delete(hechas).where(mine))
        else:
            connection.execute(update(hechas).where(mine).values(respuesta=respuesta))
