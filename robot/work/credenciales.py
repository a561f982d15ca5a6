"""Passwords of the Serviweb users under whom cases run: the settings', the system keyring's, or our own encrypted ones.

The settings always count first. One machine alone prefers its keyring: what stands there besides an encrypted password
was written later, by hand. Where several machines share a database the encrypted one counts before any keyring, for
another machine's may still hold last month's password, and a wrong one locks the account.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from robot.errors import Rejected, SettingsError
from robot.records.boveda import boveda_of
from robot.records.store import credenciales, leases, personas
from robot.records.store.engine import Store
from robot.records.store.personas import Persona
from robot.settings import Settings

SERVICE: Final = "serviweb"
LONGEST: Final = 120
"""Letters of a user's name, and of its password twice as many."""
_ASK_SECONDS: Final = 20
_ASK: Final = "import keyring, sys; sys.exit(not keyring.get_password(*sys.argv[1:]))"


@dataclass(frozen=True, kw_only=True)
class Guardada:
    """Where a user's password is: «ajustes», «llavero» or «cifrada»; since when and by whom, where that is known."""

    lugar: str
    cuando: str = ""
    por: str = ""


def of_user(settings: Settings, store: Store, usuario: str) -> Settings:
    """Return these settings for a Serviweb user, with its password. Raises `SettingsError`."""
    given = _given(settings, usuario)
    if given is not None:
        return given
    places = (_of_keyring, _of_table) if store.is_sqlite else (_of_table, _of_keyring)
    clave = next((found for place in places if (found := place(settings, store, usuario))), None)
    if clave is None:
        own = "" if usuario != settings.usuario else f"; la del robot, con «keyring set {SERVICE} {usuario}»"
        raise SettingsError(
            f"Falta la contraseña de Serviweb del usuario «{usuario}»",
            remedy=f"El asesor la guarda en el panel, en «Mi cuenta»{own}.",
        )
    return settings.model_copy(update={"usuario": usuario, "clave": SecretStr(clave)})


def where(settings: Settings, store: Store, usuario: str) -> Guardada | None:
    """Return where a user's password is, never the password; None for nowhere."""
    if not usuario:
        return None
    if _given(settings, usuario) is not None:
        return Guardada(lugar="ajustes")
    row = credenciales.found(store, usuario)
    has_keyring = _of_keyring(settings, store, usuario) is not None
    if row and row["cifrada"] and not (has_keyring and store.is_sqlite):
        return Guardada(lugar="cifrada", cuando=row["cuando"], por=row["por"])
    if not has_keyring:
        return None
    noted = row if row and not row["cifrada"] else None
    return Guardada(lugar="llavero", **{name: noted[name] for name in ("cuando", "por")} if noted else {})


def keep(settings: Settings, store: Store, usuario: str, clave: str, por: str) -> None:
    """Keep a user's password in the keyring of the only machine, else encrypted in the database. Raises `Rejected`.

    A user whom the robot no longer tried, for Serviweb refused the password before, is tried again.
    """
    usuario = usuario.strip()
    if not usuario or len(usuario) > LONGEST or not usuario.isprintable():
        raise Rejected("Escriba el usuario de Serviweb", remedy=f"Tiene {LONGEST} letras como mucho.")
    if not clave or len(clave) > 2 * LONGEST:
        raise Rejected("Escriba la contraseña de Serviweb", remedy=f"Tiene {2 * LONGEST} letras como mucho.")
    if store.is_sqlite and _into_keyring(usuario, clave):
        credenciales.keep(store, usuario, "", por)
    else:
        sealed = boveda_of(settings).cifrar(json.dumps([usuario, clave]))
        credenciales.keep(store, usuario, sealed, por)
        _out_of_keyring(usuario)
    leases.login_worked(store, usuario)


def keep_own(settings: Settings, store: Store, persona: Persona, usuario: str, clave: str) -> None:
    """Keep somebody's own user and password of Serviweb, and forget the user they had before. Raises `Rejected`.

    Nobody works as somebody else: another person's user, or the robot's, is an administrator's to give.
    """
    usuario = usuario.strip()
    if _given(settings, usuario) is not None:
        raise Rejected(
            f"La contraseña de «{usuario}» está en los ajustes del robot", remedy="Allí la cambia quien lo instaló."
        )
    robots = {name.lower() for name in (settings.usuario, *settings.usuarios)}
    others = [name for name in personas.with_serviweb(store, usuario) if name != persona.usuario]
    if usuario != persona.serviweb and (others or usuario.lower() in robots):
        raise Rejected(
            f"El usuario «{usuario}» de Serviweb ya es de otra persona, o del robot",
            remedy="Si es el suyo, pida a un administrador que se lo asigne.",
        )
    keep(settings, store, usuario, clave, persona.usuario)
    if usuario != persona.serviweb:
        personas.change(store, persona.usuario, serviweb=usuario)
        forget_unused(settings, store, persona.serviweb)


def forget_unused(settings: Settings, store: Store, usuario: str) -> None:
    """Erase the password of a Serviweb user that nobody of the panel works under any more."""
    if usuario and not personas.with_serviweb(store, usuario) and _given(settings, usuario) is None:
        robots = (settings.usuario, *settings.usuarios)
        if usuario not in robots:
            forget(settings, store, usuario)


def forget(settings: Settings, store: Store, usuario: str) -> None:
    """Erase a user's password wherever it was kept; the settings are a person's affair. Raises `Rejected`."""
    if _given(settings, usuario) is not None:
        raise Rejected(
            f"La contraseña de «{usuario}» está en los ajustes del robot", remedy="Allí la cambia quien lo instaló."
        )
    credenciales.forget(store, usuario)
    _out_of_keyring(usuario)


def _given(settings: Settings, usuario: str) -> Settings | None:
    """Return the settings of a user whose password stands in them, in SERVIWEB_CLAVE or SERVIWEB_CLAVES."""
    if usuario == settings.usuario and settings.clave is not None:
        return settings
    if usuario in settings.usuarios and settings.claves is not None:
        return settings.model_copy(update={"usuario": ""}).of_user(usuario)
    return None


def _of_table(settings: Settings, store: Store, usuario: str) -> str | None:
    row = credenciales.found(store, usuario)
    if row is None or not row["cifrada"]:
        return None
    owner, clave = json.loads(boveda_of(settings).descifrar(row["cifrada"]))
    return str(clave) if owner == usuario else None  # a row moved to another user's name is worth nothing


# The keyring. Any backend may be there, with errors of its own: whatever fails, the table has it.


def _of_keyring(_settings: Settings, _store: Store, usuario: str) -> str | None:
    import keyring

    with suppress(Exception):
        return keyring.get_password(SERVICE, usuario) or None
    return None


def _into_keyring(usuario: str, clave: str) -> bool:
    """Say whether the keyring took a password and gives it to another process too, as the queue's is."""
    import keyring

    with suppress(Exception):
        keyring.set_password(SERVICE, usuario, clave)
        if keyring.get_password(SERVICE, usuario) == clave:
            command = [sys.executable, "-c", _ASK, SERVICE, usuario]
            asked = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_ASK_SECONDS)  # noqa: S603, PLW1510
            return asked.returncode == 0
    return False


def _out_of_keyring(usuario: str) -> None:
    import keyring

    with suppress(Exception):
        keyring.delete_password(SERVICE, usuario)
