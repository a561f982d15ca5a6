"""The errors file: the rows that could not be taken, ready to be corrected and loaded again."""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from robot.errors import Rejected
from robot.records.celda import guard

_ITS_OWN_NAME = re.compile(r"(.+)\.errores(?:-(\d+))?")


def errors_path(source: Path, *, after: int = 0) -> Path:
    """Return where the errors of a file go; those of an errors file go to the next one, `….errores-2.csv`."""
    found = _ITS_OWN_NAME.fullmatch(source.stem)
    stem, number = (found[1], int(found[2] or 1) + 1) if found else (source.stem, 1)
    number += after
    return source.with_name(f"{stem}.errores-{number}.csv" if number > 1 else f"{stem}.errores.csv")


class ErrorsFile:
    """Write `<archivo>.errores.csv` row by row: `fila`, `error`, then the original columns.

    `;`, BOM and CRLF, every cell guarded against Excel. It appears, whole, when the block ends well; an older one goes
    then, if there are no errors now. Whoever may read the source may read it. Raises `Rejected` if the folder can't be
    written to.
    """

    def __init__(self, source: Path, names: Sequence[str], *, keep: Sequence[bool] = ()) -> None:
        self._source = source
        self._keep = tuple(keep) or (True,) * len(names)
        self._names = self._kept(names)
        self._file: IO[str] | None = None
        self._csv: Any = None
        self.count = 0
        self.path: Path | None = None
        self.notes: list[str] = []

    def __enter__(self) -> Self:
        try:
            self._file = tempfile.NamedTemporaryFile(
                "w",
                encoding="utf-8-sig",
                newline="",
                dir=self._source.parent,
                prefix=f".{self._source.stem}.",
                suffix=".parcial",
                delete=False,
            )
            shutil.copymode(self._source, self._file.name)
        except OSError as error:
            if self._file is not None:
                self._file.close()
                Path(self._file.name).unlink(missing_ok=True)
            raise Rejected(
                f"No se puede escribir en la carpeta de «{self._source.name}» ({error.strerror})",
                remedy="Copie el archivo a una carpeta suya: las filas con errores se escriben junto a él.",
            ) from None
        self._csv = csv.writer(self._file, delimiter=";", lineterminator="\r\n")
        self._csv.writerow(["fila", "error", *map(guard, self._names)])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is None:
            return
        temporary = Path(self._file.name)
        try:
            self._file.close()
            if kind is None and self.count:
                self._publish(temporary)
            elif kind is None:
                self._drop_older()
        finally:
            temporary.unlink(missing_ok=True)

    def add(self, number: int, cells: Sequence[str], error: str) -> None:
        """Write one row: its number in the source, its cells, and what a person must correct."""
        row = [*cells, *[""] * (len(self._keep) - len(cells))]
        beyond = row[len(self._keep) :]
        self._csv.writerow([number, error, *map(guard, [*self._kept(row), *beyond])])
        self.count += 1

    def _kept(self, cells: Sequence[str]) -> list[str]:
        return [cell for cell, keep in zip(cells, self._keep, strict=False) if keep]

    def _publish(self, temporary: Path) -> None:
        """Give the file its name; where an older one is held open, as Excel does on Windows, take the next name."""
        for after in range(100):
            path = errors_path(self._source, after=after)
            with suppress(PermissionError, IsADirectoryError):
                temporary.replace(path)
                self.path = path
                return
        raise Rejected("No se pudo guardar el archivo de errores", remedy="Ciérrelo en Excel y cargue de nuevo.")

    def _drop_older(self) -> None:
        older = errors_path(self._source)
        try:
            older.unlink(missing_ok=True)
        except OSError:
            self.notes.append(f"«{older.name}» es de una carga anterior y no se pudo borrar; ciérrelo y bórrelo.")
