"""The planilla de entrega: the day's radicados on paper, for the supervisor de matrícula (steps 32 and 33)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from robot.records.linea import Linea
from robot.records.plazos import hora
from robot.settings import BOGOTA
from robot.text import in_pesos

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

ANCHO, ALTO = 792.0, 612.0  # Carta, lying
MARGEN = 36.0
FILA = 27.0
CABEZA = 20.0
PRIMERA = ALTO - 126  # where the table begins, below the title
OTRAS = ALTO - 74
PIE = 44.0
FIRMAS = 116.0  # height of totals and signatures, on the last sheet
TINTA, GRIS, LINEA, FONDO, MARCA = (
    (0.09, 0.13, 0.18),
    (0.36, 0.41, 0.47),
    (0.78, 0.82, 0.86),
    (0.955, 0.965, 0.975),
    (0.043, 0.36, 0.56),
)
MESES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
_DOTS = "…"


@dataclass(frozen=True)
class Columna:
    """One column: its title, its width in points, and whether a person fills it in."""

    titulo: str
    ancho: float
    a_mano: bool = False


COLUMNAS = (
    Columna("Nº", 26),
    Columna("Radicado", 108),
    Columna("Código", 62),
    Columna("Suscriptor", 186),
    Columna("Ruta", 50),
    Columna("Hora", 60),
    Columna("Recibo", 74),
    Columna("Asignado a", 82, a_mano=True),
    Columna("Firma", 72, a_mano=True),
)


def cadena(lineas: Sequence[Linea]) -> str:
    """Return the chain head of a list, in hexadecimal: a line dropped, added, moved or changed gives another one.

    Each link is the SHA-256 of the link before, the case's mark, its radicado and its journal's head; the first follows
    64 zeros, as in a journal.
    """
    head = "0" * 64
    for linea in lineas:
        head = hashlib.sha256(f"{head} {linea.caso} {linea.radicado} {linea.cabeza}".encode()).hexdigest()
    return head


def paginas(count: int) -> list[int]:
    """Return how many lines stand on each sheet; the last one keeps its place for totals and signatures."""
    sheets: list[int] = []
    while True:
        top = OTRAS if sheets else PRIMERA
        room = int((top - CABEZA - PIE) // FILA)
        with_signatures = int((top - CABEZA - PIE - FIRMAS) // FILA)
        if count <= with_signatures:
            return [*sheets, count]
        sheets.append(min(room, count - 1))  # signatures never stand on a sheet of their own
        count -= sheets[-1]


def planilla_pdf(lineas: Sequence[Linea], dia: date, ahora: datetime, *, asesor: str = "") -> bytes:
    """Return the planilla as a Carta PDF: the lines given, in their order. The same input gives the same bytes."""
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(ANCHO, ALTO), invariant=1, pageCompression=1)
    canvas.setTitle(f"Planilla de entrega de radicados, {dia:%d/%m/%Y}")
    canvas.setSubject("Reconexión del servicio, pasos 32 y 33 (SC-PQRS-PRO-011)")
    canvas.setAuthor("serviweb-robot")
    head = cadena(lineas)
    sheets = paginas(len(lineas))
    done = 0
    for number, count in enumerate(sheets, start=1):
        top = _title(canvas, lineas, dia, ahora) if number == 1 else _running_title(canvas, dia)
        bottom = _table(canvas, lineas[done : done + count], top, first=done + 1) if lineas else _empty(canvas, dia)
        done += count
        if lineas and number == len(sheets):
            _closing(canvas, lineas, bottom, asesor, head)
        _foot(canvas, number, len(sheets), head if lineas else "")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def escribir_planilla(lineas: Sequence[Linea], ruta: Path, dia: date, ahora: datetime, *, asesor: str = "") -> Path:
    """Write the planilla's PDF and return it; a broken write leaves none."""
    ruta.parent.mkdir(parents=True, exist_ok=True)
    half = ruta.with_name(f"{ruta.name}.parte")
    half.write_bytes(planilla_pdf(lineas, dia, ahora, asesor=asesor))
    return half.replace(ruta)


def fecha_larga(dia: date) -> str:
    """Write a date in words: «24 de noviembre de 2026»."""
    return f"{dia.day} de {MESES[dia.month - 1]} de {dia.year}"


# ── the sheet ───────────────────────────────────────────────────────────────────────────────────


def _title(canvas: Canvas, lineas: Sequence[Linea], dia: date, ahora: datetime) -> float:
    plain, bold = fonts()
    canvas.setFillColorRGB(*MARCA)
    canvas.rect(0, ALTO - 7, ANCHO, 7, stroke=0, fill=1)
    _text(canvas, MARGEN, ALTO - 36, "Serviweb · Reconexión del servicio", bold, 8.5, MARCA)
    _text(canvas, MARGEN, ALTO - 60, "Planilla de entrega de radicados", bold, 19, TINTA)
    _text(
        canvas, MARGEN, ALTO - 78, f"{fecha_larga(dia).capitalize()} · para el supervisor de matrícula", plain, 10, GRIS
    )
    _text(canvas, MARGEN, ALTO - 93, "Procedimiento SC-PQRS-PRO-011, pasos 32 y 33", plain, 8, GRIS)
    local = ahora.astimezone(BOGOTA)
    _text(canvas, ANCHO - MARGEN, ALTO - 60, str(len(lineas)), bold, 30, MARCA, right=True)
    word = "radicado" if len(lineas) == 1 else "radicados"
    _text(canvas, ANCHO - MARGEN, ALTO - 75, word, plain, 10, GRIS, right=True)
    _text(canvas, ANCHO - MARGEN, ALTO - 93, f"Impresa el {local:%d/%m/%Y}, {hora(local)}", plain, 8, GRIS, right=True)
    return PRIMERA


def _running_title(canvas: Canvas, dia: date) -> float:
    plain, bold = fonts()
    canvas.setFillColorRGB(*MARCA)
    canvas.rect(0, ALTO - 7, ANCHO, 7, stroke=0, fill=1)
    _text(canvas, MARGEN, ALTO - 40, "Planilla de entrega de radicados", bold, 12, TINTA)
    _text(canvas, ANCHO - MARGEN, ALTO - 40, f"{fecha_larga(dia)} · continúa", plain, 9, GRIS, right=True)
    return OTRAS


def _table(canvas: Canvas, lineas: Sequence[Linea], top: float, *, first: int) -> float:
    """Draw titles and lines; return where the table ends."""
    _, bold = fonts()
    width = ANCHO - 2 * MARGEN
    canvas.setFillColorRGB(*MARCA)
    canvas.roundRect(MARGEN, top - CABEZA, width, CABEZA, 3, stroke=0, fill=1)
    x = MARGEN
    for columna in COLUMNAS:
        _text(canvas, x + 6, top - 13.5, columna.titulo, bold, 8, (1, 1, 1))
        x += columna.ancho
    y = top - CABEZA
    for number, linea in enumerate(lineas, start=first):
        if number % 2 == 0:
            canvas.setFillColorRGB(*FONDO)
            canvas.rect(MARGEN, y - FILA, width, FILA - 0.5, stroke=0, fill=1)
        _line(canvas, number, linea, y)
        y -= FILA
        canvas.setStrokeColorRGB(*LINEA)
        canvas.setLineWidth(0.5)
        canvas.line(MARGEN, y, MARGEN + width, y)
    _rules(canvas, top - CABEZA, y)
    return y


def _line(canvas: Canvas, number: int, linea: Linea, y: float) -> None:
    plain, bold = fonts()
    at = hora(linea.radicado_en) if linea.radicado_en else ""
    cells = [
        (str(number), plain),
        (linea.radicado, bold),
        (linea.codigo, plain),
        (linea.suscriptor, plain),
        (linea.ruta, plain),
        (at, plain),
        (linea.recibo, plain),
    ]
    x = MARGEN
    for columna, (text, font) in zip(COLUMNAS, cells, strict=False):
        _text(canvas, x + 6, y - 12, text, font, 8.5, TINTA, room=columna.ancho - 9)
        x += columna.ancho
    room = COLUMNAS[1].ancho + COLUMNAS[2].ancho - 9
    _text(canvas, MARGEN + COLUMNAS[0].ancho + 6, y - 21.5, linea.sello or linea.caso, plain, 6.2, GRIS, room=room)
    if linea.reconectar:
        local = linea.reconectar.astimezone(BOGOTA)
        left = MARGEN + sum(columna.ancho for columna in COLUMNAS[:3]) + 6
        due = f"reconectar antes del {local:%d/%m/%Y}, {hora(local)}"
        _text(canvas, left, y - 21.5, due, plain, 6.2, GRIS, room=COLUMNAS[3].ancho - 9)


def _rules(canvas: Canvas, top: float, bottom: float) -> None:
    """Mark the columns that a person fills in."""
    canvas.setStrokeColorRGB(*LINEA)
    canvas.setLineWidth(0.5)
    x = MARGEN
    for columna in COLUMNAS:
        if columna.a_mano:
            canvas.line(x, top, x, bottom)
        x += columna.ancho


def _empty(canvas: Canvas, dia: date) -> float:
    plain, bold = fonts()
    height = 74.0
    canvas.setFillColorRGB(*FONDO)
    canvas.roundRect(MARGEN, PRIMERA - height, ANCHO - 2 * MARGEN, height, 6, stroke=0, fill=1)
    sentence = f"El {fecha_larga(dia)} no se radicó ningún trámite."
    _text(canvas, MARGEN + 20, PRIMERA - 34, sentence, bold, 12, TINTA)
    _text(canvas, MARGEN + 20, PRIMERA - 52, "No hay soportes para entregar.", plain, 9.5, GRIS)
    return PRIMERA - height


def _closing(canvas: Canvas, lineas: Sequence[Linea], bottom: float, asesor: str, head: str) -> None:
    """Draw totals, the chain's head and the two signature lines below the table."""
    plain, bold = fonts()
    billed = [linea.total for linea in lineas if linea.total is not None]
    total = f"Total: {len(lineas)} {'radicado' if len(lineas) == 1 else 'radicados'}"
    _text(canvas, MARGEN + 6, bottom - 17, total, bold, 10, TINTA)
    if billed:
        amount = f"Facturado en estos casos: {in_pesos(sum(billed))}"
        _text(canvas, ANCHO - MARGEN - 6, bottom - 17, amount, plain, 9, TINTA, right=True)
    _text(canvas, MARGEN + 6, bottom - 29, f"Huella de la lista: {head}", plain, 6.2, GRIS)
    y = PIE + 34
    half = (ANCHO - 2 * MARGEN) / 2
    for left, signer, name in (
        (MARGEN, "Entrega: asesor", asesor),
        (MARGEN + half + 18, "Recibe: supervisor de matrícula", ""),
    ):
        canvas.setStrokeColorRGB(*TINTA)
        canvas.setLineWidth(0.8)
        canvas.line(left, y, left + half - 18, y)
        _text(canvas, left, y - 12, signer, bold, 8.5, TINTA)
        shown = f"{name} · fecha y hora:" if name else "Nombre, fecha y hora:"
        _text(canvas, left, y - 23, shown, plain, 7.5, GRIS, room=half - 24)


def _foot(canvas: Canvas, number: int, count: int, head: str) -> None:
    plain, _ = fonts()
    canvas.setStrokeColorRGB(*LINEA)
    canvas.setLineWidth(0.5)
    canvas.line(MARGEN, PIE - 12, ANCHO - MARGEN, PIE - 12)
    said = f"serviweb-robot · huella de la lista {head[:12]}" if head else "serviweb-robot"
    _text(canvas, MARGEN, PIE - 23, said, plain, 7, GRIS)
    _text(canvas, ANCHO - MARGEN, PIE - 23, f"Página {number} de {count}", plain, 8, TINTA, right=True)


def _text(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    font: str,
    size: float,
    color: tuple[float, float, float],
    *,
    room: float = 0,
    right: bool = False,
) -> None:
    """Write one line; with *room* (points) what is longer ends in an ellipsis."""
    canvas.setFont(font, size)
    canvas.setFillColorRGB(*color)
    text = cortado(text, font, size, room) if room else text
    (canvas.drawRightString if right else canvas.drawString)(x, y, text)


def cortado(text: str, font: str, size: float, room: float) -> str:
    """Return the text as far as it fits in *room* points, with an ellipsis for the rest."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    if stringWidth(text, font, size) <= room:
        return text
    while text and stringWidth(text.rstrip() + _DOTS, font, size) > room:
        text = text[:-1]
    return text.rstrip() + _DOTS


@cache
def fonts() -> tuple[str, str]:
    """Register the embedded fonts, plain and bold: Spanish looks right on machines without any font."""
    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in (("Planilla", "Vera.ttf"), ("PlanillaNegra", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    return "Planilla", "PlanillaNegra"
