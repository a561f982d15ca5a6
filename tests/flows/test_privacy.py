"""What a whole case leaves behind is safe to show: no document and no phone, of the case or of other customers."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from leaks import leaks, read_picture

from robot import recording
from robot.browser import pictures
from robot.records.journal import read
from robot.records.report import case_page

if TYPE_CHECKING:
    from desk import Desk

FIXTURES = Path(__file__).parents[2] / "fixtures"
THEIRS = ("1002341", "1002345")
OURS = "MARÍA FERNANDA ROJAS VARGAS"  # the name of the subscriber whose case it is


@pytest.fixture(autouse=True)
def recorded(desk: Desk) -> None:
    """Keep what a case leaves behind as an office does."""
    desk.set(evidencia="grabacion")


def neighbours() -> list[str]:
    """Return documents, phones and the one name that isn't ours of those whom step 19 lists beside ours."""
    with (FIXTURES / "suscriptores.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["codigo"] in THEIRS]
    assert len(rows) == 2
    (name,) = {row["nombre"] for row in rows} - {OURS}
    own_words = name.removeprefix(OURS)  # a namesake but for these
    return [row[key] for row in rows for key in ("documento", "celular")] + [own_words]


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

    taken = [e for e in read(caso.folder) if e["event"] == "picture.taken"]
    assert len([e for e in taken if e["moment"] in ("antes", "despues")]) == 8
    real = [caso.folder / e["file"] for e in taken]
    for picture in real:
        shutil.copy(picture, tmp_path)
    assert leaks(tmp_path, private, skip=("datos",)) == []  # real pixels: only reading them tells
    told = "\n".join(read_picture(picture.read_bytes()) for picture in real)
    told += "\n".join(json.dumps(event, ensure_ascii=False) for event in recording.read(caso.folder).events)
    assert "100234" in told
    assert not re.findall("|".join(THEIRS), told)  # not joined: our code before a 1 or a 5 reads as theirs

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
