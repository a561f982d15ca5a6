"""The caja's list: its titles as offices write them, its rows, and what a row says was paid."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from robot.errors import Rejected
from robot.records.columnas import REQUESTS
from robot.records.pagos_archivo import PAYMENTS, PaymentFile, payment
from robot.records.planilla import write_template
from robot.records.solicitud import Pago

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("No. de recibo", "recibo"),
        ("RECIBO DE CAJA", "recibo"),
        ("Comprobante", "recibo"),
        ("Fecha de pago", "fecha"),
        ("fecha y hora", "fecha"),
        ("Valor recaudado", "valor"),
        ("TOTAL", "valor"),
        ("Cód. suscriptor", "codigo"),
        ("Marca del caso", "caso"),
        ("otro_recibo", "otro_recibo"),
        ("Cajero", None),
    ],
)
def test_titles_as_offices_write_them(title: str, field: str | None) -> None:
    """Case, accents, small words and abbreviations don't count; what isn't ours is nobody's."""
    assert PAYMENTS.field_of(title) == field


def test_no_title_names_two_fields() -> None:
    """Each title of the template and each other way to write it names its own field, here and in the other file."""
    for layout in (PAYMENTS, REQUESTS):
        for column in layout.columns:
            assert {layout.field_of(title) for title in (column.title, column.field, *column.also)} == {column.field}


def test_the_fixture_is_read_as_a_caja_makes_it() -> None:
    """Letterhead above, a sum below, windows-1252, day with hour, pesos in both ways."""
    file = PaymentFile(FIXTURES / "pagos-de-caja.csv")
    rows = list(file.rows())
    assert [row.number for row in rows] == [5, 6, 7, 8, 9, 10, 11]
    assert [row.recibo for row in rows if row.recibo.startswith("RC-")] == ["RC-0000001", "RC-0000002", "RC-0000003"]
    assert [row.is_a_sum for row in rows] == [False] * 6 + [True]
    assert file.notes == ("No se usan estas columnas: «Concepto», «Cajero».",)
    seen = payment(rows[4], "ana")
    assert seen == Pago(recibo="rc-0000003", fecha=date(2026, 11, 24), valor=98700, confirmado_por="ana")


def test_the_fixture_with_errors_has_them() -> None:
    """Each row but the first has something that can't be taken, told by its field."""
    found = [payment(row, "ana") for row in PaymentFile(FIXTURES / "pagos-con-errores.csv").rows()]
    assert isinstance(found[0], Pago)
    fields = [[fault.field for fault in wrong] if isinstance(wrong, list) else [] for wrong in found]
    assert fields == [[], ["recibo"], ["recibo"], ["fecha", "valor"], [], [], ["recibo"]]


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    """What is missing is named, and the command that writes an empty file."""
    path = tmp_path / "caja.csv"
    path.write_text("Recibo;Fecha;Cajero\nRC-1;24/11/2026;ana\n", "utf-8")
    with pytest.raises(Rejected, match="falta: «Valor»") as refused:
        PaymentFile(path)
    assert "serviweb pagos plantilla" in refused.value.advice


@pytest.mark.parametrize("name", ["pagos.xlsx", "pagos.csv"])
def test_the_template_is_a_file_that_can_be_loaded(tmp_path: Path, name: str) -> None:
    """Its titles are all known; filled in, its rows are payments. An existing file is left alone."""
    path = write_template(tmp_path / name, PAYMENTS)
    with pytest.raises(Rejected, match="puede tener pagos"):
        write_template(path, PAYMENTS)
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        assert book.sheetnames == ["Pagos", "Instrucciones"]
        for column, text in enumerate(("RC-1", "24/11/2026", "98.700"), 1):
            book["Pagos"].cell(2, column).value = text
        book.save(path)
    else:
        with path.open("a", encoding="utf-8") as file:
            file.write("RC-1;24/11/2026;98.700;;;\r\n")
    [row] = PaymentFile(path).rows()
    assert isinstance(payment(row, "ana"), Pago)
