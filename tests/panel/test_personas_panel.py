"""People as an administrator keeps them, one's own Serviweb user, and the same from the console."""

from __future__ import annotations

import getpass
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from a_request import request
from keyring.backends.fail import Keyring as NoKeyring
from oficina import CLAVE
from playwright.sync_api import Browser, Page, expect
from puerta import Puerta, puerta_en

from robot.records.store import acciones, cases, leases, personas
from robot.records.store.acciones import Filtro
from robot.records.store.engine import open_store
from robot.settings import environment_of
from robot.work import credenciales
from robot.work.apertura import register


@pytest.fixture(scope="module")
def puerta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Puerta]:
    """Give a panel on a machine without a keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    with puerta_en(tmp_path_factory.mktemp("personas")) as puerta:
        yield puerta
    keyring.set_keyring(before)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page that nobody entered with."""
    with browser.new_context(locale="es-CO", viewport={"width": 1366, "height": 768}) as context:
        yield context.new_page()


def added(puerta: Puerta, usuario: str, **more: object) -> None:
    """Add somebody."""
    given = {"nombre": usuario.title(), "rol": "asesor", "clave": CLAVE, "cambiar_clave": False} | more
    personas.create(puerta.panel.store, usuario, **given)


def test_somebody_is_added_and_enters(puerta: Puerta, page: Page) -> None:
    """The administrator sees a temporary password once; with it the new one enters and must choose another."""
    page.goto(f"{puerta.url}/ingresar?sigue=/personas")
    page.get_by_label("Usuario", exact=True).fill("admin")
    page.get_by_label("Clave", exact=True).fill(CLAVE)
    page.get_by_role("button", name="Ingresar", exact=True).click()
    page.get_by_label("Usuario", exact=True).fill("Luisa.M")
    page.get_by_label("Nombre y apellido").fill("Luisa Mora")
    page.get_by_label("Rol").select_option("supervisor")
    page.get_by_role("button", name="Agregar").click()
    expect(page.get_by_role("heading", name="Luisa Mora")).to_be_visible()
    clave = page.locator("#clave-temporal").inner_text()
    assert puerta.nadie().enter("luisa.m", clave).headers["location"] == "/mi-cuenta"
    assert clave not in puerta.como("admin").get("/personas/luisa.m").text
    assert personas.found(puerta.panel.store, "luisa.m").rol == "supervisor"


def test_a_temporary_password_is_shown_for_a_minute(puerta: Puerta, monkeypatch: pytest.MonkeyPatch) -> None:
    """To who made it, and not after that."""
    admin = puerta.como("admin")
    added(puerta, "olvido")
    assert admin.post("/personas/olvido/clave").headers["location"] == "/personas/olvido"
    assert 'id="clave-temporal"' in admin.get("/personas/olvido").text
    monkeypatch.setattr("robot.panel.rutas.personas.SHOWN_SECONDS", -1.0)
    admin.post("/personas/olvido/clave")
    assert 'id="clave-temporal"' not in admin.get("/personas/olvido").text
    assert puerta.nadie().enter("olvido").status_code == 422


def test_roles_change_and_one_administrator_stays(puerta: Puerta) -> None:
    """The last one can neither lose the role nor be deactivated, by nobody."""
    admin = puerta.como("admin")
    added(puerta, "jefa", rol="administrador")
    jefa = puerta.como("jefa")
    assert jefa.post("/personas/admin/rol", rol="asesor").status_code == 303
    assert admin.get("/personas").status_code == 303
    assert jefa.post("/personas/jefa/rol", rol="supervisor").status_code == 422
    assert jefa.post("/personas/JEFA/activa", activa="no").status_code == 422
    assert "por lo menos un administrador" in jefa.post("/personas/jefa/rol", rol="asesor").text
    assert jefa.post("/personas/admin/rol", rol="administrador").status_code == 303
    assert jefa.post("/personas/jefa/rol", rol="supervisor").headers["location"] == "/"
    (last, *_) = puerta.hecho("rol_cambiado")
    assert json.loads(last["detalle"]) == {"usuario": "jefa", "antes": "administrador", "ahora": "supervisor"}


def test_what_is_wrong_is_said_and_kept(puerta: Puerta) -> None:
    """A taken or odd name: the sentence, and what was typed stays."""
    admin = puerta.como("admin")
    for usuario, said in (("ana", "Ya hay un usuario ana"), ("ñoño", "no sirve como usuario")):
        answer = admin.post("/personas", usuario=usuario, nombre="Como Estaba", rol="asesor")
        assert answer.status_code == 422
        assert said in answer.text
        assert "Como Estaba" in answer.text
    assert admin.get("/personas/nadie").status_code == 422


# One's own Serviweb user.


def test_an_advisor_keeps_her_own_password(puerta: Puerta) -> None:
    """It is kept encrypted, shown to nobody, the robot gets it, and a blocked user is tried again."""
    added(puerta, "vera", serviweb="vera.sw")
    vera, store = puerta.como("vera"), puerta.panel.store
    assert "Sin contraseña" in vera.get("/mi-cuenta").text
    while not leases.login_failed(store, "vera.sw"):
        pass
    assert "no dejó entrar" in vera.get("/mi-cuenta").text
    assert vera.post("/mi-cuenta/serviweb", usuario="vera.sw", contrasena="secreta-1").status_code == 303
    shown = vera.get("/mi-cuenta").text
    assert "Guardada" in shown
    assert "no dejó entrar" not in shown
    assert "secreta-1" not in shown + puerta.como("admin").get("/personas/vera").text
    assert credenciales.of_user(puerta.panel.settings, store, "vera.sw").password() == "secreta-1"
    assert vera.post("/mi-cuenta/serviweb/borrar").status_code == 303
    assert credenciales.where(puerta.panel.settings, store, "vera.sw") is None


def test_a_new_user_takes_the_old_ones_password_along(puerta: Puerta) -> None:
    """Of the user that nobody has any more no password stays."""
    added(puerta, "muda", serviweb="muda.1")
    muda, store, settings = puerta.como("muda"), puerta.panel.store, puerta.panel.settings
    muda.post("/mi-cuenta/serviweb", usuario="muda.1", contrasena="secreta-1")
    muda.post("/mi-cuenta/serviweb", usuario="muda.2", contrasena="secreta-2")
    assert personas.found(store, "muda").serviweb == "muda.2"
    assert credenciales.where(settings, store, "muda.1") is None
    puerta.como("admin").post("/personas/muda/datos", nombre="Muda", serviweb="")
    assert credenciales.where(settings, store, "muda.2") is None


def test_who_left_leaves_cases_to_the_robots_user(puerta: Puerta) -> None:
    """An administrator takes the Serviweb user of somebody deactivated away: cases that wait go on without it."""
    added(puerta, "ida", serviweb="ida.sw")
    store, settings, admin = puerta.panel.store, puerta.panel.settings, puerta.como("admin")
    credenciales.keep(settings, store, "ida.sw", "secreta-1", "ida")
    caso = register(puerta.panel.archivo(), request(codigo="200888"), asesor="ida", para_usuario="ida.sw")
    admin.post("/personas/ida/activa", activa="no")
    assert "Sus casos sin terminar" in admin.get("/personas/ida").text
    assert admin.post("/personas/ida/datos", nombre="Ida", serviweb="").status_code == 303
    assert (cases.case(store, caso)["para_usuario"], credenciales.where(settings, store, "ida.sw")) == ("", None)


@pytest.mark.parametrize("usuario", ["otra.sw", "OTRA.sw", " otra.sw ", "robot1", "ROBOT1"])
def test_nobody_takes_anothers_user(puerta: Puerta, usuario: str) -> None:
    """Neither works as somebody else, nor overwrites their password, nor the robot's."""
    store, settings = puerta.panel.store, puerta.panel.settings
    if not personas.with_serviweb(store, "otra.sw"):
        added(puerta, "otra", serviweb="otra.sw")
        added(puerta, "ladron", serviweb="")
        credenciales.keep(settings, store, "otra.sw", "la-de-otra", "otra")
    answer = puerta.como("ladron").post("/mi-cuenta/serviweb", usuario=usuario, contrasena="la-mía")
    assert answer.status_code == 422
    assert personas.found(store, "ladron").serviweb == ""
    assert credenciales.of_user(settings, store, "otra.sw").password() == "la-de-otra"
    assert credenciales.of_user(settings, store, "robot1").password() == "x"


def test_ones_sessions_are_shown_and_closed(puerta: Puerta) -> None:
    """Three of them, this one marked; the others end."""
    added(puerta, "tres")
    one, *others = (puerta.como("tres") for _ in range(3))
    page = one.get("/mi-cuenta").text
    assert page.count("Un navegador") == 3
    assert page.count(">Esta<") == 1
    assert one.post("/mi-cuenta/sesiones/cerrar").status_code == 303
    assert [other.get("/mi-cuenta").status_code for other in (one, *others)] == [200, 303, 303]


# The console.


def serviweb(folder: Path, *words: str, entrada: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command."""
    command = [sys.executable, "-m", "robot", "usuarios", *words]
    environment = environment_of(carpeta=str(folder)) | {"NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(command, input=entrada, capture_output=True, text=True, env=environment, check=False)


def test_the_console_keeps_people_too(tmp_path: Path) -> None:
    """Add, list, change the role, give a password, deactivate, activate; all of it audited with who did it."""
    made = serviweb(tmp_path, "crear", "Jefe", "--rol", "administrador", "--clave-desde-entrada", entrada=f"{CLAVE}\n")
    assert made.returncode == 0, made.stderr
    assert CLAVE not in made.stdout + made.stderr
    shown = serviweb(tmp_path, "crear", "pedro", "--rol", "asesor", "--temporal", "--json")
    clave = json.loads(shown.stdout)["clave_temporal"]
    assert serviweb(tmp_path, "rol", "jefe", "asesor").returncode == 3
    for words in (("rol", "pedro", "supervisor"), ("desactivar", "pedro"), ("activar", "pedro")):
        assert serviweb(tmp_path, *words).returncode == 0
    listed = json.loads(serviweb(tmp_path, "lista", "--json").stdout)["usuarios"]
    assert [(row["usuario"], row["rol"], row["cambiar_clave"]) for row in listed] == [
        ("jefe", "administrador", False),
        ("pedro", "supervisor", True),
    ]
    assert "clave temporal" in serviweb(tmp_path, "lista").stdout
    with open_store(tmp_path / "serviweb.sqlite3") as store:
        assert personas.login(store, "pedro", clave, personas.Rules()).cambiar_clave
        assert personas.login(store, "jefe", CLAVE, personas.Rules()).rol == "administrador"
        done = acciones.lista(store, Filtro())
        assert {row["quien"] for row in done} == {f"consola:{getpass.getuser()}"}
        acts = ["usuario_creado", "usuario_creado", "rol_cambiado", "usuario_desactivado", "usuario_activado"]
        assert [row["accion"] for row in done][::-1] == acts
        assert clave not in repr(done)


@pytest.mark.parametrize(
    ("words", "entrada", "said"),
    [
        (("crear", "x1", "--rol", "asesor"), "", "Sin terminal"),
        (("crear", "x1", "--rol", "asesor", "--clave-desde-entrada"), "corta\n", "10 letras"),
        (("crear", "x1", "--rol", "asesor", "--clave-desde-entrada", "--temporal"), "", "no los dos"),
        (("crear", "ñ", "--rol", "asesor", "--temporal"), "", "no sirve"),
        (("clave", "nadie", "--temporal"), "", "No hay un usuario"),
    ],
)
def test_the_console_refuses_in_spanish(tmp_path: Path, words: tuple[str, ...], entrada: str, said: str) -> None:
    """What is wrong, what to do, exit code 3, and nobody added."""
    done = serviweb(tmp_path, *words, entrada=entrada)
    assert (done.returncode, said in done.stderr) == (3, True), done.stderr
    assert json.loads(serviweb(tmp_path, "lista", "--json").stdout) == {"usuarios": []}


def test_no_command_takes_a_password_as_an_argument() -> None:
    """An argument stands in every list of processes."""
    help_text: Any = subprocess.run(
        [sys.executable, "-m", "robot", "usuarios", "crear", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert not re.search(r"--clave(?!-desde-entrada)", help_text)
