"""A file of rows of any kind: opened and looked through, read as often as asked for, and what is wrong with cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from robot.errors import Rejected
from robot.records.celda import PRIVATE, explained, safe, shown
from robot.records.columnas import IGNORED, Layout
from robot.records.errores import ErrorsFile
from robot.records.solicitud import Formats, Problem
from robot.records.tabla import Line, Progress, open_table
from robot.text import fold, plain

SHOWN: Final = 20
"""Problems, and whatever else a person reads of each row, that a report carries; the errors file has them all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CellProblem:
    """One thing to correct: the column as the file writes it, its value masked, and the remedy in a sentence."""

    column: str
    value: str
    message: str

    def __str__(self) -> str:
        value = f" («{self.value}»)" if self.value and f"«{self.value}»" not in self.message else ""
        return f"{self.column}{value}: {self.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """A row to correct, with all its problems at once."""

    number: int
    cells: tuple[str, ...]
    problems: tuple[CellProblem, ...]


@dataclass(kw_only=True)
class Report:
    """What became of a file: counts of rows, notes for the person, the first problems and where all of them are."""

    leidas: int = 0
    con_error: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[tuple[int, CellProblem]] = field(default_factory=list)
    errors: Path | None = None

    def refuse(self, errors: ErrorsFile, row: BadRow) -> None:
        """Write a row into the errors file, and keep its problems while there is room."""
        errors.add(row.number, row.cells, " | ".join(map(str, row.problems)))
        self.problems += [(row.number, problem) for problem in row.problems[: SHOWN - len(self.problems)]]

    def close(self, errors: ErrorsFile) -> None:
        """Take what the errors file, now whole, tells."""
        self.con_error, self.errors = errors.count, errors.path
        self.notes = [*self.notes, *errors.notes]

    @property
    def bad_rows(self) -> str:
        """Say how many rows are to be corrected: «1 fila tiene errores»."""
        return "1 fila tiene errores" if self.con_error == 1 else f"{self.con_error} filas tienen errores"


class SourceFile:
    """A file that people made: its columns, notes on it, and its lines."""

    def __init__(self, path: Path, layout: Layout, formats: Formats | None = None) -> None:
        """Open it. Raises `Rejected` if it can't be read or lacks a column; no row is judged yet."""
        self.path = path
        self._formats = formats or Formats()
        self._table = open_table(path, layout)
        self.header = self._table.header
        self.notes = self.header.notes
        self._stamp = self._stat()
        if next(self._table.lines(), None) is None:
            raise Rejected(
                f"«{path.name}» solo tiene títulos: no trae {layout.rows}", remedy="Escriba las filas y guárdelo."
            )

    def lines(self, progress: Progress | None = None) -> Iterator[Line]:
        """Yield every line with something in it. Raises `Rejected` if the file was changed meanwhile."""
        yield from self._table.lines(progress)
        if self._stat() != self._stamp:
            raise Rejected(
                f"«{self.path.name}» cambió mientras se leía", remedy="Guárdelo, ciérrelo y cargue de nuevo."
            )

    def problem(self, wrong: Problem, cells: Sequence[str]) -> CellProblem:
        """Return a field's problem as a person sees it: with the file's title, the value and quotes masked."""
        given = self.given(cells)
        value = given.get(wrong.field, "")
        private = tuple(plain(given[name]) for name in PRIVATE if len(given.get(name, "")) > 4)
        message = explained(wrong.field, plain(value), wrong.message, self._formats)
        return CellProblem(
            column=self.header.name_of(wrong.field),
            value=shown(wrong.field, value, private=private),
            message=safe(wrong.field, value, message, private=private),
        )

    def bad(self, number: int, cells: tuple[str, ...], wrong: Sequence[Problem]) -> BadRow:
        """Return a row to correct, its problems in the order of the columns."""
        ordered = sorted(wrong, key=self._place)
        return BadRow(number=number, cells=cells, problems=tuple(self.problem(one, cells) for one in ordered))

    def errors_file(self) -> ErrorsFile:
        """Return the file for the rows to correct: these columns, without those of an earlier errors file."""
        keep = [fold(name) not in IGNORED for name in self.header.names]
        return ErrorsFile(self.path, self.header.names, keep=keep)

    def given(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the cells that hold something, by field."""
        return {name: cell for name, cell in zip(self.header.fields, cells, strict=False) if name and cell.strip()}

    def faults(self, line: Line) -> dict[str, str]:
        """Return what the file itself tells to be wrong with fields, and with the row as a whole."""
        fields = self.header.fields
        found = {
            name: text for at, text in line.faults.items() if 0 <= at < len(fields) and (name := fields[at]) is not None
        }
        if -1 in line.faults:
            found["fila"] = line.faults[-1]
        beyond = sum(bool(cell.strip()) for cell in line.cells[len(fields) :])
        if beyond:
            found["fila"] = f"tiene {beyond} celdas más que los títulos; revise separadores y comillas"
        return found

    def _place(self, wrong: Problem) -> int:
        if wrong.field == "fila":
            return -1
        fields = self.header.fields
        return fields.index(wrong.field) if wrong.field in fields else len(fields) + 99

    def _stat(self) -> tuple[int, int]:
        stat = self.path.stat()
        return stat.st_size, stat.st_mtime_ns
