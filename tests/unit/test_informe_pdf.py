"""The printed report of a day, read back from its PDF: every list, the figures, pages, and the chains' heads."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from a_line import AHORA, HOY, line, open_line
from pypdf import PdfReader

from robot.records.impresos import heads_in
from robot.records.informe_pdf import Contenido, informe_pdf
from robot.records.linea import Linea
from robot.records.planilla_entrega import cadena

LATE = AHORA - timedelta(hours=3)


def lines() -> list[Linea]:
    """Return a day with one of each."""
    return [
        line(1, entradas=41),
        open_line(2, vence=LATE, motivo="Serviweb no respondió", que_hacer="Siga con el caso"),
        line(3, estado="esperando_pago", radicado="", radicado_en=None, pagado=None, suscriptor="LUZ <MARINA> & CÍA"),
        line(4, estado="en_duda", motivo="Se envió la factura y no hubo respuesta"),
        line(5, estado="rechazado", motivo="La cédula pertenece a otra persona", total=None),
    ]


def content(**changed: Any) -> Contenido:
    """Return what else the report says."""
    whole: dict[str, Any] = {
        "dia": HOY,
        "ahora": AHORA,
        "quien": "Sofía Restrepo",
        "por_dia": [(HOY - timedelta(days=1), {"terminado": 3, "en_duda": 1}), (HOY, {"terminado": 2})],
        "espera": [("Hasta 1 día", 1), ("1 a 3 días", 0)],
        "decisiones": [
            ("R-0000004", "9:10", "No existe: la factura", "Sofía Restrepo (sofia): no está", "Marta Quintero (marta)")
        ],
        "pagos": [("R-0000009", "RC-77", "El caso estaba cancelado", "Devuélvalo en la caja")],
    }
    return Contenido(**whole | changed)


def text_of(data: bytes) -> list[str]:
    """Return the text of every page, white space as one."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def test_every_list_is_there() -> None:
    """Each list is counted and holds its cases, and what a person must do about them."""
    text = " ".join(text_of(informe_pdf(lines(), content(alterados=["R-0000005"]))))
    assert "24 de noviembre de 2026" in text
    assert "por Sofía Restrepo" in text
    for title in (
        "Vencidos (1)",
        "En duda (1)",
        "Incompletos (1)",
        "Pagos que nadie esperaba, sin atender (1)",
        "Decisiones de personas (1)",
        "Terminados (1)",
        "Esperan el pago (1)",
        "Rechazados y fallidos (1)",
        "Huellas de los diarios (5)",
    ):
        assert title in text
    assert "venció hace 3 h" in text
    assert "Serviweb no respondió. Siga con el caso." in text
    assert "LUZ <MARINA> & CÍA" in text
    assert "F-2301 RC-8101 2026-11-4401 $ 98.700" in text
    assert "R-0000009 RC-77 El caso estaba cancelado Devuélvalo en la caja" in text
    assert "El diario en la carpeta del caso R-0000005 no es el de la base de datos" in text
    assert "No existe: la factura Sofía Restrepo (sofia): no está Marta Quintero (marta)" in text
    assert "$ 394.800" in text  # billed in four cases


def test_an_empty_day_says_so() -> None:
    """A day without cases has a report of one page, without heads."""
    (only,) = text_of(informe_pdf([], content(por_dia=[(HOY, {})], espera=[("Hasta 1 día", 0)], pagos=[])))
    assert "Ningún plazo está vencido." in only
    assert "Ningún caso terminó." in only
    assert "Huella de la lista" not in only


def test_its_pages_are_numbered_and_say_the_lists_head() -> None:
    """Every page tells which it is of how many, who made it, and the head of the whole list."""
    many = [line(number) for number in range(1, 160)]
    pages = text_of(informe_pdf(many, content()))
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        assert f"Página {number} de {len(pages)}" in page
        assert f"Huella de la lista: {cadena(many)}" in page
        assert "Sofía Restrepo" in page
    whole = " ".join(pages)
    assert all(one.radicado in whole for one in many)


def test_its_heads_can_be_checked_again(tmp_path: Path) -> None:
    """`serviweb auditoria` finds on it the head of every case that has begun."""
    begun = [replace(one, entradas=40 + n) for n, one in enumerate(lines())]
    file = tmp_path / "informe.pdf"
    file.write_bytes(informe_pdf([*begun, line(9, cabeza="", estado="en_cola")], content()))
    assert [(head.caso, head.n, head.huella) for head in heads_in(file)] == [
        (one.caso, one.entradas, one.cabeza[:16]) for one in begun
    ]


def test_the_same_day_gives_the_same_bytes() -> None:
    """Two reports of the same lines are one and the same file."""
    assert informe_pdf(lines(), content()) == informe_pdf(lines(), content())


def test_it_is_carta_and_names_itself() -> None:
    """It is printed on Carta, and its file says what it is."""
    reader = PdfReader(io.BytesIO(informe_pdf(lines(), content())))
    assert {(float(page.mediabox.width), float(page.mediabox.height)) for page in reader.pages} == {(612.0, 792.0)}
    assert reader.metadata is not None
    assert reader.metadata.title == "Informe del día 24/11/2026"
