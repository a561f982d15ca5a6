"""The set `clasico`: frames in frames, tables, generated names, whole pages posted back, windows, native boxes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from mock_serviweb import static
from mock_serviweb.pages.clasico import abono, caja, consulta, factura, ingreso, portal, tercero, tramite
from mock_serviweb.pages.clasico.view import CHARSET, broken_page, page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from mock_serviweb.door import Screen, Visit
    from mock_serviweb.sessions import Reason

FORBIDDEN = "El módulo no está habilitado para su perfil."


class Pages:
    """All screens of this set, and its ways of saying no."""

    charset = CHARSET

    def screens(self) -> Sequence[Screen]:
        return [
            *ingreso.SCREENS,
            *portal.SCREENS,
            *factura.SCREENS,
            *tercero.SCREENS,
            *abono.SCREENS,
            *caja.SCREENS,
            *tramite.SCREENS,
            *consulta.SCREENS,
        ]

    def files(self) -> Sequence[BaseRoute]:
        return static.routes(Path(__file__).with_name("estatico"), at="/Recursos", icon="logo.svg")

    def without_session(self, screen: Screen, reason: Reason) -> Response:  # noqa: ARG002 — every answer here is a page
        return RedirectResponse(f"/Login.aspx?motivo={reason}", status_code=302)

    def forbidden(self, screen: Screen, visit: Visit) -> Response:  # noqa: ARG002
        return page(visit, "modulo.html", title="Módulo no habilitado", error=FORBIDDEN)

    def broken(self, screen: Screen, status: int) -> Response:  # noqa: ARG002
        return broken_page(status)
