"""The panel as one ASGI application: its composition root."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from robot.panel import fallas
from robot.panel.api.rutas import create_api
from robot.panel.cabeceras import Cabeceras
from robot.panel.contexto import Panel
from robot.panel.guardia import Guardia
from robot.panel.rutas import (
    archivos,
    auditoria,
    avisos,
    caso,
    casos,
    clientes,
    cola,
    cuenta,
    dudas,
    en_vivo,
    evidencia,
    hoy,
    informes,
    ingreso,
    inicio,
    lotes,
    pagos,
    pantallas,
    papeles,
    personas,
    plazos,
    revision,
    solicitud,
    tablero,
)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
PANEL_ROUTERS = (
    ingreso.router,
    inicio.router,
    solicitud.router,
    en_vivo.router,
    papeles.router,
    pagos.router,
    evidencia.router,
    dudas.router,
    casos.router,
    hoy.router,
    plazos.router,
    revision.router,
    caso.router,
    cuenta.router,
    personas.router,
    auditoria.router,
    avisos.router,
    clientes.router,
    cola.router,
    archivos.router,
    lotes.router,
    tablero.router,
    informes.router,
    pantallas.router,
)
"""What people use; each of its unsafe methods is a `Formulario`."""


class _Versioned(StaticFiles):
    """Files whose address bears the panel's version may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if b"v=" in scope.get("query_string", b""):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_app(panel: Panel, lifespan: Lifespan | None = None) -> FastAPI:
    """Return the application for a panel."""
    app = FastAPI(
        title="Robot de Serviweb",
        lifespan=lifespan or _nothing,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.panel = panel
    app.add_middleware(Guardia, settings=panel.settings)
    app.add_middleware(Cabeceras, https=panel.settings.panel_https)
    fallas.install(app)
    for router in PANEL_ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.mount("/api", create_api(panel))
    for address, folder in (("/estatico", "panel/estatico"), ("/biblioteca", "web")):
        app.mount(address, _Versioned(directory=str(files("robot").joinpath(folder))))
    return app


@asynccontextmanager
async def _nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield
