"""The API as one ASGI application: what it is made of, how it is described."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI

from robot import __version__
from robot.panel.acceso import ElPanel
from robot.panel.api import casos, fallas, ganchos, lotes
from robot.panel.api.acceso import Ritmo
from robot.panel.api.descripcion import SOBRE, respuestas
from robot.panel.api.modelos import Salud
from robot.panel.api.modelos_gancho import AvisoDeCaso
from robot.panel.contexto import Panel
from robot.records.store import cases

MOST_BYTES: Final = 8 << 20


def create_api(panel: Panel) -> FastAPI:
    """Return the API of a panel, to be mounted at `/api`."""
    api = FastAPI(
        title="API del robot de Serviweb",
        version=__version__,
        description=SOBRE,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        root_path_in_servers=True,
        separate_input_output_schemas=False,
        max_body_size=MOST_BYTES,
    )
    api.state.panel = panel
    api.state.ritmo = Ritmo()
    fallas.install(api)

    @api.get(
        "/salud",
        tags=["Salud"],
        response_model=Salud,
        summary="¿Atiende?",
        responses={503: respuestas(503)[503]},
    )
    def salud(panel: ElPanel) -> Salud:
        """Dice si el panel y su base de datos responden. No pide token."""
        cases.switches(panel.store)
        return Salud(estado="bien")

    @api.webhooks.post("caso", tags=["Ganchos (webhooks)"], summary="Un caso cambió de estado")
    def _caso(_cuerpo: AvisoDeCaso) -> None:
        """Se envía a cada gancho que pidió el evento, con `webhook-id`, `webhook-timestamp` y `webhook-signature`.

        La firma es `v1,` y el HMAC-SHA256, en base64, de `{id}.{timestamp}.{cuerpo}` con el secreto del gancho.
        """

    for router in (casos.router, lotes.router, ganchos.router):
        api.include_router(router)
    return api
