"""Files of requests as offices make them: rows, CSV and workbooks for the intake's tests."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from robot.records.columnas import COLUMNS, TITLES
from robot.records.intake import BadRow, GoodRow, read_requests
from robot.records.solicitud import Formats

FIXTURES = Path(__file__).parents[2] / "fixtures"
ROW: dict[str, str] = {
    "codigo": "100234",
    "ruta": "01-383",
    "suscriptor": "MARÍA ROJAS",
    "tipo_documento": "CC",
    "documento": "40781234",
    "nombres": "Ana María",
    "apellidos": "Ñáñez Ruiz",
    "celular": "3104567890",
    "forma_pago": "contado",
    "concepto": "RECONEXIÓN DEL SERVICIO",
    "medidor": "sí",
    "arreglo": "acuerdo",
    "arreglo_ref": "AP-1",
    "solicitud": "",
    "nueva_ocasion": "",
}


def row(**changed: str) -> list[str]:
    """Return the cells of the good row with some changed, in the template's order."""
    return [(ROW | changed)[column.field] for column in COLUMNS]


def rows(count: int) -> list[list[str]]:
    """Return good rows of that many subscribers."""
    return [row(codigo=str(200000 + number), documento=str(40000000 + number)) for number in range(count)]


def written(
    folder: Path,
    *lines: Sequence[str],
    titles: Sequence[str] = TITLES,
    encoding: str = "utf-8-sig",
    separator: str = ";",
    name: str = "lote.csv",
) -> Path:
    """Write a CSV file and return its path."""
    path = folder / name
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator, lineterminator="\r\n").writerows([titles, *lines])
    return path


def workbook(folder: Path, *lines: Sequence[Any], titles: Sequence[str] = TITLES, **formats: str) -> Path:
    """Write a workbook and return its path; *formats* give cells (`A2="000000"`) a number format."""
    book = Workbook()
    sheet = book.worksheets[0]
    for line in (titles, *lines):
        sheet.append(list(line))
    for cell, number_format in formats.items():
        sheet[cell].number_format = number_format
    book.save(folder / "lote.xlsx")
    return folder / "lote.xlsx"


def good(path: Path, formats: Formats | None = None) -> list[GoodRow]:
    """Return the rows of a file, all of which are good."""
    found = list(read_requests(path, formats))
    assert [row for row in found if isinstance(row, BadRow)] == []
    return [row for row in found if isinstance(row, GoodRow)]


def wrong(path: Path, formats: Formats | None = None) -> list[tuple[int, str, str]]:
    """Return what is wrong in a file: row, column and sentence."""
    found = read_requests(path, formats)
    return [
        (row.number, problem.column, str(problem))
        for row in found
        if isinstance(row, BadRow)
        for problem in row.problems
    ]


def dated(lines: Iterable[Sequence[Any]], column: str, value: object) -> list[list[Any]]:
    """Return the lines with one column changed to any value, as a workbook may hold it."""
    at = [c.field for c in COLUMNS].index(column)
    return [[*line[:at], value, *line[at + 1 :]] for line in lines]
