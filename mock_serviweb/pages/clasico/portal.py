"""The frames around the screens, the first page in them, and the page of the modules that nobody here may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.clasico.menu import CLOSED_MODULES
from mock_serviweb.pages.clasico.view import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response


def top(visit: Visit) -> Response:
    return page(visit, "portal.html", title="Sistema comercial")


def frame(visit: Visit) -> Response:
    return page(visit, "marco.html", title="Serviweb")


def home(visit: Visit) -> Response:
    name = visit.store.value("SELECT nombre FROM usuarios WHERE usuario = ?", visit.user)
    return page(visit, "inicio.html", title="Inicio", name=name, profile=visit.session.profile)


def module(visit: Visit) -> Response:
    name = CLOSED_MODULES.get(visit.text("m"))
    if name is None:
        return page(visit, "modulo.html", title="No encontrado", error="La página no existe.", status=404)
    sentence = f"El módulo {name} no está habilitado para su perfil."
    return page(visit, "modulo.html", title=name.capitalize(), error=sentence)


SCREENS: Sequence[Screen] = (
    Screen("", "/Default.aspx", top),
    Screen("", "/Marco.aspx", frame),
    Screen("", "/Inicio.aspx", home),
    Screen("", "/Modulo.aspx", module),
)
