"""The planilla de entrega, read back from its PDF: every radicado once, pages, signatures, the chain's head."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from a_line import AHORA, HOY, line
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from robot.records.linea import Linea
from robot.records.planilla_entrega import (
    COLUMNAS,
    MARGEN,
    cadena,
    cortado,
    escribir_planilla,
    fecha_larga,
    fonts,
    paginas,
    planilla_pdf,
)

CARTA = (792.0, 612.0)


def pages(lines: list[Linea], **options: str) -> list[str]:
    """Return the text of every page, white space as one."""
    reader = PdfReader(io.BytesIO(planilla_pdf(lines, HOY, AHORA, **options)))
    assert {(float(page.mediabox.width), float(page.mediabox.height)) for page in reader.pages} == {CARTA}
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_a_line_has_what_the_supervisor_needs() -> None:
    """Radicado, code, subscriber, ruta, hour, receipt, the journal's head and until when to reconnect."""
    [text] = pages([replace(line(1), cabeza="abcdef0123456789" * 4, entradas=41, reconectar=AHORA)], asesor="lperez")
    for said in ("2026-11-4401", "100201", "ROSALBA CUÉLLAR DE PERDOMO", "01-383", "8:01 a. m.", "RC-8101"):
        assert said in text
    assert "R-0000001 · 41 · abcdef0123456789" in text
    assert "reconectar antes del 24/11/2026, 3:40 p. m." in text
    assert "Entrega: asesor lperez" in text
    assert "Recibe: supervisor de matrícula" in text
    assert "Total: 1 radicado " in text
    assert "24 de noviembre de 2026" in text


@pytest.mark.parametrize("count", [1, 10, 11, 15, 16, 33, 100])
def test_every_radicado_stands_once_on_numbered_pages(count: int) -> None:
    """Nothing is lost or told twice at the end of a sheet; titles are repeated; the last sheet is signed."""
    texts = pages([line(n) for n in range(1, count + 1)])
    found = re.findall(r"2026-11-(\d+)", " ".join(texts))
    assert found == [str(4400 + n) for n in range(1, count + 1)]
    for number, text in enumerate(texts, start=1):
        assert f"Página {number} de {len(texts)}" in text
        assert "Radicado Código Suscriptor Ruta Hora Recibo Asignado a Firma" in text
        assert ("Recibe: supervisor" in text) == (number == len(texts))
    assert f"Total: {count} radicado" in texts[-1]


@given(st.integers(0, 2000))
def test_sheets_hold_all_lines_and_signatures_are_never_alone(count: int) -> None:
    """The sheets' lines add up, and the signed one has at least a line, unless there is none at all."""
    sheets = paginas(count)
    assert sum(sheets) == count
    assert all(sheets) or count == 0


def test_a_day_without_radicados_says_so() -> None:
    """Without radicados a sentence stands in the table's place, and nobody signs."""
    [text] = pages([])
    assert "El 24 de noviembre de 2026 no se radicó ningún trámite." in text
    assert "No hay soportes para entregar." in text
    assert "Recibe" not in text


def test_a_long_name_ends_in_an_ellipsis() -> None:
    """What doesn't fit is cut in its own column, and the rest of the line stays legible."""
    name = "JUNTA DE ACCIÓN COMUNAL DEL BARRIO LA ESPERANZA ALTA"
    [text] = pages([line(1, suscriptor=name, radicado="RADICADO-MUY-LARGO-" * 3)])
    assert name not in text
    assert re.search(r"JUNTA DE ACCIÓN COMUNAL[^…]{0,12}…", text)
    assert re.search(r"RADICADO-MUY[^…]*…", text)
    assert "RC-8101" in text


@given(st.text(min_size=1, max_size=60), st.floats(20, 300))
def test_a_cut_text_fits_its_room(text: str, room: float) -> None:
    """A cut text is no wider than its room, and one that fits isn't touched."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    plain, _ = fonts()
    cut = cortado(text, plain, 8.5, room)
    assert stringWidth(cut, plain, 8.5) <= room
    if stringWidth(text, plain, 8.5) <= room:
        assert cut == text


def test_the_columns_fill_the_sheet() -> None:
    """The columns' widths add up to what lies between the margins."""
    assert sum(columna.ancho for columna in COLUMNAS) == CARTA[0] - 2 * MARGEN


def test_the_chain_tells_any_change() -> None:
    """A line dropped, added, moved or changed gives another head; the printed one is the list's."""
    lines = [line(n) for n in range(1, 5)]
    others = [lines[:-1], [*lines, line(5)], lines[::-1]]
    others += [[replace(lines[0], **{field: "X"}), *lines[1:]] for field in ("caso", "radicado", "cabeza")]
    assert len({cadena(lines), *map(cadena, others)}) == 1 + len(others)
    assert cadena(list(lines)) == cadena(lines)
    [text] = pages(lines)
    assert f"Huella de la lista: {cadena(lines)}" in text
    assert f"huella de la lista {cadena(lines)[:12]}" in text


def test_the_same_list_gives_the_same_bytes(tmp_path: Path) -> None:
    """Printed again, the planilla is the same file, and nothing half written is left beside it."""
    lines = [line(1), line(2)]
    path = escribir_planilla(lines, tmp_path / "dia" / "planilla.pdf", HOY, AHORA)
    assert path.read_bytes() == planilla_pdf(lines, HOY, AHORA)
    assert list(path.parent.iterdir()) == [path]


def test_a_date_is_written_in_words() -> None:
    """Months are in Spanish, days without zero."""
    assert fecha_larga(HOY.replace(month=3, day=5)) == "5 de marzo de 2026"
