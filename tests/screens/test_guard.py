"""The guard: nothing that could save leaves the browser, however the page tries; look-ups that the map names do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page
from small_site import Site, answer, html

from robot.browser.guard import PROOF, Guard
from robot.browser.maps import Control
from robot.errors import StepFailed

Do = Callable[[Any], Any]
LOOK = Control(screen="forma", key="codigo", label="Código", posts=("**/buscar",))
PLAIN = Control(screen="forma", key="observacion", label="Observación")
DONE = "() => { document.title = 'intentado'; }"
WAYS = {
    "fetch": "fetch('/guardar', {method: 'POST', body: 'a=1'}).catch(() => {})",
    "put": "fetch('/guardar', {method: 'PUT', body: 'a=1'}).catch(() => {})",
    "keepalive": "fetch('/guardar', {method: 'POST', keepalive: true}).catch(() => {})",
    "xhr": """new Promise((done) => { const x = new XMLHttpRequest(); x.onloadend = done;
        x.open('POST', '/guardar'); x.send('a=1'); })""",
    "beacon": "navigator.sendBeacon('/guardar', 'a=1')",
    "form": "document.forms[0].submit()",
    "window": "(document.forms[0].target = '_blank', document.forms[0].submit())",
    "frame": "document.body.append(Object.assign(document.createElement('iframe'), {name: 'm'})), "
    "document.forms[0].target = 'm', document.forms[0].submit()",
    "image": "new Promise((done) => { const i = new Image(); i.onerror = done; i.src = '/guardar?a=1'; })",
}


@pytest.fixture
def page(do: Do, tab: Page, small: Site) -> Page:
    """Give a page with a form, in a context that is guarded but for its fixture's own visit."""
    small.pages |= {
        "GET /forma": html('<form method="post" action="/guardar"><input name="a"></form>'),
        "POST /guardar": html("guardado"),
        "GET /guardar": html("guardado"),
        "POST /buscar": answer("{}"),
        "POST /otra": answer("{}"),
    }
    do(tab.goto(f"{small.url}/forma"))
    return tab


def guarded(do: Do, page: Page) -> Guard:
    """Shut a guard around the page's context."""
    guard = Guard(page.context, ["**/guardar"])
    do(guard.shut())
    return guard


@pytest.mark.parametrize("way", WAYS)
def test_no_script_of_a_page_can_save(do: Do, page: Page, small: Site, way: str) -> None:
    """Whatever way a script takes, and though the map says that a control posts there, the write stays here."""
    guard = guarded(do, page)

    async def attempt() -> None:
        mine = Control(screen="forma", key="guardar", label="Guardar", posts=("**/guardar",))
        async with guard.using(mine), page.context.expect_event("requestfailed", lambda r: "/guardar" in r.url):
            await page.evaluate(f"() => {{ {WAYS[way]}; }}")

    do(attempt())
    assert small.to("/guardar") == []
    assert [(b.url, b.control, b.write) for b in guard.blocked] == [(f"{small.url}/guardar", "forma.guardar", True)]


def test_only_the_control_in_use_may_post(do: Do, page: Page, small: Site) -> None:
    """What the map says that a control posts passes while it is used, and while the next one is; nothing else does."""
    guard = guarded(do, page)
    posts = "(path) => fetch(path, {method: 'POST'}).then((a) => a.ok, () => false)"

    async def attempt() -> list[bool]:
        passed = [await page.evaluate(posts, "/buscar")]
        async with guard.using(LOOK):
            passed += [await page.evaluate(posts, "/buscar"), await page.evaluate(posts, "/otra")]
        passed.append(await page.evaluate(posts, "/buscar"))
        for _ in range(2):
            async with guard.using(PLAIN):
                passed.append(await page.evaluate(posts, "/buscar"))
        return passed

    assert do(attempt()) == [False, True, False, False, True, False]
    assert len(small.to("/buscar")) == 2
    assert small.to("/otra") == []
    assert [b.control for b in guard.blocked] == ["", "forma.codigo", "", "forma.observacion"]


def test_a_person_may_let_one_save_out_and_no_second(do: Do, page: Page, small: Site) -> None:
    """In the second sitting exactly one write passes, and what is asked about passes only with a yes."""
    guard = guarded(do, page)
    asked: list[str] = []
    posts = "(path) => fetch(path, {method: 'POST'}).then((a) => a.ok, () => false)"

    async def held(control: Control, request: Any) -> bool:
        asked.append(f"{control.title} {request.url.removeprefix(small.url)}")
        return len(asked) == 1

    async def attempt() -> list[bool]:
        async with guard.letting_one_out(PLAIN):
            passed = [await page.evaluate(posts, "/guardar"), await page.evaluate(posts, "/guardar")]
        guard.held = held
        async with guard.using(PLAIN):
            passed += [await page.evaluate(posts, "/otra"), await page.evaluate(posts, "/otra")]
        return passed

    assert do(attempt()) == [True, False, True, False]
    assert asked == ["forma.observacion /otra"] * 2
    assert len(small.to("/guardar")) == 1


def test_a_web_socket_is_closed_here(do: Do, page: Page, small: Site) -> None:
    """Nobody can tell a write from a look-up in a web socket: the site never hears of it."""
    guard = guarded(do, page)
    closed = "(url) => new Promise((done) => { new WebSocket(url).onclose = () => done(true); })"
    assert do(page.evaluate(closed, small.url.replace("http", "ws") + "/vivo"))
    assert small.to("/vivo") == []
    assert [b.method for b in guard.blocked] == ["WS"]


@pytest.mark.parametrize("policy", ["", "default-src 'self'; connect-src 'none'; form-action 'none'"])
def test_the_guard_proves_itself(do: Do, page: Page, small: Site, policy: str) -> None:
    """The browser itself tries to post to a made-up address and doesn't reach the site, also where scripts may not."""
    small.pages["GET /forma"] = answer("<p>forma", content_security_policy=policy) if policy else html("forma")
    do(page.goto(f"{small.url}/forma"))
    guard = guarded(do, page)
    do(guard.proved(page))
    assert small.to(PROOF) == []
    assert guard.blocked == []


def test_an_open_guard_is_noticed(do: Do, page: Page, small: Site) -> None:
    """Where the attempt reaches the site, nothing is inspected."""
    small.pages[f"POST {PROOF}"] = answer("llegó")
    with pytest.raises(StepFailed, match="salió del navegador"):
        do(Guard(page.context, []).proved(page))
    assert len(small.to(PROOF)) == 1
