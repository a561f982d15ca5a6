"""The sample of finished cases that a supervisor must look at and sign."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, literal, select, tuple_, update
from sqlalchemy import case as sql_case
from sqlalchemy.dialects import postgresql, sqlite

from robot.errors import Rejected
from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.schema import casos, control, diario, pagos
from robot.records.store.schema_panel import DICTAMENES, encargos, muestra
from robot.text import fold

SEEN: Final = "muestra"
"""The key of `control` under which stands up to where finished cases were drawn from."""
DECIDED: Final = "effect.decided"
PAID: Final = "payment.recorded"
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


def own_hand(store: Store, marks: Sequence[str], usuario: str, nombre: str = "") -> dict[str, str]:
    """Return the cases that somebody had a hand in and so may not review, each with what she did."""
    with store.read() as connection:
        return _own_hand(connection, marks, usuario, nombre)


def _own_hand(connection: Connection, marks: Sequence[str], usuario: str, nombre: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for mark, who, what in _hands(connection, marks):
        if _signed_by(who, usuario, nombre):
            found.setdefault(mark, what)
    return found


def _hands(connection: Connection, marks: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield who had a hand in each case, and what it was: its advisor first, then decisions and payments."""
    owners = select(casos.c.id, casos.c.asesor).where(casos.c.id.in_(marks))
    for mark, owner in connection.execute(owners):
        yield mark, owner, "es un caso suyo"
    decided = select(encargos.c.caso, encargos.c.persona, encargos.c.confirma)
    for mark, first, second in connection.execute(
        decided.where(encargos.c.caso.in_(marks), encargos.c.que != "consultar")
    ):
        yield mark, first, "usted decidió su duda"
        yield mark, second, "usted confirmó una decisión suya"
    told = select(diario.c.caso, diario.c.entrada)
    for mark, text in connection.execute(told.where(diario.c.caso.in_(marks), diario.c.evento.in_((DECIDED, PAID)))):
        entry = json.loads(text)
        yield mark, str(entry.get("persona") or ""), "usted decidió su duda"
        yield mark, str(entry.get("confirma") or ""), "usted confirmó una decisión suya"
        yield mark, str(entry.get("registrado_por") or ""), "usted registró su pago"
    for mark, who in connection.execute(select(pagos.c.caso, pagos.c.registrado_por).where(pagos.c.caso.in_(marks))):
        yield mark, who, "usted registró su pago"


def _signed_by(text: str, usuario: str, nombre: str) -> bool:
    """Say whether a name in the records is somebody's: «Sofía Restrepo (sofia)», her account, or her name alone."""
    if text.endswith(")"):
        return text.rpartition("(")[2].removesuffix(")") == usuario
    return bool(text) and fold(text) in {fold(usuario), fold(nombre)}


def sign(store: Store, caso: str, *, revisor: str, dictamen: str, nombre: str = "", nota: str = "") -> None:
    """Write a review. Raises `Rejected` for a case one had a hand in, a signed one, and remarks without a word."""
    note = " ".join(nota.split())
    if dictamen not in DICTAMENES:
        raise Rejected("Falta el dictamen", remedy="Elija «Conforme» o «Con observaciones».")
    if dictamen == DICTAMENES[1] and not note:
        raise Rejected("Faltan las observaciones", remedy="Escriba qué encontró: queda con la revisión.")
    if len(note) > 1000:
        raise Rejected("Las observaciones son demasiado largas", remedy="Use 1000 letras como mucho.")
    with store.write() as connection:
        if why := _own_hand(connection, [caso], revisor, nombre).get(caso):
            raise Rejected(f"No puede revisar este caso: {why}", remedy="Pida a otra persona que lo revise.")
        row = {"revisor": revisor, "cuando": store.now(connection), "dictamen": dictamen, "nota": note}
        mine = (muestra.c.caso == caso, muestra.c.revisor.is_(None))
        if connection.execute(update(muestra).where(*mine).values(**row)).rowcount == 0:
            raise Rejected(f"El caso {caso} ya está revisado, o no está en la muestra", remedy="Vea la lista.")
