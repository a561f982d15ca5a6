"""The command as a person types it: a subprocess, its exit code, its words, and Serviweb's ledger afterwards."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from lanzador import Before, Started, start
from mock_client import Control, User, started
from postgres import fresh, modelled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Return stdout as the one JSON object that it must be."""
        return json.loads(self.out)


@dataclass
class Office:
    """An installation of its own, with its Serviweb."""

    control: Control
    url: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, before: Before | None = None) -> Started:
        """Start `serviweb …` in this installation; *before* is called in the new process first."""
        environment = {**_without_ours(), **self.environment}
        return start(arguments, folder=self.folder, environment=environment, before=before)

    def run(self, *arguments: str) -> Said:
        """Run `serviweb …` to its end."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=120)
        return Said(process.wait(), out, err)

    def pay(self, recibo: str) -> None:
        """Pay at the caja."""
        with User(self.url, "cajero1") as cashier:
            assert cashier.post("/caja/pagar", data={"numero": recibo}).json()["ok"]

    def posts(self, route: str) -> int:
        """Return how many requests reached a write route."""
        return int(self.control.ledger()["posts"].get(route, 0))


def _without_ours() -> dict[str, str]:
    root = str(__import__("pathlib").Path(__file__).parents[2])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SERVIWEB_")}
    return {**kept, "PYTHONPATH": root, "COLUMNS": "120"}


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Run the bundled Serviweb with its control surface."""
    with started("--control") as url:
        yield url


@pytest.fixture
def office(server: str, tmp_path: Path) -> Iterator[Office]:
    """Give an installation whose Serviweb is at its fixtures."""
    with Control(server) as control:
        control.reset()
        yield Office(
            control,
            server,
            tmp_path,
            {
                "SERVIWEB_URL": f"{server}/",
                "SERVIWEB_USUARIO": "asesor1",
                "SERVIWEB_CLAVE": "clave-asesor1",
                "SERVIWEB_CARPETA": str(tmp_path / "datos"),
                "SERVIWEB_ESPERA_SEGUNDOS": "8",
                "SERVIWEB_ESPERA_CONFIRMACION_SEGUNDOS": "8",
                "SERVIWEB_MINIMO_DISCO_MB": "0",
                "SERVIWEB_ESPERA_CONSULTA_SEGUNDOS": "0",
                "SERVIWEB_REVISAR_ANTES": "false",  # seconds for each batch; tests of it say so
            },
        )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL with a database to copy; give its socket."""
    with modelled() as socket:
        yield socket


@pytest.fixture
def postgres(postgresql: str) -> str:
    """Give the address of an empty database with its tables, for SERVIWEB_BASE_DATOS."""
    return fresh(postgresql)
