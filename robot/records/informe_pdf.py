"""The day's report on paper: figures, two charts, the lists that a supervisor goes through, the chains' heads."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from robot.records.graficas_pdf import apiladas, barras
from robot.records.linea import ESTADOS, Linea
from robot.records.planilla_entrega import FONDO, GRIS, LINEA, MARCA, TINTA, cadena, fecha_larga, fonts
from robot.records.plazos import hora, texto
from robot.settings import BOGOTA
from robot.text import in_pesos

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

ANCHO, ALTO = 612.0, 792.0  # Carta
MARGEN = 40.0
CABEZA, PIE = 58.0, 44.0
_WITH_TITLE: Final = 70  # a title never stands alone at the end of a sheet
_PADDING: Final = 6  # of reportlab's frame


@dataclass(frozen=True, kw_only=True)
class Contenido:
    """What the report says of a day besides its lines: who asks, the days before, and payments nobody waited for."""

    dia: date
    ahora: datetime
    quien: str
    por_dia: Sequence[tuple[date, dict[str, int]]]
    """The cases made on the last days, by their state now."""
    espera: Sequence[tuple[str, int]]
    """The cases that wait for their payment, by the age of their receipt."""
    pagos: Sequence[tuple[str, str, str, str]] = ()
    """Unexpected payments: case, receipt, why, what to do."""
    decisiones: Sequence[tuple[str, str, str, str, str]] = ()
    """What persons decided of doubts that day: case, when, what, who, who confirmed it."""
    alterados: Sequence[str] = ()
    sin_mostrar: int = 0


Fila = Sequence[str]


def informe_pdf(lineas: Sequence[Linea], contenido: Contenido) -> bytes:
    """Return the report as a Carta PDF. The same input gives the same bytes."""
    from reportlab.platypus import SimpleDocTemplate

    file = io.BytesIO()
    title = f"Informe del día {contenido.dia:%d/%m/%Y}"
    book = SimpleDocTemplate(
        file,
        pagesize=(ANCHO, ALTO),
        leftMargin=MARGEN - _PADDING,
        rightMargin=MARGEN - _PADDING,
        topMargin=CABEZA,
        bottomMargin=PIE,
        title=title,
        author="serviweb-robot",
        subject="Reconexión del servicio (SC-PQRS-PRO-011)",
        invariant=1,
    )
    book.build(_story(lineas, contenido), canvasmaker=_numbered(contenido, cadena(lineas) if lineas else ""))
    return file.getvalue()


def _story(lineas: Sequence[Linea], contenido: Contenido) -> list[Any]:
    from reportlab.platypus import Paragraph, Spacer

    style = _styles()
    story: list[Any] = [
        Paragraph("Informe del día", style["titulo"]),
        Paragraph(fecha_larga(contenido.dia).capitalize(), style["fecha"]),
        Spacer(1, 8),
        _figures(lineas, contenido),
        Spacer(1, 12),
        _charts(contenido),
    ]
    for name in contenido.alterados:
        told = (
            f"El diario en la carpeta del caso {name} no es el de la base de datos. Avise a quien administra el robot."
        )
        story.append(Paragraph(told, style["alerta"]))
    for title, titles, widths, rows, none in _lists(lineas, contenido):
        story += _list(f"{title} ({len(rows)})", titles, widths, rows, none)
    if contenido.sin_mostrar:
        story.append(Paragraph(f"Y {contenido.sin_mostrar} casos más en la cola, sin comenzar.", style["nota"]))
    return story


def _lists(lineas: Sequence[Linea], contenido: Contenido) -> list[tuple[str, Fila, Sequence[float], list[Fila], str]]:
    """Return each list: its title, its columns with their widths, its rows, and what is said when it is empty."""
    now = contenido.ahora

    def of(estado: str, row: Callable[[Linea], Fila]) -> list[Fila]:
        return [row(linea) for linea in lineas if linea.estado == estado]

    persons: tuple[Fila, Sequence[float]] = (
        ("Caso", "Código", "Suscriptor", "Qué pasa y qué hacer"),
        (62, 56, 130, 284),
    )
    late = sorted((linea for linea in lineas if linea.vencida(now)), key=lambda linea: (linea.vence or now, linea.caso))
    sealed: list[Fila] = [(linea.sello, linea.codigo, ESTADOS[linea.estado]) for linea in lineas if linea.sello]
    return [
        ("Vencidos", *_LATE, [_late(linea, now) for linea in late], "Ningún plazo está vencido."),
        ("En duda", *persons, of("en_duda", _problem), "Ningún caso está en duda."),
        ("Incompletos", *persons, of("incompleto", _problem), "Ningún caso está incompleto."),
        ("Pagos que nadie esperaba, sin atender", *_ODD, [tuple(row) for row in contenido.pagos], "Ninguno."),
        ("Decisiones de personas", *_DECIDED, [tuple(row) for row in contenido.decisiones], "Nadie decidió una duda."),
        ("Terminados", *_DONE, of("terminado", _done), "Ningún caso terminó."),
        ("Esperan el pago", *_WAITS, of("esperando_pago", _waits), "Ningún caso espera su pago."),
        ("Rechazados y fallidos", *persons, [*of("rechazado", _problem), *of("fallido", _problem)], "Ninguno."),
        ("Huellas de los diarios", *_SEALS, sealed, "Ningún caso ha comenzado."),
    ]


_LATE: Final[tuple[Fila, Sequence[float]]] = (
    ("Caso", "Código", "Suscriptor", "Estado", "Plazo"),
    (62, 56, 174, 90, 150),
)
_ODD: Final[tuple[Fila, Sequence[float]]] = (("Caso", "Recibo", "Qué pasa", "Qué hacer"), (62, 70, 200, 200))
_DECIDED: Final[tuple[Fila, Sequence[float]]] = (
    ("Caso", "Hora", "Qué se decidió", "Quién lo decidió y por qué", "Quién lo confirmó"),
    (62, 46, 140, 164, 120),
)
_DONE: Final[tuple[Fila, Sequence[float]]] = (
    ("Caso", "Código", "Suscriptor", "Factura", "Recibo", "Radicado", "Total"),
    (62, 52, 150, 62, 62, 88, 56),
)
_WAITS: Final[tuple[Fila, Sequence[float]]] = (
    ("Caso", "Código", "Suscriptor", "Recibo", "Total", "Creado"),
    (62, 56, 194, 76, 64, 80),
)
_SEALS: Final[tuple[Fila, Sequence[float]]] = (
    ("Caso · entradas del diario · huella", "Código", "Estado"),
    (300, 92, 140),
)


def _late(linea: Linea, now: datetime) -> Fila:
    due = texto(linea.vence, now) if linea.vence else ""
    return (linea.caso, linea.codigo, linea.suscriptor, ESTADOS[linea.estado], due)


def _problem(linea: Linea) -> Fila:
    return (
        linea.caso,
        linea.codigo,
        linea.suscriptor,
        " ".join(_sentence(text) for text in (linea.motivo, linea.que_hacer) if text),
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _done(linea: Linea) -> Fila:
    total = in_pesos(linea.total) if linea.total is not None else ""
    return (linea.caso, linea.codigo, linea.suscriptor, linea.factura, linea.recibo, linea.radicado, total)


def _waits(linea: Linea) -> Fila:
    total = in_pesos(linea.total) if linea.total is not None else ""
    made = f"{linea.creado.astimezone(BOGOTA):%d/%m/%Y %H:%M}"
    return (linea.caso, linea.codigo, linea.suscriptor, linea.recibo, total, made)


# ── the sheet ───────────────────────────────────────────────────────────────────────────────────


def _styles() -> dict[str, Any]:
    from reportlab.lib.colors import Color
    from reportlab.lib.styles import ParagraphStyle

    plain, bold = fonts()

    def style(name: str, font: str, size: float, color: tuple[float, float, float], **more: Any) -> ParagraphStyle:
        leading = size * 1.3
        return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, textColor=Color(*color), **more)

    return {
        "titulo": style("titulo", bold, 18, TINTA),
        "fecha": style("fecha", plain, 10.5, GRIS),
        "seccion": style("seccion", bold, 10.5, TINTA, spaceBefore=12, spaceAfter=4),
        "celda": style("celda", plain, 7.2, TINTA, splitLongWords=1),
        "cabeza": style("cabeza", bold, 7.2, (1, 1, 1)),
        "nota": style("nota", plain, 8, GRIS, spaceAfter=2),
        "alerta": style("alerta", bold, 8.5, (0.7, 0.12, 0.12), spaceBefore=6),
        "cifra": style("cifra", bold, 13, TINTA),
    }


def _paragraph(text: str, style: str) -> Any:
    from xml.sax.saxutils import escape  # writes markup, reads none

    from reportlab.platypus import Paragraph

    return Paragraph(escape(text), _styles()[style])


def _figures(lineas: Sequence[Linea], contenido: Contenido) -> Any:
    from reportlab.lib.colors import Color
    from reportlab.platypus import Table

    late = sum(linea.vencida(contenido.ahora) for linea in lineas)

    def count(*estados: str) -> int:
        return sum(linea.estado in estados for linea in lineas)

    billed = sum(linea.total or 0 for linea in lineas)
    shown = [
        ("Casos", str(len(lineas) + contenido.sin_mostrar)),
        ("Terminados", str(count("terminado"))),
        ("Esperan el pago", str(count("esperando_pago"))),
        ("En duda o incompletos", str(count("en_duda", "incompleto"))),
        ("Vencidos", str(late)),
        ("Facturado", in_pesos(billed)),
    ]
    cells = [[_paragraph(value, "cifra") for _, value in shown], [_paragraph(name, "nota") for name, _ in shown]]
    widths = [72, 80, 88, 116, 72, 104]
    table = Table(cells, colWidths=widths)
    edge = Color(*LINEA)
    table.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), Color(*FONDO)),
            ("LINEBEFORE", (1, 0), (-1, -1), 0.5, edge),
            ("BOX", (0, 0), (-1, -1), 0.5, edge),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 1), (-1, 1), 0),
        ]
    )
    return table


def _charts(contenido: Contenido) -> Any:
    from reportlab.platypus import Table

    left = apiladas(contenido.por_dia, 316, 168)
    right = barras(contenido.espera, 206, 168)
    titles = [
        _paragraph("Casos creados cada día, según su estado de ahora", "nota"),
        _paragraph("Casos que esperan el pago ahora, por la edad del recibo", "nota"),
    ]
    table = Table([titles, [left, right]], colWidths=[322, 210])
    table.setStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    return table


def _list(title: str, titles: Fila, widths: Sequence[float], rows: Iterable[Fila], none: str) -> list[Any]:
    from reportlab.lib.colors import Color
    from reportlab.platypus import CondPageBreak, LongTable

    body = [[_paragraph(cell, "celda") for cell in row] for row in rows]
    if not body:
        return [_paragraph(title, "seccion"), _paragraph(none, "nota")]
    table = LongTable([[_paragraph(name, "cabeza") for name in titles], *body], colWidths=widths, repeatRows=1)
    table.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, 0), Color(*MARCA)),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), [Color(1, 1, 1), Color(*FONDO)]),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, Color(*LINEA)),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
    )
    return [CondPageBreak(_WITH_TITLE), _paragraph(title, "seccion"), table]


def _numbered(contenido: Contenido, head: str) -> type[Canvas]:
    """Return a canvas that draws the frame of each sheet once it knows how many there are."""
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **options)
            self._sheets: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 — reportlab's name
            self._sheets.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]  # reportlab's own recipe; its stubs leave it out

        def save(self) -> None:
            for number, sheet in enumerate(self._sheets, start=1):
                self.__dict__.update(sheet)
                _frame(self, contenido, head, number, len(self._sheets))
                super().showPage()
            super().save()

    return Numbered


def _frame(canvas: Canvas, contenido: Contenido, head: str, number: int, count: int) -> None:
    plain, bold = fonts()
    canvas.setFillColorRGB(*MARCA)
    canvas.rect(0, ALTO - 7, ANCHO, 7, stroke=0, fill=1)
    canvas.setFont(bold, 8.5)
    canvas.drawString(MARGEN, ALTO - 34, "Serviweb · Reconexión del servicio")
    canvas.setFont(plain, 8)
    canvas.setFillColorRGB(*GRIS)
    at = contenido.ahora.astimezone(BOGOTA)
    canvas.drawRightString(ANCHO - MARGEN, ALTO - 34, f"Generado el {at:%d/%m/%Y}, {hora(at)}, por {contenido.quien}")
    canvas.setStrokeColorRGB(*LINEA)
    canvas.setLineWidth(0.5)
    canvas.line(MARGEN, PIE - 10, ANCHO - MARGEN, PIE - 10)
    canvas.setFont(plain, 6.2)
    canvas.drawString(MARGEN, PIE - 22, f"Huella de la lista: {head}" if head else "serviweb-robot")
    canvas.setFont(plain, 8)
    canvas.setFillColorRGB(*TINTA)
    canvas.drawRightString(ANCHO - MARGEN, PIE - 22, f"Página {number} de {count}")
