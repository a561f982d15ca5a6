"""What the gate holds back: repeated, refused and fenced requests, beacons, and all that comes after it was shut."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page
from small_site import Site, html
from witness import Memory

from robot.browser.gate import WireGate
from robot.errors import Fenced

PAGE = """<form method="post" action="/guardar" target="marco"><input name="a" value="1"><button>Guardar</button></form>
<iframe name="marco"></iframe><script>
const ask = (method, url, body) => fetch(url, {method, body}).then(a => a.text(), () => "nada");
</script>"""
ASK = "([method, url, body]) => ask(method, url, body || undefined)"
WAYS = {
    "form": "() => document.forms[0].submit()",
    "fetch": "() => ask('POST', '/guardar', 'a=1')",
    "put": "() => ask('PUT', '/guardar', 'a=1')",
    "get": "() => ask('GET', '/guardar?a=1')",
    "xhr": """() => new Promise(done => { const x = new XMLHttpRequest(); x.onloadend = done;
              x.open("POST", "/guardar"); x.send("a=1") })""",
    "beacon": "() => navigator.sendBeacon('/guardar', 'a=1')",
}


@pytest.fixture
def saving(do, tab: Page, small: Site) -> Page:
    """Give a page whose scripts save in every way, loaded."""
    small.pages |= {"GET /": html(PAGE), "POST /guardar": html("17"), "PUT /guardar": html("17")}
    small.pages |= {"GET /guardar": html("17"), "GET /buscar": html("Ana"), "POST /buscar": html("Ana")}
    do(tab.goto(small.url))
    return tab


def arrived(small: Site) -> list[str]:
    """Return what came for the save and the look-up."""
    return [f"{one.method} {one.path}" for one in small.to("/guardar") + small.to("/buscar")]


async def nothing_more(tab: Page, small: Site) -> None:
    """Let whatever has left arrive: what the same browser asks for later, elsewhere, is answered."""
    small.pages["GET /fin"] = html("fin")
    assert tab.context.browser
    other = await tab.context.browser.new_context()
    await (await other.new_page()).goto(f"{small.url}/fin")
    await other.close()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("writes", [(), ("**/guardar",)], ids=["any", "named"])
def test_a_refusing_gate_lets_nothing_out(do, saving: Page, small: Site, way: str, writes: tuple[str, ...]) -> None:
    """In a rehearsal no way of saving reaches the server, and the gate keeps what it refused."""
    witness = Memory(small)
    gate = WireGate(saving.context, witness, writes=writes, refuse=True)

    async def work() -> None:
        await gate.arm()
        await saving.evaluate(WAYS[way])
        assert await gate.settled(5)
        await nothing_more(saving, small)

    do(work())
    assert arrived(small) == []
    assert gate.refused is not None
    assert gate.refused.url.startswith(f"{small.url}/guardar")
    assert (gate.sent, witness.sents, witness.notes) == (False, [], [])


def test_a_refusing_gate_lets_no_unnamed_write_out(do, saving: Page, small: Site) -> None:
    """A map that names another address saves nothing in a rehearsal either; plain look-ups pass."""
    gate = WireGate(saving.context, Memory(small), writes=("**/otra",), refuse=True)

    async def work() -> None:
        await gate.arm()
        assert await saving.evaluate(ASK, ["POST", "/guardar", "a=1"]) == "nada"
        assert "Ana" in await saving.evaluate(ASK, ["GET", "/buscar", ""])

    do(work())
    assert arrived(small) == ["GET /buscar"]


def test_a_beacon_is_held_and_leaves_once(do, saving: Page, small: Site) -> None:
    """navigator.sendBeacon passes the gate: `sent` before it, one POST."""
    witness = Memory(small)
    gate = WireGate(saving.context, witness)

    async def work() -> None:
        await gate.arm()
        await saving.evaluate(WAYS["beacon"])
        assert await gate.settled(5)

    do(work())
    assert arrived(small) == ["POST /guardar"]
    assert witness.early == [0]
    assert witness.events == ["answered"]


def test_the_same_request_again_is_aborted_and_noted(do, saving: Page, small: Site) -> None:
    """Same method, address and body a second time doesn't leave; another body is another request."""
    witness = Memory(small)

    async def work() -> list[str]:
        await WireGate(saving.context, witness).arm()
        return [await saving.evaluate(ASK, ["POST", "/guardar", body]) for body in ("a=1", "a=1", "a=2")]

    first, again, other = do(work())
    assert "17" in first
    assert "17" in other
    assert again == "nada"
    assert [one.body for one in small.writes()] == [b"a=1", b"a=2"]
    assert witness.events == ["answered", "repeated", "answered"]


def test_the_same_request_at_once_leaves_once(do, saving: Page, small: Site) -> None:
    """A double click's two requests, in flight together, are one."""
    witness = Memory(small)

    async def work() -> None:
        await WireGate(saving.context, witness).arm()
        await saving.evaluate("() => Promise.all([1, 2, 3].map(() => ask('POST', '/guardar', 'a=1')))")

    do(work())
    assert arrived(small) == ["POST /guardar"]
    assert sorted(witness.events) == ["answered", "repeated", "repeated"]


def test_the_page_is_looked_at_until_the_first_answer(do, saving: Page, small: Site) -> None:
    """A page that posts itself back after a save shows our number by then: it must not be taken for another's."""
    witness = Memory(small)
    gate = WireGate(saving.context, witness)

    async def work() -> None:
        await gate.arm()
        await saving.evaluate(ASK, ["POST", "/guardar", "a=1"])
        assert witness.looks == 1
        await saving.evaluate(ASK, ["POST", "/buscar", "b=1"])
        await gate.disarm()

    do(work())
    assert witness.looks == 1
    assert witness.events == ["answered", "answered"]


def test_named_writes_pass_once_each_and_look_ups_freely(do, saving: Page, small: Site) -> None:
    """With `writes` a look-up is none of the gate's business, and a named write passes once, whatever its body."""
    witness = Memory(small)

    async def work() -> list[str]:
        await WireGate(saving.context, witness, writes=("**/guardar", "**/cerrar")).arm()
        small.pages["POST /cerrar"] = html("cerrada")
        asked = [
            ("GET", "/buscar"),
            ("GET", "/buscar"),
            ("POST", "/guardar"),
            ("POST", "/guardar"),
            ("POST", "/cerrar"),
        ]
        return [await saving.evaluate(ASK, [m, u, f"b={i}" if m == "POST" else ""]) for i, (m, u) in enumerate(asked)]

    answers = do(work())
    assert answers[3] == "nada"
    assert "nada" not in answers[:3] + answers[4:]
    assert [one.path for one in small.writes()] == ["/guardar", "/cerrar"]
    assert [one["url"].rpartition("/")[2] for one in witness.sents] == ["guardar", "cerrar"]
    assert witness.events == ["answered", "repeated", "answered"]


def test_a_write_that_the_map_does_not_name_is_never_unseen(do, saving: Page, small: Site) -> None:
    """A POST beside the named ones passes, but it is noted: *not sent* can't be proved any more."""
    witness = Memory(small)
    gate = WireGate(saving.context, witness, writes=("**/guardar",))

    async def work() -> None:
        await gate.arm()
        await saving.evaluate(ASK, ["POST", "/buscar", "a=1"])

    do(work())
    assert arrived(small) == ["POST /buscar"]
    assert gate.strays
    assert witness.events == ["passed"]


@pytest.mark.parametrize("error", [Fenced("otro proceso"), OSError(28, "No space left on device")], ids=type)
@pytest.mark.parametrize("way", ["form", "fetch", "beacon"])
def test_without_sent_on_disk_nothing_leaves(do, saving: Page, small: Site, error: Exception, way: str) -> None:
    """A case that is another's, or a journal that can't be written, lets nothing out, then and afterwards."""
    witness = Memory(small, error=error)
    gate = WireGate(saving.context, witness)

    async def work() -> None:
        await gate.arm()
        await saving.evaluate(WAYS[way])
        assert await gate.settled(5)
        witness.error = None if isinstance(error, OSError) else error
        assert await saving.evaluate(ASK, ["POST", "/guardar", "otro"]) == "nada"
        await nothing_more(saving, small)

    do(work())
    assert arrived(small) == []
    assert not gate.sent
    assert (gate.fenced is error) is isinstance(error, Fenced)
    assert bool(gate.failure) is isinstance(error, OSError)


def test_a_shut_gate_stays_shut(do, saving: Page, small: Site) -> None:
    """After a failed commit nothing leaves any more, in no way, whatever the map names."""
    witness = Memory(small)
    gate = WireGate(saving.context, witness, writes=("**/otra",))

    async def work() -> None:
        await gate.arm()
        gate.shut()
        for way in (*WAYS.values(), "() => { new Image().src = '/guardar' }"):
            async with saving.context.expect_event("requestfailed"):
                await saving.evaluate(way)
        await nothing_more(saving, small)

    do(work())
    assert arrived(small) == []
    assert (gate.sent, witness.sents) == (False, [])


@pytest.mark.parametrize("writes", [(), ("**/guardar",)], ids=["any", "named"])
def test_what_is_unanswered_when_the_gate_opens_is_not_sent_again(
    do, saving: Page, small: Site, writes: tuple[str, ...]
) -> None:
    """A notice of the page still waits for its answer when our number is confirmed: the browser posts it once."""
    gate = WireGate(saving.context, Memory(small), writes=writes)
    held = small.held["POST /buscar"] = asyncio.Event()

    async def work() -> str:
        await gate.arm()
        await saving.evaluate(ASK, ["POST", "/guardar", "a=1"])
        late = asyncio.create_task(saving.evaluate(ASK, ["POST", "/buscar", "b=1"]))
        await small.came("/buscar")
        await gate.disarm()
        await saving.evaluate(ASK, ["GET", "/guardar", ""])
        held.set()
        told = await late
        await saving.evaluate(ASK, ["POST", "/guardar", "a=1"])
        await nothing_more(saving, small)
        return told

    assert "Ana" in do(work())
    assert arrived(small) == ["POST /guardar", "GET /guardar", "POST /guardar", "POST /buscar"]


def test_a_disarmed_gate_is_out_of_the_way(do, saving: Page, small: Site) -> None:
    """Behind a confirmed document the page works as before."""
    witness = Memory(small)

    async def work() -> str:
        gate = WireGate(saving.context, witness)
        await gate.arm()
        await gate.disarm()
        return await saving.evaluate(ASK, ["POST", "/guardar", "a=1"])

    assert "17" in do(work())
    assert (witness.sents, witness.notes) == ([], [])
