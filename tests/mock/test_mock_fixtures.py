"""The invented data keep what the tests and the brief rely on."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from mock_serviweb.rules.terceros import check_digit

FIXTURES = Path(__file__).parents[2] / "fixtures"
VECTORS = ["892000265-1", "809004436-0", "800126880-9", "860069804-2", "890321567-0", "900791342-1", "890700906-0"]


def rows(name: str) -> list[dict[str, str]]:
    """Read one fixture file."""
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


@pytest.mark.parametrize("nit", VECTORS)
def test_check_digit(nit: str) -> None:
    """The check digit is DIAN's."""
    assert check_digit(nit[:-2]) == int(nit[-1])


def test_nits_are_correct() -> None:
    """Every NIT in the fixtures has its check digit."""
    nits = [
        r["documento"] for f in ("suscriptores.csv", "terceros.csv") for r in rows(f) if r["tipo_documento"] == "NIT"
    ]
    assert len(nits) >= 10
    assert all(check_digit(nit[:9]) == int(nit[-1]) for nit in nits)


def test_subscribers() -> None:
    """There are at least 300, each code and document once, and 999999 is nobody."""
    found = rows("suscriptores.csv")
    assert len(found) >= 300
    assert (
        len({r["codigo"] for r in found}) == len({(r["tipo_documento"], r["documento"]) for r in found}) == len(found)
    )
    assert "999999" not in {r["codigo"] for r in found}


def test_batch_subscribers_are_clean() -> None:
    """100701 to 100760 owe nothing and are in the directory."""
    batch = {r["codigo"]: r["documento"] for r in rows("suscriptores.csv") if "100701" <= r["codigo"] <= "100760"}
    assert len(batch) == 60
    assert set(batch.values()) <= {r["documento"] for r in rows("terceros.csv")}
    assert not set(batch) & {r["codigo"] for r in rows("facturas_pendientes.csv")}


def test_named_rows() -> None:
    """The new-tercero branch, the older invoices and the nobody are as the README says."""
    directory = {r["documento"]: r for r in rows("terceros.csv")}
    owing = [r["codigo"] for r in rows("facturas_pendientes.csv")]
    subscribers = {r["codigo"]: r for r in rows("suscriptores.csv")}
    assert subscribers["100310"]["documento"] not in directory
    assert directory["1117499001"]["apellidos"] == "PÁEZ LOZANO"
    assert "1117499001" not in {r["documento"] for r in subscribers.values()}
    assert (owing.count("100234"), owing.count("100411"), owing.count("100412")) == (0, 1, 2)
    assert subscribers["100500"]["estado"] == "retirado"
    assert subscribers["000789"]["nombre"] == "ROSA ELVIRA CHAUX"
