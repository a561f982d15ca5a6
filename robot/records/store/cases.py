"""What the database knows of each case, and the one statement that changes a case's state."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    func,
    literal,
    select,
    text,
    tuple_,
    union,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from robot.errors import Rejected
from robot.records.caso import NOMBRE_ESTADO
from robot.records.journal import Entry
from robot.records.store.engine import Store, stamp
from robot.records.store.schema import (
    ESTADOS,
    NEVER,
    NOTHING,
    OPEN,
    TRANSITIONS,
    casos,
    control,
    diario,
    efectos,
    filas,
    pagos,
    pagos_inesperados,
    valores,
)
from robot.records.store.schema_panel import exactas, palabras
from robot.settings import BOGOTA

FOREGROUND: Final = 0
PAID: Final = 10
BATCH: Final = 20
"""Priorities: an advisor's single run, a paid trámite stage, a row of a batch. The lowest goes first."""
PAUSE: Final = "pausa"
QUARANTINE: Final = "cuarentena"
CIRCUIT: Final = "circuito"
SET: Final = "sí"
"""The value of a switch that was set without a reason."""
TWIN: Final = "por anular"
"""The reason that the effect of a second document bears until its annulment is recorded."""
UNFINISHED: Final = tuple(estado for estado in ESTADOS if estado not in ("terminado", *NOTHING))
_NOT_CANCELLED: Final = {"cancelar_por": None, "cancelar_cuando": None}
_ASKED: Final = 400  # values in a statement: old SQLite allows 999
Row = RowMapping


def may_become(estado: str) -> list[str]:
    """Return the states from which a case may become *estado*."""
    return sorted(origin for origin, goals in TRANSITIONS.items() if estado in goals)


def move(connection: Connection, case: str, estado: str, *conditions: Any, now: str, **changed: Any) -> bool:
    """Put a case into a state, if it may go there and the conditions hold; say whether it did.

    Leaving *en_curso* gives the lease up. Raises `sqlalchemy.exc.IntegrityError` when the state would say that nothing
    is in Serviweb and something is, or when the subscriber already has an open case.
    """
    free = {} if estado == "en_curso" else {"trabajador": None, "vence_arriendo": None}
    statement = (
        update(casos)
        .where(casos.c.id == case, casos.c.estado.in_(may_become(estado)), *conditions)
        .values(estado=estado, cambiado=now, **free, **changed)
    )
    return connection.execute(statement).rowcount == 1


def change(store: Store, case: str, estado: str, **changed: Any) -> None:
    """Put a case that nobody works into a state, as a person decided. Raises `Rejected` when it may not go there."""
    with store.write() as connection:
        if not move(connection, case, estado, casos.c.trabajador.is_(None), now=store.now(connection), **changed):
            raise Rejected(_why_not(connection, case, estado))


def again(store: Store, case: str) -> None:
    """Put a case that lacks something back into the queue, for what is missing. Raises `Rejected`.

    Whoever asked to cancel it half way is overruled by whoever continues it.
    """
    change(store, case, "en_cola", intentos=0, **_NOT_CANCELLED)


def overrule(store: Store, case: str) -> None:
    """Take back the request by which a case was cancelled half way, since a person continues it by hand now."""
    with store.write() as connection:
        mine = (casos.c.id == case, casos.c.estado == "incompleto")
        connection.execute(update(casos).where(*mine).values(**_NOT_CANCELLED))


def _why_not(connection: Connection, case: str, estado: str) -> str:
    found = connection.execute(select(casos.c.estado, casos.c.trabajador).where(casos.c.id == case)).one_or_none()
    if found is None:
        return f"No existe el caso {case}"
    if found.trabajador:
        return f"El caso {case} lo está trabajando {found.trabajador}"
    short = [name_of(one).partition(": ")[0] for one in (found.estado, estado)]  # the rest says what stands in Serviweb
    return f"El caso {case} está {short[0]} y no puede pasar a {short[1]}"


def _not_cancelled(connection: Connection, case: str) -> Rejected:
    """Return why a case can't be cancelled any more, and what is done instead: what it saved stays in Serviweb."""
    estado = connection.execute(select(casos.c.estado).where(casos.c.id == case)).scalar_one_or_none()
    kept = (efectos.c.caso == case, efectos.c.estado == "confirmado", efectos.c.tipo != "tercero")
    query = select(efectos.c.tipo, efectos.c.numero).where(*kept).order_by(efectos.c.n)
    there = connection.execute(query).all()
    numbers = [str(row.numero) for row in there]
    if not numbers or estado not in ("esperando_pago", "incompleto", "terminado"):
        doubt = "Primero se resuelve lo que está en duda." if estado == "en_duda" else "Ya no hay qué cancelar."
        return Rejected(_why_not(connection, case, "cancelado"), remedy=doubt)
    listed = " y ".join(filter(None, (", ".join(numbers[:-1]), numbers[-1])))
    if estado == "terminado":
        return Rejected(f"El caso {case} ya terminó: tiene {listed} en Serviweb", remedy="Ya no hay qué cancelar.")
    them = "anúlelos" if len(numbers) > 1 else "anúlela" if there[0].tipo == "factura" else "anúlelo"
    return Rejected(
        f"El caso {case} ya tiene {listed} en Serviweb: {them} allí y ciérrelo",
        remedy="Cancelar no anula nada en Serviweb; al cerrar el caso un supervisor registra lo que se anuló.",
    )


def name_of(estado: str) -> str:
    """Return a state as people say it."""
    return NOMBRE_ESTADO.get(estado, estado)


def release_paid(store: Store, case: str, vence: str = NEVER) -> None:
    """Let the trámite stage of a case with a recorded payment begin, before batches and by its due time (D4)."""
    with store.write() as connection:
        paid = select(pagos.c.caso).where(pagos.c.caso == case).exists()
        now = store.now(connection)
        waiting = casos.c.estado == "esperando_pago"
        changed = {"etapa": "tramite", "prioridad": PAID, "vence": vence, "disponible": now}
        if not move(connection, case, "en_cola", waiting, paid, now=now, **changed):
            raise Rejected(f"El caso {case} no espera un pago, o su pago no está registrado")


def request_cancel(store: Store, case: str, by: str) -> str:
    """Ask that a case be cancelled and return its state: a running one ends before its next commit, others at once.

    Raises `Rejected` when there is nothing left to cancel.
    """
    with store.write() as connection:
        now = store.now(connection)
        asked = {"cancelar_por": by, "cancelar_cuando": now}
        statement = update(casos).where(casos.c.id == case, casos.c.estado.in_(("en_cola", "en_curso"))).values(**asked)
        if connection.execute(statement).rowcount == 0:
            raise _not_cancelled(connection, case)
        untouched = ~select(efectos.c.caso).where(efectos.c.caso == case).exists()
        waiting = casos.c.estado == "en_cola"
        if move(connection, case, "cancelado", waiting, untouched, now=now, motivo=f"lo canceló {by}"):
            return "cancelado"
        return str(connection.execute(select(casos.c.estado).where(casos.c.id == case)).scalar_one())


# The queue's switches.


def switch_on(store: Store, key: str, by: str, value: str = "") -> None:
    """Set a switch: `PAUSE`, `QUARANTINE`, or `CIRCUIT` with the time until which nothing is taken."""
    with store.write() as connection:
        row = {"clave": key, "valor": value or SET, "por": by, "cuando": store.now(connection)}
        insert = sqlite.insert(control) if store.is_sqlite else postgresql.insert(control)
        rest = {name: row[name] for name in ("valor", "por", "cuando")}
        connection.execute(insert.values(**row).on_conflict_do_update(index_elements=["clave"], set_=rest))


def why(row: Row) -> str:
    """Return the reason that a switch was set with; «» when none was told."""
    return "" if row["valor"] == SET else str(row["valor"])


def switch_off(store: Store, key: str) -> None:
    """Take a switch away."""
    with store.write() as connection:
        connection.execute(control.delete().where(control.c.clave == key))


def switches(store: Store) -> dict[str, Row]:
    """Return what is set, by its key."""
    with store.read() as connection:
        wanted = (PAUSE, QUARANTINE, CIRCUIT)
        rows = connection.execute(select(control).where(control.c.clave.in_(wanted))).mappings()
        return {str(row["clave"]): row for row in rows}


# Questions.


def _all(store: Store, query: Select[Any]) -> Sequence[Row]:
    with store.read() as connection:
        return connection.execute(query).mappings().all()


def case(store: Store, name: str) -> Row:
    """Return a case by its mark. Raises `Rejected`."""
    rows = _all(store, select(casos).where(casos.c.id == name.strip().upper()))
    if not rows:
        raise Rejected(f"No existe el caso {name}", remedy="Revise la marca del caso, por ejemplo R-7K3QF2M.")
    return rows[0]


def find(store: Store, name: str) -> Sequence[Row]:
    """Return the cases that a text names, oldest first, each with the column `por`, which says how it does.

    `marca`, its mark; `numero`, a number of Serviweb, the receipt that paid it, or the request's own reference;
    `codigo`, its subscriber. A case named in two ways is there twice.
    """
    wanted = name.strip()
    known = efectos.c.numero.is_not(None) & (efectos.c.tipo != "tercero")
    written = tuple({wanted, wanted.upper(), wanted.lower()})  # as Serviweb prints it, or as hurried people type it
    mark, number, code = (literal(how).label("por") for how in ("marca", "numero", "codigo"))
    named = union(
        select(casos.c.id, mark).where(casos.c.id == wanted.upper()),
        select(efectos.c.caso, number).where(efectos.c.numero.in_(written), known),
        select(pagos.c.caso, number).where(pagos.c.recibo == wanted.upper()),
        select(casos.c.id, number).where(casos.c.referencia == wanted, casos.c.referencia != ""),
        select(casos.c.id, code).where(casos.c.codigo == wanted),
    ).subquery()
    return _all(
        store, select(casos, named.c.por).join_from(named, casos, named.c.id == casos.c.id).order_by(casos.c.orden)
    )


def open_of(store: Store, codigo: str, *, but: str) -> Row | None:
    """Return the subscriber's open case other than *but*: the one that goes first."""
    rows = _all(store, select(casos).where(casos.c.codigo == codigo, casos.c.estado.in_(OPEN), casos.c.id != but))
    return rows[0] if rows else None


def find_in(store: Store, estado: str) -> Sequence[Row]:
    """Return the cases in a state, those that changed longest ago first."""
    return _all(store, select(casos).where(casos.c.estado == estado).order_by(casos.c.cambiado))


def waiting(store: Store) -> Sequence[Row]:
    """Return the cases that wait for their payment, the oldest first."""
    return find_in(store, "esperando_pago")


def unfinished(store: Store) -> Sequence[Row]:
    """Return the cases that aren't closed, the oldest first."""
    return _all(store, select(casos).where(casos.c.estado.in_(UNFINISHED)).order_by(casos.c.cambiado))


def moved_on(store: Store, day: date, *, also_unfinished: bool = False) -> Sequence[Row]:
    """Return the cases in which something happened on a day in Colombia, and if asked those that aren't closed too."""
    begin = datetime.combine(day, time.min, BOGOTA)
    start, end = stamp(begin), stamp(begin + timedelta(days=1))

    def within(column: Column[str]) -> ColumnElement[bool]:
        return and_(column >= start, column < end)

    ids = [
        select(casos.c.id).where(within(casos.c.creado)),
        select(casos.c.id).where(within(casos.c.cambiado)),
        select(pagos.c.caso).where(pagos.c.fecha == day.isoformat()),
        select(efectos.c.caso).where(within(efectos.c.cerrado)),
        select(pagos_inesperados.c.caso).where(within(pagos_inesperados.c.cuando)),
    ]
    if also_unfinished:
        ids.append(select(casos.c.id).where(casos.c.estado.in_(UNFINISHED)))
        ids.append(select(pagos_inesperados.c.caso).where(pagos_inesperados.c.atendido_por.is_(None)))
    return _all(store, select(casos).where(casos.c.id.in_(union(*ids))).order_by(casos.c.orden))


def doubts(store: Store) -> Sequence[Row]:
    """Return the effects in doubt with their cases, the oldest first."""
    joined = select(
        casos.c.id, casos.c.codigo, casos.c.suscriptor, casos.c.motivo.label("motivo_caso"), efectos
    ).join_from(efectos, casos, efectos.c.caso == casos.c.id)
    return _all(store, joined.where(efectos.c.estado == "en_duda").order_by(efectos.c.intencion))


def no_longer_in_doubt(store: Store) -> list[str]:
    """Return the cases in doubt none of whose effects is: their process died before it wrote the state."""
    doubtful = select(efectos.c.n).where(efectos.c.caso == casos.c.id, efectos.c.estado == "en_duda").exists()
    with store.read() as connection:
        free = (casos.c.estado == "en_duda", casos.c.trabajador.is_(None), ~doubtful)
        return list(connection.execute(select(casos.c.id).where(*free)).scalars())


def to_annul(store: Store) -> Sequence[Row]:
    """Return the second documents that a person decided to void and whose annulment isn't recorded, oldest first."""
    joined = select(casos.c.id, casos.c.codigo, efectos).join_from(efectos, casos, efectos.c.caso == casos.c.id)
    twins = text(f"efectos.motivo = '{TWIN}' AND efectos.estado = 'confirmado'")  # as its index says it
    return _all(store, joined.where(twins).order_by(efectos.c.intencion))


def ahead(store: Store, row: Row) -> int:
    """Return how many cases of the queue go before this one of it."""
    mine = (row["prioridad"], row["vence"], row["orden"])
    before = tuple_(casos.c.prioridad, casos.c.vence, casos.c.orden) < tuple_(*map(literal, mine))
    with store.read() as connection:
        query = select(func.count()).where(casos.c.estado == "en_cola", casos.c.cancelar_por.is_(None), before)
        return int(connection.execute(query).scalar_one())


def counts(store: Store) -> dict[str, int]:
    """Return how many cases are in each state."""
    with store.read() as connection:
        rows = connection.execute(select(casos.c.estado, func.count()).group_by(casos.c.estado)).all()
    return {str(estado): int(number) for estado, number in rows}


def by_lot(store: Store, lot: str) -> Sequence[Row]:
    """Return a batch's rows in order: what became of each when it was taken, and its case now."""
    now = [column for column in casos.c if column.name != "lote"]
    query = select(filas, *now).select_from(filas.outerjoin(casos, filas.c.caso == casos.c.id))
    return _all(store, query.where(filas.c.lote == lot).order_by(filas.c.fila))


def effects(store: Store, case: str) -> Sequence[Row]:
    """Return a case's effects, in order."""
    return _all(store, select(efectos).where(efectos.c.caso == case).order_by(efectos.c.n))


def owner(store: Store, tipo: str, numero: str, *, but: str = "") -> str | None:
    """Return the case that has, or before its annulment had, this number of Serviweb, other than *but*."""
    mine = (efectos.c.numero == numero, efectos.c.tipo == tipo, efectos.c.caso != but)
    with store.read() as connection:
        found = connection.execute(select(efectos.c.caso).where(*mine)).scalars().first()
    return str(found) if found else None


def request(store: Store, case: str) -> dict[str, Any] | None:
    """Return a case's request as JSON values, or None when it was erased (Ley 1581 de 2012)."""
    with store.read() as connection:
        found = connection.execute(select(valores.c.solicitud).where(valores.c.caso == case)).scalar_one_or_none()
    return json.loads(found) if found else None


def vouched(store: Store, case: str) -> tuple[str, str]:
    """Return the salt of a stored request and the salted hash of what came in."""
    with store.read() as connection:
        query = select(valores.c.sal, casos.c.huella).join_from(valores, casos, valores.c.caso == casos.c.id)
        row = connection.execute(query.where(casos.c.id == case)).one()
    return str(row.sal), str(row.huella)


def erase(store: Store, case: str) -> None:
    """Erase a case's request and what it is searched by; the audit chain holds only its salted hash and stays whole."""
    with store.write() as connection:
        connection.execute(valores.delete().where(valores.c.caso == case))
        for table in (palabras, exactas):
            connection.execute(table.delete().where(table.c.caso == case))


def diary(store: Store, case: str) -> list[Entry]:
    """Return a case's journal as the database has it: a machine without its folder writes it anew from here."""
    return diaries(store, [case]).get(case, [])


def diaries(store: Store, marks: Sequence[str]) -> dict[str, list[Entry]]:
    """Return the journals of these cases, by mark; a case that was never begun has none."""
    found: dict[str, list[Entry]] = {}
    for start in range(0, len(marks), _ASKED):
        query = select(diario.c.caso, diario.c.entrada).where(diario.c.caso.in_(marks[start : start + _ASKED]))
        with store.read() as connection:
            for row in connection.execute(query.order_by(diario.c.caso, diario.c.n)):
                found.setdefault(str(row.caso), []).append(json.loads(row.entrada))
    return found
