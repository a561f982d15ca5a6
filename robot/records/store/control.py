"""What all workers on all machines keep in common by a key: read, asked and written back in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from robot.records.store.engine import Store
from robot.records.store.schema import control

DRIFT: Final = "desvio"
"""The control that the last case of a stage did not find."""
T = TypeVar("T")


def kept(store: Store, *keys: str) -> dict[str, str]:
    """Return the values of these keys that are kept."""
    with store.read() as connection:
        wanted = select(control.c.clave, control.c.valor).where(control.c.clave.in_(keys))
        return {row.clave: row.valor for row in connection.execute(wanted)}


def exchange(
    store: Store,
    key: str,
    ask: Callable[[str | None, str], tuple[str | None, T]],
    *,
    by: str = "",
) -> T:
    """Give *ask* the kept value and the time, keep what it returns instead, and return its answer.

    None is *nothing kept*. Nobody else asks for the same key meanwhile, on any machine.
    """
    with store.write() as connection:
        store.one_at_a_time(connection, "control")
        now = store.now(connection)
        before = connection.execute(select(control.c.valor).where(control.c.clave == key)).scalar_one_or_none()
        after, answer = ask(before, now)
        if after is None and before is not None:
            connection.execute(control.delete().where(control.c.clave == key))
        elif after is not None and after != before:
            insert = sqlite.insert(control) if store.is_sqlite else postgresql.insert(control)
            fresh = {"valor": after, "por": by, "cuando": now}
            statement = insert.values(clave=key, **fresh)
            connection.execute(statement.on_conflict_do_update(index_elements=["clave"], set_=fresh))
    return answer


def forget(store: Store, keys: Sequence[str]) -> None:
    """Keep nothing under these keys any more."""
    with store.write() as connection:
        connection.execute(control.delete().where(control.c.clave.in_(keys)))
