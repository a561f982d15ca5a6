"""The day's report for supervisors: one offline page and one workbook, by state, by reason and by due time."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from markupsafe import Markup

from robot.records import plantilla, plazos
from robot.records.linea import ESTADOS, ETAPAS, TONOS, Linea, del_dia, por_vencer
from robot.records.planilla_entrega import cadena, fecha_larga
from robot.records.resultados import escribir_xlsx
from robot.settings import BOGOTA
from robot.text import in_pesos

PAGINA = "informe.html"
LIBRO = "informe.xlsx"
_PRONTO = timedelta(hours=4)
_RADIO = 54.0  # of the ring, in units of its picture
_MOTIVOS = 8  # reasons that get a line of their own


@dataclass(frozen=True)
class Parte:
    """One share of a chart: its name, how many, its colour, and its part of the whole (0 to 1)."""

    nombre: str
    cuantos: int
    tono: str
    fraccion: float
    desde: float = 0.0

    @property
    def porcentaje(self) -> str:
        """Return the share as people write it: «12 %»."""
        return f"{round(self.fraccion * 100)}\u00a0%"


@dataclass(frozen=True, kw_only=True)
class Pie:
    """What the page says below and above its cases: the rules of the clocks, and what a person should know of them.

    `alterados` are cases whose folder has another journal than the database; `sin_mostrar` counts those that only wait
    in the queue and have no line.
    """

    horas: float = plazos.HORAS_RECONEXION
    dias: int = plazos.DIAS_PQR
    alterados: Sequence[str] = ()
    sin_mostrar: int = 0

    @property
    def fuentes(self) -> tuple[str, str]:
        """Return the rule of each clock, with its source."""
        return (
            plazos.FUENTE_RECONEXION.format(horas=f"{self.horas:g}"),
            plazos.FUENTE_PQR.format(dias=self.dias),
        )


def escribir_informe(
    lineas: Iterable[Linea], carpeta: Path, dia: date, ahora: datetime, pie: Pie | None = None
) -> tuple[Path, Path]:
    """Write the page and the workbook of a day into a folder and return both; a broken write leaves the old ones."""
    del_mismo = por_vencer(del_dia(lineas, dia, ahora))
    carpeta.mkdir(parents=True, exist_ok=True)
    page = carpeta / PAGINA
    half = page.with_name(f"{PAGINA}.parte")
    half.write_text(informe_html(del_mismo, dia, ahora, carpeta, pie), "utf-8")
    half.replace(page)
    return page, escribir_xlsx(del_mismo, carpeta / LIBRO, hoja=f"Casos {dia:%d-%m-%Y}")


def informe_html(lineas: Sequence[Linea], dia: date, ahora: datetime, carpeta: Path, pie: Pie | None = None) -> str:
    """Return the page of these lines, in their order; links to the case pages are relative to *carpeta*.

    Nothing is fetched and nothing runs: no script, no image, and the one style sheet is allowed by its hash.
    """
    style, digest = plantilla.style("informe.css")
    environment = plantilla.environment()
    environment.filters.update(pesos=in_pesos, momento=_moment, hora=plazos.hora)
    return environment.get_template("informe.html.j2").render(
        style=Markup(style),  # noqa: S704 — our own file, no data in it
        style_hash=digest,
        dia=dia,
        fecha=fecha_larga(dia),
        ahora=ahora.astimezone(BOGOTA),
        es_hoy=dia == ahora.astimezone(BOGOTA).date(),
        lineas=lineas,
        filas=[_row(linea, ahora, carpeta) for linea in lineas],
        cifras=_figures(lineas, ahora),
        estados=por_estado(lineas),
        motivos=por_motivo(lineas),
        plazos=por_plazo(lineas, ahora),
        arco=_arc,
        cadena=cadena(lineas),
        pie=pie or Pie(),
    )


def por_estado(lineas: Sequence[Linea]) -> list[Parte]:
    """Return how many cases are in each state that occurs, those that need a person first."""
    count = Counter(linea.estado for linea in lineas)
    return _parts([(ESTADOS[estado], count[estado], estado.replace("_", "-")) for estado in ESTADOS if count[estado]])


def por_motivo(lineas: Sequence[Linea]) -> list[Parte]:
    """Return the reasons of the cases that have one, the most frequent first; the rarest together as *otros*."""
    count = Counter(_reason(linea.motivo) for linea in lineas if linea.motivo)
    tones = {_reason(linea.motivo): TONOS[linea.estado] for linea in lineas if linea.motivo}
    ranked = sorted(count.items(), key=lambda item: (-item[1], item[0]))
    shown = [(name, times, tones[name]) for name, times in ranked[:_MOTIVOS]]
    rest = sum(times for _, times in ranked[_MOTIVOS:])
    return _parts([*shown, ("Otros motivos", rest, "neutro")] if rest else shown)


def por_plazo(lineas: Sequence[Linea], ahora: datetime) -> list[Parte]:
    """Return how many open cases are overdue, due soon, due later, and without a clock (nobody has paid yet)."""
    groups = Counter(_due(linea, ahora) for linea in lineas if linea.abierto)
    names = (("Vencidos", "mal"), ("Vencen en menos de 4 horas", "duda"), ("Vencen más tarde", "espera"))
    return _parts([(name, groups[name], tone) for name, tone in (*names, ("Sin pago: el plazo no corre", "neutro"))])


def _due(linea: Linea, ahora: datetime) -> str:
    if linea.vence is None:
        return "Sin pago: el plazo no corre"
    if linea.vencida(ahora):
        return "Vencidos"
    return "Vencen en menos de 4 horas" if linea.vence - ahora < _PRONTO else "Vencen más tarde"


def _parts(counted: Sequence[tuple[str, int, str]]) -> list[Parte]:
    """Turn counts into shares, each of which begins where the one before ends."""
    total = sum(count for _, count, _ in counted)
    done, parts = 0, []
    for name, count, tone in counted:
        whole = total or 1
        parts.append(Parte(name, count, tone, count / whole, done / whole))
        done += count
    return parts


def _reason(text: str) -> str:
    """Return a reason without the step that it begins with and what follows its first sentence, to count it."""
    head, _, rest = text.partition(": ")
    text = rest if head.startswith("Paso ") and rest else text
    first = text.split("\n")[0].strip().rstrip(".")
    return first[:1].upper() + first[1:]


def _figures(lineas: Sequence[Linea], ahora: datetime) -> list[tuple[str, str, str]]:
    """Return the numbers on top: name, value and colour; red and yellow only where there is something."""
    count = Counter(linea.estado for linea in lineas)
    late = sum(linea.vencida(ahora) for linea in lineas)
    persons = sum(linea.de_una_persona for linea in lineas)
    billed = sum(linea.total or 0 for linea in lineas)
    return [
        ("Casos", str(len(lineas)), ""),
        ("Terminados", str(count["terminado"]), "bien" if count["terminado"] else ""),
        ("Esperan pago", str(count["esperando_pago"]), "espera" if count["esperando_pago"] else ""),
        ("Necesitan a una persona", str(persons), "duda" if persons else ""),
        ("Vencidos", str(late), "mal" if late else ""),
        ("Facturado", in_pesos(billed), ""),
    ]


def _row(linea: Linea, ahora: datetime, carpeta: Path) -> dict[str, object]:
    """Return what the table shows of a line."""
    page = linea.carpeta / "caso.html" if linea.carpeta else None
    due = plazos.texto(linea.vence, ahora) if linea.vence else ""
    if linea.responder and not due:
        due = f"responder antes del {linea.responder.astimezone(BOGOTA):%d/%m/%Y}"
    soon = bool(linea.vence and not linea.vencida(ahora) and linea.vence - ahora < _PRONTO)
    return {
        "linea": linea,
        "enlace": _relative(page, carpeta) if page and page.is_file() else "",
        "estado": ESTADOS[linea.estado],
        "tono": TONOS[linea.estado],
        "etapa": ETAPAS.get(linea.etapa, linea.etapa),
        "plazo": due[:1].upper() + due[1:],
        "plazo_tono": "mal" if linea.vencida(ahora) else "duda" if soon else "",
        "grupo": "vencido" if linea.vencida(ahora) else "",
        "persona": linea.de_una_persona,
    }


def _relative(page: Path, carpeta: Path) -> str:
    """Return the address of a page from the folder of another, with `/` on every system."""
    return Path(os.path.relpath(page, carpeta)).as_posix()


def _moment(moment: datetime, dia: date) -> str:
    """Write a time of that day as its hour, any other with its date."""
    local = moment.astimezone(BOGOTA)
    return plazos.hora(local) if local.date() == dia else f"{local:%d/%m/%Y}, {plazos.hora(local)}"


def _arc(parte: Parte) -> str:
    """Return the path of a share of the ring, clockwise from the top; the whole ring is two halves."""

    def point(turn: float) -> str:
        angle = 2 * math.pi * turn - math.pi / 2
        return f"{70 + _RADIO * math.cos(angle):.2f} {70 + _RADIO * math.sin(angle):.2f}"

    start, end = parte.desde, parte.desde + parte.fraccion
    middle = (start + end) / 2
    arc = f"A {_RADIO:g} {_RADIO:g} 0 0 1"
    return f"M {point(start)} {arc} {point(middle)} {arc} {point(end)}"
