"""A desk for each test, on one Serviweb that is back at its fixtures before each."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from desk import Desk
from mock_client import Control, started

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.maps import load as load_map
from robot.records.store.engine import open_store
from robot.resources import map_folder
from robot.settings import load
from robot.work.archivo import DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.async_api import Browser


# The variants of the bundled Serviweb on which the very same flows run, each with its map.
MAPS = {"moderno": "mock", "clasico": "mock-clasico", "spa": "mock-spa"}
# Modules whose tests run on each of them; of those named, only these tests do so in every run.
ON_ALL: dict[str, set[str]] = {
    "test_happy_path": set(),
    "test_privacy": set(),
    "test_faults": set(),
    "test_consulta": {"test_each_list_is_read_as_serviweb_shows_it", "test_every_page_of_a_list_is_read"},
    "test_refusals": {"test_a_rehearsal_saves_nothing_and_says_what_it_would"},
}
# It logs in beside the robot, on the default variant's pages.
ON_ONE = {"test_a_half_filled_factura_of_the_same_user_is_not_billed"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the happy paths and the faults on every variant."""
    if (
        "desk" in metafunc.fixturenames
        and metafunc.module.__name__ in ON_ALL
        and metafunc.function.__name__ not in ON_ONE
    ):
        metafunc.parametrize("variant", MAPS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to `make test-full` the faults on the other variants that a pairwise sample does without.

    In the sample each variant meets each value of each parameter; the default one meets all their combinations.
    """
    groups: dict[tuple[str, str], list[tuple[pytest.Item, frozenset[str]]]] = {}
    for item in items:
        params = dict(getattr(getattr(item, "callspec", None), "params", {}))
        variant = params.pop("variant", "moderno")
        always = ON_ALL.get(item.module.__name__)  # type: ignore[attr-defined]
        if variant != "moderno" and always and item.originalname not in always:  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.full)
        if variant != "moderno" and item.module.__name__ == "test_faults":  # type: ignore[attr-defined]
            values = frozenset(f"{name}={value}" for name, value in params.items())
            groups.setdefault((variant, item.originalname), []).append((item, values))  # type: ignore[attr-defined]
    for group in groups.values():
        seen: set[str] = set()
        kept: set[str] = set()
        for fresh_only in (True, False):  # first those of which everything is new: the diagonal
            for item, values in group:
                if not values or (values.isdisjoint(seen) if fresh_only else not values <= seen):
                    kept.add(item.nodeid)
                    seen |= values
        for item, _ in group:
            if item.nodeid not in kept:
                item.add_marker(pytest.mark.full)


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[str], str]]:
    """Run the bundled Serviweb with its control surface, one process a variant, once it is asked for."""
    with ExitStack() as stack:
        running: dict[str, str] = {}

        def of(variant: str) -> str:
            if variant not in running:
                running[variant] = stack.enter_context(started("--control", "--variant", variant))
            return running[variant]

        yield of


@pytest.fixture
def variant() -> str:
    """Name the variant on which tests run that don't say otherwise."""
    return "moderno"


@pytest.fixture
def server(servers: Callable[[str], str], variant: str) -> str:
    """Give the address of the variant's Serviweb."""
    return servers(variant)


@pytest.fixture
def desk(
    server: str,
    variant: str,
    tmp_path: Path,
    robot_browser: Browser,
    do: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
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
        yield Desk(control, settings, load_map(map_folder(MAPS[variant]), REQUIRED, OPTIONAL), robot_browser, do, store)
