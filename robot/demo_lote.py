"""The batch of `serviweb demo`: the very commands of an office, on five requests of which four meet trouble."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rich.console import Console

from robot.console import near
from robot.errors import SettingsError
from robot.mock import put_faults
from robot.resources import demo_requests
from robot.settings import environment_of

USERS: Final = ("asesor1", "asesor2")
ASESOR: Final = "ana"
"""Who asks for the cases: an advisor of the panel that is offered at the end."""
LOST, UNKNOWN = "100717", "100718"
FAULTS: Final = [
    {"at": "factura.guardar", "fault": "lost_answer", "of": LOST},
    {"at": "factura.guardar", "fault": "closed_before_commit", "of": UNKNOWN},
]
"""To one request Serviweb saves the factura and its answer is lost; of the other the connection dies and nothing is
saved, which the robot can't know."""


def run_batch(console: Console, url: str, folder: Path) -> None:
    """Load the batch, work it with two workers and show what came of it. Raises `SettingsError`."""
    put_faults(url, FAULTS)
    file = shutil.copyfile(demo_requests(), folder / "solicitudes.csv")
    console.print(
        "\n[bold]Ahora un lote[/bold] de cinco solicitudes, con dos trabajadores. Una trae una celda dañada; otra es "
        "de un suscriptor retirado, y Serviweb la rechaza; de una factura se pierde la respuesta, y el robot la busca "
        "y la encuentra; de otra no se sabe si quedó, y la decide una persona. Nada se guarda dos veces."
    )
    office = _office(url, folder)
    loaded = _command(console, office, "cola", "cargar", near(file), goes=(0, 3))
    _command(console, office, "cola", "trabajar")
    _command(console, office, "dudas")
    found = re.search(r"L-[0-9A-Z]{7}", loaded)
    if found is None:
        raise SettingsError("La demostración no pudo cargar su lote; vea el mensaje anterior")
    _command(console, office, "cola", "resultados", found[0])
    _command(console, office, "auditoria")


def _office(url: str, folder: Path) -> Mapping[str, str]:
    office = environment_of(
        url=url,
        mapa="mock",
        carpeta=str(folder.absolute()),
        usuario=USERS[0],
        clave=f"clave-{USERS[0]}",
        usuarios="|".join(USERS),
        claves="|".join(f"clave-{user}" for user in USERS),
        revisar_antes="false",  # the screens are those of the demonstration's first half, a minute ago
    )
    return {**office, "PYTHONIOENCODING": "utf-8", "LOGNAME": ASESOR}


def _command(console: Console, office: Mapping[str, str], *words: str, goes: tuple[int, ...] = (0,)) -> str:
    """Run a command as a person types it and return what it said on stdout, which is shown too.

    Its stderr, where a queue at work is shown, goes straight to the terminal. Raises `SettingsError`.
    """
    console.print(f"\n[bold]$ serviweb {' '.join(words)}[/bold]")
    command = [sys.executable, "-m", "robot", *words]
    with subprocess.Popen(  # noqa: S603 — our own module
        command, env=office, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        out = process.stdout.read() if process.stdout else ""
    console.file.flush()
    sys.stdout.write(out)
    sys.stdout.flush()
    if process.returncode not in goes:
        raise SettingsError(f"«serviweb {' '.join(words)}» terminó con el código {process.returncode}")
    return out
