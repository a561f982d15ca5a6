"""The form of a payment: what was typed, and what is wrong with it, field by field."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from robot.errors import Rejected
from robot.panel.palabras import en_pantalla
from robot.records.solicitud import Pago, parse_date
from robot.records.store.payments import Facts
from robot.settings import BOGOTA
from robot.text import pesos, plain, sentence
from robot.work import pago as rules


class PagoEscrito(BaseModel):
    """The fields of the form, each as it was typed."""

    recibo: str = ""
    fecha: str = ""
    valor: str = ""
    otro_recibo: str = ""


def blank(facts: Facts) -> PagoEscrito:
    """Return the form as it opens: the case's receipt and today; the amount is for a person to read."""
    return PagoEscrito(recibo=facts.recibo, fecha=datetime.now(BOGOTA).date().isoformat())


def review(
    escrito: PagoEscrito, facts: Facts, *, owner: str | None, confirmado_por: str
) -> tuple[Pago | None, dict[str, str]]:
    """Return the payment, or every field's fault."""
    errores: dict[str, str] = {}
    day, value = _day(escrito.fecha, errores), _value(escrito.valor, errores)
    seen = Pago(
        recibo=plain(escrito.recibo)[:60],
        fecha=day or datetime.now(BOGOTA).date(),
        valor=value,
        otro_recibo=plain(escrito.otro_recibo)[:200],
        confirmado_por=confirmado_por,
    )
    weighed = rules.weigh(facts, seen, owner=owner)
    if isinstance(weighed, list):
        for problem in weighed:
            errores.setdefault(problem.field, f"{sentence(en_pantalla(problem.message)).rstrip('.')}.")
    return (None, errores) if errores else (seen, {})


def _day(text: str, errores: dict[str, str]) -> date | None:
    try:
        return parse_date(text)
    except Rejected:
        errores["fecha"] = "Escriba la fecha del recibo, como 24/11/2026."
        return None


def _value(text: str, errores: dict[str, str]) -> int | None:
    try:
        return pesos(text)
    except ValueError:
        errores["valor"] = "Escriba el valor que aparece en el recibo, como 98.700."
        return None
