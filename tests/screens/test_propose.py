"""From a pointed-at element to the lines of a map: each finds exactly that element, or isn't offered."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from small_site import answer, html

from robot.browser.maps import Control
from robot.browser.screen import find
from robot.browser.teaching.picker import Pointed
from robot.browser.teaching.propose import Kind, Proposal, Proposer, Refusal
from robot.browser.teaching.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.async_api import Locator, Page
    from small_site import Site


async def _proposed(
    tab: Page,
    css: str,
    kind: Kind,
    *,
    visits: Visits | None = None,
    containers: Mapping[str, Locator] | None = None,
    column: str = "",
) -> Proposal | Refusal:
    visits = visits or Visits()
    for frame in tab.frames:
        if await frame.locator(css).count():
            element = await frame.locator(css).first.element_handle()
            pointed = Pointed(tab, frame, element)
            found = await Proposer(visits).propose(pointed, kind, containers=containers, column=column)
            await _holds(tab, found, element, containers or {})
            return found
    raise AssertionError(css)


async def _holds(tab: Page, found: Proposal | Refusal, element: Any, containers: Mapping[str, Locator]) -> None:
    """What is offered finds the element, as the robot looks."""
    if isinstance(found, Refusal) or found.lines.get("many"):
        return
    root: Any = tab
    within = found.lines.get("within")
    if within in containers:
        root = containers[within]
    elif within:
        root = _locator(tab, found.helpers[within])
    one = _locator(root, found.lines)
    assert await one.count() == 1
    same = "(one, other) => other.contains(one) || one.control === other"  # letters and pictures stand for their button
    assert await element.evaluate(same, await one.element_handle())


def _locator(root: Any, lines: Mapping[str, Any]) -> Locator:
    frames = lines.get("frame", [])
    for frame in [frames] if isinstance(frames, str) else frames:
        root = root.frame_locator(frame)
    names = ("role", "name", "label", "placeholder", "text", "test_id", "css")
    control = Control(screen="s", key="k", **{name: lines[name] for name in names if name in lines})
    return find(root, control).filter(visible=True)


@pytest.fixture
def lines(do: Callable[..., Any], tab: Page, small: Site) -> Callable[..., dict[str, Any]]:
    """Show a page, point at an element, and give the lines proposed for it."""

    def proposed(body: str, css: str, kind: Kind) -> dict[str, Any]:
        small.pages["GET /"] = html(body)

        async def work() -> dict[str, Any]:
            await tab.goto(small.url)
            found = await _proposed(tab, css, kind)
            assert isinstance(found, Proposal), found
            return found.lines

        return do(work())

    return proposed


def _table(*cells: str) -> str:
    return f"<table><tr>{''.join(f'<td>{cell}' for cell in cells)}</table>"


SAVE = {"role": "button", "name": "Guardar"}
WAYS: list[tuple[str, str, Kind, dict[str, Any]]] = [
    ("<button>Guardar y nuevo</button><button>Guardar</button>", "button + button", "usar", SAVE),
    ("<button><b>Guardar</b></button>", "b", "usar", SAVE),
    ("<button disabled>GENERAR</button>", "button", "usar", {"role": "button", "name": "GENERAR"}),
    ("<button hidden>Guardar</button><button>Guardar</button>", "button:not([hidden])", "usar", SAVE),
    ("<label>Zona <select><option>A</select></label>", "select", "campo", {"role": "combobox", "name": "Zona"}),
    ("<label for=c>Código</label><input id=c>", "label", "campo", {"role": "textbox", "name": "Código"}),
    ("<input type=password id=ctl01 aria-hidden=true>", "input", "campo", {"css": 'input[type="password"]'}),
    ("<div role=alert>No existe el suscriptor 9</div>", "div", "leer", {"role": "alert"}),
    ("<output aria-label=Ruta>01-383</output>", "output", "leer", {"role": "status", "name": "Ruta"}),
    ("<p data-testid=no-esta>No aparece</p>", "p", "fijo", {"test_id": "no-esta"}),
    ("<div>Sin registros</div>", "div", "fijo", {"text": "Sin registros"}),
    ("<a href='#'><img alt=Imprimir src='data:,'></a>", "img", "usar", {"role": "link", "name": "Imprimir"}),
    (_table("Ruta:", "01-383"), "td + td", "leer", {"css": 'td:text-is("Ruta:") + td'}),
    (_table("<b>Ruta:</b>", "<b>01</b>"), "td + td b", "leer", {"css": 'td:has(b:text-is("Ruta:")) + td'}),
    (_table("N:", "<input>", "<input>"), "input", "campo", {"css": 'td:text-is("N:") + td input:not([type])'}),
    ("<dl><dt>Ruta<dd>01-383</dl>", "dd", "leer", {"css": 'dt:text-is("Ruta") + dd'}),
    ("<p><span>Ruta</span><span>01</span></p>", "span + span", "leer", {"css": 'span:text-is("Ruta") + span'}),
]


@pytest.mark.parametrize(("body", "css", "kind", "expected"), WAYS)
def test_the_first_way_that_finds_it_alone(
    lines: Callable[..., dict[str, Any]], body: str, css: str, kind: Kind, expected: dict[str, Any]
) -> None:
    """What people see comes first: role and name, label, a text that stays, the caption beside it."""
    assert lines(body, css, kind) == expected


def test_a_value_is_never_its_own_name(lines: Callable[..., dict[str, Any]]) -> None:
    """What is read changes with each subscriber: neither its text nor a name made of it may find it."""
    found = lines("<table><tr><td>Nombre:<td><a href='#'>MARÍA ROJAS</a></table>", "a", "leer")
    assert found == {"css": 'td:text-is("Nombre:") + td'}


def test_frames_are_named_by_what_stays(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """Outer to inner, each by its name, its title or its address."""
    small.pages["GET /"] = html('<iframe name="marco" src="/marco"></iframe><iframe src="/otro"></iframe>')
    small.pages["GET /otro"] = html("<p>otro")
    small.pages["GET /marco"] = html('<iframe id="ctl00_7" src="/trabajo/Factura.aspx?n=7"></iframe><iframe></iframe>')
    small.pages["GET /trabajo/Factura.aspx"] = html("<button>Guardar</button>")

    async def work() -> None:
        await tab.goto(small.url)
        found = await _proposed(tab, "button", "usar")
        assert isinstance(found, Proposal)
        assert found.lines["frame"] == ['iframe[name="marco"]', 'iframe[src*="/trabajo/Factura.aspx"]']

    small.pages["GET /trabajo/Factura.aspx?n=7"] = small.pages["GET /trabajo/Factura.aspx"]
    do(work())


def test_an_id_is_offered_only_if_it_is_the_same_at_the_next_visit(
    do: Callable[..., Any], tab: Page, small: Site
) -> None:
    """Seen twice the same it may stand in the map; seen once, or differing, it may not."""
    count = itertools.count(1)

    async def work() -> tuple[Proposal | Refusal, ...]:
        found = []
        for path in ("/fijo", "/cambia"):
            visits = Visits()
            for visit in range(3):
                ident = "txtCodigo" if path == "/fijo" else f"ctl00_txt{next(count)}"
                small.pages[f"GET {path}"] = html(f"<p>a<p><i id={ident}>X</i> <i>X</i>")
                await tab.goto(small.url + path)
                if visit != 1:
                    found.append(await _proposed(tab, "i[id]", "leer", visits=visits))
                else:
                    await visits.look(tab.main_frame)
        return tuple(found)

    once, thrice, generated_once, generated = do(work())
    assert isinstance(once, Refusal)
    assert isinstance(thrice, Proposal)
    assert thrice.lines == {"css": '[id="txtCodigo"]'}
    assert isinstance(generated_once, Refusal)
    assert isinstance(generated, Refusal)


def test_a_class_is_trusted_if_a_style_sheet_of_the_site_names_it(
    do: Callable[..., Any], tab: Page, small: Site
) -> None:
    """A notice often has nothing but its class; one that a program made up stands in no file."""
    small.pages["GET /estilo.css"] = answer(".error { color: red }", content_type="text/css")
    sheet = '<link rel=stylesheet href="/estilo.css"><style>.sc-x7f { color: blue }</style>'
    small.pages["GET /"] = html(f"{sheet}<p>a</p><div><i class='error'>No se guardó</i><i class='sc-x7f'>x</i></div>")

    async def work() -> None:
        await tab.goto(small.url, wait_until="load")
        named = await _proposed(tab, ".error", "leer")
        assert isinstance(named, Proposal)
        assert named.lines == {"css": "i.error"}

    do(work())


def test_what_stands_twice_is_found_in_its_box(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """A button that the page behind has too is looked for within the box that was taught before it."""
    small.pages["GET /"] = html(
        "<button>Guardar</button><div role=dialog aria-label='Nuevo tercero'><button>Guardar</button></div>"
        "<fieldset><legend>Terceros</legend><label>Tipo <select><option>CC</select></label></fieldset>"
        "<label>Tipo <select><option>X</select></label>"
    )

    async def work() -> None:
        await tab.goto(small.url)
        box = tab.get_by_role("dialog")
        found = await _proposed(tab, "div button", "usar", containers={"cuadro": box})
        assert isinstance(found, Proposal)
        assert found.lines == {"within": "cuadro", "role": "button", "name": "Guardar"}
        grouped = await _proposed(tab, "fieldset select", "campo")
        assert isinstance(grouped, Proposal)
        assert grouped.lines == {"within": "terceros", "role": "combobox", "name": "Tipo"}
        assert grouped.helpers == {"terceros": {"role": "group", "name": "Terceros"}}

    do(work())


LISTS = {
    "named": "<table aria-label=Lista><thead><tr><th>N<th>V</thead><tbody>{rows}</tbody></table>",
    "headed": "<table><tr><td><table><tr><th>N</th><th>V</th></tr>{rows}</table></table>",
    "cells": "<table><tr class=encabezado><td>N</td><td>V</td></tr>{rows}</table>",
}


@pytest.mark.parametrize("kind", LISTS)
def test_one_cell_teaches_its_whole_column(do: Callable[..., Any], tab: Page, small: Site, kind: str) -> None:
    """All cells of the column and no other: no heading, no total, no «no hay registros», no other table."""
    rows = "<tr><td>F-1<td>$ 10<tr><td>F-2<td>$ 20<tr><td colspan=2>Total: $ 30"
    other = "<table><tr><th>Z<tr><td>F-9</table>"
    small.pages["GET /"] = html(other + LISTS[kind].format(rows=rows))

    async def work() -> None:
        await tab.goto(small.url)
        found = await _proposed(tab, "td:text-is('$ 10')", "columna", column="tabla")
        assert isinstance(found, Proposal), found
        assert found.shown == ("$ 10", "$ 20")
        assert found.lines["within"] == "tabla"
        table = _locator(tab, found.helpers["tabla"])
        assert await table.count() == 1
        again = await _proposed(tab, "td:text-is('F-1')", "columna", column="tabla", containers={"tabla": table})
        assert isinstance(again, Proposal)
        assert (again.shown, again.helpers) == (("F-1", "F-2"), {})

    do(work())


def test_what_cannot_be_told_apart_is_refused_in_words(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """Nothing is guessed: the person hears how many elements the best way finds."""
    small.pages["GET /"] = html("<p></p><button>Agregar</button><button>Agregar</button>")

    async def work() -> None:
        await tab.goto(small.url)
        found = await _proposed(tab, "button", "usar")
        assert isinstance(found, Refusal)
        assert "«el botón «Agregar»» coincide con 2 elementos" in found.reason
        wrong = await _proposed(tab, "p", "campo")
        assert isinstance(wrong, Refusal)
        assert "no es un campo" in wrong.reason

    do(work())
