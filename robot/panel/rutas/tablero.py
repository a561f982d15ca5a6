"""The supervisor's dashboard: figures and charts of a period, and what is shown as a file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from robot.errors import Rejected
from robot.panel.acceso import ElPanel, Supervisor, anotar
from robot.panel.paginas import page
from robot.records.store.cifras import Periodo
from robot.records.tabla_cifras import Tabla, en_csv, en_libro, mostrado
from robot.settings import BOGOTA
from robot.work.cuadro import MAS_DIAS, RESULTADOS, Cuadro, Pedido, cuadro

router = APIRouter()
PERIODOS: Final = {"hoy": "Hoy", "7": "7 días", "30": "30 días", "90": "90 días", "otro": "Otras fechas"}
COLORES: Final = {
    "terminado": ("--bien", 1),
    "esperando_pago": ("--espera", 1),
    "en_cola": ("--neutro", 0.55),
    "en_curso": ("--curso", 1),
    "en_duda": ("--duda", 1),
    "incompleto": ("--duda", 0.5),
    "rechazado": ("--mal", 1),
    "fallido": ("--mal", 0.5),
    "cancelado": ("--neutro", 0.3),
}
"""Of each state the style sheet's colour, and how much of it."""
_BARS: Final = 8


def pedido_de(periodo: str, desde: str, hasta: str, asesor: str, paso: str, hoy: date) -> Pedido:
    """Return what a page's address asks for. Raises `Rejected` for days that make no period."""
    if periodo == "otro":
        try:
            days = Periodo(date.fromisoformat(desde), min(date.fromisoformat(hasta), hoy))
        except ValueError:
            raise Rejected("Faltan las fechas", remedy="Indique desde y hasta qué día.") from None
    else:
        count = {"hoy": 1, "7": 7, "90": 90}.get(periodo, 30)
        days = Periodo(hoy - timedelta(days=count - 1), hoy)
    if days.desde > days.hasta:
        raise Rejected("El primer día está después del último", remedy="Cambie las fechas.")
    if (days.hasta - days.desde).days >= MAS_DIAS:
        raise Rejected(f"Son más de {MAS_DIAS} días", remedy="Elija un período más corto.")
    return Pedido(periodo=days, asesor=asesor.strip(), paso=paso.strip())


@router.get("/tablero")
def tablero(
    request: Request,
    panel: ElPanel,
    _quien: Supervisor,
    periodo: str = "30",
    desde: str = "",
    hasta: str = "",
    asesor: Annotated[str, Query(max_length=120)] = "",
    paso: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the figures of a period."""
    periodo = periodo if periodo in PERIODOS else "30"
    now = datetime.now(UTC)
    today = now.astimezone(BOGOTA).date()
    problem = None
    try:
        asked = pedido_de(periodo, desde, hasta, asesor, paso, today)
    except Rejected as refused:
        problem, asked = refused, pedido_de("30", "", "", asesor, paso, today)
    found = cuadro(panel.store, panel.settings, asked, now)
    given = {"periodo": periodo, "asesor": found.pedido.asesor}
    if periodo == "otro" and not problem:
        given |= {"desde": asked.periodo.desde.isoformat(), "hasta": asked.periodo.hasta.isoformat()}
    return page(
        request,
        "tablero.html",
        422 if problem else 200,
        c=found,
        graficas=graficas(found),
        mostrado=mostrado,
        periodo=periodo,
        PERIODOS=PERIODOS,
        problema=problem,
        dados=given,
        consulta=urlencode({**given, "paso": found.paso}),
        enlaces={name: urlencode({"periodo": name, "asesor": asked.asesor, "paso": found.paso}) for name in PERIODOS},
        hoy=today,
    )


@router.get("/tablero/exportar")
def exportar(
    request: Request,
    panel: ElPanel,
    _quien: Supervisor,
    formato: Literal["xlsx", "csv"] = "xlsx",
    bloque: str = "",
    periodo: str = "30",
    desde: str = "",
    hasta: str = "",
    asesor: Annotated[str, Query(max_length=120)] = "",
    paso: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Give what the page shows as a file: all of it, or one block."""
    now = datetime.now(UTC)
    asked = pedido_de(periodo, desde, hasta, asesor, paso, now.astimezone(BOGOTA).date())
    found = cuadro(panel.store, panel.settings, asked, now)
    tables = [table for table in found.tablas.values() if bloque in ("", table.clave)]
    if not tables:
        raise Rejected("Ese bloque no existe", remedy="Vuelva al tablero.")
    days = asked.periodo
    anotar(request, "tablero_exportado", formato=formato, desde=days.desde, hasta=days.hasta, bloque=bloque)
    name = f"tablero-{days.desde.isoformat()}-{days.hasta.isoformat()}{f'-{bloque}' if bloque else ''}.{formato}"
    if formato == "csv":
        return archivo(en_csv(tables), "text/csv; charset=utf-8", name)
    subject = f"Tablero, {days.desde:%d/%m/%Y} a {days.hasta:%d/%m/%Y}"
    return archivo(en_libro(tables, asunto=subject), LIBRO, name)


LIBRO: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def archivo(content: bytes, kind: str, name: str, *, inline: bool = False) -> Response:
    """Return a file to keep, or to look at."""
    shown = "inline" if inline else "attachment"
    return Response(content, media_type=kind, headers={"Content-Disposition": f'{shown}; filename="{name}"'})


# ── charts as data: tablero.js draws them ───────────────────────────────────────────────────────


def graficas(c: Cuadro) -> dict[str, dict[str, Any]]:
    """Return each chart by its block: its kind, labels and series, drawn from the same rows as the table."""
    tables = c.tablas
    return {
        "por_dia": _per_day(tables["por_dia"]),
        "paso": _lines(
            tables["paso"],
            "s",
            [("Mediana", 2, ("--acento", 1)), ("95 % en menos de", 3, ("--duda", 1))],
            scale=1,
        ),
        "motivos": _ranked(tables["motivos"], place=2, color=("--mal", 1)),
        "espera": _ranked(tables["espera"], place=1, color=("--espera", 1)),
        "plazo": _lines(tables["plazo"], "%", [("Cumplido", 5, ("--bien", 1))], scale=100),
    }


def _label(value: object) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m}"
    return str(value)


def _serie(name: str, values: list[Any], color: tuple[str, float]) -> dict[str, Any]:
    return {"nombre": name, "valores": values, "color": color[0], "fuerza": color[1]}


def _chart(kind: str, unit: str, table: Tabla, labels: list[str], series: list[dict[str, Any]]) -> dict[str, Any]:
    told = f"{table.titulo}. {table.nota} Las mismas cifras están en la tabla de abajo."
    return {"tipo": kind, "unidad": unit, "dice": told, "etiquetas": labels, "series": series}


def _per_day(table: Tabla) -> dict[str, Any]:
    keys = {name: estado for estado, name in RESULTADOS.items()}
    series = [
        _serie(column.titulo, [row[place] for row in table.filas], COLORES[keys[column.titulo]])
        for place, column in enumerate(table.columnas)
        if column.titulo in keys
    ]
    return _chart("apiladas", "", table, [_label(row[0]) for row in table.filas], series)


def _lines(
    table: Tabla, unit: str, series: list[tuple[str, int, tuple[str, float]]], *, scale: float
) -> dict[str, Any]:
    def of(place: int) -> list[float | None]:
        values = [row[place] for row in table.filas]
        return [round(value * scale, 3) if isinstance(value, int | float) else None for value in values]

    drawn = [_serie(name, of(place), color) for name, place, color in series]
    return _chart("lineas", unit, table, [_label(row[0]) for row in table.filas], drawn)


def _ranked(table: Tabla, *, place: int, color: tuple[str, float]) -> dict[str, Any]:
    rows = table.filas[:_BARS]
    series = [_serie("Casos", [row[place] for row in rows], color)]
    return _chart("barras", "", table, [_label(row[0]) for row in rows], series)
