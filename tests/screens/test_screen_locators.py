"""A control is found as a person finds it: by its exact words, where it can be seen, and alone."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from small_site import Site, html

from robot.browser.maps import load
from robot.browser.screen import Screen
from robot.errors import SettingsError

MAP = """
[guardar]
role = "button"
name = "Guardar"
[campo]
label = "Código"
[campo_placeholder]
placeholder = "Código"
[texto]
text = "Guardada"
[prueba]
test_id = "guardar"
[estilo]
css = ".guardar"
[suelto]
role = "button"
name = "RECONEXIÓN DEL  SERVICIO"
loose = true
[suelto_campo]
label = "Código del suscriptor"
loose = true
[cuadro]
role = "dialog"
name = "Nuevo tercero"
[en_cuadro]
within = "cuadro"
role = "button"
name = "Guardar"
[en_marco]
frame = "#marco"
role = "button"
name = "Guardar"
[en_marco_hondo]
frame = ["#marco", "#hondo"]
label = "Código"
[boton]
role = "button"
[filas]
css = "tr"
many = true
"""
Show = Callable[[str], Screen]


@pytest.fixture
def show(do: Callable[[Coroutine[Any, Any, Any]], Any], tab: Page, small: Site, tmp_path: Path) -> Show:
    """Show a page, and give the screen of the map on it."""
    (tmp_path / "mapa.toml").write_text('nombre = "banco"', encoding="utf-8")
    (tmp_path / "forma.toml").write_text(MAP, encoding="utf-8")
    controls = load(tmp_path).screens["forma"]
    tab.set_default_timeout(700)

    def shown(body: str) -> Screen:
        small.pages["GET /"] = html(body)
        do(tab.goto(small.url))
        return Screen(tab, "forma", controls)

    return shown


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("guardar", "<button>Guardar y nuevo</button><button id=si>Guardar</button><button>guardar</button>"),
        ("guardar", "<button>No Guardar</button><button id=si><b>Guardar</b> </button>"),
        ("campo", "<label>Código postal <input></label><label>Código <input id=si></label>"),
        ("campo_placeholder", '<input placeholder="Código postal"><input id=si placeholder="Código">'),
        ("texto", "<p>Guardada hoy</p><p id=si>Guardada</p><p>guardada</p>"),
        ("prueba", "<p data-testid=guardar-2></p><p data-testid=guardar id=si>x</p>"),
        ("estilo", "<p class=guardar2>x</p><p class='a guardar' id=si>x</p>"),
    ],
)
def test_names_are_exact(do, show: Show, key: str, body: str) -> None:
    """Beside *Guardar y nuevo*, other cases and longer labels, the exact one is found, by every strategy."""
    assert do(show(body)[key].get_attribute("id")) == "si"


@pytest.mark.parametrize(
    "hidden",
    [
        "<button hidden>Guardar</button>",
        "<button style='display:none'>Guardar</button>",
        "<button style='visibility:hidden'>Guardar</button>",
        "<div style='display:none'><button>Guardar</button></div>",
        "<button style='width:0;height:0;padding:0;border:0;overflow:hidden;font-size:0'>Guardar</button>",
    ],
)
def test_hidden_twins_are_not_seen(do, show: Show, hidden: str) -> None:
    """A twin that nobody sees is no ambiguity, before or behind the real one, and alone it is nothing."""
    ui = show(f"{hidden}<button id=si>Guardar</button>{hidden}")
    assert do(ui["guardar"].get_attribute("id")) == "si"
    assert do(show(hidden)["guardar"].count()) == 0


@pytest.mark.parametrize("key", ["guardar", "boton", "prueba"])
def test_two_of_a_name_are_an_error(do, show: Show, key: str) -> None:
    """Ambiguity is never resolved by order: the click fails, and nothing was clicked."""
    ui = show("<button data-testid=guardar onclick='document.title=1'>Guardar</button>" * 2)
    with pytest.raises(PlaywrightError, match="strict mode violation"):
        do(ui[key].click())
    assert do(ui[key].first.page.title()) == ""


def test_loose_names_forget_case_accents_and_spaces(do, show: Show) -> None:
    """Where the map says loose RECONEXION is RECONEXIÓN, but a longer text is still another one (D9)."""
    ui = show("<button>Reconexion del servicio especial</button><button id=si>reconexion   del\nservicio</button>")
    assert do(ui["suelto"].get_attribute("id")) == "si"
    ui = show("<label>CODIGO DEL SUSCRIPTOR <input id=si></label><label>Código del suscriptor 2 <input></label>")
    assert do(ui["suelto_campo"].get_attribute("id")) == "si"


def test_exact_names_forget_nothing(do, show: Show) -> None:
    """Without loose an accent or a capital is another name."""
    assert do(show("<button>GUARDAR</button><button>Guardár</button>")["guardar"].count()) == 0


def test_within_looks_inside_its_container_alone(do, show: Show) -> None:
    """A control of a box isn't mistaken for the page's of the same name; a hidden box holds nothing."""
    box = "<div role=dialog aria-label='Nuevo tercero' {}><button id=si>Guardar</button></div>"
    page = "<button>Guardar</button>"
    assert do(show(page + box.format(""))["en_cuadro"].get_attribute("id")) == "si"
    assert do(show(page + box.format("hidden"))["en_cuadro"].count()) == 0
    assert do(show(page)["en_cuadro"].count()) == 0


def test_frames_are_entered_by_their_chain(do, show: Show, small: Site) -> None:
    """A control in a frame, or in a frame of a frame, is found there and not on the page around it."""
    small.pages["GET /marco"] = html("<button id=si>Guardar</button><iframe id=hondo src=/hondo></iframe>")
    small.pages["GET /hondo"] = html("<label>Código <input id=si></label>")
    ui = show("<button>Guardar</button><label>Código <input></label><iframe id=marco src=/marco></iframe>")
    assert do(ui["en_marco"].get_attribute("id")) == "si"
    assert do(ui["en_marco_hondo"].get_attribute("id")) == "si"


def test_rows_are_many(do, show: Show) -> None:
    """A control of many gives all that are seen, in order."""
    ui = show("<table><tr><td>1</td></tr><tr hidden><td>2</td></tr><tr><td>3</td></tr></table>")
    assert do(ui["filas"].all_inner_texts()) == ["1", "3"]


def test_locators_are_described_and_told(show: Show) -> None:
    """Each locator carries its name for messages, and the run is told what was asked for."""
    ui = show("<button>Guardar</button>")
    assert ui["guardar"].description == "forma.guardar"
    touched: list[str | None] = []
    told = Screen(ui._page, "forma", ui._controls, touched=lambda one: touched.append(one.description))
    told["guardar"], told["en_cuadro"]
    assert touched == ["forma.guardar", "forma.en_cuadro"]
    with pytest.raises(SettingsError, match=r"\[nada\] en forma\.toml"):
        told["nada"]
    assert set(told) == set(ui._controls)
    assert len(told) == len(ui._controls)


def test_text_reads_what_one_control_shows(do, show: Show) -> None:
    """The text of a control is read now: nothing where it is hidden, absent or double."""
    assert do(show("<p class=guardar> F-1 </p>").text("estilo")) == "F-1"
    for body in ("", "<p class=guardar hidden>F-1</p>", "<p class=guardar>F-1</p><p class=guardar>F-2</p>"):
        assert do(show(body).text("estilo")) == ""
