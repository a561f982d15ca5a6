"""Files of requests are read as offices make them: separators, letters, titles, rows and their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from a_file import FIXTURES, ROW, good, row, rows, workbook, written, wrong
from hypothesis import given
from hypothesis import strategies as st

from robot.errors import Rejected
from robot.records.columnas import COLUMNS, REQUESTS, TITLES
from robot.records.intake import BadRow, GoodRow, RequestFile, read_requests
from robot.records.solicitud import validate
from robot.records.tabla import file_digest


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252"])
def test_every_separator_and_encoding_gives_the_same_request(tmp_path: Path, encoding: str, separator: str) -> None:
    """Semicolon, comma or tab, with or without BOM, or with Windows' letters: the request is the same."""
    path = written(tmp_path, row(concepto="A; B, C"), encoding=encoding, separator=separator)
    assert [one.solicitud for one in good(path)] == [validate(ROW | {"concepto": "A; B, C"})]


def test_a_letter_of_windows_far_below_is_noticed(tmp_path: Path) -> None:
    """The encoding is what reads the whole file, not its beginning: an ñ may come a million bytes later."""
    plain = [[cell.encode("ascii", "ignore").decode() for cell in line] for line in rows(12_000)]
    path = written(tmp_path, *plain, row(apellidos="Peña"), titles=[c.field for c in COLUMNS], encoding="cp1252")
    assert path.stat().st_size > 1_000_000
    assert [r.solicitud.apellidos for r in read_requests(path) if isinstance(r, GoodRow)][-1] == "PEÑA"


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("cédula", "documento"),
        ("No. Documento", "documento"),
        ("N° de cédula", "documento"),
        ("NUMERO_DE_DOCUMENTO", "documento"),
        ("Teléfono celular", "celular"),
        ("TELEFONOCELULAR", "celular"),
        ("Cód. suscriptor", "codigo"),
        ("  CÓDIGO  DEL\nSUSCRIPTOR ", "codigo"),
        ("forma_pago", "forma_pago"),
        ("FORMADEPAGO", "forma_pago"),
        ("¿Tiene medidor?", "medidor"),
        ("Tipo doc.", "tipo_documento"),
        ("Nombres de quien solicita", "nombres"),
        ("Nombre del suscriptor", "suscriptor"),
        ("Observación", None),
        ("", None),
    ],
)
def test_a_title_is_known_by_its_usual_names(title: str, field: str | None) -> None:
    """Case, accents, spaces, underscores, small words and abbreviations make no difference."""
    assert REQUESTS.field_of(title) == field


def test_every_title_of_the_template_and_every_field_is_known() -> None:
    """Our own titles and the fields' names lead to their fields, and no name to two."""
    fields = [column.field for column in COLUMNS]
    assert [REQUESTS.field_of(title) for title in TITLES] == fields
    assert [REQUESTS.field_of(field) for field in fields] == fields
    for column in COLUMNS:
        assert {REQUESTS.field_of(title) for title in column.also} <= {column.field}


@given(st.permutations(range(len(COLUMNS))))
def test_the_order_of_the_columns_does_not_matter(order: list[int]) -> None:
    """Any order of the titles names the same fields."""
    assert REQUESTS.header([TITLES[at] for at in order]).fields == tuple(COLUMNS[at].field for at in order)


def test_unknown_columns_are_told_once_and_known_ones_are_read(tmp_path: Path) -> None:
    """A column that nobody knows is a note about the file, not an error of each row."""
    path = written(tmp_path, *[["x", *line, "y"] for line in rows(3)], titles=["Ítem", *TITLES, "Barrio"])
    assert RequestFile(path).notes == ("No se usan estas columnas: «Ítem», «Barrio».",)
    assert len(good(path)) == 3


def test_missing_columns_refuse_the_file_and_all_are_named(tmp_path: Path) -> None:
    """The file is refused before any row, with every missing title and those that were not understood."""
    keep = [at for at, c in enumerate(COLUMNS) if c.field not in ("ruta", "celular", "apellidos", "tipo_documento")]
    path = written(
        tmp_path, [row()[at] for at in keep] + ["x"], titles=[TITLES[at] for at in keep] + ["Nro. de contacto"]
    )
    with pytest.raises(Rejected) as refused:
        read_requests(path)
    assert "falta: «Ruta», «Apellidos», «Celular»" in str(refused.value)
    assert "no se reconoce: «Nro. de contacto»" in str(refused.value)


def test_two_columns_for_one_field_refuse_the_file(tmp_path: Path) -> None:
    """Which of two columns is meant is never guessed."""
    path = written(tmp_path, [*row(), "40781235"], titles=[*TITLES, "Cédula"])
    with pytest.raises(Rejected, match="«Documento», «Cédula»; deje una"):
        read_requests(path)


def test_rows_have_the_numbers_that_excel_shows(tmp_path: Path) -> None:
    """Letterhead and blank lines count, a line break within quotes makes no row, `sep=` is swallowed."""
    titles = [title.replace(" de ", "\nde ") for title in TITLES]
    lines = [[], row(), ["", "  "], [], row(codigo="x1", concepto="uno\ndos"), row(codigo="300")]
    path = written(tmp_path, titles, *lines, titles=["ACUEDUCTO"])
    assert [found.number for found in read_requests(path)] == [4, 7, 8]
    path.write_bytes(b"sep=;\r\n" + path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    assert [found.number for found in read_requests(path)] == [4, 7, 8]


def test_all_problems_of_a_row_are_told_at_once(tmp_path: Path) -> None:
    """Every bad cell is named, in the order of the file's columns, with its title as written there."""
    path = written(
        tmp_path, row(codigo="ab", ruta="x", celular="1"), titles=["CÓD", "ruta", *TITLES[2:7], "Tel.", *TITLES[8:]]
    )
    assert [(number, column) for number, column, _ in wrong(path)] == [(2, "CÓD"), (2, "ruta"), (2, "Tel.")]


def test_a_workbook_gives_what_it_shows(tmp_path: Path) -> None:
    """Whole numbers are text, zeros of the cell's format are kept, TRUE and FALSE say whether there is a meter."""
    shown = {"codigo": 789, "documento": 40781234, "celular": 3.104567890e9, "medidor": True}
    line = [shown.get(column.field, ROW[column.field]) for column in COLUMNS]
    path = workbook(tmp_path, line, [], row(), A2="000000")
    found = good(path)
    assert [one.number for one in found] == [2, 4]
    assert found[0].solicitud == validate(ROW | {"codigo": "000789"})


def test_the_sample_files_of_the_project_are_read() -> None:
    """The good samples are good to the last row; the broken ones are wrong just where their rows were broken."""
    assert len(good(FIXTURES / "solicitudes.csv")) == 12
    assert len(good(FIXTURES / "solicitudes-de-oficina.csv")) == 8
    assert [one.solicitud.codigo for one in good(FIXTURES / "solicitudes.xlsx")][-1] == "000789"
    csv_rows = list(read_requests(FIXTURES / "solicitudes-con-errores.csv"))
    assert [one.number for one in csv_rows if isinstance(one, BadRow)] == list(range(3, 15))
    book_rows = list(read_requests(FIXTURES / "solicitudes-con-errores.xlsx"))
    assert [one.number for one in book_rows if isinstance(one, BadRow)] == [3, 4, 5, 6]


def test_reading_is_a_stream_and_tells_its_progress(tmp_path: Path) -> None:
    """Rows come while the file is read; progress grows and ends with the whole file."""
    path = written(tmp_path, *rows(2000))
    told: list[tuple[int, int]] = []
    reading = read_requests(path, progress=lambda read, total: told.append((read, total)))
    next(reading)
    assert told == []
    assert len(list(reading)) == 1999
    assert told == sorted(told)
    assert told[0][0] < told[-1][0] == told[-1][1] == path.stat().st_size


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    """Somebody who saves the file meanwhile is told so."""
    path = written(tmp_path, *rows(3))
    reading = read_requests(path)
    next(reading)
    with path.open("ab") as file:
        file.write(b"\r\n")
    with pytest.raises(Rejected, match="cambió mientras"):
        list(reading)


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    """The same content under another name has the same SHA-256, another content another."""
    one = written(tmp_path, row())
    same, other = written(tmp_path, row(), name="copia.csv"), written(tmp_path, row(), [], name="otro.csv")
    assert file_digest(one) == file_digest(same) != file_digest(other)
    assert len(file_digest(one)) == 64
