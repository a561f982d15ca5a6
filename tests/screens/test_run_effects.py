"""One change of the world: what is written before it leaves, which number is adopted, and what is a doubt."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from bench import FETCH, SAVES, SHOWN, Bench
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout
from small_site import LOST, answer

from robot.browser.effect import Effect
from robot.errors import OutcomeUnknown, Rejected, RobotError
from robot.records.journal import read

CONFIRMED = ["intent", "sent", "answered", "confirmed"]
IN_DOUBT = ["intent", "sent", "answered", "in_doubt"]


def page(script: str, *, before: str = "") -> str:
    """Return a page whose Guardar runs this script; *before* is the number that stands there already."""
    return f"""{SHOWN.replace("></output>", f">{before}</output>")}{FETCH}<button id="guardar">Guardar</button>
    <script>guardar.onclick = async () => {{ {script} }}</script>"""


def refused(do, on: Bench, kind: type[RobotError]) -> RobotError:
    """Save, which must fail as *kind*, and return the error."""
    with pytest.raises(RobotError) as error:
        do(on.save())
    assert type(error.value) is kind, error.value
    assert error.value.step == "14"
    return error.value


def test_a_save_is_confirmed_by_its_number(do, on: Bench) -> None:
    """Intent, sent, answered, confirmed stand in the journal in this order, with one POST at the server."""
    on.site.pages["POST /guardar"] = answer("F-17")
    do(on.open(SAVES))
    assert do(on.save()) == "F-17"
    assert on.effects == CONFIRMED
    assert on.posts == 1
    entries = {e["event"]: e for e in read(on.folder)}
    assert entries["effect.intent"]["what"] == {"total": 98700}
    assert entries["effect.sent"]["url"] == f"{on.site.url}/guardar"
    assert entries["effect.confirmed"]["number"] == "F-17"


def test_a_form_that_loads_the_next_page_is_confirmed(do, on: Bench) -> None:
    """A classic form, whose answer is a new page with the number, is one POST and confirmed."""
    on.site.pages["POST /guardar"] = answer(SHOWN.replace("></output>", ">F-17</output>"))
    do(on.open(f'{SHOWN}<form method="post" action="/guardar"><input name="a"><button>Guardar</button></form>'))
    assert do(on.save()) == "F-17"
    assert on.effects == CONFIRMED
    assert on.posts == 1


def test_what_is_saved_is_on_disk_before_it_leaves(do, on: Bench) -> None:
    """While the server has the request and hasn't answered, the journal on disk already says `sent`."""
    on.site.pages["POST /guardar"] = answer("F-17")
    on.site.held["POST /guardar"] = asyncio.Event()

    async def work() -> list[str]:
        await on.open(SAVES)
        saving = asyncio.create_task(on.save())
        await on.site.came("/guardar")
        written = on.effects
        on.site.held["POST /guardar"].set()
        assert await saving == "F-17"
        return written

    assert do(work()) == ["intent", "sent"]


def test_the_number_that_stood_there_is_never_adopted(do, on: Bench) -> None:
    """The last document's number, still on the screen, isn't ours: a save that shows no other is a doubt."""
    on.site.pages["POST /guardar"] = answer("F-16")
    do(on.open(page("n.textContent = await enviar()", before="F-16")))
    assert "no mostró el número" in refused(do, on, OutcomeUnknown).reason
    assert on.effects == IN_DOUBT
    assert on.posts == 1


def test_a_new_number_beside_the_old_one_is_adopted(do, on: Bench) -> None:
    """The number that replaces the standing one is ours."""
    on.site.pages["POST /guardar"] = answer("F-17")
    do(on.open(page("n.textContent = await enviar()", before="F-16")))
    assert do(on.save()) == "F-17"


@pytest.mark.parametrize("ours", ["F-17", None])
def test_a_number_that_shows_before_the_answer_is_never_adopted(do, on: Bench, ours: str | None) -> None:
    """What the page shows while our write is still unanswered is another document's, also after the answer."""
    on.site.pages["POST /guardar"] = answer(ours or "")
    held = on.site.held["POST /guardar"] = asyncio.Event()
    script = """const answered = enviar(); n.textContent = "F-9";
    const number = await answered; if (number) n.textContent = number"""

    async def work() -> str:
        await on.open(page(script))
        saving = asyncio.create_task(on.save())
        await on.site.came("/guardar")
        await on.session.page.wait_for_function("n.textContent === 'F-9'")
        held.set()
        return await saving

    if ours:
        assert do(work()) == ours
        return
    with pytest.raises(OutcomeUnknown):
        do(work())
    assert on.effects == IN_DOUBT


def test_a_number_read_while_it_was_answered_is_adopted(do, on: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests leave at once: the look before the second answer ends when the first one's number shows."""
    on.site.pages |= {"POST /guardar": answer("F-17"), "POST /aviso": answer("")}
    held = on.site.held["POST /guardar"] = asyncio.Event()
    looked = asyncio.Event()
    seen, confirm = Effect.before_answer, Effect.confirm

    async def late(self: Effect) -> None:
        if held.is_set():
            await seen(self)
            return
        held.set()  # this is the notice's look, which goes on until our answer is in the page
        try:
            with suppress(PlaywrightError):  # a slow machine: then it was another moment
                await on.session.page.wait_for_function("n.textContent === 'F-17'", timeout=400)
            await seen(self)
        finally:
            looked.set()

    async def patient(self: Effect, *given: Any, **named: Any) -> str:
        await looked.wait()
        return await confirm(self, *given, **named)

    monkeypatch.setattr(Effect, "before_answer", late)
    monkeypatch.setattr(Effect, "confirm", patient)
    do(on.open(page("""fetch("/aviso", {method: "POST"}); n.textContent = await enviar()""")))
    assert do(on.save("sin_direccion")) == "F-17"
    assert sorted(one.path for one in on.site.writes()) == ["/aviso", "/guardar"]


def test_two_numbers_are_a_doubt(do, on: Bench) -> None:
    """Two new numbers are never chosen between."""
    on.site.pages["POST /guardar"] = answer("F-17")
    twice = """const one = n, t = await enviar(); one.after(one.cloneNode());
    one.textContent = t; one.nextSibling.textContent = "F-18" """
    do(on.open(page(twice)))
    error = refused(do, on, OutcomeUnknown)
    assert "F-17" in error.reason
    assert "F-18" in error.reason
    assert on.effects == IN_DOUBT


def test_a_number_of_another_case_is_a_doubt(do, on: Bench) -> None:
    """A number that another case owns is never adopted."""
    on.run.owner = lambda kind, number: "R-BBBBBBB" if (kind, number) == ("factura", "F-17") else None
    on.site.pages["POST /guardar"] = answer("F-17")
    do(on.open(SAVES))
    assert "R-BBBBBBB" in refused(do, on, OutcomeUnknown).reason
    assert on.effects == IN_DOUBT


def test_a_refusal_that_the_map_knows_is_rejected(do, on: Bench) -> None:
    """Only a text that the map knows to mean *nothing saved* rejects, with the site's reason."""
    on.site.pages["POST /guardar"] = answer("No se guardó: el suscriptor está retirado")
    do(on.open(page("r.textContent = await enviar()")))
    assert refused(do, on, Rejected).reason == "Serviweb no guardó: el suscriptor está retirado"
    assert on.effects == ["intent", "sent", "answered", "rejected"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Ocurrió un problema", "200 OK"),
        ("Se guardó, pero no se pudo imprimir", "200 OK"),
        ("No se guardó: error interno", "500 Internal Server Error"),
    ],
)
def test_any_other_refusal_is_a_doubt(do, on: Bench, said: str, status: str) -> None:
    """A text that the map doesn't know, or that a server in trouble gives, proves nothing."""
    on.site.pages["POST /guardar"] = answer(said, status)
    do(on.open(page("r.textContent = await enviar()")))
    refused(do, on, OutcomeUnknown)
    assert on.effects == IN_DOUBT
    assert on.posts == 1


def test_a_lost_answer_is_a_doubt_with_one_post(do, on: Bench) -> None:
    """The connection that dies unanswered ends in doubt at once: one POST at the server, no retry of anybody."""
    on.site.pages["POST /guardar"] = LOST
    do(on.open(SAVES))
    assert "sin respuesta" in refused(do, on, OutcomeUnknown).reason
    assert on.effects == ["intent", "sent", "unanswered", "in_doubt"]
    assert on.posts == 1


@pytest.mark.parametrize("answered", [True, False])
def test_a_number_beyond_the_wait_is_a_doubt_with_one_post(do, on: Bench, answered: bool) -> None:
    """When patience ends the outcome is unknown, whether the site answered or not; nothing is sent again."""
    on.site.pages["POST /guardar"] = answer("")
    if not answered:
        on.site.held["POST /guardar"] = asyncio.Event()
    do(on.open(SAVES))
    assert "no mostró el número" in refused(do, on, OutcomeUnknown).reason
    assert on.effects == (IN_DOUBT if answered else ["intent", "sent", "in_doubt"])
    assert on.posts == 1


def test_a_click_that_times_out_after_its_request_left_still_confirms(do, on: Bench) -> None:
    """The click's own time-out says nothing once the request is on its way: the number decides."""
    on.run._confirmation_seconds = 10
    on.site.pages["POST /guardar"] = answer("F-17")
    held = on.site.held["POST /guardar"] = asyncio.Event()
    # As old systems do: a synchronous request, which holds page and click until the answer comes.
    waits = """const x = new XMLHttpRequest(); x.open("POST", "/guardar", false); x.send("a=1");
    n.textContent = x.responseText"""

    async def work() -> tuple[str, BaseException | None]:
        await on.open(page(waits))
        saving = asyncio.create_task(on.save())
        await on.site.came("/guardar")
        click = on.run._open._click
        assert click is not None
        await asyncio.wait({click}, timeout=5)
        held.set()  # a slow site: it answers after the click's time was over
        return await saving, click.exception()

    number, gave_up = do(work())
    assert isinstance(gave_up, PlaywrightTimeout)
    assert number == "F-17"
    assert on.effects == CONFIRMED
    assert on.posts == 1


def test_a_run_that_is_stopped_in_a_commit_is_in_doubt(do, on: Bench) -> None:
    """Cancelled between `sent` and the number, the journal says in doubt, and the cancellation goes on."""
    on.site.pages["POST /guardar"] = answer("F-17")
    on.site.held["POST /guardar"] = asyncio.Event()

    async def work() -> None:
        await on.open(SAVES)
        saving = asyncio.create_task(on.save())
        await on.site.came("/guardar")
        saving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saving

    do(work())
    assert on.effects == ["intent", "sent", "in_doubt"]
    assert on.posts == 1


def test_an_alert_after_the_commit_is_a_doubt_with_its_text(do, on: Bench) -> None:
    """A native box that nobody expected, once the request left, is a doubt that tells its text."""
    on.site.pages["POST /guardar"] = answer("")
    do(on.open(page("await enviar(); alert('Factura ya existe')")))
    assert "Factura ya existe" in refused(do, on, OutcomeUnknown).reason
    assert on.effects == IN_DOUBT


def test_a_login_after_the_commit_is_a_doubt(do, on: Bench) -> None:
    """A session that ends while saving is a doubt, never a retry."""
    on.site.pages["POST /guardar"] = answer("<label>Usuario <input></label>")
    do(on.open('<form method="post" action="/guardar"><button>Guardar</button></form>'))
    on.session.logged_in = True
    assert "cerró la sesión" in refused(do, on, OutcomeUnknown).reason
    assert on.effects == IN_DOUBT


def test_without_a_gate_a_failed_commit_is_a_doubt(do, on: Bench) -> None:
    """Where the map says `gate = false` nothing proves that a click sent nothing: a person looks."""
    do(on.open(page("")))
    with pytest.raises(OutcomeUnknown):
        do(on.save("sin_compuerta"))
    assert on.effects == ["intent", "in_doubt"]
