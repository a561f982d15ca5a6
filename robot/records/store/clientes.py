"""Programs that use the API: of their token only the SHA-256 is kept, and what it lets them do."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import insert, select, update

from robot.errors import Rejected
from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.schema_panel import clientes

PERMISOS: Final[dict[str, str]] = {
    "casos:leer": "Ver sus casos y sus papeles",
    "casos:leer:todos": "Ver los casos de toda la oficina",
    "casos:crear": "Crear casos y cancelar los suyos",
    "pagos:registrar": "Registrar pagos de sus casos",
    "lotes:crear": "Cargar lotes de solicitudes",
    "ganchos:administrar": "Recibir avisos en su servidor (webhooks)",
}
"""What a token may do, in words."""
PREFIX: Final = "api:"
"""Before a client's name where a person's would stand: `casos.asesor`, the audit journal."""
_SIGN: Final = "swb_"
_SEEN_SECONDS: Final = 60
"""How often at most a token's last use is written."""


@dataclass(frozen=True, kw_only=True)
class Cliente:
    """A program and what it may do."""

    id: str
    nombre: str
    permisos: frozenset[str]

    @property
    def quien(self) -> str:
        """Return how its acts and cases name it."""
        return f"{PREFIX}{self.id}"

    def may_see(self, asesor: str) -> bool:
        """Say whether it may see a case of this advisor."""
        return asesor == self.quien or "casos:leer:todos" in self.permisos


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _cliente(row: Row) -> Cliente:
    return Cliente(id=row["id"], nombre=row["nombre"], permisos=frozenset(row["permisos"].split()))


def create(store: Store, nombre: str, permisos: Collection[str], *, por: str) -> tuple[Cliente, str]:
    """Add a program; return it and its token, which nobody can read again. Raises `Rejected`."""
    name = " ".join(re.sub(r"[\x00-\x1f]", " ", nombre).split())[:80]
    if not name:
        raise Rejected("Falta el nombre del programa", remedy="Escriba para qué se usa, por ejemplo «Caja en línea».")
    if not permisos or not set(permisos) <= set(PERMISOS):
        raise Rejected("Falta qué puede hacer el programa", remedy="Marque por lo menos un permiso.")
    token = _SIGN + secrets.token_urlsafe(32)
    with store.write() as connection:
        row = {
            "id": f"C-{secrets.token_hex(4).upper()}",
            "nombre": name,
            "huella": _hash(token),
            "permisos": " ".join(permiso for permiso in PERMISOS if permiso in permisos),
            "creado_por": por,
            "creado": store.now(connection),
        }
        connection.execute(insert(clientes), row)
        made = connection.execute(select(clientes).where(clientes.c.id == row["id"])).mappings().one()
    return _cliente(made), token


def everybody(store: Store) -> Sequence[Row]:
    """Return all programs, the newest first, those whose token was revoked too."""
    with store.read() as connection:
        return connection.execute(select(clientes).order_by(clientes.c.creado.desc())).mappings().all()


def of_token(store: Store, token: str) -> Cliente | None:
    """Return whose token it is, unless it was revoked, and note that it was used."""
    mine = clientes.c.huella == _hash(token)
    with store.read() as connection:
        now = store.now(connection)
        row = connection.execute(select(clientes).where(mine, clientes.c.revocado.is_(None))).mappings().first()
    if row is None:
        return None
    if not row["usado"] or row["usado"] <= later(now, -_SEEN_SECONDS):
        with store.write() as connection:
            connection.execute(update(clientes).where(mine).values(usado=now))
    return _cliente(row)


def revoke(store: Store, cliente: str) -> Cliente:
    """Take a program's token away for good; its webhooks are silent from now on. Raises `Rejected`."""
    with store.write() as connection:
        mine = clientes.c.id == cliente
        row = connection.execute(select(clientes).where(mine)).mappings().first()
        if row is None:
            raise Rejected(f"No hay un programa {cliente}", remedy="Elija uno de la lista.")
        if row["revocado"] is None:
            connection.execute(update(clientes).where(mine).values(revocado=store.now(connection)))
    return _cliente(row)
