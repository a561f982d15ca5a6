"""An advisor at the desk while the queue is at work: one Serviweb user in one place, and the case is seen live."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from lote import good_rows
from maria import MARIA
from test_resistencia import rows
from waiting import until

from robot.records.store import leases
from robot.records.store.engine import open_store
from robot.settings import BOGOTA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Office
    from lanzador import Started

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


def of(codigo: str, ruta: str) -> list[str]:
    """Return María's request for another subscriber."""
    return [codigo, "--ruta", ruta, *MARIA[3:]]


@contextmanager
def queue_at_work(office: Office) -> Iterator[Started]:
    """Run a queue that stays, and stop it by Ctrl-C."""
    with office.start("cola", "trabajar", "--seguir") as process:
        try:
            until(lambda: _holder(office) is not None)
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


def _holder(office: Office) -> str | None:
    path = office.folder / "datos" / "serviweb.sqlite3"
    if not path.exists():
        return None
    with open_store(path) as store:
        known = leases.known_user(store, "asesor1")
    return known["trabajador"] if known else None


def _waits_at_step_6(office: Office) -> bool:
    journals = (office.folder / "datos" / "casos").glob("R-*/journal.jsonl")
    return any('"number": "6"' in path.read_text(encoding="utf-8").rpartition('"event"')[2] for path in journals)


def test_a_run_at_the_desk_goes_to_the_queue_and_is_seen_live(office: Office) -> None:
    """Both stages by the queue's worker, in its one session, with the words and exit codes of one's own run."""
    office.environment["SERVIWEB_EVIDENCIA"] = "ninguna"
    with queue_at_work(office):
        first = office.run("reconexion", *MARIA)
        assert first.code == 0, first.err
        assert "pasa de primero y se muestra aquí" in first.err
        assert "✔     14" in first.err
        [abono] = office.control.ledger()["abonos"]
        assert abono["number"] in first.out
        office.pay(abono["number"])
        today = f"{datetime.now(BOGOTA):%d/%m/%Y}"
        second = office.run("tramite", "100234", "--recibo", abono["number"], "--fecha", today, "--json")
        assert (second.code, second.json.get("estado")) == (0, "terminado"), second.out + second.err
        assert second.err == ""
        wrong = office.run("reconexion", *of("100701", "99-999"), "--json")
        assert (wrong.code, wrong.json["estado"], wrong.json["error"]["error"]) == (3, "rechazado", "Rejected")
        busy = office.run("reconexion", *of("100702", "02-011"), "--ensayo")
        assert (busy.code, "lo está usando la cola" in busy.err) == (9, True), busy.err
        assert office.posts("ingreso.entrar") == 2  # the cashier's is the other one
        office.control.faults({"at": "factura.suscriptor", "fault": "slow", "seconds": 3})
        with office.start("reconexion", *of("100702", _ruta("100702"))) as seen:
            until(lambda: _waits_at_step_6(office))
            seen.send_signal(signal.SIGINT)
            _, err = seen.communicate(timeout=60)
        assert (seen.returncode, "Se dejó de seguir el caso R-" in err) == (130, True), err
        until(lambda: rows(office)["100702"]["estado"] == "esperando_pago")
    ledger = office.control.ledger()
    assert sorted(factura["codigo"] for factura in ledger["facturas"]) == ["100234", "100702"]
    assert len(ledger["tramites"]) == 1


def test_whoever_follows_takes_over_from_a_dead_worker(office: Office) -> None:
    """Kill -9 of the queue before anything was sent: the advisor's process works the case itself, once."""
    office.environment["SERVIWEB_EVIDENCIA"] = "ninguna"
    office.control.faults({"at": "factura.suscriptor", "fault": "slow", "seconds": 5})
    with queue_at_work(office) as queue, office.start("reconexion", *MARIA, "--json") as seen:
        until(lambda: _waits_at_step_6(office))
        queue.send_signal(signal.SIGKILL)
        _, err = seen.communicate(timeout=60)
    assert seen.returncode == 0, err
    assert rows(office)["100234"]["estado"] == "esperando_pago"
    assert len(office.control.ledger()["facturas"]) == 1


def test_a_person_s_wrong_passwords_are_counted_too(office: Office) -> None:
    """After two refusals Serviweb isn't asked a third time, until a person says that the password is right."""
    office.environment["SERVIWEB_CLAVE"] = "otra"
    for _ in range(2):
        assert office.run("reconexion", *MARIA).code == 3
    locked = office.run("reconexion", *MARIA)
    assert (locked.code, "serviweb cola desbloquear asesor1" in locked.err) == (3, True), locked.err
    assert office.posts("ingreso.entrar") == 2
    assert office.run("cola", "estado", "--json").json["usuarios"][0]["fallos"] == 2


def _ruta(codigo: str) -> str:
    """Return a subscriber's ruta, as the fixtures have it."""
    return next(row["Ruta"] for row in good_rows() if row["Código"] == codigo)
