"""An office: a real panel on a free port, with its robot's process, on a Serviweb of its own; pages of each role."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_client import Control, User, started
from playwright.sync_api import Browser, BrowserContext, Page, expect

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.maps import load as load_map
from robot.panel.contexto import Panel
from robot.panel.servidor import panel_of_settings, server_of
from robot.records.store import cases, personas
from robot.resources import map_folder
from robot.settings import load
from robot.work import credenciales

os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # no test writes into anybody's keyring
CLAVE = "una-clave-larga"
PERSONAS = (
    ("ana", "Ana Gómez", "asesor", "asesor1"),
    ("beto", "Alberto Peña", "asesor", ""),
    ("sofia", "Sofía Restrepo", "supervisor", ""),
    ("marta", "Marta Quintero", "supervisor", ""),
    ("admin", "Andrés Ruiz", "administrador", ""),
)
"""Users of the panel: ana's cases run under her own Serviweb user, all others' under the robot's."""
expect.set_options(timeout=20_000)


@dataclass
class Oficina:
    """A panel and its Serviweb."""

    panel: Panel
    url: str
    control: Control
    serviweb: str
    carpeta: Path
    abrir: Callable[[], BrowserContext]

    def como(self, usuario: str, path: str = "/") -> Page:
        """Return a page of somebody who entered, in a browser context of its own."""
        page = self.abrir().new_page()
        page.goto(f"{self.url}/ingresar")
        page.get_by_label("Usuario", exact=True).fill(usuario)
        page.get_by_label("Clave", exact=True).fill(CLAVE)
        page.get_by_role("button", name="Ingresar", exact=True).click()
        expect(page.get_by_role("navigation", name="Secciones")).to_be_attached()
        page.goto(f"{self.url}{path}")
        return page

    def ledger(self) -> dict[str, Any]:
        """Return the bundled Serviweb's ledger."""
        return self.control.ledger()

    def pagar(self, recibo: str) -> None:
        """Pay a receipt at the caja."""
        with User(self.serviweb, "cajero1") as cashier:
            assert cashier.post("/caja/pagar", data={"numero": recibo}).json()["ok"]

    def estado(self, caso: str) -> str:
        """Return a case's state, as the database has it."""
        return str(cases.case(self.panel.store, caso)["estado"])

    def espera(self, holds: Callable[[], Any], *, seconds: float = 60) -> Any:
        """Ask until it holds, and return what it gave; what the robot does takes its time."""
        until = time.monotonic() + seconds
        pause = threading.Event()
        while time.monotonic() < until:
            if found := holds():
                return found
            pause.wait(0.2)
        raise AssertionError(f"{holds} did not hold within {seconds} s; the robot said: {self.panel.robot.dicho()}")

    def espera_estado(self, caso: str, *estados: str, seconds: float = 60) -> str:
        """Wait until a case is in one of these states."""
        return str(self.espera(lambda: (now := self.estado(caso)) in estados and now, seconds=seconds))


def free_port() -> int:
    """Return a loopback port that was free just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def oficina_con(browser: Browser, folder: Path, *, con_robot: bool = True, **given: Any) -> Iterator[Oficina]:
    """Open an office; *given* are settings. Its pages close with it."""
    settings_of: dict[str, Any] = {
        "usuario": "asesor2",
        "clave": "clave-asesor2",
        "mapa": "mock",
        "carpeta": folder / "datos",
        "casos_asistidos": 0,
        "revisar_antes": False,
        "espera_cola_segundos": 0.2,
        "panel_puerto": free_port(),
        "muestra_porcentaje": 0,
        "panel_intentos": 50,
    }
    with ExitStack() as stack:
        serviweb = stack.enter_context(started("--port", "0", "--control"))
        settings = load(url=f"{serviweb}/", **(settings_of | given))
        maps = load_map(map_folder(settings.mapa), REQUIRED, OPTIONAL)
        panel = stack.enter_context(panel_of_settings(settings, maps))
        for usuario, nombre, rol, suyo in PERSONAS:
            personas.create(
                panel.store, usuario, nombre=nombre, rol=rol, clave=CLAVE, serviweb=suyo, cambiar_clave=False
            )
        credenciales.keep(settings, panel.store, "asesor1", "clave-asesor1", "prueba")
        server = server_of(panel, con_robot=con_robot)
        panel.robot.permitido = True  # its buttons may begin it
        thread = threading.Thread(target=server.run, name="panel")
        thread.start()
        contexts: list[BrowserContext] = []

        def abrir() -> BrowserContext:
            contexts.append(browser.new_context(locale="es-CO", viewport={"width": 1366, "height": 768}))
            return contexts[-1]

        def close() -> None:
            for context in contexts:
                context.close()
            server.should_exit = True
            thread.join(timeout=60)

        stack.callback(close)
        control = stack.enter_context(Control(serviweb))
        oficina = Oficina(
            panel=panel,
            url=f"http://127.0.0.1:{settings.panel_puerto}",
            control=control,
            serviweb=serviweb,
            carpeta=settings.carpeta,
            abrir=abrir,
        )
        oficina.espera(lambda: server.started)
        if con_robot:
            oficina.espera(lambda: panel.robot.trabaja)
        yield oficina
