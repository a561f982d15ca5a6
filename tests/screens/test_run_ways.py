"""The ways in which Serviwebs differ (D10): windows, alerts, type-ahead, long lists, boxes that fade, veils."""

from __future__ import annotations

from typing import Any

import pytest
from bench import FETCH, SHOWN, Bench
from small_site import LOST, answer, html

from robot.browser.documents import PaperError, printed
from robot.errors import RobotError, SelectorDrift, SessionLost, StepFailed, UnexpectedDialog
from robot.records.journal import read

CITIES = """<label for="c">Ciudad</label><input id="c"><script>
c.oninput = () => setTimeout(() => {
    document.querySelectorAll("ul").forEach((u) => u.remove());
    const u = document.createElement("ul");
    for (const n of [%s].filter((n) => n.startsWith(c.value))) {
        const li = document.createElement("li"); li.textContent = n;
        li.onclick = () => setTimeout(() => { c.value = n; u.remove(); }, 50);
        u.append(li);
    }
    document.body.append(u);
}, 80);</script>"""
# Boxes like those of many front ends: there at once, deaf until they have faded in.
FADING = """<style>#caja { opacity: 0; transition: opacity .4s } #caja.ya { opacity: 1 }</style>
<button onclick="abrir()">Abrir</button><script>
function abrir() {
    const d = document.createElement("div");
    d.id = "caja"; d.setAttribute("role", "dialog"); d.setAttribute("aria-label", "Caja");
    d.innerHTML = "<button>Aceptar</button>";
    let ya = false;
    d.ontransitionend = () => { ya = true };
    d.querySelector("button").onclick = () => { if (ya) document.title = "aceptado" };
    document.body.append(d);
    requestAnimationFrame(() => d.classList.add("ya"));
}</script>"""


async def step(on: Bench, work: Any) -> None:
    """Run one step."""
    async with on.run.step(8, "Producto"):
        await work(on.run.screen("forma"))


async def failed(on: Bench, work: Any) -> RobotError:
    """Run a step that fails and return its error."""
    with pytest.raises(RobotError) as error:
        await step(on, work)
    return error.value


def dialogs(on: Bench) -> list[tuple[str, bool, bool]]:
    """Return the dialogs of the journal: text, expected, accepted."""
    return [(e["text"], e["expected"], e["accepted"]) for e in read(on.folder) if e["event"] == "dialog"]


def test_a_window_that_the_flow_opens_is_worked_in_and_may_close_by_a_choice(do, on: Bench) -> None:
    """What stands in a frame of an opened window is clicked there; the window closes by that click, as lupas do."""
    on.site.pages["GET /lupa"] = html("<iframe src='/adentro'></iframe>")
    on.site.pages["GET /adentro"] = html(
        "<button onclick=\"window.top.opener.document.title = 'elegida'; window.top.close()\">María</button>"
    )

    async def work() -> tuple[str, int]:
        await on.open("<button onclick=\"window.open('/lupa', '', 'popup,width=400,height=300')\">Lupa</button>")

        async def choose(ui: Any) -> None:
            await on.run.open(ui, "lupa", "buscado")
            await on.run.pick(ui["buscado"])
            await on.run.close(ui, "lupa")

        await step(on, choose)
        return await on.session.page.title(), len(on.session.context.pages)

    assert do(work()) == ("elegida", 1)


def test_a_control_of_a_window_that_is_not_open_says_so(do, on: Bench) -> None:
    """Nothing is looked for on the wrong page when a window isn't there."""

    async def work() -> RobotError:
        await on.open("<button>María</button>")

        async def click(ui: Any) -> None:
            await ui["buscado"].click()

        return await failed(on, click)

    error = do(work())
    assert type(error) is StepFailed
    assert "La ventana de «forma.lupa» no está abierta" in error.reason


def test_a_window_that_nobody_expected_stops_the_case_with_its_title(do, on: Bench) -> None:
    """A window that the flow didn't open stops the step, and the message names it."""
    on.site.pages["GET /propaganda"] = html("<title>Encuesta de satisfacción</title>Responda")

    async def work() -> RobotError:
        await on.open("<button onclick=\"window.open('/propaganda')\">Abrir</button>")

        async def click(ui: Any) -> None:
            async with on.session.context.expect_page():
                await ui["abrir"].click()

        return await failed(on, click)

    error = do(work())
    assert type(error) is UnexpectedDialog
    assert "«Encuesta de satisfacción»" in error.reason
    assert "/propaganda" in error.reason


def test_a_box_over_the_page_stops_the_case_with_its_text(do, on: Bench) -> None:
    """A box in the page that nobody expected covers what is to be clicked: its text is told."""

    async def work() -> RobotError:
        await on.open(
            "<button>Abrir</button>"
            "<div style='position:fixed;inset:0;background:#fff'><p>Aviso: cierre de mes</p></div>"
        )

        async def click(ui: Any) -> None:
            await ui["abrir"].click()

        return await failed(on, click)

    error = do(work())
    assert type(error) is UnexpectedDialog
    assert "«Aviso: cierre de mes»" in error.reason
    assert error.control == "forma.abrir"


def test_an_alert_that_the_map_reads_is_one_of_two_outcomes(do, on: Bench) -> None:
    """Look-ups that say no by an alert are read as those that say it in the page; the alert is closed and noted."""

    async def work() -> tuple[str, RobotError]:
        await on.open("<output role='status' aria-label='Número'></output>")
        seen = ""

        async def look(ui: Any) -> None:
            nonlocal seen
            await on.session.page.evaluate("() => { setTimeout(() => alert('No existe el suscriptor 7'), 50) }")
            seen = await on.run.either(ui["numero"], ui["no_existe"])
            await on.run.refuse(ui["no_existe"])

        error = await failed(on, look)
        return seen, error

    seen, error = do(work())
    assert seen == "no_existe"
    assert error.reason == "Serviweb dice: No existe el suscriptor 7"
    assert on.session.dialogs.unexpected == []


def test_a_number_told_by_an_alert_is_read_and_an_older_one_is_not(do, on: Bench) -> None:
    """A save whose number only an alert tells is confirmed by it, once; the box is in the journal."""
    on.site.pages["POST /guardar"] = answer("F-21")
    page = f"""{SHOWN}{FETCH}<button id="guardar"
      onclick="enviar().then((t) => alert('Quedó con el radicado ' + t))">Guardar</button>"""

    async def work() -> str:
        await on.open(page)
        return await on.save(number="radicado")

    assert do(work()) == "F-21"
    assert on.effects == ["intent", "sent", "answered", "confirmed"]
    assert dialogs(on) == [("Quedó con el radicado F-21", True, True)]
    assert on.posts == 1


def test_a_known_alert_is_closed_and_noted_and_any_other_stops(do, on: Bench) -> None:
    """The map's harmless boxes don't stop a case, native or in the page; one that it doesn't know does."""

    async def work() -> tuple[str, RobotError]:
        await on.open(
            "<button onclick='document.title += 1'>Abrir</button>"
            "<div id='novedad' style='position:fixed;inset:0;background:#fff'><p>Hay una nueva versión</p>"
            "<button onclick='novedad.remove()'>Entendido</button></div>"
        )

        async def known(ui: Any) -> None:
            await on.session.page.evaluate("() => alert('Recuerde: su clave vence mañana')")
            await ui["abrir"].click()

        await step(on, known)
        title = await on.session.page.title()

        async def unknown(_ui: Any) -> None:
            await on.session.page.evaluate("() => confirm('¿Desea borrar todo? su clave vence')")

        return title, await failed(on, unknown)

    title, error = do(work())
    assert title == "1"
    assert type(error) is UnexpectedDialog
    assert dialogs(on) == [
        ("Recuerde: su clave vence mañana", True, True),
        ("Hay una nueva versión Entendido", True, True),
        ("¿Desea borrar todo? su clave vence", False, False),
    ]


def test_a_type_ahead_takes_the_one_option_and_reads_it_back(do, on: Bench) -> None:
    """The option whose whole text is wanted is clicked, and the field must show it."""

    async def work() -> tuple[str, str]:
        await on.open(CITIES % "'FLORENCIA', 'FLORENCIA NORTE', 'MORELIA'")
        ui = on.run.screen("forma")
        chosen = await on.run.choose(ui["ciudad"], "FLORENCIA")
        return chosen, await on.run.chosen(ui["ciudad"])

    assert do(work()) == ("FLORENCIA", "FLORENCIA")


def test_a_type_ahead_without_accents_is_found_where_the_map_says_so(do, on: Bench) -> None:
    """A list that writes RECONEXION finds RECONEXIÓN only where accents don't count (D9)."""

    async def work() -> tuple[str, RobotError]:
        await on.open(CITIES % "'RECONEXION DEL SERVICIO', 'RECONEXION POR ERROR'")
        ui = on.run.screen("forma")
        loose = await on.run.choose(ui["ciudad_suelta"], "RECONEXIÓN DEL SERVICIO")

        async def strict(ui: Any) -> None:
            await on.run.choose(ui["ciudad"], "RECONEXIÓN DEL SERVICIO")

        return loose, await failed(on, strict)

    loose, error = do(work())
    assert loose == "RECONEXION DEL SERVICIO"
    assert type(error) is SelectorDrift
    assert "no tiene la opción" in error.reason


def test_a_type_ahead_with_the_option_twice_is_drift(do, on: Bench) -> None:
    """Two options of one text are never guessed between."""

    async def work() -> RobotError:
        await on.open(CITIES % "'FLORENCIA', 'FLORENCIA'")

        async def choose(ui: Any) -> None:
            await on.run.choose(ui["ciudad"], "FLORENCIA")

        return await failed(on, choose)

    error = do(work())
    assert type(error) is SelectorDrift
    assert "varias veces" in error.reason


def test_a_box_that_fades_in_is_clicked_only_when_it_listens(do, on: Bench) -> None:
    """The first click in a fading box counts, since the robot waits until it stands still."""

    async def work() -> str:
        await on.open(FADING)

        async def accept(ui: Any) -> None:
            await on.run.open(ui, "abrir", "caja")
            await ui["aceptar"].click()

        await step(on, accept)
        return await on.session.page.title()

    assert do(work()) == "aceptado"


def test_a_fading_box_swallows_a_click_that_comes_early(do, on: Bench) -> None:
    """The control of the test before: without the wait the click is lost."""

    async def work() -> str:
        await on.open(FADING)

        async def accept(ui: Any) -> None:
            await ui["abrir"].click()
            await ui["aceptar"].click()

        await step(on, accept)
        return await on.session.page.title()

    assert do(work()) == ""


def test_a_step_waits_until_the_veil_is_gone(do, on: Bench) -> None:
    """While the site covers its page nothing is typed below; a veil that stays fails the step."""
    veil = "<div id='velo'>Procesando…</div><button onclick='document.title = !!document.all.velo'>Abrir</button>"

    async def work() -> tuple[str, RobotError]:
        await on.open(f"{veil}<script>setTimeout(() => velo.remove(), 300)</script>")

        async def click(ui: Any) -> None:
            await ui["abrir"].click()

        await step(on, click)
        title = await on.session.page.title()
        await on.open(veil)
        return title, await failed(on, click)

    title, error = do(work())
    assert title == "false"
    assert type(error) is StepFailed


VIRTUAL = """<div id="larga" style="height:100px;overflow:auto;position:relative">
<div style="height:1200px"></div></div>
<script>
const draw = () => {
    larga.querySelectorAll("p").forEach((p) => p.remove());
    const first = Math.floor(larga.scrollTop / 20);
    for (let i = first; i < Math.min(60, first + 6); i++) {
        const p = document.createElement("p");
        p.style = `position:absolute;margin:0;top:${i * 20}px`;
        p.innerHTML = `<span class="c">F-${i}</span><span class="v">${i * 10}</span>`;
        larga.append(p);
    }
};
larga.onscroll = () => requestAnimationFrame(draw);
draw();
</script>"""


def test_a_list_whose_rows_exist_only_where_it_is_scrolled_to_is_read_whole(do, on: Bench) -> None:
    """Each row is read once, in order, its columns side by side."""

    async def work() -> list[tuple[str, ...]]:
        await on.open(VIRTUAL)
        ui = on.run.screen("forma")
        assert await ui["celda"].count() < 20
        return await on.run.rows(ui["lista_larga"], ui["celda"], ui["valor"])

    assert do(work()) == [(f"F-{i}", str(i * 10)) for i in range(60)]


def test_columns_of_different_length_are_no_list(do, on: Bench) -> None:
    """A map that reads another table is found out, never zipped short."""

    async def work() -> None:
        await on.open("<div id='larga'><span class='c'>F-1</span></div>")
        ui = on.run.screen("forma")
        await on.run.rows(ui["lista_larga"], ui["celda"], ui["valor"])

    with pytest.raises(StepFailed, match="mismo número de filas"):
        do(work())


def test_a_list_is_turned_page_by_page_until_its_button_is_off(do, on: Bench) -> None:
    """A next page must show something else, and the last one has none."""

    async def work() -> tuple[bool, str, bool]:
        await on.open(
            "<div id='larga'><span class='c'>uno</span></div><button onclick=\"setTimeout(() => {"
            "document.querySelector('.c').textContent = 'dos'; this.disabled = true }, 100)\">Siguiente</button>"
        )
        ui = on.run.screen("forma")
        first = await on.run.turn(ui, "siguiente", ui["celda"])
        shown = await ui["celda"].inner_text()
        await ui["siguiente"].is_disabled()
        return first, shown, await on.run.turn(ui, "siguiente", ui["celda"])

    assert do(work()) == (True, "dos", False)


def test_a_print_whose_answer_was_lost_opens_nothing_later(do, on: Bench) -> None:
    """A window that waited for its paper is not let go on by itself once the print was given up."""
    on.site.pages["GET /papel"] = LOST

    async def work() -> tuple[int, int, list[Any]]:
        await on.open("<button onclick=\"window.open('/papel')\">Abrir</button>")
        on.session.printing = True
        with pytest.raises(PaperError):
            await printed(on.session.page, on.run.screen("forma")["abrir"], opens="print", timeout_seconds=1)
        await on.session.close_prints()
        asked = len(on.site.to("/papel"))
        on.site.pages["GET /papel"] = html("<title>Tarde</title>F-1")
        await on.open("<button>Abrir</button>")

        async def click(ui: Any) -> None:
            await ui["abrir"].click()

        await step(on, click)
        return asked, len(on.site.to("/papel")), on.session.windows

    asked, later, windows = do(work())
    assert asked == later == 1
    assert windows == []


def test_a_paper_that_a_lost_session_kept_back_is_noted(do, on: Bench) -> None:
    """The document stands in Serviweb: its paper is pending, and whoever goes on finds the session lost."""

    async def work() -> RobotError:
        await on.open("<label>Usuario <input></label>")
        on.session.logged_in = True

        async def print_it(ui: Any) -> None:
            await on.run.printed("recibo-abono", ui["abrir"], symbol=ui["falta"], number="F-17")

        await step(on, print_it)
        return await failed(on, lambda ui: on.run.appear(ui["abrir"]))

    assert type(do(work())) is SessionLost
    [missing] = [entry for entry in read(on.folder) if entry["event"] == "document.missing"]
    assert missing["kind"] == "recibo-abono"
    assert "cerró la sesión" in missing["reason"]
