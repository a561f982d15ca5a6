"""The solicitudes of this set as PDFs made by the server, one Letter page each."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from mock_serviweb.clock import for_people
from mock_serviweb.prints import UTILITY, UTILITY_NIT, pesos

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from reportlab.pdfgen.canvas import Canvas

    from mock_serviweb.rules.facturas import Line

TEAL = (0.04, 0.38, 0.47)
MIST = (0.91, 0.96, 0.97)
GREY = (0.36, 0.42, 0.47)
LEFT, RIGHT, TOP = 50, 562, 792
LAW = "Sus datos personales se tratan según la Ley 1581 de 2012 y la política de tratamiento de la empresa."

Facts = tuple[tuple[str, str], ...]


def factura(row: sqlite3.Row, lines: Sequence[Line], *, preview: bool = False) -> bytes:
    """Draw the solicitud of a factura."""
    facts = (
        ("Código", row["codigo"]),
        ("Ruta", row["ruta"]),
        ("Suscriptor", row["nombre"]),
        ("Forma de pago", row["forma_pago"]),
        ("Fecha", for_people(row["momento"])),
        ("Usuario", row["usuario"]),
    )
    sheet = _Sheet(f"Factura {row['numero']}", preview=preview)
    sheet.facts(facts)
    sheet.lines(lines, row["total"])
    sheet.paragraph("Observación", row["observacion"])
    return sheet.bytes()


def tramite(row: sqlite3.Row, *, preview: bool = False) -> bytes:
    """Draw the solicitud of a trámite."""
    facts = (
        ("Código", row["codigo"]),
        ("Ruta", row["ruta"]),
        ("Suscriptor", row["nombre"]),
        ("Zona y medio", f"{row['zona']} · {row['medio']}"),
        ("Servicio", row["servicio"]),
        ("Tipo de trámite", row["tipo"]),
        ("Causal", row["causal"]),
        ("Notificación electrónica", "Aceptada" if row["notificacion"] else "No aceptada"),
        ("Fecha", for_people(row["momento"])),
        ("Usuario", row["usuario"]),
    )
    sheet = _Sheet(f"Radicado {row['radicado']}", preview=preview)
    sheet.facts(facts)
    sheet.paragraph("Observación", row["observacion"])
    return sheet.bytes()


class _Sheet:
    """A page under construction, from its head downwards."""

    def __init__(self, number: str, *, preview: bool) -> None:
        from reportlab.lib.pagesizes import LETTER
        from reportlab.pdfgen.canvas import Canvas

        self._file = io.BytesIO()
        self._canvas: Canvas = Canvas(self._file, pagesize=LETTER, pageCompression=1)
        self._canvas.setTitle(f"Solicitud de trámite · {number}")
        self._canvas.setAuthor(UTILITY)
        self._y = 640.0
        self._head(number)
        if preview:
            self._stamp("VISTA PREVIA — SIN VALIDEZ")

    def facts(self, facts: Facts) -> None:
        """Write what it is about in two columns."""
        for place, (label, value) in enumerate(facts):
            x = LEFT if place % 2 == 0 else 312
            self._text(label.upper(), x, self._y, size=7, colour=GREY, bold=True)
            self._text(value, x, self._y - 13, size=10.5)
            self._y -= 34 if place % 2 or place == len(facts) - 1 else 0
        self._y -= 14

    def lines(self, lines: Sequence[Line], total: int) -> None:
        """Write the products, their values and the total."""
        self._bar()
        for words, x in (("Producto", LEFT + 10), ("Cantidad", 352)):
            self._text(words, x, self._y, size=9, colour=TEAL, bold=True)
        self._text("Valor", RIGHT - 10, self._y, size=9, colour=TEAL, bold=True, right=True)
        for line in lines:
            self._y -= 22
            self._text(line.producto, LEFT + 10, self._y)
            self._text(str(line.cantidad), 352, self._y)
            self._text(pesos(line.valor), RIGHT - 10, self._y, right=True)
        self._canvas.setStrokeColorRGB(*TEAL)
        self._canvas.line(LEFT, self._y - 9, RIGHT, self._y - 9)
        self._y -= 28
        self._text("Total", LEFT + 10, self._y, size=12, bold=True)
        self._text(pesos(total), RIGHT - 10, self._y, size=12, bold=True, right=True)
        self._y -= 34

    def paragraph(self, title: str, text: str) -> None:
        """Write a text under its title, wrapped."""
        from reportlab.lib.utils import simpleSplit

        self._bar()
        self._text(title, LEFT + 10, self._y, size=9, colour=TEAL, bold=True)
        self._y -= 22
        for line in simpleSplit(text, "Helvetica", 10.5, RIGHT - LEFT - 20):
            self._text(line, LEFT + 10, self._y)
            self._y -= 15

    def bytes(self) -> bytes:
        """Finish the page."""
        self._text("Firma de quien solicita", LEFT, 96, size=8, colour=GREY)
        self._canvas.setStrokeColorRGB(*GREY)
        self._canvas.line(LEFT, 110, 270, 110)
        self._text(LAW, LEFT, 52, size=7.5, colour=GREY)
        self._canvas.showPage()
        self._canvas.save()
        return self._file.getvalue()

    def _head(self, number: str) -> None:
        self._canvas.setFillColorRGB(*TEAL)
        self._canvas.rect(0, TOP - 8, 612, 8, stroke=0, fill=1)
        self._text(UTILITY, LEFT, 742, size=13, colour=TEAL, bold=True)
        self._text(f"NIT {UTILITY_NIT} · Florencia, Caquetá", LEFT, 727, size=9, colour=GREY)
        self._text("SOLICITUD DE TRÁMITE", RIGHT, 742, size=10, colour=GREY, bold=True, right=True)
        self._canvas.setFillColorRGB(*MIST)
        self._canvas.roundRect(LEFT, 668, RIGHT - LEFT, 38, 8, stroke=0, fill=1)
        self._text(number, LEFT + 14, 681, size=16, colour=TEAL, bold=True)

    def _bar(self) -> None:
        self._canvas.setFillColorRGB(*MIST)
        self._canvas.roundRect(LEFT, self._y - 8, RIGHT - LEFT, 24, 5, stroke=0, fill=1)

    def _stamp(self, words: str) -> None:
        self._canvas.saveState()
        self._canvas.setFillGray(0.85)
        self._canvas.translate(306, 396)
        self._canvas.rotate(40)
        self._canvas.setFont("Helvetica-Bold", 42)
        self._canvas.drawCentredString(0, 0, words)
        self._canvas.restoreState()

    def _text(
        self,
        words: str,
        x: float,
        y: float,
        *,
        size: float = 10,
        colour: tuple[float, float, float] = (0, 0, 0),
        bold: bool = False,
        right: bool = False,
    ) -> None:
        self._canvas.setFillColorRGB(*colour)
        self._canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)
        (self._canvas.drawRightString if right else self._canvas.drawString)(x, y, words)
