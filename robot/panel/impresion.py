"""Print a paper on the printer of the machine where the panel runs: `lp` on Linux, Windows' own verb there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from robot.errors import Rejected
from robot.settings import Settings

_LONGEST_SECONDS: Final = 30
_BY_HAND: Final = "Abra «Dos copias» e imprímalas desde el navegador (Ctrl+P), o avise a quien instaló el panel."


def print_paper(settings: Settings, path: Path, *, title: str) -> str:
    """Send a PDF to the printer and return the printer's name as people know it. Raises `Rejected`."""
    if not settings.imprimir:
        raise Rejected("El panel no tiene permitido imprimir en este equipo", remedy=_BY_HAND)
    if sys.platform == "win32":
        _print_on_windows(path, settings.impresora)
    else:
        _print_by_lp(path, settings.impresora, title)
    return settings.impresora or "la impresora del sistema"


def _print_by_lp(path: Path, printer: str, title: str) -> None:
    program = shutil.which("lp")
    if program is None:
        raise Rejected("Este equipo no tiene con qué imprimir (falta «lp», de CUPS)", remedy=_BY_HAND)
    command = [program, *(("-d", printer) if printer else ()), "-t", title, "--", str(path)]
    try:
        done = subprocess.run(  # noqa: S603 — the system's own program, its arguments apart
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Rejected("La impresora no responde", remedy="Revise si imprimió antes de repetir.") from None
    except OSError as error:
        raise Rejected(f"No se pudo imprimir: {error.strerror}", remedy=_BY_HAND) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().removeprefix("lp: ") or f"error {done.returncode}"
        raise Rejected(
            f"La impresora no recibió el papel: {said}", remedy="Revise que esté encendida y su nombre. " + _BY_HAND
        )


def _print_on_windows(path: Path, printer: str) -> None:
    start = getattr(os, "startfile")  # noqa: B009 — only there
    try:
        if printer:
            start(str(path), "printto", f'"{printer}"')
        else:
            start(str(path), "print")
    except OSError as error:
        raise Rejected(f"Windows no pudo imprimir: {error.strerror}", remedy=_BY_HAND) from error
