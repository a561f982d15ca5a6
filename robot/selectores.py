"""What `serviweb selectores revisar` and `aceptar` do: check the map of the screens, and let a person correct it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from robot.browser.maps import Map
from robot.browser.session import browser_of
from robot.console import near, print_json
from robot.errors import SelectorDrift
from robot.office import settings_and_map
from robot.records.revision_mapa import MALOS
from robot.resources import map_folder
from robot.settings import Settings, load
from robot.work import aceptacion
from robot.work.archivo import archivo_of
from robot.work.usuarios import turno_de
from robot.work.visita import visitar

_STYLES = {"falta": "red", "ambiguo": "yellow", "cambiado": "magenta"}
_FIGURES = {
    "Bien": (("encontrado",), "green"),
    "Por corregir": (MALOS, "bold red"),
    "Sin mirar": (("no alcanzado", "no comprobable", "sin datos"), "dim"),
    "Tras guardar": (("no comprobable sin guardar",), "dim"),
}
"""The columns of the figures: the verdicts that each counts, and its colour."""


def revisar(*, mapa: str, fijar: bool, visible: bool, json: bool) -> int:
    """Look at every screen without saving anything, and say what of the map no longer holds."""
    settings, maps = settings_and_map(visible=visible or None, mapa=mapa or None)
    if fijar and maps.folder.is_relative_to(Path(__file__).parent):
        raise aceptacion.bundled(maps.folder)
    settings.password()
    console = Console(stderr=True, quiet=json, highlight=False)
    with console.status("Revisando las pantallas de Serviweb; no se guarda nada…"):
        page, revision = asyncio.run(_checked(settings, maps, fijar=fijar))
    if json:
        print_json({**revision, "pagina": str(page), "error": None})
    else:
        show_check(Console(highlight=False), revision, page)
    return SelectorDrift.exit_code if revision["hay_cambios"] else 0


async def _checked(settings: Settings, maps: Map, *, fijar: bool) -> tuple[Path, dict[str, Any]]:
    with archivo_of(settings) as archivo:
        async with turno_de(archivo), browser_of(settings) as browser:
            return await visitar(archivo, maps, browser, fijar=fijar)


def show_check(console: Console, revision: Mapping[str, Any], page: Path) -> None:
    """Print a check for a person: the screens in figures, and what is to be corrected in full."""
    seconds = f"{revision['segundos']:.1f}".replace(".", ",")
    console.print(f"Mapa «{revision['mapa']}» · {revision['url']} · {seconds} s")
    console.print(f"Guardado bloqueado: {revision['guardado_bloqueado']}", style="green")
    console.print(_figures(revision["controles"]))
    for notice in revision["avisos"]:
        console.print(Text(f"✘ {notice[:1].upper()}{notice[1:]}", style="red"), soft_wrap=True)
    for entry in revision["controles"]:
        if entry["veredicto"] in MALOS:
            _show_problem(console, entry)
    if not revision["hay_cambios"]:
        console.print("\nEl mapa corresponde a Serviweb.", style="bold green")
    elif any(entry["candidatos"] for entry in revision["controles"]):
        console.print(
            "\nUna persona acepta el candidato que sea:\n"
            "  serviweb selectores aceptar PANTALLA.CONTROL --candidato N --quien NOMBRE --motivo MOTIVO",
            soft_wrap=True,
        )
    console.print(f"Informe con imágenes: {near(page)}", soft_wrap=True)


def _figures(controls: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Pantalla", no_wrap=True, max_width=32)
    for title, (_, style) in _FIGURES.items():
        table.add_column(title, justify="right", style=style, min_width=len(title))
    for title in dict.fromkeys(entry["titulo_pantalla"] for entry in controls):
        seen = [entry["veredicto"] for entry in controls if entry["titulo_pantalla"] == title]
        counts = [sum(verdict in verdicts for verdict in seen) for verdicts, _ in _FIGURES.values()]
        table.add_row(title, *(str(n or "·") for n in counts))
    return table


def _show_problem(console: Console, entry: Mapping[str, Any]) -> None:
    verdict = entry["veredicto"]
    step = f" (paso {entry['paso']})" if entry["paso"] else ""
    line = Text.assemble(
        ("\n✘ ", _STYLES[verdict]), (entry["control"], "bold"), f"{step}: ", (verdict, _STYLES[verdict])
    )
    console.print(line, soft_wrap=True)
    console.print(f"  {entry['detalle'][:1].upper()}{entry['detalle'][1:]}.", soft_wrap=True, markup=False)
    for candidate in entry["candidatos"]:
        lines = candidate["toml"].replace("\n", "; ")
        console.print(
            f"  Candidato {candidate['candidato']}: {candidate['que']} → {lines}", soft_wrap=True, markup=False
        )


def aceptar(title: str, *, candidato: int, quien: str, motivo: str, mapa: str, json: bool) -> int:
    """Write a candidate of the last check into the map, as a person decided, and into its history."""
    settings = load(mapa=mapa or None)
    folder = map_folder(settings.mapa)
    line, told = aceptacion.aceptar(settings.revisiones, folder, title, candidato, quien=quien, motivo=motivo)
    if json:
        print_json({**line, "error": None})
    else:
        console = Console(highlight=False)
        console.print(f"{title}: {told}, aceptado por {quien.strip()}.", markup=False, soft_wrap=True)
        console.print("Compruébelo con «serviweb selectores revisar».")
    return 0
