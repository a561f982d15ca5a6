"""A desk for each test, on one Serviweb that is back at its fixtures before each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from desk import Desk
from mock_client import Control, started

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.screen import load as load_map
from robot.records.store.engine import open_store
from robot.resources import map_folder
from robot.settings import load
from robot.work.archivo import DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.async_api import Browser


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Run the bundled Serviweb with its control surface."""
    with started("--control") as url:
        yield url


@pytest.fixture
def desk(
    server: str, tmp_path: Path, robot_browser: Browser, do: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """Give a desk with short waits, which keeps no evidence."""
    monkeypatch.chdir(tmp_path)  # no .env of whoever runs the tests
    settings = load(
        url=server + "/",
        usuario="asesor1",
        clave="clave-asesor1",
        carpeta=tmp_path / "datos",
        espera_segundos=5,
        espera_confirmacion_segundos=5,
        minimo_disco_mb=0,
        evidencia="ninguna",  # half of a case's work; tests of what is kept of it say so
    )
    with Control(server) as control, open_store(settings.carpeta / DATABASE) as store:
        control.reset()
        yield Desk(control, settings, load_map(map_folder("mock"), REQUIRED, OPTIONAL), robot_browser, do, store)
