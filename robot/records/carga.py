"""Load a file: the good rows are handed over in batches, the others go to the errors file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from robot.errors import Rejected
from robot.records.errores import ErrorsFile
from robot.records.filas import SHOWN, BadRow, Report
from robot.records.intake import GoodRow, RequestFile, Row
from robot.records.solicitud import Formats, Problem
from robot.records.store.requests import Taken
from robot.records.tabla import Progress

Take = Callable[[list[GoodRow]], Sequence[Taken]]


@dataclass(kw_only=True)
class LoadResult(Report):
    """What became of a file of requests."""

    nuevas: int = 0
    ya_atendidas: int = 0


def load_file(
    path: Path,
    formats: Formats | None,
    take: Take,
    *,
    all_or_nothing: bool,
    batch_size: int = 500,
    progress: Progress | None = None,
) -> LoadResult:
    """Hand the good rows over in batches and write the others to the errors file.

    `take` gets good rows and returns one `Taken` for each; those that it refuses go to the errors file too. With
    `all_or_nothing` the whole file is judged first, nothing is handed over if a row is bad, and else all rows at once:
    where `take` refuses one of them it takes none, and `Rejected` is raised.
    """
    loading = _Loading(RequestFile(path, formats), take, batch_size)
    with loading.source.errors_file() as errors:
        if all_or_nothing:
            loading.take_all(errors, progress)
        else:
            loading.take(errors, progress)
    result = loading.result
    result.close(errors)
    if all_or_nothing and errors.count:
        raise _refused(path, result)
    return result


class _Loading:
    """One file on its way in: what was counted, noted and refused so far."""

    def __init__(self, source: RequestFile, take: Take, batch_size: int) -> None:
        self.source = source
        self.result = LoadResult(notes=list(source.notes))
        self._take = take
        self._batch_size = batch_size

    def take_all(self, errors: ErrorsFile, progress: Progress | None) -> None:
        """Hand the good rows over at once if none is bad; the file is read once, and kept only while all are good."""
        good: list[Row] = []
        for row in self.source.rows(progress):
            if isinstance(row, BadRow):
                self.result.refuse(errors, row)
                good.clear()
            elif not errors.count:
                good.append(row)
        if good:
            self._batch(errors, good)

    def take(self, errors: ErrorsFile, progress: Progress | None) -> None:
        """Hand the good rows over; rows that are refused are written in the file's order within each batch."""
        rows = self.source.rows(progress)
        while batch := list(islice(rows, self._batch_size)):
            self._batch(errors, batch)

    def _batch(self, errors: ErrorsFile, batch: Sequence[Row]) -> None:
        good = [row for row in batch if isinstance(row, GoodRow)]
        answers = dict(zip((row.number for row in good), self._take(good) if good else [], strict=True))
        for row in batch:
            self.result.leidas += 1
            if isinstance(row, BadRow):
                self.result.refuse(errors, row)
            else:
                self._note(errors, row, answers[row.number])

    def _note(self, errors: ErrorsFile, row: GoodRow, answer: Taken) -> None:
        if answer.resultado == "error":
            problem = self.source.problem(Problem(field=answer.campo, message=answer.mensaje), row.cells)
            self.result.refuse(errors, BadRow(number=row.number, cells=row.cells, problems=(problem,)))
            return
        self.result.nuevas += answer.resultado == "nuevo"
        self.result.ya_atendidas += answer.resultado == "ya_atendido"
        for odd in row.solicitud.warnings():
            if len(self.result.notes) < SHOWN:
                self.result.notes.append(f"Fila {row.number}, {odd}.")


def _refused(path: Path, result: LoadResult) -> Rejected:
    lines = [f"fila {number}, {problem}" for number, problem in result.problems[:10]]
    where = result.errors.name if result.errors else ""
    return Rejected(
        f"«{path.name}» no se cargó: {result.bad_rows}\n  " + "\n  ".join(lines),
        remedy=f"No se cargó ninguna solicitud. Corrija «{path.name}» y cárguelo de nuevo; todas las filas por "
        f"corregir están en «{where}».",
    )
