"""The same tests on both databases: a fresh SQLite file, or a fresh database of a PostgreSQL started here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from postgres import fresh, modelled

from robot.records.store.engine import Store, open_store

hypothesis.settings.register_profile("store", deadline=None)
hypothesis.settings.load_profile("store")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Give the socket of a PostgreSQL with a database to copy, its tables made."""
    with modelled() as socket:
        yield socket


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database with its tables."""
    if request.param == "sqlite":
        return str(tmp_path / "serviweb.sqlite3")
    return fresh(request.getfixturevalue("postgresql"))


@pytest.fixture
def store(where: str) -> Iterator[Store]:
    """Give that database, open."""
    with open_store(where) as store:
        yield store
