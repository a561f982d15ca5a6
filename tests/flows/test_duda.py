"""A document in doubt: looked up and adopted once, decided by a person, and then the case goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from mock_client import User, eventually

from robot.errors import OutcomeUnknown, Rejected
from robot.records import caso as cases
from robot.records.journal import read
from robot.records.report import case_page
from robot.work import decision as decisions
from robot.work.decision import Decision
from robot.work.duda import look_up, next_lookup, settle_doubt
from robot.work.worker import Outcome

if TYPE_CHECKING:
    from desk import Desk

    from robot.records.caso import Caso
    from robot.records.solicitud import Solicitud

ROUTE = {
    "factura": ("factura.guardar", "facturas", "consulta.facturas"),
    "abono": ("abono.generar", "abonos", "consulta.recibos"),
    "tramite": ("tramite.guardar", "tramites", "consulta.tramites"),
}
AFTER = {"factura": "incompleto", "abono": "esperando_pago", "tramite": "terminado"}
WHO = Decision(persona="Ana", motivo="se vio en Serviweb")


@pytest.fixture(autouse=True)
def short_waits(desk: Desk) -> None:
    """Look up soon and often."""
    desk.set(espera_confirmacion_segundos=1, consulta_intervalos=(0.2, 0.5), espera_consulta_segundos=4)


def run_to(desk: Desk, kind: str, *faults: dict[str, Any]) -> tuple[Outcome, Solicitud, dict[str, Any]]:
    """Run a case up to the effect of that kind, with the faults put before its stage; return also the ledger then."""
    solicitud = desk.request()
    if kind != "tramite":
        before = desk.control.ledger()
        desk.control.faults(*faults)
        return desk.cobro(solicitud), solicitud, before
    caso = desk.cobro(solicitud).caso
    desk.paid(caso)
    before = desk.control.ledger()
    desk.control.faults(*faults)
    return desk.tramite(caso, solicitud), solicitud, before


def settled(desk: Desk, outcome: Outcome, solicitud: Solicitud) -> Outcome:
    """Look up as a run in the foreground does after its doubt."""

    async def work() -> Outcome:
        async with desk.worker() as worker:
            return await settle_doubt(worker, outcome, solicitud)

    return desk.do(work())


def look(desk: Desk, caso: Caso, solicitud: Solicitud) -> list[str]:
    """Look up once; return what stays in doubt."""

    async def work() -> list[str]:
        async with desk.worker() as worker:
            return await look_up(worker, caso, solicitud)

    return desk.do(work())


def decide(desk: Desk, what: Any, caso: Caso, solicitud: Solicitud, *args: Any, **more: Any) -> None:
    """Record a person's decision."""

    async def work() -> None:
        async with desk.worker() as worker:
            await what(worker, caso, solicitud, *args, **more)

    desk.do(work())


def absent(desk: Desk, caso: Caso, solicitud: Solicitud, **more: Any) -> None:
    """Decide that it doesn't exist, with every guard met but what *more* says."""
    given = {"codigo": caso.codigo, "confirma": "Luis"} | more
    decide(desk, decisions.not_exists, caso, solicitud, WHO, **given)


def finish(desk: Desk, caso: Caso, solicitud: Solicitud, before: dict[str, Any]) -> None:
    """Go on to the end, and find one document of each kind in Serviweb."""
    if caso.number("abono") is None:
        outcome = desk.cobro_again(caso, solicitud)
        assert outcome.error is None, outcome.error
    if caso.number("tramite") is None:
        if not caso.payment():
            desk.paid(caso)
        outcome = desk.tramite(caso, solicitud)
        assert outcome.error is None, outcome.error
    assert caso.estado == "terminado"
    ledger = desk.control.ledger()
    for kind, (_, name, _) in ROUTE.items():
        [one] = [row for row in ledger[name] if row["codigo"] == caso.codigo]
        assert one["number"] == caso.number(kind)
    assert before is not ledger


@pytest.mark.parametrize("kind", ROUTE)
@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("lost_answer", {}),
        ("error_500_after_commit", {}),
        ("late_commit", {"seconds": 0.5}),
        ("late_commit", {"seconds": 0.5, "answer": 504}),
    ],
    ids=str,
)
def test_what_serviweb_saved_is_found_and_adopted(desk: Desk, kind: str, fault: str, options: dict[str, Any]) -> None:
    """The answer was lost: the list shows one new document of ours, the case has it, and ends with one of each."""
    route, name, _ = ROUTE[kind]
    outcome, solicitud, before = run_to(desk, kind, {"at": route, "fault": fault, **options})
    assert isinstance(outcome.error, OutcomeUnknown)
    outcome = settled(desk, outcome, solicitud)
    caso = outcome.caso
    assert caso.estado == AFTER[kind], outcome.error
    [saved] = desk.new(name, before)
    assert caso.number(kind) == saved["number"]
    assert desk.posts(route) == 1
    [confirmed] = [e for e in read(caso.folder) if e["event"] == "effect.confirmed" and e["kind"] == kind]
    assert confirmed["adopted"] is True
    assert len(caso.missing_papers()) == 1
    finish(desk, caso, solicitud, before)


@pytest.mark.parametrize("kind", ROUTE)
@pytest.mark.parametrize("fault", ["closed_before_commit", "error_500"])
def test_what_serviweb_did_not_save_stays_in_doubt_until_a_person_says_so(desk: Desk, kind: str, fault: str) -> None:
    """None on the list decides nothing. A person does, the list is read again, and the case ends with one of each."""
    route, name, _ = ROUTE[kind]
    outcome, solicitud, before = run_to(desk, kind, {"at": route, "fault": fault})
    outcome = settled(desk, outcome, solicitud)
    caso = outcome.caso
    assert isinstance(outcome.error, OutcomeUnknown)
    assert caso.estado == "en_duda"
    assert len(caso.lookups(kind)) >= 2
    assert desk.new(name, before) == []
    desk.set(espera_duda_minutos=0)
    absent(desk, caso, solicitud)
    assert caso.estado == "incompleto"
    assert caso.open_effects() == []
    finish(desk, caso, solicitud, before)
    assert desk.posts(route) == 2


@pytest.mark.parametrize("kind", ROUTE)
def test_a_list_that_lags_only_delays_the_adoption(desk: Desk, kind: str) -> None:
    """`stale_list`: the first looks show nothing new, a later one does."""
    route, name, listing = ROUTE[kind]
    solicitud = desk.request()
    lagging = {"at": listing, "fault": "stale_list", "seconds": 60, "times": 2}
    outcome, solicitud, before = run_to(desk, kind, lagging, {"at": route, "fault": "lost_answer"})
    assert look(desk, outcome.caso, solicitud) == [kind]
    outcome = settled(desk, outcome, solicitud)
    assert outcome.caso.estado == AFTER[kind], outcome.error
    assert len(desk.new(name, before)) == 1


def test_a_commit_later_than_the_looks_is_found_by_the_next(desk: Desk) -> None:
    """The run gives up with the case in doubt; Serviweb saves after that; the next look adopts."""
    desk.set(espera_consulta_segundos=0.3)
    outcome, solicitud, before = run_to(
        desk, "factura", {"at": "factura.guardar", "fault": "late_commit", "seconds": 6}
    )
    outcome = settled(desk, outcome, solicitud)
    assert isinstance(outcome.error, OutcomeUnknown)
    assert outcome.caso.estado == "en_duda"
    assert eventually(lambda: len(desk.new("facturas", before)) == 1, seconds=15)
    assert look(desk, outcome.caso, solicitud) == []
    assert outcome.caso.estado == "incompleto"
    finish(desk, outcome.caso, solicitud, before)


def test_a_commit_later_than_a_persons_word_is_never_repeated(desk: Desk) -> None:
    """*No existe* was said, then Serviweb saved: the list is read right before Guardar, and the case has it once."""
    desk.set(espera_consulta_segundos=0, espera_duda_minutos=0)
    outcome, solicitud, before = run_to(
        desk, "factura", {"at": "factura.guardar", "fault": "late_commit", "seconds": 6}
    )
    caso = outcome.caso
    absent(desk, caso, solicitud)
    assert caso.estado == "incompleto"
    assert eventually(lambda: len(desk.new("facturas", before)) == 1, seconds=15)
    again = desk.cobro_again(caso, solicitud)
    assert isinstance(again.error, OutcomeUnknown), again.error
    assert desk.posts("factura.guardar") == 1
    assert look(desk, caso, solicitud) == []
    finish(desk, caso, solicitud, before)


def test_zero_seconds_turn_the_look_off(desk: Desk) -> None:
    """The case stays in doubt, and nothing is read."""
    desk.set(espera_consulta_segundos=0)
    outcome, solicitud, _ = run_to(desk, "factura", {"at": "factura.guardar", "fault": "lost_answer"})
    assert settled(desk, outcome, solicitud) is outcome
    assert outcome.caso.lookups("factura") == []


def test_a_look_that_cannot_be_had_decides_nothing(desk: Desk) -> None:
    """Serviweb is down: written, still in doubt, due again after the next interval."""
    outcome, solicitud, _ = run_to(desk, "factura", {"at": "factura.guardar", "fault": "lost_answer"})
    caso = outcome.caso
    assert next_lookup(desk.settings, caso, "factura") <= datetime.now(UTC)
    desk.control.faults({"at": "consulta.facturas", "fault": "error_500", "times": 9})
    assert look(desk, caso, solicitud) == ["factura"]
    [tried] = caso.lookups("factura")
    assert tried["resultado"] == "sin_respuesta"
    assert caso.estado == "en_duda"
    at = datetime.fromisoformat(tried["t"])
    assert next_lookup(desk.settings, caso, "factura") - at == timedelta(seconds=0.2)
    look(desk, caso, solicitud)
    look(desk, caso, solicitud)
    last = datetime.fromisoformat(caso.lookups("factura")[-1]["t"])
    assert next_lookup(desk.settings, caso, "factura") - last == timedelta(seconds=0.5)


def test_without_a_baseline_nobody_is_adopted(desk: Desk) -> None:
    """The lists weren't read before: our mark alone isn't enough, and a person says which one it is."""
    desk.set(consulta_previa=False)
    outcome, solicitud, before = run_to(desk, "factura", {"at": "factura.guardar", "fault": "lost_answer"})
    outcome = settled(desk, outcome, solicitud)
    caso = outcome.caso
    assert caso.estado == "en_duda"
    [saved] = desk.new("facturas", before)
    decide(desk, decisions.exists, caso, solicitud, saved["number"], WHO)
    assert caso.number("factura") == saved["number"]
    [decided] = [e for e in read(caso.folder) if e["event"] == "effect.decided"]
    assert (decided["decision"], decided["persona"], decided["motivo"]) == ("existe", "Ana", "se vio en Serviweb")
    finish(desk, caso, solicitud, before)


def in_doubt(desk: Desk, fault: str = "lost_answer") -> tuple[Caso, Solicitud, dict[str, Any]]:
    """Return a case whose factura is in doubt and was not looked up."""
    outcome, solicitud, before = run_to(desk, "factura", {"at": "factura.guardar", "fault": fault})
    assert outcome.caso.estado == "en_duda"
    return outcome.caso, solicitud, before


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"codigo": "100235"}, "--codigo"),
        ({"confirma": ""}, "segunda persona"),
        ({"confirma": " ANA "}, "otra persona"),
    ],
)
def test_it_does_not_exist_has_its_guards(desk: Desk, more: dict[str, str], words: str) -> None:
    """The code typed again, and a second person who isn't the first."""
    caso, solicitud, _ = in_doubt(desk, "closed_before_commit")
    desk.set(espera_duda_minutos=0)
    with pytest.raises(Rejected, match=words):
        absent(desk, caso, solicitud, **more)
    assert caso.estado == "en_duda"
    if "confirma" in more:
        desk.set(segunda_persona=False)
        absent(desk, caso, solicitud, **more)
        assert caso.estado == "incompleto"


def test_it_does_not_exist_must_wait(desk: Desk) -> None:
    """Half an hour since it was sent: Serviweb may save late."""
    caso, solicitud, _ = in_doubt(desk, "closed_before_commit")
    with pytest.raises(Rejected, match="faltan 30 minutos"):
        absent(desk, caso, solicitud)
    given = {"codigo": caso.codigo, "confirma": "Luis"}
    later = datetime.now(UTC) + timedelta(minutes=31)
    decisions.check_not_exists(desk.settings, caso, "factura", WHO, **given, now=later)


def test_what_the_list_shows_cannot_be_said_not_to_exist(desk: Desk) -> None:
    """It is adopted instead; and without its list nobody decides."""
    caso, solicitud, before = in_doubt(desk)
    desk.set(espera_duda_minutos=0)
    desk.control.faults({"at": "consulta.facturas", "fault": "error_500", "times": 9})
    with pytest.raises(Rejected, match="No se pudo consultar"):
        absent(desk, caso, solicitud)
    assert caso.estado == "en_duda"
    desk.control.faults()
    with pytest.raises(Rejected, match="Sí existe"):
        absent(desk, caso, solicitud)
    [saved] = desk.new("facturas", before)
    assert caso.number("factura") == saved["number"]
    assert caso.estado == "incompleto"


def test_it_exists_only_with_a_number_that_can_be_ours(desk: Desk) -> None:
    """Not one that was there before, not another case's, not one that the list doesn't show."""
    with User(desk.settings.url, "asesor2") as advisor:
        old = advisor.billed("100234")
        recibo = advisor.generate("100234")["numero"]
    with User(desk.settings.url, "cajero1") as cashier:
        assert cashier.pay(recibo)["ok"]
    other = desk.cobro(desk.request("000789")).caso
    solicitud = desk.request(nueva_ocasion="de nuevo")
    desk.control.faults({"at": "factura.guardar", "fault": "lost_answer"})
    caso = desk.cobro(solicitud).caso
    assert caso.estado == "en_duda"
    for number, words in ((old, "ya estaba"), (other.number("factura"), other.id), ("F-999999", "no está en la lista")):
        with pytest.raises(Rejected, match=words):
            decide(desk, decisions.exists, caso, solicitud, number, WHO)
    assert caso.estado == "en_duda"
    assert caso.number("factura") is None


def test_a_double_leaves_one_to_void(desk: Desk) -> None:
    """Two with our mark: a person keeps one, the other stays listed until its annulment is recorded."""
    caso, solicitud, before = in_doubt(desk)
    with User(desk.settings.url, "asesor2") as advisor:  # saves by hand what the robot is in doubt about
        advisor.get("/factura")
        advisor.save(advisor.half_filled("100234") | {"observacion": f"Código 100234, otra vez {caso.id}"})
    one, two = sorted(row["number"] for row in desk.new("facturas", before))
    assert look(desk, caso, solicitud) == ["factura"]
    assert "varios documentos" in caso.lookups("factura")[-1]["reason"]
    with pytest.raises(Rejected, match="--conserva"):
        decide(desk, decisions.double, caso, solicitud, (one, two), "F-1", WHO)
    decide(desk, decisions.double, caso, solicitud, (one, two), one, WHO)
    assert caso.number("factura") == one
    assert caso.estado == "incompleto"
    assert [(twin.caso, twin.numero) for twin in decisions.to_annul(desk.archivo)] == [(caso.id, two)]
    with pytest.raises(Rejected, match="F-77"):
        decisions.close(desk.archivo, caso, solicitud, ["F-77"], WHO)
    decisions.close(desk.archivo, caso, solicitud, [two], WHO)
    assert decisions.to_annul(desk.archivo) == []
    assert caso.estado == "incompleto"
    assert caso.number("factura") == one


def test_a_case_is_closed_once_all_its_documents_are_voided(desk: Desk) -> None:
    """*Cancelado* means nothing left in Serviweb: one of two is not enough."""
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    factura, recibo = caso.number("factura"), caso.number("abono")
    decisions.close(desk.archivo, caso, solicitud, [recibo], WHO)
    assert caso.estado == "incompleto"
    assert caso.voided() == [recibo]
    decisions.close(desk.archivo, caso, solicitud, [factura], WHO)
    assert caso.estado == "cancelado"
    assert caso.documents() == {}
    assert cases.load(caso.folder).estado == "cancelado"


def test_the_inbox_shows_the_doubt_and_the_page_tells_it(desk: Desk) -> None:
    """Case, document, since when, the last look and both pictures; the case page lists the consultations."""
    desk.set(evidencia="grabacion")
    caso, solicitud, _ = in_doubt(desk, "closed_before_commit")
    look(desk, caso, solicitud)
    [doubt] = decisions.doubts(desk.archivo, desk.maps)
    assert (doubt.caso.id, doubt.kind) == (caso.id, "factura")
    assert doubt.last is not None
    assert doubt.last["resultado"] == "en_duda"
    assert doubt.due is not None
    assert doubt.due > doubt.since
    assert doubt.pictures.keys() == {"antes", "despues"}
    page = case_page(caso.folder).read_text("utf-8")
    assert "Búsqueda de lo que quedó en duda: Factura" in page
    assert "puede aparecer más tarde" in page


def test_a_tercero_in_doubt_is_decided_by_a_person(desk: Desk) -> None:
    """No list shows it; step 7 itself looks for it again before anything is created."""
    desk.set(espera_duda_minutos=0)
    solicitud = desk.request("100310")
    desk.control.faults({"at": "tercero.guardar", "fault": "lost_answer"})
    outcome = desk.cobro(solicitud)
    assert outcome.caso.open_effects() == ["tercero"]
    assert settled(desk, outcome, solicitud) is outcome
    absent(desk, outcome.caso, solicitud)
    again = desk.cobro_again(outcome.caso, solicitud)
    assert again.error is None, again.error
    assert len([t for t in desk.ledger("terceros") if t["documento"] == "17634567"]) == 1
    assert desk.posts("tercero.guardar") == 1
