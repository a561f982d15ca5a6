"""Which recorded payment is still to be read again in Serviweb before its trámite begins (D4)."""

from __future__ import annotations

from robot.records.caso import Caso
from robot.records.pagado import Visto


def to_check(caso: Caso) -> Visto | None:
    """Return the case's payment, or None where there is none, or Serviweb has shown it as paid already."""
    payment = caso.payment()
    if payment is None or _is_shown(caso, payment["n"]):
        return None
    return Visto(
        recibo=str(payment["recibo"]),
        valor=payment.get("valor", caso.what("abono").get("total")),
        factura=caso.number("factura") or "",
        otro_recibo=str(payment.get("otro_recibo") or ""),
    )


def _is_shown(caso: Caso, since: int) -> bool:
    """Say whether Serviweb showed the payment of that entry as paid; a refused trámite makes it doubtful again."""
    shown = False
    for entry in caso.entries:
        if entry["n"] <= since:
            continue
        if entry["event"] == "payment.checked":
            shown = bool(entry["pagado"])
        elif entry["event"] == "effect.rejected" and entry["kind"] == "tramite":
            shown = False
    return shown
