"""Run the panel: its parts put together, what goes on in the background, and the server on its address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from robot.browser.maps import Map
from robot.browser.session import browser_of
from robot.panel.app import create_app
from robot.panel.contexto import Panel
from robot.panel.indexacion import indexar
from robot.panel.mensajes import despachar
from robot.panel.robot import Robot
from robot.records.boveda import boveda_of
from robot.records.store.engine import StoreDownError
from robot.settings import Settings
from robot.work import cuarentena
from robot.work.archivo import archivo_of
from robot.work.navegador import Navegador

Tarea = Callable[[Panel], Coroutine[Any, Any, None]]
TAREAS: Final[tuple[Tarea, ...]] = (indexar, despachar)
"""What the panel does in the background, each until it is cancelled."""
_AGAIN_SECONDS: Final = 5.0
END_SECONDS: Final = 20.0
"""How long the robot may take to end its present document."""


@contextmanager
def panel_of_settings(settings: Settings, maps: Map) -> Iterator[Panel]:
    """Open the database and put a panel together. Raises `SettingsError`."""
    with archivo_of(settings) as archivo:
        yield Panel(
            settings=settings,
            maps=maps,
            store=archivo.store,
            boveda=boveda_of(settings),
            robot=Robot(settings=settings),
            navegador=Navegador(lambda: browser_of(settings)),
        )


def app_of(panel: Panel, *, con_robot: bool) -> FastAPI:
    """Return the application; while it runs its browser is open, its tasks go on, and the robot works if asked.

    Without *con_robot* no page begins it either.
    """
    panel.robot.permitido = con_robot

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with panel.navegador:
            tasks = [asyncio.create_task(_kept_going(task, panel)) for task in TAREAS]
            if con_robot and not cuarentena.is_behind(panel.archivo()):
                await asyncio.to_thread(panel.robot.iniciar)
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await asyncio.to_thread(panel.robot.parar, espera_segundos=END_SECONDS)

    return create_app(panel, lifespan)


async def _kept_going(task: Tarea, panel: Panel) -> None:
    """Run a task; when the database went away, begin it again."""
    while True:
        with suppress(StoreDownError):
            await task(panel)
        await asyncio.sleep(_AGAIN_SECONDS)


def server_of(panel: Panel, *, con_robot: bool) -> uvicorn.Server:
    """Return the server, not yet started. Live pages are cut at the end: they would never end by themselves."""
    config = uvicorn.Config(
        app_of(panel, con_robot=con_robot),
        host=panel.settings.panel_direccion,
        port=panel.settings.panel_puerto,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        proxy_headers=False,
    )
    return uvicorn.Server(config)
