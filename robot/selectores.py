"""What `serviweb selectores revisar` and `aceptar` do: check the map of the screens, and let a person correct it."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.checking import fingerprint
from robot.browser.maps import Map
from robot.browser.maps import load as load_map
from robot.browser.session import browser_of
from robot.console import near, print_json
from robot.errors import Rejected, SelectorDrift, SettingsError
from robot.office import settings_and_map
from robot.records import mapa_toml, revision_mapa
from robot.records.revision_mapa import MALOS
from robot.resources import map_folder, maps_folder
from robot.settings import Settings, load
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
        raise _bundled(maps.folder)
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
    folder = map_folder(settings.mapa).resolve()
    if folder.is_relative_to(maps_folder().resolve()):
        raise _bundled(folder)
    if not quien.strip() or not motivo.strip():
        raise Rejected("Falta quién lo acepta o por qué", remedy="Indique --quien y --motivo: quedan en la historia.")
    maps = load_map(folder, REQUIRED, OPTIONAL)
    checked, revision = revision_mapa.ultima(settings.revisiones, folder)
    if not revision_mapa.sigue_a(folder, revision["sha256"], maps.sha256):
        raise Rejected(
            "El mapa cambió después de la última revisión",
            remedy="Ejecute otra vez «serviweb selectores revisar» y vea los candidatos de ahora.",
        )
    chosen = _chosen(revision, title, candidato)
    screen, _, key = title.partition(".")
    before, after = _write(folder / f"{screen}.toml", key, chosen["lineas"], maps)
    looks = fingerprint.read(folder)
    always = title in looks and looks[title].always
    fingerprint.write(folder, {**looks, title: replace(fingerprint.from_dict(chosen["huella"]), always=always)})
    line = {
        "quien": quien.strip(),
        "accion": "aceptar",
        "control": title,
        "antes": before,
        "despues": chosen["lineas"],
        "motivo": motivo.strip(),
        "revision": checked.name,
        "mapa_antes": maps.sha256,
        "mapa_despues": after.sha256,
    }
    revision_mapa.anotar(folder, **line)
    if json:
        print_json({**line, "error": None})
    else:
        console = Console(highlight=False)
        console.print(f"{title}: {chosen['que']}, aceptado por {quien.strip()}.", markup=False, soft_wrap=True)
        console.print("Compruébelo con «serviweb selectores revisar».")
    return 0


def _chosen(revision: Mapping[str, Any], title: str, number: int) -> dict[str, Any]:
    entry = next((entry for entry in revision["controles"] if entry["control"] == title), None)
    if entry is None:
        raise Rejected(f"El mapa no tiene el control «{title}»", remedy="Escríbalo como PANTALLA.CONTROL.")
    for candidate in entry["candidatos"]:
        if candidate["candidato"] == number:
            return dict(candidate)
    raise Rejected(
        f"La última revisión no tiene el candidato {number} de «{title}»: tiene {len(entry['candidatos'])}",
        remedy=f"Enséñelo con «serviweb selectores aprender --control {title}».",
    )


def _write(path: Path, key: str, lines: Mapping[str, str], maps: Map) -> tuple[dict[str, str], Map]:
    """Change the control's lines, load and check the whole map again; put the file back if it has an error then."""
    text = path.read_text(encoding="utf-8")
    before = mapa_toml.finds(tomllib.loads(text)[key])
    half = path.with_suffix(".parte")
    half.write_text(mapa_toml.changed(text, key, lines), encoding="utf-8")
    half.replace(path)
    try:
        return before, load_map(maps.folder, REQUIRED, OPTIONAL)
    except SettingsError:
        path.write_text(text, encoding="utf-8")
        raise


def _bundled(folder: Path) -> SettingsError:
    return SettingsError(
        f"El mapa «{folder.name}» viene con el programa y no se cambia aquí",
        remedy=f"Copie la carpeta {folder} a un lugar propio y use --mapa CARPETA (o SERVIWEB_MAPA).",
    )
