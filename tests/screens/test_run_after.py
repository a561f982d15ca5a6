"""What was not sent can't be sent any more; what was sent is never sent again, whatever the page's scripts try."""

from __future__ import annotations

from contextlib import suppress

import pytest
from bench import FETCH, SAVES, SHOWN, Bench
from small_site import LOST, answer, html

from robot.errors import Fenced, OutcomeUnknown, Rehearsed, Rejected, RobotError, StepFailed
from robot.records.caso import Caso
from robot.records.journal import LOCK, read

# A site that tries again by itself when a save fails, each time with another body.
STUBBORN = f"""{SHOWN}{FETCH}<button id="guardar">Guardar</button><script>
window.tries = 0;
const save = () => enviar("a=" + tries).then(t => r.textContent = t, () => 0).finally(() => {{
  tries += 1; if (tries < 4) setTimeout(save, 100) }});
guardar.onclick = save</script>"""


async def nothing_more(on: Bench) -> None:
    """Let whatever has left arrive: what the same browser asks for later, elsewhere, is answered."""
    on.site.pages["GET /fin"] = html("fin")
    other = await on.session.browser.new_context()
    await (await other.new_page()).goto(f"{on.site.url}/fin")
    await other.close()


async def stubborn(on: Bench, kind: type[Exception]) -> None:
    """Save on a site that tries again, which ends as *kind*; then let it try to its end, if its page lives."""
    await on.open(STUBBORN)
    with pytest.raises(kind):
        await on.save()
    if not on.session.page.is_closed():
        await on.session.page.wait_for_function("window.tries >= 4")
    await nothing_more(on)


def test_a_site_that_tries_again_after_a_lost_answer_posts_once(do, on: Bench) -> None:
    """The page's own retry of a lost save never reaches the server: one POST, in doubt."""
    on.site.pages["POST /guardar"] = LOST
    do(stubborn(on, OutcomeUnknown))
    assert on.posts == 1
    assert on.effects[:3] == ["intent", "sent", "unanswered"]
    assert "in_doubt" in on.effects
    assert "confirmed" not in on.effects


def test_a_site_that_tries_again_after_a_refusal_posts_once(do, on: Bench) -> None:
    """A page that tries a rejected save again sends nothing: rejected stays true."""
    on.site.pages["POST /guardar"] = answer("No se guardó: el suscriptor está retirado")
    do(stubborn(on, Rejected))
    assert on.posts == 1


@pytest.mark.parametrize("writes", ["**/guardar", "**/otra"])
def test_a_site_that_tries_again_saves_nothing_in_a_rehearsal(do, on: Bench, writes: str) -> None:
    """A rehearsal saves nothing, not by the page's retries, nor when the map names the wrong write."""
    on.run.rehearsal = True
    on.site.pages["POST /guardar"] = answer("F-17")
    object.__setattr__(on.run.maps.screens["forma"]["guardar"], "writes", (writes,))
    do(stubborn(on, Rehearsed))
    assert on.posts == 0
    assert not {"intent", "sent", "confirmed"} & set(on.effects)
    rehearsed = next(e for e in read(on.folder) if e["event"] == "effect.rehearsed")
    assert rehearsed["what"] == {"total": 98700}


def test_a_disabled_button_commits_nothing(do, on: Bench) -> None:
    """A Guardar that Serviweb keeps disabled is found out before the intent."""

    async def work() -> None:
        await on.open(SAVES.replace("<button", "<button disabled"))
        await on.save()

    with pytest.raises(StepFailed, match="deshabilitado") as error:
        do(work())
    assert error.value.control == "forma.guardar"
    assert on.effects == []
    assert on.posts == 0


def test_a_standing_refusal_commits_nothing(do, on: Bench) -> None:
    """A notice that stands before the click stops the save: afterwards it couldn't be told from an answer."""

    async def work() -> None:
        await on.open(SAVES.replace('id="r">', 'id="r">No se guardó: algo'))
        await on.save()

    with pytest.raises(StepFailed, match="Antes de guardar"):
        do(work())
    assert on.effects == []
    assert on.posts == 0


@pytest.mark.parametrize(
    "script",
    ["", "setTimeout(enviar, 6000)", "r.textContent = 'Complete el formulario'"],
    ids=["nothing", "late", "notice"],
)
def test_a_click_that_sends_nothing_is_proved_not_sent(do, on: Bench, script: str) -> None:
    """When no request left, the journal says not sent, the page is gone, and its timers send nothing later."""

    async def work() -> None:
        await on.open(f'{SHOWN}{FETCH}<button onclick="{script}">Guardar</button>')
        with pytest.raises(StepFailed):
            await on.save()
        assert on.session.page.is_closed()
        await nothing_more(on)

    do(work())
    assert on.effects == ["intent", "not_sent"]
    assert on.posts == 0


def test_a_click_that_fails_is_proved_not_sent(do, on: Bench) -> None:
    """A button that is covered after the trial fails its click: not sent, and the late script sends nothing."""
    covers = f"""{SHOWN}{FETCH}<button id="guardar" onclick="enviar()">Guardar</button><script>
    window.onpointerdown = guardar.onpointerover = () => {{
      guardar.disabled = true; setTimeout(enviar, 5000) }}</script>"""

    async def work() -> None:
        await on.open(covers)
        with pytest.raises(StepFailed):
            await on.save()
        assert on.session.page.is_closed()
        await nothing_more(on)

    do(work())
    assert on.effects == ["intent", "not_sent"]
    assert on.posts == 0


def test_a_request_that_comes_after_the_click_failed_never_leaves(do, on: Bench) -> None:
    """A page so busy that its request comes after the click's time: the gate is shut by then, proved not sent."""
    busy = "enviar(); const end = Date.now() + 3000; while (Date.now() < end);"

    async def work() -> None:
        await on.open(f'{SHOWN}{FETCH}<button onclick="{busy.replace("<", "&lt;")}">Guardar</button>')
        with pytest.raises(StepFailed):
            await on.save()
        await nothing_more(on)

    do(work())
    assert on.effects == ["intent", "not_sent"]
    assert on.posts == 0


def test_a_case_that_another_took_sends_nothing(do, on: Bench) -> None:
    """When the folder's lock names another owner the held request is aborted: Fenced, and nothing at the server."""

    async def work() -> None:
        await on.open(SAVES)
        (on.folder / LOCK).write_text("otro")
        with pytest.raises(Fenced):
            await on.save()
        await nothing_more(on)

    do(work())
    assert "sent" not in on.effects
    assert on.posts == 0


def test_after_a_confirmation_the_page_works_on(do, on: Bench) -> None:
    """Behind the number the gate is open again: printing and the next document pass."""
    on.site.pages |= {"POST /guardar": answer("F-17"), "POST /imprimir": answer("papel")}

    async def work() -> str:
        await on.open(SAVES)
        await on.save()
        return await on.session.page.evaluate("fetch('/imprimir', {method: 'POST'}).then(a => a.text())")

    assert do(work()) == "papel"
    assert on.effects == ["intent", "sent", "answered", "confirmed"]


@pytest.mark.parametrize("said", ["F-17", "No se guardó: retirado", "Ocurrió un problema"])
def test_a_death_at_any_line_of_a_real_journal_never_hides_a_sent(do, on: Bench, said: str) -> None:
    """Cut after any line that a real save wrote, a case with a `sent` is never judged as *nothing saved*."""
    on.site.pages["POST /guardar"] = answer(said)

    async def work() -> None:
        await on.open(SAVES.replace("n.textContent = t", "(t[0] === 'F' ? n : r).textContent = t"))
        with suppress(RobotError):
            await on.save()

    do(work())
    entries = read(on.folder)
    events = [e["event"] for e in entries]
    assert "effect.sent" in events
    for end in range(1, len(entries) + 1):
        seen = set(events[:end])
        expected = "en_duda" if "effect.sent" in seen else "fallido"
        expected = "incompleto" if "effect.confirmed" in seen else expected
        expected = "fallido" if "effect.rejected" in seen else expected
        assert Caso(on.folder, entries[:end]).after_death() == expected, events[:end]
