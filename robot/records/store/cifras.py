"""The dashboard's questions: counts and times of a period. A day is Colombia's, five whole hours behind UTC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, and_, case, func, select, text

from robot.records.store.cases import TWIN
from robot.records.store.engine import Store, stamp
from robot.records.store.schema import NEVER, casos, corridas, efectos, pagos, pasos
from robot.settings import BOGOTA

FALLAS: Final = ("rechazado", "fallido", "en_duda", "incompleto")
"""States whose reason is counted among those of failure."""
EDADES: Final = (1, 3, 7, 15, 30)
"""Whole days at which a waiting payment comes into the next group."""
MUESTRA: Final = 1000
"""Cases of which steps are read at most: beyond, a random share says the same."""
_HOUR: Final = 13
"""Characters of a time of the tables up to its hour."""
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""The letters of a case's mark, which is random: its first two give 1024 equal shares of all cases."""


@dataclass(frozen=True)
class Periodo:
    """Days of Colombia, both inclusive."""

    desde: date
    hasta: date

    @property
    def dias(self) -> list[date]:
        """Return its days."""
        return [self.desde + timedelta(days=n) for n in range((self.hasta - self.desde).days + 1)]

    @property
    def limites(self) -> tuple[str, str]:
        """Return its first moment and the first one after it, as the tables hold them."""
        after = self.hasta + timedelta(days=1)
        return _midnight(self.desde), _midnight(after)


class PasoHecho(NamedTuple):
    """One step that ended well: its day, number, title and how long it took."""

    dia: date
    paso: str
    titulo: str
    milisegundos: int


class Espera(NamedTuple):
    """Cases that wait for their payment and have the same age: how many, and their amounts in whole pesos."""

    casos: int
    total: int


class Plazo(NamedTuple):
    """Paid cases of a day by their trámite: filed in time, late or still missing too late, and still in time."""

    cumplidos: int
    incumplidos: int
    pendientes: int


def _midnight(day: date) -> str:
    return stamp(datetime.combine(day, time.min, BOGOTA))


def _day(hour: str) -> date:
    """Return the day in Colombia of an hour of the tables, `2026-11-24T03`."""
    return datetime.fromisoformat(f"{hour}:00+00:00").astimezone(BOGOTA).date()


def _of(periodo: Periodo, asesor: str) -> ColumnElement[bool]:
    """Say which cases are meant: those made in the period, by everybody or by one advisor."""
    since, until = periodo.limites
    mine = and_(casos.c.creado >= since, casos.c.creado < until)
    return and_(mine, _still(casos.c.asesor) == asesor) if asesor else mine


def _still(column: Column[str]) -> ColumnElement[str]:
    """Return a column so that no index of it is taken: SQLite, which has no statistics here, would prefer it."""
    return func.coalesce(column, "")


def _confirmed(kind: str, case: ColumnElement[str] | Column[str]) -> ColumnElement[bool]:
    """Say which effect is a case's confirmed document of a kind; there is one at most, its twins aside."""
    mine = (efectos.c.caso == case, efectos.c.tipo == kind, _still(efectos.c.estado) == "confirmado")
    return and_(*mine, func.coalesce(efectos.c.motivo, "") != TWIN)


def _rows(store: Store, query: Select[Any]) -> Sequence[Any]:
    with store.read() as connection:
        return connection.execute(query).all()


def por_dia(store: Store, periodo: Periodo, asesor: str = "") -> dict[date, Counter[str]]:
    """Return how many of the cases made on each day are in each state now; a day without cases is there too."""
    hour = func.substr(casos.c.creado, 1, _HOUR)
    found: dict[date, Counter[str]] = {day: Counter() for day in periodo.dias}
    query = select(hour, casos.c.estado, func.count()).where(_of(periodo, asesor)).group_by(hour, casos.c.estado)
    for at, estado, count in _rows(store, query):
        found[_day(at)][estado] += count
    return found


def asesores(store: Store, periodo: Periodo) -> list[str]:
    """Return who made the cases of a period, in order."""
    query = select(casos.c.asesor).distinct().where(_of(periodo, ""), casos.c.asesor != "")
    return sorted(str(row[0]) for row in _rows(store, query))


def hoy(store: Store, dia: date, asesor: str = "") -> tuple[int, int]:
    """Return how many cases were made on a day, and how many came to their good end on it."""
    one = Periodo(dia, dia)
    since, until = one.limites
    ended = [_still(casos.c.estado) == "terminado", casos.c.cambiado >= since, casos.c.cambiado < until]
    if asesor:
        ended.append(_still(casos.c.asesor) == asesor)
    made = _rows(store, select(func.count()).select_from(casos).where(_of(one, asesor)))[0][0]
    return int(made), int(_rows(store, select(func.count()).select_from(casos).where(*ended))[0][0])


def en_estado(store: Store, estado: str, asesor: str = "") -> int:
    """Return how many cases are in a state now."""
    query = select(func.count()).select_from(casos).where(casos.c.estado == estado)
    return int(_rows(store, query.where(casos.c.asesor == asesor) if asesor else query)[0][0])


def _share(total: int, most: int) -> ColumnElement[bool] | None:
    """Return which cases are looked at, by their random marks, so that they are about *most*; None for all."""
    if total <= most:
        return None
    last = max(1, round(most / total * len(_LETTERS) ** 2))
    high, low = divmod(last, len(_LETTERS))
    return func.substr(casos.c.id, 3, 2) < _LETTERS[high] + _LETTERS[low]


def _sampled(periodo: Periodo, asesor: str, total: int, most: int) -> list[ColumnElement[bool]]:
    share = _share(total, most)
    return [_of(periodo, asesor), *([] if share is None else [share])]


def pasos_hechos(
    store: Store, periodo: Periodo, asesor: str = "", *, total: int, muestra: int = MUESTRA
) -> list[PasoHecho]:
    """Return the steps done in a period by its cases; of more than *muestra* of *total* cases, by a random share."""
    hour = func.substr(pasos.c.empezado, 1, _HOUR)
    query = (
        select(hour, pasos.c.paso, pasos.c.titulo, pasos.c.milisegundos)
        .join_from(casos, pasos, pasos.c.caso == casos.c.id)
        .where(*_sampled(periodo, asesor, total, muestra))
        .where(pasos.c.estado == "hecho", pasos.c.milisegundos.is_not(None))
    )
    days: dict[str, date] = {}
    found = []
    for at, paso, titulo, milliseconds in _rows(store, query):
        day = days[at] if at in days else days.setdefault(at, _day(at))
        if day <= periodo.hasta:
            found.append(PasoHecho(day, paso, titulo, milliseconds))
    return found


def tiempos_de_caso(
    store: Store, periodo: Periodo, asesor: str = "", *, total: int, muestra: int = MUESTRA
) -> list[int]:
    """Return the milliseconds that the robot worked on each case that is done; the wait for the payment isn't work."""
    worked = func.sum(case((text("NOT corridas.ensayo"), corridas.c.milisegundos)))
    query = (
        select(worked)
        .select_from(casos.outerjoin(corridas, corridas.c.caso == casos.c.id))  # outer: the cases are looked up first
        .where(*_sampled(periodo, asesor, total, muestra), _still(casos.c.estado) == "terminado")
        .group_by(_still(casos.c.id))
    )
    return [int(row[0]) for row in _rows(store, query) if row[0] is not None]


def motivos(store: Store, periodo: Periodo, asesor: str = "") -> list[tuple[str, str, int]]:
    """Return the reasons of the cases that failed, each with its state and how many have it."""
    query = (
        select(casos.c.motivo, casos.c.estado, func.count())
        .where(_of(periodo, asesor), _still(casos.c.estado).in_(FALLAS))
        .group_by(casos.c.motivo, casos.c.estado)
    )
    return [(str(row[0]), str(row[1]), int(row[2])) for row in _rows(store, query)]


def esperando(store: Store, ahora: datetime, asesor: str = "") -> list[Espera]:
    """Return the cases that wait for their payment now, by the age of their receipt; one group more than `EDADES`."""
    since = func.coalesce(efectos.c.cerrado, casos.c.cambiado).label("desde")
    waiting = select(since, efectos.c.total).select_from(casos.outerjoin(efectos, _confirmed("abono", casos.c.id)))
    waiting = waiting.where(casos.c.estado == "esperando_pago")
    each = (waiting.where(_still(casos.c.asesor) == asesor) if asesor else waiting).subquery()
    limits = [stamp(ahora - timedelta(days=days)) for days in EDADES]
    group = case(*((each.c.desde > limit, n) for n, limit in enumerate(limits)), else_=len(EDADES))
    query = select(group.label("edad"), func.count(), func.sum(each.c.total)).group_by("edad")
    found = {int(row[0]): Espera(int(row[1]), int(row[2] or 0)) for row in _rows(store, query)}
    return [found.get(n, Espera(0, 0)) for n in range(len(EDADES) + 1)]


def plazo_por_dia(store: Store, periodo: Periodo, ahora: datetime, asesor: str = "") -> dict[date, Plazo]:
    """Return, by the day of the payment, how many trámites were filed before the due time that the payment set.

    A payment that Serviweb showed since not to be one doesn't count, nor one whose clock was never set.
    """
    both = pagos.join(casos, casos.c.id == pagos.c.caso).outerjoin(efectos, _confirmed("tramite", pagos.c.caso))
    paid = (
        select(pagos.c.fecha, casos.c.vence, efectos.c.cerrado.label("radicado"))
        .select_from(both)
        .where(pagos.c.fecha >= periodo.desde.isoformat(), pagos.c.fecha <= periodo.hasta.isoformat())
        .where(text("pagos.confirmado IS NOT false"), casos.c.vence != NEVER)
    )
    each = (paid.where(_still(casos.c.asesor) == asesor) if asesor else paid).subquery()
    in_time = func.sum(case((each.c.radicado <= each.c.vence, 1), else_=0))
    running = func.sum(case((and_(each.c.radicado.is_(None), each.c.vence >= stamp(ahora)), 1), else_=0))
    found = {day: Plazo(0, 0, 0) for day in periodo.dias}
    query = select(each.c.fecha, in_time, running, func.count()).group_by(each.c.fecha)
    for day, kept, left, count in _rows(store, query):
        found[date.fromisoformat(day)] = Plazo(int(kept), int(count - kept - left), int(left))
    return found


def mediana(values: Iterable[float]) -> float | None:
    """Return the middle value, between the two middle ones of an even number; None of none."""
    ordered = sorted(values)
    half, odd = divmod(len(ordered), 2)
    if not ordered:
        return None
    return float(ordered[half]) if odd else (ordered[half - 1] + ordered[half]) / 2


def p95(values: Iterable[float]) -> float | None:
    """Return the value that 95 of 100 don't exceed (nearest rank); None of none."""
    ordered = sorted(values)
    return float(ordered[-(-95 * len(ordered) // 100) - 1]) if ordered else None
