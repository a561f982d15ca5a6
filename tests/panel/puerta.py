"""A panel on a real port without robot, browser or Serviweb, and people who talk HTTP to it, well-meaning or not."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import httpx
import uvicorn
from fastapi.routing import APIRoute
from oficina import CLAVE, PERSONAS, free_port

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.maps import load as load_map
from robot.browser.session import browser_of
from robot.panel.acceso import COOKIE
from robot.panel.app import PANEL_ROUTERS, create_app
from robot.panel.contexto import Panel
from robot.panel.robot import Robot
from robot.records.boveda import boveda_of
from robot.records.store import acciones, personas, sesiones
from robot.records.store.acciones import Filtro
from robot.records.store.engine import open_store
from robot.resources import map_folder
from robot.settings import load
from robot.work.navegador import Navegador

_EACH_ALONE = httpx.Limits(max_keepalive_connections=0)  # the server ends a connection after an error of ours
QUIENES = {"asesor": "ana", "supervisor": "sofia", "administrador": "admin"}
"""Who stands for each role."""


@dataclass
class Cliente:
    """A browser of somebody: cookies, and the secret of its forms."""

    http: httpx.Client
    csrf: str = ""

    @property
    def token(self) -> str:
        """Return the session's token."""
        return self.http.cookies.get(COOKIE, "")

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask for a page."""
        return self.http.get(path, **more)

    def post(self, path: str, *, csrf: str | None = None, marca: str | None = None, **fields: Any) -> httpx.Response:
        """Send a form as its page would, or with another secret or mark."""
        sealed = {"csrf": self.csrf if csrf is None else csrf, "marca": token_urlsafe(18) if marca is None else marca}
        return self.http.post(path, data={**sealed, **fields})

    def enter(self, usuario: str, clave: str = CLAVE, **more: Any) -> httpx.Response:
        """Log in, and read the secret of the forms."""
        answer = self.http.post("/ingresar", data={"usuario": usuario, "clave": clave}, **more)
        if answer.status_code == 303:
            self.csrf = csrf_in(self.get("/mi-cuenta").text)
        return answer


def csrf_in(page: str) -> str:
    """Return the secret that a page's forms bear; «» for none."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    return found[1] if found else ""


@dataclass
class Puerta:
    """A panel and whoever knocks."""

    panel: Panel
    url: str
    open: list[httpx.Client] = field(default_factory=list)

    def nadie(self, **headers: str) -> Cliente:
        """Return a browser that nobody entered with."""
        self.open.append(httpx.Client(base_url=self.url, headers=headers, timeout=60, limits=_EACH_ALONE))
        return Cliente(self.open[-1])

    def como(self, usuario: str) -> Cliente:
        """Return a browser with a session of somebody, begun without the door: hashing takes its time."""
        cliente = self.nadie()
        persona = personas.found(self.panel.store, usuario)
        token = sesiones.begin(self.panel.store, persona, self.panel.rules, agente="prueba")
        cliente.http.cookies.set(COOKIE, token, domain="127.0.0.1")
        found = sesiones.found(self.panel.store, token, self.panel.rules)
        assert found is not None
        cliente.csrf = found.csrf
        return cliente

    def hecho(self, accion: str = "", **filtro: str) -> list[dict[str, Any]]:
        """Return what the audit journal says, the newest first."""
        rows = acciones.lista(self.panel.store, Filtro(accion=accion, **filtro), limit=500)
        return [dict(row) for row in rows]


@contextmanager
def puerta_en(folder: Path, **given: Any) -> Iterator[Puerta]:
    """Open a panel with the people of an office; *given* are settings."""
    port = free_port()
    settings = load(
        **{"carpeta": folder, "url": "http://127.0.0.1:1/", "usuario": "robot1", "clave": "x", "panel_intentos": 50}
        | given
    )
    with open_store(settings.carpeta / "serviweb.sqlite3") as store:
        panel = Panel(
            settings=settings,
            maps=load_map(map_folder("mock"), REQUIRED, OPTIONAL),
            store=store,
            boveda=boveda_of(settings),
            robot=Robot(settings=settings),
            navegador=Navegador(lambda: browser_of(settings)),
        )
        for usuario, nombre, rol, suyo in PERSONAS:
            personas.create(store, usuario, nombre=nombre, rol=rol, clave=CLAVE, serviweb=suyo, cambiar_clave=False)
        config = uvicorn.Config(
            create_app(panel), host="127.0.0.1", port=port, log_level="warning", access_log=False, lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, name="puerta")
        thread.start()
        puerta = Puerta(panel, f"http://127.0.0.1:{port}")
        try:
            wait_for(server)
            yield puerta
        finally:
            for client in puerta.open:
                client.close()
            server.should_exit = True
            thread.join(timeout=30)


def wait_for(server: uvicorn.Server) -> None:
    """Return when the server answers."""
    pause = threading.Event()
    for _ in range(600):
        if server.started:
            return
        pause.wait(0.05)
    raise AssertionError("the panel did not start")


def routes() -> Iterator[APIRoute]:
    """Yield every route that people use."""

    def walk(router: Any) -> Iterator[APIRoute]:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route
            else:
                yield from walk(route.original_router)

    for router in PANEL_ROUTERS:
        yield from walk(router)
