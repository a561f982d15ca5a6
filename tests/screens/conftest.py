"""A small site and a tab for each test, on the loop of the robot's browser."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import bench
import pytest
import small_site
from playwright.async_api import Browser, Page

Do = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def small(do: Do) -> Iterator[small_site.Site]:
    """Serve a small site."""
    serving = small_site.opened()
    yield do(serving.__aenter__())
    do(serving.__aexit__(None, None, None))


@pytest.fixture
def tab(do: Do, robot_browser: Browser) -> Iterator[Page]:
    """Give a page in a context as the robot makes it."""
    context = do(robot_browser.new_context(service_workers="block"))
    context.set_default_timeout(10_000)
    yield do(context.new_page())
    do(context.close())


@pytest.fixture
def on(do: Do, robot_browser: Browser, small: small_site.Site, tmp_path: Path) -> Iterator[bench.Bench]:
    """Give a run before the small site."""
    opened = bench.bench(robot_browser, small, tmp_path)
    yield do(opened.__aenter__())
    do(opened.__aexit__(None, None, None))
