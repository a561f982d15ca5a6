"""The queue among failures: cases that fail, a Serviweb that is down or changed, a user that is refused."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lote import a_file, billed, states, whole
from postgres import execute
from waiting import until

from robot.records.journal import read
from robot.records.store import cases
from robot.records.store.audit import verify
from robot.records.store.engine import open_store

if TYPE_CHECKING:
    from conftest import Office

SELECTORS = Path(__file__).parents[2] / "selectors"


@pytest.fixture
def brisk(office: Office) -> Office:
    """Give an installation that loses patience soon."""
    office.environment |= {
        "SERVIWEB_EVIDENCIA": "ninguna",
        "SERVIWEB_ESPERA_SEGUNDOS": "2",
        "SERVIWEB_INTENTOS": "1",
        "SERVIWEB_TOMAS": "2",
        "SERVIWEB_REINTENTO_SEGUNDOS": "0.5",
        "SERVIWEB_ESPERA_COLA_SEGUNDOS": "0.2",
    }
    return office


def rows(office: Office) -> dict[str, Any]:
    """Return each subscriber's row of the database."""
    with sqlite3.connect(office.folder / "datos" / "serviweb.sqlite3") as connection:
        connection.row_factory = sqlite3.Row
        return {row["codigo"]: dict(row) for row in connection.execute("SELECT * FROM casos")}


def told(office: Office, case: str) -> list[tuple[str, str]]:
    """Return the states that a case's journal tells, each with its reason."""
    entries = read(office.folder / "datos" / "casos" / case)
    return [(e["estado"], e.get("reason", "")) for e in entries if e["event"] == "case.state"]


def test_a_failing_case_waits_for_its_turn_and_then_for_a_person(brisk: Office) -> None:
    """Once late: done at the second take. Always late: *fallido* after two. Late behind its factura: one of each."""
    slow = {"fault": "slow", "seconds": 4}
    brisk.control.faults(
        {**slow, "at": "abono.buscar", "times": 1},  # the first case gets there first
        {**slow, "at": "factura.suscriptor", "of": "100702", "times": 9},
        {**slow, "at": "factura.suscriptor", "of": "100703", "times": 1},
    )
    brisk.run("cola", "cargar", str(a_file(brisk, 3)))
    said = brisk.run("cola", "trabajar")
    assert said.code == 0, said.err
    found = rows(brisk)
    assert {codigo: row["estado"] for codigo, row in found.items()} == {
        "100701": "esperando_pago",
        "100702": "fallido",
        "100703": "esperando_pago",
    }
    assert billed(brisk) == {"100701": 1, "100703": 1}
    assert Counter(abono["codigo"] for abono in brisk.control.ledger()["abonos"]) == {"100701": 1, "100703": 1}
    for codigo in ("100701", "100703"):
        journal = told(brisk, found[codigo]["id"])
        assert [estado for estado, _ in journal] == ["en_curso", "en_cola", "en_curso", "esperando_pago"]
        assert journal[1][1].startswith("Paso ")
        assert found[codigo]["intentos"] == 0
    assert found["100702"]["motivo"].startswith("Se intentó 2 veces y no se pudo. Lo último: Paso 6")
    assert "La cola lo toma otra vez sola, después de las " in said.err
    assert whole(brisk) == []


def test_one_circuit_for_a_site_that_is_down(brisk: Office) -> None:
    """Two failures in a row and nobody begins; the probe gets through and all is done: no case paid an attempt."""
    brisk.environment |= {"SERVIWEB_CIRCUITO_FALLOS": "2", "SERVIWEB_CIRCUITO_PAUSA_SEGUNDOS": "4"}
    brisk.run("cola", "cargar", str(a_file(brisk, 2)))
    brisk.control.faults({"at": "factura.suscriptor", "fault": "error_500", "times": 2})
    with brisk.start("cola", "trabajar") as process:
        assert process.stderr
        until(lambda: "Serviweb no responde: se espera" in process.stderr.readline())
        circuit = brisk.run("cola", "estado", "--json").json["circuito"]
        assert (circuit["fase"], circuit["caidas"]) == ("abierto", 1)
        assert circuit["motivo"]
        assert brisk.run("cola", "reanudar").code == 0
        assert brisk.run("cola", "estado", "--json").json["circuito"]["fase"] == "cerrado"
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert sorted(billed(brisk).values()) == [1, 1]
    assert {row["estado"] for row in rows(brisk).values()} == {"esperando_pago"}


def test_a_changed_screen_pauses_the_queue(brisk: Office) -> None:
    """The second case in a row that misses the same control pauses the queue, which says what to do; the rest waits."""
    folder = brisk.folder / "mapa"
    shutil.copytree(SELECTORS / "mock", folder)
    good = (folder / "factura.toml").read_text(encoding="utf-8")
    (folder / "factura.toml").write_text(_without_agregar(good), encoding="utf-8")
    brisk.environment |= {"SERVIWEB_MAPA": str(folder)}
    brisk.run("cola", "cargar", str(a_file(brisk, 3)))
    with brisk.start("cola", "trabajar") as process:
        assert process.stderr
        until(lambda: "Cola en pausa" in (line := process.stderr.readline()) and "En dos casos seguidos" in line)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert states(brisk) == {"fallido": 2, "en_cola": 1}
    pause = brisk.run("cola", "estado")
    assert "factura.agregar" in " ".join(pause.out.split())
    assert billed(brisk) == {}
    (folder / "factura.toml").write_text(good, encoding="utf-8")
    brisk.run("cola", "reanudar")
    assert brisk.run("cola", "trabajar").code == 0
    assert states(brisk) == {"fallido": 2, "esperando_pago": 1}


def _without_agregar(text: str) -> str:
    table = re.search(r"^\[agregar\]\n(?:.+\n)+", text, re.MULTILINE)
    assert table
    return text.replace(table[0], '[agregar]\nrole = "button"\nname = "Añadir el producto"\n')


def test_a_refused_user_is_no_other_worker_s_business(brisk: Office) -> None:
    """One of two users has a wrong password: the other does all the work, and the command says what was wrong."""
    brisk.environment |= {"SERVIWEB_USUARIOS": "asesor1|asesor2", "SERVIWEB_CLAVES": "clave-asesor1|otra"}
    brisk.run("cola", "cargar", str(a_file(brisk, 3)))
    said = brisk.run("cola", "trabajar")
    assert (said.code, "no dejó entrar al usuario asesor2" in said.err) == (2, True), said.err
    assert states(brisk) == {"esperando_pago": 3}
    assert {factura["user"] for factura in brisk.control.ledger()["facturas"]} == {"asesor1"}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the browser in /proc")
def test_a_browser_that_dies_is_started_anew(brisk: Office) -> None:
    """Kill -9 of the browser alone: the queue goes on with another one, and nothing is billed twice."""
    brisk.run("cola", "cargar", str(a_file(brisk, 2)))
    brisk.control.faults({"at": "factura.suscriptor", "fault": "slow", "seconds": 1, "times": 1})
    with brisk.start("cola", "trabajar") as process:
        until(lambda: any((brisk.folder / "datos" / "casos").glob("R-*/journal.jsonl")))
        for pid in _browsers(process.pid):
            with suppress(ProcessLookupError):  # it went with its parent
                os.kill(pid, signal.SIGKILL)
        _, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert states(brisk) == {"esperando_pago": 2}
    assert sorted(billed(brisk).values()) == [1, 1]
    assert whole(brisk) == []


def _browsers(root: int) -> list[int]:
    """Return the browser's first processes among the descendants of a process."""
    parents = {}
    names = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue
        parents[int(folder.name)], names[int(folder.name)] = int(rest.split()[1]), name
    ours = {root}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    found = [pid for pid in ours if names.get(pid, "").startswith(("chrom", "headless"))]
    assert found, names
    return found


def test_a_database_that_goes_away_is_waited_for(brisk: Office, postgres: str, postgresql: str) -> None:
    """PostgreSQL lets nobody in, in the middle of a case: the workers wait, and go on when it is back; none failed."""
    name = postgres.partition("@/")[2].partition("?")[0]
    brisk.environment |= {"SERVIWEB_BASE_DATOS": postgres, "SERVIWEB_ESPERA_SEGUNDOS": "8"}
    brisk.run("cola", "cargar", str(a_file(brisk, 2)))
    brisk.control.faults({"at": "factura.suscriptor", "fault": "slow", "seconds": 2, "times": 1})
    with brisk.start("cola", "trabajar") as process:
        assert process.stderr
        until(lambda: any((brisk.folder / "datos" / "casos").glob("R-*/journal.jsonl")))
        execute(postgresql, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        execute(postgresql, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        until(lambda: "Se espera a la base de datos" in process.stderr.readline())
        execute(postgresql, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        _, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert "La base de datos responde otra vez" in err
    with open_store(postgres) as store:
        assert cases.counts(store) == {"esperando_pago": 2}
        assert [fault for fault in verify(store, brisk.folder / "datos" / "casos") if not fault.nota] == []
    assert sorted(billed(brisk).values()) == [1, 1]
