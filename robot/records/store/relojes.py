"""Cases whose legal clock runs, by due time: paid ones to be filed, and filed ones to be answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, func, literal, select, text, tuple_, union_all, update

from robot.errors import Rejected
from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema import NEVER, POR_VENCER, casos, efectos, one_of

_RUNNING: Final = text(f"casos.vence < '9999' AND {one_of('casos.estado', POR_VENCER)}")  # as their indexes say it
_UNSHOWN: Final = and_(casos.c.estado == "esperando_pago", casos.c.etapa == "tramite", casos.c.vence < NEVER)
"""Paid ones whose payment Serviweb didn't show: they wait again, and their clock still runs."""
_UNANSWERED: Final = text("casos.por_responder IS NOT NULL")


def to_reconnect(store: Store, *, after: str = "", limit: int = 50) -> Sequence[Row]:
    """Return the paid cases whose trámite isn't filed, by due time, from a cursor onward."""
    running = [
        *_page(store, casos.c.vence, _RUNNING, after, limit),
        *_page(store, casos.c.vence, _UNSHOWN, after, limit),
    ]
    return sorted(running, key=lambda row: (row["vence"], row["id"]))[:limit]  # each by its own index


def to_answer(store: Store, *, after: str = "", limit: int = 50) -> Sequence[Row]:
    """Return the cases whose trámite is filed and that nobody said to be answered, by when it was filed."""
    return _page(store, casos.c.por_responder, _UNANSWERED, after, limit)


def _page(store: Store, column: object, running: object, after: str, limit: int) -> Sequence[Row]:
    query = select(casos).where(running)  # type: ignore[arg-type]
    if after:
        moment, _, mark = after.partition("~")
        query = query.where(tuple_(column, casos.c.id) > tuple_(literal(moment), literal(mark)))
    with store.read() as connection:
        return connection.execute(query.order_by(column, casos.c.id).limit(limit)).mappings().all()  # type: ignore[arg-type]


def count_to_reconnect(store: Store, before: str, most: int = 1000) -> int:
    """Return how many paid cases are due before a moment, *most* at most."""
    queries = (
        select(casos.c.id).where(running, casos.c.vence < before).limit(most) for running in (_RUNNING, _UNSHOWN)
    )
    return _count(store, select(union_all(*(select(query.subquery().c.id) for query in queries)).subquery().c.id), most)


def count_to_answer(store: Store, filed_before: str, most: int = 1000) -> int:
    """Return how many unanswered trámites were filed before a moment, *most* at most."""
    return _count(store, select(casos.c.id).where(_UNANSWERED, casos.c.por_responder < filed_before), most)


def _count(store: Store, query: object, most: int) -> int:
    with store.read() as connection:
        some = query.limit(most).subquery()  # type: ignore[attr-defined]
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def answered(store: Store, caso: str) -> str:
    """Take that a case's petition was answered and return when it was filed. Raises `Rejected` where none waits."""
    with store.write() as connection:
        mine = casos.c.id == caso
        filed = connection.execute(select(casos.c.por_responder).where(mine)).scalar_one_or_none()
        if not filed:
            raise Rejected(f"El caso {caso} no tiene una respuesta pendiente", remedy="Cargue la lista de nuevo.")
        connection.execute(update(casos).where(mine).values(por_responder=None))
        return str(filed)


def unanswered(store: Store, caso: str) -> None:
    """Let the clock of an answer run again: it was marked by mistake. Raises `Rejected` where nothing is filed."""
    kept = (efectos.c.caso == caso, efectos.c.tipo == "tramite", efectos.c.estado == "confirmado")
    with store.write() as connection:
        filed = connection.execute(select(func.max(efectos.c.cerrado)).where(*kept)).scalar_one_or_none()
        if not filed:
            raise Rejected(f"El caso {caso} no tiene un trámite radicado")
        connection.execute(update(casos).where(casos.c.id == caso).values(por_responder=filed))
