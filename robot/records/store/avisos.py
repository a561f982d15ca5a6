"""Notices for people: one row for each occurrence of something that wants somebody, resolved when it is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.schema import casos
from robot.records.store.schema_panel import avisos, vistos

SHOWN_DAYS: Final = 7
"""How long a notice that is over stays on the list."""


@dataclass(frozen=True, kw_only=True)
class Asunto:
    """Something that wants somebody as long as it lasts; *que* names it, so that it is told once."""

    que: str
    tipo: str
    titulo: str
    texto: str = ""
    nivel: str = "aviso"
    caso: str | None = None
    enlace: str = ""


Told = Callable[[Connection, Sequence[tuple[int, Asunto]]], None]


def keep(store: Store, begins: Sequence[str], asuntos: Collection[Asunto], told: Told) -> int:
    """Make a notice of each matter that has none, and resolve those whose name begins so and whose matter is over.

    *told* is given the new ones within the same transaction. Return how many are new. What comes back after it was
    over is another occurrence.
    """
    wanted = {asunto.que: asunto for asunto in asuntos}
    if living(store, begins) == set(wanted):
        return 0
    with store.write() as connection:
        store.one_at_a_time(connection, "control")
        now = store.now(connection)
        known = _living(connection, begins)
        over = [number for que, number in known.items() if que not in wanted]
        for start in range(0, len(over), 400):
            some = avisos.c.id.in_(over[start : start + 400])
            connection.execute(update(avisos).where(some).values(resuelto=now))
        fresh = [(_write(connection, asunto, now), asunto) for que, asunto in wanted.items() if que not in known]
        if fresh:
            told(connection, fresh)
    return len(fresh)


def living(store: Store, begins: Sequence[str]) -> set[str]:
    """Return the names of the matters that last and begin so."""
    with store.read() as connection:
        return set(_living(connection, begins))


def _living(connection: Connection, begins: Sequence[str]) -> dict[str, int]:
    named = or_(*(avisos.c.clave.startswith(begin, autoescape=True) for begin in begins))
    query = select(avisos.c.id, avisos.c.clave).where(avisos.c.resuelto.is_(None), named)
    return {str(row.clave).rpartition("#")[0]: int(row.id) for row in connection.execute(query)}


def _write(connection: Connection, asunto: Asunto, now: str) -> int:
    before = avisos.c.clave.startswith(f"{asunto.que}#", autoescape=True)
    times = int(connection.execute(select(func.count()).where(before)).scalar_one())
    row = {
        "clave": f"{asunto.que}#{times + 1}",
        "tipo": asunto.tipo,
        "nivel": asunto.nivel,
        "titulo": asunto.titulo,
        "texto": asunto.texto,
        "caso": asunto.caso,
        "enlace": asunto.enlace,
        "creado": now,
    }
    return int(connection.execute(insert(avisos).values(**row).returning(avisos.c.id)).scalar_one())


def _seen_by(asesor: str | None) -> ColumnElement[bool]:
    """Return the condition of the notices that somebody may see: an advisor, those of their own cases."""
    if asesor is None:
        return avisos.c.id.is_not(None)
    return avisos.c.caso.in_(select(casos.c.id).where(casos.c.asesor == asesor))


def _since(usuario: str) -> Select[tuple[int]]:
    return select(func.coalesce(func.max(vistos.c.hasta), 0)).where(vistos.c.usuario == usuario)


def unseen(store: Store, usuario: str, *, asesor: str | None) -> int:
    """Return how many living notices somebody has not looked at; *asesor* limits them to that advisor's cases."""
    new = and_(avisos.c.resuelto.is_(None), avisos.c.id > _since(usuario).scalar_subquery(), _seen_by(asesor))
    with store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(avisos).where(new)).scalar_one())


def listing(store: Store, usuario: str, *, asesor: str | None, limit: int = 200) -> Sequence[Row]:
    """Return the notices that somebody may see: the living ones first, then those that are over, the newest first.

    The column `nuevo` says whether they have not looked at it.
    """
    with store.read() as connection:
        recent = avisos.c.resuelto > later(store.now(connection), -SHOWN_DAYS * 86400)
        is_new = (avisos.c.id > _since(usuario).scalar_subquery()).label("nuevo")
        shown = and_(or_(avisos.c.resuelto.is_(None), recent), _seen_by(asesor))
        order = (avisos.c.resuelto.is_not(None), avisos.c.id.desc())
        query = select(avisos, is_new).where(shown).order_by(*order).limit(limit)
        return connection.execute(query).mappings().all()


def look(store: Store, usuario: str, until: int) -> None:
    """Note that somebody has looked at the notices up to this one."""
    with store.write() as connection:
        into = sqlite.insert(vistos) if store.is_sqlite else postgresql.insert(vistos)
        statement = into.values(usuario=usuario, hasta=until)
        farther = vistos.c.hasta < until
        connection.execute(
            statement.on_conflict_do_update(index_elements=["usuario"], set_={"hasta": until}, where=farther)
        )
