"""The sample of finished cases that a supervisor must look at and sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import case as sql_case
from sqlalchemy import func, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from robot.errors import Rejected
from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.schema import casos, control, diario
from robot.records.store.schema_panel import DICTAMENES, muestra

SEEN: Final = "muestra"
"""The key of `control` under which stands up to where finished cases were drawn from."""
DECIDED: Final = "effect.decided"
_OVERLAP_SECONDS: Final = 60.0
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Mes:
    """How far the reviews of a month are."""

    mes: str
    elegidos: int
    vistos: int
    con_observaciones: int


def start(store: Store) -> Key:
    """Return from where on finished cases are to be drawn from: a little before the last time.

    A transaction that began earlier may have been kept later: its cases bear an older time.
    """
    with store.read() as connection:
        kept = connection.execute(select(control.c.valor).where(control.c.clave == SEEN)).scalar_one_or_none()
    return (later(kept, -_OVERLAP_SECONDS) if kept else ""), ""


def draw(store: Store, drawn: Callable[[str], bool], after: Key, limit: int = 500) -> tuple[Key | None, int]:
    """Put finished cases that changed after a key into the sample, and return the key of the last one and how many.

    Taken are those that *drawn* names, and every one of which a person decided a doubt; the key is None for no more.
    """
    decided = select(diario.c.caso).where(diario.c.caso == casos.c.id, diario.c.evento == DECIDED).exists()
    known = select(muestra.c.caso).where(muestra.c.caso == casos.c.id).exists()
    columns = (casos.c.id, casos.c.cambiado, decided.label("decidido"), known.label("elegido"))
    beyond = tuple_(casos.c.cambiado, casos.c.id) > tuple_(literal(after[0]), literal(after[1]))
    query = select(*columns).where(casos.c.cambiado >= after[0], beyond, casos.c.estado == "terminado")
    with store.read() as connection:
        rows = connection.execute(query.order_by(casos.c.cambiado, casos.c.id).limit(limit)).all()
    if not rows:
        return None, 0
    taken = [row.id for row in rows if not row.elegido and (row.decidido or drawn(row.id))]
    here = sqlite if store.is_sqlite else postgresql
    with store.write() as connection:
        now = store.now(connection)
        if taken:
            lines = [{"caso": case, "elegido": now} for case in taken]
            connection.execute(here.insert(muestra).on_conflict_do_nothing(), lines)
        seen = {"valor": rows[-1].cambiado, "por": "", "cuando": now}
        kept = here.insert(control).values(clave=SEEN, **seen)
        connection.execute(kept.on_conflict_do_update(index_elements=["clave"], set_=seen))
    return (rows[-1].cambiado, rows[-1].id), len(taken)


def of(store: Store, caso: str) -> Row | None:
    """Return a case's review, signed (`revisor`) or not, or None where it isn't in the sample."""
    with store.read() as connection:
        return connection.execute(select(muestra).where(muestra.c.caso == caso)).mappings().one_or_none()


def add(store: Store, caso: str) -> None:
    """Put a case into the sample, as a supervisor wants. Raises `Rejected` for one that isn't finished."""
    with store.write() as connection:
        over = select(casos.c.id).where(casos.c.id == caso, casos.c.estado == "terminado")
        if connection.execute(over).first() is None:
            raise Rejected("Solo se revisan los casos terminados")
        here = sqlite if store.is_sqlite else postgresql
        row = {"caso": caso, "elegido": store.now(connection)}
        connection.execute(here.insert(muestra).on_conflict_do_nothing(), row)


def pending(store: Store, limit: int = 200) -> Sequence[Row]:
    """Return the cases that nobody has signed, those drawn first in front."""
    unseen = muestra.c.revisor.is_(None)
    query = select(casos, muestra.c.elegido).join_from(muestra, casos).where(unseen)
    with store.read() as connection:
        return connection.execute(query.order_by(muestra.c.elegido, casos.c.id).limit(limit)).mappings().all()


def signed(store: Store, limit: int = 50) -> Sequence[Row]:
    """Return what was signed last."""
    columns = (muestra, casos.c.codigo, casos.c.suscriptor, casos.c.asesor)
    query = select(*columns).join_from(muestra, casos).where(muestra.c.revisor.is_not(None))
    with store.read() as connection:
        return connection.execute(query.order_by(muestra.c.cuando.desc()).limit(limit)).mappings().all()


def unsigned(store: Store) -> int:
    """Return how many cases nobody has signed."""
    with store.read() as connection:
        return int(connection.execute(select(func.count()).where(muestra.c.revisor.is_(None))).scalar_one())


def months(store: Store, limit: int = 12) -> list[Mes]:
    """Return how far each month's reviews are, the newest first; a month is that in which its cases were drawn."""
    month = func.substr(muestra.c.elegido, 1, 7).label("mes")
    seen = func.count(muestra.c.revisor)
    odd = func.sum(sql_case((muestra.c.dictamen == DICTAMENES[1], 1), else_=0))
    query = select(month, func.count(), seen, odd).group_by(month).order_by(month.desc()).limit(limit)
    with store.read() as connection:
        return [
            Mes(mes=m, elegidos=int(a), vistos=int(b), con_observaciones=int(c or 0))
            for m, a, b, c in connection.execute(query)
        ]


def sign(store: Store, caso: str, *, revisor: str, dictamen: str, nota: str = "") -> None:
    """Write a review. Raises `Rejected` for one's own case, one that is signed, and remarks without a word."""
    note = " ".join(nota.split())
    if dictamen not in DICTAMENES:
        raise Rejected("Falta el dictamen", remedy="Elija «Conforme» o «Con observaciones».")
    if dictamen == DICTAMENES[1] and not note:
        raise Rejected("Faltan las observaciones", remedy="Escriba qué encontró: queda con la revisión.")
    if len(note) > 1000:
        raise Rejected("Las observaciones son demasiado largas", remedy="Use 1000 letras como mucho.")
    with store.write() as connection:
        owner = connection.execute(select(casos.c.asesor).where(casos.c.id == caso)).scalar_one_or_none()
        if owner == revisor:
            raise Rejected("No puede revisar un caso suyo", remedy="Pida a otra persona que lo revise.")
        row = {"revisor": revisor, "cuando": store.now(connection), "dictamen": dictamen, "nota": note}
        mine = (muestra.c.caso == caso, muestra.c.revisor.is_(None))
        if connection.execute(update(muestra).where(*mine).values(**row)).rowcount == 0:
            raise Rejected(f"El caso {caso} ya está revisado, o no está en la muestra", remedy="Vea la lista.")
