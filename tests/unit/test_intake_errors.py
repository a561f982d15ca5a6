"""The errors file: what could not be taken, ready to be corrected in Excel and loaded again."""

from __future__ import annotations

import csv
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from a_file import row, rows, workbook, written
from hypothesis import given
from hypothesis import strategies as st

from robot.errors import Rejected
from robot.records.carga import LoadResult, load_file
from robot.records.celda import guard, unguard
from robot.records.columnas import TITLES
from robot.records.errores import ErrorsFile, errors_path
from robot.records.intake import GoodRow, read_requests
from robot.records.store.requests import Taken


class Store:
    """What a store does with rows: keep them, know those of before, refuse some codes."""

    def __init__(self, *, refuses: Sequence[str] = ()) -> None:
        self.codes: list[str] = []
        self.batches: list[int] = []
        self._refuses = refuses

    def take(self, rows: list[GoodRow]) -> list[Taken]:
        """Answer for each row."""
        self.batches.append(len(rows))
        return [self._one(row.solicitud.codigo) for row in rows]

    def _one(self, code: str) -> Taken:
        if code in self._refuses:
            told = "no coincide con el caso R-AAAAAAA: 3104567890; revíselo"
            return Taken(resultado="error", campo="celular", mensaje=told)
        if code in self.codes:
            return Taken(resultado="ya_atendido", caso="R-AAAAAAA")
        self.codes.append(code)
        return Taken(resultado="nuevo", caso="R-BBBBBBB")


def load(path: Path, store: Store, *, all_or_nothing: bool = False, batch_size: int = 500) -> LoadResult:
    """Load a file into the store."""
    return load_file(path, None, store.take, all_or_nothing=all_or_nothing, batch_size=batch_size)


def cells(path: Path) -> list[list[str]]:
    """Return the cells of a file of errors, as written."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";", strict=True))


@given(st.text(max_size=30))
def test_the_guard_is_undone_exactly(text: str) -> None:
    """Whatever a cell holds, its guarded form reads back the same."""
    assert unguard(guard(text)) == text


@given(st.sampled_from("=+-@\t\r＝＋－＠"), st.text(max_size=10))
def test_no_guarded_cell_is_a_formula(sign: str, rest: str) -> None:
    """What Excel would run begins with an apostrophe."""
    assert guard(sign + rest) == f"'{sign}{rest}"


@pytest.mark.parametrize(
    "text", ["000789", "01-383", "01-12", "1/5", "1,12E+09", "123456789012", "5-ene", "40.781.234"]
)
def test_what_excel_would_convert_is_guarded(text: str) -> None:
    """Zeros, routes, dates, powers and long numbers stay as they are."""
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("text", ["100234", "3104567890", "María", "sí", "AP-2026-1", "", "d'Artagnan", "'s"])
def test_plain_words_and_numbers_stay_as_they_are(text: str) -> None:
    """What Excel leaves alone needs no guard."""
    assert guard(text) == text == unguard(text)


def test_the_bad_rows_are_written_with_what_to_correct(tmp_path: Path) -> None:
    """Row number and sentence first, then the original columns and cells, the unknown ones too; `;`, BOM, CRLF."""
    path = written(tmp_path, ["=1+1", *row(celular="310")], ["b", *row(codigo="000789")], titles=["Nota", *TITLES])
    result = load(path, Store())
    assert (result.leidas, result.nuevas, result.con_error, result.ya_atendidas) == (2, 1, 1, 0)
    assert result.errors == tmp_path / "lote.errores.csv"
    content = result.errors.read_bytes()
    assert content.startswith(b"\xef\xbb\xbffila;error;Nota;")
    assert content.count(b"\r\n") == content.count(b"\n") == 2
    head, line = cells(result.errors)
    assert head == ["fila", "error", "Nota", *TITLES]
    assert line[0] == "2"
    assert line[1].startswith("Celular («•10»): debe ser un celular")
    assert line[2:] == ["'=1+1", *(guard(cell) for cell in row(celular="310"))]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_corrected_errors_file_is_loaded(tmp_path: Path, kind: str) -> None:
    """Corrected as it stands it gives the requests, zeros and routes unharmed; what is still wrong gets a new name."""
    lines = [row(codigo="000789", celular="310"), row(codigo="300300"), row(codigo="300301", concepto="-", medidor="?")]
    path = workbook(tmp_path, *lines) if kind == "xlsx" else written(tmp_path, *lines)
    store = Store()
    first = load(path, store)
    assert first.errors is not None
    corrected = first.errors.read_text(encoding="utf-8-sig").replace(";310;", ";3104567890;")
    first.errors.write_text(corrected, encoding="cp1252", newline="")
    second = load(first.errors, store)
    assert store.codes == ["300300", "000789"]
    assert (second.nuevas, second.con_error, second.notes) == (1, 1, [])
    assert second.errors == tmp_path / "lote.errores-2.csv"
    assert cells(second.errors)[0] == ["fila", "error", *TITLES]
    assert cells(second.errors)[1][0] == "3"


def test_without_errors_there_is_no_file_and_an_older_one_goes(tmp_path: Path) -> None:
    """What is beside a file says how its last load ended."""
    path = written(tmp_path, row(celular="1"))
    older = load(path, Store()).errors
    assert older is not None
    written(tmp_path, row())
    result = load(path, Store())
    assert (result.errors, result.con_error) == (None, 0)
    assert list(tmp_path.iterdir()) == [path]


def test_a_load_that_breaks_off_leaves_the_older_file_alone(tmp_path: Path) -> None:
    """A half-written list of errors never takes the place of a whole one, and leaves no trace."""
    path = written(tmp_path, row(celular="1"))
    older = load(path, Store()).errors
    assert older is not None
    before = older.read_bytes()

    def broken(rows: list[GoodRow]) -> list[Taken]:
        raise ConnectionError(len(rows))

    written(tmp_path, row(ruta="x"), *rows(3))
    with pytest.raises(ConnectionError):
        load_file(path, None, broken, all_or_nothing=False, batch_size=1)
    assert older.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path, older]


def test_a_name_that_is_held_open_is_not_waited_for(tmp_path: Path) -> None:
    """Where Excel holds the older file (here: a folder stands there), the next name is taken and told."""
    path = written(tmp_path, row(celular="1"))
    errors_path(path).mkdir()
    with ErrorsFile(path, TITLES) as errors:
        errors.add(2, row(), "algo")
    assert errors.path == tmp_path / "lote.errores-2.csv"


def test_the_errors_are_as_private_as_their_source(tmp_path: Path) -> None:
    """Whoever may not read the requests may not read their errors."""
    path = written(tmp_path, row(celular="1"))
    path.chmod(0o640)
    errors = load(path, Store()).errors
    assert errors is not None
    assert errors.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_taken(tmp_path: Path) -> None:
    """Without a place for the errors nothing begins."""
    with (
        pytest.raises(Rejected, match="No se puede escribir en la carpeta"),
        ErrorsFile(tmp_path / "no" / "x.csv", TITLES),
    ):
        raise AssertionError("opened")


def test_rows_are_handed_over_in_batches_and_counted(tmp_path: Path) -> None:
    """Batches hold at most what was asked for; the same file again finds all its requests attended."""
    path, store = written(tmp_path, *rows(7), row(codigo="x"), *rows(9)[7:]), Store()
    first = load(path, store, batch_size=4)
    assert (first.leidas, first.nuevas, first.con_error) == (10, 9, 1)
    assert store.batches == [4, 3, 2]
    assert (again := load(path, store)).ya_atendidas == 9
    assert (again.nuevas, again.con_error) == (0, 1)


def test_a_row_that_the_store_refuses_goes_to_the_errors_masked(tmp_path: Path) -> None:
    """The store's sentence names the file's column and shows nobody's phone."""
    result = load(written(tmp_path, *rows(3)), Store(refuses=["200001"]))
    assert (result.nuevas, result.con_error) == (2, 1)
    assert result.errors is not None
    assert cells(result.errors)[1][:2] == [
        "3",
        "Celular («••••••••90»): no coincide con el caso R-AAAAAAA: ••••••••90; revíselo",
    ]
    assert [(number, problem.column) for number, problem in result.problems] == [(3, "Celular")]


def test_all_or_nothing_hands_nothing_over_if_a_row_is_bad(tmp_path: Path) -> None:
    """The store isn't asked at all; the refusal counts and names the rows and the file that lists them."""
    store = Store()
    path = written(tmp_path, *rows(600), row(celular="1"), row(codigo="9", ruta="x"))
    with pytest.raises(Rejected) as refused:
        load(path, store, all_or_nothing=True)
    assert (store.batches, store.codes) == ([], [])
    assert "2 filas tienen errores" in str(refused.value)
    assert "fila 602, Celular" in str(refused.value)
    assert "lote.errores.csv" in refused.value.advice
    assert len(cells(errors_path(path))) == 3


def test_all_or_nothing_hands_a_good_file_over_at_once_after_one_reading(tmp_path: Path) -> None:
    """A whole file goes in as one group; progress runs once from nothing to all: reading a workbook twice is slow."""
    store, told = Store(), list[tuple[int, int]]()
    path = written(tmp_path, *rows(1200))
    result = load_file(
        path, None, store.take, all_or_nothing=True, progress=lambda read, total: told.append((read, total))
    )
    assert (result.leidas, result.nuevas) == (1200, 1200)
    assert told == sorted(told)
    assert told[-1] == (path.stat().st_size, path.stat().st_size)
    assert told.count(told[-1]) == 1
    assert store.batches == [1200]


def test_all_or_nothing_is_refused_too_if_only_the_store_refuses(tmp_path: Path) -> None:
    """The caller's transaction is undone by the refusal; the row stands in the errors file."""
    path = written(tmp_path, *rows(3))
    with pytest.raises(Rejected, match="1 fila tiene errores"):
        load(path, Store(refuses=["200001"]), all_or_nothing=True)
    assert len(cells(errors_path(path))) == 2


def test_what_is_odd_but_allowed_is_a_note(tmp_path: Path) -> None:
    """A short document is taken, and told with its row."""
    result = load(written(tmp_path, row(documento="12345")), Store())
    assert result.notes == ["Fila 2, documento: tiene solo 5 dígitos; compruebe que esté completo."]


def peak(path: Path) -> int:
    """Return the most bytes that loading a file held at once."""
    tracemalloc.start()
    try:
        load_file(
            path, None, lambda found: [Taken(resultado="nuevo")] * len(found), all_or_nothing=False, batch_size=100
        )
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Six times the rows, one of three bad, need no more than the megabyte in which pydantic keeps strings.

    The 3,500 rows between would take several if they were held.
    """

    def mixed(count: int) -> list[list[str]]:
        return [line if at % 3 else [*line[:7], "310", *line[8:]] for at, line in enumerate(rows(count))]

    small, large = written(tmp_path, *mixed(700)), written(tmp_path, *mixed(4200), name="grande.csv")
    load(small, Store())  # what Python keeps for good is kept before it is measured
    assert peak(large) < peak(small) + (1 << 20)
    tracemalloc.start()
    held = list(read_requests(large))
    assert tracemalloc.get_traced_memory()[0] > 4 << 20
    tracemalloc.stop()
    assert len(held) == 4200
    assert len(cells(errors_path(large))) == 1401
