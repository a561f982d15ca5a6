"""Attempts to enter: so many wrong ones lock a name, known or not, and slow an address down. Times are the database's.

An attempt is counted before the password is looked at: as many at once get no further than one after the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from robot.errors import Rejected
from robot.records.store.engine import Store, later
from robot.records.store.schema_panel import intentos

KEPT_SECONDS: Final = 86400
_NAMES_OF_AN_ADDRESS: Final = 6
"""An address may err for as many names as this before it waits; offices share one behind a proxy."""
_ADDRESS_WAITS_SECONDS: Final = 60


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How patient the panel is: wrong passwords, minutes of lock-out, minutes without use, hours in all."""

    intentos: int = 5
    bloqueo_minutos: float = 15
    sesion_minutos: float = 30
    sesion_horas: float = 12


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode("utf-8", "replace")).hexdigest()


def begin(store: Store, usuario: str, origen: str, rules: Rules) -> None:
    """Count an attempt of a name from an address. Raises `Rejected` while either is locked, and counts nothing."""
    mine = _key("usuario", usuario), _key("origen", origen)
    with store.write() as connection:
        store.one_at_a_time(connection, "personas")
        now = store.now(connection)
        connection.execute(delete(intentos).where(intentos.c.cuando < later(now, -KEPT_SECONDS)))
        locked = set(_locked(connection, mine, now))
        if not locked:
            _count(connection, mine[0], now, rules.intentos, rules.bloqueo_minutos * 60)
            _count(connection, mine[1], now, rules.intentos * _NAMES_OF_AN_ADDRESS, _ADDRESS_WAITS_SECONDS)
    if mine[0] in locked:
        raise Rejected(
            "Demasiados intentos: esta cuenta está bloqueada por unos minutos",
            remedy="Espere, o pida a un administrador que la desbloquee.",
        )
    if locked:
        raise Rejected("Demasiados intentos desde este equipo", remedy="Espere un minuto y repita.")


def _locked(connection: Connection, keys: tuple[str, ...], now: str) -> Iterator[str]:
    query = select(intentos.c.llave).where(intentos.c.llave.in_(keys), intentos.c.hasta > now)
    yield from connection.execute(query).scalars()


def _count(connection: Connection, key: str, now: str, most: int, locked_seconds: float) -> None:
    before = connection.execute(select(intentos.c.fallos).where(intentos.c.llave == key)).scalar()
    row: dict[str, Any] = {"fallos": (before or 0) + 1, "cuando": now, "hasta": None}
    if row["fallos"] >= most:
        row |= {"fallos": 0, "hasta": later(now, locked_seconds)}
    if before is None:
        connection.execute(insert(intentos), {"llave": key, **row})
    else:
        connection.execute(update(intentos).where(intentos.c.llave == key).values(**row))


def succeeded(store: Store, usuario: str, origen: str) -> None:
    """Forget a name's attempts, and take this one back from its address."""
    address = intentos.c.llave == _key("origen", origen)
    with store.write() as connection:
        connection.execute(delete(intentos).where(intentos.c.llave == _key("usuario", usuario)))
        taken_back = update(intentos).where(address, intentos.c.fallos > 0).values(fallos=intentos.c.fallos - 1)
        connection.execute(taken_back)


def unlock(connection: Connection, usuario: str) -> None:
    """Forget a name's attempts."""
    connection.execute(delete(intentos).where(intentos.c.llave == _key("usuario", usuario)))


def locked(store: Store, usuarios: list[str]) -> set[str]:
    """Return which of these names are locked now."""
    keys = {_key("usuario", usuario): usuario for usuario in usuarios}
    with store.read() as connection:
        found = select(intentos.c.llave).where(intentos.c.hasta > store.now(connection))
        return {keys[key] for key in connection.execute(found).scalars() if key in keys}
