"""The set `moderno`: semantic HTML, labels, AJAX, boxes in the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, RedirectResponse, Response

from mock_serviweb import static
from mock_serviweb.pages.moderno import abono, caja, consulta, factura, ingreso, inicio, tercero, tramite
from mock_serviweb.pages.moderno.view import broken_page, page, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from mock_serviweb.door import Screen, Visit
    from mock_serviweb.sessions import Reason

FORBIDDEN = "El módulo no está habilitado para su perfil."


class Pages:
    """All screens of this set, and its ways of saying no."""

    charset = "utf-8"

    def screens(self) -> Sequence[Screen]:
        return [
            *ingreso.SCREENS,
            *inicio.SCREENS,
            *factura.SCREENS,
            *tercero.SCREENS,
            *abono.SCREENS,
            *caja.SCREENS,
            *tramite.SCREENS,
            *consulta.SCREENS,
        ]

    def files(self) -> Sequence[BaseRoute]:
        return static.routes(Path(__file__).with_name("estatico"), at="/estatico", icon="icono.svg")

    def without_session(self, screen: Screen, reason: Reason) -> Response:
        if screen.answers == "data":
            return JSONResponse({"ok": False, "motivo": reason}, status_code=401)
        return RedirectResponse(f"/ingreso?motivo={reason}", status_code=302)

    def forbidden(self, screen: Screen, visit: Visit) -> Response:
        if screen.answers == "data":
            return refusal(visit, FORBIDDEN)
        return page(visit, "modulo.html", title="Módulo no habilitado", alert=FORBIDDEN)

    def broken(self, screen: Screen, status: int) -> Response:
        if screen.answers == "data":
            return JSONResponse({"ok": False, "error": "Error interno del servidor."}, status_code=status)
        return broken_page(status)
