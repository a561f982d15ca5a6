"""The panel's key, which is never in the database: it encrypts passwords and names documents by keyed hashes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from robot.errors import SettingsError
from robot.settings import Settings

FILE: Final = "llave-del-panel"
SHORTEST: Final = 32


class Boveda:
    """Encrypts and names by hash with one key; two keys of their own are derived from it."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derived(key, b"cifrar")))
        self._naming = _derived(key, b"nombrar")

    def __repr__(self) -> str:
        return "Boveda(…)"

    def cifrar(self, text: str) -> str:
        """Return the text encrypted."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def descifrar(self, token: str) -> str:
        """Return the text. Raises `SettingsError` when another key encrypted it."""
        try:
            return self._fernet.decrypt(token.encode("ascii")).decode()
        except (InvalidToken, ValueError) as error:
            raise SettingsError(
                "Lo guardado se cifró con otra llave del panel",
                remedy="Restaure la llave anterior (SERVIWEB_LLAVE o el archivo) o guarde de nuevo la contraseña.",
            ) from error

    def huella(self, kind: str, value: str) -> str:
        """Return the keyed hash by which a value is found again and not read: SHA-256, as hex."""
        return hmac.new(self._naming, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"serviweb-panel " + purpose).derive(key)


def boveda_of(settings: Settings) -> Boveda:
    """Open the vault with the key of the settings, else of the data folder, where it is made once.

    Raises `SettingsError` for a short key, and where several machines share a database and none is set.
    """
    if settings.llave:
        key = settings.llave.get_secret_value().strip()
        if len(key) < SHORTEST:
            raise SettingsError(f"SERVIWEB_LLAVE debe tener {SHORTEST} letras o más")
        return Boveda(key.encode())
    if settings.base_datos:
        raise SettingsError(
            "Varios equipos comparten la base de datos: falta SERVIWEB_LLAVE",
            remedy=f"Invente un texto de {SHORTEST} letras o más y defínalo igual en cada equipo.",
        )
    return Boveda(_kept(settings.privado / FILE))


def _kept(path: Path) -> bytes:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            half = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_urlsafe(48).encode())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(half, path)  # the first of several processes wins
            except FileExistsError:
                pass
            finally:
                half.unlink()
        key = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(f"No se puede leer la llave del panel ({path.name}): {error.strerror}") from error
    if len(key) < SHORTEST:
        raise SettingsError(f"La llave del panel ({path.name}) está dañada", remedy="Restaure el archivo de una copia.")
    return key
