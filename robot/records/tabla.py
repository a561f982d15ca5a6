"""A file of rows as an office made it: CSV in any usual encoding and separator, or a workbook (libro.py)."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from robot.errors import Rejected
from robot.records.celda import unguard
from robot.records.columnas import REQUESTS, Header, Layout

Progress = Callable[[int, int], None]
"""Is told how many bytes of how many are read."""

SEPARATORS = (";", ",", "\t")
HEADER_WITHIN = 15
"""Rows with something in them among which the titles are looked for: offices put a letterhead above."""

_CHUNK = 1 << 17  # as long as csv lets a cell be: a line that is longer is none
_EVERY = 500  # rows between two reports of progress
_DOUBLE = re.compile(rb"\xc3[\x80-\xbf]")  # ñ, á, é… in UTF-8, which reads «Ã±» in windows-1252
_UNDEFINED = frozenset(b"\x81\x8d\x8f\x90\x9d")  # bytes that windows-1252 has no letter for
_SEP_LINE = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)
_SAVE_AS = "Ábralo en Excel y guárdelo como «Libro de Excel (.xlsx)» o «CSV UTF-8»."


class Line(NamedTuple):
    """One row: its number as Excel shows it, its cells, and what the file itself tells to be wrong with some."""

    number: int
    cells: list[str]
    faults: dict[int, str]


class Table(Protocol):
    """What is read the same way, whatever the file's form."""

    header: Header

    def lines(self, progress: Progress | None = None) -> Iterator[Line]:
        """Yield the rows below the titles that hold something, one at a time."""


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal: the same content is the same file, whatever its name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_table(path: Path, layout: Layout = REQUESTS) -> Table:
    """Open a file of rows of one kind.

    Raises `Rejected` if it can't be read, isn't what its name says, or has no such columns.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        why = {FileNotFoundError: "no existe", IsADirectoryError: "es una carpeta"}.get(type(error), error.strerror)
        raise Rejected(f"No se puede leer «{path.name}»: {why}", remedy="Revise el nombre y la carpeta.") from None
    _is_what_it_says(path, start)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        from robot.records.libro import Workbook

        return Workbook(path, layout)
    return Csv(path, layout)


def _is_what_it_says(path: Path, start: bytes) -> None:
    """Raise `Rejected` unless the first bytes fit the extension."""
    kind = path.suffix.lower()
    found = _kind_of(start)
    if not start.strip():
        raise Rejected(f"«{path.name}» está vacío", remedy="Revise que sea el archivo que quería cargar.")
    if kind not in (".csv", ".txt", ".tsv", ".xlsx", ".xlsm"):
        raise Rejected(f"«{path.name}» no es un archivo CSV ni XLSX", remedy=_SAVE_AS)
    if found == "zip" and kind not in (".xlsx", ".xlsm"):
        raise Rejected(
            f"«{path.name}» no es CSV por dentro: parece un libro de Excel",
            remedy="Cámbiele la extensión a .xlsx, o guárdelo en Excel como «CSV UTF-8».",
        )
    if found == "ole":
        why = "tiene contraseña o es de un Excel anterior a 2007"
        raise Rejected(f"«{path.name}» no se puede leer: {why}", remedy=f"Quítele la contraseña. {_SAVE_AS}")
    if found in ("pdf", "html"):
        raise Rejected(f"«{path.name}» es {found.upper()} por dentro, no una tabla", remedy=_SAVE_AS)
    if found == "utf-16":
        raise Rejected(f"«{path.name}» está en «Texto Unicode» (UTF-16)", remedy=_SAVE_AS)
    if kind in (".xlsx", ".xlsm") and found != "zip":
        raise Rejected(
            f"«{path.name}» no es un libro de Excel por dentro",
            remedy="Si es un texto con separadores, cámbiele la extensión a .csv; si no, pida el archivo de nuevo.",
        )


def _kind_of(start: bytes) -> str:
    for sign, kind in (
        (b"PK\x03\x04", "zip"),
        (b"\xd0\xcf\x11\xe0", "ole"),
        (b"%PDF", "pdf"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if start.startswith(sign):
            return kind
    page = start.removeprefix(codecs.BOM_UTF8).lstrip()[:200].lower()
    return "html" if page.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")) else ""


class Csv:
    """A CSV file, read row by row. It is looked through once when opened: a broken one is refused before any row."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._path = path
        self._kind = layout
        self._size = path.stat().st_size
        self._encoding = _encoding(path)
        self._first, self._separator = self._layout()
        self._titles, self.header = self._find_header()
        self._check()

    def lines(self, progress: Progress | None = None) -> Iterator[Line]:
        """Yield the rows below the titles that hold something, one at a time."""
        for number, cells in self._records(progress):
            if number > self._titles and any(cell.strip() for cell in cells):
                yield Line(number, [unguard(cell) for cell in cells], {})

    def _layout(self) -> tuple[int, str]:
        """Return how many lines Excel swallows (its `sep=;`) and the separator: the one that shows most titles."""
        with self._open() as text:
            told = _SEP_LINE.match(text.readline())
        if told:
            return 1, told[1]
        return 0, max(SEPARATORS, key=self._titles_with)

    def _titles_with(self, separator: str) -> int:
        with self._open() as text:
            rows = csv.reader(islice(text, 10 * HEADER_WITHIN), delimiter=separator)
            try:
                return max((self._kind.known([unguard(cell) for cell in row]) for row in rows), default=0)
            except csv.Error:
                return 0

    def _find_header(self) -> tuple[int, Header]:
        return find_header(self._records(None), self._path.name, self._kind)

    def _check(self) -> None:
        """Raise `Rejected` if a quote stays open or the last row is cut."""
        before, last = 0, 0
        for _, cells in self._records(None):
            if cells:
                before, last = max(before, last), len(cells)
        with self._path.open("rb") as file:
            file.seek(-1, 2)
            ended = file.read(1) in (b"\n", b"\r")
        if last < before and last < len(self.header.names) and not ended:
            raise Rejected(
                f"«{self._path.name}» está cortado: a la última fila le faltan celdas",
                remedy="Pida o copie el archivo de nuevo, completo.",
            )

    def _open(self) -> TextIOWrapper:
        return self._path.open(encoding=self._encoding, newline="")

    def _records(self, progress: Progress | None) -> Iterator[tuple[int, list[str]]]:
        """Yield every row, blank ones too, with the number that Excel gives it: a quoted line break makes no row."""
        with self._path.open("rb") as raw, TextIOWrapper(raw, encoding=self._encoding, newline="") as text:
            rows = csv.reader(islice(text, self._first, None), delimiter=self._separator, strict=True)
            number = 0
            try:
                for number, cells in enumerate(rows, 1):
                    if progress and number % _EVERY == 0:
                        progress(raw.tell(), self._size)
                    yield number, cells
            except csv.Error as error:
                raise Rejected(
                    f"«{self._path.name}», fila {number + 1}: {_QUOTES.get(str(error)[:10], 'comillas mal puestas')}",
                    remedy='Corrija las comillas (") de esa fila, o copie el archivo de nuevo si está cortado.',
                ) from None
        if progress:
            progress(self._size, self._size)


_QUOTES = dict.fromkeys(("unexpected", "field larg"), "se abren comillas que no se cierran")


def find_header(rows: Iterable[tuple[int, list[str]]], name: str, layout: Layout) -> tuple[int, Header]:
    """Return the number of the row of titles and its columns. Raises `Rejected` if none of the first rows is one."""
    filled = ((number, [unguard(cell) for cell in cells]) for number, cells in rows if any(map(str.strip, cells)))
    candidates = list(islice(filled, HEADER_WITHIN))
    for number, cells in candidates:
        if layout.is_header(cells):
            return number, layout.header(cells)
    if not candidates:
        raise Rejected(f"«{name}» está vacío", remedy="Revise que sea el archivo que quería cargar.")
    raise Rejected(
        f"«{name}» no tiene una fila de títulos: no se reconocen las columnas",
        remedy=f"Ponga los títulos en la primera fila; «{layout.template}» escribe un archivo con todos.",
    )


def _encoding(path: Path) -> str:
    """Return utf-8-sig, utf-8 or cp1252, whichever reads the whole file. Raises `Rejected` if it is no text at all."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, accents, undefined = True, False, False
    with path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
        file.seek(0)
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk or (len(chunk) == _CHUNK and not re.search(rb"[\r\n]", chunk)):
                raise Rejected(f"«{path.name}» no es un texto: es un archivo de otro programa", remedy=_SAVE_AS)
            accents = accents or bool(_DOUBLE.search(chunk))
            undefined = undefined or not _UNDEFINED.isdisjoint(chunk)
            if utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    utf8 = False
    if utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False  # ends within a letter: cut, unless it is a lone letter of windows-1252
    if utf8:
        return "utf-8-sig" if marked else "utf-8"
    if accents or marked or undefined:
        raise Rejected(
            f"«{path.name}» está dañado o cortado: mezcla letras de dos codificaciones (UTF-8 y Windows)",
            remedy=_SAVE_AS,
        )
    return "cp1252"
