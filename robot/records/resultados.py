"""Results of many requests as sheets: a CSV that Excel opens in Colombia, and a workbook. One line per request."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from robot.records.celda import guard
from robot.records.linea import ESTADOS, ETAPAS, TONOS, Linea
from robot.settings import BOGOTA

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

Kind = Literal["texto", "identificador", "fecha", "pesos", "numero"]
Value = str | int | float | datetime | None


@dataclass(frozen=True)
class Columna:
    """One column: its title, what stands in it, and its width in characters."""

    titulo: str
    campo: str
    tipo: Kind = "texto"
    ancho: int = 14


COLUMNAS = (
    Columna("Fila", "fila", "numero", 7),
    Columna("Caso", "caso", "identificador", 13),
    Columna("Código", "codigo", "identificador", 12),
    Columna("Ruta", "ruta", "identificador", 10),
    Columna("Suscriptor", "suscriptor", "texto", 34),
    Columna("Estado", "estado", "texto", 17),
    Columna("Etapa", "etapa", "texto", 10),
    Columna("Factura", "factura", "identificador", 14),
    Columna("Recibo", "recibo", "identificador", 14),
    Columna("Radicado", "radicado", "identificador", 20),
    Columna("Total", "total", "pesos", 13),
    Columna("Motivo", "motivo", "texto", 48),
    Columna("Qué hacer", "que_hacer", "texto", 48),
    Columna("Creado", "creado", "fecha", 17),
    Columna("Último cambio", "cambiado", "fecha", 17),
    Columna("Pagado", "pagado", "fecha", 17),
    Columna("Radicado el", "radicado_en", "fecha", 17),
    Columna("Reconectar antes de", "reconectar", "fecha", 20),
    Columna("Responder antes de", "responder", "fecha", 20),
    Columna("Segundos de trabajo", "segundos", "numero", 20),
    Columna("Asesor", "asesor", "texto", 18),
    Columna("Huella del diario", "sello", "texto", 36),
)

_FILL = {"bien": "E3F5EC", "espera": "E6F0FC", "duda": "FFF3D6", "mal": "FDECEB", "neutro": "EEF1F5"}
_INK = {"bien": "14764A", "espera": "1F5FAE", "duda": "8A5A00", "mal": "B42318", "neutro": "5B6879"}
_FORMATS: dict[Kind, str] = {
    "texto": "@",
    "identificador": "@",
    "fecha": "dd/mm/yyyy hh:mm",
    "pesos": '"$" #,##0',
    "numero": "General",
}
_LONGEST = 32_767  # characters that a cell of Excel holds


def escribir_csv(lineas: Iterable[Linea], ruta: Path) -> Path:
    """Write the CSV that Excel opens as it is (`;`, BOM, CRLF, dd/mm/aaaa) and return it; a broken write leaves none.

    Identifiers that Excel would change, and whatever it would run as a formula, are guarded (robot/records/celda.py);
    amounts are bare digits, which no regional setting reads otherwise.
    """
    with _whole(ruta) as half, half.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";", lineterminator="\r\n")
        rows.writerow([columna.titulo for columna in COLUMNAS])
        rows.writerows([_as_text(valor(linea, columna)) for columna in COLUMNAS] for linea in lineas)
    return ruta


def escribir_xlsx(lineas: Iterable[Linea], ruta: Path, *, hoja: str = "Resultados") -> Path:
    """Write the workbook and return it: frozen titles, filter, identifiers as text, real dates, a colour per state.

    Rows go to the disk as they come, so that memory doesn't grow with them.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(hoja)
    sheet.freeze_panes = "D2"
    for number, columna in enumerate(COLUMNAS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = columna.ancho
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.print_title_rows = "1:1"
    rows = 1
    try:
        sheet.append(_titles(sheet))
        for linea in lineas:
            sheet.append([_cell(sheet, linea, columna) for columna in COLUMNAS])
            rows += 1
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNAS))}{rows}"
    finally:
        sheet.close()  # its rows stand in a file of openpyxl's own, which nobody else would close
    with _whole(ruta) as half:
        book.save(half)
    return ruta


def valor(linea: Linea, columna: Columna) -> Value:
    """Return what stands in a cell: words in Spanish, times in Colombia without zone, whole pesos, None for nothing."""
    found = getattr(linea, columna.campo)
    if columna.campo == "estado":
        return ESTADOS[linea.estado]
    if columna.campo == "etapa":
        return ETAPAS.get(linea.etapa, linea.etapa)
    if isinstance(found, datetime):
        return found.astimezone(BOGOTA).replace(tzinfo=None, microsecond=0)
    if isinstance(found, float):
        return round(found, 1)
    if isinstance(found, str):
        return " ".join(found.split()) or None
    return found if isinstance(found, int) else None


def _as_text(value: Value) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case float():
            return f"{value:g}".replace(".", ",")
        case int():
            return str(value)
    return guard(value)


def _titles(sheet: Any) -> list[Cell]:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    cells = []
    for columna in COLUMNAS:
        cell = WriteOnlyCell(sheet, value=columna.titulo)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", start_color="0B5C8F")
        cell.alignment = Alignment(vertical="center", horizontal="left")
        cells.append(cell)
    return cells


def _cell(sheet: Any, linea: Linea, columna: Columna) -> Cell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font, PatternFill

    value = valor(linea, columna)
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST]
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        cell.data_type = "s"  # «=…» is a text, never a formula
    cell.number_format = _FORMATS[columna.tipo]
    if columna.campo in ("motivo", "que_hacer") and value:
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    if columna.campo == "estado":
        tone = TONOS[linea.estado]
        cell.fill = PatternFill("solid", start_color=_FILL[tone])
        cell.font = Font(bold=True, color=_INK[tone])
    return cell


@contextmanager
def _whole(ruta: Path) -> Iterator[Path]:
    """Give a name to write to, which becomes the file only when all of it is written."""
    ruta.parent.mkdir(parents=True, exist_ok=True)
    half = ruta.with_name(f"{ruta.name}.parte")
    try:
        yield half
        half.replace(ruta)
    finally:
        half.unlink(missing_ok=True)
