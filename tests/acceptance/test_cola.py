"""A batch from its file to Serviweb: bad rows, refusals, lost answers, kills and signals; the ledger is the judge."""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lote import a_file, at_step, billed, states, whole
from waiting import until

from robot.settings import BOGOTA

if TYPE_CHECKING:
    from conftest import Office


def test_a_batch_with_a_bad_row_a_refusal_and_a_lost_answer(office: Office) -> None:
    """Good rows are billed once each, the bad row waits in its file, what was lost is found and continued."""
    office.environment["SERVIWEB_CONSULTA_INTERVALOS"] = "1|2"
    path = a_file(office, 4, c100701={"Celular": "12"}, c100702={"Ruta": "99-999"})
    loaded = office.run("cola", "cargar", str(path), "--json")
    assert (loaded.json["nuevas"], loaded.json["con_error"], loaded.code) == (3, 1, 3), loaded.err
    assert "12" not in {problem["valor"] for problem in loaded.json["problemas"]}
    assert "100701" in (office.folder / "lote.errores.csv").read_text(encoding="utf-8-sig")
    office.control.faults({"at": "factura.guardar", "fault": "lost_answer", "times": 1})
    said = office.run("cola", "trabajar")
    assert said.code == 0, said.err
    assert "Traceback" not in said.err
    until(lambda: "en_duda" not in states(office) or office.run("cola", "trabajar").code != 0)
    assert states(office) == {"rechazado": 1, "esperando_pago": 2}
    assert sorted(billed(office).values()) == [1, 1]
    assert office.posts("factura.guardar") == 2
    assert whole(office) == []


def test_the_same_file_again_makes_no_case(office: Office) -> None:
    """Loaded again, each row is the request that is there already."""
    path = a_file(office, 3)
    assert office.run("cola", "cargar", str(path), "--json").json["nuevas"] == 3
    again = office.run("cola", "cargar", str(path), "--json")
    assert (again.json["nuevas"], again.json["ya_atendidas"], again.code) == (0, 3, 0)
    assert states(office) == {"en_cola": 3}


@pytest.mark.parametrize("at", ["factura.suscriptor", "factura.guardar", "abono.generar"])
def test_a_killed_worker_s_case_is_taken_up_again(office: Office, at: str) -> None:
    """Kill -9 before, or while, a document is saved: started again, the queue ends with one of each."""
    office.environment["SERVIWEB_CONSULTA_INTERVALOS"] = "1|2"
    office.run("cola", "cargar", str(a_file(office, 1)))
    office.control.faults({"at": at, "fault": "slow", "seconds": 4, "times": 1})
    before = office.posts(at)
    with office.start("cola", "trabajar") as process:
        until(lambda: office.posts(at) > before if at != "factura.suscriptor" else at_step(office, "6"))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    if kind := {"factura.guardar": "facturas", "abono.generar": "abonos"}.get(at):
        # A new login of the same user ends the session of a request that Serviweb is still working on: let it be saved.
        until(lambda: len(office.control.ledger()[kind]) == 1)
    deadline = time.monotonic() + 90
    while states(office) != {"esperando_pago": 1}:
        assert time.monotonic() < deadline, states(office)
        said = office.run("cola", "trabajar")
        assert said.code == 0, said.err
    ledger = office.control.ledger()
    assert (len(ledger["facturas"]), len(ledger["abonos"])) == (1, 1)
    assert whole(office) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_ends_the_document_and_leaves_the_rest_in_the_queue(office: Office) -> None:
    """The first Ctrl-C lets the running case come to its end; nothing else begins."""
    office.run("cola", "cargar", str(a_file(office, 3)))
    with office.start("cola", "trabajar") as process:
        until(lambda: at_step(office, "5"))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert states(office) == {"en_cola": 2, "esperando_pago": 1}
    assert sum(billed(office).values()) == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_second_ctrl_c_saves_nothing_more(office: Office) -> None:
    """The second Ctrl-C stops before the next document is saved; its case is in the queue again."""
    office.run("cola", "cargar", str(a_file(office, 1)))
    office.control.faults({"at": "factura.suscriptor", "fault": "slow", "seconds": 3})
    with office.start("cola", "trabajar") as process:
        until(lambda: at_step(office, "6"))
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)  # two signals at once are one
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert states(office) == {"en_cola": 1}
    assert billed(office) == {}


def test_a_pause_and_a_cancelled_case(office: Office) -> None:
    """Paused, nothing begins until somebody lets the queue go on; a cancelled case never does."""
    office.run("cola", "cargar", str(a_file(office, 2)))
    assert office.run("cola", "pausar", "--motivo", "cierre de caja").code == 0
    with office.start("cola", "trabajar") as process:
        assert process.stderr
        until(lambda: "Cola en pausa" in process.stderr.readline())
        assert office.run("cola", "cancelar", "100701").code == 0
        assert states(office) == {"cancelado": 1, "en_cola": 1}
        assert office.run("cola", "reanudar").code == 0
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert states(office) == {"cancelado": 1, "esperando_pago": 1}
    assert billed(office) == {"100702": 1}


def test_two_workers_share_the_queue_each_with_its_user(office: Office) -> None:
    """Two users work at once and their half-filled facturas never mix: one factura a subscriber, three products."""
    office.environment |= {"SERVIWEB_USUARIOS": "asesor1|asesor2", "SERVIWEB_CLAVES": "clave-asesor1|clave-asesor2"}
    office.run("cola", "cargar", str(a_file(office, 4)))
    said = office.run("cola", "trabajar")
    assert said.code == 0, said.err
    assert states(office) == {"esperando_pago": 4}
    facturas = office.control.ledger()["facturas"]
    assert sorted(billed(office).values()) == [1, 1, 1, 1]
    assert {len(factura["productos"]) for factura in facturas} == {3}
    assert {factura["user"] for factura in facturas} == {"asesor1", "asesor2"}


def test_a_paid_case_is_filed_by_the_queue(office: Office) -> None:
    """`pago` lets the trámite into the queue; its lists, the batch's results and the audit tell of it."""
    loaded = office.run("cola", "cargar", str(a_file(office, 2)), "--json").json
    office.run("cola", "trabajar")
    waiting = office.run("casos", "--esperando-pago", "--json").json["casos"]
    assert {case["codigo"] for case in waiting} == {"100701", "100702"}
    abono = next(a for a in office.control.ledger()["abonos"] if a["codigo"] == "100701")
    office.pay(abono["number"])
    today = f"{datetime.now(BOGOTA):%d/%m/%Y}"
    paid = office.run("pago", "100701", "--recibo", abono["number"], "--fecha", today, "--json")
    assert paid.code == 0, paid.err
    assert office.run("pago", "100701", "--recibo", abono["number"], "--fecha", today).code == 3
    assert office.run("cola", "trabajar").code == 0
    [tramite] = office.control.ledger()["tramites"]
    assert tramite["codigo"] == "100701"
    assert states(office) == {"esperando_pago": 1, "terminado": 1}
    results = office.run("cola", "resultados", loaded["lote"], "--json").json
    text = Path(results["csv"]).read_text(encoding="utf-8-sig")
    assert tramite["number"] in text
    assert abono["number"] in text
    assert office.run("auditoria", "--json").json == {"cadenas": 2, "faltas": 0, "detalle": []}
    journal = next((office.folder / "datos" / "casos").glob("R-*/journal.jsonl"))
    journal.write_text(journal.read_text(encoding="utf-8").replace("Contado", "Crédito", 1), encoding="utf-8")
    audited = office.run("auditoria", "--json")
    assert (audited.code, audited.json["faltas"] > 0) == (10, True)
    assert journal.parent.name in audited.out


def test_a_wrong_password_is_tried_twice_and_no_case_pays_for_it(office: Office) -> None:
    """Accounts lock: after the second refusal nobody tries until a person says so; the case stays in the queue."""
    office.run("cola", "cargar", str(a_file(office, 1)))
    office.environment["SERVIWEB_CLAVE"] = "otra"
    for _ in range(2):
        refused = office.run("cola", "trabajar")
        assert (refused.code, "no dejó entrar" in refused.err) == (2, True), refused.err
        assert states(office) == {"en_cola": 1}
    office.environment["SERVIWEB_CLAVE"] = "clave-asesor1"
    locked = office.run("cola", "trabajar")
    assert locked.code == 2
    assert "desbloquear asesor1" in " ".join(locked.err.split())
    assert office.run("cola", "desbloquear", "asesor1").code == 0
    assert office.run("cola", "trabajar").code == 0
    assert states(office) == {"esperando_pago": 1}
