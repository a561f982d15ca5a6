"""A person points at things: the picker hands the element over, and the page never notices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from small_site import html

from robot.browser.teaching.picker import Picker, Pointed

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Locator, Page
    from small_site import Site

NOTES = """<script>window.seen = [];
for (const kind of ["mousedown", "mouseup", "click", "pointerdown"])
  addEventListener(kind, (e) => seen.push(kind), true);
addEventListener("mousemove", (e) => { window.moved = true; });</script>"""


async def _click(page: Page, locator: Locator) -> None:
    box = await locator.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.click(x, y)


async def _opened(tab: Page, url: str) -> Picker:
    picker = Picker(tab.context)
    await picker.open()
    await tab.goto(url)
    return picker


async def _pointed(picker: Picker, tab: Page, what: Locator, *, page: Page | None = None) -> Pointed | None:
    answer = asyncio.create_task(picker.point("Paso 14", "señale el botón Guardar"))
    await (page or tab).bring_to_front()
    await _armed(what)
    await _click(page or tab, what)
    return await answer


async def _armed(what: Locator) -> None:
    await what.evaluate("""() => new Promise((done) => {
        const look = () => (window.__serviweb_picker?.armed() ? done() : setTimeout(look, 10));
        look();
    })""")


def test_the_page_never_gets_the_click(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """The element arrives, no handler of the page runs, and hovering still reaches the page: menus need it."""
    small.pages["GET /"] = html(f"{NOTES}<button onclick=\"seen.push('SAVED')\"><b>Guardar</b></button>")

    async def work() -> None:
        picker = await _opened(tab, small.url)
        pointed = await _pointed(picker, tab, tab.get_by_text("Guardar"))
        assert pointed
        assert await pointed.element.evaluate("(e) => e.localName") == "b"
        assert await tab.evaluate("[seen, moved]") == [[], True]

    do(work())


def test_nothing_of_it_stays_behind(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """After the answer the page is as it was, and a click is the page's own again."""
    small.pages["GET /"] = html(f'{NOTES}<button onclick="seen.push(1)">Guardar</button>')

    async def work() -> None:
        picker = await _opened(tab, small.url)
        before = await tab.content()
        await _pointed(picker, tab, tab.get_by_role("button"))
        assert await tab.content() == before
        await tab.get_by_role("button").click()
        assert 1 in await tab.evaluate("seen")

    do(work())


@pytest.mark.parametrize("body", ["<span>Guardar</span>", "Guardar"])
def test_a_disabled_button_can_be_pointed_at(do: Callable[..., Any], tab: Page, small: Site, body: str) -> None:
    """Chromium tells no page of a click on one; it is what Guardar is until a form is complete."""
    small.pages["GET /"] = html(f"<form><fieldset><p>x</p><button disabled>{body}</button></fieldset></form>")

    async def work() -> None:
        picker = await _opened(tab, small.url)
        pointed = await _pointed(picker, tab, tab.get_by_role("button"))
        assert pointed
        assert await pointed.element.evaluate("(e) => e.localName") == "button"

    do(work())


def test_frames_within_frames(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """The element comes with the frame where it stands; the panel stands in the top window only."""
    small.pages["GET /"] = html('<iframe name="marco" src="/marco" width="600" height="400"></iframe>')
    small.pages["GET /marco"] = html('<iframe name="trabajo" src="/trabajo"></iframe>')
    small.pages["GET /trabajo"] = html("<input type='image' alt='Buscar' src='data:,'>")

    async def work() -> None:
        picker = await _opened(tab, small.url)
        inner = tab.frame_locator("[name=marco]").frame_locator("[name=trabajo]").locator("input")
        pointed = await _pointed(picker, tab, inner)
        assert pointed
        assert pointed.frame.name == "trabajo"

    do(work())


def test_a_window_that_opens_while_it_asks(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """A popup is armed too, also one that comes late."""
    small.pages["GET /"] = html("<p>principal</p>")
    small.pages["GET /otra"] = html("<button>Escoger</button>")

    async def work() -> None:
        picker = await _opened(tab, small.url)
        answer = asyncio.create_task(picker.point("Paso 20", "señale el nombre"))
        await _armed(tab.locator("p"))
        async with tab.context.expect_page() as opening:
            await tab.evaluate("window.open('/otra', '', 'width=500,height=300') && 0")
        popup = await opening.value
        await popup.wait_for_load_state()
        await _armed(popup.locator("button"))
        await _click(popup, popup.locator("button"))
        pointed = await answer
        assert pointed
        assert pointed.page == popup

    do(work())


def test_a_page_that_reloads_itself_is_asked_again(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """A post-back while the person looks doesn't lose the question, nor does `document.open()`."""
    small.pages["GET /"] = html("<p>antes</p>")
    small.pages["GET /despues"] = html("<button>Guardar</button>")

    async def work() -> None:
        picker = await _opened(tab, small.url)
        answer = asyncio.create_task(picker.point("Paso 14", "señale Guardar"))
        await _armed(tab.locator("p"))
        await tab.goto(small.url + "/despues")
        await _armed(tab.locator("button"))
        await _click(tab, tab.locator("button"))
        assert await answer

    do(work())


def test_escape_says_that_it_is_not_there(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """No element, and no waiting for ever."""
    small.pages["GET /"] = html("<p>x</p>")

    async def work() -> None:
        picker = await _opened(tab, small.url)
        answer = asyncio.create_task(picker.point("Paso 14", "señale Guardar"))
        await _armed(tab.locator("p"))
        await tab.keyboard.press("Escape")
        assert await answer is None

    do(work())


def test_f2_lets_the_person_use_the_page(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """What must be opened first can be: after F2 clicks reach the page, after another F2 they are ours again."""
    small.pages["GET /"] = html(
        "<button onclick=\"document.querySelector('#m').hidden = false\">Menú</button><a id=m hidden>FACTURA</a>"
    )

    async def work() -> None:
        picker = await _opened(tab, small.url)
        answer = asyncio.create_task(picker.point("Paso 4", "señale FACTURA"))
        await _armed(tab.locator("button"))
        await tab.keyboard.press("F2")
        await tab.locator("button").click()
        await tab.locator("#m").wait_for()
        assert not answer.done()
        await tab.keyboard.press("F2")
        await _armed(tab.locator("#m"))
        await tab.evaluate("() => new Promise((done) => setTimeout(done, 50))")
        await _click(tab, tab.locator("#m"))
        pointed = await answer
        assert pointed
        assert await pointed.element.evaluate("(e) => e.id") == "m"

    do(work())


def test_the_panel_gives_way_to_the_mouse(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """What stands under the panel can be pointed at as well."""
    small.pages["GET /"] = html("<button style='position:fixed;right:20px;bottom:20px'>Guardar</button>")

    async def work() -> None:
        picker = await _opened(tab, small.url)
        pointed = await _pointed(picker, tab, tab.get_by_role("button"))
        assert pointed
        assert await pointed.element.evaluate("(e) => e.localName") == "button"

    do(work())


def test_an_alert_of_the_page_does_not_hang_the_question(do: Callable[..., Any], tab: Page, small: Site) -> None:
    """A native dialog is somebody else's to answer; the question goes on after it."""
    small.pages["GET /"] = html("<button>Guardar</button>")
    said: list[str] = []

    async def work() -> None:
        async def accept(dialog: Any) -> None:
            said.append(dialog.message)
            await dialog.accept()

        tab.on("dialog", accept)
        picker = await _opened(tab, small.url)
        await tab.evaluate("setTimeout(() => alert('Su clave vence'), 0)")
        assert await _pointed(picker, tab, tab.get_by_role("button"))
        assert said == ["Su clave vence"]

    do(work())
