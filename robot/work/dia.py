"""The lines of one day's cases as the database has them: for the day's report, its planilla and its printed summary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from robot.records.linea import Linea, linea_de_fila
from robot.records.store import cases
from robot.settings import BOGOTA
from robot.work.archivo import Archivo
from robot.work.expediente import in_database, is_altered

_WAITING: Final = 500  # cases that haven't begun and are shown one by one


def lineas(archivo: Archivo, day: date, now: datetime) -> tuple[list[Linea], list[str]]:
    """Return the lines of a day's cases, and the marks of those whose folder here has another journal."""
    settings = archivo.settings
    rows = cases.moved_on(archivo.store, day, also_unfinished=day == now.astimezone(BOGOTA).date())
    lines, altered = [], []
    for row, caso in in_database(archivo, rows):
        lines.append(linea_de_fila(row, caso, horas=settings.horas_reconexion, dias=settings.dias_pqr))
        if is_altered(caso):
            altered.append(caso.id)
    return lines, sorted(altered)


def mostradas(lines: Sequence[Linea]) -> tuple[list[Linea], int]:
    """Leave out what only waits in the queue for its first run, but for the first ones; return how many are left out.

    A page with the 100,000 rows of a file tells nobody anything.
    """
    unbegun = [line for line in lines if not line.cabeza and line.estado == "en_cola"]
    waiting = {id(line) for line in unbegun[_WAITING:]}
    return [line for line in lines if id(line) not in waiting], len(waiting)
