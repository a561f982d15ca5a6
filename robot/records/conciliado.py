"""What a comparison with Serviweb found, as a CSV that Excel opens in Colombia and as a workbook."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from robot.records.celda import guard
from robot.records.conciliacion import CLASES, TIPOS, Diferencia

NAME: Final = "conciliacion"
_COLUMNS: Final = (
    ("Diferencia", 18),
    ("Documento", 12),
    ("Número", 20),
    ("Código", 12),
    ("Caso", 13),
    ("Detalle", 60),
    ("Qué hacer", 60),
    ("Fecha en Serviweb", 18),
    ("Usuario en Serviweb", 20),
    ("Valor en Serviweb", 18),
)
_FILL: Final = {"solo_aqui": "FDECEB", "solo_serviweb": "FFF3D6", "distinto": "E6F0FC"}


def escribir(found: Sequence[Diferencia], folder: Path) -> tuple[Path, Path]:
    """Write both files into a folder and return them; without differences they hold their titles alone."""
    folder.mkdir(parents=True, exist_ok=True)
    return _csv(found, folder / f"{NAME}.csv"), _xlsx(found, folder / f"{NAME}.xlsx")


def _cells(one: Diferencia) -> list[str | int | None]:
    text = (CLASES[one.clase], TIPOS[one.tipo], one.numero, one.codigo, one.caso, one.detalle, one.que_hacer)
    return [*text, one.fecha, one.usuario, one.valor]


def _csv(found: Sequence[Diferencia], path: Path) -> Path:
    half = path.with_suffix(".parte")
    with half.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";", lineterminator="\r\n")
        rows.writerow([title for title, _ in _COLUMNS])
        for one in found:
            rows.writerow(
                [guard(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in _cells(one)]
            )
    return half.replace(path)


def _xlsx(found: Sequence[Diferencia], path: Path) -> Path:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Conciliación"
    sheet.append([title for title, _ in _COLUMNS])
    for number, (_, width) in enumerate(_COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        title = sheet.cell(1, number)
        title.font, title.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", start_color="0B5C8F")
    for row, one in enumerate(found, start=2):
        for column, value in enumerate(_cells(one), start=1):
            cell = sheet.cell(row, column, value)
            if isinstance(value, str):
                cell.data_type, cell.number_format = "s", "@"  # «=…» is a text, never a formula
            elif value is not None:
                cell.number_format = '"$" #,##0'
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        sheet.cell(row, 1).fill = PatternFill("solid", start_color=_FILL[one.clase])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_COLUMNS))}{len(found) + 1}"
    half = path.with_suffix(".parte")
    book.save(half)
    return half.replace(path)
