"""What the queue does at this moment: who works what, what waits for its time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.schema import casos, pasos


def in_hand(store: Store) -> Sequence[Row]:
    """Return the cases that somebody works or looks up, the longest first: who, as which user, and at which step."""
    last = (
        select(pasos.c.n)
        .where(pasos.c.caso == casos.c.id)
        .order_by(pasos.c.n.desc())
        .limit(1)
        .scalar_subquery()
        .correlate(casos)
    )
    step = select(pasos.c.caso, pasos.c.n, pasos.c.paso, pasos.c.titulo).subquery()
    columns = (casos.c.id, casos.c.codigo, casos.c.estado, casos.c.etapa, casos.c.usuario, casos.c.trabajador)
    query = select(*columns, casos.c.cambiado, step.c.paso, step.c.titulo).select_from(
        casos.outerjoin(step, (step.c.caso == casos.c.id) & (step.c.n == last))
    )
    with store.read() as connection:
        held = query.where(casos.c.trabajador.is_not(None)).order_by(casos.c.cambiado)
        return connection.execute(held).mappings().all()


def waiting_for_their_time(store: Store, limit: int) -> tuple[int, Sequence[Row]]:
    """Return how many cases of the queue failed and wait for another take, and the next of them."""
    with store.read() as connection:
        late = (casos.c.estado == "en_cola", casos.c.disponible > store.now(connection))
        number = connection.execute(select(func.count()).where(*late)).scalar_one()
        columns = (casos.c.id, casos.c.codigo, casos.c.disponible, casos.c.intentos, casos.c.motivo)
        rows = connection.execute(select(*columns).where(*late).order_by(casos.c.disponible).limit(limit))
        return int(number), rows.mappings().all()


def next_of_queue(store: Store, limit: int) -> Sequence[Row]:
    """Return the first cases of the queue that may be taken now, in the order in which they will be."""
    columns = (
        casos.c.id,
        casos.c.codigo,
        casos.c.suscriptor,
        casos.c.etapa,
        casos.c.lote,
        casos.c.creado,
        casos.c.motivo,
    )
    with store.read() as connection:
        ready = (casos.c.estado == "en_cola", casos.c.disponible <= store.now(connection))
        order = (casos.c.prioridad, casos.c.vence, casos.c.orden)
        return connection.execute(select(*columns).where(*ready).order_by(*order).limit(limit)).mappings().all()


def ended_since(store: Store, seconds: float) -> tuple[int, str | None]:
    """Return how many stages ended in the last seconds, and when the first did; one that people cancelled is none."""
    ends = casos.c.estado.not_in(("en_cola", "en_curso", "cancelado"))
    with store.read() as connection:
        since = later(store.now(connection), -seconds)
        row = connection.execute(select(func.count(), func.min(casos.c.cambiado)).where(casos.c.cambiado > since, ends))
        number, first = row.one()
    return int(number), first
