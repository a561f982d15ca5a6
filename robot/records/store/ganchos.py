"""Webhooks: which addresses hear of which events of a program's cases, and what each new state makes them hear."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from robot.errors import Rejected
from robot.masking import Masker
from robot.records.reserva import sin_nombres
from robot.records.store import envios
from robot.records.store.cases import Row
from robot.records.store.clientes import PREFIX
from robot.records.store.engine import Store
from robot.records.store.schema import casos, efectos
from robot.records.store.schema_panel import cambios, clientes, ganchos

EVENTOS: Final = (
    "caso.esperando_pago",
    "caso.terminado",
    "caso.rechazado",
    "caso.fallido",
    "caso.en_duda",
    "caso.incompleto",
)
MOST: Final = 20
"""Webhooks of one program."""
_AT_ONCE: Final = 200
_MASKER: Final = Masker()  # by form: a reason quotes what Serviweb said


def create(store: Store, cliente: str, url: str, eventos: Collection[str], *, secreto: str) -> Row:
    """Add a webhook; *secreto* is encrypted already. Raises `Rejected` for one too many."""
    with store.write() as connection:
        if len(_of(connection, cliente)) >= MOST:
            raise Rejected(f"Ya hay {MOST} ganchos", remedy="Borre los que no use.")
        row = {
            "id": f"G-{secrets.token_hex(4).upper()}",
            "cliente": cliente,
            "url": url,
            "secreto": secreto,
            "eventos": " ".join(evento for evento in EVENTOS if evento in eventos),
            "activo": True,
            "creado": store.now(connection),
        }
        connection.execute(insert(ganchos), row)
        return connection.execute(select(ganchos).where(ganchos.c.id == row["id"])).mappings().one()


def _of(connection: Connection, cliente: str) -> Sequence[Row]:
    query = select(ganchos).where(ganchos.c.cliente == cliente).order_by(ganchos.c.creado)
    return connection.execute(query).mappings().all()


def of_client(store: Store, cliente: str) -> Sequence[Row]:
    """Return a program's webhooks, the oldest first."""
    with store.read() as connection:
        return _of(connection, cliente)


def found(store: Store, gancho: str) -> Row | None:
    """Return a webhook whose program may still use the API, or None."""
    joined = select(ganchos).join_from(ganchos, clientes).where(ganchos.c.id == gancho, clientes.c.revocado.is_(None))
    with store.read() as connection:
        return connection.execute(joined).mappings().first()


def remove(store: Store, cliente: str, gancho: str) -> bool:
    """Take a program's webhook away, with what waited for it; say whether there was one."""
    with store.write() as connection:
        mine = delete(ganchos).where(ganchos.c.id == gancho, ganchos.c.cliente == cliente)
        if not connection.execute(mine).rowcount:
            return False
        envios.withdraw(connection, gancho)
    return True


def listening(connection: Connection, cliente: str, evento: str) -> list[str]:
    """Return the webhooks of a program that hear of an event."""
    joined = select(ganchos.c.id, ganchos.c.eventos).join_from(ganchos, clientes)
    mine = joined.where(ganchos.c.cliente == cliente, ganchos.c.activo.is_(True), clientes.c.revocado.is_(None))
    return [str(row.id) for row in connection.execute(mine.order_by(ganchos.c.id)) if evento in row.eventos.split()]


def draw(store: Store, en_palabras: Callable[[str], str] = str) -> int:
    """Put a message into the outbox for each webhook that hears of a new state; return how many states there were.

    A state leaves the list in the same transaction. *en_palabras* says a sentence as who reads it shall see it.
    """
    with store.read() as connection:
        if connection.execute(select(cambios.c.n).limit(1)).first() is None:
            return 0
    with store.write() as connection:
        store.one_at_a_time(connection, "control")
        rows = connection.execute(select(cambios).order_by(cambios.c.n).limit(_AT_ONCE)).mappings().all()
        for row in rows:
            _tell_webhooks(store, connection, row, en_palabras)
        connection.execute(delete(cambios).where(cambios.c.n.in_([row["n"] for row in rows])))
    return len(rows)


def _tell_webhooks(store: Store, connection: Connection, change: Row, en_palabras: Callable[[str], str]) -> None:
    evento = f"caso.{change['estado']}"
    case = connection.execute(select(casos).where(casos.c.id == change["caso"])).mappings().first()
    if evento not in EVENTOS or case is None:
        return
    hear = listening(connection, str(case["asesor"]).removeprefix(PREFIX), evento)
    if hear:
        body = json.dumps(_payload(connection, evento, case, change, en_palabras), ensure_ascii=False)
        for gancho in hear:
            envios.enqueue(store, connection, "gancho", f"{gancho}:{change['n']}", gancho, body)


def _payload(
    connection: Connection, evento: str, case: Row, change: Row, en_palabras: Callable[[str], str]
) -> dict[str, Any]:
    """Return what a webhook says: no name, document or phone (Ley 1581 de 2012)."""
    confirmed = select(efectos.c.tipo, efectos.c.numero).where(
        efectos.c.caso == case["id"], efectos.c.estado == "confirmado", efectos.c.tipo != "tercero"
    )
    numbers = {str(row.tipo): str(row.numero) for row in connection.execute(confirmed.order_by(efectos.c.n))}
    return {
        "type": evento,
        "timestamp": change["cuando"],
        "data": {
            "caso": case["id"],
            "estado": change["estado"],
            "codigo": case["codigo"],
            "solicitud": case["referencia"] or None,
            "factura": numbers.get("factura"),
            "recibo": numbers.get("abono"),
            "radicado": numbers.get("tramite"),
            "motivo": sin_nombres(en_palabras(_MASKER.text(change["motivo"]))) or None,
            "que_hacer": en_palabras(_MASKER.text(change["que_hacer"])) or None,
        },
    }
