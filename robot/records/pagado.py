"""Decide what Serviweb's lists say of a payment that a person saw (D4): paid there, or why that isn't shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from robot.records.busqueda import Documento
from robot.text import in_pesos


@dataclass(frozen=True, kw_only=True)
class Visto:
    """The payment as it was recorded: its receipt, what was paid, and the factura that it should have paid.

    *otro_recibo* is the reason of a receipt, or a value, that isn't the abono's: a person answers for it.
    """

    recibo: str
    valor: int | None
    factura: str
    otro_recibo: str = ""


@dataclass(frozen=True, kw_only=True)
class Lectura:
    """What the lists show of a payment; the reason, a Spanish sentence, where it isn't shown as paid."""

    pagado: bool
    estado: str = ""
    valor: int | None = None
    motivo: str = ""


def en_recibos(visto: Visto, recibos: Sequence[Documento]) -> Lectura:
    """Judge by the subscriber's receipts, which say whether each one is paid."""
    row = next((one for one in recibos if one.numero.upper() == visto.recibo.upper()), None)
    if row is None:
        return Lectura(pagado=False, motivo=f"Serviweb no muestra el recibo {visto.recibo} entre los del suscriptor")
    told = _against(visto, row)
    return Lectura(pagado=not told, estado=row.estado, valor=row.total, motivo=told)


def _against(visto: Visto, row: Documento) -> str:
    """Return what of the receipt's row says that the payment isn't there, or ""."""
    if row.pagado is False or row.anulado:
        return f"Serviweb muestra el recibo {visto.recibo} como «{row.estado}»"
    if row.facturas is not None and visto.factura and visto.factura not in row.facturas:
        theirs = ", ".join(row.facturas) or "ninguna factura"
        return f"en Serviweb el recibo {visto.recibo} paga {theirs} y no la factura {visto.factura}"
    if row.total is not None and visto.valor is not None and row.total != visto.valor and not visto.otro_recibo:
        return (
            f"Serviweb muestra el recibo {visto.recibo} por {in_pesos(row.total)} y se esperaban "
            f"{in_pesos(visto.valor)}"
        )
    return ""


def en_facturas(visto: Visto, facturas: Sequence[Documento], otherwise: Lectura) -> Lectura:
    """Judge a payment with another receipt by the case's factura: it is paid once it isn't open any more."""
    row = next((one for one in facturas if one.numero == visto.factura), None)
    if row is None or row.abierto or row.anulado:
        return otherwise
    return Lectura(pagado=True, estado=f"factura {row.numero}: {row.estado}", valor=row.total)
