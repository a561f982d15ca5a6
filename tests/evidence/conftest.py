"""A browser on an event loop of its own: pytest-playwright holds the main thread's."""

from __future__ import annotations

import shutil
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import leaky_site
import pytest
import sample
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.async_api import Browser, async_playwright
from sample import Do


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """Give a thread with an event loop."""
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
    path = next((p for name in ("chromium-headless-shell", "chromium") if (p := shutil.which(name))), None)
    browser = do(playwright.chromium.launch(executable_path=path))
    yield browser
    do(browser.close())
    do(playwright.stop())


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Serve the leaky pages."""
    with leaky_site.served() as url:
        yield url


@pytest.fixture(scope="session")
def case(do: Do, robot_browser: Browser, site: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a whole case; tests only read it."""
    return do(sample.case(tmp_path_factory.mktemp("datos"), robot_browser, site))
