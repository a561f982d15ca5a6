"""People of the panel: their roles, their passwords (argon2), their user of Serviweb."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from robot.errors import Rejected
from robot.records.store import intentos
from robot.records.store.cases import UNFINISHED, Row
from robot.records.store.engine import Store
from robot.records.store.intentos import Rules
from robot.records.store.schema import casos
from robot.records.store.schema_panel import ROLES, personas, sesiones

__all__ = ["ROLES", "Persona", "Rules"]
SHORTEST: Final = 10
"""Letters of a password (NIST SP 800-63B asks for eight at least, and for no mixture of kinds)."""
LONGEST: Final = 200
_OWN_LETTERS: Final = 6
"""What a password must have besides its user's name."""
_DIFFERENT: Final = 5
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,58}")
_hasher = PasswordHasher()
_HASHING = threading.BoundedSemaphore(2)
"""Each hash takes 64 MiB: a flood of log-ins waits its turn."""


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Somebody of the panel; `serviweb` is their user there, «» for none."""

    usuario: str
    nombre: str
    rol: str
    serviweb: str = ""
    cambiar_clave: bool = False


def persona_of(row: Row) -> Persona:
    """Return the person of a row."""
    return Persona(**{name: row[name] for name in ("usuario", "nombre", "rol", "serviweb", "cambiar_clave")})


def nombre_usuario(text: str) -> str:
    """Return a user name as it is stored. Raises `Rejected`."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise Rejected(
            f"«{text}» no sirve como usuario del panel",
            remedy="Use de 2 a 59 letras sin tilde, números, puntos o guiones.",
        )
    return name


def check_password(clave: str, *, usuario: str = "") -> None:
    """Raise `Rejected` for a password that is too short, or that says little besides the user's name."""
    if len(clave) < SHORTEST:
        raise Rejected(f"La clave debe tener {SHORTEST} letras o más", remedy="Una frase corta sirve y se recuerda.")
    if len(clave) > LONGEST:
        raise Rejected("La clave es demasiado larga", remedy=f"Use {LONGEST} letras como mucho.")
    if usuario and len(clave.lower().replace(usuario, "")) < _OWN_LETTERS:
        raise Rejected("La clave no debe ser el usuario con algo más", remedy="Escriba otra.")
    if len(set(clave.lower())) < _DIFFERENT or clave in "01234567890123456789":
        raise Rejected("Esa clave se adivina enseguida", remedy="Una frase corta sirve y se recuerda.")


def temporary() -> str:
    """Return a password that is easy to dictate; whoever gets it chooses another at once."""
    syllables = [secrets.choice("bcdfglmnprstv") + secrets.choice("aeiou") for _ in range(10)]
    return "-".join("".join(syllables[at : at + 2]) for at in range(0, 10, 2))


def create(
    store: Store, usuario: str, *, nombre: str, rol: str, clave: str, serviweb: str = "", cambiar_clave: bool = True
) -> Persona:
    """Add somebody. Raises `Rejected` for a name that is taken, a role that isn't, a poor password."""
    name = nombre_usuario(usuario)
    _check_role(rol)
    check_password(clave, usuario=name)
    row = {
        "usuario": name,
        "nombre": _nombre(nombre) or name,
        "rol": rol,
        "clave": _hashed(clave),
        "activa": True,
        "cambiar_clave": cambiar_clave,
        "serviweb": _serviweb(serviweb),
    }
    with store.write() as connection:
        now = store.now(connection)
        try:
            connection.execute(insert(personas), {**row, "creada": now, "cambiada": now})
        except IntegrityError as error:
            raise Rejected(f"Ya hay un usuario {name} en el panel", remedy="Use otro nombre.") from error
    return found(store, name)


def _check_role(rol: str) -> None:
    if rol not in ROLES:
        raise Rejected(f"«{rol}» no es un rol", remedy=f"Use {', '.join(ROLES)}.")


def _nombre(text: str) -> str:
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())[:120]


def _serviweb(text: str) -> str:
    name = text.strip()
    if len(name) > 120 or not name.isprintable():
        raise Rejected("Ese usuario de Serviweb no sirve", remedy="Tiene 120 letras como mucho.")
    return name


def everybody(store: Store) -> Sequence[Row]:
    """Return all people, those that may not enter any more too."""
    with store.read() as connection:
        return connection.execute(select(personas).order_by(personas.c.usuario)).mappings().all()


def nobody_yet(store: Store) -> bool:
    """Say whether the panel has no people at all."""
    with store.read() as connection:
        return connection.execute(select(personas.c.usuario).limit(1)).first() is None


def found(store: Store, usuario: str) -> Persona:
    """Return somebody. Raises `Rejected`."""
    with store.read() as connection:
        return persona_of(_row(connection, usuario))


def _row(connection: Connection, usuario: str) -> Row:
    name = usuario.strip().lower()
    row = None
    if _NAME.fullmatch(name):
        row = connection.execute(select(personas).where(personas.c.usuario == name)).mappings().one_or_none()
    if row is None:
        raise Rejected(f"No hay un usuario «{usuario}» en el panel", remedy="Busque en la lista de personas.")
    return row


def with_serviweb(store: Store, serviweb: str) -> list[str]:
    """Return who works under a user of Serviweb."""
    same = func.lower(personas.c.serviweb) == serviweb.strip().lower()
    with store.read() as connection:
        query = select(personas.c.usuario).where(same, personas.c.serviweb != "").order_by(personas.c.usuario)
        return list(connection.execute(query).scalars())


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

    Their cases that aren't over and ran under their user of Serviweb go on under the new one, «» for the robot's own.
    Raises `Rejected` when it would leave nobody who may administer the panel.
    """
    if rol is not None:
        _check_role(rol)
    given = {
        "rol": rol,
        "activa": activa,
        "serviweb": None if serviweb is None else _serviweb(serviweb),
        "nombre": None if nombre is None else _nombre(nombre) or None,
    }
    with store.write() as connection:
        store.one_at_a_time(connection, "personas")
        known = _row(connection, usuario)
        changed = {name: value for name, value in given.items() if value is not None and value != known[name]}
        if changed:
            changed["cambiada"] = store.now(connection)
            connection.execute(update(personas).where(personas.c.usuario == known["usuario"]).values(**changed))
            _check_administrator(connection, known)
            if changed.keys() & {"rol", "activa"}:
                connection.execute(delete(sesiones).where(sesiones.c.usuario == known["usuario"]))
            if "serviweb" in changed and known["serviweb"]:
                _hand_over(connection, known, persona_of(_row(connection, usuario)).serviweb)
        return persona_of(_row(connection, usuario))


def _hand_over(connection: Connection, before: Row, serviweb: str) -> None:
    """Let somebody's unfinished cases run under another user; what the waiting ones waited for is over."""
    theirs = (
        casos.c.para_usuario == before["serviweb"],
        casos.c.asesor == before["usuario"],
        casos.c.estado.in_(UNFINISHED),
    )
    motivo = case((casos.c.estado == "en_cola", ""), else_=casos.c.motivo)  # elsewhere it says why a person is wanted
    connection.execute(update(casos).where(*theirs).values(para_usuario=serviweb, motivo=motivo))


def _check_administrator(connection: Connection, before: Row) -> None:
    left = select(personas.c.usuario).where(personas.c.rol == "administrador", personas.c.activa.is_(True)).limit(1)
    if before["rol"] == "administrador" and before["activa"] and connection.execute(left).first() is None:
        raise Rejected("Debe quedar por lo menos un administrador activo", remedy="Nombre antes a otro.")


def set_password(store: Store, usuario: str, clave: str, *, cambiar_clave: bool = False) -> None:
    """Set somebody's password, forget their lock-out, and end their sessions. Raises `Rejected`."""
    known = found(store, usuario)
    check_password(clave, usuario=known.usuario)
    values: dict[str, Any] = {"clave": _hashed(clave), "cambiar_clave": cambiar_clave}
    with store.write() as connection:
        values["cambiada"] = store.now(connection)
        connection.execute(update(personas).where(personas.c.usuario == known.usuario).values(**values))
        connection.execute(delete(sesiones).where(sesiones.c.usuario == known.usuario))
        intentos.unlock(connection, known.usuario)


def unlock(store: Store, usuario: str) -> None:
    """Forget somebody's lock-out. Raises `Rejected`."""
    with store.write() as connection:
        intentos.unlock(connection, _row(connection, usuario)["usuario"])


# Passwords.


def _hashed(clave: str) -> str:
    with _HASHING:
        return _hasher.hash(clave)


@cache
def _nobodys() -> str:
    """Return the hash that a wrong user name is compared with, so that both answers take as long."""
    return _hasher.hash(secrets.token_hex(16))


def _matches(hashed: str, clave: str) -> bool:
    with _HASHING:
        try:
            return _hasher.verify(hashed, clave)
        except VerificationError:
            return False


def login(store: Store, usuario: str, clave: str, rules: Rules, *, origen: str = "") -> Persona:
    """Let somebody in. Raises `Rejected`, with the same words and delay whether the name or the password is wrong.

    Wrong passwords lock the name, whether there is one like it or not; so a lock-out tells nothing either.
    """
    name = usuario.strip().lower()[:60]
    nobodys = _nobodys()
    intentos.begin(store, name, origen, rules)
    with store.read() as connection:
        query = select(personas).where(personas.c.usuario == (name if _NAME.fullmatch(name) else ""))
        row = connection.execute(query).mappings().one_or_none()
    good = _matches(row["clave"] if row else nobodys, clave[: LONGEST + 1])
    if not row or not good or not row["activa"]:
        raise Rejected("El usuario o la clave no son correctos", remedy="Escríbalos de nuevo.")
    intentos.succeeded(store, name, origen)
    if _hasher.check_needs_rehash(row["clave"]):
        with store.write() as connection:
            connection.execute(update(personas).where(personas.c.usuario == name).values(clave=_hashed(clave)))
    return persona_of(row)
