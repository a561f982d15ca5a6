"""A PostgreSQL of the tests' own: a cluster in a temporary folder, on a Unix socket, gone when the tests end."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from robot.records.store.engine import open_store

PROGRAMS = Path("/usr/lib/postgresql")
# The tests don't cut the power; what they prove of durability is SQLite's and the journal's.
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=32MB"
MODEL = "modelo"
_names = itertools.count(1)


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs, the newest version's. Raises where there is none."""
    found = sorted(PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3])) or [shutil.which(name)]
    assert found[-1], "No hay PostgreSQL: ejecute «make setup-dev» o instale el paquete «postgresql»"
    return str(found[-1])


def as_owner(*command: str) -> None:
    """Run a program as a user whom PostgreSQL accepts: it refuses root. The server keeps no pipe of ours open."""
    before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryFile() as told:
        done = subprocess.run([*before, *command], stdout=told, stderr=told, check=False, cwd="/")
        told.seek(0)
        assert done.returncode == 0, told.read().decode(errors="replace")


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster and give the folder of its socket; stop it by its own process id."""
    with tempfile.TemporaryDirectory(prefix="serviweb-pg-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        data = str(folder / "datos")
        as_owner(program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        control = (program("pg_ctl"), "-D", data, "-w")
        as_owner(*control, "-l", str(folder / "log"), "-o", f"{OPTIONS} -k {name}", "start")
        try:
            yield name
        finally:
            as_owner(*control, "-m", "immediate", "stop")


def address(socket: str, database: str) -> str:
    """Return the address of a database, as SERVIWEB_BASE_DATOS has it."""
    return f"postgresql://postgres@/{database}?host={socket}"


def execute(socket: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    with psycopg.connect(f"host={socket} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def modelled() -> Iterator[str]:
    """Start a cluster with a database to copy, its tables made, and give its socket."""
    with cluster() as socket:
        execute(socket, f"CREATE DATABASE {MODEL}")
        open_store(address(socket, MODEL)).close()
        yield socket


def fresh(socket: str) -> str:
    """Make an empty database with its tables, in some 50 ms, and return its address."""
    name = f"prueba_{next(_names)}"
    execute(socket, f"CREATE DATABASE {name} TEMPLATE {MODEL}")
    return address(socket, name)
