"""Ingreso: the login. It never stays inside a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.clasico.postback import Event, Form
from mock_serviweb.pages.clasico.view import page
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
    return RedirectResponse("/Default.aspx" if visit.user else "/Login.aspx", status_code=302)


def form(visit: Visit) -> Response:
    reason = REASONS.get(visit.text("motivo"), "")
    return page(visit, "ingreso.html", title="Ingreso", typed={}, action="/Login.aspx", error=reason)


def enter(visit: Visit) -> Response:
    user = visit.text("usuario").lower()
    try:
        profile = usuarios.profile_of(visit.store, user, visit.typed.get("clave", ""))
    except NotFound as no:
        typed = {"usuario": user}
        return page(visit, "ingreso.html", title="Ingreso", typed=typed, action="/Login.aspx", error=str(no))
    visit.sessions.end(visit.session.token)
    visit.session = visit.sessions.open(user, profile)
    visit.draft = visit.session.draft
    visit.session.notice = visit.notice
    response = RedirectResponse("/Default.aspx", status_code=302)
    response.set_cookie(COOKIE, visit.session.token, httponly=True, samesite="lax")
    return response


def leave(visit: Visit) -> Response:
    visit.sessions.end(visit.session.token)
    response = RedirectResponse("/Login.aspx", status_code=302)
    response.delete_cookie(COOKIE)
    return response


LOGIN = Form(
    Screen("", "/Login.aspx", form, open_to_all=True),
    {"ingresar": Event("ingreso.entrar", enter, writes=True)},
)
SCREENS: Sequence[Screen] = (
    Screen("", "/", start, open_to_all=True),
    *LOGIN.screens(),
    Screen("", "/Salir.aspx", leave, "POST", open_to_all=True),
)
