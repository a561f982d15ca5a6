"""A small table of figures as data: one source for the page, the workbook, the CSV and the printed report."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from robot.records.celda import guard
from robot.text import in_pesos

Tipo = Literal["texto", "numero", "segundos", "porcentaje", "pesos", "dia"]
Valor = str | int | float | date | None
_NOTHING: Final = "—"
_FORMATS: Final[dict[str, str]] = {
    "texto": "@",
    "numero": "#,##0",
    "segundos": "0.0",
    "porcentaje": "0.0%",
    "pesos": '"$" #,##0',
    "dia": "dd/mm/yyyy",
}
_LONGEST_TITLE: Final = 31  # of a sheet, in Excel


@dataclass(frozen=True)
class Columna:
    """One column: its title and what stands in it. Shares are 0 to 1."""

    titulo: str
    tipo: Tipo = "numero"
    ancho: int = 14


@dataclass(frozen=True, kw_only=True)
class Tabla:
    """One block of figures."""

    clave: str
    titulo: str
    columnas: tuple[Columna, ...]
    filas: Sequence[Sequence[Valor]]
    nota: str = ""


def mostrado(valor: Valor, tipo: Tipo) -> str:
    """Return a figure as people in Colombia write it."""
    if valor is None:
        return _NOTHING
    if isinstance(valor, date):
        return f"{valor:%d/%m/%Y}"
    if isinstance(valor, str):
        return valor
    if tipo == "porcentaje":
        return f"{valor * 100:.1f}\u00a0%".replace(".", ",")
    if tipo == "segundos":
        return f"{valor:,.1f}".translate(str.maketrans(",.", ".,"))
    if tipo == "pesos":
        return in_pesos(int(valor))
    return f"{valor:,.0f}".replace(",", ".")


def en_csv(tablas: Sequence[Tabla]) -> bytes:
    """Return tables as one CSV that Excel opens in Colombia; each begins with its title, an empty line between."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, delimiter=";", lineterminator="\r\n")
    for number, tabla in enumerate(tablas):
        if number:
            rows.writerow([])
        rows.writerow([guard(tabla.titulo)])
        rows.writerow([guard(columna.titulo) for columna in tabla.columnas])
        rows.writerows([_plain(v, c.tipo) for v, c in zip(row, tabla.columnas, strict=True)] for row in tabla.filas)
    return text.getvalue().encode("utf-8-sig")


def _plain(valor: Valor, tipo: Tipo) -> str:
    """Return a cell of the CSV: bare digits for amounts, a decimal comma, guarded texts."""
    if valor is None:
        return ""
    if isinstance(valor, str):
        return guard(valor)
    if isinstance(valor, int) and tipo in ("numero", "pesos"):
        return str(valor)
    return mostrado(valor, tipo).replace("\u00a0", " ")


def en_libro(tablas: Sequence[Tabla], *, asunto: str) -> bytes:
    """Return tables as a workbook, a sheet each: frozen titles, real numbers and dates, texts that are no formulas."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = asunto, "serviweb-robot"
    for tabla in tablas:
        _fill(book.create_sheet(_sheet_title(tabla.titulo)), tabla)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet_title(titulo: str) -> str:
    return "".join(letter for letter in titulo if letter not in "[]:*?/\\")[:_LONGEST_TITLE]


def _fill(sheet: Any, tabla: Tabla) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, columna in enumerate(tabla.columnas, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = max(columna.ancho, len(columna.titulo) + 3)
        title = sheet.cell(1, number, columna.titulo)
        title.font, title.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", start_color="0B5C8F")
    for row, values in enumerate(tabla.filas, start=2):
        for number, (valor, columna) in enumerate(zip(values, tabla.columnas, strict=True), start=1):
            cell = sheet.cell(row, number, valor)
            cell.number_format = _FORMATS[columna.tipo]
            if isinstance(valor, str):
                cell.data_type, cell.number_format = "s", "@"  # «=…» is a text, never a formula
                cell.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(tabla.columnas))}{len(tabla.filas) + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
