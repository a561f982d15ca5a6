"""The outbox: what must be told outside is written within the transaction that made it true, and sent afterwards.

pendiente ──claim──▶ enviando ──▶ enviado
    ▲                    ├── a certain failure: pendiente again after a pause, fallido after the last one
    └────────────────────┘
A webhook whose sender died is sent again: it bears the same id, by which the receiver drops the second. An e-mail bears
none: it becomes *incierto*, and only a person sends it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.schema_panel import envios

Canal = Literal["gancho", "aviso"]
LOST_SECONDS: Final[dict[Canal, float]] = {"gancho": 90, "aviso": 600}
"""How long a sender may be silent before it counts as dead: longer than its own time limits."""
KEPT_DAYS: Final = 30
STUCK: Final = ("fallido", "incierto")


def enqueue(store: Store, connection: Connection, canal: Canal, clave: str, destino: str, cuerpo: str) -> bool:
    """Put something into the outbox, once for each *clave*; say whether it wasn't there yet."""
    now = store.now(connection)
    row = {"canal": canal, "clave": clave, "destino": destino, "cuerpo": cuerpo, "creado": now, "disponible": now}
    insert = sqlite.insert(envios) if store.is_sqlite else postgresql.insert(envios)
    statement = insert.values(**row, estado="pendiente").on_conflict_do_nothing(index_elements=["clave"])
    return connection.execute(statement.returning(envios.c.id)).first() is not None


def claim(store: Store) -> Row | None:
    """Take the message that waits longest; nobody else has it from then on. None where nothing is to be sent now."""
    while True:
        with store.write() as connection:
            now = store.now(connection)
            ready = select(envios.c.id).where(envios.c.estado == "pendiente", envios.c.disponible <= now)
            found = connection.execute(ready.order_by(envios.c.disponible, envios.c.id).limit(1)).scalar()
            if found is None:
                return None
            mine = update(envios).where(envios.c.id == found, envios.c.estado == "pendiente")
            taken = {"estado": "enviando", "tomado": now, "intentos": envios.c.intentos + 1}
            if connection.execute(mine.values(**taken)).rowcount:
                return connection.execute(select(envios).where(envios.c.id == found)).mappings().one()


def _close(store: Store, row: Row, **values: Any) -> None:
    """Write what became of a claim, unless another sender has the message by now."""
    mine = (envios.c.id == row["id"], envios.c.tomado == row["tomado"], envios.c.estado.in_(("enviando", "incierto")))
    with store.write() as connection:
        if values["estado"] == "enviado":
            values["enviado"] = store.now(connection)
        elif "espera" in values:
            values["disponible"] = later(store.now(connection), values.pop("espera"))
        connection.execute(update(envios).where(*mine).values(**values))


def sent(store: Store, row: Row) -> None:
    """Write that a claimed message arrived."""
    _close(store, row, estado="enviado", error="")


def again(store: Store, row: Row, error: str, *, espera_segundos: float) -> None:
    """Write that it certainly did not arrive, and when it is tried again."""
    _close(store, row, estado="pendiente", error=error[:500], espera=espera_segundos)


def failed(store: Store, row: Row, error: str) -> None:
    """Write that it did not arrive and isn't tried again by itself."""
    _close(store, row, estado="fallido", error=error[:500])


def uncertain(store: Store, row: Row, error: str) -> None:
    """Write that nobody knows whether it arrived."""
    _close(store, row, estado="incierto", error=error[:500])


def sweep(store: Store) -> int:
    """Let go of what dead senders had taken, and erase what was sent long ago; return how many were let go."""
    with store.write() as connection:
        now = store.now(connection)
        webhook = update(envios).where(_lost("gancho", now)).values(estado="pendiente", disponible=now)
        told = "El programa se interrumpió al enviarlo: no se sabe si llegó"
        mail = update(envios).where(_lost("aviso", now)).values(estado="incierto", error=told)
        freed = connection.execute(webhook).rowcount + connection.execute(mail).rowcount
        old = envios.c.creado < later(now, -KEPT_DAYS * 86400)
        connection.execute(delete(envios).where(old, envios.c.estado.in_(("enviado", "fallido"))))
    return freed


def _lost(canal: Canal, now: str) -> ColumnElement[bool]:
    silent = envios.c.tomado <= later(now, -LOST_SECONDS[canal])
    return (envios.c.estado == "enviando") & (envios.c.canal == canal) & silent


def send_again(store: Store, envio: int) -> Row | None:
    """Let a message that failed, or that may have arrived, be sent again; None where it isn't one of those."""
    with store.write() as connection:
        mine = update(envios).where(envios.c.id == envio, envios.c.estado.in_(STUCK))
        fresh = {"estado": "pendiente", "intentos": 0, "tomado": None, "disponible": store.now(connection)}
        if not connection.execute(mine.values(**fresh)).rowcount:
            return None
        return connection.execute(select(envios).where(envios.c.id == envio)).mappings().one()


def withdraw(connection: Connection, destino: str) -> None:
    """Give up what waits for a place that hears no more."""
    mine = update(envios).where(envios.c.destino == destino, envios.c.estado == "pendiente")
    connection.execute(mine.values(estado="fallido", error="Se borró el gancho"))


def in_trouble(store: Store, *, limit: int = 50) -> Sequence[Row]:
    """Return the messages that did not arrive, may not have, or failed and wait; the newest first."""
    waits = (envios.c.estado == "pendiente") & (envios.c.error != "")
    query = select(envios).where(or_(envios.c.estado.in_(STUCK), waits)).order_by(envios.c.id.desc())
    with store.read() as connection:
        return connection.execute(query.limit(limit)).mappings().all()


def to_place(store: Store, destino: str, *, limit: int = 20) -> Sequence[Row]:
    """Return the last messages to one place, the newest first."""
    query = select(envios).where(envios.c.destino == destino).order_by(envios.c.id.desc()).limit(limit)
    with store.read() as connection:
        return connection.execute(query).mappings().all()


def next_at(store: Store) -> str | None:
    """Return when the next message may be sent, or None where none waits."""
    with store.read() as connection:
        query = select(func.min(envios.c.disponible)).where(envios.c.estado == "pendiente")
        found = connection.execute(query).scalar()
    return str(found) if found else None
