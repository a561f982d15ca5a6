"""What a whole case leaves behind is safe to show: no document and no phone, of the case or of other customers."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from leaks import leaks

from robot.browser import pictures
from robot.records.journal import read
from robot.records.report import case_page

if TYPE_CHECKING:
    from desk import Desk

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(autouse=True)
def recorded(desk: Desk) -> None:
    """Keep what a case leaves behind as an office does."""
    desk.set(evidencia="grabacion")


def neighbours() -> list[str]:
    """Return documents and phones of the customers whom the search of step 19 lists beside ours."""
    with (FIXTURES / "suscriptores.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["codigo"] in {"1002341", "1002345"}]
    assert len(rows) == 2
    return [row["documento"] for row in rows] + [row["celular"] for row in rows]


def test_no_private_value_is_left_but_in_the_papers(desk: Desk, tmp_path: Path) -> None:
    """Both stages, all pictures, the page and its one-file form: nothing is found, and a planted leak is."""
    solicitud = desk.request(documento="17634567", nombres="José Ángel", apellidos="Ñáñez Muñoz")
    caso = desk.cobro(solicitud).caso
    desk.paid(caso)
    caso = desk.tramite(caso, solicitud).caso
    assert caso.estado == "terminado", caso.entries[-1]
    desk.do(pictures.render(caso.folder, desk.browser))
    case_page(caso.folder)
    private = [*solicitud.private_values(), *neighbours(), "clave-asesor1"]
    assert leaks(caso.folder, private, ocr=False) == []  # rendered pictures show what the recording holds as text

    real = [caso.folder / e["file"] for e in read(caso.folder) if e["event"] == "picture.taken"]
    assert len(real) == 8
    for picture in real:
        shutil.copy(picture, tmp_path)
    assert leaks(tmp_path, private, skip=("datos",)) == []  # real pixels: only reading them tells

    (caso.folder / "nota.txt").write_text("cel. 312-456 7890", encoding="utf-8")
    assert leaks(caso.folder, private, ocr=False) == ["nota.txt: 3124567890"]


def test_the_page_in_one_file_needs_no_other(desk: Desk) -> None:
    """--autocontenido: everything inside, and still no private value outside the papers that it carries."""
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    page = case_page(caso.folder, self_contained=True).read_text(encoding="utf-8")
    assert caso.number("abono") in page
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)[^"']+""", page)
    assert all(value not in page for value in solicitud.private_values())
