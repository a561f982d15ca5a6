"""Requests become cases, each once: the same-request rule within one transaction, whoever else loads the same file."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from robot.records.caso import new_mark
from robot.records.solicitud import Solicitud
from robot.records.store.cases import BATCH, name_of
from robot.records.store.engine import Store, later, stamp
from robot.records.store.projection import salt_row
from robot.records.store.schema import NEVER, NOTHING, OPEN, casos, control, filas, lotes, valores

CHUNK: Final = 400
"""Rows asked about at once: two values each, and old SQLite allows 999 in a statement."""
_NOT_DATA: Final = frozenset({"solicitud", "nueva_ocasion"})


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """A good request that may become a case; `fila` is its row where it came in a file."""

    solicitud: Solicitud
    fila: int = 0


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of it: a new case, the same request as an older one, or an error in one field.

    `estado` is that of the older case, and `por_referencia` says that the request's own reference named it.
    """

    resultado: Literal["nuevo", "ya_atendido", "error"]
    caso: str = ""
    campo: str = ""
    mensaje: str = ""
    fila: int = 0
    estado: str = ""
    por_referencia: bool = False


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Where a group of requests comes from and how urgent it is."""

    lote: str | None = None
    asesor: str = ""
    para_usuario: str = ""
    """The Serviweb user under which alone they run; «» for any."""
    prioridad: int = BATCH
    dias_duplicado: int = 25
    todo_o_nada: bool = False
    """With an error in one of them, none is taken."""
    espera_segundos: float = 0
    """How long the queue leaves them to whoever made them."""
    fila_una_vez: bool = False
    """A row that says *nueva ocasión*, without a reference of its own, isn't taken from the same file again."""


@dataclass
class _Known:
    """One case that a request may repeat."""

    id: str
    codigo: str
    estado: str
    referencia: str
    cambiado: str
    solicitud: Solicitud | None = None


@dataclass
class _Index:
    """The cases that a group of requests may repeat, by reference and by subscriber."""

    by_reference: dict[str, _Known] = field(default_factory=dict)
    by_code: dict[str, list[_Known]] = field(default_factory=dict)

    def add(self, known: _Known) -> None:
        if known.referencia:
            self.by_reference[known.referencia] = known
        self.by_code.setdefault(known.codigo, []).append(known)


def open_lot(store: Store, archivo: str, huella: str, asesor: str) -> str:
    """Make a batch for a file; return its name, such as `L-7K3QF2M`."""
    name = f"L-{new_mark().removeprefix('R-')}"
    with store.write() as connection:
        row = {"id": name, "archivo": archivo, "huella": huella, "asesor": asesor, "creado": store.now(connection)}
        connection.execute(insert(lotes), row)
    return name


def take(store: Store, rows: Sequence[NewCase], batch: Batch, now: datetime | None = None) -> list[Taken]:
    """Make a case of each request that is none yet, all in one transaction; say of each what became of it, in order.

    An equal reference is the same request, whatever else differs. Else it is an unfinished case of the subscriber with
    equal data (other data is an error that names the field), or a case that ended within `dias_duplicado`, unless a
    person says *nueva ocasión*; beside a case that runs, is in doubt or incomplete not even then.
    """
    taken: list[Taken] = []
    with suppress(_NoneTakenError), store.write() as connection:
        store.one_at_a_time(connection, "take")
        moment = stamp(now) if now else store.now(connection)
        for start in range(0, len(rows), CHUNK):
            taken += _take_chunk(store, connection, rows[start : start + CHUNK], batch, moment)
        if batch.todo_o_nada and any(one.resultado == "error" for one in taken):
            raise _NoneTakenError
    return taken


def foreseen(store: Store, rows: Sequence[NewCase], batch: Batch) -> list[Taken]:
    """Say of each request what `take` would make of it now; nothing is written, and a new one has no mark yet."""
    found: list[Taken] = []
    with store.read() as connection:
        since = stamp(datetime.fromisoformat(store.now(connection)) - timedelta(days=batch.dias_duplicado))
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            index = _repeatable(connection, some)
            found += [
                _repeated(connection, index, row, since) or Taken(resultado="nuevo", fila=row.fila) for row in some
            ]
    return found


class _NoneTakenError(Exception):
    """Undo the transaction: what it says became of each row is for the person who corrects the file."""


def _take_chunk(store: Store, connection: Connection, rows: Sequence[NewCase], batch: Batch, now: str) -> list[Taken]:
    index = _repeatable(connection, rows)
    since = stamp(datetime.fromisoformat(now) - timedelta(days=batch.dias_duplicado))
    marks = _fresh_marks(connection, len(rows))
    before = _taken_before(connection, rows, batch) if batch.fila_una_vez else {}
    made: list[dict[str, Any]] = []
    values: list[dict[str, Any]] = []
    taken: list[Taken] = []
    for row in rows:
        found = _repeated(connection, index, row, since) or _same_row(row, before)
        if found is None:
            mark = marks.pop()
            case, private = _rows(row.solicitud, mark, batch, now)
            made.append(case)
            values.append(private)
            one = row.solicitud
            index.add(_Known(mark, one.codigo, "en_cola", one.solicitud, now, one))
            found = Taken(resultado="nuevo", caso=mark, fila=row.fila)
        taken.append(found)
    if made:
        salt = sqlite.insert(control) if store.is_sqlite else postgresql.insert(control)
        connection.execute(salt.values(**salt_row(now)).on_conflict_do_nothing())
        connection.execute(insert(casos), made)
        connection.execute(insert(valores), values)
    if batch.lote:
        names = ("fila", "resultado", "campo", "mensaje")
        lines = [{"lote": batch.lote, "caso": t.caso or None, **{n: getattr(t, n) for n in names}} for t in taken]
        connection.execute(insert(filas), lines)
    return taken


def _repeatable(connection: Connection, rows: Sequence[NewCase]) -> _Index:
    """Return what these requests may repeat: cases of which something is, or may come to be, in Serviweb."""
    index = _Index()
    codes = {row.solicitud.codigo for row in rows}
    references = {row.solicitud.solicitud for row in rows} - {""}
    named: list[ColumnElement[bool]] = [casos.c.codigo.in_(codes)]
    if references:
        named.append(and_(casos.c.referencia.in_(references), casos.c.referencia != ""))
    columns = (casos.c.id, casos.c.codigo, casos.c.estado, casos.c.referencia, casos.c.cambiado)
    query = select(*columns).where(casos.c.estado.not_in(NOTHING), or_(*named)).order_by(casos.c.orden)
    for found in connection.execute(query):
        index.add(_Known(*found))
    return index


def _taken_before(connection: Connection, rows: Sequence[NewCase], batch: Batch) -> dict[int, str]:
    """Return the cases that other lots of the same file made of these rows, by their numbers."""
    numbers = [row.fila for row in rows if row.solicitud.nueva_ocasion and not row.solicitud.solicitud]
    same = select(lotes.c.huella).where(lotes.c.id == batch.lote).scalar_subquery()
    query = (
        select(filas.c.fila, filas.c.caso)
        .join_from(filas, lotes, filas.c.lote == lotes.c.id)
        .where(lotes.c.huella == same, lotes.c.id != batch.lote)
        .where(filas.c.fila.in_(numbers), filas.c.resultado == "nuevo")
    )
    return {fila: str(caso) for fila, caso in connection.execute(query)} if numbers else {}


def _fresh_marks(connection: Connection, number: int) -> list[str]:
    """Return marks that no case has: by chance alone a batch of 100,000 would meet a known one now and then."""
    marks: set[str] = set()
    while len(marks) < number:
        wanted = {new_mark() for _ in range(number - len(marks))}
        marks |= wanted - set(connection.execute(select(casos.c.id).where(casos.c.id.in_(wanted))).scalars())
    return list(marks)


def _rows(solicitud: Solicitud, mark: str, batch: Batch, now: str) -> tuple[dict[str, Any], dict[str, Any]]:
    salt = secrets.token_hex(16)
    case = {
        "id": mark,
        "codigo": solicitud.codigo,
        "ruta": solicitud.ruta,
        "suscriptor": solicitud.suscriptor,
        "prioridad": batch.prioridad,
        "orden": time.time_ns(),
        "lote": batch.lote,
        "referencia": solicitud.solicitud,
        "nueva_ocasion": solicitud.nueva_ocasion,
        "asesor": batch.asesor,
        "para_usuario": batch.para_usuario,
        "huella": solicitud.fingerprint(salt),
        "disponible": later(now, batch.espera_segundos),
        "vence": NEVER,
        "creado": now,
        "cambiado": now,
    }
    request = json.dumps(solicitud.model_dump(mode="json"), ensure_ascii=False)
    return case, {"caso": mark, "sal": salt, "solicitud": request}


def _repeated(connection: Connection, index: _Index, row: NewCase, since: str) -> Taken | None:
    """Return what this request repeats, or why it can't be taken; None when it is new."""
    one = row.solicitud
    same = index.by_reference.get(one.solicitud) if one.solicitud else None
    if same:
        return _already(row, same, por_referencia=True)
    theirs = index.by_code.get(one.codigo, [])
    blocking = next((known for known in theirs if known.estado in OPEN), None)
    unfinished = blocking or next((known for known in theirs if known.estado != "terminado"), None)
    if one.nueva_ocasion:
        if blocking:
            why = f"el suscriptor tiene el caso {blocking.id} {name_of(blocking.estado)}; resuélvalo primero"
            return _error(row, blocking, "nueva_ocasion", why)
        return None
    if unfinished:
        return _already_or_other(connection, row, unfinished)
    recent = next((known for known in theirs if known.cambiado > since), None)
    return _already(row, recent) if recent else None


def _same_row(row: NewCase, before: dict[int, str]) -> Taken | None:
    """Return why a row can't be taken that the same file brought before; None where it didn't."""
    if row.fila not in before:
        return None
    why = "esta fila del mismo archivo ya se puso en cola; si de verdad es otra, escriba su referencia"
    return Taken(resultado="error", caso=before[row.fila], campo="nueva_ocasion", mensaje=why, fila=row.fila)


def _already(row: NewCase, known: _Known, *, por_referencia: bool = False) -> Taken:
    told = f"ya atendido, caso {known.id} ({name_of(known.estado)})"
    return Taken(
        resultado="ya_atendido",
        caso=known.id,
        mensaje=told,
        fila=row.fila,
        estado=known.estado,
        por_referencia=por_referencia,
    )


def _error(row: NewCase, known: _Known, campo: str, why: str) -> Taken:
    return Taken(resultado="error", caso=known.id, campo=campo, mensaje=why, fila=row.fila, estado=known.estado)


def _already_or_other(connection: Connection, row: NewCase, known: _Known) -> Taken:
    """Compare with a case that isn't finished: equal data is the same request, else the field that differs is named."""
    mine = row.solicitud.model_dump(mode="json")
    if known.solicitud is not None:
        theirs = known.solicitud.model_dump(mode="json")
    else:
        stored = connection.execute(select(valores.c.solicitud).where(valores.c.caso == known.id)).scalar_one_or_none()
        theirs = json.loads(stored) if stored else mine
    differs = [name for name in mine if name not in _NOT_DATA and mine[name] != theirs.get(name)]
    if mine["solicitud"] and known.referencia and mine["solicitud"] != known.referencia:
        differs.append("solicitud")
    if not differs:
        return _already(row, known)
    why = (
        f"no es igual a la del caso {known.id}, que está {name_of(known.estado)}; corrija el dato, o indique "
        "nueva_ocasion con el motivo si es otra reconexión"
    )
    return _error(row, known, differs[0], why)
