"""Users, sessions, and what lives in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from mock_client import CORTE, Control, Plain, User, started

Login = Callable[[str], User]


def test_page_without_session(control: Control) -> None:
    """A page without a session leads to the login, which says why."""
    with Plain(str(control.base_url)) as nobody:
        assert (answer := nobody.get("/factura")).status_code == 302
        assert "Su sesión ha expirado. Ingrese de nuevo." in nobody.get(answer.headers["location"]).text


def test_script_without_session(control: Control) -> None:
    """A script without a session gets 401 and the reason."""
    with Plain(str(control.base_url)) as nobody:
        answer = nobody.get("/factura/suscriptor", params={"codigo": "100234"})
    assert (answer.status_code, answer.json()["motivo"]) == (401, "expirada")


def test_second_login_ends_the_first(login: Login) -> None:
    """A user's second login throws the first one out and tells it so."""
    first, second = login("asesor1"), login("asesor1")
    answer = first.get("/factura")
    assert answer.status_code == 302
    assert "Su usuario ingresó desde otro equipo." in first.get(answer.headers["location"]).text
    assert second.get("/factura").status_code == 200


def test_half_filled_factura_stays_in_the_session(asesor: User) -> None:
    """Lines of a half-filled factura show again when the screen is opened anew."""
    asesor.look_up()
    asesor.add(CORTE)
    assert "$ 25.000" in asesor.get("/factura").text


def test_half_filled_factura_dies_with_the_session(login: Login) -> None:
    """A new login starts with an empty factura."""
    first = login("asesor1")
    first.look_up()
    first.add(CORTE)
    assert "Sin productos" in login("asesor1").get("/factura").text


def test_wrong_password_locks_after_five(control: Control) -> None:
    """Five wrong passwords lock the account, even for the right one."""
    with Plain(str(control.base_url)) as nobody:
        wrong = [nobody.post("/ingreso", data={"usuario": "asesor2", "clave": "no"}).text for _ in range(5)]
        right = nobody.post("/ingreso", data={"usuario": "asesor2", "clave": "clave-asesor2"}).text
    assert all("Usuario o contraseña incorrectos." in text for text in wrong)
    assert "Usuario bloqueado" in right


def test_right_password_forgives(control: Control, login: Login) -> None:
    """Four mistakes are forgotten after a good login."""
    with Plain(str(control.base_url)) as nobody:
        for _ in range(2):
            for _ in range(4):
                nobody.post("/ingreso", data={"usuario": "asesor3", "clave": "no"})
            login("asesor3")


def test_idle_session_expires() -> None:
    """A session that was idle too long is over."""
    with started("--idle-minutes", "0") as url, User(url, "asesor1") as user:
        assert user.get("/inicio").headers["location"] == "/ingreso?motivo=expirada"


def test_close_session(asesor: User) -> None:
    """Cerrar sesión ends it."""
    asesor.post("/salir")
    assert asesor.get("/inicio").status_code == 302


@pytest.mark.parametrize(("name", "path"), [("asesor1", "/caja"), ("cajero1", "/factura"), ("cajero1", "/tramite")])
def test_profiles(login: Login, name: str, path: str) -> None:
    """A module of another profile says so instead of showing its form."""
    assert "El módulo no está habilitado para su perfil." in login(name).get(path).text


def test_cashier_writes_nothing_else(cajero: User, control: Control) -> None:
    """Nor may another profile save by asking directly."""
    assert cajero.save({"codigo": "100234"})["ok"] is False
    assert control.ledger()["facturas"] == []
