"""People of the panel: passwords (argon2), lock-out, sessions. Times are the database's."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from robot.errors import Rejected
from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.schema_panel import ROLES, personas, sesiones

SHORTEST: Final = 10
"""Letters of a password (NIST SP 800-63B asks for eight at least, and for no mixture of kinds)."""
_SEEN_SECONDS: Final = 60
"""How often at most a session's last use is written."""
_hasher = PasswordHasher()


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How patient the panel is: wrong passwords, minutes of lock-out, minutes without use, hours in all."""

    intentos: int = 5
    bloqueo_minutos: float = 15
    sesion_minutos: float = 30
    sesion_horas: float = 12


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Somebody of the panel; `serviweb` is their user there, «» for none."""

    usuario: str
    nombre: str
    rol: str
    serviweb: str = ""
    cambiar_clave: bool = False


@dataclass(frozen=True, kw_only=True)
class Sesion:
    """A session: whose, and the secret that its forms must bear."""

    persona: Persona
    csrf: str
    huella: str


def _persona(row: Row) -> Persona:
    return Persona(**{name: row[name] for name in ("usuario", "nombre", "rol", "serviweb", "cambiar_clave")})


def nombre_usuario(text: str) -> str:
    """Return a user name as it is stored. Raises `Rejected`."""
    name = text.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,58}", name):
        raise Rejected(
            f"«{text}» no sirve como usuario del panel",
            remedy="Use de 2 a 59 letras sin tilde, números, puntos o guiones.",
        )
    return name


def check_password(clave: str, *, usuario: str = "") -> None:
    """Raise `Rejected` for a password that is too short, or says the user's name."""
    if len(clave) < SHORTEST:
        raise Rejected(f"La clave debe tener {SHORTEST} letras o más", remedy="Una frase corta sirve y se recuerda.")
    if len(clave) > 200:
        raise Rejected("La clave es demasiado larga", remedy="Use 200 letras como mucho.")
    if usuario and usuario in clave.lower():
        raise Rejected("La clave no debe contener el usuario", remedy="Escriba otra.")


def create(
    store: Store, usuario: str, *, nombre: str, rol: str, clave: str, serviweb: str = "", cambiar_clave: bool = True
) -> Persona:
    """Add somebody. Raises `Rejected` for a name that is taken, a role that isn't, a poor password."""
    name = nombre_usuario(usuario)
    if rol not in ROLES:
        raise Rejected(f"«{rol}» no es un rol", remedy=f"Use {', '.join(ROLES)}.")
    check_password(clave, usuario=name)
    hashed = _hasher.hash(clave)
    with store.write() as connection:
        now = store.now(connection)
        row = {
            "usuario": name,
            "nombre": " ".join(nombre.split()) or name,
            "rol": rol,
            "clave": hashed,
            "activa": True,
            "cambiar_clave": cambiar_clave,
            "serviweb": serviweb.strip(),
            "creada": now,
            "cambiada": now,
        }
        try:
            connection.execute(insert(personas), row)
        except IntegrityError as error:
            raise Rejected(f"Ya hay un usuario {name} en el panel") from error
    return found(store, name)


def everybody(store: Store) -> Sequence[Row]:
    """Return all people, those that may not enter any more too."""
    with store.read() as connection:
        return connection.execute(select(personas).order_by(personas.c.usuario)).mappings().all()


def found(store: Store, usuario: str) -> Persona:
    """Return somebody. Raises `Rejected`."""
    with store.read() as connection:
        query = select(personas).where(personas.c.usuario == usuario.strip().lower())
        row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Rejected(f"No hay un usuario {usuario} en el panel", remedy="Vea la lista: serviweb usuarios lista")
    return _persona(row)


def change(
    store: Store,
    usuario: str,
    *,
    rol: str | None = None,
    activa: bool | None = None,
    serviweb: str | None = None,
    nombre: str | None = None,
) -> Persona:
    """Change what is known of somebody; a change of role, or a deactivation, ends their sessions.

    Raises `Rejected` when it would leave nobody who may administer the panel.
    """
    if rol is not None and rol not in ROLES:
        raise Rejected(f"«{rol}» no es un rol", remedy=f"Use {', '.join(ROLES)}.")
    known = found(store, usuario)
    given = {"rol": rol, "activa": activa, "serviweb": serviweb, "nombre": nombre}
    changed = {name: value for name, value in given.items() if value is not None}
    with store.write() as connection:
        changed["cambiada"] = store.now(connection)
        connection.execute(update(personas).where(personas.c.usuario == known.usuario).values(**changed))
        left = select(personas.c.usuario).where(personas.c.rol == "administrador", personas.c.activa.is_(True)).limit(1)
        if known.rol == "administrador" and connection.execute(left).first() is None:
            raise Rejected("Debe quedar por lo menos un administrador activo", remedy="Nombre antes a otro.")
        if rol is not None or activa is False:
            connection.execute(delete(sesiones).where(sesiones.c.usuario == known.usuario))
    return found(store, known.usuario)


def set_password(store: Store, usuario: str, clave: str, *, cambiar_clave: bool = False) -> None:
    """Set somebody's password, forget their lock-out, and end their sessions. Raises `Rejected`."""
    known = found(store, usuario)
    check_password(clave, usuario=known.usuario)
    hashed = _hasher.hash(clave)
    with store.write() as connection:
        values = {"clave": hashed, "fallos": 0, "bloqueada_hasta": None, "cambiar_clave": cambiar_clave}
        values["cambiada"] = store.now(connection)
        connection.execute(update(personas).where(personas.c.usuario == known.usuario).values(**values))
        connection.execute(delete(sesiones).where(sesiones.c.usuario == known.usuario))


@cache
def _nobodys() -> str:
    """Return the hash that a wrong user name is compared with, so that both answers take as long."""
    return _hasher.hash(secrets.token_hex(16))


def _matches(hashed: str, clave: str) -> bool:
    try:
        return _hasher.verify(hashed, clave)
    except VerificationError:
        return False


def login(store: Store, usuario: str, clave: str, rules: Rules) -> Persona:
    """Let somebody in. Raises `Rejected`, with the same words whether the name or the password is wrong."""
    name = usuario.strip().lower()[:60]
    with store.read() as connection:
        now = store.now(connection)
        row = connection.execute(select(personas).where(personas.c.usuario == name)).mappings().one_or_none()
    if row and row["bloqueada_hasta"] and row["bloqueada_hasta"] > now:
        _matches(_nobodys(), clave)
        raise Rejected(
            "Demasiados intentos: esta cuenta está bloqueada por unos minutos",
            remedy="Espere, o pida a un administrador una clave nueva.",
        )
    good = _matches(row["clave"] if row else _nobodys(), clave[:200])
    if not row or not good or not row["activa"]:
        if row and row["activa"]:
            _count_failure(store, name, rules)
        raise Rejected("El usuario o la clave no son correctos", remedy="Escríbalos de nuevo.")
    fresh: dict[str, Any] = {"fallos": 0, "bloqueada_hasta": None}
    if _hasher.check_needs_rehash(row["clave"]):
        fresh["clave"] = _hasher.hash(clave)
    if row["fallos"] or row["bloqueada_hasta"] or "clave" in fresh:
        with store.write() as connection:
            connection.execute(update(personas).where(personas.c.usuario == name).values(**fresh))
    return _persona(row)


def _count_failure(store: Store, name: str, rules: Rules) -> None:
    with store.write() as connection:
        mine = personas.c.usuario == name
        connection.execute(update(personas).where(mine).values(fallos=personas.c.fallos + 1))
        until = later(store.now(connection), rules.bloqueo_minutos * 60)
        full = update(personas).where(mine, personas.c.fallos >= rules.intentos)
        connection.execute(full.values(bloqueada_hasta=until, fallos=0))


# Sessions. The browser has the token, the database its hash.


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(store: Store, persona: Persona, rules: Rules, *, agente: str = "") -> str:
    """Begin a session and return its token; sessions that are over are swept out."""
    token = secrets.token_urlsafe(32)
    with store.write() as connection:
        now = store.now(connection)
        connection.execute(delete(sesiones).where(_over(now, rules)))
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


def session(store: Store, token: str, rules: Rules, *, touch: bool = True) -> Sesion | None:
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
    return Sesion(persona=_persona(row), csrf=row["csrf"], huella=row["huella"])


def close_session(store: Store, huella: str) -> None:
    """End a session."""
    with store.write() as connection:
        connection.execute(delete(sesiones).where(sesiones.c.huella == huella))


def close_others(connection: Connection, usuario: str, huella: str) -> None:
    """End somebody's sessions but one."""
    connection.execute(delete(sesiones).where(sesiones.c.usuario == usuario, sesiones.c.huella != huella))
