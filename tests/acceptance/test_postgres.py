"""Two machines, one PostgreSQL, one queue: work shared, a machine dead for good, a frozen one; the ledger judges."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from congelado import freeze_at
from lote import a_file, today
from maria import MARIA
from waiting import until

from robot.records.store import cases
from robot.records.store.audit import verify
from robot.records.store.engine import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Office
    from lanzador import Started

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
LEASE_SECONDS = 2


class City:
    """Machines of one installation, each with its own folder and Serviweb user."""

    def __init__(self, office: Office, database: str) -> None:
        self.office = office
        self.database = database
        self.running: list[Started] = []

    def machine(self, name: str, user: str) -> Office:
        """Give a machine of that name."""
        folder = self.office.folder / name
        folder.mkdir()
        own = {
            "SERVIWEB_BASE_DATOS": self.database,
            "SERVIWEB_EQUIPO": name,
            "SERVIWEB_USUARIO": user,
            "SERVIWEB_CLAVE": f"clave-{user}",
            "SERVIWEB_CARPETA": str(folder / "datos"),
            "SERVIWEB_EVIDENCIA": "ninguna",
            "SERVIWEB_ARRIENDO_SEGUNDOS": str(LEASE_SECONDS),
            "SERVIWEB_REINTENTO_SEGUNDOS": "0.5",
            "SERVIWEB_CONSULTA_INTERVALOS": "0.5|1",
        }
        return replace(self.office, folder=folder, environment={**self.office.environment, **own})

    def work(self, machine: Office) -> Started:
        """Let a machine work until it is told to stop."""
        self.running.append(machine.start("cola", "trabajar", "--seguir"))
        return self.running[-1]

    def states(self) -> dict[str, int]:
        """Return how many cases are in each state."""
        with open_store(self.database) as store:
            return cases.counts(store)

    def whole(self, *machines: Office) -> list[Any]:
        """Return what the audit finds wrong between the database and each machine's folders, notes left out."""
        with open_store(self.database) as store:
            found = [
                fault
                for one in machines
                for fault in verify(store, one.folder / "datos" / "casos", machine=one.environment["SERVIWEB_EQUIPO"])
            ]
        return [fault for fault in found if not fault.nota]


@pytest.fixture
def city(office: Office, postgres: str) -> Iterator[City]:
    """Give machines on a fresh database; whatever they still run is killed at the end."""
    city = City(office, postgres)
    yield city
    for process in city.running:
        kill_whole(process)


def kill_whole(process: Started) -> None:
    """Kill a command with its browser: a machine whose plug was pulled."""
    if process.poll() is None:
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        for one in family:
            one.kill()
        psutil.wait_procs(family, timeout=20)
    process.communicate(timeout=20)


def stop(process: Started) -> str:
    """Press Ctrl-C and return what it said."""
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=60)[1]


def test_two_machines_share_one_queue(city: City) -> None:
    """Each case is billed once by one of them; a case begun on one is paid and filed on the other."""
    una, otra = city.machine("sede", "asesor1"), city.machine("caja-2", "asesor2")
    working = [city.work(una), city.work(otra)]
    assert una.run("cola", "cargar", str(a_file(una, 4))).code == 0
    until(lambda: city.states() == {"esperando_pago": 4}, 90)
    facturas = city.office.control.ledger()["facturas"]
    assert sorted(Counter(factura["codigo"] for factura in facturas).values()) == [1] * 4
    assert {factura["user"] for factura in facturas} == {"asesor1", "asesor2"}
    assert "Traceback" not in "".join(stop(process) for process in working)

    theirs = next(factura["codigo"] for factura in facturas if factura["user"] == "asesor1")
    abono = next(a for a in city.office.control.ledger()["abonos"] if a["codigo"] == theirs)
    seen = otra.run("caso", theirs)
    assert (seen.code, "sede" in seen.out) == (0, True), seen.out + seen.err
    city.office.pay(abono["number"])
    paid = otra.run("pago", theirs, "--recibo", abono["number"], "--fecha", today())
    assert paid.code == 0, paid.err
    assert otra.run("cola", "trabajar").code == 0
    [tramite] = city.office.control.ledger()["tramites"]
    assert (tramite["codigo"], tramite["user"]) == (theirs, "asesor2")
    assert city.states() == {"esperando_pago": 3, "terminado": 1}
    told = una.run("caso", theirs).out
    assert tramite["number"] in told
    assert "caja-2" in told
    assert city.whole(una, otra) == []


def test_a_foreground_case_of_another_machine_goes_on_here(city: City) -> None:
    """`reconexion` on one machine, its plug pulled between factura and abono: `continuar` on the other ends it."""
    una, otra = city.machine("sede", "asesor1"), city.machine("caja-2", "asesor2")
    city.office.control.faults({"at": "abono.buscar", "fault": "slow", "seconds": 30})
    process = una.start("reconexion", *MARIA)
    until(lambda: len(city.office.control.ledger()["facturas"]) == 1)
    until(lambda: _confirmed(city, "factura"))
    early = otra.run("continuar", "100234")
    assert (early.code, "sede" in early.err) == (9, True), early.err
    kill_whole(process)
    city.office.control.faults()
    until(lambda: otra.run("continuar", "100234").code == 0, 60)
    ledger = city.office.control.ledger()
    [factura], [abono] = ledger["facturas"], ledger["abonos"]
    assert abono["facturas"] == [factura["number"]]
    assert (factura["user"], abono["user"]) == ("asesor1", "asesor2")


def _confirmed(city: City, kind: str) -> bool:
    with open_store(city.database) as store:
        rows = cases.find(store, "100234")
        found = cases.effects(store, rows[0]["id"]) if rows else []
    return any((effect["tipo"], effect["estado"]) == (kind, "confirmado") for effect in found)


def test_a_machine_that_never_comes_back(city: City) -> None:
    """Its plug is pulled before one factura leaves and after another left: the other machine bills each just once."""
    una, otra = city.machine("sede", "asesor1"), city.machine("caja-2", "asesor2")
    una.environment |= {"SERVIWEB_USUARIOS": "asesor1|asesor3", "SERVIWEB_CLAVES": "clave-asesor1|clave-asesor3"}
    una.run("cola", "cargar", str(a_file(una, 2)))
    city.office.control.faults(
        {"at": "factura.suscriptor", "fault": "slow", "seconds": 60, "of": "100701"},
        {"at": "factura.guardar", "fault": "slow", "seconds": 3, "of": "100702"},
    )
    process = city.work(una)
    until(lambda: city.office.control.left() == [] and city.office.posts("factura.guardar") == 1)
    kill_whole(process)
    city.work(otra)
    until(lambda: city.states() == {"esperando_pago": 2})
    ledger = city.office.control.ledger()
    users = {factura["codigo"]: factura["user"] for factura in ledger["facturas"]}
    assert len(ledger["facturas"]) == len(ledger["abonos"]) == 2
    assert users["100701"] == "asesor2"
    assert users["100702"] in {"asesor1", "asesor3"}
    assert {abono["user"] for abono in ledger["abonos"]} == {"asesor2"}
    assert city.office.posts("factura.guardar") == 2
    assert city.whole(una, otra) == []


@pytest.mark.parametrize(
    "kind",
    ["factura", pytest.param("abono", marks=pytest.mark.full), pytest.param("tramite", marks=pytest.mark.full)],
)
def test_a_frozen_machine_sends_nothing_when_it_wakes(city: City, kind: str) -> None:
    """Stopped while its click's request waits to leave, taken over, woken: one document, and it says that it lost."""
    una, otra = city.machine("sede", "asesor1"), city.machine("caja-2", "asesor2")
    una.run("cola", "cargar", str(a_file(una, 1)))
    if kind == "tramite":
        assert una.run("cola", "trabajar").code == 0
        [abono] = city.office.control.ledger()["abonos"]
        city.office.pay(abono["number"])
        assert una.run("pago", "100701", "--recibo", abono["number"], "--fecha", today()).code == 0
    frozen = una.start("cola", "trabajar", "--seguir", before=(freeze_at, (kind,)))
    city.running.append(frozen)
    until(lambda: psutil.Process(frozen.pid).status() == psutil.STATUS_STOPPED)
    names = {"factura": "facturas", "abono": "abonos", "tramite": "tramites"}
    assert city.office.control.ledger()[names[kind]] == []
    other = city.work(otra)
    goal = {"terminado" if kind == "tramite" else "esperando_pago": 1}
    until(lambda: city.states() == goal)
    frozen.send_signal(signal.SIGCONT)
    assert "ya no es de este proceso" in " ".join(stop(frozen).split())
    stop(other)
    assert len(city.office.control.ledger()[names[kind]]) == 1
    assert city.states() == goal
    assert city.whole(una, otra) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_same_file_loaded_by_two_processes_at_once(city: City, kind: str) -> None:
    """Each row becomes one case, whoever of the two takes it first (500 rows are one transaction)."""
    una = city.machine("sede", "asesor1")
    otra = city.machine("caja-2", "asesor2") if kind == "postgresql" else una
    if kind == "sqlite":
        del una.environment["SERVIWEB_BASE_DATOS"]
    path = str(a_file(una, 1_200))
    both = [machine.start("cola", "cargar", path, "--json") for machine in (una, otra)]
    said = [json.loads(process.communicate(timeout=60)[0]) for process in both]
    assert sum(one["nuevas"] for one in said) == sum(one["ya_atendidas"] for one in said) == 1_200, said
    place = city.database if kind == "postgresql" else una.folder / "datos" / "serviweb.sqlite3"
    with open_store(place) as store:
        assert cases.counts(store) == {"en_cola": 1_200}


def test_two_machines_ask_for_one_subscriber_at_the_same_moment(city: City) -> None:
    """Two machines, two users, one subscriber: one case, one factura; the other is told which case there is."""
    both = [
        machine.start("reconexion", *MARIA)
        for machine in (city.machine("sede", "asesor1"), city.machine("caja-2", "asesor2"))
    ]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 3], said
    assert "ya tiene el caso R-" in said[0] + said[1]
    assert len(city.office.control.ledger()["facturas"]) == 1
