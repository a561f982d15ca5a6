"""The recording: nothing private in it, nothing lost, nothing changed on the page."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import leaky_site as site
import pytest
import sample
from leaks import leaks
from playwright.async_api import Browser, Page
from sample import Do

from robot import recording
from robot.browser.evidence import Recorder
from robot.browser.pictures import render
from robot.masking import DOT, Masker
from robot.records.report import case_page

OTHERS = [site.OTHER_CEDULA, site.OTHER_NAME]
Work = Callable[[Recorder, Page], Awaitable[None]]


async def record(
    folder: Path, browser: Browser, work: Work, *, mode: Any = "grabacion", masker: Masker | None = None
) -> Recorder:
    """Record one case of which `work` is the only step."""
    recorder = Recorder(mode=mode, private=sample.PRIVATE)
    context = await browser.new_context(viewport=sample.VIEWPORT)  # type: ignore[arg-type]
    await recorder.attach(context)
    page = await context.new_page()
    await recorder.start(folder, masker or sample.masker(), page)
    recorder.step_started("4", "Paso")
    await work(recorder, page)
    await recorder.step_finished("4")
    await recorder.stop()
    await context.close()
    return recorder


def written(folder: Path) -> str:
    """Return the whole recording as text."""
    read = recording.read(folder)
    return json.dumps([read.events, read.sheets], ensure_ascii=False)


def test_nothing_private_is_anywhere_in_the_folder(case: Path, do: Do, robot_browser: Browser) -> None:
    """Not in the recording, pictures, journal, nor in the page, alone or with everything inside."""
    do(render(case, robot_browser))
    for self_contained in (False, True):
        case_page(case, self_contained=self_contained)
        assert leaks(case, site.PRIVATE + OTHERS) == []


def test_not_even_the_length_of_a_password_is_told(case: Path) -> None:
    """However long it is, eight dots stand for it."""
    typed = {e["data"]["text"] for e in recording.read(case).events if e["type"] == 3 and e["data"].get("source") == 5}
    dotted = {text for text in typed if text and set(text) == {DOT}}
    assert DOT * 8 in dotted
    assert DOT * len(site.PASSWORD) not in dotted


def test_what_a_supervisor_reviews_is_legible(case: Path) -> None:
    """Names, codes, amounts and Serviweb's numbers are in the recording as they stood on the page."""
    text = written(case)
    assert [value for value in site.LEGIBLE if value not in text] == []


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("grabacion/suelto.jsonl", '{"data":{"text":"1.117.512.345"}}'),
        ("grabacion/nodos.jsonl", '{"a":[{"textContent":"11175"},{"b":{"textContent":"12345"}}]}'),
        ("nota.txt", "Calle%2010%20%23%205-20%20Barrio%20%C3%91and%C3%BA"),
        ("nota.html", "maria.perez&#64;correo.com.co"),
        ("imagenes/3101234567.png", ""),
    ],
)
def test_a_planted_leak_is_found(tmp_path: Path, file: str, content: str) -> None:
    """The checker that the other tests trust finds what is hidden from a plain search."""
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, "utf-8")
    assert leaks(tmp_path, site.PRIVATE, ocr=False) != []


def test_a_leak_planted_behind_the_masker_is_found(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """With a masker that knows nothing the same recording is full of leaks: the checker is not blind."""

    async def work(_: Recorder, page: Page) -> None:
        await page.goto(f"{site}/factura")

    do(record(tmp_path, robot_browser, work, masker=Masker()))
    found = " ".join(leaks(tmp_path, ["1117512345", "Calle 10 # 5-20 Barrio Ñandú"]))
    assert "1117512345" in found
    assert "Ñandú" in found


def test_no_event_is_lost_at_a_navigation(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """What the page shows in its very last moment is there, over many full loads and another host."""

    async def work(_: Recorder, page: Page) -> None:
        for number in range(6):
            host = site if number % 2 else site.replace("127.0.0.1", "localhost")
            await page.goto(f"{host}/vacia")
            await page.evaluate(f"document.querySelector('p').textContent = 'última {number}'")
        await page.goto(f"{site}/vacia")

    recorder = do(record(tmp_path, robot_browser, work))
    assert recorder.gaps == []
    text = written(tmp_path)
    assert [n for n in range(6) if f"última {n}" not in text] == []


def test_the_recorder_makes_no_frame_in_the_page(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """The library would make one at each page load, for nothing: it costs 20 ms, and the page could see it."""
    frames: list[str] = []

    async def work(_: Recorder, page: Page) -> None:
        page.on("frameattached", lambda frame: frames.append(frame.url))
        for _ in range(2):
            await page.goto(f"{site}/vacia")

    recorder = do(record(tmp_path, robot_browser, work))
    assert frames == []
    assert recorder.gaps == []


def test_a_case_may_start_on_a_loaded_page(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """Two cases on one session: each has the page that was there when it began, and nothing of the other."""

    async def work() -> None:
        recorder = Recorder(mode="grabacion", private=sample.PRIVATE)
        context = await robot_browser.new_context()
        await recorder.attach(context)
        page = await context.new_page()
        await page.goto(f"{site}/vacia")
        await page.evaluate("document.querySelector('p').textContent = 'antes de todo'")
        for name in ("uno", "dos"):
            await recorder.start(tmp_path / name, sample.masker(), page)
            await page.evaluate(f"document.querySelector('p').textContent = 'caso {name}'")
            await recorder.stop()
            assert recorder.gaps == []
        await page.evaluate("document.querySelector('p').textContent = 'entre casos'")
        await context.close()

    do(work())
    one, two = written(tmp_path / "uno"), written(tmp_path / "dos")
    assert "antes de todo" in one
    assert "caso dos" not in one
    assert "caso uno" in two  # it stood on the page when the second began
    assert "entre casos" not in one + two


def test_both_stages_are_one_recording(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """The second stage continues the first one's file; the same step twice has two pictures."""

    async def work(_: Recorder, page: Page) -> None:
        await page.goto(f"{site}/vacia")

    do(record(tmp_path, robot_browser, work))
    do(record(tmp_path, robot_browser, work))
    chapters = recording.read(tmp_path).chapters()
    assert [(chapter.number, chapter.visit) for chapter in chapters] == [("4", 1), ("4", 2)]
    assert set(do(render(tmp_path, robot_browser))) == {"4", "4 (2)"}


def test_a_window_beside_is_an_event(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """A window that opens is noted with its path and masked title, and not recorded."""

    async def work(_: Recorder, page: Page) -> None:
        await page.goto(f"{site}/vacia")
        async with page.expect_popup() as opened:
            await page.evaluate(f"void open('/otra?doc={'1117512345'}')")
        popup = await opened.value
        await popup.wait_for_load_state()
        await popup.title()

    do(record(tmp_path, robot_browser, work))
    windows = [e["data"]["payload"] for e in recording.read(tmp_path).events if e["data"].get("tag") == "ventana"]
    assert windows == [{"direccion": "/otra", "titulo": "Papel ••••••••••"}]
    assert "papel" not in written(tmp_path)


def test_a_strict_page_is_recorded_too(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """The site's content security policy doesn't stop the recorder."""

    async def work(_: Recorder, page: Page) -> None:
        await page.goto(f"{site}/vacia?csp")

    recorder = do(record(tmp_path, robot_browser, work))
    assert recorder.gaps == []
    assert "nada" in written(tmp_path)


def test_a_page_that_breaks_the_recorder_runs_on(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """The case says that its recording is incomplete, and nothing else happens."""

    async def work(_: Recorder, page: Page) -> None:
        await page.add_init_script(
            "window.MutationObserver = function () { throw new Error(1) }; JSON.stringify = null"
        )
        await page.goto(f"{site}/vacia")
        assert await page.locator("p").inner_text() == "nada"

    async def broken(recorder: Recorder, page: Page) -> None:
        recorder._received = lambda *_: None  # type: ignore[method-assign]  # as if the browser said nothing
        await work(recorder, page)

    recorder = do(record(tmp_path, robot_browser, broken))
    assert recorder.gaps != []
    assert recording.read(tmp_path).gaps != []
    assert "Grabación incompleta" in _page_of(tmp_path)


def _page_of(folder: Path) -> str:
    (folder / "journal.jsonl").touch()
    return case_page(folder).read_text("utf-8")


def test_a_frameset_has_real_pictures(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """What rrweb can't record is a covered picture of the step's end instead."""

    async def work(_: Recorder, page: Page) -> None:
        await page.goto(f"{site}/marcos", wait_until="load")
        await page.evaluate("() => 0")

    do(record(tmp_path, robot_browser, work))
    assert (tmp_path / "imagenes" / "paso-04.png").exists()
    assert leaks(tmp_path, ["1117512345"]) == []


@pytest.mark.parametrize("mode", ["grabacion", "imagenes", "ninguna"])
def test_the_page_does_the_same_with_every_mode(
    mode: str, tmp_path: Path, do: Do, robot_browser: Browser, site: str
) -> None:
    """Evidence on, as pictures or off: the page ends in the same state, with no trace of the recorder in it."""
    ends: list[str] = []

    async def work(recorder: Recorder, page: Page) -> None:
        await page.goto(f"{site}/factura")
        await page.locator("#codigo").press_sequentially("1020304")
        await page.locator("#consultar").click()
        await page.get_by_text("Tel 310").wait_for()
        before = await page.content()
        await recorder.picture(page, "paso-04-antes")
        assert await page.content() == before
        ends.append(before + str(await page.evaluate("[...document.querySelectorAll('input')].map(i => i.value)")))
        ends.append(
            str(await page.evaluate("[typeof rrwebRecord, Object.keys(window).filter(k => /rrweb/i.test(k)).length]"))
        )

    do(record(tmp_path / mode, robot_browser, work, mode=mode))
    do(record(tmp_path / "sin", robot_browser, work, mode="ninguna"))
    assert ends[:2] == ends[2:]
    assert (tmp_path / mode / "grabacion").exists() == (mode == "grabacion")
    assert (tmp_path / mode / "imagenes" / "paso-04.png").exists() == (mode == "imagenes")


def test_a_killed_process_leaves_what_was_flushed(tmp_path: Path) -> None:
    """The recording of a process that was killed is read up to its last flush, and can be continued."""
    code = (
        "import os, sys, pathlib; from robot.recording import Writer\n"
        "w = Writer(pathlib.Path(sys.argv[1]))\n"
        'w.append([\'{"type": 4, "data": {}, "timestamp": %d}\' % n for n in range(5)])\n'
        'w._file.write(w._deflate.compress(b\'{"type": 3, "da\')); os._exit(9)'
    )
    root = Path(recording.__file__).parent.parent
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=root, check=False).returncode == 9
    read = recording.read(tmp_path)
    assert len(read.events) == 5
    assert read.gaps != []
    writer = recording.Writer(tmp_path)
    writer.append(['{"type": 4, "data": {}, "timestamp": 9}'])
    writer.close()
    again = recording.read(tmp_path)
    assert [event["timestamp"] for event in again.events] == [0, 1, 2, 3, 4, 9]


def test_nothing_is_left_to_write_after_stop(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """When stop returns, the last change of the page is on the disk."""

    async def work() -> None:
        recorder = Recorder(mode="grabacion", private=())
        context = await robot_browser.new_context()
        await recorder.attach(context)
        page = await context.new_page()
        await page.goto(f"{site}/vacia")
        await recorder.start(tmp_path, sample.masker(), page)
        await page.evaluate("document.querySelector('p').textContent = 'lo último'")
        await recorder.stop()
        assert "lo último" in written(tmp_path)
        await context.close()

    do(work())


def test_the_loop_is_never_blocked_for_long(
    tmp_path: Path, do: Do, robot_browser: Browser, site: str, record_property: Callable[[str, object], None]
) -> None:
    """Masking runs on a thread of its own: ending a step costs the event loop next to nothing."""
    costs: list[float] = []

    async def work(recorder: Recorder, page: Page) -> None:
        for number in range(10):
            recorder.step_started(str(number), "Paso")
            await page.goto(f"{site}/factura")
            started = time.perf_counter()
            await recorder.step_finished(str(number))
            costs.append(time.perf_counter() - started)
            await asyncio.sleep(0)

    do(record(tmp_path, robot_browser, work))
    record_property("step_finished_milliseconds", round(sorted(costs)[5] * 1000, 3))
    assert sorted(costs)[5] < 0.02
