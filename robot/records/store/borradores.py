"""Drafts: files of requests that somebody corrects row by row before they go to the queue.

A draft's rows are personal data: they go when it is sent or discarded, and only counts stay. Whoever loads or sends one
holds its turn; a turn that fell silent may be taken by another process, and what the older one still writes is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from robot.errors import Rejected
from robot.records.columnas import Header
from robot.records.store.borrador_filas import Fila, row_of, write
from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.schema import filas
from robot.records.store.schema_panel import borrador_filas, borradores

SILENT_SECONDS: Final = 20
"""Whoever loads or sends and tells nothing for so long was interrupted."""
BUSY: Final = ("cargando", "enviando")
_HOLDING: Final = ("cargando", "abierto", "enviando")


def create(
    store: Store,
    draft: str,
    *,
    archivo: str,
    huella: str,
    usuario: str,
    header: Header,
    notas: Sequence[str],
    total: int,
) -> None:
    """Make a draft that somebody is about to load; its first turn is 1, its *total* the size of its file."""
    columns = json.dumps({"names": header.names, "fields": header.fields}, ensure_ascii=False)
    with store.write() as connection:
        now = store.now(connection)
        row = {
            "id": draft,
            "archivo": archivo,
            "huella": huella,
            "usuario": usuario,
            "columnas": columns,
            "notas": json.dumps(list(notas), ensure_ascii=False),
            "estado": "cargando",
            "turno": 1,
            "total": total,
            "creado": now,
            "cambiado": now,
        }
        connection.execute(insert(borradores), row)


def found(store: Store, draft: str) -> Row:
    """Return a draft. Raises `Rejected`."""
    with store.read() as connection:
        row = connection.execute(select(borradores).where(borradores.c.id == draft)).mappings().one_or_none()
    if row is None:
        raise Rejected(f"No existe el borrador {draft}", remedy="Vea la lista de archivos.")
    return row


def recent(store: Store, limit: int = 20) -> Sequence[Row]:
    """Return the drafts that hold rows and then the closed ones, the newest first."""
    holding = borradores.c.estado.in_(_HOLDING)
    order = (holding.desc(), borradores.c.creado.desc())
    with store.read() as connection:
        return connection.execute(select(borradores).order_by(*order).limit(limit)).mappings().all()


def same_file(store: Store, huella: str, *, but: str) -> Sequence[Row]:
    """Return other drafts of the same file that hold rows or were sent, the newest first."""
    mine = (borradores.c.huella == huella, borradores.c.id != but, borradores.c.estado != "descartado")
    with store.read() as connection:
        query = select(borradores).where(*mine).order_by(borradores.c.creado.desc()).limit(3)
        return connection.execute(query).mappings().all()


def is_silent(store: Store, row: Row) -> bool:
    """Say whether somebody was loading or sending a draft and fell silent."""
    with store.read() as connection:
        return row["estado"] in BUSY and row["cambiado"] < later(store.now(connection), -SILENT_SECONDS)


# Turns.


def take_turn(store: Store, draft: str, estado: str, *, total: int, lote: str | None = None) -> int:
    """Begin to load or send a draft, or go on where another fell silent; return the turn. Raises `Rejected`."""
    with store.write() as connection:
        now = store.now(connection)
        silent = and_(borradores.c.estado == estado, borradores.c.cambiado < later(now, -SILENT_SECONDS))
        free = or_(borradores.c.estado == "abierto", silent) if estado == "enviando" else silent
        changed = {"estado": estado, "turno": borradores.c.turno + 1, "hecho": 0, "total": total, "cambiado": now}
        if lote:
            changed["lote"] = func.coalesce(borradores.c.lote, lote)
        statement = update(borradores).where(borradores.c.id == draft, free).values(**changed)
        turn = connection.execute(statement.returning(borradores.c.turno)).scalar_one_or_none()
        if turn is None:
            raise Rejected(
                "El archivo ya se está trabajando, o ya no está abierto", remedy="Cargue la página de nuevo."
            )
        if estado == "cargando":
            connection.execute(delete(borrador_filas).where(borrador_filas.c.borrador == draft))
        return int(turn)


def _keep(connection: Connection, draft: str, turn: int, **changed: Any) -> bool:
    """Change a draft as whoever holds its turn; say whether the turn still is theirs."""
    mine = (borradores.c.id == draft, borradores.c.turno == turn, borradores.c.estado.in_(BUSY))
    return connection.execute(update(borradores).where(*mine).values(**changed)).rowcount == 1


def add(store: Store, draft: str, turn: int, header: Header, rows: Iterable[Fila], *, hecho: int) -> bool:
    """Take rows that were read; False when the turn was lost: nothing of them stands then."""
    lines = [row_of(draft, header, fila) for fila in rows]
    with store.write() as connection:
        if not _keep(connection, draft, turn, hecho=hecho, cambiado=store.now(connection)):
            return False
        if lines:
            connection.execute(insert(borrador_filas), lines)
    return True


def loaded(store: Store, draft: str, turn: int) -> None:
    """Open a draft that was read to its end."""
    with store.write() as connection:
        mine = borrador_filas.c.borrador == draft
        number = connection.execute(select(func.count()).where(mine)).scalar_one()
        _keep(connection, draft, turn, estado="abierto", leidas=number, cambiado=store.now(connection))


def failed(store: Store, draft: str, turn: int, why: str) -> None:
    """Close a draft whose file could not be read to its end, and keep why."""
    with store.write() as connection:
        if _keep(connection, draft, turn, estado="descartado", fallo=why, cambiado=store.now(connection)):
            connection.execute(delete(borrador_filas).where(borrador_filas.c.borrador == draft))


def answered(store: Store, lote: str, numbers: Sequence[int]) -> dict[int, Row]:
    """Return what became of these rows where the queue took them already, by number: their sender was interrupted."""
    with store.read() as connection:
        query = select(filas).where(filas.c.lote == lote, filas.c.fila.in_(numbers))
        return {row["fila"]: row for row in connection.execute(query).mappings()}


def sent(store: Store, draft: str, turn: int, *, gone: Sequence[int], back: Sequence[Fila], header: Header) -> bool:
    """Take away the rows that became cases, and mark those that came back; False when the turn was lost."""
    with store.write() as connection:
        done = len(gone) + len(back)
        counted = {"hecho": borradores.c.hecho + done, "puestas": borradores.c.puestas + len(gone)}
        if not _keep(connection, draft, turn, cambiado=store.now(connection), **counted):
            return False
        mine = borrador_filas.c.borrador == draft
        if gone:
            connection.execute(delete(borrador_filas).where(mine, borrador_filas.c.fila.in_(gone)))
        for fila in back:
            write(connection, draft, header, fila)
    return True


def finish(store: Store, draft: str, turn: int) -> None:
    """End a sending: a draft of which nothing is left to correct is closed, its rows left out are erased."""
    with store.write() as connection:
        mine = borrador_filas.c.borrador == draft
        left = select(func.count()).where(mine, borrador_filas.c.fuera.is_(False))
        estado = "abierto" if connection.execute(left).scalar_one() else "enviado"
        if _keep(connection, draft, turn, estado=estado, cambiado=store.now(connection)) and estado == "enviado":
            connection.execute(delete(borrador_filas).where(mine))


def discard(store: Store, draft: str) -> str:
    """Erase a draft's rows and close it; return its state: *enviado* when some of it went to the queue.

    Raises `Rejected` while somebody sends it.
    """
    with store.write() as connection:
        now = store.now(connection)
        silent = and_(borradores.c.estado.in_(BUSY), borradores.c.cambiado < later(now, -SILENT_SECONDS))
        free = or_(borradores.c.estado.in_(("abierto", "cargando")), silent)
        row = connection.execute(
            update(borradores)
            .where(borradores.c.id == draft, free)
            .values(turno=borradores.c.turno + 1, cambiado=now)
            .returning(borradores.c.puestas)
        ).one_or_none()
        if row is None:
            raise Rejected("El archivo se está poniendo en cola, o ya no está abierto", remedy="Espere a que termine.")
        estado = "enviado" if row.puestas else "descartado"
        connection.execute(update(borradores).where(borradores.c.id == draft).values(estado=estado))
        connection.execute(delete(borrador_filas).where(borrador_filas.c.borrador == draft))
    return estado
