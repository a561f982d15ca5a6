"""Measure what the evidence costs: `python tests/evidence/cost.py`. Prints a table; asserts nothing."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent.parent)]

import leaky_site  # noqa: E402
import sample  # noqa: E402
from playwright.async_api import Browser, async_playwright  # noqa: E402

from robot.browser.evidence import Recorder  # noqa: E402
from robot.browser.pictures import render  # noqa: E402
from robot.browser.sieve import Sieve  # noqa: E402

ROUNDS, STEPS = 9, 8


async def one_case(browser: Browser, url: str, folder: Path, mode: Any) -> float:
    """Do a short case and return seconds a step."""
    recorder = Recorder(mode=mode, private=sample.PRIVATE)
    context = await browser.new_context(viewport=sample.VIEWPORT)  # type: ignore[arg-type]
    await recorder.attach(context)
    page = await context.new_page()
    await recorder.start(folder, sample.masker(), page)
    started = time.perf_counter()
    for number in range(STEPS):
        recorder.step_started(str(number), "Paso")
        await page.goto(f"{url}/factura")
        await page.locator("#codigo").fill(leaky_site.CODE)
        await page.locator("#consultar").click()
        await page.get_by_text("Tel 310").wait_for()
        await recorder.step_finished(str(number))
    await recorder.stop()
    seconds = (time.perf_counter() - started) / STEPS
    await context.close()
    return seconds


async def main() -> None:
    """Interleave the modes and print medians."""
    payloads: list[str] = []
    first = Sieve.batch

    def watched(self: Sieve, payload: str) -> list[dict[str, Any]]:
        payloads.append(payload)
        return first(self, payload)

    async with async_playwright() as playwright:
        path = next((p for name in ("chromium-headless-shell", "chromium") if (p := shutil.which(name))), None)
        browser = await playwright.chromium.launch(executable_path=path)
        seconds: dict[str, list[float]] = {"ninguna": [], "grabacion": [], "imagenes": []}
        with leaky_site.served() as url, tempfile.TemporaryDirectory() as data:
            for turn in range(ROUNDS):
                for mode, measured in seconds.items():
                    Sieve.batch = watched if turn == ROUNDS - 1 else first  # type: ignore[method-assign]
                    measured.append(await one_case(browser, url, Path(data) / mode / str(turn), mode))
            Sieve.batch = first  # type: ignore[method-assign]
            folder = Path(data) / "grabacion" / "0"
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            started = time.perf_counter()
            pictures = await render(folder, browser)
            rendering = (time.perf_counter() - started) / len(pictures)
        await browser.close()
    sieve = Sieve(sample.masker())
    started = time.perf_counter()
    events = [event for payload in payloads for event in sieve.batch(payload)]
    lines = [sieve.line(event) for event in events]
    masking = time.perf_counter() - started
    off = median(seconds["ninguna"])
    table = [f"{m:10} {median(s) * 1000:7.1f} ms a step   {median(s) / off:.2f}×" for m, s in seconds.items()]
    thread = f"{len(lines)} events, {masking / STEPS * 1e3:.1f} ms a step, on a thread"
    table.append(f"masking    {masking / len(lines) * 1e6:7.0f} µs an event ({thread})")
    table.append(f"rendering  {rendering * 1000:7.0f} ms a picture;  {size} bytes a case of {STEPS} steps")
    sys.stdout.write("\n".join(table) + "\n")


asyncio.run(main())
