"""A check of the selector map as files: `revision.json` for programs, `revision.html` with its pictures for people.

Plain data in, no browser. The map's history stands beside the map, one line a change (`historia.jsonl`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from robot.errors import Rejected
from robot.records import plantilla
from robot.settings import BOGOTA

DATA: Final = "revision.json"
PAGE: Final = "revision.html"
HISTORY: Final = "historia.jsonl"
_NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}-\d{6}(?:-\d+)?")
VEREDICTOS: Final = {
    "falta": ("Falta", "no está en la pantalla"),
    "ambiguo": ("Ambiguo", "está varias veces"),
    "cambiado": ("Cambiado", "está, pero es distinto"),
    "no alcanzado": ("No alcanzado", "lo que lleva a él no funcionó"),
    "no comprobable": ("No comprobable", "hace falta algo que no se tiene"),
    "sin datos": ("Sin datos", "la lista no tiene filas que mirar"),
    "no comprobable sin guardar": ("Solo tras guardar", "existe después de guardar; se mira en el próximo caso"),
    "encontrado": ("Encontrado", "está como el mapa lo dice"),
}
"""Each verdict with its title and what it means, the gravest first."""
MALOS: Final = ("falta", "ambiguo", "cambiado")


def nueva_carpeta(revisiones: Path, now: datetime) -> Path:
    """Make the folder of a check, named by its moment."""
    moment = now.astimezone(BOGOTA).strftime("%Y-%m-%d-%H%M%S")
    for turn in range(100):
        folder = revisiones / (moment if not turn else f"{moment}-{turn + 1}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(moment)


def escribir(revision: Mapping[str, Any], folder: Path) -> Path:
    """Write a check into its folder; return its page."""
    text = json.dumps(revision, ensure_ascii=False, indent=1)
    (folder / DATA).write_text(text + "\n", encoding="utf-8")
    page = folder / PAGE
    page.write_text(_page(revision), encoding="utf-8")
    return page


def ultima(revisiones: Path, map_folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the folder and the data of the newest check of a map. Raises `Rejected` when there is none."""
    for folder in sorted(revisiones.glob("*/"), reverse=True):
        try:
            revision = json.loads((folder / DATA).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            continue
        if Path(revision["carpeta_mapa"]).resolve() == map_folder:
            return folder, revision
    raise Rejected("No hay ninguna revisión de este mapa", remedy="Ejecute primero «serviweb selectores revisar».")


def todas(revisiones: Path, most: int = 60) -> list[tuple[str, dict[str, Any]]]:
    """Return the names of the newest checks with their data, the newest first; one that was cut off isn't there."""
    found = []
    for folder in sorted(revisiones.glob("*/"), reverse=True):
        if (revision := una(revisiones, folder.name)) is not None:
            found.append((folder.name, revision))
            if len(found) == most:
                break
    return found


def una(revisiones: Path, nombre: str) -> dict[str, Any] | None:
    """Return the data of one check by its name; None where there is none of that name."""
    if not _NAME.fullmatch(nombre):
        return None
    try:
        revision: dict[str, Any] = json.loads((revisiones / nombre / DATA).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return revision


def por_pantalla(controls: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Return controls, or pictures, by their screen, in their order."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for entry in controls:
        found.setdefault(entry["pantalla"], []).append(entry)
    return found


def anotar(folder: Path, **entry: Any) -> None:
    """Add a line to the history of the map in *folder*: when (UTC), and what the entry says."""
    line = {"cuando": datetime.now(UTC).isoformat(timespec="seconds"), **entry}
    with (folder / HISTORY).open("a", encoding="utf-8") as history:
        history.write(json.dumps(line, ensure_ascii=False) + "\n")


def historia(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of a map's history, the oldest first."""
    try:
        lines = (folder / HISTORY).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line]


def sigue_a(folder: Path, sha256: str, now: str) -> bool:
    """Say whether a map that had one hash came to another only by what its history tells."""
    for line in historia(folder):
        if line.get("mapa_antes") == sha256:
            sha256 = str(line["mapa_despues"])
    return sha256 == now


def _page(revision: Mapping[str, Any]) -> str:
    environment = plantilla.environment()
    style, digest = plantilla.style("revision_mapa.css")
    when = datetime.fromisoformat(revision["cuando"]).astimezone(BOGOTA)
    return environment.get_template("revision_mapa.html.j2").render(
        r=revision,
        when=when,
        style=Markup(style),  # noqa: S704 — our own file
        style_hash=digest,
        verdicts=VEREDICTOS,
        bad=MALOS,
        screens=por_pantalla(revision["controles"]),
        problems=[entry for entry in revision["controles"] if entry["veredicto"] in MALOS],
        pictures=por_pantalla(revision["imagenes"]),
        shown={title: picture["archivo"] for picture in revision["imagenes"] for title in picture["controles"]},
    )
