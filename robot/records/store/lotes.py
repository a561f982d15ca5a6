"""Lots: the files that were queued, how far each is, what became of its rows, and its rest cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import func, select, update

from robot.errors import Rejected
from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema import casos, efectos, filas, lotes

_AT_WORK: Final = ("en_cola", "en_curso")


@dataclass(frozen=True, kw_only=True)
class Avance:
    """What became of a lot's rows when they were taken, and in which states its cases are now."""

    filas: dict[str, int] = field(default_factory=dict)
    casos: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many cases it made."""
        return sum(self.casos.values())

    @property
    def hechos(self) -> int:
        """How many of them the queue is done with for now."""
        return self.total - sum(self.casos.get(estado, 0) for estado in _AT_WORK)


def recent(store: Store, limit: int = 20, *, before: str = "") -> Sequence[Row]:
    """Return the newest lots, or those made before a moment."""
    query = select(lotes).order_by(lotes.c.creado.desc(), lotes.c.id).limit(limit)
    with store.read() as connection:
        return connection.execute(query.where(lotes.c.creado < before) if before else query).mappings().all()


def found(store: Store, lote: str) -> Row:
    """Return a lot. Raises `Rejected`."""
    with store.read() as connection:
        row = connection.execute(select(lotes).where(lotes.c.id == lote.strip().upper())).mappings().one_or_none()
    if row is None:
        raise Rejected(f"No existe el lote {lote}", remedy="Vea la lista de lotes.")
    return row


def progress(store: Store, names: Sequence[str]) -> dict[str, Avance]:
    """Return how far each of these lots is."""
    done = {name: Avance() for name in names}
    with store.read() as connection:
        taken = select(filas.c.lote, filas.c.resultado, func.count()).where(filas.c.lote.in_(names))
        for name, result, number in connection.execute(taken.group_by(filas.c.lote, filas.c.resultado)):
            done[name].filas[result] = number
        now = select(casos.c.lote, casos.c.estado, func.count()).where(casos.c.lote.in_(names))
        for name, estado, number in connection.execute(now.group_by(casos.c.lote, casos.c.estado)):
            done[name].casos[estado] = number
    return done


def rows(store: Store, lote: str, *, desde: int = 0, limit: int = 50, estado: str = "") -> Sequence[Row]:
    """Return rows of a lot from a number on, each with its case now; only those whose case is in a state, if given."""
    now = (casos.c.codigo, casos.c.suscriptor, casos.c.estado, casos.c.motivo, casos.c.cambiado)
    query = select(filas, *now).select_from(filas.outerjoin(casos, filas.c.caso == casos.c.id))
    query = query.where(filas.c.lote == lote, filas.c.fila >= desde).order_by(filas.c.fila).limit(limit)
    with store.read() as connection:
        return connection.execute(query.where(casos.c.estado == estado) if estado else query).mappings().all()


def cancel_rest(store: Store, lote: str, by: str) -> int:
    """Cancel the cases of a lot that nobody began, at once; return how many."""
    untouched = ~select(efectos.c.caso).where(efectos.c.caso == casos.c.id).exists()
    waiting = (casos.c.lote == lote, casos.c.estado == "en_cola", casos.c.etapa == "cobro", untouched)
    with store.write() as connection:
        now = store.now(connection)
        changed = {
            "estado": "cancelado",
            "cancelar_por": by,
            "cancelar_cuando": now,
            "cambiado": now,
            "motivo": f"lo canceló {by}",
        }
        return connection.execute(update(casos).where(*waiting).values(**changed)).rowcount
