"""Filters of the lists that a person keeps by a name; their text is the address's own, which holds no personal data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, insert, select

from robot.errors import Rejected
from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema_panel import filtros
from robot.text import plain

MOST: Final = 30


def saved(store: Store, usuario: str) -> Sequence[Row]:
    """Return somebody's filters by name."""
    with store.read() as connection:
        query = select(filtros).where(filtros.c.usuario == usuario).order_by(filtros.c.nombre)
        return connection.execute(query).mappings().all()


def save(store: Store, usuario: str, nombre: str, consulta: str) -> str:
    """Keep a filter, instead of one of the same name, and return the name. Raises `Rejected`."""
    name = plain(nombre)
    if not name or len(name) > 80:
        raise Rejected("Falta un nombre para el filtro", remedy="Escriba uno de 80 letras como mucho.")
    if not consulta:
        raise Rejected("No hay ningún filtro que guardar", remedy="Elija antes por lo menos un dato.")
    with store.write() as connection:
        mine = filtros.c.usuario == usuario
        connection.execute(delete(filtros).where(mine, filtros.c.nombre == name))
        if connection.execute(select(func.count()).where(mine)).scalar_one() >= MOST:
            raise Rejected(f"Ya tiene {MOST} filtros guardados", remedy="Borre alguno que ya no use.")
        row = {"usuario": usuario, "nombre": name, "consulta": consulta, "creado": store.now(connection)}
        connection.execute(insert(filtros), row)
    return name


def remove(store: Store, usuario: str, nombre: str) -> None:
    """Forget a filter of somebody's."""
    with store.write() as connection:
        connection.execute(delete(filtros).where(filtros.c.usuario == usuario, filtros.c.nombre == nombre))
