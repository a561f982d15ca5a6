"""Ours beside theirs: each way in which a day may not agree, and those in which it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from robot.records.busqueda import Documento
from robot.records.conciliacion import Diferencia, Listas, Nuestro, Propio, diferencias
from robot.records.conciliado import escribir
from robot.settings import BOGOTA

DIA = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 9, 30, tzinfo=BOGOTA)
NUESTRO = Nuestro(productos=("CORTE", "RECONEXIÓN DEL SERVICIO"), causal="RECONEXIÓN DEL SERVICIO")
FACTURA = Documento(numero="F-1", fecha=AT, usuario="asesor1", productos=NUESTRO.productos, total=98700, observacion="")
ABONO = Documento(numero="RC-1", fecha=AT, usuario="asesor1", facturas=("F-1",), total=98700)
TRAMITE = Documento(numero="T-1", fecha=AT, usuario="asesor1", causal="Reconexion del servicio", observacion="")
OURS = [
    Propio(caso="R-7K3QF2M", codigo="100234", tipo="factura", numero="F-1", total=98700),
    Propio(caso="R-7K3QF2M", codigo="100234", tipo="abono", numero="RC-1", total=98700, factura="F-1"),
    Propio(caso="R-7K3QF2M", codigo="100234", tipo="tramite", numero="T-1"),
]


def lists(*, factura: Any = (FACTURA,), abono: Any = (ABONO,), tramite: Any = (TRAMITE,)) -> Listas:
    """Return what Serviweb lists of the one subscriber."""
    return {"100234": {"factura": factura, "abono": abono, "tramite": tramite}}


def told(theirs: Listas, ours: list[Propio] = OURS) -> list[tuple[str, str]]:
    """Return class and number of each difference."""
    return [(one.clase, one.numero) for one in found(theirs, ours)]


def found(theirs: Listas, ours: list[Propio] = OURS) -> list[Diferencia]:
    """Compare, all listed numbers of our cases being owned."""
    return diferencias(ours, theirs, DIA, NUESTRO, {(one.tipo, one.numero): one.caso for one in ours})


def test_a_day_that_agrees() -> None:
    """Every document of ours is listed with its amount and its factura, and nothing else of that day."""
    old = replace(FACTURA, numero="F-0", fecha=AT - timedelta(days=40))
    other = replace(FACTURA, numero="F-2", productos=("VENTA DE MEDIDOR",))
    void = replace(FACTURA, numero="F-3", estado="Anulada")
    petition = replace(TRAMITE, numero="T-2", causal="FUGA")
    elsewhere = replace(ABONO, numero="RC-2", facturas=("F-2",))
    theirs = lists(factura=(FACTURA, old, other, void), abono=(ABONO, elsewhere), tramite=(TRAMITE, petition))
    assert told(theirs) == []


def test_what_only_we_know() -> None:
    """A confirmed number that no list shows; one whose annulment was recorded may be gone."""
    assert told(lists(factura=())) == [("solo_aqui", "F-1")]
    assert told(lists(factura=()), [replace(OURS[0], anulado=True), *OURS[1:]]) == []


def test_what_only_serviweb_knows() -> None:
    """Somebody else's factura, receipt and trámite of that day, with our products or causal, or for our factura."""
    double = replace(FACTURA, numero="F-9", usuario="asesor2")
    paid = replace(ABONO, numero="RC-9", facturas=("F-9",))
    again = replace(ABONO, numero="RC-8")
    filed = replace(TRAMITE, numero="T-9", observacion="100234 R-7K3QF2M")
    theirs = lists(factura=(FACTURA, double), abono=(ABONO, paid, again), tramite=(TRAMITE, filed))
    differences = {one.numero: one for one in found(theirs)}
    assert set(differences) == {"F-9", "RC-9", "RC-8", "T-9"}
    assert {one.clase for one in differences.values()} == {"solo_serviweb"}
    assert "asesor2" in differences["F-9"].detalle
    assert differences["T-9"].caso == "R-7K3QF2M"


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ({}, {"total": 98701}, "$ 98.701"),
        ({}, {"estado": "Anulada"}, "está anulado"),
        ({"anulado": True}, {}, "sigue vigente"),
        ({"por_anular": True}, {}, "decidió anularlo"),
        ({"por_anular": True}, {"estado": "Anulada"}, "falta registrarlo"),
    ],
)
def test_what_differs(ours: dict[str, Any], theirs: dict[str, Any], said: str) -> None:
    """Another amount; void on one side only."""
    [one] = found(lists(factura=(replace(FACTURA, **theirs),)), [replace(OURS[0], **ours), *OURS[1:]])
    assert (one.clase, one.numero, said in one.detalle.replace("\u00a0", " ")) == ("distinto", "F-1", True), one.detalle
    assert one.que_hacer


def test_another_factura_and_another_subscriber() -> None:
    """A receipt for somebody else's factura; a number that stands at another of the day's subscribers."""
    assert told(lists(abono=(replace(ABONO, facturas=("F-0",)),))) == [("distinto", "RC-1")]
    moved: Listas = {**lists(factura=()), "100500": {"factura": (FACTURA,), "abono": (), "tramite": ()}}
    [one] = found(moved)
    assert (one.clase, "100500" in one.detalle) == ("distinto", True)


def test_a_subscriber_that_was_not_read_says_nothing() -> None:
    """Without its lists nothing is said of it."""
    assert told({}) == []


def test_the_files_hold_each_difference(tmp_path: Path) -> None:
    """CSV and workbook have a line per difference; a number that Excel would change stays a text."""
    differences = found(lists(factura=(replace(FACTURA, numero="000123"),)))
    sheet, book = escribir(differences, tmp_path / "dia")
    text = sheet.read_text(encoding="utf-8-sig")
    assert "Solo en Serviweb;Factura;'000123;100234" in text
    rows = list(openpyxl.load_workbook(book).active.iter_rows(values_only=True))
    assert [row[2] for row in rows[1:]] == ["F-1", "000123"]
