"""Assisted mode: a person says yes or no before each save, and what they saw is what is saved."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from getpass import getuser
from typing import TYPE_CHECKING, Any

import pytest
from mock_client import eventually

from robot.browser.screen import Screen
from robot.errors import Rejected, StepFailed, Unfinished
from robot.records.journal import read
from robot.records.report import case_page
from robot.records.store import cases
from robot.records.store.audit import verify
from robot.work.worker import Worker

if TYPE_CHECKING:
    from desk import Desk

    from robot.records.caso import Caso
    from robot.records.solicitud import Solicitud
    from robot.work.worker import Outcome

ROUTES = ("tercero.guardar", "factura.guardar", "abono.generar", "tramite.guardar")
Meanwhile = Callable[[Screen], Awaitable[Any]]


@dataclass
class Advisor:
    """A person who says no to some kinds of document, and may use the page before answering."""

    desk: Desk
    refuses: str = ""
    meanwhile: Mapping[str, Meanwhile] = field(default_factory=dict)
    times: int = 99
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    saved_when_asked: list[int] = field(default_factory=list)

    async def __call__(self, kind: str, saves: Mapping[str, Any]) -> bool:
        """Remember what is asked, use the page that is in front, and answer."""
        self.asked.append((kind, dict(saves)))
        self.saved_when_asked.append(sum(map(self.desk.posts, ROUTES)))
        if kind in self.meanwhile and self.times:
            self.times -= 1
            page = self.desk.browser.contexts[-1].pages[0]
            await self.meanwhile[kind](Screen(page, kind, self.desk.maps.screens[kind]))
        return kind != self.refuses

    @property
    def kinds(self) -> list[str]:
        """Return what was asked about, in order."""
        return [kind for kind, _ in self.asked]

    def cobro(self, solicitud: Solicitud, caso: Caso | None = None) -> Outcome:
        """Run a cobro that this person watches."""
        return self._stage("cobro", caso or self.desk.opened(solicitud), solicitud)

    def tramite(self, caso: Caso, solicitud: Solicitud) -> Outcome:
        """Run a trámite that this person watches."""
        return self._stage("tramite", caso, solicitud)

    def _stage(self, stage: str, caso: Caso, solicitud: Solicitud) -> Outcome:
        desk = self.desk

        async def work() -> Outcome:
            async with Worker(desk.settings, desk.maps, desk.browser, archivo=desk.archivo, approve=self) as worker:
                run = worker.cobro if stage == "cobro" else worker.tramite
                return await run(caso, solicitud)

        return desk.do(work())


def answers(caso: Caso) -> list[tuple[str, bool]]:
    """Return what the journal says of the answers, each with who gave it."""
    entries = [entry for entry in read(caso.folder) if entry["event"] == "commit.approved"]
    assert all(entry["by"] for entry in entries)
    return [(entry["kind"], entry["approved"]) for entry in entries]


@pytest.mark.parametrize("variant", ["moderno", "clasico", "spa"])
def test_each_save_is_asked_about_and_saved_once(desk: Desk) -> None:
    """Four yeses, four documents: each is asked for before it is sent, with exactly what is then saved."""
    before = desk.control.ledger()
    advisor, solicitud = Advisor(desk), desk.request("100310")
    caso = advisor.cobro(solicitud).caso
    desk.paid(caso)
    outcome = advisor.tramite(caso, solicitud)
    assert outcome.error is None
    assert advisor.kinds == ["tercero", "factura", "abono", "tramite"]
    assert advisor.saved_when_asked == [0, 1, 2, 3]
    assert [desk.posts(route) for route in ROUTES] == [1, 1, 1, 1]
    for kind in ("terceros", "facturas", "abonos", "tramites"):
        assert len(desk.new(kind, before)) == 1, kind
    approved = dict(advisor.asked)
    [factura], [tramite] = desk.new("facturas", before), desk.new("tramites", before)
    assert factura["observation"] == approved["factura"]["observacion"]
    assert factura["amount"] == approved["factura"]["total"] == approved["abono"]["total"]
    assert factura["productos"] == approved["factura"]["productos"]
    assert tramite["observation"] == approved["tramite"]["observacion"]
    assert answers(caso) == [(kind, True) for kind in advisor.kinds]


@pytest.mark.parametrize(
    ("refused", "posts", "words"),
    [("tercero", 0, "no aprobó guardar el tercero"), ("factura", 1, "no aprobó guardar la factura")],
)
def test_a_no_before_the_factura_leaves_the_case_rejected(desk: Desk, refused: str, posts: int, words: str) -> None:
    """Nothing is sent after a no; without a factura the case is *rechazado*, and the same request may come again."""
    advisor, solicitud = Advisor(desk, refuses=refused), desk.request("100310")
    outcome = advisor.cobro(solicitud)
    assert isinstance(outcome.error, Rejected)
    assert words in str(outcome.error)
    assert "ejecute de nuevo" in outcome.error.advice
    assert outcome.caso.estado == "rechazado"
    assert sum(map(desk.posts, ROUTES)) == posts
    assert not [e for e in outcome.caso.entries if e["event"] == "effect.intent" and e["kind"] == refused]
    assert answers(outcome.caso)[-1] == (refused, False)
    assert Advisor(desk).cobro(solicitud).error is None


def test_a_no_after_the_factura_leaves_the_case_unfinished(desk: Desk) -> None:
    """The factura stands and the abono does not: *incompleto*, and going on asks about the abono alone."""
    solicitud = desk.request()
    outcome = Advisor(desk, refuses="abono").cobro(solicitud)
    assert isinstance(outcome.error, Unfinished)
    assert outcome.caso.estado == "incompleto"
    assert f"serviweb continuar {outcome.caso.id}" in outcome.error.advice
    assert (desk.posts("factura.guardar"), desk.posts("abono.generar")) == (1, 0)
    advisor = Advisor(desk)
    assert advisor.cobro(solicitud, outcome.caso).error is None
    assert advisor.kinds == ["abono"]
    assert (desk.posts("factura.guardar"), desk.posts("abono.generar")) == (1, 1)


def test_a_no_to_the_tramite_leaves_the_payment(desk: Desk) -> None:
    """The paid case stays *incompleto* with its payment, and the trámite is filed when a person says yes."""
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    desk.paid(caso)
    outcome = Advisor(desk, refuses="tramite").tramite(caso, solicitud)
    assert isinstance(outcome.error, Unfinished)
    assert (outcome.caso.estado, desk.posts("tramite.guardar")) == ("incompleto", 0)
    assert Advisor(desk).tramite(caso, solicitud).error is None
    assert desk.posts("tramite.guardar") == 1


def test_a_form_changed_during_the_question_is_not_saved(desk: Desk) -> None:
    """What was approved is not what stands there now: nothing is sent, and the sentence says so."""
    desk.set(intentos=1, espera_segundos=1)
    advisor = Advisor(desk, meanwhile={"factura": lambda ui: ui["observacion"].fill("otra cosa")})
    outcome = advisor.cobro(desk.request())
    assert isinstance(outcome.error, StepFailed)
    assert "cambió mientras se esperaba la respuesta" in str(outcome.error)
    assert outcome.caso.estado == "fallido"
    assert sum(map(desk.posts, ROUTES)) == 0


def test_a_changed_form_is_filled_again_and_asked_about_again(desk: Desk) -> None:
    """Nothing was sent, so the document is tried again, and nobody's first yes counts for the second form."""
    desk.set(espera_segundos=2)
    advisor = Advisor(desk, meanwhile={"factura": lambda ui: ui["observacion"].fill("otra cosa")}, times=1)
    outcome = advisor.cobro(desk.request())
    assert outcome.error is None
    assert advisor.kinds == ["factura", "factura", "abono"]
    assert desk.posts("factura.guardar") == 1


@pytest.mark.parametrize("variant", ["moderno", "clasico", "spa"])
def test_a_save_by_hand_during_the_question_does_not_leave(desk: Desk) -> None:
    """Whoever clicks Guardar in the browser while the robot asks saves nothing: the case saves it once, when asked."""
    before = desk.control.ledger()
    advisor = Advisor(desk, meanwhile={"factura": lambda ui: ui["guardar"].click(no_wait_after=True)}, times=1)
    outcome = advisor.cobro(desk.request())
    assert outcome.error is None
    assert advisor.kinds == ["factura", "factura", "abono"]
    assert advisor.saved_when_asked == [0, 0, 1]
    assert len(desk.new("facturas", before)) == 1


def test_a_person_may_think_longer_than_any_waiting_time(desk: Desk) -> None:
    """No time of a control, of a confirmation or of a lease runs out while the advisor reads."""

    def lease() -> datetime:
        return datetime.fromisoformat(cases.case(desk.store, caso.id)["vence_arriendo"])

    async def reads_slowly(_ui: Screen) -> None:
        enough = lease() + timedelta(seconds=3)
        assert await asyncio.to_thread(eventually, lambda: lease() > enough, seconds=20)

    desk.set(espera_segundos=1, espera_confirmacion_segundos=1, arriendo_segundos=2)
    solicitud = desk.request()
    caso = desk.opened(solicitud)
    outcome = Advisor(desk, meanwhile={"factura": reads_slowly}).cobro(solicitud, caso)
    assert outcome.error is None
    assert outcome.caso.runs() == 1


def test_a_rehearsal_asks_nobody(desk: Desk) -> None:
    """A rehearsal saves nothing that could be approved."""
    advisor, solicitud = Advisor(desk), desk.request()

    async def work() -> Outcome:
        async with Worker(desk.settings, desk.maps, desk.browser, archivo=desk.archivo, approve=advisor) as worker:
            return await worker.cobro(desk.opened(solicitud, rehearsal=True), solicitud, rehearsal=True)

    assert desk.do(work()).rehearsed is not None
    assert advisor.asked == []


def test_the_case_page_tells_who_approved(desk: Desk) -> None:
    """Each answer stands with its step, and both witnesses of the case agree on it."""
    caso = Advisor(desk, refuses="abono").cobro(desk.request()).caso
    page = case_page(caso.folder).read_text(encoding="utf-8")
    assert f"Factura: aprobado por {getuser()} antes de guardar." in page
    assert f"Abono (recibo): no lo aprobó {getuser()} antes de guardar." in page
    assert verify(desk.store, desk.settings.casos) == []
