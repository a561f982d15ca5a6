"""The process beside the run: it can die without a run noticing, and it never outlives the run's process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from playwright.async_api import Browser, Page
from sample import Do
from test_recording import record

from robot import recording
from robot.browser.aside import aside
from robot.browser.evidence import Recorder

OPENS_ONE = """
import asyncio, os
from robot.browser.aside import aside

if __name__ == "__main__":
    print(asyncio.run(aside(os.getpid)), flush=True)
    input()
"""


def test_work_goes_on_when_the_process_dies(do: Do) -> None:
    """What was under way is done in a thread; the next work has a new process."""

    async def work() -> tuple[int, int, int]:
        first = await aside(os.getpid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, signal.SIGTERM)
        instead = await aside(os.getpid)
        return first, instead, await aside(os.getpid)

    first, _, last = do(work())
    assert len({first, last, os.getpid()}) == 3


def test_a_recording_says_that_its_process_died(tmp_path: Path, do: Do, robot_browser: Browser, site: str) -> None:
    """The run goes on, its pictures are painted, and the case page says what is missing."""

    async def work(recorder: Recorder, page: Page) -> None:
        await page.goto(f"{site}/vacia")
        recorder.step_started("5", "Forma de pago")
        await recorder.step_finished("5")
        os.kill(await aside(os.getpid), signal.SIGTERM)
        await recorder.picture(page, "paso-05")

    recorder = do(record(tmp_path, robot_browser, work))
    assert "el proceso que escribe la grabación se cerró" in recorder.gaps
    assert (tmp_path / "imagenes" / "paso-05.png").is_file()
    assert "el proceso que escribe la grabación se cerró" in recording.read(tmp_path).gaps


def test_a_killed_run_leaves_no_process_behind(tmp_path: Path) -> None:
    """Nothing asks the process to end: it sees that its parent is gone."""
    script = tmp_path / "abre.py"
    script.write_text(OPENS_ONE, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert _lives(child)
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 20
        while _lives(child):
            assert time.monotonic() < deadline, "the process beside outlived its parent"
            time.sleep(0.02)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or ") Z " not in state.read_text(encoding="utf-8")
