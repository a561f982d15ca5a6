"""The set `spa`: one page, its own scripts, and JSON behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from mock_serviweb.pages.spa import abono, answers, caja, consulta, factura, inicio, sesion, shell, tercero, tramite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.routing import BaseRoute

    from mock_serviweb.door import Screen, Visit
    from mock_serviweb.sessions import Reason

FORBIDDEN = "El módulo no está habilitado para su perfil."


class Pages:
    """All addresses of this set, and its ways of saying no."""

    charset = "utf-8"

    def screens(self) -> Sequence[Screen]:
        return [
            *shell.SCREENS,
            *sesion.SCREENS,
            *inicio.SCREENS,
            *factura.SCREENS,
            *tercero.SCREENS,
            *abono.SCREENS,
            *caja.SCREENS,
            *tramite.SCREENS,
            *consulta.SCREENS,
        ]

    def files(self) -> Sequence[BaseRoute]:
        return shell.files()

    def without_session(self, screen: Screen, reason: Reason) -> Response:
        if screen.answers == "paper" and screen.at == "abono.imprimir":  # a link of the page, not a script's request
            return RedirectResponse(f"/ingreso?motivo={reason}", status_code=302)
        return answers.failure(401, "sin_sesion", "Ingrese de nuevo.", motivo=reason)

    def forbidden(self, screen: Screen, visit: Visit) -> Response:  # noqa: ARG002 — as the protocol has it
        return answers.failure(403, "sin_permiso", FORBIDDEN, notice=visit.notice)

    def broken(self, screen: Screen, status: int) -> Response:  # noqa: ARG002 — as the protocol has it
        return answers.failure(status, "interno", "Error interno del servidor.")
