"""A day's papers for supervisors: the printed report, the report as page and workbook, the planilla de entrega."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from robot.errors import Rejected
from robot.panel.acceso import ElPanel, Supervisor, anotar
from robot.panel.busqueda import YEARS
from robot.panel.contexto import Panel
from robot.panel.paginas import page
from robot.panel.palabras import en_pantalla
from robot.panel.rutas.tablero import LIBRO, archivo
from robot.records import plantilla
from robot.records.busqueda import NAMES
from robot.records.informe import Pie, escribir_informe, por_estado
from robot.records.informe_pdf import Contenido, informe_pdf
from robot.records.linea import Linea, del_dia, por_vencer, radicadas
from robot.records.planilla_entrega import fecha_larga, planilla_pdf
from robot.records.plazos import hora
from robot.records.store import cifras, encargos, payments
from robot.records.store.caminos import midnight
from robot.records.store.cifras import Periodo
from robot.settings import BOGOTA
from robot.work.cuadro import NOMBRES_EDAD
from robot.work.dia import lineas, mostradas

router = APIRouter()
_DAYS = timedelta(days=13)
"""How many days before the report's own its chart shows."""


def _day(text: str) -> date:
    """Return the day of an address, today without one. Raises `Rejected` for none, one to come, one long ago."""
    today = datetime.now(BOGOTA).date()
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise Rejected("Esa fecha no existe", remedy="Elija el día en el calendario.") from None
    if day > today:
        raise Rejected(f"El {day:%d/%m/%Y} está en el futuro", remedy="Elija un día hasta hoy.")
    if day.year not in YEARS:
        raise Rejected("Esa fecha es demasiado antigua", remedy=f"Elija un día desde el año {YEARS[0]}.")
    return day


def _of(panel: Panel, day: date, now: datetime) -> tuple[list[Linea], list[str], int]:
    """Return the day's lines, which were altered, and how many that wait for their first run are left out."""
    found, altered = lineas(panel.archivo(), day, now)
    shown, unshown = mostradas(del_dia(found, day, now))
    return por_vencer(shown), altered, unshown


@router.get("/informes")
def informes(request: Request, panel: ElPanel, _quien: Supervisor, dia: str = "") -> Response:
    """Offer the papers of a day."""
    now = datetime.now(UTC)
    problem = None
    try:
        day = _day(dia)
    except Rejected as refused:
        problem, day = refused, _day("")
    shown, altered, unshown = _of(panel, day, now)
    return page(
        request,
        "informes.html",
        422 if problem else 200,
        problema=problem,
        dia=day,
        hoy=now.astimezone(BOGOTA).date(),
        ayer=day - timedelta(days=1),
        manana=day + timedelta(days=1),
        fecha_larga=fecha_larga(day),
        estados=por_estado(shown),
        casos=len(shown) + unshown,
        radicados=len(radicadas(shown, day)),
        vencidos=sum(line.vencida(now) for line in shown),
        alterados=altered,
    )


@router.get("/informes/diario.pdf")
def diario(request: Request, panel: ElPanel, quien: Supervisor, dia: str = "") -> Response:
    """Give the day's report to print."""
    day, now = _day(dia), datetime.now(UTC)
    shown, altered, unshown = _of(panel, day, now)
    anotar(request, "informe_diario", dia=day, casos=len(shown))
    before = Periodo(day - _DAYS, day)
    content = Contenido(
        dia=day,
        ahora=now,
        quien=quien.nombre,
        por_dia=[(one, dict(count)) for one, count in cifras.por_dia(panel.store, before).items()],
        espera=_waiting(panel, now),
        pagos=_unexpected(panel),
        decisiones=_decided(panel, day),
        alterados=altered,
        sin_mostrar=unshown,
    )
    told = [replace(line, motivo=en_pantalla(line.motivo), que_hacer=en_pantalla(line.que_hacer)) for line in shown]
    return archivo(informe_pdf(told, content), "application/pdf", f"informe-{day.isoformat()}.pdf", inline=True)


def _waiting(panel: Panel, now: datetime) -> Sequence[tuple[str, int]]:
    found = cifras.esperando(panel.store, now)
    return [(name, group.casos) for name, group in zip(NOMBRES_EDAD, found, strict=True)]


def _unexpected(panel: Panel) -> Sequence[tuple[str, str, str, str]]:
    rows = payments.unattended(panel.store)
    return [(row["caso"], row["recibo"], row["motivo"], en_pantalla(row["que_hacer"])) for row in rows]


_DECISION: Final = {"existe": "Existe", "no_existe": "No existe", "doble": "Existen dos"}


def _decided(panel: Panel, day: date) -> Sequence[tuple[str, str, str, str, str]]:
    """Return the day's decisions of persons that the robot proved, as the report tells them."""
    rows = encargos.done_within(panel.store, midnight(day), midnight(day + timedelta(days=1)))
    return [
        (
            row["caso"],
            hora(datetime.fromisoformat(row["cambiado"])),
            _told(row["que"], json.loads(row["datos"])),
            f"{row['persona']}: {row['motivo']}",
            row["confirma"] or "No hizo falta",
        )
        for row in rows
    ]


def _told(que: str, datos: dict[str, Any]) -> str:
    what = f"{_DECISION.get(que, que)}: {NAMES.get(datos.get('documento', ''), 'el documento')}"
    if que == "existe":
        return f"{what} {datos.get('numero', '')}"
    if que == "doble":
        return f"{what} {' y '.join(datos.get('numeros', []))}; se conserva {datos.get('conserva', '')}"
    return what


@router.get("/informes/planilla.pdf")
def planilla(request: Request, panel: ElPanel, quien: Supervisor, dia: str = "") -> Response:
    """Give the planilla de entrega of the day's radicados."""
    day, now = _day(dia), datetime.now(UTC)
    found, _ = lineas(panel.archivo(), day, now)
    filed = radicadas(found, day)
    anotar(request, "planilla_entrega", dia=day, radicados=len(filed))
    content = planilla_pdf(filed, day, now, asesor=quien.nombre)
    return archivo(content, "application/pdf", f"planilla-{day.isoformat()}.pdf", inline=True)


def _written(panel: Panel, day: date, now: datetime, folder: Path) -> tuple[Path, Path, int]:
    """Write page and workbook of a day; its cases have no links there, since the panel has pages of its own."""
    shown, altered, unshown = _of(panel, day, now)
    s = panel.settings
    foot = Pie(horas=s.horas_reconexion, dias=s.dias_pqr, alterados=altered, sin_mostrar=unshown)
    html, book = escribir_informe([replace(line, carpeta=None) for line in shown], folder, day, now, foot)
    return html, book, len(shown)


@router.get("/informes/informe.html")
def pagina(request: Request, panel: ElPanel, _quien: Supervisor, dia: str = "") -> Response:
    """Show the day's report as a page, which brings its own style sheet and nothing else."""
    day, now = _day(dia), datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        html, _, count = _written(panel, day, now, Path(folder))
        text = html.read_text("utf-8")
    anotar(request, "informe_pagina", dia=day, casos=count)
    _, digest = plantilla.style("informe.css")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return HTMLResponse(text, headers={"Content-Security-Policy": f"{policy}; frame-ancestors 'self'"})


@router.get("/informes/informe.xlsx")
def libro(request: Request, panel: ElPanel, _quien: Supervisor, dia: str = "") -> Response:
    """Give the day's cases as a workbook."""
    day, now = _day(dia), datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        _, book, count = _written(panel, day, now, Path(folder))
        content = book.read_bytes()
    anotar(request, "informe_libro", dia=day, casos=count)
    return archivo(content, LIBRO, f"informe-{day.isoformat()}.xlsx")
