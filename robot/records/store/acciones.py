"""The panel's audit journal: every view of personal data and every act, with who and when; each row holds the last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, insert, select

from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema_panel import acciones

_FIRST: Final = "0" * 64
_CHUNK: Final = 1000
_BEYOND: Final = 1 << 62
"""A number that no act has."""
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


@dataclass(frozen=True, kw_only=True)
class Filtro:
    """Which acts are asked for; what is empty asks for all. Times as the tables hold them."""

    quien: str = ""
    accion: str = ""
    caso: str = ""
    desde: str = ""
    hasta: str = ""


def of_case(store: Store, caso: str) -> Sequence[Row]:
    """Return what people did with a case, the newest first."""
    with store.read() as connection:
        query = select(acciones).where(acciones.c.caso == caso).order_by(acciones.c.n.desc())
        return connection.execute(query).mappings().all()


def lista(store: Store, filtro: Filtro, *, antes: int = 0, limit: int = 100) -> Sequence[Row]:
    """Return acts, the newest first, those before number *antes* where it is given."""
    with store.read() as connection:
        query = select(acciones).where(*_wanted(connection, filtro)).order_by(acciones.c.n.desc()).limit(limit)
        if antes:
            query = query.where(acciones.c.n < antes)
        return connection.execute(query).mappings().all()


def each(store: Store, filtro: Filtro) -> Iterator[Row]:
    """Yield all acts that are asked for, the oldest first."""
    last = 0
    while True:
        with store.read() as connection:
            query = select(acciones).where(*_wanted(connection, filtro), acciones.c.n > last)
            rows = connection.execute(query.order_by(acciones.c.n).limit(_CHUNK)).mappings().all()
        yield from rows
        if len(rows) < _CHUNK:
            return
        last = rows[-1]["n"]


def _wanted(connection: Connection, filtro: Filtro) -> list[ColumnElement[bool]]:
    """Return the conditions; times become numbers, which grow with them, so that one index serves."""
    given = [acciones.c[name] == value for name in ("quien", "accion", "caso") if (value := getattr(filtro, name))]
    if filtro.desde:
        given.append(acciones.c.n >= _first_from(connection, filtro.desde))
    if filtro.hasta:
        given.append(acciones.c.n < _first_from(connection, filtro.hasta))
    return given


def _first_from(connection: Connection, moment: str) -> int:
    query = select(acciones.c.n).where(acciones.c.cuando >= moment).order_by(acciones.c.cuando, acciones.c.n).limit(1)
    found = connection.execute(query).scalar()
    return found if found is not None else _BEYOND


def known(store: Store, name: Literal["quien", "accion"], *, most: int = 200) -> list[str]:
    """Return the different values of a column, in their order: one step of its index each."""
    column, found = acciones.c[name], list[str]()
    with store.read() as connection:
        while len(found) < most:
            query = select(column).where(column > (found[-1] if found else "")).order_by(column).limit(1)
            value = connection.execute(query).scalar()
            if value is None:
                break
            found.append(value)
    return found


@dataclass(frozen=True, kw_only=True)
class Cadena:
    """What a check found: how many acts are whole, the hash of the last, the number of the first that is not."""

    cuantas: int
    cabeza: str
    rota: int | None = None


def verify(store: Store) -> Cadena:
    """Follow the chain from its beginning until it ends, or until a row was altered or follows a gap."""
    previa, count = _FIRST, 0
    for row in each(store, Filtro()):
        if row["previa"] != previa or row["huella"] != _digest(row):
            return Cadena(cuantas=count, cabeza=previa, rota=int(row["n"]))
        previa, count = row["huella"], count + 1
    return Cadena(cuantas=count, cabeza=previa)
