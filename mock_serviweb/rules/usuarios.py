"""Users: passwords, profiles, and the lock after five mistakes."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from mock_serviweb.rules.answers import NotFound

if TYPE_CHECKING:
    from mock_serviweb.store import Store

MOST_MISTAKES = 5


def profile_of(store: Store, user: str, password: str) -> str:
    """Check a user's password and answer the profile; the fifth mistake in a row locks the account."""
    row = store.one("SELECT * FROM usuarios WHERE usuario = ?", user.strip().lower())
    if row is None:
        raise NotFound("Usuario o contraseña incorrectos.")
    if row["errores"] >= MOST_MISTAKES:
        raise NotFound("Usuario bloqueado. Comuníquese con el administrador.")
    if not hmac.compare_digest(row["clave"].encode(), password.encode()):
        store.run("UPDATE usuarios SET errores = errores + 1 WHERE usuario = ?", row["usuario"])
        raise NotFound("Usuario o contraseña incorrectos.")
    store.run("UPDATE usuarios SET errores = 0 WHERE usuario = ?", row["usuario"])
    return str(row["perfil"])
