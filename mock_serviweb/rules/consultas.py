"""Consultations: the documents of a subscriber, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.clock import stamp

if TYPE_CHECKING:
    import sqlite3

    from mock_serviweb.store import Store


def facturas(store: Store, codigo: str, *, lag_seconds: float = 0.0) -> list[sqlite3.Row]:
    """List a subscriber's facturas, leaving out those younger than `lag_seconds`."""
    return store.all(
        "SELECT f.*, (SELECT group_concat(nombre, ' · ') FROM (SELECT p.nombre FROM lineas l"
        " JOIN productos p ON p.codigo = l.producto WHERE l.factura = f.numero ORDER BY l.orden)) AS productos"
        " FROM facturas f WHERE f.codigo = ? AND f.momento <= ? ORDER BY f.momento DESC, f.numero DESC",
        *(codigo, stamp(seconds_ago=lag_seconds)),
    )


def recibos(store: Store, codigo: str, *, lag_seconds: float = 0.0) -> list[sqlite3.Row]:
    """List a subscriber's recibos, leaving out those younger than `lag_seconds`."""
    return store.all(
        "SELECT a.*, (SELECT group_concat(factura, ', ') FROM (SELECT factura FROM abonos_facturas j"
        " WHERE j.abono = a.numero ORDER BY factura)) AS facturas"
        " FROM abonos a WHERE a.codigo = ? AND a.momento <= ? ORDER BY a.momento DESC, a.numero DESC",
        *(codigo, stamp(seconds_ago=lag_seconds)),
    )


def tramites(store: Store, codigo: str, *, lag_seconds: float = 0.0) -> list[sqlite3.Row]:
    """List a subscriber's trámites, leaving out those younger than `lag_seconds`."""
    return store.all(
        "SELECT * FROM tramites WHERE codigo = ? AND momento <= ? ORDER BY momento DESC, radicado DESC",
        *(codigo, stamp(seconds_ago=lag_seconds)),
    )
