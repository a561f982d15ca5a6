"""The wire gate lets one write out, whole, and hands its answer back to the page as if it had never been held."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Frame, FrameLocator, Page
from small_site import Site, answer, html
from witness import Memory

from robot.browser.gate import WireGate, matches, without_query

Open = Callable[[Page, Site], Awaitable[Page | Frame | FrameLocator]]
FORM = """<form method="post" action="/guardar?cc=1" accept-charset="windows-1252">
<input name="obs" value="RECONEXIÓN ñ &amp; más"><button>Guardar</button></form>"""
FILES = """<form method="post" action="/guardar" enctype="multipart/form-data">
<input name="obs" value="RECONEXIÓN"><input type="file" name="papel"><button>Guardar</button></form>"""
SCANNED = bytes(range(256)) * 300


async def top(tab: Page, site: Site) -> Page:
    """Open the form in the tab itself."""
    await tab.goto(f"{site.url}/forma")
    return tab


async def inner(tab: Page, site: Site) -> FrameLocator:
    """Open the form in an inner frame."""
    site.pages["GET /marco"] = html("<iframe src='/forma'></iframe>")
    await tab.goto(f"{site.url}/marco")
    return tab.frame_locator("iframe")


async def popup(tab: Page, site: Site) -> Page:
    """Open the form in a window of its own."""
    site.pages["GET /menu"] = html("""<button onclick="window.open('/forma')">Abrir</button>""")
    await tab.goto(f"{site.url}/menu")
    async with tab.expect_popup() as opened:
        await tab.get_by_role("button").click()
    return await opened.value


@pytest.fixture
def serviweb(small: Site) -> Site:
    """Give a site that logs in, and answers a save with a cookie and a redirect to the number."""
    small.pages |= {
        "GET /forma": html(FORM, "windows-1252").replace(b"Content-L", b"Set-Cookie: sid=abc; HttpOnly\r\nContent-L"),
        "POST /guardar": answer(
            status="303 See Other", location="/factura/17?cc=1", set_cookie="nuevo=1; Path=/; HttpOnly"
        ),
        "GET /factura/17": html("<p>Factura 17</p>"),
    }
    return small


@pytest.mark.parametrize("writes", [(), ("**/guardar",)], ids=["any", "named"])
@pytest.mark.parametrize("where", [top, inner, popup])
def test_a_redirected_save_behaves_as_without_the_gate(
    do, tab: Page, serviweb: Site, where: Open, writes: tuple[str, ...]
) -> None:
    """In a page, a frame or a window: the redirect is followed with the new cookie, body and headers are whole."""
    witness = Memory(serviweb)

    async def save(*, gated: bool) -> str:
        place = await where(tab, serviweb)
        if gated:
            await WireGate(tab.context, witness, writes=writes).arm()
        await place.get_by_role("button").click()
        return await place.get_by_text("Factura").inner_text()

    assert do(save(gated=False)) == "Factura 17"
    do(tab.context.clear_cookies())
    for page in tab.context.pages[1:]:
        do(page.close())
    assert do(save(gated=True)) == "Factura 17"

    without, held = serviweb.writes()
    assert held.body == without.body == b"obs=RECONEXI%D3N+%F1+%26+m%E1s"
    for header in ("cookie", "origin", "referer", "content-type", "user-agent", "accept-language"):
        assert held.headers.get(header) == without.headers.get(header), header
    assert held.headers["origin"] == serviweb.url
    assert held.headers["cookie"] == "sid=abc"
    assert sorted(serviweb.to("/factura/17")[-1].headers["cookie"].split("; ")) == ["nuevo=1", "sid=abc"]
    event, data = witness.notes[0]
    assert (event, data["status"], data["location"]) == ("answered", 303, "/factura/17")
    assert witness.sents[0]["url"] == f"{serviweb.url}/guardar"
    assert witness.early == [1]  # only the ungated save had arrived when `sent` was told


def test_a_form_with_a_file_arrives_byte_for_byte(do, tab: Page, small: Site) -> None:
    """A multipart body passes whole, its file too, or the paper that the site keeps would be another."""
    small.pages |= {"GET /": html(FILES), "POST /guardar": html("<p>Factura 17</p>")}

    async def save(*, gated: bool) -> None:
        await tab.goto(small.url)
        await tab.locator("[type=file]").set_input_files({"name": "ñ.bin", "mimeType": "image/png", "buffer": SCANNED})
        gate = WireGate(tab.context, Memory(small))
        if gated:
            await gate.arm()
        await tab.get_by_role("button", name="Guardar").click()
        await tab.get_by_text("Factura 17").wait_for()
        await gate.disarm()

    do(save(gated=False))
    do(save(gated=True))
    bodies = []
    for one in small.writes():
        boundary = re.search("boundary=(.+)", one.headers["content-type"])
        assert boundary
        bodies.append(one.body.replace(boundary[1].encode(), b"BOUNDARY"))
    assert SCANNED in bodies[0]
    assert bodies[1] == bodies[0]


def test_what_was_lost_in_a_popup_is_held_from_its_first_request(do, tab: Page, small: Site) -> None:
    """A window that the click opens is held like the page: its own POST counts and passes once."""
    small.pages |= {
        "GET /": html('<form method="post" action="/guardar" target="_blank"><button>Guardar</button></form>'),
        "POST /guardar": html("<p>Factura 17</p>"),
    }
    witness = Memory(small)

    async def work() -> None:
        await tab.goto(small.url)
        await WireGate(tab.context, witness).arm()
        async with tab.expect_popup() as opened:
            await tab.get_by_role("button").click()
        await (await opened.value).get_by_text("Factura 17").wait_for()

    do(work())
    assert len(small.writes()) == 1
    assert witness.early == [0]


@pytest.mark.parametrize(
    ("pattern", "url", "same"),
    [
        ("**/factura/guardar", "http://x/s/factura/guardar?cc=1#a", True),
        ("**/factura/guardar", "http://x/factura/guardar/2", False),
        ("**/factura/guardar", "http://x/factura/guardar.aspx", False),
        ("**/factura/guardar*", "http://x/factura/guardar.aspx", True),
        ("http://x/*/guardar", "http://x/a/b/guardar", False),
        ("**/a.b", "http://x/aXb", False),
        ("**/guardar", "http://x/buscar?volver=/guardar", False),
    ],
)
def test_an_address_is_matched_whole_and_without_its_query(pattern: str, url: str, same: bool) -> None:
    """A pattern means the whole address, one star one part of the path, and no query can fake it."""
    assert matches(pattern, url) is same


def test_addresses_lose_what_is_personal() -> None:
    """Query and fragment, where a cédula stands, are dropped."""
    assert without_query("http://x/a?cedula=1#f") == "http://x/a"
