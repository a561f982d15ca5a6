"""What the inspector knows a control by: its fingerprint, its candidates, and how far the walk has come."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.async_api import Page
from small_site import Site, html

from flows.recorrido import RECORRIDO, Parada
from robot.browser.checking import fingerprint
from robot.browser.checking.candidates import Candidate, Sought, candidates
from robot.browser.checking.fingerprint import Fingerprint
from robot.browser.checking.hands import Cause, Hands
from robot.browser.checking.reach import Reach
from robot.browser.guard import Guard
from robot.browser.maps import Control
from robot.browser.screen import find
from robot.errors import LoginRefused, RobotError, SelectorDrift, SessionLost, StepFailed
from robot.resources import map_folder

Do = Callable[[Any], Any]
FORM = """<h1>Factura</h1>
<fieldset><legend>Suscriptor</legend><label>Código <input name="codigo" value="100234"></label>
<span>Nombre</span><output aria-label="Suscriptor">MARÍA ROJAS</output></fieldset>
<fieldset><legend>Pago</legend><button id="agregar">Agregar</button><button id="guardar">Guardar</button></fieldset>"""
CAUSE = Cause("no alcanzado", "no se pudo")


def looks(do: Do, page: Page, control: Control) -> Fingerprint:
    """Return the fingerprint of a control of the page."""
    return do(fingerprint.fingerprint(find(page, control), many=control.many))[0]


def show(do: Do, tab: Page, small: Site, body: str) -> Page:
    """Show a page."""
    small.pages["GET /forma"] = html(body)
    do(tab.goto(f"{small.url}/forma"))
    return tab


def offered(do: Do, page: Page, control: Control, known: Fingerprint | None, *, alike: bool = False) -> list[Candidate]:
    """Return the candidates for a control."""
    return do(candidates(Sought(control, known, page, None, []), page, alike=alike))


def found_by(do: Do, page: Page, candidate: Candidate) -> list[str]:
    """Return the ids of what a candidate's lines find."""
    located = find(page, Control(screen="forma", key="x", **candidate.lines)).filter(visible=True)
    return do(located.evaluate_all("(all) => all.map((one) => one.id)"))


def test_a_fingerprint_says_what_a_control_is_and_not_what_it_holds(do: Do, tab: Page, small: Site) -> None:
    """Role, name, type, place and captions are kept; a field's value and the name of a person are not."""
    page = show(do, tab, small, FORM)
    field = looks(do, page, Control(screen="forma", key="codigo", label="Código"))
    name = looks(do, page, Control(screen="forma", key="suscriptor", role="status", name="Suscriptor"))
    button = looks(do, page, Control(screen="forma", key="guardar", role="button", name="Guardar"))
    assert (field.tag, field.role, field.name, field.type) == ("input", "textbox", "Código", "text")
    assert (name.role, name.name, name.near) == ("status", "Suscriptor", ("Nombre", "Suscriptor", "Factura"))
    assert (button.role, button.name, button.id) == ("button", "Guardar", "guardar")
    assert 0 < button.place.y < 1
    assert not any(word in repr([field, name, button]) for word in ("100234", "MARÍA", "ROJAS"))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("<button>Guardar</button>", "<button>Guardar</button>", ""),
        ("<button>Avisos (2)</button>", "<button>Avisos (15)</button>", ""),
        ("<button>Guardar</button>", "<button>Grabar</button>", "el nombre era «Guardar» y es «Grabar»"),
        ("<button>Guardar</button>", '<a href="#">Guardar</a>', "el papel (role) era «button» y es «link»"),
        ("<input aria-label='Tel'>", "<input aria-label='Tel' type='date'>", "el tipo de campo era «text» y es «date»"),
        ("<input aria-label='Tel'>", "<textarea aria-label='Tel'></textarea>", "la etiqueta HTML era «input»"),
    ],
)
def test_what_a_person_would_notice_is_a_difference(
    do: Do, tab: Page, small: Site, before: str, after: str, said: str
) -> None:
    """Another name, role or type is told in Spanish; a count that moves on is nothing."""
    control = Control(screen="forma", key="x", css="body > *")
    then = looks(do, show(do, tab, small, before), control)
    now = looks(do, show(do, tab, small, after), control)
    told = "; ".join(then.differs(now))
    assert told.count("era") > 0 if said else told == ""
    assert said in told


def test_fingerprints_are_read_as_they_were_written(do: Do, tab: Page, small: Site, tmp_path: Path) -> None:
    """What stands in the map's folder is what was seen; a damaged file counts as none."""
    page = show(do, tab, small, FORM)
    seen = looks(do, page, Control(screen="forma", key="guardar", role="button", name="Guardar"))
    file = fingerprint.write(tmp_path, {"forma.guardar": seen})
    assert fingerprint.read(tmp_path) == {"forma.guardar": seen}
    file.write_text("{", encoding="utf-8")
    assert fingerprint.read(tmp_path) == {}


GUARDAR = Control(screen="forma", key="guardar", role="button", name="Guardar")


@pytest.mark.parametrize(
    ("change", "told", "lines"),
    [
        (('id="guardar">Guardar', 'id="guardar">Grabar'), "botón «Grabar»", {"role": "button", "name": "Grabar"}),
        (
            ('<button id="guardar">Guardar</button>', '<a href="#" id="guardar">Guardar</a>'),
            "enlace «Guardar»",
            {"role": "link", "name": "Guardar"},
        ),
    ],
)
def test_the_likeliest_candidate_stands_first(
    do: Do, tab: Page, small: Site, change: tuple[str, str], told: str, lines: dict[str, str]
) -> None:
    """A renamed control and one of another role are offered before their neighbours, with lines that find them."""
    known = looks(do, show(do, tab, small, FORM), GUARDAR)
    page = show(do, tab, small, FORM.replace(*change))
    first = offered(do, page, GUARDAR, known)[0]
    assert (first.told, first.lines) == (told, lines)
    assert found_by(do, page, first) == ["guardar"]
    assert len(offered(do, page, GUARDAR, known)) <= 3


def test_each_of_two_twins_is_offered_only_with_lines_of_its_own(do: Do, tab: Page, small: Site) -> None:
    """An id counts only if it is the one of long ago; a twin that nothing tells apart is not offered."""
    agregar = Control(screen="forma", key="agregar", role="button", name="Agregar")
    known = looks(do, show(do, tab, small, FORM), agregar)
    twin = '<button id="agregar">Agregar</button><button id="ctl00_x7">Agregar</button>'
    page = show(do, tab, small, FORM.replace('<button id="agregar">Agregar</button>', twin))
    [only] = offered(do, page, agregar, known, alike=True)
    assert found_by(do, page, only) == ["agregar"]
    elsewhere = FORM.replace("</fieldset>\n<fieldset>", '<button id="otro">Agregar</button></fieldset>\n<fieldset>')
    page = show(do, tab, small, elsewhere)
    both = offered(do, page, agregar, None, alike=True)
    assert sorted(found_by(do, page, one) for one in both) == [["agregar"], ["otro"]]


def test_nothing_is_offered_that_looks_like_nothing(do: Do, tab: Page, small: Site) -> None:
    """A control that is gone has no candidate, and rows of a list never have one."""
    page = show(do, tab, small, "<h1>Inicio</h1><p>Bienvenido</p><a href='#'>Ayuda</a>")
    assert offered(do, page, GUARDAR, None) == []
    rows = Control(screen="forma", key="fila", css="tr", many=True)
    assert offered(do, page, rows, None) == []


def stop(title: str, luego: str = "") -> Parada:
    """Return a control of the real walk, as it is used there."""
    return next(p for p in RECORRIDO if p.titulo == title and (not luego or p.luego == luego))


@pytest.mark.parametrize(
    ("failed", "typed", "later", "excused"),
    [
        (stop("factura.menu_suscriptor"), "", [], True),
        (stop("factura.menu_suscriptor"), "", [stop("abono.menu_recaudo")], False),
        (stop("factura.codigo", "enter"), "codigo", [stop("factura.observacion")], True),
        (stop("factura.codigo", "enter"), "codigo_malo", [stop("factura.observacion")], False),
        (stop("factura.agregar"), "", [], True),
        (stop("factura.agregar"), "", [stop("factura.observacion")], False),
        (stop("factura.forma_pago"), "", [], False),
        (stop("abono.lupa_facturas"), "", [stop("abono.texto_a_buscar")], True),
        (stop("ingreso.ingresar"), "", [stop("abono.menu_recaudo")], True),
    ],
    ids=lambda value: value.titulo if isinstance(value, Parada) else None,
)
def test_only_what_lies_behind_a_failure_is_excused(
    failed: Parada, typed: str, later: list[Parada], excused: bool
) -> None:
    """A control that isn't found is missing, unless what leads to it didn't work."""
    reach = Reach()
    reach.begin(failed)
    reach.follow(failed, CAUSE, typed=typed)
    for following in later:
        reach.begin(following)
    assert (reach.excuse(always=False) is not None) is excused


def test_what_shows_from_the_start_is_not_excused_by_a_field() -> None:
    """Guardar stands there before anything is typed: that the subscriber was not found says nothing about it."""
    reach = Reach()
    reach.follow(stop("factura.codigo", "enter"), CAUSE, typed="codigo")
    assert reach.excuse(always=True) is None
    reach.follow(stop("factura.menu_suscriptor"), CAUSE, typed="")
    assert reach.excuse(always=True) == CAUSE


def test_nobody_logs_in_with_a_field_that_was_not_written() -> None:
    """Accounts lock: a password that could not be written is not tried, nor is Enter pressed in an empty field."""
    reach = Reach()
    reach.follow(stop("ingreso.clave"), CAUSE, typed="")
    assert reach.barred(stop("ingreso.ingresar")) == CAUSE
    reach.follow(stop("factura.codigo", "escribir"), CAUSE, typed="")
    assert reach.barred(stop("factura.codigo", "enter")) == CAUSE
    assert reach.barred(stop("factura.documento", "enter")) is None


@pytest.mark.parametrize("error", [SessionLost("fuera"), LoginRefused("no"), StepFailed("tarde"), SelectorDrift("no")])
def test_what_is_wrong_with_the_site_is_no_fault_of_a_control(do: Do, error: RobotError) -> None:
    """A session that ends at a control, or a login refused, ends the check: it must not become a map that is wrong."""
    title = "tercero.nuevo_tercero"

    async def fails() -> None:
        raise error

    control = Control(screen="tercero", key="nuevo_tercero", role="button", name="+")
    maps = SimpleNamespace(screens={"tercero": {"nuevo_tercero": control}})
    hands = Hands(SimpleNamespace(maps=maps, quiet=fails), Guard(None, []), {})  # type: ignore[arg-type]
    if isinstance(error, (SessionLost, LoginRefused)):
        with pytest.raises(type(error)):
            do(hands.use(stop(title, "abrir")))
        return
    cause = do(hands.use(stop(title, "abrir")))
    assert cause is not None
    assert error.reason in cause.why


def test_the_bundled_fingerprints_name_controls_and_nobody() -> None:
    """They are those of the bundled map, and hold no number of a person and no name of one."""
    folder = map_folder("mock")
    text = (folder / fingerprint.FILE).read_text(encoding="utf-8")
    assert len(json.loads(text)) > 80
    for word in ("MARÍA", "ROJAS", "VARGAS", "100234", "40781234", "F-000", "RC-000"):
        assert word not in text
