"""The two witnesses of a case: a real journal with the database for its mirror."""

from __future__ import annotations

from pathlib import Path

import pytest
from some_cases import begun, intended, journal, new, one, run, saved

from robot.errors import BrokenJournal, Fenced, Rejected
from robot.masking import Masker
from robot.records.journal import Journal, read
from robot.records.store import cases, leases, ledger
from robot.records.store.engine import Store, StoreDownError


def test_both_witnesses_say_the_same(store: Store, tmp_path: Path) -> None:
    """What the folder holds after a run is what the database holds, entry by entry, and means."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        book.write("case.opened", durable=True, caso=claim.case, codigo="100234")
        book.write("case.state", durable=True, etapa="cobro", estado="en_curso")
        book.write("run.started", run=1, etapa="cobro", ensayo=False, navegador="150", usuario_serviweb="CAJA1")
        book.write("step.started", run=1, number="5", title="Forma de pago")
        book.write("step.finished", run=1, number="5", seconds=0.123)
        book.write("step.started", run=1, number="14", title="Guardar")
        saved(book, "factura", "F-1")
        book.write("step.failed", run=1, number="14", seconds=1.5, error="StepFailed", reason="no se vio")
        book.write("document.missing", durable=True, kind="solicitud-factura", reason="no imprimió")
        book.write("document.printed", durable=True, kind="recibo-abono", file="papeles/a.pdf", sha256="0", pages=1)
        book.write("run.finished", run=1, seconds=2.0, outcome="completo")
        book.write("case.state", durable=True, etapa="cobro", estado="esperando_pago")
        assert cases.diary(store, claim.case) == book.entries == read(book.folder)
    row = cases.case(store, claim.case)
    assert (row["estado"], row["trabajador"], row["papel_pendiente"]) == ("esperando_pago", None, True)
    assert one(store, "SELECT estado FROM pasos WHERE paso = '5'") == "hecho"
    assert one(store, "SELECT motivo FROM pasos WHERE paso = '14'") == "no se vio"
    assert one(store, "SELECT milisegundos FROM corridas") == 2000
    (factura,) = cases.effects(store, claim.case)
    assert (factura["numero"], factura["total"], factura["estado"]) == ("F-1", 98700, "confirmado")
    assert [found["id"] for found in cases.find(store, "f-1")] == [claim.case]
    assert [found["id"] for found in cases.waiting(store)] == [claim.case]
    assert cases.counts(store) == {"esperando_pago": 1}


def test_a_payment_releases_the_tramite(store: Store, tmp_path: Path) -> None:
    """Without a recorded payment the trámite stage is not released; a receipt pays one case (D4)."""
    first, second = (begun(store, new(store, codigo=code)) for code in ("100001", "100002"))
    for claim in (first, second):
        leases.finish(store, claim, "esperando_pago")
        with pytest.raises(Rejected):
            cases.release_paid(store, claim.case)
    paid = {"recibo": "r-1", "fecha": "2026-11-24", "valor": 98700, "registrado_por": "Ana"}
    with Journal(tmp_path / first.case, Masker(private=(), legible=())) as book:
        ledger.note(store, first.case, [book.write("payment.recorded", durable=True, **paid)])
    with Journal(tmp_path / second.case, Masker(private=(), legible=())) as book:
        entry = book.write("payment.recorded", durable=True, **paid)
        with pytest.raises(Fenced, match="recibo"):
            ledger.note(store, second.case, [entry])
    cases.release_paid(store, first.case, "2026-11-25T12:00:00.000000Z")
    again = leases.claim(store, "uno")
    assert again is not None
    assert (again.case, again.etapa) == (first.case, "tramite")


def test_a_note_does_not_disturb_a_worker(store: Store, tmp_path: Path) -> None:
    """A case in a worker's hands takes entries from that worker alone."""
    claim = begun(store, new(store))
    with Journal(tmp_path / claim.case, Masker(private=(), legible=())) as book:
        entry = book.write("document.missing", durable=True, kind="recibo-abono", reason="x")
    with pytest.raises(Fenced):
        ledger.note(store, claim.case, [entry])
    ledger.append(store, claim, [entry])


def test_what_a_killed_process_left_is_handed_in_again(store: Store, tmp_path: Path) -> None:
    """Entries that stand here are passed over, missing ones are taken, others are refused."""
    claim = begun(store, new(store))
    with Journal(tmp_path / claim.case, Masker(private=(), legible=())) as book:
        for number in range(4):
            book.write("step.started", run=1, number=str(number), title="x")
        entries = list(book.entries)
    ledger.append(store, claim, entries[:2])
    ledger.append(store, claim, entries)
    ledger.append(store, claim, entries)
    assert ledger.length(store, claim.case) == 4
    with Journal(tmp_path / "R-OTRO", Masker(private=(), legible=())) as book:
        other = [book.write("step.started", run=1, number="9", title="y") for _ in range(6)]
    for wrong in (other[:1], other[5:]):
        with pytest.raises(BrokenJournal):
            ledger.append(store, claim, wrong)


def test_what_waits_is_handed_in_with_the_next_durable(store: Store, tmp_path: Path) -> None:
    """Entries that need not be durable wait for company; none is lost when one that follows is refused."""
    claim = begun(store, new(store))
    mirror = ledger.Mirror(store, claim)
    with Journal(tmp_path / claim.case, Masker(private=(), legible=()), mirror) as book:
        book.write("step.started", run=1, number="5", title="x")
        assert ledger.length(store, claim.case) == 0
        with pytest.raises(Fenced):
            book.write("case.state", durable=True, etapa="cobro", estado="en_cola_no_existe")
        intended(book, "factura")
        assert ledger.length(store, claim.case) == 2
        book.write("step.finished", run=1, number="5", seconds=1)
    mirror.close()
    assert ledger.length(store, claim.case) == 3


def test_a_silent_database_lets_nothing_out(store: Store, tmp_path: Path) -> None:
    """A database that doesn't take the entry is an OSError, as a full disk is, and the file forgets the entry."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "factura")
        run(store, "ALTER TABLE diario RENAME TO diario_ido")
        with pytest.raises(StoreDownError):
            book.sent("factura")
        run(store, "ALTER TABLE diario_ido RENAME TO diario")
        assert [entry["event"] for entry in book.entries] == ["effect.intent"]
        book.sent("factura")


def test_a_double_tercero_leaves_no_doubt_behind(store: Store, tmp_path: Path) -> None:
    """The one that is kept ends the doubt itself; the other stands beside it until its annulment is recorded."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "tercero")
        book.sent("tercero")
        book.write("effect.in_doubt", durable=True, kind="tercero", reason="sin respuesta")
        book.write("effect.decided", durable=True, kind="tercero", decision="doble", numero="T-1", por_anular="T-2")
        book.write("effect.confirmed", durable=True, kind="tercero", number="T-1", adopted=True)
    found = [(row["estado"], row["numero"]) for row in cases.effects(store, claim.case)]
    assert found == [("confirmado", "T-1"), ("confirmado", "T-2")]


def test_what_a_killed_process_meant_to_send_keeps_nothing_from_others(store: Store, tmp_path: Path) -> None:
    """An intent that the folder alone knows of, handed in when nobody works the case, is settled: it never left."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        book.write("run.started", durable=True, run=1, etapa="cobro")
    with Journal(tmp_path / claim.case, Masker()) as killed:
        intended(killed, "tercero")
        left = list(killed.entries)
    leases.sweep(store, workers=(claim.worker,))
    ledger.note_left(store, claim.case, left)
    assert [row["estado"] for row in cases.effects(store, claim.case)] == ["no_enviado"]


def test_a_decision_closes_the_doubt(store: Store, tmp_path: Path) -> None:
    """*No existe* frees the key; of a double, the second document stays until its annulment is recorded."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "factura")
        book.sent("factura")
        book.write("effect.in_doubt", durable=True, kind="factura", reason="sin respuesta")
        book.write("effect.decided", durable=True, kind="factura", decision="no_existe", motivo="se miró")
        intended(book, "factura")
        book.sent("factura")
        book.write("effect.in_doubt", durable=True, kind="factura", reason="sin respuesta")
        book.write("effect.decided", durable=True, kind="factura", decision="doble", numero="F-1", por_anular="F-2")
        book.write("effect.confirmed", durable=True, kind="factura", number="F-1", adopted=True)
        assert cases.owner(store, "factura", "F-2") == claim.case
        book.write("effect.annulled", durable=True, kind="factura", number="F-1")
        with pytest.raises(Fenced, match="Serviweb"):
            book.write("case.state", durable=True, etapa="cobro", estado="cancelado")
        book.write("effect.annulled", durable=True, kind="factura", number="F-2")
        book.write("case.state", durable=True, etapa="cobro", estado="cancelado")
    assert cases.case(store, claim.case)["estado"] == "cancelado"
