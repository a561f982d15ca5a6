"""Errands: what a person decided of a case in doubt, and the queue's robot proves on Serviweb before it counts.

One open errand a case. One that needs a second person waits for another name than the first one's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from robot.errors import Rejected
from robot.records.store.cases import QUARANTINE, Row
from robot.records.store.engine import Store, later
from robot.records.store.schema import casos, control
from robot.records.store.schema_panel import ABIERTOS, encargos
from robot.text import fold

_REST_SECONDS: Final = 15.0
"""When an errand is tried again that could not be carried out just now."""


def ask(
    store: Store, caso: str, que: str, *, datos: Mapping[str, Any], persona: str, motivo: str, segunda: bool
) -> int:
    """Write an errand and return its number; with *segunda* it waits for a second person's yes.

    *que* is `existe` (`numero`), `doble` (`numeros`, `conserva`), `no_existe` (`codigo`) or `consultar`. A decision's
    *datos* name the `documento` in doubt and when it was `enviado` (or meant), since by the time it is carried out
    another one may be in doubt; with `continuar` the case goes back to the queue afterwards. Raises `Rejected` while
    another one is open.
    """
    with store.write() as connection:
        now = store.now(connection)
        row = {
            "caso": caso,
            "que": que,
            "datos": json.dumps(dict(datos), ensure_ascii=False),
            "persona": persona,
            "motivo": motivo,
            "estado": "espera_segunda" if segunda else "pendiente",
            "creado": now,
            "cambiado": now,
        }
        try:
            return int(connection.execute(insert(encargos).values(**row).returning(encargos.c.id)).scalar_one())
        except IntegrityError as error:
            raise Rejected(
                f"El caso {caso} ya tiene una decisión en camino", remedy="Espere a que termine, o retírela."
            ) from error


def _move(connection: Connection, goal: str, now: str, *conditions: ColumnElement[bool], **changed: Any) -> bool:
    statement = update(encargos).where(*conditions).values(estado=goal, cambiado=now, **changed)
    return connection.execute(statement).rowcount == 1


def confirm(store: Store, number: int, persona: str) -> None:
    """Say the second person's yes. Raises `Rejected` for the first person, or when nothing waits for it."""
    row = errand(store, number)
    if same_person(persona, row["persona"]):
        raise Rejected("Quien confirma debe ser otra persona que quien decide")
    with store.write() as connection:
        mine = (encargos.c.id == number, encargos.c.estado == "espera_segunda")
        if not _move(connection, "pendiente", store.now(connection), *mine, confirma=persona):
            raise Rejected("Esa decisión ya no espera una confirmación", remedy="Vea el caso.")


def same_person(one: str, other: str) -> bool:
    """Say whether two signatures are one person's: by the account in «Sofía Restrepo (sofia)», or by the name."""
    accounts = {text.rpartition("(")[2] for text in (one, other) if text.endswith(")")}
    both = one.endswith(")") and other.endswith(")")
    return fold(one) == fold(other) or (both and len(accounts) == 1)


def withdraw(store: Store, number: int, persona: str) -> None:
    """Take an errand back that the robot hasn't begun. Raises `Rejected`."""
    with store.write() as connection:
        mine = (encargos.c.id == number, encargos.c.estado.in_(("espera_segunda", "pendiente")))
        said = f"la retiró {persona}"
        if not _move(connection, "retirado", store.now(connection), *mine, resultado=said):
            raise Rejected("Esa decisión ya no se puede retirar", remedy="Vea el caso.")


def errand(store: Store, number: int) -> Row:
    """Return an errand with its subscriber. Raises `Rejected`."""
    found = _all(store, encargos.c.id == number)
    if not found:
        raise Rejected("Esa decisión no existe")
    return found[0]


def _all(store: Store, *conditions: ColumnElement[bool]) -> Sequence[Row]:
    query = select(encargos, casos.c.codigo, casos.c.suscriptor).join_from(encargos, casos).where(*conditions)
    with store.read() as connection:
        return connection.execute(query.order_by(encargos.c.id)).mappings().all()


def open_of(store: Store, caso: str) -> Row | None:
    """Return a case's errand that isn't over."""
    found = _all(store, encargos.c.caso == caso, encargos.c.estado.in_(ABIERTOS))
    return found[0] if found else None


def of_case(store: Store, caso: str) -> Sequence[Row]:
    """Return all errands of a case, the oldest first."""
    return _all(store, encargos.c.caso == caso)


def waiting_second(store: Store) -> Sequence[Row]:
    """Return the errands that wait for a second person, the oldest first."""
    return _all(store, encargos.c.estado == "espera_segunda")


def done_within(store: Store, begins: str, ends: str) -> Sequence[Row]:
    """Return the decisions that the robot proved and took from a moment until before another, in order."""
    when = (encargos.c.cambiado >= begins, encargos.c.cambiado < ends)
    return _all(store, encargos.c.estado == "hecho", encargos.c.que != "consultar", *when)


# For the robot.


def take(store: Store, worker: str) -> Row | None:
    """Take the oldest errand that may be carried out, or None.

    One of a case that somebody works waits, and one that was put back a moment ago; in quarantine nothing is taken.
    """
    free = select(casos.c.id).where(casos.c.id == encargos.c.caso, casos.c.trabajador.is_(None)).exists()
    held = select(control.c.clave).where(control.c.clave == QUARANTINE).exists()
    with store.read() as connection:
        put_back = later(store.now(connection), -_REST_SECONDS)
        rested = or_(encargos.c.resultado == "", encargos.c.cambiado < put_back)
        ready = (encargos.c.estado == "pendiente", free, rested, ~held)
        oldest = select(encargos.c.id).where(*ready).order_by(encargos.c.id).limit(1)
        if connection.execute(oldest).first() is None:
            return None
    with store.write() as connection:
        query = oldest if store.is_sqlite else oldest.with_for_update(skip_locked=True)
        number = connection.execute(query).scalar()
        if number is None:
            return None
        mine = (encargos.c.id == number, encargos.c.estado == "pendiente")
        if not _move(connection, "en_curso", store.now(connection), *mine, trabajador=worker):
            return None
    return errand(store, int(number))


def end(store: Store, number: int, worker: str, estado: str, resultado: str, que_hacer: str = "") -> None:
    """Write how an errand ended: `hecho` or `rechazado`, or `pendiente` to have it tried again."""
    with store.write() as connection:
        mine = (encargos.c.id == number, encargos.c.estado == "en_curso", encargos.c.trabajador == worker)
        changed = {"resultado": resultado, "que_hacer": que_hacer, "trabajador": None}
        _move(connection, estado, store.now(connection), *mine, **changed)


def give_back(store: Store, begins: str) -> None:
    """Let the errands of this machine's dead workers be carried out again; call it with their names' beginning."""
    with store.write() as connection:
        theirs = encargos.c.trabajador.startswith(begins, autoescape=True)
        again = {"estado": "pendiente", "trabajador": None, "cambiado": store.now(connection)}
        connection.execute(update(encargos).where(encargos.c.estado == "en_curso", theirs).values(**again))


def sweep(store: Store, lease_seconds: float) -> None:
    """Let the errands of workers that fell silent, on any machine, be carried out again."""
    with store.write() as connection:
        now = store.now(connection)
        idle = select(casos.c.id).where(casos.c.id == encargos.c.caso, casos.c.trabajador.is_(None)).exists()
        lost = (encargos.c.estado == "en_curso", encargos.c.cambiado < later(now, -lease_seconds), idle)
        again = {"estado": "pendiente", "trabajador": None, "cambiado": now}
        connection.execute(update(encargos).where(*lost).values(**again))
