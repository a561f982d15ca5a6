"""Result sheets, read back as Excel would: guarded text, real dates, colours, nothing half written."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from a_line import line, open_line
from hypothesis import given
from hypothesis import strategies as st

from robot.records.celda import unguard
from robot.records.linea import TONOS
from robot.records.resultados import COLUMNAS, escribir_csv, escribir_xlsx

NASTY = ["=1+1", "+57", "-5", "@SUM(A1)", '=HYPERLINK("http://x")']


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV as the office's own reader takes them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_a_csv_opens_in_colombia(tmp_path: Path) -> None:
    """It begins with a BOM, its lines end in CRLF, `;` separates, days come first, and accents are whole."""
    path = escribir_csv([line(1)], tmp_path / "nueva" / "r.csv")
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfFila;Caso;")
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    [row] = read(path)
    assert row["Suscriptor"] == "ROSALBA CUÉLLAR DE PERDOMO"
    assert (row["Estado"], row["Etapa"], row["Total"]) == ("Terminado", "Trámite", "98700")
    assert (row["Creado"], row["Segundos de trabajo"]) == ("24/11/2026 07:01", "4,2")


def test_an_identifier_survives_excel(tmp_path: Path) -> None:
    """Leading zeros, dates in disguise and powers are guarded, and the guard can be undone."""
    values = {"codigo": "000789", "radicado": "2026-11-4401", "factura": "4E7", "ruta": "01-12"}
    [row] = read(escribir_csv([line(1, **values)], tmp_path / "r.csv"))
    for title, value in zip(("Código", "Radicado", "Factura", "Ruta"), values.values(), strict=True):
        assert row[title] == f"'{value}"
        assert unguard(row[title]) == value


@pytest.mark.parametrize("text", NASTY)
def test_no_cell_runs(tmp_path: Path, text: str) -> None:
    """What a name or a reason begins with is no formula, neither in the CSV nor in the workbook."""
    rows = [line(1, suscriptor=text, motivo=text)]
    [row] = read(escribir_csv(rows, tmp_path / "r.csv"))
    assert row["Suscriptor"][0] == row["Motivo"][0] == "'"
    sheet = openpyxl.load_workbook(escribir_xlsx(rows, tmp_path / "r.xlsx")).active
    cells = {cell.value: cell for cell in sheet[2]}
    assert cells[text].data_type == "s"


def test_a_workbook_has_text_dates_and_numbers(tmp_path: Path) -> None:
    """Identifiers are text, times are real dates in the time of Colombia, amounts are numbers in pesos."""
    sheet = openpyxl.load_workbook(escribir_xlsx([line(1, codigo="000789")], tmp_path / "r.xlsx")).active
    cells = {sheet.cell(1, n).value: sheet.cell(2, n) for n in range(1, len(COLUMNAS) + 1)}
    assert (cells["Código"].value, cells["Código"].number_format) == ("000789", "@")
    assert cells["Creado"].value == datetime(2026, 11, 24, 7, 1)  # noqa: DTZ001 — a workbook knows no zone
    assert cells["Creado"].is_date
    assert (cells["Total"].value, cells["Total"].number_format) == (98700, '"$" #,##0')
    assert cells["Motivo"].value is None


def test_a_workbook_is_ready_to_be_read(tmp_path: Path) -> None:
    """Titles stay in sight, every column can be filtered and is wide enough, and a colour tells the state."""
    rows = [line(n, estado=estado) for n, estado in enumerate(TONOS, start=1)]
    sheet = openpyxl.load_workbook(escribir_xlsx(rows, tmp_path / "r.xlsx")).active
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == f"A1:V{len(rows) + 1}"
    assert sheet.column_dimensions["E"].width == 34
    colours = {estado: sheet.cell(n, 6).fill.start_color.rgb for n, estado in enumerate(TONOS, start=2)}
    assert len(set(colours.values())) == len(set(TONOS.values()))
    assert colours["en_duda"] == colours["incompleto"] != colours["terminado"]


def test_nothing_private_stands_in_a_sheet(tmp_path: Path) -> None:
    """No column holds a document or a phone."""
    assert not {c.campo for c in COLUMNAS} & {"documento", "celular", "nombres", "apellidos"}
    assert "ocumento" not in escribir_csv([line(1)], tmp_path / "r.csv").read_text("utf-8-sig")


def test_a_broken_write_leaves_the_old_file(tmp_path: Path) -> None:
    """A failure in the middle leaves the sheet of before, and nothing half written."""

    def failing():
        yield line(1)
        raise OSError("no hay espacio")

    for write, name in ((escribir_csv, "r.csv"), (escribir_xlsx, "r.xlsx")):
        path = write([line(1)], tmp_path / name)
        before = path.read_bytes()
        with pytest.raises(OSError, match="no hay espacio"):
            write(failing(), path)
        assert path.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv", "r.xlsx"]


def test_no_lines_make_an_empty_sheet(tmp_path: Path) -> None:
    """Without lines the titles stand alone."""
    assert read(escribir_csv([], tmp_path / "r.csv")) == []
    assert openpyxl.load_workbook(escribir_xlsx([], tmp_path / "r.xlsx")).active.max_row == 1


@given(st.text(max_size=40))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever a reason holds, both sheets keep it, but for white space and what a workbook cannot hold."""
    folder = tmp_path_factory.mktemp("hoja")
    rows = [open_line(1, motivo=text)]
    words = " ".join(text.split())
    [row] = read(escribir_csv(rows, folder / "r.csv"))
    assert unguard(row["Motivo"]) == words
    sheet = openpyxl.load_workbook(escribir_xlsx(rows, folder / "r.xlsx")).active
    held = "".join(char for char in words if char >= " " and char not in "\ufffe\uffff")
    assert (sheet.cell(2, 12).value or "") == held
