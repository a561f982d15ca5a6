"""From a file to requests: every row is good, or has all its problems at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from robot.records.celda import damage
from robot.records.columnas import REQUESTS
from robot.records.filas import BadRow, CellProblem, SourceFile
from robot.records.solicitud import Formats, Problem, Solicitud, problems
from robot.records.tabla import Line, Progress
from robot.text import plain

__all__ = ["BadRow", "CellProblem", "GoodRow", "RequestFile", "Row", "judged", "read_requests"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GoodRow:
    """A request, the number that Excel shows beside its row, and its cells as they were read."""

    number: int
    solicitud: Solicitud
    cells: tuple[str, ...]


Row = GoodRow | BadRow
REPEATED: Final = {"codigo": "este suscriptor", "solicitud": "esta referencia"}
"""Fields whose value a file may have once, and how a message calls it."""


class RequestFile(SourceFile):
    """A file of requests."""

    def __init__(self, path: Path, formats: Formats | None = None) -> None:
        """Open it. Raises `Rejected` if it can't be read or lacks a column; no row is judged yet."""
        super().__init__(path, REQUESTS, formats)

    def rows(self, progress: Progress | None = None) -> Iterator[Row]:
        """Yield every row, one at a time. Raises `Rejected` if the file was changed meanwhile."""
        with closing(_Seen()) as seen:
            for line in self.lines(progress):
                yield self._judge(line, seen)

    def _judge(self, line: Line, seen: _Seen) -> Row:
        cells = tuple(line.cells)
        given = self.given(cells)
        solicitud, wrong = judged(given, self.faults(line), self._formats)
        wrong += seen.again(line.number, given)
        if solicitud is not None and not wrong:
            return GoodRow(number=line.number, solicitud=solicitud, cells=cells)
        return self.bad(line.number, cells, wrong)


def judged(
    given: Mapping[str, str], faults: Mapping[str, str], formats: Formats
) -> tuple[Solicitud | None, list[Problem]]:
    """Judge one row by itself: its cells by field, and what the file tells of some; return the request or its faults.

    What happened to a cell before it came to us goes before what its field would say of it.
    """
    by_file = dict(faults)
    for name, text in given.items():
        if name not in by_file and (fault := damage(name, text)):
            by_file[name] = fault
    solicitud, wrong = problems(given, formats)
    first = [Problem(field=name, message=text) for name, text in by_file.items()]
    wrong = first + [fault for fault in wrong if fault.field not in by_file]
    return (None, wrong) if wrong else (solicitud, [])


def repeated(field: str, first: int) -> Problem:
    """Return the problem of a row whose code or reference an earlier row has already."""
    return Problem(field=field, message=f"{REPEATED[field]} ya está en la fila {first}; deje una sola")


class _Seen:
    """The codes and references met so far and their rows, in a temporary file so that memory does not grow."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("CREATE TABLE seen (what TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID")
        self._base.execute("BEGIN")

    def again(self, number: int, given: dict[str, str]) -> list[Problem]:
        """Note a row and return what an earlier one has already: which of the two is right nobody can tell."""
        wrong = []
        for name in REPEATED:
            key = plain(given.get(name, ""))
            if key and (first := self._first(f"{name} {key}", number)) is not None:
                wrong.append(repeated(name, first))
        return wrong

    def _first(self, what: str, number: int) -> int | None:
        added = self._base.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (what, number)).rowcount
        if added:
            return None
        return int(self._base.execute("SELECT row FROM seen WHERE what = ?", (what,)).fetchone()[0])

    def close(self) -> None:
        """Let the temporary file go."""
        self._base.close()


def read_requests(path: Path, formats: Formats | None = None, *, progress: Progress | None = None) -> Iterator[Row]:
    """Yield every row of a file, good or bad, one at a time. Raises `Rejected` for the file as a whole, at once."""
    return RequestFile(path, formats).rows(progress)
