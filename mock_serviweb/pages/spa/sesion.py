"""The session: who is in, coming in, going out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.moderno.menu import MENUS
from mock_serviweb.pages.spa.answers import data, plainly
from mock_serviweb.rules import usuarios
from mock_serviweb.sessions import COOKIE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response


def described(visit: Visit) -> dict[str, Any]:
    """Describe who is in to the frame around the views; nobody is null."""
    if not visit.user:
        return {"usuario": None}
    name = visit.store.value("SELECT nombre FROM usuarios WHERE usuario = ?", visit.user)
    menus = [{"nombre": menu, "opciones": [{"nombre": n, "ruta": r} for n, r in options]} for menu, options in MENUS]
    return {"usuario": visit.user, "nombre": name, "perfil": visit.session.profile, "menus": menus}


def who(visit: Visit) -> Response:
    return data(visit, **described(visit))


@plainly
def enter(visit: Visit) -> Response:
    user = visit.text("usuario").lower()
    profile = usuarios.profile_of(visit.store, user, visit.typed.get("clave", ""))
    visit.sessions.end(visit.session.token)
    visit.session = visit.sessions.open(user, profile)
    visit.draft = visit.session.draft
    response = data(visit, **described(visit))
    response.set_cookie(COOKIE, visit.session.token, httponly=True, samesite="lax")
    return response


def leave(visit: Visit) -> Response:
    visit.sessions.end(visit.session.token)
    response = data(visit)
    response.delete_cookie(COOKIE)
    return response


SCREENS: Sequence[Screen] = (
    Screen("", "/api/v1/sesion", who, answers="data", open_to_all=True),
    Screen("ingreso.entrar", "/api/v1/sesion", enter, "POST", "data", open_to_all=True),
    Screen("", "/api/v1/sesion/cierre", leave, "POST", "data", open_to_all=True),
)
