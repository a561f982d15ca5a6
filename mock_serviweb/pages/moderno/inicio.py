"""Inicio, and the modest page of the modules that nobody here may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.moderno.menu import CLOSED_MODULES
from mock_serviweb.pages.moderno.view import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response


def home(visit: Visit) -> Response:
    name = visit.store.value("SELECT nombre FROM usuarios WHERE usuario = ?", visit.user)
    return page(visit, "inicio.html", title="Inicio", name=name, profile=visit.session.profile)


def module(visit: Visit) -> Response:
    name = CLOSED_MODULES.get(visit.path["nombre"])
    if name is None:
        return page(visit, "modulo.html", title="No encontrado", alert="La página no existe.", status=404)
    title = name.capitalize()
    return page(visit, "modulo.html", title=title, alert=f"El módulo {name} no está habilitado para su perfil.")


SCREENS: Sequence[Screen] = (
    Screen("", "/inicio", home),
    Screen("", "/modulo/{nombre}", module),
)
