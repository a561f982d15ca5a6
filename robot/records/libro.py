"""A workbook of Excel, read row by row: what it shows is taken, what it has changed is refused."""

from __future__ import annotations

import re
import warnings
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from robot.errors import Rejected
from robot.records.celda import unguard
from robot.records.columnas import Header, Layout
from robot.records.tabla import HEADER_WITHIN, Line, Progress, find_header

_MOST_BYTES = 1 << 30  # unpacked; a sheet of 100,000 requests has about 100 MB
_BATCH = 500
_EXACT = 10**15  # Excel keeps fifteen digits of a number
_ZEROS = re.compile(r"0+")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_TYPES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_TAG = 4096  # the longest tag of a row that is cut by two readings
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
)


class Workbook:
    """The one visible sheet with our titles. What is hidden or filtered away is not taken: nobody saw it."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path = path
        self._kind = layout
        self._size = path.stat().st_size
        self._check()
        self._file, self._book = self._load()
        weakref.finalize(self, self._file.close)
        self._sheet, self._titles, self.header = self._choose()
        try:
            self._hidden = self._hidden_rows()
        except _BROKEN as error:
            raise self._broken() from error

    def lines(self, progress: Progress | None = None) -> Iterator[Line]:
        """Yield the rows below the titles that hold something, one at a time."""
        for number, row in self._rows(self._sheet):
            if progress and number % _BATCH == 0:
                progress(min(self._file.tell(), self._size), self._size)
            if number > self._titles and any(cell.value is not None for cell in row):
                yield self._line(number, row)
        if progress:
            progress(self._size, self._size)

    def _line(self, number: int, row: tuple[Any, ...]) -> Line:
        cells, faults = [], {}
        for column, cell in enumerate(row):
            text, fault = _read(cell)
            cells.append(unguard(text))
            if fault:
                faults[column] = fault
        if number in self._hidden:
            faults[-1] = "la fila estaba oculta o filtrada en Excel; si sí se debe cargar, déjela a la vista"
        return Line(number, cells, faults)

    def _load(self) -> tuple[IO[bytes], Any]:
        """Open the workbook once: its texts are read for every opening. Returns the file, which stays open, and it."""
        file = self._path.open("rb")
        try:
            with _quiet():
                return file, load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except _BROKEN as error:
            file.close()
            raise self._broken() from error

    def _rows(self, title: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Yield a sheet's rows with their numbers, blank ones too."""
        sheet = self._book[title]
        sheet.reset_dimensions()  # what other programs write there may be too small
        rows = enumerate(sheet.iter_rows(), 1)
        try:
            while True:
                with _quiet():
                    batch = list(islice(rows, _BATCH))
                if not batch:
                    break
                yield from batch
        except _BROKEN as error:
            raise self._broken() from error

    def _choose(self) -> tuple[str, int, Header]:
        """Return the sheet's name, the row of its titles and its columns. Raises `Rejected` for none or several."""
        visible = [sheet.title for sheet in self._book.worksheets if sheet.sheet_state == "visible"]
        tops = {title: self._top(title) for title in visible}
        ours = [title for title, top in tops.items() if any(self._kind.is_header(cells) for _, cells in top)]
        if len(ours) > 1:
            names = ", ".join(f"«{title}»" for title in ours)
            raise Rejected(
                f"«{self._path.name}» tiene varias hojas con {self._kind.rows}: {names}",
                remedy="Deje una sola hoja, o guarde cada una en su archivo.",
            )
        rows = [row for title in ours or visible for row in tops[title]]
        number, columns = find_header(rows, self._path.name, self._kind)
        return ours[0], number, columns

    def _top(self, title: str) -> list[tuple[int, list[str]]]:
        """Return the first rows of a sheet that hold something."""
        texts = ((number, [_read(cell)[0] for cell in row]) for number, row in self._rows(title))
        return list(islice((row for row in texts if any(row[1])), HEADER_WITHIN))

    def _check(self) -> None:
        """Raise `Rejected` unless it is a workbook, unencrypted and of a reasonable size."""
        try:
            with zipfile.ZipFile(self._path) as parts:
                infos = parts.infolist()
                if not any(info.filename.startswith("xl/") for info in infos):
                    raise Rejected(
                        f"«{self._path.name}» no es un libro de Excel: es otro archivo comprimido",
                        remedy="Guárdelo en Excel como «Libro de Excel (.xlsx)».",
                    )
                if any(info.flag_bits & 1 for info in infos):
                    raise Rejected(f"«{self._path.name}» tiene contraseña", remedy="Guárdelo sin contraseña.")
                if sum(info.file_size for info in infos) > _MOST_BYTES:
                    raise Rejected(
                        f"«{self._path.name}» es demasiado grande al abrirse",
                        remedy=f"Copie solo {self._kind.rows} a un libro nuevo, o guárdelo como «CSV UTF-8».",
                    )
        except _BROKEN as error:
            raise self._broken() from error

    def _hidden_rows(self) -> frozenset[int]:
        """Return the numbers of rows that Excel does not show; read to the end, which proves its checksum."""
        hidden: set[int] = set()
        number = 0
        part = str(self._book[self._sheet]._worksheet_path).lstrip("/")
        with zipfile.ZipFile(self._path) as parts, parts.open(part) as xml:
            rest = b""
            while chunk := xml.read(1 << 20):
                text = rest + chunk
                if _TYPES.search(text):
                    raise self._broken()
                end = 0
                for found in _ROW.finditer(text):
                    end = found.end()
                    told = re.search(rb'\br="(\d+)"', found[1])
                    number = int(told[1]) if told else number + 1
                    if re.search(rb'\bhidden="(?:1|true)"', found[1]):
                        hidden.add(number)
                rest = text[max(end, len(text) - _TAG) :]
        return frozenset(hidden)

    def _broken(self) -> Rejected:
        return Rejected(
            f"«{self._path.name}» está dañado o cortado y no se puede leer",
            remedy="Ábralo en Excel y guárdelo de nuevo; si Excel no lo abre, pida otra copia.",
        )


def _quiet() -> warnings.catch_warnings[None]:
    """Silence what openpyxl says about styles and lists that we don't read."""
    return warnings.catch_warnings(action="ignore")


def _read(cell: Any) -> tuple[str, str | None]:
    """Return a cell's text as Excel shows it, and what is wrong with taking it as that."""
    value = cell.value
    match value:
        case None:
            return "", None
        case bool():
            return ("VERDADERO" if value else "FALSO"), None
        case str():
            return value, None
        case int() | float() if float(value).is_integer() and abs(value) < _EXACT:
            return _whole(int(value), str(cell.number_format)), None
        case int() | float():
            shown = str(value).replace(".", ",").upper()
            why = "tiene decimales" if abs(value) < _EXACT else "perdió dígitos: Excel guarda quince"
            return shown, f"es un número que {why}; dé formato de texto a la columna y escríbalo completo"
        case datetime() | date():
            return (
                f"{value:%d/%m/%Y}",
                "es una fecha que puso Excel; dé formato de texto a la columna y escriba el dato",
            )
        case time() | timedelta():
            return str(value), "es una hora que puso Excel; dé formato de texto a la columna y escriba el dato"
    return str(value), None


def _whole(value: int, number_format: str) -> str:
    """Return a number as text; a format of zeros (`000000`) shows the leading ones that the number has lost."""
    return str(value).zfill(len(number_format)) if _ZEROS.fullmatch(number_format) else str(value)
