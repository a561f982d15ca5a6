"""The law's clocks: how long the utility may take, in working days and hours of Colombia.

Both guide the work; they are no legal advice. The office sets the numbers (robot/settings.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from robot.settings import BOGOTA

HORAS_RECONEXION = 24
DIAS_PQR = 15
FUENTE_RECONEXION = (
    "Reconexión dentro de las {horas} horas siguientes al pago (Superservicios; la Ley 142 de 1994, art. 142, pide un "
    "plazo razonable)"
)
FUENTE_PQR = (
    "Respuesta dentro de los {dias} días hábiles siguientes a la radicación (Ley 142 de 1994, art. 158; festivos de la "
    "Ley 51 de 1983)"
)

_WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_NOT_WORKED = 5  # Saturday, the first day of the weekend


@dataclass(frozen=True, kw_only=True)
class Plazo:
    """One clock that runs: until when, by which rule; a clock of whole days ends with its last day."""

    vence: datetime
    fuente: str
    por_dias: bool = False

    def vencido(self, ahora: datetime) -> bool:
        """Say whether the time is over: the last moment itself is still in time."""
        return ahora > self.vence

    def texto(self, ahora: datetime) -> str:
        """Say it as a person would: «vence hoy a las 4:30 p. m.», «venció hace 2 h»."""
        return texto(self.vence, ahora, por_dias=self.por_dias)


def reconexion(pagado: datetime, *, horas: float = HORAS_RECONEXION) -> Plazo:
    """Return until when the service must be back: hours, not working ones, from the recorded payment."""
    return Plazo(vence=_local(pagado) + timedelta(hours=horas), fuente=FUENTE_RECONEXION.format(horas=f"{horas:g}"))


def respuesta(radicado: datetime, *, dias: int = DIAS_PQR) -> Plazo:
    """Return until when the petition must be answered: the end of the last working day, the next one being the first.

    Silence beyond it counts as a yes (Ley 142 de 1994, art. 158).
    """
    last = sumar_habiles(_local(radicado).date(), dias)
    return Plazo(
        vence=datetime.combine(last, time(23, 59, 59), BOGOTA), fuente=FUENTE_PQR.format(dias=dias), por_dias=True
    )


def pagado_en(registrado: datetime, fecha: date | None) -> datetime:
    """Return when the clock of a payment starts: when it was recorded, or the end of the day it was made, if earlier.

    The hour of a payment is not known, only its date; what is recorded days later must not win the office those days.
    """
    registrado = _local(registrado)
    if fecha is None or fecha >= registrado.date():
        return registrado
    return datetime.combine(fecha, time(23, 59, 59), BOGOTA)


def desde_pago(pago: Mapping[str, Any]) -> datetime:
    """Return when the clock of a payment starts, from the journal's entry of it."""
    fecha = pago.get("fecha")
    return pagado_en(datetime.fromisoformat(pago["t"]), date.fromisoformat(fecha) if fecha else None)


def es_habil(day: date) -> bool:
    """Say whether an office works that day: Monday to Friday, no Colombian holiday (Ley 51 de 1983)."""
    return day.weekday() < _NOT_WORKED and day not in festivos(day.year)


def sumar_habiles(day: date, count: int) -> date:
    """Return the working day that stands *count* (1 or more) working days after a day, which itself doesn't count."""
    if count < 1:
        raise ValueError("se cuenta por lo menos un día hábil")
    while count:
        day += timedelta(days=1)
        count -= es_habil(day)
    return day


def texto(vence: datetime, ahora: datetime, *, por_dias: bool = False) -> str:
    """Say when something is due, or how long ago it was, in the time of Colombia."""
    vence, ahora = _local(vence), _local(ahora)
    days = (vence.date() - ahora.date()).days
    if ahora > vence:
        return f"venció {_ago(-days, ahora - vence, por_dias=por_dias)}"
    at = "" if por_dias else f" a las {hora(vence)}"
    if days < 2:
        return f"vence {'hoy' if days == 0 else 'mañana'}{at}"
    return f"vence el {_WEEKDAYS[vence.weekday()]} {vence:%d/%m/%Y}{at}"


def hora(moment: datetime) -> str:
    """Write an hour as Colombia does: «4:30 p. m.»."""
    moment = _local(moment)
    return f"{moment.hour % 12 or 12}:{moment:%M} {'a' if moment.hour < 12 else 'p'}.\u00a0m."


def _ago(days: int, late: timedelta, *, por_dias: bool) -> str:
    minutes = int(late.total_seconds() // 60)
    if por_dias or minutes >= 48 * 60:
        days = days if por_dias else minutes // (24 * 60)
        return "ayer" if days == 1 else f"hace {days} días"
    if minutes < 1:
        return "hace un momento"
    return f"hace {minutes}\u00a0min" if minutes < 60 else f"hace {minutes // 60}\u00a0h"


def _local(moment: datetime) -> datetime:
    """Return the moment in Colombia. Raises `ValueError` for one without a time zone: it would be guessed."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} no tiene zona horaria")
    return moment.astimezone(BOGOTA)


@cache
def festivos(year: int) -> frozenset[date]:
    """Return the holidays of Colombia (Ley 51 de 1983)."""
    from holidays import country_holidays

    return frozenset(country_holidays("CO", years=year))
