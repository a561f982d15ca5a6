"""Claims: who gets which case, and what a lost lease may still do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from some_cases import begun, intended, journal, new, one, run, saved

from robot.errors import Fenced, Rejected
from robot.records.store import cases, leases
from robot.records.store.engine import Store

LATER = datetime.now(UTC) + timedelta(hours=1)


def test_the_urgent_goes_first_then_the_due_then_the_oldest(store: Store) -> None:
    """A run in the foreground overtakes paid stages, these go by due time, batches by arrival."""
    batch = [new(store, codigo=f"10010{n}") for n in range(2)]
    late, soon = (new(store, codigo=f"10020{n}", prioridad=cases.PAID) for n in range(2))
    for case, due in ((late, "2026-12-02"), (soon, "2026-12-01")):
        run(store, "UPDATE casos SET vence = :due WHERE id = :case", due=f"{due}T00:00:00.000000Z", case=case)
    single = new(store, codigo="100300", prioridad=cases.FOREGROUND)
    claims = [leases.claim(store, "uno") for _ in range(5)]
    assert [claim.case for claim in claims if claim] == [single, soon, late, *batch]
    assert leases.claim(store, "uno") is None


def test_a_subscriber_has_one_open_case(store: Store) -> None:
    """While a case runs, is in doubt or incomplete, no other one of its subscriber is taken."""
    first = new(store)
    second = new(store, nueva_ocasion="otro corte")
    claim = begun(store, first)
    assert leases.claim(store, "dos") is None
    assert leases.claim_case(store, second, "dos") is None
    leases.finish(store, claim, "terminado")
    found = leases.claim(store, "dos")
    assert found is not None
    assert found.case == second


@pytest.mark.parametrize("key", [cases.PAUSE, cases.QUARANTINE])
def test_a_switch_stops_the_queue(store: Store, key: str) -> None:
    """Paused, or in quarantine, nothing is taken; afterwards it is."""
    new(store)
    cases.switch_on(store, key, "Ana", "cierre de caja")
    assert set(cases.switches(store)) == {key}
    assert leases.claim(store, "uno") is None
    cases.switch_off(store, key)
    assert leases.claim(store, "uno") is not None


def test_a_case_waits_for_its_time(store: Store) -> None:
    """A released case isn't taken before its time; an attempt that the site's absence cost is not counted."""
    claim = begun(store, new(store))
    leases.release(store, claim, wait_seconds=3600, costs_attempt=False)
    assert leases.claim(store, "uno") is None
    assert cases.case(store, claim.case)["intentos"] == 0
    run(store, "UPDATE casos SET disponible = creado")
    again = leases.claim(store, "uno")
    assert again is not None
    assert (again.attempts, again.token) == (1, claim.token + 1)


def test_a_lost_lease_writes_nothing(store: Store, tmp_path: Path) -> None:
    """After the sweep the old worker can't beat, write, send or finish; its file forgets what was refused."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "factura")
        assert leases.sweep(store) == []
        (swept,) = leases.sweep(store, LATER)
        assert (swept.estado, swept.worker) == ("en_cola", "uno")
        for act in (
            lambda: leases.beat(store, claim),
            lambda: leases.finish(store, claim, "fallido"),
            lambda: leases.release(store, claim),
            lambda: book.sent("factura"),
            lambda: book.write("case.state", durable=True, etapa="cobro", estado="fallido"),
        ):
            with pytest.raises(Fenced):
                act()
        assert [entry["event"] for entry in book.entries] == ["effect.intent"]
    assert one(store, "SELECT estado FROM efectos") == "no_enviado"
    assert one(store, "SELECT count(*) FROM diario") == 1


def test_what_was_sent_is_in_doubt(store: Store, tmp_path: Path) -> None:
    """A worker that dies between sent and confirmed leaves doubt, and nobody takes the case."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "factura")
        book.sent("factura")
    (swept,) = leases.sweep(store, workers=("uno",))
    assert swept.estado == cases.case(store, claim.case)["estado"] == "en_duda"
    assert [row["tipo"] for row in cases.doubts(store)] == ["factura"]
    assert leases.claim(store, "dos") is None


def test_an_intent_that_no_gate_watches_is_in_doubt(store: Store, tmp_path: Path) -> None:
    """Where the gate can't serve, an intent alone may have been sent."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "factura", gated=False)
    (swept,) = leases.sweep(store, LATER)
    assert swept.estado == "en_duda"


def test_a_confirmed_document_is_continued(store: Store, tmp_path: Path) -> None:
    """A worker that dies behind a confirmed document leaves a case to be continued, not one to be doubted."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        saved(book, "factura", "F-1")
    (swept,) = leases.sweep(store, LATER)
    assert swept.estado == "en_cola"
    assert leases.claim(store, "dos") is not None


def test_a_look_up_leaves_the_case_in_doubt(store: Store, tmp_path: Path) -> None:
    """A look-up holds a case in doubt by a token, may write but not send, and gives it back in doubt."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "factura")
        book.sent("factura")
        leases.sweep(store, LATER)
    looking = leases.claim_doubt(store, claim.case, "dos")
    assert looking is not None
    assert leases.claim_doubt(store, claim.case, "tres") is None
    with journal(tmp_path, store, looking) as book:
        book.write("effect.lookup", durable=True, kind="factura")
        with pytest.raises(Fenced):
            book.sent("factura")
    leases.leave(store, looking)
    assert cases.case(store, claim.case)["estado"] == "en_duda"


def test_quarantine_lets_nothing_out(store: Store, tmp_path: Path) -> None:
    """In quarantine a case that runs already may write, but nothing is sent."""
    claim = begun(store, new(store))
    with journal(tmp_path, store, claim) as book:
        intended(book, "factura")
        cases.switch_on(store, cases.QUARANTINE, "recuperar")
        with pytest.raises(Fenced):
            book.sent("factura")
        book.write("effect.not_sent", durable=True, kind="factura")


def test_cancelling_is_a_request(store: Store) -> None:
    """A case that nobody began is cancelled at once; a running one hears of it with its beat."""
    first, second = new(store, codigo="100001"), new(store, codigo="100002")
    assert cases.request_cancel(store, first, "Ana") == "cancelado"
    claim = begun(store, second)
    assert leases.beat(store, claim) is False
    assert cases.request_cancel(store, second, "Ana") == "en_curso"
    assert leases.beat(store, claim) is True
    leases.finish(store, claim, "cancelado")
    with pytest.raises(Rejected):
        cases.request_cancel(store, second, "Ana")


def test_whoever_continues_a_case_overrules_its_cancellation(store: Store, tmp_path: Path) -> None:
    """What was cancelled half way is done to its end: by hand, or by the queue; a request that stands isn't touched."""
    halved, waiting = new(store, codigo="100001"), new(store, codigo="100002")
    claim = begun(store, halved)
    with journal(tmp_path, store, claim) as book:
        saved(book, "factura", "F-77")
    assert cases.request_cancel(store, halved, "Ana") == "en_curso"
    leases.finish(store, claim, "incompleto")
    cases.overrule(store, halved)
    assert cases.case(store, halved)["cancelar_por"] is None
    run(store, "UPDATE casos SET cancelar_por = 'Ana'")
    cases.overrule(store, waiting)
    assert cases.case(store, waiting)["cancelar_por"] == "Ana"
    cases.again(store, halved)
    row = cases.case(store, halved)
    assert (row["estado"], row["intentos"], row["cancelar_por"]) == ("en_cola", 0, None)


def test_what_stands_in_serviweb_is_not_cancelled(store: Store, tmp_path: Path) -> None:
    """The refusal names the documents and says what is done instead; it never says that nothing is left there."""
    case = new(store)
    claim = begun(store, case)
    with journal(tmp_path, store, claim) as book:
        saved(book, "factura", "F-77")
        saved(book, "abono", "RC-78")
    leases.finish(store, claim, "esperando_pago")
    with pytest.raises(Rejected) as refused:
        cases.request_cancel(store, case, "Ana")
    assert refused.value.reason == f"El caso {case} ya tiene F-77 y RC-78 en Serviweb: anúlelos allí y ciérrelo"
    run(store, "UPDATE casos SET estado = 'en_duda'")
    with pytest.raises(Rejected) as refused:
        cases.request_cancel(store, case, "Ana")
    assert "no queda nada" not in f"{refused.value.reason} {refused.value.advice}"


def test_a_serviweb_user_is_in_one_place(store: Store) -> None:
    """One lease per user; an expired one may be taken over, and then the old token prolongs nothing."""
    first = leases.lease_user(store, "CAJA1", "uno")
    assert first is not None
    assert leases.lease_user(store, "CAJA1", "dos") is None
    leases.beat_user(store, "CAJA1", first)
    run(store, "UPDATE usuarios SET vence_arriendo = '2026-01-01T00:00:00.000000Z'")
    second = leases.lease_user(store, "CAJA1", "dos")
    assert second is not None
    with pytest.raises(Fenced):
        leases.beat_user(store, "CAJA1", first)
    leases.free_user(store, "CAJA1", first)
    assert leases.lease_user(store, "CAJA1", "tres") is None
    leases.free_user(store, "CAJA1", second)
    assert leases.lease_user(store, "CAJA1", "tres") is not None


def test_two_failed_logins_block_a_user(store: Store) -> None:
    """After the second failure nobody gets the user, until a person says so."""
    assert leases.login_failed(store, "CAJA1") is False
    assert leases.login_failed(store, "CAJA1") is True
    assert leases.lease_user(store, "CAJA1", "uno") is None
    leases.login_worked(store, "CAJA1")
    assert leases.lease_user(store, "CAJA1", "uno") is not None
