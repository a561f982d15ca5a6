"""Any valid request survives validation, storage and reading back, whatever its letters."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from a_request import GOOD, request
from hypothesis import given, settings
from hypothesis import strategies as st

from robot.errors import Rejected
from robot.records import privado
from robot.records.solicitud import nit_check_digit, problems, validate

LETTERS = "abcdefghijklmnñopqrstuvwxyzáéíóúüABCDEFGHIJKLMNÑOPQRSTUVWXYZÁÉÍÓÚÜ'’.&-"
NAMES = st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=4).map(" ".join)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40)


def digits(first: str, least: int, most: int) -> st.SearchStrategy[str]:
    """Digits that begin as *first* says."""
    return st.from_regex(rf"[{first}][0-9]{{{least - 1},{most - 1}}}", fullmatch=True)


NIT = digits("1-9", 8, 10).map(lambda number: ("NIT", f"{number}-{nit_check_digit(number)}"))
DOCUMENT = st.one_of(
    st.tuples(st.sampled_from(["CC", "TI"]), digits("1-9", 3, 10)),
    st.tuples(st.sampled_from(["CE", "PP"]), st.from_regex(r"[A-Z0-9]{4,16}", fullmatch=True)),
    NIT,
)
ARRANGEMENT = st.one_of(
    st.just(("sin deuda", "")), st.tuples(st.sampled_from(["acuerdo de pago", "diligencia de arreglo"]), TEXT)
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Any request, in the shapes in which it is kept."""
    kind, number = draw(DOCUMENT)
    arrangement, reference = draw(ARRANGEMENT)
    return {
        "codigo": draw(digits("0-9", 3, 10)),
        "ruta": draw(st.from_regex(r"[0-9]{2}-[0-9]{3}", fullmatch=True)),
        "suscriptor": draw(st.one_of(st.just(""), NAMES.map(str.upper))),
        "tipo_documento": kind,
        "documento": number,
        "nombres": draw(NAMES.map(str.upper)),
        "apellidos": draw(NAMES.map(str.upper)),
        "celular": draw(st.one_of(digits("3", 10, 10), digits("0-9", 8, 8).map("60".__add__))),
        "forma_pago": draw(st.sampled_from(["Contado", "Crédito"])),
        "concepto": draw(TEXT),
        "medidor": draw(st.booleans()),
        "arreglo": arrangement,
        "arreglo_ref": reference,
        "solicitud": draw(st.one_of(st.just(""), TEXT)),
        "nueva_ocasion": draw(st.one_of(st.just(""), TEXT)),
    }


@given(requests())
def test_a_valid_request_survives_unchanged(data: dict[str, Any]) -> None:
    """Validation changes nothing of a request in its kept shape: what was typed is what is billed."""
    solicitud, faults = problems(data)
    assert faults == []
    assert solicitud is not None
    assert solicitud.model_dump() == data
    assert data["documento"] in solicitud.private_values()


@settings(max_examples=30)
@given(requests())
def test_a_stored_request_is_the_same(data: dict[str, Any]) -> None:
    """What is stored is read back equal, with the hash that the journal holds of it."""
    with tempfile.TemporaryDirectory() as folder:
        solicitud = validate(data)
        vouched = privado.save(Path(folder), "R-AAAAAAA", solicitud)
        assert privado.load(Path(folder), "R-AAAAAAA") == (solicitud, vouched)


@given(st.text(max_size=20), st.sampled_from(sorted(GOOD)))
def test_no_text_breaks_the_validation(text: str, field: str) -> None:
    """Whatever stands in a field, the answer is a request or named faults, never another exception."""
    solicitud, faults = problems(GOOD | {field: text})
    assert (solicitud is None) == bool(faults)


def test_a_stored_request_is_its_owners_alone(tmp_path: Path) -> None:
    """The file of a request is readable by its owner only, and salted."""
    folder = tmp_path / "privado"
    one = privado.save(folder, "R-AAAAAAA", request())
    assert one != privado.save(folder, "R-BBBBBBB", request())
    assert (folder / "R-AAAAAAA.json").stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_a_request_of_a_killed_process_is_stored_anew(tmp_path: Path) -> None:
    """Killed before the journal's first entry, the case is opened again; half a file is no request."""
    privado.save(tmp_path, "R-AAAAAAA", request(celular="3001112233"))
    (tmp_path / "R-AAAAAAA.nuevo").write_text('{"sal": ')
    stored = privado.save(tmp_path, "R-AAAAAAA", request())
    assert privado.load(tmp_path, "R-AAAAAAA") == (request(), stored)
    assert [path.name for path in tmp_path.iterdir()] == ["R-AAAAAAA.json"]


@pytest.mark.parametrize("left", [None, "", "[]", "{}", '{"sal": "x", "solicitud": 3}', "\x00"])
def test_an_erased_or_broken_request_is_said_to_be_gone(tmp_path: Path, left: str | None) -> None:
    """A request that was erased, or whose file is unreadable, is refused with that sentence."""
    if left is not None:
        (tmp_path / "R-AAAAAAA.json").write_text(left)
    with pytest.raises(Rejected, match="ya no están"):
        privado.load(tmp_path, "R-AAAAAAA")
