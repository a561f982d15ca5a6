"""Offices that the tests of a file share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from oficina import Oficina, oficina_con
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def oficina(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oficina]:
    """Give an office that the tests of a file share: each works with subscribers of its own."""
    with oficina_con(browser, tmp_path_factory.mktemp("oficina")) as oficina:
        yield oficina


@pytest.fixture(scope="module")
def oficina_quieta(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oficina]:
    """Give an office whose robot doesn't work: for pages that need none."""
    with oficina_con(browser, tmp_path_factory.mktemp("quieta"), con_robot=False) as oficina:
        yield oficina
