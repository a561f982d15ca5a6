"""Charts on paper, drawn by reportlab."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from robot.records.linea import ESTADOS
from robot.records.planilla_entrega import LINEA, fonts

if TYPE_CHECKING:
    from reportlab.graphics.shapes import Drawing

TONOS: Final[dict[str, tuple[float, float, float]]] = {
    "terminado": (0.08, 0.46, 0.29),
    "esperando_pago": (0.45, 0.36, 0.72),
    "en_cola": (0.62, 0.67, 0.72),
    "en_curso": (0.16, 0.52, 0.68),
    "en_duda": (0.85, 0.55, 0.12),
    "incompleto": (0.94, 0.75, 0.42),
    "rechazado": (0.70, 0.14, 0.12),
    "fallido": (0.87, 0.49, 0.47),
    "cancelado": (0.80, 0.83, 0.86),
}


def apiladas(by_day: Sequence[tuple[date, dict[str, int]]], width: float, height: float) -> Drawing:
    """Draw the cases of each day as one bar, stacked by state."""
    from reportlab.graphics.charts.barcharts import VerticalBarChart
    from reportlab.graphics.charts.legends import Legend
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.colors import Color

    plain, _ = fonts()
    states = [estado for estado in TONOS if any(count.get(estado) for _, count in by_day)] or ["terminado"]
    chart: Any = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 26, 50, width - 34, height - 58
    chart.data = [[count.get(estado, 0) for _, count in by_day] for estado in states]
    chart.categoryAxis.style = "stacked"
    chart.categoryAxis.categoryNames = [f"{day:%d/%m}" for day, _ in by_day]
    chart.categoryAxis.labels.fontName, chart.categoryAxis.labels.fontSize = plain, 5.6
    _axis(chart.valueAxis, max((sum(count.values()) for _, count in by_day), default=0))
    for place, estado in enumerate(states):
        chart.bars[place].fillColor, chart.bars[place].strokeColor = Color(*TONOS[estado]), None
    legend = Legend()
    legend.x, legend.y, legend.alignment, legend.columnMaximum = 26, 30, "right", 2
    legend.fontName, legend.fontSize, legend.dx, legend.dy, legend.deltax, legend.deltay = plain, 6, 6, 6, 58, 9
    legend.colorNamePairs = [(Color(*TONOS[estado]), ESTADOS[estado]) for estado in states]
    drawing = Drawing(width, height)
    drawing.add(chart)
    drawing.add(legend)
    return drawing


def barras(counted: Sequence[tuple[str, int]], width: float, height: float) -> Drawing:
    """Draw counts as bars, the first one on top."""
    from reportlab.graphics.charts.barcharts import HorizontalBarChart
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.colors import Color

    plain, _ = fonts()
    chart: Any = HorizontalBarChart()
    chart.x, chart.y, chart.width, chart.height = 74, 26, width - 90, height - 34
    chart.data = [[count for _, count in reversed(counted)]]
    chart.categoryAxis.categoryNames = [name for name, _ in reversed(counted)]
    chart.categoryAxis.labels.fontName, chart.categoryAxis.labels.fontSize = plain, 6
    chart.bars[0].fillColor, chart.bars[0].strokeColor = Color(*TONOS["esperando_pago"]), None
    chart.barLabelFormat, chart.barLabels.fontName, chart.barLabels.fontSize = "%d", plain, 6
    chart.barLabels.nudge = 8
    _axis(chart.valueAxis, max((count for _, count in counted), default=0))
    drawing = Drawing(width, height)
    drawing.add(chart)
    return drawing


def _axis(axis: Any, most: int) -> None:
    """Count in whole cases, with at most six marks."""
    from reportlab.lib.colors import Color

    step = next(size * 10**power for power in range(9) for size in (1, 2, 5) if size * 10**power * 5 >= most)
    axis.valueMin, axis.valueMax, axis.valueStep = 0, max(step * 5, 1) if most > step else step, step
    axis.labelTextFormat = "%d"
    axis.labels.fontName, axis.labels.fontSize = fonts()[0], 6
    axis.visibleGrid, axis.gridStrokeColor, axis.gridStrokeWidth = 1, Color(*LINEA), 0.4
    axis.strokeColor = None
