"""From an uploaded file to cases: read it into a draft, judge a corrected row as the file's rows were, queue the good.

Reading and sending run in threads of the panel; each tells the draft how far it is, and either may be taken up by
another process where it was interrupted (robot/records/store/borradores.py).
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Final

from robot.errors import Rejected
from robot.records.caso import new_mark
from robot.records.celda import PRIVATE, explained, safe
from robot.records.columnas import REQUESTS, Header
from robot.records.errores import ErrorsFile
from robot.records.filas import SourceFile
from robot.records.intake import REPEATED, judged
from robot.records.solicitud import Formats, Problem
from robot.records.store import borrador_filas, borradores
from robot.records.store.borrador_filas import Fila, Problema, again, completed, header_of, key_of, ordered
from robot.records.store.engine import Store
from robot.records.tabla import Line, file_digest
from robot.settings import Settings
from robot.text import plain

MOST_BYTES: Final = 20 << 20
_BATCH: Final = 500
_FOLDER: Final = "subidas"
_KEPT_SECONDS: Final = 7 * 86400
_CHUNK: Final = 1 << 20


def formats_of(settings: Settings) -> Formats:
    """Return the shapes that this utility's codes and routes have."""
    return Formats(codigo=settings.patron_codigo, ruta=settings.patron_ruta)


# The file, in a private place.


def place(settings: Settings) -> Path:
    """Make the folder of a new draft, which only this user may read, and return it; those that were forgotten go."""
    folder = settings.carpeta / _FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in folder.iterdir():
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(old)
    mine = folder / f"B-{new_mark().removeprefix('R-')}"
    mine.mkdir(mode=0o700)
    return mine


def keep(source: IO[bytes], name: str, folder: Path) -> Path:
    """Write an upload into a folder under its own name, readable by this user alone. Raises `Rejected` if too big."""
    bare = re.sub(r"[\x00-\x1f/\\:*?\"<>|]+", "_", name.rpartition("/")[2].rpartition("\\")[2]).strip(" .")[-120:]
    path = folder / (bare or "archivo")
    written = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > MOST_BYTES:
                raise Rejected(
                    f"«{path.name}» es demasiado grande: caben {MOST_BYTES >> 20} MB",
                    remedy="Pártalo en dos archivos, o guárdelo como «CSV UTF-8».",
                )
            file.write(chunk)
    return path


@dataclass(frozen=True, kw_only=True)
class Carga:
    """A file being read into its draft."""

    store: Store
    draft: str
    turn: int
    header: Header
    source: SourceFile
    formats: Formats

    def run(self) -> None:
        """Read every row; the file goes when it was read, or can't be. Where the turn was lost nothing is kept."""
        first: dict[tuple[str, str], int] = {}
        done = 0

        def progress(read: int, _total: int) -> None:
            nonlocal done
            done = read

        rows = (self._judge(line, first) for line in self.source.lines(progress))
        try:
            while batch := list(islice(rows, _BATCH)):
                if not borradores.add(self.store, self.draft, self.turn, self.header, batch, hecho=done):
                    return
            borradores.loaded(self.store, self.draft, self.turn)
        except Rejected as refused:
            borradores.failed(self.store, self.draft, self.turn, refused.reason)
        shutil.rmtree(self.source.path.parent, ignore_errors=True)

    def _judge(self, line: Line, first: dict[tuple[str, str], int]) -> Fila:
        width = len(self.source.header.names)
        missing = [""] * (len(self.header.names) - min(width, len(line.cells)))
        cells = (*line.cells[:width], *missing, *line.cells[width:])
        fila = Fila(numero=line.number, celdas=cells)
        wrong = judge(self.header, fila, self.formats, faults=self.source.faults(line))
        for field in REPEATED:
            key = key_of(self.header, fila, field)
            if key and first.setdefault((field, key), line.number) != line.number:
                wrong.append(again(field, first[field, key]))
        return ordered(self.header, replace(fila, problemas=tuple(wrong)))


def begin(store: Store, settings: Settings, path: Path, usuario: str) -> Carga:
    """Make the draft of a file, named as its folder. Raises `Rejected` for a file that is none of requests."""
    formats = formats_of(settings)
    source = SourceFile(path, REQUESTS, formats)
    header = completed(source.header)
    draft = path.parent.name
    borradores.create(
        store,
        draft,
        archivo=path.name,
        huella=file_digest(path),
        usuario=usuario,
        header=header,
        notas=source.notes,
        total=path.stat().st_size,
    )
    return Carga(store=store, draft=draft, turn=1, header=header, source=source, formats=formats)


def begin_again(store: Store, settings: Settings, draft: str) -> Carga:
    """Read a file again whose reading was interrupted. Raises `Rejected` where the file isn't on this machine."""
    row = borradores.found(store, draft)
    path = settings.carpeta / _FOLDER / draft / row["archivo"]
    if not path.exists():
        raise Rejected("El archivo ya no está en este equipo", remedy="Descarte este borrador y súbalo de nuevo.")
    formats = formats_of(settings)
    source = SourceFile(path, REQUESTS, formats)
    turn = borradores.take_turn(store, draft, "cargando", total=path.stat().st_size)
    return Carga(store=store, draft=draft, turn=turn, header=header_of(row), source=source, formats=formats)


def discard(store: Store, settings: Settings, draft: str) -> str:
    """Erase a draft, and its file where it is still here; return its state."""
    estado = borradores.discard(store, draft)
    shutil.rmtree(settings.carpeta / _FOLDER / draft, ignore_errors=True)
    return estado


# One row.


def judge(header: Header, fila: Fila, formats: Formats, *, faults: Mapping[str, str] | None = None) -> list[Problema]:
    """Return all that is wrong with a row by itself; *faults* are what its file told."""
    given = fila.given(header)
    by_file = faults or {}
    _, wrong = judged(given, by_file, formats)
    private = tuple(plain(given[name]) for name in PRIVATE if len(given.get(name, "")) > 4)

    def told(one: Problem) -> Problema:
        value = given.get(one.field, "")
        message = explained(one.field, plain(value), one.message, formats)
        message = safe(one.field, value, message, private=private)
        return Problema(campo=one.field, mensaje=message, de="archivo" if one.field in by_file else "celda")

    return list(map(told, wrong))


def correct(store: Store, draft: str, numero: int, given: Mapping[str, str], formats: Formats) -> list[Fila]:
    """Write cells of a row, by field, and judge it again; return it and the rows that it repeats or repeated.

    What the file told of the row is settled: a person looked at its cells and saved them.
    """

    def decide(header: Header, old: Fila) -> Fila:
        width = len(header.names)
        cells = list(old.celdas[:width])
        for at, field in enumerate(header.fields):
            if field and field in given:
                cells[at] = " ".join(given[field].split())[:500]
        new = replace(old, celdas=tuple(cells), problemas=())
        return replace(new, problemas=tuple(judge(header, new, formats)))  # twins are the store's to compare

    return borrador_filas.change(store, draft, numero, decide)


def leave_out(store: Store, draft: str, numero: int, *, fuera: bool) -> list[Fila]:
    """Leave a row out, or put it back; return it and the rows that it repeats or repeated."""
    return borrador_filas.change(store, draft, numero, lambda _header, old: replace(old, fuera=fuera))


# What is taken away.


def errors_file(store: Store, draft: str, folder: Path) -> Path:
    """Write the rows to correct as the errors file of `cola cargar`, into *folder*. Raises `Rejected` for none."""
    row = borradores.found(store, draft)
    header = header_of(row)
    source = folder / row["archivo"]
    source.touch(mode=0o600)
    with ErrorsFile(source, header.names) as errors:
        for fila in _each(store, draft, "malas"):
            told = (f"{header.name_of(p.campo)}: {p.mensaje}" if p.campo else p.mensaje for p in fila.problemas)
            errors.add(fila.numero, fila.celdas, " | ".join(told))
    if errors.path is None:
        raise Rejected("Este archivo no tiene filas con errores")
    return errors.path


def _each(store: Store, draft: str, solo: str) -> Iterator[Fila]:
    after = 0
    while rows := borrador_filas.rows(store, draft, desde=after, limit=_BATCH, solo=solo):
        yield from rows
        after = rows[-1].numero + 1
