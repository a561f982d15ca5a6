"""The journal's values as a person reads them: fields in words, amounts, times to the thousandth."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from robot.records.journal import Entry
from robot.records.llano import llano, titulo
from robot.records.story import Step
from robot.settings import BOGOTA
from robot.text import in_pesos

SUCESOS: Final[dict[str, str]] = {
    "case.opened": "Se abrió el caso",
    "case.recovered": "Se recuperó el caso",
    "case.state": "Cambió el estado",
    "run.started": "Comenzó un intento",
    "run.retried": "Se repite el intento",
    "run.finished": "Terminó el intento",
    "step.started": "Comenzó un paso",
    "step.finished": "Terminó el paso",
    "step.failed": "Falló el paso",
    "commit.approved": "Una persona miró antes de guardar",
    "effect.baseline": "Lo que había antes de guardar",
    "effect.intent": "Va a guardar",
    "effect.rehearsed": "Ensayó sin guardar",
    "effect.passed": "Salió hacia Serviweb",
    "effect.sent": "Se envió",
    "effect.answered": "Serviweb respondió",
    "effect.unanswered": "Serviweb no respondió",
    "effect.confirmed": "Quedó confirmado",
    "effect.rejected": "Serviweb lo rechazó",
    "effect.in_doubt": "Quedó en duda",
    "effect.not_sent": "No se guardó",
    "effect.repeated": "Se detuvo una repetición",
    "effect.picture_missing": "Falta la imagen",
    "effect.lookup": "Se consultó en Serviweb",
    "effect.decided": "Lo decidió una persona",
    "effect.annulled": "Se anuló",
    "lookup.started": "Comenzó una consulta",
    "lookup.finished": "Terminó la consulta",
    "lookup.failed": "Falló la consulta",
    "document.printed": "Se guardó un papel",
    "document.missing": "Falta un papel",
    "picture.taken": "Se tomó una imagen",
    "payment.recorded": "Se registró el pago",
    "payment.checked": "Se comprobó el pago",
    "payment.unexpected": "Llegó un pago inesperado",
    "payment.attended": "Se atendió el pago inesperado",
}
"""What each entry of the journal says happened."""


def suceso(entry: Entry) -> str:
    """Return what an entry says happened; its own name where nothing is known of it."""
    return SUCESOS.get(entry["event"], str(entry["event"]))


def guardaria(que: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what an effect was about to save, products with their amounts, as names and values."""
    products, amounts = list(que.get("productos") or ()), list(que.get("valores") or ())
    if len(amounts) == len(products):
        shown = [f"{name}: {in_pesos(amount)}" for name, amount in zip(products, amounts, strict=True)]
    else:
        shown = [str(name) for name in products]
    lines = [("Productos", " · ".join(shown))] if shown else []
    rest = {
        name: value for name, value in que.items() if name not in ("productos", "valores") and value not in ("", None)
    }
    return lines + [
        (titulo(name), in_pesos(value) if name == "total" else llano(value)) for name, value in rest.items()
    ]


def instante(value: str) -> str:
    """Return a journal's time to the thousandth, in Colombia."""
    there = datetime.fromisoformat(value).astimezone(BOGOTA)
    return f"{there:%d/%m/%Y %H:%M:%S},{there.microsecond // 1000:03d}"


def tecnico(step: Step) -> list[tuple[str, str]]:
    """Return the technical side of a step's failure."""
    told = [("Clase del error", step.error), ("Paso", step.number), ("Control", step.control), ("Página", step.url)]
    return [(name, value) for name, value in told if value]
