"""`serviweb panel`: the panel until Ctrl-C, and the first administrator of an installation that has nobody yet."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import webbrowser
from contextlib import suppress

from rich.console import Console
from rich.prompt import Prompt

from robot.browser.maps import Map
from robot.console import show_error
from robot.errors import Rejected, SettingsError
from robot.office import settings_and_map
from robot.panel.contexto import Panel
from robot.panel.servidor import END_SECONDS, panel_of_settings, server_of
from robot.records.store import acciones, personas
from robot.records.store.personas import Persona
from robot.settings import Settings

_LOCAL = ("127.0.0.1", "localhost", "::1")


def panel(*, puerto: int | None, direccion: str, sin_robot: bool, abrir: bool) -> int:
    """Serve the panel until Ctrl-C. Raises `SettingsError`."""
    settings, maps = settings_and_map(panel_puerto=puerto, panel_direccion=direccion or None)
    return serve(settings, maps, con_robot=not sin_robot, abrir=abrir)


def serve(settings: Settings, maps: Map, *, con_robot: bool, abrir: bool) -> int:
    """Serve a panel with these settings until Ctrl-C."""
    console = Console(stderr=True, highlight=False)
    with panel_of_settings(settings, maps) as opened:
        _first_person(opened, console)
        _warn(settings, console)
        listening = _listen(settings)
        address = _address(settings, listening.getsockname()[1])
        console.print(f"Panel en [bold]{address}[/bold] (Ctrl-C lo detiene)", soft_wrap=True)
        if con_robot:
            console.print("El robot trabaja la cola mientras el panel esté abierto.", style="dim")
        if abrir:
            webbrowser.open(address)
        if hasattr(signal, "SIGHUP"):  # a terminal that is closed must not leave the robot alone
            signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
        server = server_of(opened, con_robot=con_robot)
        with listening, suppress(KeyboardInterrupt):  # uvicorn raises the signal again once it has closed
            asyncio.run(server.serve(sockets=[listening]))
        opened.robot.parar(espera_segundos=END_SECONDS)  # a second Ctrl-C cut the closing short
        console.print("Panel detenido.")
    return 0


def _listen(settings: Settings) -> socket.socket:
    """Take the address before anything else begins. Raises `SettingsError` when somebody has it."""
    host, port = settings.panel_direccion, settings.panel_puerto
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"No se puede atender en {host}:{port}: {error.strerror or error}",
            remedy="Quizá ya hay un panel abierto. Use otro puerto con --puerto, o 0 para uno libre.",
        ) from error


def _address(settings: Settings, port: int) -> str:
    host = settings.panel_direccion
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104 — only compared
    return f"http://{shown}:{port}/"


def _warn(settings: Settings, console: Console) -> None:
    """Say what it means to be seen from other machines."""
    if settings.panel_direccion in _LOCAL or settings.panel_https:
        return
    console.print(
        "Atención: el panel se ve desde otros equipos y lo que viaja no va cifrado. Ponga delante un servidor con "
        "https y defina SERVIWEB_PANEL_HTTPS=true.",
        style="yellow",
        soft_wrap=True,
    )


def _first_person(opened: Panel, console: Console) -> None:
    """Make the first administrator of an empty installation, or say how, where nobody can be asked."""
    if personas.everybody(opened.store):
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        console.print(
            "Todavía no hay usuarios del panel. Cree el primero: serviweb usuarios crear NOMBRE --rol administrador",
            style="yellow",
            soft_wrap=True,
        )
        return
    console.print("Todavía no hay usuarios del panel. Cree el primer administrador:")
    while True:
        try:
            made = _asked_for(opened, console)
        except Rejected as refused:
            show_error(console, refused)
            continue
        acciones.note(opened.store, "usuario_creado", quien="consola", usuario=made.usuario, rol_nuevo=made.rol)
        return


def _asked_for(opened: Panel, console: Console) -> Persona:
    usuario = Prompt.ask("  Usuario", console=console)
    nombre = Prompt.ask("  Nombre y apellido", console=console)
    clave = Prompt.ask(f"  Clave ({personas.SHORTEST} letras o más)", console=console, password=True)
    if clave != Prompt.ask("  Otra vez la clave", console=console, password=True):
        raise Rejected("Las dos claves no son iguales", remedy="Escríbalas de nuevo.")
    return personas.create(opened.store, usuario, nombre=nombre, rol="administrador", clave=clave, cambiar_clave=False)
