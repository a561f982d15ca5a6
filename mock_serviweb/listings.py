"""What the consultations of a subscriber show of each document, whatever the pages look like: columns and cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.clock import for_people
from mock_serviweb.prints import pesos

if TYPE_CHECKING:
    import sqlite3

FACTURA = ("Número", "Fecha", "Productos", "Total", "Estado", "Usuario", "Observación")
RECIBO = ("Número", "Fecha", "Factura", "Valor", "Estado", "Usuario")
TRAMITE = ("Radicado", "Fecha", "Causal", "Estado", "Usuario", "Observación")


def factura(r: sqlite3.Row) -> tuple[str, ...]:
    """Write the cells of a factura."""
    moment, total, state = for_people(r["momento"]), pesos(r["total"]), r["estado"].capitalize()
    return (r["numero"], moment, r["productos"], total, state, r["usuario"], r["observacion"])


def recibo(r: sqlite3.Row) -> tuple[str, ...]:
    """Write the cells of a recibo."""
    moment, amount, state = for_people(r["momento"]), pesos(r["valor"]), r["estado"].capitalize()
    return (r["numero"], moment, r["facturas"], amount, state, r["usuario"])


def tramite(r: sqlite3.Row) -> tuple[str, ...]:
    """Write the cells of a trámite."""
    return (r["radicado"], for_people(r["momento"]), r["causal"], r["estado"], r["usuario"], r["observacion"])
