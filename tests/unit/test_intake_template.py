"""The empty file that people fill in: Excel cannot damage it, and what is filled in is read back."""

from __future__ import annotations

from pathlib import Path

import pytest
from a_file import ROW, good
from openpyxl import load_workbook

from robot.errors import Rejected
from robot.records.columnas import COLUMNS, TITLES
from robot.records.intake import read_requests
from robot.records.planilla import write_template
from robot.records.solicitud import validate


def test_the_workbook_has_text_columns_lists_and_tips(tmp_path: Path) -> None:
    """Every column is text; closed values have their list; each column says what goes there."""
    book = load_workbook(write_template(tmp_path / "planilla.xlsx"))
    assert book.sheetnames == ["Solicitudes", "Instrucciones"]
    sheet = book["Solicitudes"]
    assert [cell.value for cell in sheet[1]] == list(TITLES)
    assert {cell.number_format for cell in sheet[2]} == {"@"}
    assert {sheet.column_dimensions[cell.column_letter].number_format for cell in sheet[1]} == {"@"}
    rules = {str(rule.sqref).partition(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert len(rules) == len(COLUMNS)
    for column, cell in zip(COLUMNS, sheet[2], strict=True):
        rule = rules[cell.coordinate]
        assert column.means[:200] in rule.prompt
        assert (rule.formula1 == f'"{",".join(column.choices)}"') == bool(column.choices)


def test_the_instructions_explain_every_column_with_an_example(tmp_path: Path) -> None:
    """Each title has its line: what is written there, the allowed values, an example."""
    sheet = load_workbook(write_template(tmp_path / "planilla.xlsx"))["Instrucciones"]
    lines = {str(line[0]): line for line in sheet.iter_rows(values_only=True)}
    for column in COLUMNS:
        assert lines[column.title][2] == column.means
        assert (lines[column.title][4] or "") == column.example


def test_the_examples_of_the_template_are_a_good_request() -> None:
    """Whoever copies the examples gets no error."""
    assert validate({column.field: column.example for column in COLUMNS}).codigo == "100234"


@pytest.mark.parametrize("choice", [(c.field, value) for c in COLUMNS for value in c.choices if value != "NIT"])
def test_every_value_of_a_list_is_accepted(choice: tuple[str, str]) -> None:
    """What the lists offer the validation takes."""
    field, value = choice
    assert validate({**ROW, field: value})


def test_a_filled_template_is_read(tmp_path: Path) -> None:
    """Zeros and routes typed into the template's text cells arrive unharmed; the instructions are no requests."""
    path = write_template(tmp_path / "planilla.xlsx")
    book = load_workbook(path)
    for number, column in enumerate(COLUMNS, 1):
        book["Solicitudes"].cell(2, number).value = (ROW | {"codigo": "000789", "ruta": "01-012"})[column.field]
    book.save(path)
    assert [found.solicitud for found in good(path)] == [validate(ROW | {"codigo": "000789", "ruta": "01-012"})]


@pytest.mark.parametrize("name", ["planilla.xlsx", "planilla.csv", "PLANILLA.CSV"])
def test_an_empty_template_has_all_titles_and_no_request(tmp_path: Path, name: str) -> None:
    """Both forms are understood by the reader, which only misses the requests."""
    with pytest.raises(Rejected, match="solo tiene títulos"):
        read_requests(write_template(tmp_path / name))


def test_a_csv_template_is_what_excel_opens(tmp_path: Path) -> None:
    """`;`, BOM, CRLF, the titles and nothing else."""
    content = write_template(tmp_path / "planilla.csv").read_bytes()
    assert content == b"\xef\xbb\xbf" + ";".join(TITLES).encode() + b"\r\n"


def test_a_template_never_overwrites(tmp_path: Path) -> None:
    """A file that is there may hold somebody's work; a name that is neither form is refused."""
    path = write_template(tmp_path / "planilla.csv")
    with pytest.raises(Rejected, match="ya existe"):
        write_template(path)
    with pytest.raises(Rejected, match=r"\.xlsx o \.csv|no es un nombre"):
        write_template(tmp_path / "planilla.pdf")
    with pytest.raises(Rejected, match="No se puede escribir"):
        write_template(tmp_path / "no" / "planilla.xlsx")
