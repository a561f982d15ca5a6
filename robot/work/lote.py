"""A lot's results, one line for each row that became, or repeated, a case."""

from __future__ import annotations

from collections.abc import Iterator

from robot.records.linea import Linea, linea_de_fila
from robot.records.store import cases
from robot.work import expediente
from robot.work.archivo import Archivo


def lineas(archivo: Archivo, lote: str) -> Iterator[Linea]:
    """Yield the lines of a lot; rows that were refused stand in its errors file instead."""
    taken = [row for row in cases.by_lot(archivo.store, lote) if row["resultado"] != "error"]
    settings = archivo.settings
    for row, caso in expediente.in_database(archivo, taken):
        yield linea_de_fila(row, caso, fila=row["fila"], horas=settings.horas_reconexion, dias=settings.dias_pqr)
