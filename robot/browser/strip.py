"""The two signed copies of a paper: the original's pages above a strip that says whose copy it is (D3)."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import NamedTuple

import reportlab
from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from robot.browser.drawing import as_drawing, place
from robot.browser.paper import REMEDY, PaperError, opened

CARTA = (612.0, 792.0)
STRIP = 92.0  # the strip's height
MARGIN = 40.0  # of the strip, left and right
TOP = 18.0  # kept free above a small paper: office printers reach no further
SIGNATURE = 232.0  # length of the line
INK, GREY = (0.1, 0.1, 0.1), (0.38, 0.38, 0.38)


class _Copy(NamedTuple):
    mark: str
    goes_to: str
    signer: str


def two_copies(
    data: bytes, *, case: str, kind_title: str, number: str, who_client: str = "Asesor", who_support: str = "usuario"
) -> bytes:
    """Return a Carta PDF with twice the original's pages: *Copia cliente*, then *Copia soporte*.

    Each page keeps its proportions and stays vectors; a wide page lies on a wide Carta; nothing is enlarged. The
    signature line stands on each copy's last page. The same input gives the same bytes. Raises `PaperError`.
    """
    copies = (
        _Copy("Copia cliente", "Se entrega al usuario", who_client),
        _Copy("Copia soporte", "Queda en el archivo", who_support),
    )
    reader = opened(data)
    try:
        return _joined(reader, copies, f"{kind_title} {number}", case)
    except Exception as error:  # a damaged PDF makes pypdf raise nearly anything
        raise PaperError(f"Con este PDF no se pudieron armar las dos copias ({error}). {REMEDY}") from error


def _joined(reader: PdfReader, copies: tuple[_Copy, ...], document: str, case: str) -> bytes:
    writer = PdfWriter()
    pages = list(reader.pages)
    sizes = [_carta_for(page) for page in pages]
    drawings = [as_drawing(writer, page) for page in pages]
    strips = PdfReader(io.BytesIO(_strips(copies, sizes, document, case)))
    for n, strip in enumerate(strips.pages):
        i = n % len(pages)
        place(writer.add_page(strip), drawings[i], _fitted(pages[i], *sizes[i]))
    writer.metadata = {"/Title": f"{document}, dos copias", "/Subject": f"Caso {case}", "/Producer": "serviweb-robot"}
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _carta_for(page: PageObject) -> tuple[float, float]:
    width, height = _seen(page)
    return CARTA if width <= height else (CARTA[1], CARTA[0])


def _seen(page: PageObject) -> tuple[float, float]:
    """Return the width and height that a person sees: what is cropped away is gone, and the page is turned."""
    width, height = float(page.cropbox.width), float(page.cropbox.height)
    return (width, height) if page.rotation % 180 == 0 else (height, width)


def _fitted(page: PageObject, sheet_width: float, sheet_height: float) -> Transformation:
    """Place what a person sees of a page at the top of a sheet, centred, above the strip."""
    width, height = _seen(page)
    box, turn = page.cropbox, page.rotation % 360
    room = sheet_height - STRIP
    scale = min(1.0, sheet_width / width, room / height)
    free = room - height * scale
    corner = {
        0: (0.0, 0.0),
        90: (0.0, float(box.width)),
        180: (float(box.width), float(box.height)),
        270: (float(box.height), 0.0),
    }[turn]
    return (
        Transformation()
        .translate(-float(box.left), -float(box.bottom))
        .rotate(-turn)
        .translate(*corner)
        .scale(scale)
        .translate((sheet_width - width * scale) / 2, STRIP + free - min(TOP, free))
    )


def _strips(copies: tuple[_Copy, ...], sizes: list[tuple[float, float]], document: str, case: str) -> bytes:
    """Draw every sheet's strip, the original's place still empty."""
    fonts = _fonts()
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    for copy in copies:
        for page, (width, height) in enumerate(sizes, start=1):
            canvas.setPageSize((width, height))
            _strip(canvas, copy, fonts, width=width, lines=(document, f"Caso {case} · Página {page} de {len(sizes)}"))
            _signature(canvas, copy, fonts, width=width, last=page == len(sizes))
            canvas.showPage()
    canvas.save()
    return file.getvalue()


def _strip(canvas: Canvas, copy: _Copy, fonts: tuple[str, str], *, width: float, lines: tuple[str, str]) -> None:
    """Write what every sheet of a copy says, at the left: whose it is, of which document, in which case."""
    plain, bold = fonts
    room = width - 2 * MARGIN - SIGNATURE - 20
    canvas.setStrokeColorRGB(*GREY)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, STRIP - 8, width - MARGIN, STRIP - 8)
    canvas.setFillColorRGB(*INK)
    _fit(canvas, MARGIN, 62, copy.mark, bold, 14, room)
    canvas.setFillColorRGB(*GREY)
    _fit(canvas, MARGIN, 49, f"{copy.goes_to} · la firma el {copy.signer}", plain, 8, room)
    canvas.setFillColorRGB(*INK)
    _fit(canvas, MARGIN, 35, lines[0], bold, 9, room)
    _fit(canvas, MARGIN, 22, lines[1], plain, 9, room)


def _signature(canvas: Canvas, copy: _Copy, fonts: tuple[str, str], *, width: float, last: bool) -> None:
    """Give the last page of a copy its signature line, at the right; the others say where it is."""
    left = width - MARGIN - SIGNATURE
    if not last:
        canvas.setFillColorRGB(*GREY)
        canvas.setFont(fonts[0], 8)
        canvas.drawRightString(width - MARGIN, 22, "Se firma en la última página")
        return
    canvas.setStrokeColorRGB(*INK)
    canvas.setLineWidth(0.8)
    canvas.line(left, 36, left + SIGNATURE, 36)
    canvas.setFillColorRGB(*INK)
    canvas.setFont(fonts[0], 9)
    canvas.drawCentredString(left + SIGNATURE / 2, 22, f"Firma del {copy.signer}")


def _fit(canvas: Canvas, x: float, y: float, text: str, font: str, size: float, room: float) -> None:
    """Write a line, smaller where it would be too long."""
    wide = pdfmetrics.stringWidth(text, font, size)
    canvas.setFont(font, size * min(1.0, room / wide) if wide else size)
    canvas.drawString(x, y, text)


@cache
def _fonts() -> tuple[str, str]:
    """Register the embedded fonts, plain and bold: Spanish looks right on machines without any font."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in (("Tira", "Vera.ttf"), ("TiraNegra", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    return "Tira", "TiraNegra"
