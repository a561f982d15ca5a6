"""What `serviweb demo` offers at its end: the panel with the demonstration's cases, on its Serviweb still running."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.prompt import Confirm

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.maps import load as load_map
from robot.demo_lote import ASESOR
from robot.panel.orden import serve
from robot.records.store import personas
from robot.resources import map_folder
from robot.settings import load
from robot.work.archivo import archivo_of

PERSONAS: Final = (
    (ASESOR, "Ana Gómez", "asesor"),
    ("sofia", "Sofía Restrepo", "supervisor"),
    ("marta", "Marta Quintero", "supervisor"),
    ("admin", "Andrés Ruiz", "administrador"),
)


def offer(url: str, folder: Path, *, wanted: bool) -> None:
    """Open the panel if it was asked for, or if somebody says so at the terminal; else say how to see it."""
    console = Console(stderr=True, highlight=False)
    asked = sys.stdin.isatty() and sys.stderr.isatty()
    if not wanted and asked:
        question = Confirm("\n¿Abrir el panel con estos casos?", choices=["s", "n"], console=console)
        question.response_type = str  # type: ignore[assignment]  # so that «s» is the answer, not True
        question.validate_error_message = "Responda s (sí) o n (no)"
        wanted = str(question()) == "s"
    if not wanted:
        console.print(
            "\nPara repetirla y ver sus casos en el panel: serviweb demo --panel  (make demo ARGS=--panel)",
            soft_wrap=True,
        )
        return
    clave = secrets.token_urlsafe(9)
    settings = load(
        url=url,
        usuario="asesor3",
        clave="clave-asesor3",
        carpeta=folder,
        mapa="mock",
        panel_puerto=0,
        casos_asistidos=0,
        espera_duda_minutos=1,
    )
    with archivo_of(settings) as archivo:
        for usuario, nombre, rol in PERSONAS:
            personas.create(archivo.store, usuario, nombre=nombre, rol=rol, clave=clave, cambiar_clave=False)
    console.print("\n[bold]El panel de la demostración[/bold], con el mismo Serviweb de prueba:")
    for usuario, nombre, rol in PERSONAS:
        console.print(f"  {rol:<14} {usuario:<7} ({nombre})")
    console.print(f"  La clave de todos es [bold]{clave}[/bold]. En la caja del Serviweb de prueba ({url}): cajero1.")
    serve(settings, load_map(map_folder(settings.mapa), REQUIRED, OPTIONAL), con_robot=True, abrir=asked)
