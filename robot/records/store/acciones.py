"""The panel's audit journal: every view of personal data and every act, with who and when; each row holds the last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import insert, select

from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema_panel import acciones

_FIRST: Final = "0" * 64
_HASHED: Final = ("cuando", "quien", "rol", "accion", "caso", "detalle", "origen", "previa")


def _digest(row: Any) -> str:
    text = json.dumps([row[name] for name in _HASHED], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def note(
    store: Store, accion: str, *, quien: str, rol: str = "", caso: str | None = None, origen: str = "", **detalle: Any
) -> None:
    """Write one act; *detalle* holds no personal data, only what was asked for and what became of it."""
    with store.write() as connection:
        store.one_at_a_time(connection, "acciones")
        last = select(acciones.c.huella).order_by(acciones.c.n.desc()).limit(1)
        row = {
            "cuando": store.now(connection),
            "quien": quien,
            "rol": rol,
            "accion": accion,
            "caso": caso,
            "detalle": json.dumps(detalle, ensure_ascii=False, sort_keys=True, default=str),
            "origen": origen,
            "previa": connection.execute(last).scalar() or _FIRST,
        }
        connection.execute(insert(acciones), {**row, "huella": _digest(row)})


def of_case(store: Store, caso: str) -> Sequence[Row]:
    """Return what people did with a case, the newest first."""
    with store.read() as connection:
        query = select(acciones).where(acciones.c.caso == caso).order_by(acciones.c.n.desc())
        return connection.execute(query).mappings().all()


def verify(store: Store) -> tuple[int, int | None]:
    """Return how many rows there are, and the number of the first that was altered or follows a gap."""
    previa, count = _FIRST, 0
    with store.read() as connection:
        for row in connection.execute(select(acciones).order_by(acciones.c.n)).mappings():
            if row["previa"] != previa or row["huella"] != _digest(row):
                return count, int(row["n"])
            previa, count = row["huella"], count + 1
    return count, None
