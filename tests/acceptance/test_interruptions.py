"""Power cuts, Ctrl-C, two people at once, a full disk: never two, and never a lie about it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from maria import MARIA
from waiting import until

from robot.records import caso as cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Office
    from lanzador import Started


def the_case(office: Office) -> cases.Caso:
    """Return the installation's only case."""
    [folder] = (office.folder / "datos" / "casos").glob("R-*")
    return cases.load(folder)


def end(process: Started, sign: signal.Signals) -> tuple[int, str]:
    """Signal a command and wait for its end."""
    process.send_signal(sign)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_killed_while_guardar_is_on_its_way(office: Office) -> None:
    """Kill -9 after the POST left: the case is in doubt, `continuar` refuses, and Serviweb saw one POST."""
    office.control.faults({"at": "factura.guardar", "fault": "slow", "seconds": 3})
    with office.start("reconexion", *MARIA) as process:
        until(lambda: office.posts("factura.guardar") == 1)
        end(process, signal.SIGKILL)
    said = office.run("continuar", the_case(office).id)
    assert said.code == 6, said.err
    assert the_case(office).estado == "en_duda"
    assert office.run("reconexion", *MARIA).code == 3
    assert office.posts("factura.guardar") == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_killed_before_guardar(office: Office) -> None:
    """Kill -9 before anything was sent: nothing in Serviweb, and the same request may be made again."""
    office.control.faults({"at": "factura.suscriptor", "fault": "slow", "seconds": 30})
    with office.start("reconexion", *MARIA) as process:
        until(lambda: _journal_has(office, '"number": "6"'))
        end(process, signal.SIGKILL)
    said = office.run("continuar", the_case(office).id)
    assert said.code == 3, said.err
    assert the_case(office).estado == "fallido"
    office.control.reset()
    assert office.run("reconexion", *MARIA, "--json").json["estado"] == "esperando_pago"
    assert len(office.control.ledger()["facturas"]) == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_killed_between_factura_and_abono(office: Office) -> None:
    """Kill -9 with a factura saved: `continuar` makes the abono of that factura and bills nothing again."""
    office.control.faults({"at": "abono.buscar", "fault": "slow", "seconds": 30})
    with office.start("reconexion", *MARIA) as process:
        until(lambda: _journal_has(office, '"number": "19"'))
        end(process, signal.SIGKILL)
    office.control.faults()
    said = office.run("continuar", the_case(office).id, "--json")
    assert said.code == 0, said.err
    assert said.json["estado"] == "esperando_pago"
    ledger = office.control.ledger()
    [factura], [abono] = ledger["facturas"], ledger["abonos"]
    assert abono["facturas"] == [factura["number"]]


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_before_guardar(office: Office) -> None:
    """Ctrl-C: exit 130, the case is *cancelado*, nothing in Serviweb, no Python traceback."""
    office.control.faults({"at": "factura.suscriptor", "fault": "slow", "seconds": 30})
    with office.start("reconexion", *MARIA) as process:
        until(lambda: _journal_has(office, '"number": "6"'))
        code, err = end(process, signal.SIGINT)
    assert code == 130, err
    assert "Traceback" not in err
    assert the_case(office).estado == "cancelado"
    assert office.control.ledger()["facturas"] == []


def test_two_processes_on_one_case(office: Office) -> None:
    """While one process works a case, another one is refused (exit 9) and sends nothing."""
    office.control.faults({"at": "factura.suscriptor", "fault": "slow", "seconds": 4})
    with office.start("reconexion", *MARIA) as process:
        until(lambda: _journal_has(office, '"number": "6"'))
        said = office.run("continuar", the_case(office).id)
        assert said.code == 9, said.err
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert office.posts("factura.guardar") == 1


def test_two_advisors_ask_for_one_subscriber_at_the_same_moment(office: Office) -> None:
    """Two processes, two users, one subscriber: one case, one factura; the other is told which case there is."""
    other = dict(office.environment, SERVIWEB_USUARIO="asesor2", SERVIWEB_CLAVE="clave-asesor2")
    first = office.start("reconexion", *MARIA)
    office.environment = other
    second = office.start("reconexion", *MARIA)
    with first, second:
        said = [process.communicate(timeout=120)[1] for process in (first, second)]
    assert sorted([first.returncode, second.returncode]) == [0, 3]
    assert "ya tiene el caso R-" in said[0] + said[1]
    assert len(office.control.ledger()["facturas"]) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a disk of 400 kB (Linux, root)."""
    folder = tmp_path / "disco"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="mounts a small disk")
@pytest.mark.parametrize("kilobytes", [4, 40, 120, 200, 300, 360])
def test_a_disk_that_fills_up(office: Office, small_disk: Path, kilobytes: int) -> None:
    """Whenever the disk is full, nothing leaves without its `sent` on disk, and the case never lies about it."""
    office.environment["SERVIWEB_CARPETA"] = str(small_disk)
    (small_disk / "lleno").write_bytes(b"x" * ((400 - kilobytes) * 1024))
    said = office.run("reconexion", *MARIA)
    assert "Traceback" not in said.err
    facturas = office.control.ledger()["facturas"]
    assert len(facturas) <= 1
    if facturas:
        [folder] = (small_disk / "casos").glob("R-*")
        caso = cases.load(folder)
        told = caso.after_death() if caso.estado == "en_curso" else caso.estado
        assert told in {"en_duda", "incompleto", "esperando_pago"}
    else:
        assert said.code not in {0, 6, 7}


def _journal_has(office: Office, text: str) -> bool:
    paths = (office.folder / "datos" / "casos").glob("R-*/journal.jsonl")
    return any(text in path.read_text(encoding="utf-8") for path in paths)
