"""A person accepts a candidate of the last check: the map's lines, its fingerprints and its history, all or nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.checking import fingerprint
from robot.browser.maps import Map
from robot.browser.maps import load as load_map
from robot.errors import Rejected, SettingsError
from robot.records import candado, mapa_toml, revision_mapa
from robot.resources import maps_folder


def es_del_programa(folder: Path) -> bool:
    """Say whether a map came with the program: such a one isn't changed."""
    return folder.resolve().is_relative_to(maps_folder().resolve())


def bundled(folder: Path) -> SettingsError:
    """Return the error that says that a map came with the program."""
    return SettingsError(
        f"El mapa «{folder.name}» viene con el programa y no se cambia aquí",
        remedy=f"Copie la carpeta {folder} a un lugar propio y use --mapa CARPETA (o SERVIWEB_MAPA).",
    )


def aceptar(
    revisiones: Path, folder: Path, control: str, candidato: int, *, quien: str, motivo: str, revision: str = ""
) -> tuple[dict[str, Any], str]:
    """Write a candidate of the map's last check into the map; return the line of its history, and what the control is.

    With *revision* that check must be the last one still. Raises `Rejected`, and `SettingsError` for a map that can't
    be changed here; then nothing was.
    """
    folder = folder.resolve()
    if es_del_programa(folder):
        raise bundled(folder)
    if not quien.strip() or not motivo.strip():
        raise Rejected("Falta quién lo acepta o por qué", remedy="Indique --quien y --motivo: quedan en la historia.")
    checked, found = revision_mapa.ultima(revisiones, folder)
    if revision and checked.name != revision:
        raise Rejected("Ya hay una revisión más nueva de este mapa", remedy="Acepte los candidatos de esa.")
    with candado.held(revisiones / "aceptar.candado"):
        maps = load_map(folder, REQUIRED, OPTIONAL)
        if not revision_mapa.sigue_a(folder, found["sha256"], maps.sha256):
            raise Rejected(
                "El mapa cambió después de la última revisión",
                remedy="Ejecute otra vez «serviweb selectores revisar» y vea los candidatos de ahora.",
            )
        chosen = _chosen(found, control, candidato)
        line = _changed(folder, maps, control, chosen, quien=quien.strip(), motivo=motivo.strip(), revision=checked)
    return line, str(chosen["que"])


def _changed(
    folder: Path, maps: Map, control: str, chosen: Mapping[str, Any], *, quien: str, motivo: str, revision: Path
) -> dict[str, Any]:
    screen, _, key = control.partition(".")
    before, after = _write(folder / f"{screen}.toml", key, chosen["lineas"], maps)
    looks = fingerprint.read(folder)
    always = control in looks and looks[control].always
    fingerprint.write(folder, {**looks, control: replace(fingerprint.from_dict(chosen["huella"]), always=always)})
    line = {
        "quien": quien,
        "accion": "aceptar",
        "control": control,
        "antes": before,
        "despues": chosen["lineas"],
        "motivo": motivo,
        "revision": revision.name,
        "mapa_antes": maps.sha256,
        "mapa_despues": after.sha256,
    }
    revision_mapa.anotar(folder, **line)
    return line


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
