"""Inicio, and the modules that nobody here may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.moderno.menu import CLOSED_MODULES
from mock_serviweb.pages.spa.answers import data, plainly
from mock_serviweb.rules.answers import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

BOARD = (
    "Las facturas de reconexión llevan código, ruta y concepto en la observación.",
    "El trámite de reconexión se radica cuando el usuario presenta el recibo cancelado en la caja.",
    "Cierre su sesión al terminar la jornada.",
)


def home(visit: Visit) -> Response:
    name = visit.store.value("SELECT nombre FROM usuarios WHERE usuario = ?", visit.user)
    return data(visit, nombre=name, perfil=visit.session.profile, cartelera=BOARD)


@plainly
def module(visit: Visit) -> Response:
    name = CLOSED_MODULES.get(visit.path["nombre"])
    if name is None:
        raise NotFound("La página no existe.")
    return data(visit, titulo=name.capitalize(), mensaje=f"El módulo {name} no está habilitado para su perfil.")


SCREENS: Sequence[Screen] = (
    Screen("", "/api/v1/inicio", home, answers="data"),
    Screen("", "/api/v1/modulos/{nombre}", module, answers="data"),
)
