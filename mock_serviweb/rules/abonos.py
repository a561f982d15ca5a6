"""Abonos: what a subscriber owes, and the payment orders generated for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.clock import stamp
from mock_serviweb.rules.answers import NotFound, NotSaved

if TYPE_CHECKING:
    import sqlite3

    from mock_serviweb.store import Store


def pending(store: Store, codigo: str) -> list[sqlite3.Row]:
    """List a subscriber's unpaid facturas, oldest first; `concepto` joins their products."""
    return store.all(
        "SELECT f.numero, f.momento, f.total, (SELECT group_concat(nombre, ' · ') FROM (SELECT p.nombre FROM lineas l"
        " JOIN productos p ON p.codigo = l.producto WHERE l.factura = f.numero ORDER BY l.orden)) AS concepto"
        " FROM facturas f WHERE f.codigo = ? AND f.estado = 'pendiente' ORDER BY f.momento, f.numero",
        codigo,
    )


def last_number(store: Store, user: str) -> str:
    """Say which recibo this user generated last: its number still stands on the screen."""
    return str(store.value("SELECT max(numero) FROM abonos WHERE usuario = ?", user) or "")


def generate(store: Store, codigo: str, shown: list[str], user: str, *, copies: int = 1) -> str:
    """Generate one abono for all the pending facturas that the screen showed; answer the last recibo's number."""
    owed = pending(store, codigo)
    if not owed:
        raise NotSaved(f"el suscriptor {codigo} no tiene facturas pendientes.")
    if shown != [row["numero"] for row in owed]:
        raise NotSaved("las facturas pendientes cambiaron; busque de nuevo el suscriptor.")
    for row in owed:
        if earlier := _unpaid_abono(store, row["numero"]):
            raise NotSaved(f"la factura {row['numero']} ya tiene el abono {earlier} sin pagar.")
    number = ""
    with store.transaction():
        for _ in range(copies):
            number = f"RC-{store.next_number('abono'):07d}"
            store.run(
                "INSERT INTO abonos VALUES (?, ?, ?, 'sin pagar', ?, ?)",
                *(number, codigo, sum(row["total"] for row in owed), user, stamp()),
            )
            for row in owed:
                store.run("INSERT INTO abonos_facturas VALUES (?, ?)", number, row["numero"])
    return number


def by_number(store: Store, number: str) -> sqlite3.Row:
    """Find a recibo with its subscriber."""
    row = store.one(
        "SELECT a.*, s.nombre, s.ruta, s.direccion FROM abonos a JOIN suscriptores s USING (codigo) WHERE numero = ?",
        number.strip().upper(),
    )
    if row is None:
        raise NotFound(f"No existe el recibo {number.strip()}.")
    return row


def facturas_of(store: Store, number: str) -> list[sqlite3.Row]:
    """List the facturas that a recibo pays."""
    return store.all(
        "SELECT f.* FROM facturas f JOIN abonos_facturas j ON j.factura = f.numero WHERE j.abono = ? ORDER BY f.numero",
        number,
    )


def pay(store: Store, number: str, user: str) -> str:
    """Take the money at the caja: the recibo and its facturas are paid. Answer the payment's number."""
    try:
        recibo = by_number(store, number)
    except NotFound as refusal:
        raise NotSaved.because(refusal) from None
    if recibo["estado"] == "pagado":
        raise NotSaved(f"el recibo {recibo['numero']} ya está pagado.")
    for factura in facturas_of(store, recibo["numero"]):
        if factura["estado"] == "pagada":
            raise NotSaved(f"la factura {factura['numero']} ya está pagada con otro recibo.")
    with store.transaction():
        payment = f"PG-{store.next_number('pago'):06d}"
        store.run("UPDATE abonos SET estado = 'pagado' WHERE numero = ?", recibo["numero"])
        store.run(
            "UPDATE facturas SET estado = 'pagada' WHERE numero IN"
            " (SELECT factura FROM abonos_facturas WHERE abono = ?)",
            recibo["numero"],
        )
        store.run(
            "INSERT INTO pagos VALUES (?, ?, ?, ?, ?, ?)",
            *(payment, recibo["numero"], recibo["codigo"], recibo["valor"], user, stamp()),
        )
    return payment


def _unpaid_abono(store: Store, factura: str) -> str | None:
    number = store.value(
        "SELECT a.numero FROM abonos a JOIN abonos_facturas j ON j.abono = a.numero"
        " WHERE j.factura = ? AND a.estado = 'sin pagar' ORDER BY a.numero DESC",
        factura,
    )
    return None if number is None else str(number)
