"""What the database knows of a subscriber's earlier cases, for whoever is about to ask for another one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import func, select

from robot.records.store.cases import TWIN, Row
from robot.records.store.engine import Store
from robot.records.store.schema import NOTHING, casos, efectos

_MOST: Final = 50
_COLUMNS: Final = (
    casos.c.id,
    casos.c.codigo,
    casos.c.ruta,
    casos.c.suscriptor,
    casos.c.etapa,
    casos.c.estado,
    casos.c.referencia,
    casos.c.nueva_ocasion,
    casos.c.asesor,
    casos.c.creado,
    casos.c.cambiado,
)


def of_subscriber(store: Store, codigo: str) -> Sequence[Row]:
    """Return a subscriber's cases, the newest first; the latest fifty of them."""
    query = select(*_COLUMNS).where(casos.c.codigo == codigo).order_by(casos.c.orden.desc()).limit(_MOST)
    with store.read() as connection:
        return connection.execute(query).mappings().all()


def of_reference(store: Store, referencia: str) -> Row | None:
    """Return the case of a request's own reference, if something of it is, or may come to be, in Serviweb."""
    query = select(*_COLUMNS).where(
        casos.c.referencia == referencia, casos.c.referencia != "", casos.c.estado.not_in(NOTHING)
    )
    with store.read() as connection:
        return connection.execute(query.order_by(casos.c.orden.desc())).mappings().first()


def numbers(store: Store, marks: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the numbers that Serviweb gave these cases, by mark and kind of document; a few cases at most."""
    query = (
        select(efectos.c.caso, efectos.c.tipo, efectos.c.numero)
        .where(
            efectos.c.caso.in_(marks),
            efectos.c.estado == "confirmado",
            efectos.c.tipo != "tercero",
            func.coalesce(efectos.c.motivo, "") != TWIN,
        )
        .order_by(efectos.c.n)
    )
    found: dict[str, dict[str, str]] = {}
    with store.read() as connection:
        for row in connection.execute(query):
            found.setdefault(str(row.caso), {})[str(row.tipo)] = str(row.numero)
    return found
