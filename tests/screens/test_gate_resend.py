"""The trouble that the gate is for, shown without it: one click, two POSTs; and one with it."""

from __future__ import annotations

import pytest
from playwright.async_api import Page
from small_site import LOST, Site, html
from witness import Memory

from robot.browser.gate import WireGate

FORM = '<form method="post" action="/guardar"><input name="a" value="1"><button id="guardar">Guardar</button></form>'
FETCH = """<button id="guardar">Guardar</button><script>
guardar.onclick = () => fetch("/guardar", {method: "POST", body: "a=1"})</script>"""
KINDS = pytest.mark.parametrize("page", [FORM, FETCH], ids=["form", "fetch"])


async def click_into_silence(tab: Page, site: Site, page: str, gate: WireGate | None = None) -> None:
    """Load the page, arm the gate, click Guardar once on the same connection, wait until the browser gives up."""
    site.pages |= {"GET /": html(page), "POST /guardar": LOST}
    await tab.goto(site.url)
    if gate:
        await gate.arm()
    async with tab.expect_event("requestfailed"):
        await tab.locator("#guardar").click(no_wait_after=True)


@KINDS
def test_without_the_gate_chromium_posts_twice(do, tab: Page, small: Site, page: str) -> None:
    """A lost answer on a reused connection makes Chromium send the POST again by itself: the trouble is real."""
    do(click_into_silence(tab, small, page))
    assert [one.path for one in small.writes()] == ["/guardar", "/guardar"]
    assert small.writes()[0].nth > 1


@KINDS
@pytest.mark.parametrize("writes", [(), ("**/guardar",)], ids=["any", "named"])
def test_with_the_gate_it_leaves_once(do, tab: Page, small: Site, page: str, writes: tuple[str, ...]) -> None:
    """Behind the gate the lost answer is one POST, `sent` before it left, and noted as unanswered."""
    witness = Memory(small)
    gate = WireGate(tab.context, witness, writes=writes)

    do(click_into_silence(tab, small, page, gate))
    assert len(small.writes()) == 1
    assert witness.early == [0]
    assert [one["method"] for one in witness.sents] == ["POST"]
    assert witness.events == ["unanswered"]
    assert gate.sent
    assert gate.unanswered
    assert gate.status is None


def test_the_gates_own_connection_is_not_retried_either(do, tab: Page, small: Site) -> None:
    """A second write over the gate's kept connection that dies unanswered is still one POST."""
    page = """<script>
    const guardar = n => fetch("/guardar?n=" + n, {method: "POST", body: "n=" + n}).then(a => a.text(), () => "perdida")
    </script>"""
    small.pages |= {"GET /": html(page), "POST /guardar": html("17")}
    witness = Memory(small)
    gate = WireGate(tab.context, witness)

    async def work() -> None:
        await tab.goto(small.url)
        await gate.arm()
        assert "17" in await tab.evaluate("guardar(1)")
        small.pages["POST /guardar"] = LOST
        assert await tab.evaluate("guardar(2)") == "perdida"

    do(work())
    assert [one.body for one in small.writes()] == [b"n=1", b"n=2"]
    assert witness.events == ["answered", "unanswered"]
