"""Ingreso: the login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.moderno.view import page
from mock_serviweb.rules import usuarios
from mock_serviweb.rules.answers import NotFound
from mock_serviweb.sessions import COOKIE

if TYPE_CHECKING:
    from collections.abc import Sequence

REASONS = {
    "expirada": "Su sesión ha expirado. Ingrese de nuevo.",
    "otro-equipo": "Su usuario ingresó desde otro equipo.",
}


def start(visit: Visit) -> Response:
    return RedirectResponse("/inicio" if visit.user else "/ingreso", status_code=302)


def form(visit: Visit) -> Response:
    return page(visit, "ingreso.html", title="Ingreso", alert=REASONS.get(visit.text("motivo"), ""), typed_user="")


def enter(visit: Visit) -> Response:
    user = visit.text("usuario").lower()
    try:
        profile = usuarios.profile_of(visit.store, user, visit.typed.get("clave", ""))
    except NotFound as no:
        return page(visit, "ingreso.html", title="Ingreso", alert=str(no), typed_user=user)
    visit.sessions.end(visit.session.token)
    visit.session = visit.sessions.open(user, profile)
    visit.draft = visit.session.draft
    visit.session.notice = visit.notice
    response = RedirectResponse("/inicio", status_code=303)
    response.set_cookie(COOKIE, visit.session.token, httponly=True, samesite="lax")
    return response


def leave(visit: Visit) -> Response:
    visit.sessions.end(visit.session.token)
    response = RedirectResponse("/ingreso", status_code=303)
    response.delete_cookie(COOKIE)
    return response


SCREENS: Sequence[Screen] = (
    Screen("", "/", start, open_to_all=True),
    Screen("", "/ingreso", form, open_to_all=True),
    Screen("ingreso.entrar", "/ingreso", enter, "POST", open_to_all=True),
    Screen("", "/salir", leave, "POST", open_to_all=True),
)
