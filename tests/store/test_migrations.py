"""Opening: tables of the right version, one process at a time, never those of a newer program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from postgres import address, execute
from some_cases import new, one, run

from robot.errors import SettingsError
from robot.records.store import engine, schema_panel
from robot.records.store.engine import HEAD, Store, open_store
from robot.records.store.schema import metadata

ROOT = Path(__file__).parents[2]


def test_the_migrations_make_the_tables_of_the_code(store: Store) -> None:
    """What the migrations made is what schema.py says, and HEAD is the newest of them."""
    with store.read() as connection:
        assert schema_panel.personas.metadata is metadata
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    config = Config()
    config.set_main_option("script_location", str(Path(engine.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_newer_database_is_refused(where: str, store: Store) -> None:
    """A database of a newer program is left alone, and the message says what to do."""
    run(store, "UPDATE alembic_version SET version_num = 'v9999'")
    with pytest.raises(SettingsError, match="más nueva") as caught:
        open_store(where)
    assert "no se cambió nada" in caught.value.advice
    assert one(store, "SELECT version_num FROM alembic_version") == "v9999"


def test_what_was_written_stands_when_opened_again(where: str, store: Store) -> None:
    """Closing and opening lose nothing."""
    case = new(store)
    with open_store(where) as again:
        assert one(again, "SELECT id FROM casos") == case


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_only_its_owner_reads_the_requests(tmp_path: Path) -> None:
    """The file and those beside it are for their owner alone, whatever the folder allows (Ley 1581 de 2012)."""
    (tmp_path / "datos").mkdir(mode=0o755)
    with open_store(tmp_path / "datos" / "serviweb.sqlite3") as store:
        new(store)
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "datos").glob("serviweb.sqlite3*")}
    assert {name: mode for name, mode in modes.items() if name.endswith(("sqlite3", "-wal", "-shm"))} == {
        "serviweb.sqlite3": 0,
        "serviweb.sqlite3-wal": 0,
        "serviweb.sqlite3-shm": 0,
    }


def test_sqlite_keeps_what_it_said(tmp_path: Path) -> None:
    """SQLite writes ahead, waits for the disk and checks references."""
    with open_store(tmp_path / "nueva" / "serviweb.sqlite3") as store:
        said = {name: one(store, f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


OPENER = """
import sys
from robot.records.store.engine import open_store
print("listo", flush=True)
sys.stdin.readline()
open_store(sys.argv[1]).close()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_open_a_new_database_at_once(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Four processes that open the same empty database make its tables once, and all go on."""
    place = str(tmp_path / "serviweb.sqlite3")
    if kind == "postgresql":
        socket = request.getfixturevalue("postgresql")
        execute(socket, "CREATE DATABASE vacia")
        place = address(socket, "vacia")
    command = [sys.executable, "-c", OPENER, place]
    ways = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    four = [subprocess.Popen(command, **ways) for _ in range(4)]
    for process in four:
        assert process.stdout.readline() == "listo\n"
    for process in four:
        process.stdin.write("ya\n")
        process.stdin.flush()
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in four] == [("", 0)] * 4


@pytest.mark.parametrize(
    "place", ["mysql://x/y", "postgresql://127.0.0.1:1/nada", "postgresql://[", "/proc/no/serviweb.sqlite3"]
)
def test_a_wrong_address_is_a_settings_error(place: str) -> None:
    """What can't be opened is told as a setting to correct, without a password."""
    with pytest.raises(SettingsError) as caught:
        open_store(place)
    assert "Error" not in caught.value.reason
