"""The recibo de pago as a PDF made by the server, and how money is written."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from mock_serviweb.clock import for_people

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from reportlab.pdfgen.canvas import Canvas

UTILITY = "Acueducto del Piedemonte S.A. E.S.P."
UTILITY_NIT = "901.555.444-7"
BLUE = (0.13, 0.25, 0.38)
GREY = (0.38, 0.44, 0.50)


def pesos(amount: int) -> str:
    """Write whole pesos with points: `$ 98.700`."""
    return f"$ {amount:,}".replace(",", ".")


def recibo(abono: sqlite3.Row, facturas: Sequence[sqlite3.Row], *, preview: bool = False) -> bytes:
    """Draw the recibo of an abono on one Letter page."""
    from reportlab.lib.pagesizes import LETTER
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=LETTER, pageCompression=1)
    canvas.setTitle(f"Recibo de pago {abono['numero']}")
    canvas.setAuthor(UTILITY)
    width, height = LETTER
    _head(canvas, width, height, abono["numero"])
    y = _facts(canvas, height - 150, abono)
    y = _rows(canvas, width, y - 20, facturas)
    _total(canvas, width, y - 8, abono["valor"])
    _foot(canvas, width, y - 60, abono)
    if preview:
        canvas.saveState()
        canvas.setFillGray(0.8)
        canvas.translate(width / 2, height / 2)
        canvas.rotate(35)
        canvas.setFont("Helvetica-Bold", 48)
        canvas.drawCentredString(0, 0, "VISTA PREVIA — SIN VALIDEZ")
        canvas.restoreState()
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def _head(canvas: Canvas, width: float, height: float, number: str) -> None:
    canvas.setFillColorRGB(*BLUE)
    canvas.rect(0, height - 70, width, 70, stroke=0, fill=1)
    canvas.setFillGray(1)
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(54, height - 36, UTILITY)
    canvas.setFont("Helvetica", 9)
    canvas.drawString(54, height - 52, f"NIT {UTILITY_NIT} · Florencia, Caquetá")
    canvas.setFillColorRGB(*BLUE)
    canvas.setFont("Helvetica-Bold", 17)
    canvas.drawString(54, height - 108, "RECIBO DE PAGO")
    canvas.setFont("Helvetica-Bold", 14)
    canvas.drawRightString(width - 54, height - 108, f"N.º {number}")
    canvas.setStrokeColorRGB(*GREY)
    canvas.line(54, height - 120, width - 54, height - 120)


def _facts(canvas: Canvas, y: float, abono: sqlite3.Row) -> float:
    facts = (
        ("Código del suscriptor", abono["codigo"]),
        ("Suscriptor", abono["nombre"]),
        ("Ruta", abono["ruta"]),
        ("Fecha de generación", for_people(abono["momento"])),
        ("Generado por", abono["usuario"]),
    )
    for label, value in facts:
        canvas.setFillColorRGB(*GREY)
        canvas.setFont("Helvetica", 9)
        canvas.drawString(54, y, label)
        canvas.setFillGray(0)
        canvas.setFont("Helvetica", 10.5)
        canvas.drawString(180, y, value)
        y -= 18
    return y


def _rows(canvas: Canvas, width: float, y: float, facturas: Sequence[sqlite3.Row]) -> float:
    canvas.setFillColorRGB(0.90, 0.93, 0.96)
    canvas.rect(54, y - 6, width - 108, 20, stroke=0, fill=1)
    canvas.setFillColorRGB(*BLUE)
    canvas.setFont("Helvetica-Bold", 9.5)
    canvas.drawString(62, y, "Factura")
    canvas.drawString(180, y, "Fecha")
    canvas.drawRightString(width - 62, y, "Saldo")
    canvas.setFillGray(0)
    canvas.setFont("Helvetica", 10)
    for row in facturas:
        y -= 20
        canvas.drawString(62, y, row["numero"])
        canvas.drawString(180, y, for_people(row["momento"])[:10])
        canvas.drawRightString(width - 62, y, pesos(row["total"]))
    return y


def _total(canvas: Canvas, width: float, y: float, amount: int) -> None:
    canvas.setStrokeColorRGB(*GREY)
    canvas.line(54, y, width - 54, y)
    canvas.setFont("Helvetica-Bold", 12)
    canvas.drawString(62, y - 20, "TOTAL A PAGAR")
    canvas.drawRightString(width - 62, y - 20, pesos(amount))


def _foot(canvas: Canvas, width: float, y: float, abono: sqlite3.Row) -> None:
    from reportlab.graphics.barcode.code128 import Code128

    code = Code128(f"{abono['numero']}{abono['valor']:010d}", barHeight=42, barWidth=1.0)
    code.drawOn(canvas, (width - code.width) / 2, y - 50)
    canvas.setFont("Helvetica", 8)
    canvas.setFillColorRGB(*GREY)
    canvas.drawCentredString(width / 2, y - 64, f"{abono['numero']} · {pesos(abono['valor'])}")
    canvas.drawCentredString(
        width / 2, y - 84, "Preséntelo en la caja de la empresa. Sin sello de la caja no es constancia."
    )
