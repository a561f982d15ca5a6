"""The verbs of a run on small pages: what they do, and how they say what is wrong."""

from __future__ import annotations

import time
from typing import Any

import pytest
from bench import Bench
from playwright.async_api import expect
from small_site import LOST, answer

from robot.errors import RobotError, SelectorDrift, SessionLost, SiteDown, StepFailed, UnexpectedDialog
from robot.records.journal import read

LIST = '<label>Lista <select id="l"><option>Elija…</option>{}</select></label>'


def options(*texts: str) -> str:
    """Return a list with these options."""
    return LIST.format("".join(f"<option>{text}</option>" for text in texts))


async def failing(on: Bench, work: Any) -> RobotError:
    """Run a step that fails and return its error."""
    with pytest.raises(RobotError) as error:
        async with on.run.step(8, "Producto"):
            await work(on.run.screen("forma"))
    return error.value


def test_choose_takes_the_one_option_and_says_what_stands_there(do, on: Bench) -> None:
    """The option whose whole text is wanted is chosen, not one that only contains it."""

    async def work() -> tuple[str, str]:
        await on.open(options("CORTE Y SUSPENSIÓN", "CORTE", "  RECONEXIÓN  DEL\nSERVICIO "))
        ui = on.run.screen("forma")
        return await on.run.choose(ui["lista"], "CORTE"), await on.run.choose(ui["lista"], "RECONEXIÓN DEL SERVICIO")

    assert do(work()) == ("CORTE", "RECONEXIÓN DEL SERVICIO")


@pytest.mark.parametrize(
    ("control", "texts", "fault"),
    [
        ("lista", ["CORTE Y MÁS", "OTRO"], "no tiene la opción"),
        ("lista", ["Corte", "OTRO"], "no tiene la opción"),
        ("lista", ["CORTE", "OTRO", "CORTE"], "tiene varias veces la opción"),
        ("lista_suelta", ["Corte", "CORTÉ"], "tiene varias veces la opción"),
    ],
)
def test_an_option_that_is_missing_or_double_is_drift(
    do, on: Bench, control: str, texts: list[str], fault: str
) -> None:
    """A list without the option, or with two of it, stops the case; the message names control and option."""

    async def work() -> RobotError:
        await on.open(options(*texts))
        return await failing(on, lambda ui: on.run.choose(ui[control], "CORTE"))

    error = do(work())
    assert type(error) is SelectorDrift
    assert fault in error.reason
    assert "«CORTE»" in error.reason
    assert error.control == f"forma.{control}"
    assert error.step == "8"


def test_a_loose_list_forgets_accents_and_case(do, on: Bench) -> None:
    """Where the map says so RECONEXION is RECONEXIÓN, and the text on the screen is what is noted (D9)."""

    async def work() -> str:
        await on.open(options("CORTE", "Reconexion  del servicio"))
        return await on.run.choose(on.run.screen("forma")["lista_suelta"], "RECONEXIÓN DEL SERVICIO")

    assert do(work()) == "Reconexion del servicio"


def test_a_list_that_fills_late_is_waited_for(do, on: Bench) -> None:
    """Options that a look-up brings are waited for."""
    late = f"{options()}<script>setTimeout(() => l.append(new Option('CORTE')), 300)</script>"

    async def work() -> str:
        await on.open(late)
        return await on.run.choose(on.run.screen("forma")["lista"], "CORTE")

    assert do(work()) == "CORTE"


def test_a_list_that_jumps_back_is_a_failure(do, on: Bench) -> None:
    """A list whose script undoes the choice is noticed before anything is saved."""

    async def work() -> RobotError:
        await on.open(options("CORTE", "OTRO") + "<script>l.onchange = () => { l.selectedIndex = 2 }</script>")
        return await failing(on, lambda ui: on.run.choose(ui["lista"], "CORTE"))

    error = do(work())
    assert type(error) is StepFailed
    assert "quedó en «OTRO»" in error.reason


@pytest.mark.parametrize(("shown", "key"), [("n", "numero"), ("a", "aviso")])
def test_either_says_which_outcome_came(do, on: Bench, shown: str, key: str) -> None:
    """Of two named outcomes the one that shows text is told, though both stand empty on the page before."""
    page = f"""<output role="status" aria-label="Número" id="n" style="display:block;height:9px"></output>
    <p data-testid="aviso" id="a" style="height:9px"> </p>
    <script>setTimeout(() => {shown}.textContent = "F-1", 200)</script>"""

    async def work() -> str:
        await on.open(page)
        ui = on.run.screen("forma")
        return await on.run.either(ui["numero"], ui["aviso"])

    assert do(work()) == key


def test_a_missing_control_is_drift_with_its_name(do, on: Bench) -> None:
    """A control that isn't on the screen stops the case by its name, in error and journal."""

    async def work() -> RobotError:
        await on.open("<button hidden>Falta</button>")
        return await failing(on, lambda ui: ui["falta"].click())

    error = do(work())
    assert type(error) is SelectorDrift
    assert error.control == "forma.falta"
    assert "no está en la pantalla" in error.reason
    failed = read(on.folder)[-1]
    assert (failed["event"], failed["control"], failed["error"]) == ("step.failed", "forma.falta", "SelectorDrift")


def test_a_double_control_is_drift_and_nothing_is_clicked(do, on: Bench) -> None:
    """Two controls of one name are never guessed between."""

    async def work() -> tuple[RobotError, str]:
        await on.open(
            "<button onclick='document.title=1'>Doble</button><button onclick='document.title=2'>Doble</button>"
        )
        error = await failing(on, lambda ui: ui["doble"].click())
        return error, await on.session.page.title()

    error, title = do(work())
    assert type(error) is SelectorDrift
    assert error.control == "forma.doble"
    assert "2 veces" in error.reason
    assert title == ""


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<button disabled>Abrir</button>", "deshabilitado"),
        ("<button>Abrir</button><div style='position:fixed;inset:0;background:#fff'></div>", "cubre"),
    ],
    ids=["disabled", "covered"],
)
def test_a_control_that_cannot_be_used_says_why(do, on: Bench, page: str, why: str) -> None:
    """A disabled or covered control is no drift: nothing was sent and the reason is told."""

    async def work() -> RobotError:
        await on.open(page)
        return await failing(on, lambda ui: ui["abrir"].click())

    error = do(work())
    assert type(error) is StepFailed
    assert why in error.reason
    assert error.control == "forma.abrir"


def test_an_expectation_that_fails_names_its_control(do, on: Bench) -> None:
    """A page that doesn't show what is expected fails the step, without the page's values in the message."""

    async def work() -> RobotError:
        await on.open('<output role="status" aria-label="Número">cédula 40781234</output>')
        return await failing(on, lambda ui: expect(ui["numero"]).to_have_text("F-1", timeout=300))

    error = do(work())
    assert type(error) is StepFailed
    assert error.control == "forma.numero"
    assert "40781234" not in str(error)


def test_an_unexpected_alert_stops_the_case_with_its_text(do, on: Bench) -> None:
    """A native box that nobody expected is dismissed, and its text is the error (D8)."""

    async def work() -> tuple[RobotError, str]:
        await on.open("""<button onclick="document.title = confirm('¿Borrar todo?')">Abrir</button>""")
        error = await failing(on, lambda ui: ui["abrir"].click())
        return error, await on.session.page.title()

    error, title = do(work())
    assert type(error) is UnexpectedDialog
    assert "¿Borrar todo?" in error.reason
    assert title == "false"
    assert [e["text"] for e in read(on.folder) if e["event"] == "dialog"] == ["¿Borrar todo?"]


def test_an_unexpected_window_stops_the_case(do, on: Bench) -> None:
    """A window that nobody expected stops the case, without the query of its address."""

    async def work() -> RobotError:
        on.site.pages["GET /otra"] = answer("otra")
        await on.open("""<button onclick="window.open('/otra?cedula=40781234')">Abrir</button>""")

        async def click(ui: Any) -> None:
            async with on.session.context.expect_page() as opened:
                await ui["abrir"].click()
            await (await opened.value).wait_for_load_state()

        return await failing(on, click)

    error = do(work())
    assert type(error) is UnexpectedDialog
    assert error.reason.endswith("/otra")


def test_a_site_that_is_away_is_down(do, on: Bench) -> None:
    """An address where nobody answers, an answer that never comes and a server's error are SiteDown, not drift."""

    async def work() -> list[RobotError]:
        on.site.pages |= {"GET /perdida": LOST, "GET /rota": answer("<p>", "500 Internal Server Error")}
        page = on.session.page

        async def broken(ui: Any) -> None:
            await page.goto(f"{on.site.url}/rota")
            await ui["abrir"].click()

        return [
            await failing(on, lambda _ui: page.goto("http://nadie.invalid/")),
            await failing(on, lambda _ui: page.goto(f"{on.site.url}/perdida")),
            await failing(on, broken),
        ]

    assert [type(error) for error in do(work())] == [SiteDown, SiteDown, SiteDown]


def test_a_lost_session_is_told_from_drift(do, on: Bench) -> None:
    """When the login stands where a control should be, the session was lost; before any login it is drift."""

    async def work() -> list[RobotError]:
        await on.open("<label>Usuario <input></label>")
        on.session.logged_in = True
        errors = [await failing(on, lambda ui: ui["abrir"].click())]
        errors.append(await failing(on, lambda ui: ui["abrir"].click()))
        return errors

    lost, drift = do(work())
    assert type(lost) is SessionLost
    assert type(drift) is SelectorDrift
    assert on.session.logged_in is False


def test_a_lost_session_is_noticed_while_something_else_is_waited_for(do, on: Bench) -> None:
    """Nobody at the desk waits a control's whole time, fifteen seconds in an office, for a screen that won't come."""

    async def work() -> tuple[RobotError, float]:
        await on.open("<label>Usuario <input></label>")
        on.session.logged_in = True
        began = time.monotonic()
        return await failing(on, lambda ui: on.run.appear(ui["falta"])), time.monotonic() - began

    error, seconds = do(work())
    assert type(error) is SessionLost
    assert on.session.logged_in is False
    assert seconds < 1.5  # the bench's controls have 2 s


@pytest.mark.parametrize("verb", ["click", "appear", "reads"])
def test_a_closed_browser_is_no_drift(do, on: Bench, verb: str) -> None:
    """A page that is gone fails the step at once; nothing was sent."""
    verbs: dict[str, Any] = {
        "click": lambda ui: ui["abrir"].click(),
        "appear": lambda ui: on.run.appear(ui["abrir"]),
        "reads": lambda ui: on.run.reads(ui["abrir"], bool),
    }

    async def work() -> tuple[RobotError, float]:
        await on.open("<p>")
        await on.session.page.close()
        began = time.monotonic()
        return await failing(on, verbs[verb]), time.monotonic() - began

    error, seconds = do(work())
    assert type(error) is StepFailed
    assert error.reason == "El navegador se cerró"
    assert seconds < 1.5


def test_a_text_that_shows_twice_is_drift(do, on: Bench) -> None:
    """One of two is never chosen to be the right one; a single wrong one is no drift."""

    async def work() -> list[RobotError]:
        await on.open("<button>Abrir</button><button>Abrir</button>")
        errors = [await failing(on, lambda ui: on.run.reads(ui["abrir"], bool))]
        await on.open("<button>Abrir</button>")
        return [*errors, await failing(on, lambda ui: on.run.reads(ui["abrir"], lambda text: text == "Cerrar"))]

    double, wrong = do(work())
    assert type(double) is SelectorDrift
    assert "2 veces" in double.reason
    assert type(wrong) is StepFailed


def test_a_step_is_written_with_what_was_read(do, on: Bench) -> None:
    """A step has its number, documented text, address without query, and the values that the page showed."""

    async def work() -> None:
        await on.open("<p>")
        await on.session.page.goto(f"{on.site.url}/?cedula=40781234#a")
        async with on.run.step("14", "Guardar") as paso:
            assert paso.read("Total", " $ 98.700\n") == "$ 98.700"

    do(work())
    started, finished = read(on.folder)
    assert (started["event"], started["number"], started["text"]) == ("step.started", "14", "Guardar")
    assert started["url"] == f"{on.site.url}/"
    assert (finished["event"], finished["read"]) == ("step.finished", {"Total": "$ 98.700"})


def test_a_control_that_a_step_waits_for_in_vain_is_drift(do, on: Bench) -> None:
    """A heading that never comes is a screen that changed, as for a click; a row of a list that never comes is not."""

    async def work() -> tuple[RobotError, RobotError]:
        await on.open("<p>otra pantalla</p>")
        missing = await failing(on, lambda ui: on.run.appear(ui["falta"]))
        return missing, await failing(on, lambda ui: on.run.appear(ui["celda"]))

    missing, late = do(work())
    assert type(missing) is SelectorDrift
    assert missing.control == "forma.falta"
    assert type(late) is StepFailed
