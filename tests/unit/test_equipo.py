"""Whose worker is whose: machines by their names, data folders of one machine by their places."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from apart import run_apart
from some_cases import new

from robot.errors import Fenced
from robot.masking import Masker
from robot.records.store import cases, leases
from robot.records.store.engine import open_store
from robot.settings import Settings
from robot.work.archivo import Archivo, machine, machine_of, this_host, worker_name


def of(folder: Path, equipo: str = "") -> Settings:
    """Give the settings of an installation."""
    return Settings(carpeta=folder, equipo=equipo, _env_file=None)


def test_a_machine_is_called_as_in_the_network_unless_it_is_named(tmp_path: Path) -> None:
    """The setting names the machine; its worker's name tells it, and is another one each time."""
    assert machine(of(tmp_path)) == socket.gethostname()
    settings = of(tmp_path, "caja-3")
    first, second = worker_name(settings), worker_name(settings)
    assert machine_of(first) == "caja-3"
    assert first != second
    assert first.startswith(this_host(settings))
    assert second.startswith(this_host(settings))


@pytest.mark.parametrize("equipo", ["caja", "caja-30"])
def test_no_machine_is_taken_for_another(tmp_path: Path, equipo: str) -> None:
    """A name that begins like another one names another machine."""
    assert not worker_name(of(tmp_path, equipo)).startswith(this_host(of(tmp_path, "caja-3")))


def test_nobody_takes_a_living_case_of_another_data_folder(tmp_path: Path) -> None:
    """Two data folders on one machine share no locks: the other one's worker isn't thought dead, its own one is."""
    with open_store(tmp_path / "una.sqlite3") as store:
        mark = new(store)
        here, there = Archivo(of(tmp_path / "a"), store), Archivo(of(tmp_path / "b"), store)
        leases.claim(store, here.worker)

        async def work(archivo: Archivo) -> int:
            async with archivo.working(archivo.settings.casos / mark, Masker()):
                return int(cases.case(store, mark)["token"])

        with pytest.raises(Fenced, match="Otro proceso"):
            run_apart(work(there))
        assert cases.case(store, mark)["trabajador"] == here.worker
        assert run_apart(work(here)) > 1
