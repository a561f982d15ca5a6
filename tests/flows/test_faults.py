"""Every fault of Serviweb at every effect: one request on the wire, and never a word that isn't true."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from robot.browser.run import Run
from robot.errors import OutcomeUnknown, Rejected, StepFailed, Unfinished
from robot.records import caso as cases
from robot.records.journal import read

if TYPE_CHECKING:
    from desk import Desk

    from robot.work.worker import Outcome

ROUTE = {
    "tercero": ("tercero.guardar", "terceros"),
    "factura": ("factura.guardar", "facturas"),
    "abono": ("abono.generar", "abonos"),
    "tramite": ("tramite.guardar", "tramites"),
}
# Fault, its options, how many documents Serviweb has at last.
IN_DOUBT: list[tuple[str, dict[str, Any], int]] = [
    ("lost_answer", {}, 1),
    ("closed_before_commit", {}, 0),
    ("late_commit", {"seconds": 1}, 1),
    ("late_commit", {"seconds": 1, "answer": 504}, 1),
    ("error_500", {}, 0),
    ("error_500_after_commit", {}, 1),
    ("slow", {"seconds": 3}, 1),
    ("expired_session", {}, 0),
]


def run_to(desk: Desk, kind: str, *faults: dict[str, Any]) -> tuple[Outcome, dict[str, Any]]:
    """Run a case up to the effect of that kind, with the faults put before its stage; return also the ledger then."""
    solicitud = desk.request("100310" if kind == "tercero" else "100234")
    if kind == "factura":
        desk.set(evidencia="grabacion")  # a recording must bear every fault too
    if kind != "tramite":
        before = desk.control.ledger()
        desk.control.faults(*faults)
        return desk.cobro(solicitud), before
    caso = desk.cobro(solicitud).caso
    desk.paid(caso)
    before = desk.control.ledger()
    desk.control.faults(*faults)
    return desk.tramite(caso, solicitud), before


def wait_for(desk: Desk, name: str, before: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """Return the new documents once there are *count* (a late commit comes late)."""
    deadline = time.monotonic() + 10
    while len(found := desk.new(name, before)) < count and time.monotonic() < deadline:
        pass
    return found


@pytest.mark.parametrize("kind", ROUTE)
@pytest.mark.parametrize(("fault", "options", "documents"), IN_DOUBT, ids=str)
def test_a_commit_whose_answer_is_not_known_is_in_doubt(
    desk: Desk, kind: str, fault: str, options: dict[str, Any], documents: int
) -> None:
    """One POST leaves, the case is *en duda*, and what Serviweb has is what it made of that one POST."""
    desk.set(espera_confirmacion_segundos=1.5)
    route, name = ROUTE[kind]
    outcome, before = run_to(desk, kind, {"at": route, "fault": fault, **options})
    assert isinstance(outcome.error, OutcomeUnknown), outcome.error
    assert outcome.caso.estado == "en_duda"
    assert outcome.error.exit_code == 6
    assert len(wait_for(desk, name, before, documents)) == documents
    assert desk.posts(route) == 1
    entries = read(outcome.caso.folder)
    events = [e["event"] for e in entries if e.get("kind") == kind and e["event"].startswith("effect.")]
    listed = [] if kind == "tercero" else ["effect.baseline"]
    assert events[: len(listed) + 2] == [*listed, "effect.intent", "effect.sent"]
    assert events[-1] == "effect.in_doubt"
    assert "effect.confirmed" not in events
    assert outcome.caso.open_effects() == [kind]


@pytest.mark.parametrize("kind", ["factura", "abono", "tramite"])
def test_one_click_that_makes_two_documents_never_pays_both(desk: Desk, kind: str) -> None:
    """Serviweb itself doubles: still one POST, and two pending facturas stop the case before GENERAR."""
    route, name = ROUTE[kind]
    outcome, before = run_to(desk, kind, {"at": route, "fault": "double_click_creates_two"})
    assert desk.posts(route) == 1
    assert len(desk.new(name, before)) == 2
    if kind == "factura":
        assert isinstance(outcome.error, Unfinished)
        assert outcome.caso.estado == "incompleto"
        assert desk.new("abonos", before) == []


@pytest.mark.parametrize("kind", ROUTE)
@pytest.mark.parametrize("native", [True, False])
def test_an_unexpected_notice_at_a_commit_stops_the_case(desk: Desk, kind: str, native: bool) -> None:
    """The document's number is still read where it shows; the case stops and never clicks again."""
    desk.set(espera_confirmacion_segundos=2, intentos=1)
    route, name = ROUTE[kind]
    outcome, before = run_to(desk, kind, {"at": route, "fault": "unknown_dialog", "native": native})
    assert desk.posts(route) == 1
    assert len(desk.new(name, before)) == 1
    if native:
        assert "su clave vence" in str(outcome.error)
        entries = read(outcome.caso.folder)
        assert any(e["event"] == "dialog" and not e["expected"] and "su clave vence" in e["text"] for e in entries)
    assert outcome.caso.estado in {"incompleto", "en_duda", "fallido", "terminado", "esperando_pago"}
    if kind in {"factura", "abono", "tramite"}:
        assert outcome.caso.estado != "fallido"


@pytest.mark.parametrize(
    ("at", "fault", "options"),
    [
        ("factura.suscriptor", "slow", {"seconds": 1}),
        ("factura.suscriptor", "expired_session", {}),
        ("factura.tercero", "expired_session", {}),
        ("factura.agregar", "expired_session", {}),
        ("factura.agregar", "lost_answer", {}),
        ("abono.buscar", "expired_session", {}),
        ("abono.pendientes", "expired_session", {}),
    ],
    ids=str,
)
def test_trouble_before_anything_is_sent_is_tried_again(
    desk: Desk, at: str, fault: str, options: dict[str, Any]
) -> None:
    """A lost session or a slow look-up costs another try of that document, with a new login, and nothing twice."""
    outcome, before = run_to(desk, "factura", {"at": at, "fault": fault, **options})
    assert outcome.error is None, outcome.error
    assert len(desk.new("facturas", before)) == 1
    assert len(desk.new("abonos", before)) == 1
    assert desk.posts("factura.guardar") == desk.posts("abono.generar") == 1


@pytest.mark.parametrize("at", ["factura.pantalla", "factura.suscriptor", "abono.pantalla"])
def test_a_site_in_trouble_ends_with_its_name(desk: Desk, at: str) -> None:
    """A 500 before a commit is *Serviweb no responde*; with a factura saved the case is *incompleto*, not *fallido*."""
    outcome, before = run_to(desk, "factura", {"at": at, "fault": "error_500", "times": 9})
    assert "500" in str(outcome.error)
    saved = len(desk.new("facturas", before))
    assert saved == (1 if at.startswith("abono") else 0)
    assert outcome.caso.estado == ("incompleto" if saved else "fallido")
    assert outcome.error.exit_code == (7 if saved else 8)


@pytest.mark.parametrize("fault", ["error_500", "closed_before_commit", "expired_session"])
def test_a_paper_that_cannot_be_printed_is_a_flag(desk: Desk, fault: str) -> None:
    """The factura stands in Serviweb: the case goes on, and says which paper is pending."""
    desk.set(espera_segundos=3)
    outcome, _ = run_to(desk, "factura", {"at": "factura.imprimir", "fault": fault, "times": 9})
    assert outcome.caso.missing_papers() == ["solicitud-factura"]
    assert desk.posts("factura.guardar") == 1
    if fault != "expired_session":
        assert outcome.error is None, outcome.error
        assert outcome.caso.estado == "esperando_pago"


@pytest.mark.parametrize("kind", ["abono", "tramite"])
def test_nothing_is_run_again_behind_the_last_document(desk: Desk, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """A failure at its paper would be harmless before it; now the same clicks would lead to the document anew."""
    before = desk.control.ledger()
    route, name = ROUTE[kind]
    papers = {"abono": "recibo-abono", "tramite": "solicitud-tramite"}
    printed = Run.printed

    async def failing(self: Run, paper: str, *given: Any, **named: Any) -> None:
        if paper == papers[kind]:
            raise StepFailed("el velo no se quita")
        await printed(self, paper, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Run, "printed", failing)
    solicitud = desk.request()
    outcome = desk.cobro(solicitud)
    if kind == "tramite":
        desk.paid(outcome.caso)
        outcome = desk.tramite(outcome.caso, solicitud)
    assert outcome.caso.estado == "incompleto"
    assert desk.posts(route) == 1
    assert len(desk.new(name, before)) == 1
    assert "run.retried" not in [entry["event"] for entry in read(outcome.caso.folder)]


def test_a_case_in_doubt_forbids_another_one(desk: Desk) -> None:
    """Nobody bills the subscriber again while it isn't known whether she was billed, whatever the reason given."""
    desk.set(espera_confirmacion_segundos=1)
    outcome, _ = run_to(desk, "factura", {"at": "factura.guardar", "fault": "lost_answer"})
    with pytest.raises(Rejected, match=outcome.caso.id):
        desk.opened(desk.request(nueva_ocasion="otra vez"))
    with pytest.raises(OutcomeUnknown):
        desk.cobro_again(cases.load(outcome.caso.folder), desk.request())
    assert desk.posts("factura.guardar") == 1


def test_control_without_the_gate_the_browser_posts_twice(desk: Desk) -> None:
    """The trouble is real: with `gate = false` the same click, the same lost answer, and two POSTs at Serviweb."""
    import dataclasses

    desk.set(espera_confirmacion_segundos=2)
    screens = {name: dict(controls) for name, controls in desk.maps.screens.items()}
    screens["factura"]["guardar"] = dataclasses.replace(screens["factura"]["guardar"], gate=False)
    desk.maps = dataclasses.replace(desk.maps, screens=screens)
    outcome, _ = run_to(desk, "factura", {"at": "factura.guardar", "fault": "lost_answer"})
    assert desk.posts("factura.guardar") == 2
    assert outcome.caso.estado in {"en_duda", "incompleto", "esperando_pago"}
