"""The real robot, browser and database killed at each boundary of its journal, for each document (design: *Effects*).

Whatever was killed, the queue is begun again and drained, and Serviweb's ledger judges: nobody twice, and each case is
done, proved not sent, or in doubt. tests/proof has every moment between the boundaries, without a browser.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from juicio import Judge, people, requests
from muerte import EVENTS, browser_dies, worker_dies

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Office

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
COBRO, TRAMITE = ("tercero", "factura", "abono"), ("tramite",)
ALL = [(event, kind) for kind in (*COBRO, *TRAMITE) for event in EVENTS]
# Each event and each kind once.
SAMPLE = list(zip(EVENTS, (*COBRO, *TRAMITE), strict=True))
FULL = pytest.mark.full


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, office: Office) -> str | Path:
    """Give an installation that waits for nothing long, on each of the two databases."""
    office.environment |= {
        "SERVIWEB_EVIDENCIA": "ninguna",
        "SERVIWEB_CONSULTA_INTERVALOS": "0.2|600",
        "SERVIWEB_ESPERA_COLA_SEGUNDOS": "0.2",
        "SERVIWEB_REINTENTO_SEGUNDOS": "0.1",
        "SERVIWEB_REINTENTO_MAXIMO_SEGUNDOS": "0.2",
        "SERVIWEB_TOMAS": "50",
    }
    if request.param == "sqlite":
        return office.folder / "datos" / "serviweb.sqlite3"
    address: str = request.getfixturevalue("postgres")
    office.environment["SERVIWEB_BASE_DATOS"] = address
    return address


def of_database(where: str | Path, moments: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return all of them on SQLite, and a sample with each event and each kind on PostgreSQL."""
    return SAMPLE if isinstance(where, str) else moments


def drained(office: Office, judge: Judge) -> None:
    """Let the queue do all that it can."""
    for _ in range(2):  # a look-up may come due when the first has nothing left to do
        said = office.run("cola", "trabajar")
        assert said.code == 0, said.err
    judge.nobody_twice()


def kill_worker(office: Office, judge: Judge, event: str, kind: str) -> None:
    """Work until that entry is written, and be killed there."""
    process = office.start("cola", "trabajar", before=(worker_dies, (event, kind)))
    with process:
        _, err = process.communicate(timeout=90)
    assert process.returncode == -signal.SIGKILL, f"{event} {kind} never came: {err}"
    judge.nobody_twice()


def check(judge: Judge, expected_doubts: int) -> None:
    """Judge the batch at rest."""
    judge.nobody_twice()
    judge.no_state_lies()
    judge.journals_agree()
    states = judge.states()
    assert states.get("en_duda", 0) == expected_doubts, states
    assert sum(states.values()) == len(judge.documents)


def kills_of_the_worker(office: Office, where: str | Path, moments: list[tuple[str, str]]) -> None:
    """Kill -9 of the worker at each moment, one process after another over one queue.

    What was sent without having left is in doubt for good (nothing of it is in Serviweb), and so is a tercero that was
    answered: no list shows one. All else goes on to its end.
    """
    whom = people(len(moments), known=False)
    judge = Judge(office, whom, where)
    assert office.run("cola", "cargar", str(requests(office, whom))).code == 0
    for event, kind in moments:
        if kind in COBRO:
            kill_worker(office, judge, event, kind)
    drained(office, judge)
    assert judge.pay_all() > 0
    for event, kind in moments:
        if kind in TRAMITE:
            kill_worker(office, judge, event, kind)
    drained(office, judge)
    judge.pay_all()
    drained(office, judge)
    lost = [at for at in moments if at[0] == "effect.sent" or at == ("effect.answered", "tercero")]
    check(judge, expected_doubts=len(lost))
    assert judge.states()["terminado"] == len(moments) - len(lost)


def kills_of_the_browser(office: Office, where: str | Path, moments: list[tuple[str, str]]) -> None:
    """Kill -9 of the browser at each moment; the same process goes on with a new one."""
    whom = people(len(moments) // 2 + 2, known=False)
    judge = Judge(office, whom, where)
    assert office.run("cola", "cargar", str(requests(office, whom))).code == 0
    for stage in (COBRO, TRAMITE):
        at = tuple(f"{event}:{kind}" for event, kind in moments if kind in stage)
        with office.start("cola", "trabajar", before=(browser_dies, at)) as process:
            _, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
        drained(office, judge)
        judge.pay_all()
    drained(office, judge)
    judge.nobody_twice()
    judge.no_state_lies()
    judge.journals_agree()


def test_the_worker_is_killed_at_each_boundary(office: Office, where: str | Path) -> None:
    """All sixteen boundaries on SQLite, a sample on PostgreSQL."""
    kills_of_the_worker(office, where, of_database(where, ALL))


def test_the_browser_is_killed_at_each_boundary(office: Office, where: str | Path) -> None:
    """All sixteen boundaries on SQLite, a sample on PostgreSQL."""
    kills_of_the_browser(office, where, of_database(where, ALL))


@pytest.mark.full
@pytest.mark.parametrize("where", ["postgresql"], indirect=True)
@pytest.mark.parametrize("kills", [kills_of_the_worker, kills_of_the_browser])
def test_all_boundaries_on_postgresql(office: Office, where: str | Path, kills: object) -> None:
    """The whole product there too."""
    kills(office, where, ALL)  # type: ignore[operator]
