"""The case page: what it tells, offline, alone, and when something is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import leaky_site as site
import pytest
import sample
from playwright.async_api import Browser, Page, Request
from sample import Do

from robot.browser.pictures import render
from robot.recording import Recording, read
from robot.records.journal import Journal
from robot.records.report import case_page, film


class Opened:
    """A case page opened from the file system, with everything it asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._note)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.asked.append(request.url)


async def opened(browser: Browser, path: Path, **options: Any) -> Opened:
    """Open a page from the file system in a browser without network."""
    context = await browser.new_context(offline=True, viewport=sample.VIEWPORT, **options)
    look = Opened(await context.new_page())
    await look.page.goto(path.as_uri())
    return look


@pytest.fixture
def copy(case: Path, tmp_path: Path, do: Do, robot_browser: Browser) -> Path:
    """Give a copy of the whole case, pictures rendered, that a test may change."""
    do(render(case, robot_browser))
    folder = tmp_path / "casos" / case.name
    shutil.copytree(case, folder)
    return folder


def test_the_page_tells_the_case(copy: Path, do: Do, robot_browser: Browser) -> None:
    """Subscriber, state, saved numbers, steps with what was read, effects with their times, papers."""
    path = case_page(copy)

    async def work() -> str:
        look = await opened(robot_browser, path)
        text = await look.page.locator("body").inner_text()
        assert look.complaints == []
        assert [url for url in look.asked if not url.startswith("file:")] == []
        for image in await look.page.locator("a.imagen img").all():
            await image.scroll_into_view_if_needed()
            assert await image.get_attribute("alt")
            assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        for link in await look.page.locator("a[href$='.pdf']").all():
            assert (copy / str(await link.get_attribute("href"))).is_file()
        await look.page.context.close()
        return text

    text = do(work())
    told = [site.NAME, site.CODE, site.ROUTE, site.INVOICE, "R-7K3QF2M", "RC-77", "EN DUDA", "1,2 s"]
    told += ["No se sabe si el trámite quedó guardado", "Qué hacer: Quedó EN DUDA", "usuario de Serviweb asesor1"]
    told += ["Se ingresa el código del suscriptor de quien realiza la solicitud y Enter", "Confirmado"]
    told += ["Serviweb cerró la conexión sin responder", "La impresora de Serviweb no respondió"]
    for wanted in told:
        assert wanted in text, wanted
    assert "•" in text  # the document that step 7 read


def test_a_click_on_a_step_shows_its_end_in_the_film(copy: Path, do: Do, robot_browser: Browser) -> None:
    """The film seeks to the step, its chapter is marked, and it is the page of that moment."""
    path = case_page(copy)

    async def work() -> None:
        look = await opened(robot_browser, path)
        page = look.page
        await page.locator("button[data-paso='16']").click()
        film_page = page.frame_locator(".replayer-wrapper iframe")
        await film_page.get_by_text(f"Abono de {site.NAME}").wait_for()
        current = page.locator("#capitulos [aria-current]")
        assert "16" in await current.inner_text()
        await page.locator("button[data-paso='6']").click()
        await film_page.locator("#codigo").wait_for()
        assert await film_page.locator("#codigo").input_value() == site.CODE
        await page.locator("#capitulos button").first.press("Enter")
        assert "4" in await current.inner_text()
        assert look.complaints == []
        assert {url.split(":")[0] for url in look.asked} == {"file"}
        await page.context.close()

    do(work())


def test_a_thumbnail_opens_large_and_closes_by_keyboard(copy: Path, do: Do, robot_browser: Browser) -> None:
    """A person without a mouse sees every picture too."""
    path = case_page(copy)

    async def work() -> None:
        look = await opened(robot_browser, path)
        await look.page.locator("a.imagen").first.press("Enter")
        dialog = look.page.get_by_role("dialog")
        await dialog.wait_for()
        assert "Paso 4" in await dialog.inner_text()
        await look.page.keyboard.press("Escape")
        await dialog.wait_for(state="hidden")
        await look.page.context.close()

    do(work())


def test_one_file_holds_everything(copy: Path, tmp_path: Path, do: Do, robot_browser: Browser) -> None:
    """Self-contained, the page alone in another folder shows pictures, papers and film and asks for nothing else."""
    alone = tmp_path / "sola.html"
    shutil.copy(case_page(copy, self_contained=True), alone)

    async def work() -> None:
        look = await opened(robot_browser, alone)
        page = look.page
        await page.locator("button[data-paso='16']").click()
        await page.frame_locator(".replayer-wrapper iframe").get_by_text("Abono de").wait_for()
        for image in await page.locator("a.imagen img").all():
            assert await image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Original (PDF)").click()
        await (await download.value).save_as(tmp_path / "bajado.pdf")
        assert look.asked == [alone.as_uri()]
        assert look.complaints == []
        await page.context.close()

    do(work())
    assert (tmp_path / "bajado.pdf").read_bytes() == sample.PAPER


@pytest.mark.parametrize("gone", ["grabacion", "imagenes", "papeles", "grabacion/eventos.jsonl.gz"])
def test_what_is_missing_leaves_its_place_empty(gone: str, copy: Path, do: Do, robot_browser: Browser) -> None:
    """Without recording, pictures or papers there is still a page, without a broken picture or link."""
    path = copy / gone
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.write_bytes(b"\x1f\x8bno")
    page = case_page(copy)

    async def work() -> None:
        look = await opened(robot_browser, page)
        assert site.NAME in await look.page.locator("body").inner_text()
        assert look.complaints == []
        await look.page.context.close()

    do(work())


def test_a_changed_journal_is_said_out_loud(copy: Path) -> None:
    """A page over a journal that doesn't hold together warns before anything else."""
    journal = copy / "journal.jsonl"
    journal.write_text(journal.read_text("utf-8").replace("FV-3001234567", "FV-9999999999"), "utf-8")
    assert "El diario del caso no es de fiar" in case_page(copy).read_text("utf-8")


def test_what_serviweb_says_is_never_markup(tmp_path: Path) -> None:
    """Text from pages and people is escaped wherever it stands."""
    folder = tmp_path / "casos" / "R-AAAAAAA"
    evil = "<img src=x onerror=alert(1)>\"'</script>"
    with Journal(folder, sample.masker()) as journal:
        journal.write(
            "case.opened", caso=evil, codigo=evil, suscriptor=evil, ruta=evil, productos=[evil], concepto=evil
        )
        journal.write("run.started", run=1, etapa=evil, usuario_serviweb=evil)
        journal.write("step.started", run=1, number="4", title=evil, text=evil + " ", url=evil)
        journal.write(
            "step.failed", run=1, number="4", seconds=1, error=evil, reason=evil, control=evil, read={evil: evil}
        )
        journal.write("effect.rejected", kind=evil, reason=evil)
        journal.write("document.printed", kind=evil, file=evil, sha256=evil, pages=1)
        journal.write("dialog", text=evil, expected=False, accepted=False)
        journal.write("case.state", etapa=evil, estado=evil, reason=evil)
    assert "<img src=x" not in case_page(folder).read_text("utf-8")


def test_a_case_that_has_just_begun_has_a_page(tmp_path: Path) -> None:
    """An empty journal makes a page too."""
    folder = tmp_path / "casos" / "R-AAAAAAA"
    with Journal(folder, sample.masker()):
        pass
    assert "no alcanzó a ejecutar ningún paso" in case_page(folder).read_text("utf-8")


def test_the_days_between_two_stages_are_cut_from_the_film() -> None:
    """A chapter of the second stage is seconds after the first, its moment still its own."""
    hour = 3_600_000
    mark = {"tag": "paso", "payload": {"number": "24", "moment": "inicio", "title": "PQR"}}
    recording = Recording(
        events=[
            {"type": 4, "data": {"href": "/", "width": 9, "height": 9}, "timestamp": 1000},
            {"type": 2, "data": {}, "timestamp": 1001},
            {"type": 5, "data": mark, "timestamp": 48 * hour},
            {"type": 4, "data": {"href": "/", "width": 9, "height": 9}, "timestamp": 48 * hour + 50},
        ]
    )
    made = film(recording)
    assert made["capitulos"][0]["desde"] < 5_000
    assert made["eventos"][-1]["timestamp"] - made["eventos"][0]["timestamp"] == made["capitulos"][0]["desde"] + 50


def test_style_sheets_are_kept_once(case: Path) -> None:
    """Three loads of pages with the same long sheet leave one file, and the replay gets it back."""
    recording = read(case)
    assert len(recording.sheets) == 1
    assert "hoja-sha256:" not in json.dumps(recording.whole())
