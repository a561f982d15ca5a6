"""The empty file that people fill in: a workbook that Excel cannot damage, or a CSV."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from robot.errors import Rejected
from robot.records.columnas import REQUESTS, Column, Layout

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_ROWS = 10_000  # of the template, that have lists and tips
_TEXT = "@"  # Excel's format of text
_REQUESTS = (
    "Escriba una solicitud por fila en la hoja «Solicitudes». No cambie los títulos; el orden no importa.",
    "Las columnas tienen formato de texto: así Excel no quita ceros ni convierte rutas en fechas.",
    "Si pega datos de otro libro, use «Pegado especial: Valores».",
    "Un suscriptor va una sola vez en el archivo. Las filas ocultas o filtradas no se cargan.",
    "Guarde y cargue con «serviweb cola cargar ARCHIVO».",
    "Las filas con errores quedan en un archivo aparte, que dice qué corregir en cada una.",
)
_PAYMENTS = (
    "Escriba un pago por fila en la hoja «Pagos», o use el listado que ya hace la caja, si tiene estas columnas.",
    "No cambie los títulos; el orden no importa. Los recibos que no son de reconexiones se cuentan y no se tocan.",
    "Caso y motivo solo hacen falta cuando se pagó con otro recibo u otro valor.",
    "Las filas ocultas o filtradas no se cargan. Un archivo puede cargarse otra vez: nada se registra dos veces.",
    "Guarde y cargue con «serviweb pagos cargar ARCHIVO».",
    "Las filas con errores quedan en un archivo aparte, que dice qué corregir en cada una.",
)


def write_template(path: Path, layout: Layout = REQUESTS) -> Path:
    """Write an empty file of requests, or of payments: CSV if the path ends so, else XLSX.

    Raises `Rejected` for one that exists.
    """
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise Rejected(
            f"«{path.name}» no es un nombre de planilla", remedy="Use un nombre que termine en .xlsx o .csv."
        )
    if path.exists():
        raise Rejected(
            f"«{path.name}» ya existe y puede tener {layout.rows}", remedy="Use otro nombre, o bórrelo antes."
        )
    try:
        return _write_csv(path, layout) if path.suffix.lower() == ".csv" else _write_workbook(path, layout)
    except OSError as error:
        raise Rejected(f"No se puede escribir «{path}»: {error.strerror}", remedy="Use otra carpeta.") from None


def _write_csv(path: Path, layout: Layout) -> Path:
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerow(layout.titles)
    return path


def _write_workbook(path: Path, layout: Layout) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = layout.rows.capitalize()
    sheet.append(list(layout.titles))
    for number, column in enumerate(layout.columns, 1):
        _format(sheet, number, column)
    sheet.freeze_panes = "A2"
    _instructions(book.create_sheet("Instrucciones"), layout)
    book.save(path)
    return path


def _format(sheet: Worksheet, number: int, column: Column) -> None:
    """Give one column its text format, its tip and, for closed values, its list."""
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = get_column_letter(number)
    sheet.column_dimensions[letter].number_format = _TEXT
    sheet.column_dimensions[letter].width = max(14, len(column.title) + 4)
    for row in range(2, 202):  # LibreOffice keeps a column's format only where cells have it
        sheet.cell(row, number).number_format = _TEXT
    title = sheet.cell(1, number)
    title.font = Font(bold=True, color="FFFFFF")
    title.fill = PatternFill("solid", fgColor="1F5C99" if column.required else "6B7785")
    rule = (
        DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
        if column.choices
        else DataValidation(type="textLength", operator="lessThanOrEqual", formula1="250", allow_blank=True)
    )
    rule.showInputMessage = rule.showErrorMessage = True
    rule.promptTitle, rule.prompt = column.title, _tip(column)
    rule.errorTitle, rule.error = column.title, "Use uno de la lista." if column.choices else "Es demasiado largo."
    rule.add(f"{letter}2:{letter}{_ROWS}")
    sheet.add_data_validation(rule)


def _tip(column: Column) -> str:
    example = f" Ejemplo: {column.example}" if column.example else ""
    return f"{column.means}{example}"[:255]  # Excel shows no more


def _instructions(sheet: Worksheet, layout: Layout) -> None:
    """Explain every column, with an example of it."""
    from openpyxl.styles import Alignment, Font

    sheet.append(["Cómo llenar la planilla"])
    for rule in _REQUESTS if layout is REQUESTS else _PAYMENTS:
        sheet.append([rule])
    sheet.append([])
    sheet.append(["Dato", "Obligatorio", "Qué se escribe", "Valores", "Ejemplo"])
    first = sheet.max_row
    for column in layout.columns:
        needed = "sí" if column.required else "según el caso" if column.field in ("apellidos", "arreglo_ref") else "no"
        sheet.append([column.title, needed, column.means, ", ".join(column.choices), column.example])
    for letter, width in zip("ABCDE", (26, 14, 70, 26, 32), strict=True):
        sheet.column_dimensions[letter].width = width
    for number, row in enumerate(sheet.iter_rows(), 1):
        for cell in row:
            cell.alignment = Alignment(vertical="top", wrap_text=number >= first)
            cell.number_format = _TEXT
            cell.font = Font(bold=number in (1, first))
