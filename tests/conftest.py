"""What several test folders share: an event loop beside pytest-playwright's, the robot's browser on it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.async_api import Browser, async_playwright

from robot.browser.executable import find

Do = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """Give a thread with an event loop: pytest-playwright holds the main thread's."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def do(portal: BlockingPortal) -> Do:
    """Run a coroutine there and return what it returns."""

    async def run(work: Coroutine[Any, Any, Any]) -> Any:
        return await work

    return lambda work: portal.call(run, work)


@pytest.fixture(scope="session")
def robot_browser(do: Do) -> Iterator[Browser]:
    """Give the robot's browser, on the portal's loop."""
    playwright = do(async_playwright().__aenter__())
    browser = do(playwright.chromium.launch(**find().options))
    yield browser
    do(browser.close())
    do(playwright.stop())


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """Give a screen for a browser with a window."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.fail("Para probar un navegador visible falta Xvfb: apt-get install xvfb")
    read, write = os.pipe()
    with subprocess.Popen(
        [program, "-displayfd", str(write), "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL
    ) as screen:
        os.close(write)
        with os.fdopen(read) as answer:
            yield f":{answer.readline().strip()}"
        screen.terminate()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Let pytest-playwright use the browser that is there."""
    return browser_type_launch_args | find().options
