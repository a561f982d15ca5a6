"""Any request comes through any form of file unchanged; any bytes at all give rows or a refusal."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from a_file import good, workbook, written
from hypothesis import given, settings
from hypothesis import strategies as st
from test_solicitud_any import requests

from robot.errors import Rejected
from robot.records.celda import damage, guard
from robot.records.columnas import COLUMNS
from robot.records.intake import read_requests
from robot.records.solicitud import validate

ENCODINGS = st.sampled_from(["utf-8-sig", "utf-8", "cp1252"])


def distinct(data: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the requests of different subscribers and references, without what a file calls damaged."""
    found: dict[str, dict[str, Any]] = {}
    for one in data:
        whole = not any(damage(field, value) for field, value in one.items() if isinstance(value, str))
        if whole and one["solicitud"] not in {other["solicitud"] for other in found.values() if other["solicitud"]}:
            found.setdefault(one["codigo"], one)
    return list(found.values())


def cells(data: dict[str, Any]) -> list[str]:
    """Return the cells of a request, as a person would write the meter."""
    shown = data | {"medidor": "sí" if data["medidor"] else "no"}
    return [str(shown[column.field]) for column in COLUMNS]


def fits(data: dict[str, Any], encoding: str) -> bool:
    """Say whether an encoding has the letters of a request, and doesn't read as another by chance."""
    try:
        encoded = "".join(cells(data)).encode(encoding)
    except UnicodeEncodeError:
        return False
    return encoding != "cp1252" or "Ã" not in encoded.decode("cp1252")


@settings(max_examples=60, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=5), ENCODINGS, st.sampled_from([";", ",", "\t"]))
def test_any_requests_come_through_any_csv(data: list[dict[str, Any]], encoding: str, separator: str) -> None:
    """Written with any encoding and separator, the same requests are read, to the last letter."""
    data = [one for one in distinct(data) if fits(one, encoding)]
    with tempfile.TemporaryDirectory() as folder:
        lines = [[guard(cell) for cell in cells(one)] for one in data]
        if lines:
            path = written(Path(folder), *lines, encoding=encoding, separator=separator)
            assert [found.solicitud for found in good(path)] == [validate(one) for one in data]


@settings(max_examples=25, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=3))
def test_any_requests_come_through_a_workbook(data: list[dict[str, Any]]) -> None:
    """Written as text cells, the same requests are read."""
    data = distinct(data)
    with tempfile.TemporaryDirectory() as folder:
        if data:
            path = workbook(Path(folder), *[[guard(cell) for cell in cells(one)] for one in data])
            assert [found.solicitud for found in good(path)] == [validate(one) for one in data]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["lote.csv", "lote.xlsx"]), st.booleans())
def test_any_bytes_give_rows_or_a_refusal(content: bytes, name: str, with_titles: bool) -> None:
    """Nothing but `Rejected` comes out of a file, whatever is in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        titles = ";".join(column.title for column in COLUMNS).encode() + b"\r\n"
        path.write_bytes((titles if with_titles else b"") + content)
        try:
            numbers = [found.number for found in read_requests(path)]
        except Rejected:
            return
        assert numbers == sorted(set(numbers))
