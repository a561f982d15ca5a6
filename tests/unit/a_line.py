"""Lines as a day leaves them, for sheets, planilla and report."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from robot.records.linea import Linea
from robot.settings import BOGOTA

AHORA = datetime(2026, 11, 24, 15, 40, tzinfo=BOGOTA)
HOY = AHORA.date()


def line(number: int = 1, **changed: Any) -> Linea:
    """Return the line of a case that was filed today, with some fields changed."""
    filed = AHORA.replace(hour=8, minute=0) + timedelta(minutes=number)
    whole: dict[str, Any] = {
        "caso": f"R-{number:07d}",
        "fila": number + 1,
        "codigo": f"{100200 + number}",
        "ruta": "01-383",
        "suscriptor": "ROSALBA CUÉLLAR DE PERDOMO",
        "asesor": "lperez",
        "etapa": "tramite",
        "estado": "terminado",
        "factura": f"F-{2300 + number}",
        "recibo": f"RC-{8100 + number}",
        "radicado": f"2026-11-{4400 + number}",
        "total": 98700,
        "creado": filed - timedelta(hours=1),
        "cambiado": filed,
        "pagado": filed - timedelta(minutes=5),
        "radicado_en": filed,
        "segundos": 4.25,
        "cabeza": f"{number:064x}",
    }
    return Linea(**whole | changed)


def open_line(number: int = 1, **changed: Any) -> Linea:
    """Return the line of a case that was paid and whose radicado is missing."""
    missing = {"radicado": "", "radicado_en": None, "estado": "incompleto", "motivo": "Falta el radicado"}
    return line(number, **missing | changed)
