"""What the supervisor's first page counts; each question reads an index, a thousand rows at most."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from robot.records.store.caminos import midnight
from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema import casos

MOST = 1_000


def outcomes(store: Store, day: date) -> dict[str, int]:
    """Return how many cases changed last on a day, by their state now."""
    within = (casos.c.cambiado >= midnight(day), casos.c.cambiado < midnight(day + timedelta(days=1)))
    with store.read() as connection:
        rows = connection.execute(select(casos.c.estado, func.count()).where(*within).group_by(casos.c.estado))
        return {str(estado): int(number) for estado, number in rows}


def made(store: Store, day: date) -> int:
    """Return how many cases were made on a day."""
    within = (casos.c.creado >= midnight(day), casos.c.creado < midnight(day + timedelta(days=1)))
    with store.read() as connection:
        return int(connection.execute(select(func.count()).where(*within)).scalar_one())


def in_state(store: Store, estado: str) -> int:
    """Return how many cases are in a state, `MOST` at most."""
    with store.read() as connection:
        some = select(casos.c.id).where(casos.c.estado == estado).limit(MOST).subquery()
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def oldest(store: Store, estado: str, etapa: str) -> Row | None:
    """Return the case of a state and stage that was made first."""
    mine = (casos.c.estado == estado, casos.c.etapa == etapa)
    with store.read() as connection:
        query = select(casos).where(*mine).order_by(casos.c.creado, casos.c.id).limit(1)
        return connection.execute(query).mappings().one_or_none()
