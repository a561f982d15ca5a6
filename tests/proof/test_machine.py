"""An office's days at random: faults, kills, late savings, payments and people's decisions, in any order.

Whatever happens, Serviweb has at most one document of each kind for a case, unless a person decided that there was
none; no state denies what is there; and both journals agree once a living process has looked at them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from robot_without_browser import Installation
from small_serviweb import FAULTS, Saved
from sqlalchemy import Connection, update

from robot.errors import Fenced, OutcomeUnknown, RobotError
from robot.masking import Masker
from robot.records.caso import Caso
from robot.records.journal import read
from robot.records.solicitud import Pago
from robot.records.store import cases, leases, ledger, projection
from robot.records.store.schema import ESTADOS, NOTHING, OPEN, SETTLED, efectos
from robot.settings import BOGOTA
from robot.work import decision as decisions
from robot.work import pago as payments
from robot.work.archivo import Archivo
from robot.work.duda import look_up
from robot.work.expediente import request_of

SUBSCRIBERS = {"100234": ("01-383", "40781234"), "100310": ("02-115", "40781234"), "100411": ("03-020", "17634567")}
KINDS = ("tercero", "factura", "abono", "tramite")
WHO = decisions.Decision(persona="Ana", motivo="se vio en Serviweb")
# About sixty moments make a stage.
KILLS = st.one_of(st.none(), st.integers(0, 50))
TROUBLE = st.fixed_dictionaries({kind: st.sampled_from(("", "", "lost", *FAULTS)) for kind in KINDS})
LISTS = st.sampled_from(["", "", "stale", "down"])


class Office(RuleBasedStateMachine):
    """The queue, an advisor, a supervisor, and a Serviweb that misbehaves."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="oficina-"))
        # A case put back is taken again by the next process only, so that the clock decides nothing.
        self.one = Installation(self.folder, changes={"reintento_segundos": 3600, "reintento_maximo_segundos": 3600})
        self.marks: list[str] = []
        self.interrupted: list[Callable[[], Coroutine[Any, Any, Any]]] = []
        self._told: dict[str, list[dict[str, Any]]] = {}

    def teardown(self) -> None:
        """Let everything come to rest, and judge."""
        try:
            self.rest()
        finally:
            self.one.close()
            shutil.rmtree(self.folder)

    # What happens.

    @initialize(codigo=st.sampled_from(sorted(SUBSCRIBERS)))
    def begin(self, codigo: str) -> None:
        """Somebody asks."""
        self.enqueue(codigo, again=False)

    @precondition(lambda self: len(self.marks) < 4)
    @rule(codigo=st.sampled_from(sorted(SUBSCRIBERS)), again=st.booleans())
    def enqueue(self, codigo: str, again: bool) -> None:
        """Load a request, perhaps as a new occasion of a subscriber who had one."""
        ruta, documento = SUBSCRIBERS[codigo]
        occasion = "volvió a pedir" if again else ""
        mark = self.one.enqueue(codigo=codigo, ruta=ruta, documento=documento, nueva_ocasion=occasion)
        if mark:
            self.marks.append(mark)

    @rule(trouble=TROUBLE, lists=LISTS, killed_at=KILLS)
    def work(self, trouble: dict[str, Any], lists: Any, killed_at: int | None) -> None:
        """Begin a process that does one thing of the queue."""
        self.one.site.faults, self.one.site.list_fault = dict(trouble), lists
        self.one.process(self.one.step(), killed_at=killed_at)
        self.one.site.faults, self.one.site.list_fault = {}, ""

    @rule(trouble=TROUBLE, killed_at=KILLS)
    def work_for_a_while(self, trouble: dict[str, Any], killed_at: int | None) -> None:
        """Begin a process that does what there is to do."""
        self.one.site.faults = dict(trouble)
        self.one.process(self.one.work(most=3), killed_at=killed_at)
        self.one.site.faults = {}

    @rule()
    def work_in_peace(self) -> None:
        """Nothing goes wrong for once."""
        self.one.process(self.one.work(most=3))

    @precondition(lambda self: self.now("esperando_pago"))
    @rule(data=st.data(), killed_at=KILLS)
    def pay(self, data: st.DataObject, killed_at: int | None) -> None:
        """Pay at the caja, and record it."""
        mark = data.draw(st.sampled_from(self.now("esperando_pago")))
        recibo = self.one.caso(mark).number("abono") or ""
        self.one.site.pay(recibo)
        seen = Pago(recibo=recibo, fecha=datetime.now(BOGOTA).date(), confirmado_por="Ana")

        async def recorded() -> None:
            payments.register(Archivo(self.one.settings, self.one.store), mark, seen)

        self.person(recorded, killed_at)

    @precondition(lambda self: self.now("en_duda"))
    @rule(
        data=st.data(),
        how=st.sampled_from(["look", "exists", "not_exists", "double"]),
        lists=LISTS,
        killed_at=KILLS,
    )
    def decide(self, data: st.DataObject, how: str, lists: Any, killed_at: int | None) -> None:
        """A person looks a doubt up, or decides it, perhaps wrongly."""
        mark = data.draw(st.sampled_from(self.now("en_duda")))
        caso = self.one.caso(mark)
        kind = (caso.open_effects() or ["factura"])[0]
        there = [one.numero for one in self.one.site.saved if one.kind == kind] or ["F-999999"]
        number, other = data.draw(st.sampled_from(there)), data.draw(st.sampled_from(there))
        solicitud, worker = request_of(self.one.store, mark), self.one.worker()
        acts: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
            "look": lambda: look_up(worker, caso, solicitud),
            "exists": lambda: decisions.exists(worker, caso, solicitud, number, WHO),
            "double": lambda: decisions.double(worker, caso, solicitud, (number, other), number, WHO),
            "not_exists": lambda: decisions.not_exists(
                worker, caso, solicitud, WHO, codigo=caso.codigo, confirma="Luis"
            ),
        }
        self.one.site.list_fault = lists
        self.person(acts[how], killed_at)
        self.one.site.list_fault = ""

    @precondition(lambda self: self.now("incompleto"))
    @rule(data=st.data(), trouble=TROUBLE, killed_at=KILLS)
    def go_on(self, data: st.DataObject, trouble: dict[str, Any], killed_at: int | None) -> None:
        """`continuar`: the first document that is missing."""
        mark = data.draw(st.sampled_from(self.now("incompleto")))
        caso = self.one.caso(mark)
        if caso.voided():
            return
        solicitud, worker = request_of(self.one.store, mark), self.one.worker()
        self.one.site.faults = dict(trouble)
        if caso.number("abono") is None:
            self.person(lambda: worker.cobro(caso, solicitud), killed_at)
        elif caso.payment() and caso.number("tramite") is None:
            self.person(lambda: worker.tramite(caso, solicitud), killed_at)
        self.one.site.faults = {}

    @precondition(lambda self: self.now("incompleto", "esperando_pago"))
    @rule(data=st.data(), killed_at=KILLS)
    def close_a_case(self, data: st.DataObject, killed_at: int | None) -> None:
        """A person voids a case's documents in Serviweb and records it."""
        mark = data.draw(st.sampled_from(self.now("incompleto", "esperando_pago")))
        caso = self.one.caso(mark)
        numbers = [*caso.documents().values(), *caso.to_annul()]
        for number in numbers:
            self.one.site.void(number)

        async def recorded() -> None:
            archivo = Archivo(self.one.settings, self.one.store)
            decisions.close(archivo, caso, request_of(self.one.store, mark), numbers, WHO)

        self.person(recorded, killed_at)

    @rule(what=st.sampled_from(["cancel", "pause", "by hand", "late", "late"]), data=st.data())
    def something_else(self, what: str, data: st.DataObject) -> None:
        """Serviweb saves what it put off, a case is cancelled, the queue waits or goes on, an advisor bills by hand."""
        site, store = self.one.site, self.one.store
        if what == "late":
            site.catch_up()
        elif what == "cancel" and self.now("en_cola"):
            with suppress(RobotError):
                cases.request_cancel(store, data.draw(st.sampled_from(self.now("en_cola"))), "Ana")
        elif what == "pause" and cases.PAUSE in cases.switches(store):
            cases.switch_off(store, cases.PAUSE)
        elif what == "pause":
            cases.switch_on(store, cases.PAUSE, "Ana")
        elif what == "by hand":
            codigo = data.draw(st.sampled_from(sorted(SUBSCRIBERS)))
            products = tuple(self.one.settings.productos)
            site.save(Saved(kind="factura", numero="", codigo=codigo, observacion="a mano", productos=products))

    def person(self, act: Callable[[], Coroutine[Any, Any, Any]], killed_at: int | None = None) -> None:
        """Do what a person asked for in a process of its own; being told no is no failure."""

        async def told() -> None:
            with suppress(RobotError, Fenced, OutcomeUnknown):
                await act()

        if not self.one.process(told(), killed_at=killed_at):
            self.interrupted.append(told)

    # What must hold, always.

    def now(self, *states: str) -> list[str]:
        """Return the cases in these states, in the order in which they were asked for."""
        return [mark for mark in self.marks if self.one.row(mark)["estado"] in states]

    def entries(self, mark: str, event: str, **fields: Any) -> list[dict[str, Any]]:
        """Return what both witnesses together tell of a case, as it stood when the invariants were last asked."""
        told = self._told.get(mark, [])
        return [e for e in told if e["event"] == event and all(e.get(k) == v for k, v in fields.items())]

    def look(self) -> None:
        """Read both witnesses of each case."""
        for mark in self.marks:
            told = (cases.diary(self.one.store, mark), read(self.one.settings.casos / mark))
            self._told[mark] = max(told, key=len)

    def allowed(self, mark: str, kind: str) -> int:
        """Return how many requests may have left: one, and one more for each that a person or Serviweb undid."""
        decided = len(self.entries(mark, "effect.decided", kind=kind, decision="no_existe"))
        return 1 + decided + len(self.entries(mark, "effect.rejected", kind=kind))

    @invariant()
    def what_must_hold(self) -> None:
        """Nobody is billed twice, and no state lies."""
        self.look()
        self.nobody_is_billed_twice()
        self.no_state_lies()

    def nobody_is_billed_twice(self) -> None:
        """Count requests and documents at Serviweb."""
        site = self.one.site
        for mark in self.marks:
            for kind in ("factura", "abono", "tramite"):
                posts = sum(1 for sent, _, text in site.posts if sent == kind and mark in text)
                there = sum(1 for one in site.saved if one.kind == kind and mark in one.observacion)
                assert there <= posts <= self.allowed(mark, kind), (mark, kind)
        people = Counter(document for kind, document, _ in site.posts if kind == "tercero")
        for document, posts in people.items():
            of = [mark for mark in self.marks if SUBSCRIBERS[self.one.row(mark)["codigo"]][1] == document]
            assert posts <= 1 + sum(self.allowed(mark, "tercero") - 1 for mark in of), document

    def no_state_lies(self) -> None:
        """*Nothing in Serviweb* means nothing; *waiting* and *done* mean that the documents are there, and ours."""
        site = self.one.site
        for mark in self.marks:
            row, caso = self.one.row(mark), Caso(self.one.settings.casos / mark, self._told[mark])
            ours = {one.kind for one in site.saved if mark in one.observacion and not one.voided}
            if row["estado"] in NOTHING:
                undecided = {kind for kind in ours if self.allowed(mark, kind) == 1}
                assert undecided == set(), (mark, row["estado"])
            wanted = {"esperando_pago": ("factura", "abono"), "terminado": ("factura", "abono", "tramite")}
            have = {one.numero for one in site.saved}
            for kind in wanted.get(row["estado"], ()):
                assert caso.number(kind) in have, (mark, row["estado"], kind)
            for kind in ("factura", "abono", "tramite"):
                number = caso.number(kind)
                if number and not self.entries(mark, "effect.decided", kind=kind):
                    [document] = [one for one in site.saved if one.numero == number]
                    assert mark in document.observacion, (mark, number)

    def rest(self) -> None:
        """Without trouble everything comes to an end, or waits for a person; the audit finds nothing wrong."""
        self.one.site.catch_up()
        for again in self.interrupted:  # who was told nothing asks once more
            assert self.one.process(again())
        archivo = Archivo(self.one.settings, self.one.store)
        for mark in self.now(*(set(ESTADOS) - {"en_cola", "en_curso", "en_duda"})):  # and looks at the case
            with suppress(Fenced), archivo.idle(self.one.settings.casos / mark, Masker()):
                pass
        cases.switch_off(self.one.store, cases.PAUSE)
        for _ in range(4):
            assert self.one.process(self.one.work())
        for mark in self.now("en_duda"):  # the look-ups of one can take the queue's whole time here, where none waits
            self.one.process(look_up(self.one.worker(), self.one.caso(mark), request_of(self.one.store, mark)))
        assert self.now("en_curso") == []
        for mark in self.now("en_cola"):
            told = [
                tuple(self.one.row(m)[k] for k in ("id", "codigo", "estado", "intentos", "motivo")) for m in self.marks
            ]
            assert self.waits_for(mark), f"{mark} waits for nobody: {told}"
        assert self.one.faults() == []
        self.what_must_hold()

    def waits_for(self, mark: str) -> list[str]:
        """Return the cases that must come to an end before this one can: its subscriber's, and its person's doubts."""

        def same(other: str, *, person: bool) -> bool:
            one, two = self.one.row(mark)["codigo"], self.one.row(other)["codigo"]
            return SUBSCRIBERS[one][1] == SUBSCRIBERS[two][1] if person else one == two

        return [
            *(other for other in self.now(*OPEN) if same(other, person=False)),
            *(other for other in self.now("en_duda") if same(other, person=True)),
        ]


CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
MANY = settings(max_examples=400, stateful_step_count=40, deadline=None, suppress_health_check=CHECKS)
# The same days each time, so that only a change of the robot makes a difference.
FEW = settings(MANY, max_examples=12, derandomize=True)


def test_days_at_random() -> None:
    """A dozen days."""
    run_state_machine_as_test(Office, settings=FEW)


@pytest.mark.full
def test_many_days_at_random() -> None:
    """Other days each time."""
    run_state_machine_as_test(Office, settings=MANY)


def test_control_a_robot_that_forgets_its_doubts_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the journal's doubts *and* the database's, people are billed twice; either alone prevents it."""

    def forget(connection: Connection, case: str, _: str) -> None:
        open_ones = efectos.c.estado.not_in((*SETTLED, "confirmado"))
        connection.execute(update(efectos).where(efectos.c.caso == case, open_ones).values(estado="no_enviado"))

    monkeypatch.setattr(Caso, "open_effects", lambda _: [])
    monkeypatch.setattr(leases, "settle_unsent", forget)
    monkeypatch.setattr(ledger, "settle_unsent", forget)
    monkeypatch.setitem(projection._STAGES, "effect.in_doubt", ("no_enviado", "cerrado"))
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Office, settings=settings(FEW, phases=(Phase.generate,)))
