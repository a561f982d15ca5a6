"""Paso 23: a person has seen the paid receipt. The trámite never starts without this record (D4)."""

from __future__ import annotations

from datetime import datetime

from robot.errors import Rejected
from robot.records.caso import NOMBRE_ESTADO, Caso, all_cases
from robot.records.journal import Journal
from robot.records.solicitud import Pago, Solicitud
from robot.settings import BOGOTA, Settings
from robot.text import in_pesos
from robot.work.apertura import masker_for


def check(settings: Settings, caso: Caso, pago: Pago, now: datetime | None = None) -> None:
    """Raise `Rejected`, with every fault, unless the payment is this case's and of no other."""
    if caso.estado != "esperando_pago":
        raise Rejected(f"El caso {caso.id} no espera un pago: {NOMBRE_ESTADO[caso.estado]}")
    today = (now or datetime.now(BOGOTA)).astimezone(BOGOTA).date()
    recibo, total = caso.number("abono"), caso.what("abono").get("total")
    generated = next(e for e in caso.entries if e["event"] == "effect.confirmed" and e["kind"] == "abono")
    since = datetime.fromisoformat(generated["t"]).astimezone(BOGOTA).date()
    wrong = []
    if pago.recibo.upper() != str(recibo).upper() and not pago.otro_recibo:
        wrong.append(f"recibo: el del caso es {recibo}; si pagó con {pago.recibo}, diga el motivo con --otro-recibo")
    if pago.fecha > today:
        wrong.append(f"fecha: {pago.fecha:%d/%m/%Y} está en el futuro")
    if pago.fecha < since:
        wrong.append(f"fecha: {pago.fecha:%d/%m/%Y} es anterior al abono, que es del {since:%d/%m/%Y}")
    if pago.valor is not None and total is not None and pago.valor != total and not pago.otro_recibo:
        wrong.append(f"valor: el abono es por {in_pesos(total)} y se indicó {in_pesos(pago.valor)}")
    if not pago.recibo:
        wrong.append("recibo: falta el número")
    for other in all_cases(settings.casos):
        paid = other.payment()
        theirs = {str(other.number("abono")).upper(), str(paid["recibo"]).upper() if paid else ""}
        if other.id != caso.id and pago.recibo and pago.recibo.upper() in theirs:
            wrong.append(f"recibo: {pago.recibo} es del caso {other.id}")
    if wrong:
        raise Rejected(
            "El pago no se registró:\n  " + "\n  ".join(wrong), remedy="Compruebe el recibo cancelado en caja."
        )


def record(caso: Caso, solicitud: Solicitud, pago: Pago) -> None:
    """Write the payment into the case's journal, durably."""
    with Journal(caso.folder, masker_for(solicitud)) as journal:
        journal.write(
            "payment.recorded",
            durable=True,
            recibo=pago.recibo,
            fecha=pago.fecha.isoformat(),
            valor=pago.valor,
            otro_recibo=pago.otro_recibo or None,
            registrado_por=pago.confirmado_por,
        )
        caso.entries[:] = journal.entries
