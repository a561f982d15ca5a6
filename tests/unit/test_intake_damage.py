"""What Excel, an editor or a copy has damaged is refused with row, column and remedy; it is never guessed."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import pytest
from a_file import dated, good, row, rows, workbook, written, wrong
from openpyxl import load_workbook

from robot.records.intake import BadRow, read_requests
from robot.records.solicitud import Formats


@pytest.mark.parametrize(
    ("field", "cell", "title", "remedy"),
    [
        ("codigo", "1,12E+09", "Código", "formato de texto"),
        ("documento", "4,07E+07", "Documento", "formato de texto"),
        ("celular", "3.1E+09", "Celular", "formato de texto"),
        ("solicitud", "2,02E+11", "Solicitud", "formato de texto"),
        ("arreglo_ref", "1E5", "Referencia del arreglo", "formato de texto"),
        ("ruta", "01-dic", "Ruta", "fecha que puso Excel"),
        ("ruta", "1-Jan", "Ruta", "fecha que puso Excel"),
        ("ruta", "dic-83", "Ruta", "fecha que puso Excel"),
        ("ruta", "1/12/2026", "Ruta", "fecha que puso Excel"),
        ("ruta", "2026-12-01 00:00:00", "Ruta", "fecha que puso Excel"),
        ("ruta", "1-383", "Ruta", "ceros de la izquierda"),
        ("codigo", "12", "Código", "ceros de la izquierda"),
        ("celular", "3104567890 / 3114567890", "Celular", "deje uno solo"),
        ("codigo", "100234, 100235", "Código", "deje uno solo"),
        ("documento", "40781234\n40781235", "Documento", "deje uno solo"),
        ("nombres", "uno\r\ndos", "Nombres", "deje uno solo"),
        ("nombres", "MU?OZ", "Nombres", "escríbalas de nuevo"),
        ("apellidos", "MUÃ‘OZ", "Apellidos", "escríbalas de nuevo"),
        ("concepto", "RECONEXI\ufffdN", "Concepto", "escríbalas de nuevo"),
        ("concepto", "ReconexiÃ³n", "Concepto", "escríbalas de nuevo"),
        ("concepto", "#N/A", "Concepto", "escriba el dato"),
        ("nombres", "#¿NOMBRE?", "Nombres", "escriba el dato"),
        ("codigo", "#¡REF!", "Código", "escriba el dato"),
        ("celular", "########", "Celular", "escriba el dato"),
        ("suscriptor", "100234", "Suscriptor", "va el nombre"),
        ("celular", "", "Celular", "escriba el dato"),
    ],
)
def test_a_damaged_cell_is_named_with_its_remedy(
    tmp_path: Path, field: str, cell: str, title: str, remedy: str
) -> None:
    """Exactly the damaged column is refused, with what to do."""
    found = wrong(written(tmp_path, row(codigo="300300"), row(**{field: cell})))
    assert [(number, column) for number, column, _ in found] == [(3, title)]
    assert remedy in found[0][2]


def test_lost_zeros_are_known_where_the_utility_has_a_length(tmp_path: Path) -> None:
    """With codes of six digits a shorter one has lost its zeros: it is refused, not filled up."""
    path = written(tmp_path, row(codigo="789"))
    assert good(path)[0].solicitud.codigo == "789"
    assert "ceros de la izquierda" in wrong(path, Formats(codigo=r"\d{6}"))[0][2]


@pytest.mark.parametrize("cell", ["'000789", '="000789"'])
def test_zeros_that_somebody_protected_are_kept(tmp_path: Path, cell: str) -> None:
    """An apostrophe or a formula of text are ways to keep zeros in Excel, not part of the code."""
    assert good(written(tmp_path, row(codigo=cell)))[0].solicitud.codigo == "000789"


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("ruta", datetime.fromisoformat("2026-12-01"), "escriba la ruta como texto"),
        ("arreglo_ref", datetime.fromisoformat("2026-12-01"), "formato de texto"),
        ("solicitud", time(12, 30), "formato de texto"),
        ("documento", 40781234.5, "decimales"),
        ("documento", 12345678901234567, "quince"),
        ("codigo", "#REF!", "escriba el dato"),
        ("celular", None, "escriba el dato"),
    ],
)
def test_a_damaged_cell_of_a_workbook_is_named(tmp_path: Path, field: str, value: object, remedy: str) -> None:
    """A date, an hour, decimals, lost digits or an error in a cell are refused."""
    found = wrong(workbook(tmp_path, *dated([row()], field, value)))
    assert len(found) == 1
    assert remedy in found[0][2]


def test_hidden_and_filtered_rows_are_not_taken(tmp_path: Path) -> None:
    """A row that nobody sees in Excel is a row to look at, never a bill."""
    path = workbook(tmp_path, *rows(3))
    book = load_workbook(path)
    book.worksheets[0].row_dimensions[3].hidden = True
    book.save(path)
    assert [(number, column) for number, column, _ in wrong(path)] == [(3, "fila")]


def test_a_row_with_more_cells_than_titles_is_refused(tmp_path: Path) -> None:
    """A separator too many has moved cells: the row says so. Empty cells behind are no harm."""
    path = written(tmp_path, [*row(), "sobra"], [*row(codigo="300300"), "", ""])
    assert [(number, column) for number, column, _ in wrong(path)] == [(2, "fila")]


def test_a_second_row_of_the_same_subscriber_or_reference_names_the_first(tmp_path: Path) -> None:
    """Twins within a file are reported on the second, even if the first is bad: nobody can tell which is right."""
    first, second = row(solicitud="S-1", celular="1"), row(codigo="300300", solicitud="S-1")
    found = wrong(written(tmp_path, first, [], second, row(codigo=" 300300 "), row(codigo="0300300")))
    assert [(number, column) for number, column, _ in found] == [(2, "Celular"), (4, "Solicitud"), (5, "Código")]
    assert "fila 2" in found[1][2]
    assert "fila 4" in found[2][2]


def test_what_is_shown_of_a_person_are_two_characters(tmp_path: Path) -> None:
    """No problem shows a document or phone, in its own column, in another, or in a sentence; codes stay legible."""
    path = written(
        tmp_path,
        row(codigo="10-0234", documento="407812345678", celular="310456789", nombres="Ana 407812345678"),
        row(ruta="40781234", tipo_documento="CC 40.781.234", celular="3104567890 y 3114567890", documento="40781234"),
        row(tipo_documento="NIT", documento="900123456-7", codigo="abc", concepto="x" * 90 + " ana@correo.com.co"),
    )
    foreign = row(tipo_documento="PP", documento="AB12345", suscriptor="Z" * 90 + " AB12345", medidor="AB12345")
    path.write_bytes(path.read_bytes() + (";".join(foreign) + "\r\n").encode())
    said = " ".join(text for _, _, text in wrong(path)) + repr(
        [found.problems for found in read_requests(path) if isinstance(found, BadRow)]
    )
    for private in ("40781", "781.234", "310456", "311456", "900123", "ana@", "AB123"):
        assert private not in said
    assert "«10-0234»" in said
    assert "•••78»" in said
