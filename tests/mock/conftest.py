"""One bundled Serviweb for all these tests, back at its fixtures before each."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from mock_client import Control, User, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Run the imitation with its control surface."""
    with started("--control") as url:
        yield url


@pytest.fixture(scope="session")
def surface(server: str) -> Iterator[Control]:
    """Keep one client for the control surface."""
    with Control(server) as control:
        yield control


@pytest.fixture
def control(surface: Control) -> Control:
    """Give the control surface of an imitation at its fixtures."""
    surface.reset()
    return surface


@pytest.fixture
def login(server: str, control: Control) -> Iterator[Callable[[str], User]]:
    """Log users in after a reset; they are closed at the test's end."""
    assert control
    with contextlib.ExitStack() as stack:
        yield lambda name: stack.enter_context(User(server, name))


@pytest.fixture
def asesor(login: Callable[[str], User]) -> User:
    """Give asesor1, logged in."""
    return login("asesor1")


@pytest.fixture
def cajero(login: Callable[[str], User]) -> User:
    """Give cajero1, logged in."""
    return login("cajero1")
