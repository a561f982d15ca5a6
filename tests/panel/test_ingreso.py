"""The door: who enters, who is told what, and who must choose a password first; in a browser and without one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from oficina import CLAVE
from playwright.sync_api import Browser, Page, expect
from puerta import Puerta, puerta_en

from robot.records.store import intentos, personas


@pytest.fixture(scope="module")
def puerta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Puerta]:
    """Give a panel that locks a name after three wrong passwords."""
    with puerta_en(tmp_path_factory.mktemp("ingreso"), panel_intentos=3) as puerta:
        yield puerta


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page that nobody entered with."""
    with browser.new_context(locale="es-CO", viewport={"width": 1366, "height": 768}) as context:
        yield context.new_page()


def fill(page: Page, usuario: str, clave: str) -> None:
    """Fill and send the door's form."""
    page.get_by_label("Usuario", exact=True).fill(usuario)
    page.get_by_label("Clave", exact=True).fill(clave)
    page.get_by_role("button", name="Ingresar", exact=True).click()


def added(puerta: Puerta, usuario: str, **more: object) -> None:
    """Add somebody."""
    given = {"nombre": usuario.title(), "rol": "asesor", "clave": CLAVE, "cambiar_clave": False} | more
    personas.create(puerta.panel.store, usuario, **given)


def test_one_enters_where_one_wanted_to_go(puerta: Puerta, page: Page) -> None:
    """The page that was asked for opens after the door, and the journal knows who came."""
    page.goto(f"{puerta.url}/auditoria?persona=ana")
    expect(page).to_have_title(re.compile("Ingresar"))
    fill(page, "Sofia", CLAVE)
    expect(page).to_have_url(f"{puerta.url}/auditoria?persona=ana")
    assert [row["rol"] for row in puerta.hecho("ingreso", quien="sofia")] == ["supervisor"]


def test_a_wrong_password_says_no_more_than_that(puerta: Puerta, page: Page) -> None:
    """The name stays in its field, the password doesn't; name or password, the words are the same."""
    said = set()
    for usuario in ("ana", "no.existe"):
        page.goto(f"{puerta.url}/ingresar")
        fill(page, usuario, "equivocada-del-todo")
        said.add(page.get_by_role("alert").inner_text())
        expect(page.get_by_label("Usuario", exact=True)).to_have_value(usuario)
        expect(page.get_by_label("Clave", exact=True)).to_have_value("")
    assert said == {"El usuario o la clave no son correctos\n\nEscríbalos de nuevo."}


def test_wrong_passwords_lock_and_an_administrator_unlocks(puerta: Puerta, page: Page) -> None:
    """The third locks; the right one doesn't open; the list shows it; «Desbloquear ya» does."""
    added(puerta, "torpe")
    page.goto(f"{puerta.url}/ingresar")
    for n in range(3):
        fill(page, "torpe", f"equivocada {n}")
        expect(page.get_by_role("alert")).to_contain_text("no son correctos")
    fill(page, "torpe", CLAVE)
    expect(page.get_by_role("alert")).to_contain_text("bloqueada por unos minutos")
    admin = puerta.como("admin")
    assert "Bloqueada" in admin.get("/personas").text
    assert admin.post("/personas/torpe/desbloquear").status_code == 303
    fill(page, "torpe", CLAVE)
    expect(page).to_have_url(re.compile("/solicitud$"))
    assert len(puerta.hecho("ingreso_negado", quien="torpe")) == 4


def test_a_lock_out_tells_nothing_of_who_exists(puerta: Puerta) -> None:
    """A name that nobody has is locked by as many, with the same words and status."""
    added(puerta, "existe")

    def answers(usuario: str) -> list[tuple[int, str]]:
        forms = (puerta.nadie().http.post("/ingresar", data={"usuario": usuario, "clave": "mala"}) for _ in range(5))
        return [(a.status_code, re.sub(usuario, "", a.text)) for a in forms]

    assert answers("existe") == answers("no.hay")


def test_an_open_session_outlives_a_lock(puerta: Puerta) -> None:
    """Somebody else's guesses don't throw out who works."""
    added(puerta, "ocupada")
    working = puerta.como("ocupada")
    for _ in range(4):
        puerta.nadie().enter("ocupada", "mala")
    assert intentos.locked(puerta.panel.store, ["ocupada"]) == {"ocupada"}
    assert working.get("/solicitud").status_code == 200


def test_a_temporary_password_is_changed_first(puerta: Puerta, page: Page) -> None:
    """Every page leads to the account until it is changed; then the panel opens and the old one is worth nothing."""
    clave = personas.temporary()
    added(puerta, "nueva", clave=clave, cambiar_clave=True)
    page.goto(f"{puerta.url}/ingresar")
    fill(page, "nueva", clave)
    expect(page.get_by_text("Elija su propia clave para empezar")).to_be_visible()
    page.goto(f"{puerta.url}/solicitud")
    expect(page).to_have_url(f"{puerta.url}/mi-cuenta")
    page.get_by_label("Clave actual").fill(clave)
    page.get_by_label("Clave nueva", exact=True).fill("una frase mía")
    page.get_by_label("La clave nueva otra vez").fill("otra distinta")
    page.get_by_role("button", name="Cambiar mi clave").click()
    expect(page.get_by_text("no son iguales")).to_be_visible()
    page.get_by_label("Clave actual").fill(clave)
    page.get_by_label("Clave nueva", exact=True).fill("una frase mía")
    page.get_by_label("La clave nueva otra vez").fill("una frase mía")
    page.get_by_role("button", name="Cambiar mi clave").click()
    expect(page.get_by_text("Su clave quedó cambiada")).to_be_visible()
    page.goto(f"{puerta.url}/solicitud")
    expect(page).to_have_url(f"{puerta.url}/solicitud")
    assert puerta.nadie().enter("nueva", clave).status_code == 422
    assert puerta.nadie().enter("nueva", "una frase mía").status_code == 303


def test_a_new_password_ends_the_other_sessions(puerta: Puerta) -> None:
    """This one goes on under another token; the others, and a copy of this one's, are out."""
    added(puerta, "cambia")
    here, there = puerta.como("cambia"), puerta.como("cambia")
    before = here.token
    fields = {"nueva": "otra clave larga", "otra_vez": "otra clave larga"}
    assert here.post("/mi-cuenta/clave", actual="mala", **fields).status_code == 422
    assert there.get("/mi-cuenta").status_code == 200
    assert here.post("/mi-cuenta/clave", actual=CLAVE, **fields).status_code == 303
    assert here.get("/mi-cuenta").status_code == 200
    assert here.token != before
    assert there.get("/mi-cuenta").status_code == 303
    copy = puerta.nadie()
    copy.http.cookies.set("serviweb_sesion", before, domain="127.0.0.1")
    assert copy.get("/mi-cuenta").status_code == 303


def test_the_present_password_is_guessed_no_oftener_than_at_the_door(puerta: Puerta) -> None:
    """Who found an open panel can't try passwords in «Mi cuenta» without end."""
    added(puerta, "descuido")
    open_panel = puerta.como("descuido")
    fields = {"nueva": "otra clave larga", "otra_vez": "otra clave larga"}
    said = [open_panel.post("/mi-cuenta/clave", actual=f"mala {n}", **fields).text for n in range(4)]
    assert ["bloqueada" in text for text in said] == [False, False, False, True]
    assert open_panel.post("/mi-cuenta/clave", actual=CLAVE, **fields).status_code == 422
    assert len(puerta.hecho("clave_negada", quien="descuido")) == 5


def test_the_theme_stays_in_the_browser(puerta: Puerta, page: Page) -> None:
    """«Oscuro» in «Mi cuenta» counts at once, and on the next page."""
    page.goto(f"{puerta.url}/ingresar?sigue=/mi-cuenta")
    fill(page, "beto", CLAVE)
    card = page.get_by_role("group", name="Tema de la página", exact=True).last
    card.get_by_role("button", name="Oscuro").click()
    expect(page.locator("html")).to_have_attribute("data-tema", "oscuro")
    page.goto(f"{puerta.url}/solicitud")
    expect(page.locator("html")).to_have_attribute("data-tema", "oscuro")


def test_leaving_closes_the_door(puerta: Puerta, page: Page) -> None:
    """«Salir» leads to the door, and back shows nothing."""
    page.goto(f"{puerta.url}/ingresar?sigue=/mi-cuenta")
    fill(page, "marta", CLAVE)
    page.locator("details.yo summary").click()
    page.get_by_role("button", name="Salir").click()
    expect(page).to_have_url(f"{puerta.url}/ingresar")
    page.go_back()
    expect(page.get_by_role("heading", name="Ingresar")).to_be_visible()
    assert len(puerta.hecho("salida", quien="marta")) == 1


def test_without_anybody_the_door_says_how_to_begin(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty installation names the command; with somebody it doesn't."""
    monkeypatch.setattr("puerta.PERSONAS", ())
    with puerta_en(tmp_path_factory.mktemp("vacia")) as empty:
        assert "serviweb usuarios crear" in empty.nadie().get("/ingresar").text
        added(empty, "primera")
        assert "serviweb usuarios crear" not in empty.nadie().get("/ingresar").text
