"""The ledger: what was really saved since the fixtures, and how often each write route was hit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_serviweb.rules import abonos, facturas, terceros

if TYPE_CHECKING:
    import sqlite3

    from mock_serviweb.store import Store

Entry = dict[str, Any]


def read(store: Store) -> dict[str, Any]:
    """Write the whole ledger; rows of the fixtures are left out, lists are in the order of saving."""
    return {
        "terceros": [_tercero(r) for r in store.all("SELECT * FROM terceros WHERE inicial = 0 ORDER BY numero")],
        "facturas": [_factura(store, r) for r in store.all("SELECT * FROM facturas WHERE inicial = 0 ORDER BY numero")],
        "abonos": [_abono(store, r) for r in store.all("SELECT * FROM abonos ORDER BY numero")],
        "pagos": [_pago(r) for r in store.all("SELECT * FROM pagos ORDER BY numero")],
        "tramites": [_tramite(store, r) for r in store.all("SELECT * FROM tramites ORDER BY momento, radicado")],
        "posts": {r["ruta"]: r["veces"] for r in store.all("SELECT * FROM visitas ORDER BY ruta")},
    }


def _entry(row: sqlite3.Row, number: str, *, codigo: str, amount: int, observation: str) -> Entry:
    return {
        "number": number,
        "codigo": codigo,
        "amount": amount,
        "user": row["usuario"],
        "observation": observation,
        "time": row["momento"],
    }


def _tercero(row: sqlite3.Row) -> Entry:
    keys = ("tipo_documento", "documento", "nombres", "apellidos", "celular", "direccion")
    return {
        **_entry(row, row["numero"], codigo="", amount=0, observation=""),
        **{key: row[key] for key in keys},
        "nombre": terceros.full_name(row),
    }


def _factura(store: Store, row: sqlite3.Row) -> Entry:
    lines = facturas.lines_saved(store, row["numero"])
    tercero = store.one("SELECT * FROM terceros WHERE numero = ?", row["tercero"])
    orders = store.all("SELECT abono FROM abonos_facturas WHERE factura = ? ORDER BY abono", row["numero"])
    return {
        **_entry(row, row["numero"], codigo=row["codigo"], amount=row["total"], observation=row["observacion"]),
        "productos": [line.producto for line in lines],
        "lineas": [{"producto": line.producto, "cantidad": line.cantidad, "valor": line.valor} for line in lines],
        "forma_pago": row["forma_pago"],
        "tercero": tercero
        and {
            "numero": tercero["numero"],
            "tipo_documento": tercero["tipo_documento"],
            "documento": tercero["documento"],
            "nombre": terceros.full_name(tercero),
        },
        "estado": row["estado"],
        "abonos": [order["abono"] for order in orders],
    }


def _abono(store: Store, row: sqlite3.Row) -> Entry:
    paid = [r["numero"] for r in abonos.facturas_of(store, row["numero"])]
    return {
        **_entry(row, row["numero"], codigo=row["codigo"], amount=row["valor"], observation=""),
        "factura": ", ".join(paid),
        "facturas": paid,
        "estado": row["estado"],
    }


def _pago(row: sqlite3.Row) -> Entry:
    return {
        **_entry(row, row["numero"], codigo=row["codigo"], amount=row["valor"], observation=""),
        "abono": row["abono"],
    }


def _tramite(store: Store, row: sqlite3.Row) -> Entry:
    keys = ("zona", "medio", "servicio", "tipo", "causal", "estado", "abono")
    paid = [r["numero"] for r in abonos.facturas_of(store, row["abono"])] if row["abono"] else []
    return {
        **_entry(row, row["radicado"], codigo=row["codigo"], amount=0, observation=row["observacion"]),
        **{key: row[key] for key in keys},
        "facturas": paid,
        "notificacion": bool(row["notificacion"]),
    }
