"""The leaky pages, and a whole case recorded on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import leaky_site
import pytest
import sample
from playwright.async_api import Browser
from sample import Do


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """Serve the leaky pages."""
    with leaky_site.served() as url:
        yield url


@pytest.fixture(scope="session")
def case(do: Do, robot_browser: Browser, site: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a whole case; tests only read it."""
    return do(sample.case(tmp_path_factory.mktemp("datos"), robot_browser, site))
