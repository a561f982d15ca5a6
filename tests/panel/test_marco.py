"""The frame of every page: who enters where, the keyboard, the themes, and an advisor's case under her own user."""

from __future__ import annotations

from oficina import Oficina
from playwright.sync_api import expect

from robot.records.solicitud import validate
from robot.records.store import cases
from robot.work import credenciales
from robot.work.apertura import register

MARIA = {
    "codigo": "100234",
    "ruta": "01-383",
    "documento": "40781234",
    "nombres": "María Fernanda",
    "apellidos": "Rojas Vargas",
    "celular": "3124567890",
    "forma_pago": "contado",
    "concepto": "RECONEXION",
    "medidor": "sí",
    "arreglo": "sin-deuda",
}


def test_a_case_runs_under_its_advisors_own_user(oficina: Oficina) -> None:
    """The robot logs in as the advisor's own Serviweb user for a case of hers, and tells who asked for it."""
    caso = register(oficina.panel.archivo(), validate(MARIA), asesor="ana", para_usuario="asesor1")
    assert oficina.espera_estado(caso, "esperando_pago", "fallido", "rechazado", "en_duda") == "esperando_pago"
    numbers = {row["numero"] for row in cases.effects(oficina.panel.store, caso)}
    ours = [row for kind in ("facturas", "abonos") for row in oficina.ledger()[kind] if row["number"] in numbers]
    assert [row["user"] for row in ours] == ["asesor1", "asesor1"]
    assert cases.diary(oficina.panel.store, caso)[0]["pedido_por"] == "ana"


def test_each_role_has_its_menu(oficina: Oficina) -> None:
    """An advisor sees no supervisor's line, and is refused the page too."""
    page = oficina.como("ana")
    menu = page.get_by_role("navigation", name="Secciones")
    expect(menu.get_by_role("link", name="Nueva solicitud")).to_be_visible()
    expect(menu.get_by_role("link", name="En duda")).to_have_count(0)
    expect(oficina.como("sofia").get_by_role("link", name="En duda", exact=True)).to_be_visible()


def test_the_keyboard_opens_pages_and_finds_the_search(oficina: Oficina) -> None:
    """«/» goes to the search, «g» and a letter open a page, «?» tells them all."""
    page = oficina.como("ana", "/mis-casos")
    page.keyboard.press("/")
    expect(page.locator("#buscar")).to_be_focused()
    page.locator("#buscar").blur()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Atajos del teclado")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page).to_have_url(f"{oficina.url}/solicitud")


def test_without_a_password_the_case_waits_and_says_why(oficina: Oficina) -> None:
    """Nothing is tried under a user whose password nobody kept; once it is kept the case goes on by itself."""
    data = MARIA | {"codigo": "100310", "ruta": "02-115", "documento": "17634567", "nombres": "José Ángel"}
    data |= {"apellidos": "Ñáñez Muñoz"}
    caso = register(oficina.panel.archivo(), validate(data), asesor="beto", para_usuario="asesor3")
    oficina.espera(lambda: "contraseña" in cases.case(oficina.panel.store, caso)["motivo"])
    assert oficina.estado(caso) == "en_cola"
    credenciales.keep(oficina.panel.settings, oficina.panel.store, "asesor3", "clave-asesor3", "beto")
    assert oficina.espera_estado(caso, "esperando_pago", "fallido", "rechazado") == "esperando_pago"
