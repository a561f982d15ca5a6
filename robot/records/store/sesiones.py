"""Sessions of the panel: the browser has a token, the database its hash. Times are the database's."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, or_, select, update

from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.intentos import Rules
from robot.records.store.personas import Persona, persona_of
from robot.records.store.schema_panel import personas, sesiones

_SEEN_SECONDS: Final = 60
"""How often at most a session's last use is written."""


@dataclass(frozen=True, kw_only=True)
class Sesion:
    """A session: whose, and the secret that its forms must bear."""

    persona: Persona
    csrf: str
    huella: str


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def begin(store: Store, persona: Persona, rules: Rules, *, agente: str = "", previa: Sesion | None = None) -> str:
    """Begin a session and return its token; the browser's session before ends, and those that are over."""
    token = secrets.token_urlsafe(32)
    with store.write() as connection:
        now = store.now(connection)
        gone = _over(now, rules)
        if previa:
            gone = or_(gone, sesiones.c.huella == previa.huella)
        connection.execute(delete(sesiones).where(gone))
        row = {
            "huella": _hash(token),
            "usuario": persona.usuario,
            "csrf": secrets.token_urlsafe(32),
            "agente": agente[:200],
            "creada": now,
            "vista": now,
            "vence": later(now, rules.sesion_horas * 3600),
        }
        connection.execute(insert(sesiones), row)
    return token


def _over(now: str, rules: Rules) -> ColumnElement[bool]:
    return or_(sesiones.c.vence <= now, sesiones.c.vista <= later(now, -rules.sesion_minutos * 60))


def found(store: Store, token: str, rules: Rules, *, touch: bool = True) -> Sesion | None:
    """Return the live session of a token, or None. With *touch* it counts as used now."""
    if not token:
        return None
    mine = sesiones.c.huella == _hash(token)
    with store.read() as connection:
        now = store.now(connection)
        joined = select(sesiones.c.csrf, sesiones.c.huella, sesiones.c.vista, personas).join_from(sesiones, personas)
        row = connection.execute(joined.where(mine, personas.c.activa.is_(True), ~_over(now, rules))).mappings().first()
    if row is None:
        return None
    if touch and row["vista"] <= later(now, -min(_SEEN_SECONDS, rules.sesion_minutos * 15)):
        with store.write() as connection:
            connection.execute(update(sesiones).where(mine).values(vista=now))
    return Sesion(persona=persona_of(row), csrf=row["csrf"], huella=row["huella"])


def of_user(store: Store, usuario: str, rules: Rules) -> Sequence[Row]:
    """Return somebody's live sessions, the last used first."""
    with store.read() as connection:
        query = select(sesiones).where(sesiones.c.usuario == usuario, ~_over(store.now(connection), rules))
        return connection.execute(query.order_by(sesiones.c.vista.desc())).mappings().all()


def end(store: Store, huella: str) -> None:
    """End a session."""
    with store.write() as connection:
        connection.execute(delete(sesiones).where(sesiones.c.huella == huella))


def end_others(store: Store, sesion: Sesion) -> int:
    """End somebody's sessions but this one, and return how many they were."""
    others = sesiones.c.usuario == sesion.persona.usuario, sesiones.c.huella != sesion.huella
    with store.write() as connection:
        return connection.execute(delete(sesiones).where(*others)).rowcount
