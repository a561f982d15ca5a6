"""What another advisor does meanwhile, for tests of any set of pages: a factura of a reconexión, and its abono."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.rules import abonos, facturas
from mock_serviweb.rules.facturas import Draft, NewFactura

if TYPE_CHECKING:
    from mock_serviweb.store import Store

PRODUCTS = ("P01", "P03", "P06")


def bill(store: Store, *, codigo: str, documento: str = "40781234", user: str = "asesor2") -> str:
    """Save a factura of the three products of a reconexión; answer its number."""
    draft = Draft(codigo=codigo)
    for product in PRODUCTS:
        facturas.add_line(store, draft, product)
    new = NewFactura(
        forma_pago="Contado",
        codigo=codigo,
        tipo_documento="CC",
        documento=documento,
        observacion=f"Código {codigo}. Reconexión.",
    )
    return facturas.save(store, draft, new, user)


def generate(store: Store, *, codigo: str, user: str = "asesor2") -> str:
    """Generate the abono for all that a subscriber owes; answer the recibo's number."""
    return abonos.generate(store, codigo, [row["numero"] for row in abonos.pending(store, codigo)], user)
