"""The circuit breaker: examples of its rules, and a machine that tries everything."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from robot.work.circuito import Circuito, Umbral

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
RULES = Umbral(fallos=3, proporcion=0.5, ventana=8, pausa_segundos=30, pausa_maxima_segundos=100, prueba_segundos=600)


def after(circuit: Circuito, outcomes: str, now: datetime = NOON) -> Circuito:
    """Report outcomes: «+» answered, «-» did not."""
    for outcome in outcomes:
        circuit = circuit.responde("x") if outcome == "+" else circuit.cae("x", now, "caído", azar=lambda: 0.0)
    return circuit


def opened(times: int = 1) -> Circuito:
    """Return a circuit that opened so many times in a row."""
    circuit = after(Circuito(umbral=RULES), "---")
    for _ in range(times - 1):
        assert circuit.hasta
        circuit, granted = circuit.pide("p", circuit.hasta)
        assert granted
        assert circuit.hasta
        circuit = circuit.cae("p", NOON, azar=lambda: 0.0)
    return circuit


@pytest.mark.parametrize(
    ("outcomes", "phase"),
    [
        ("--", "cerrado"),
        ("---", "abierto"),
        ("--+--", "cerrado"),
        ("--+--+-", "cerrado"),  # five of seven, but the window of eight isn't full
        ("--+--+-+", "cerrado"),  # full now, but an answer opens nothing
        ("+-+-+-+", "cerrado"),
        ("+-+-+-+-", "abierto"),  # four of eight
        ("++++++--+-", "cerrado"),  # three of the last eight
    ],
)
def test_it_opens_after_failures_in_a_row_or_too_many_of_the_last(outcomes: str, phase: str) -> None:
    """Three in a row, or half of the last eight, counted when a failure comes in."""
    assert after(Circuito(umbral=RULES), outcomes).fase == phase


def test_nobody_begins_before_the_pause_is_over_and_then_one() -> None:
    """While it is open all are refused; at its end one gets the probe, the others wait on."""
    circuit = opened()
    assert circuit.hasta == NOON + timedelta(seconds=30)
    assert circuit.pide("a", NOON + timedelta(seconds=29)) == (circuit, False)
    circuit, granted = circuit.pide("a", NOON + timedelta(seconds=30))
    assert (granted, circuit.fase, circuit.prueba) == (True, "probando", "a")
    assert circuit.pide("b", NOON + timedelta(seconds=31)) == (circuit, False)


def test_a_probe_that_gets_through_closes_it_and_forgets() -> None:
    """Afterwards three failures in a row are needed again, and the first pause is short again."""
    circuit, _ = opened(3).pide("a", NOON + timedelta(hours=1))
    closed = circuit.responde("a")
    assert closed == Circuito(umbral=RULES)
    assert after(closed, "--").fase == "cerrado"


def test_pauses_grow_with_every_failed_probe_up_to_their_cap() -> None:
    """30, 60, 100, 100 seconds; jitter only shortens."""
    waits = [(circuit.hasta - NOON).total_seconds() for times in (1, 2, 3, 4) if (circuit := opened(times)).hasta]
    assert waits == [30, 60, 100, 100]
    early = after(Circuito(umbral=RULES), "--").cae("x", NOON, azar=lambda: 0.999)
    assert early.hasta
    assert 22 < (early.hasta - NOON).total_seconds() < 23


def test_only_the_probe_is_believed_while_it_is_not_closed() -> None:
    """Runs that began before it opened end late, well or badly: neither moves it."""
    circuit = opened()
    assert circuit.responde("old") == circuit == circuit.cae("old", NOON)
    probing, _ = circuit.pide("a", NOON + timedelta(minutes=1))
    assert probing.responde("old") == probing == probing.cae("old", NOON)


def test_a_probe_that_vanishes_counts_as_failed() -> None:
    """After its time the next one who asks opens the circuit for longer, and is refused."""
    probing, _ = opened().pide("a", NOON)  # refused: nothing changes
    assert probing.fase == "abierto"
    start = NOON + timedelta(seconds=30)
    probing, _ = probing.pide("a", start)
    later = start + timedelta(seconds=600)
    reopened, granted = probing.pide("b", later, azar=lambda: 0.0)
    assert (granted, reopened.fase, reopened.caidas) == (False, "abierto", 2)
    assert reopened.hasta == later + timedelta(seconds=60)
    assert reopened.responde("a") == reopened


def test_a_probe_with_nothing_to_say_frees_its_place() -> None:
    """A claim that found no case, or was refused before it met Serviweb: the next one probes at once."""
    probing, _ = opened().pide("a", NOON + timedelta(minutes=1))
    freed = probing.suelta("a", NOON + timedelta(minutes=2))
    assert freed.pide("b", NOON + timedelta(minutes=2))[1]
    assert probing.suelta("b", NOON) == probing
    assert freed.caidas == 1


def test_a_seat_that_asks_again_is_the_probe_still() -> None:
    """Who asks anew has nothing running: it probes again, with new time, and nobody else does meanwhile."""
    probing, _ = opened().pide("a", NOON + timedelta(minutes=1))
    later = NOON + timedelta(minutes=9)
    again, granted = probing.pide("a", later)
    assert (granted, again.prueba, again.hasta, again.caidas) == (True, "a", later + timedelta(seconds=600), 1)
    assert again.pide("b", later + timedelta(seconds=599)) == (again, False)


def test_nonsense_is_not_read_back() -> None:
    """What was altered by hand is refused; nothing kept is a closed circuit."""
    kept = opened().as_dict()
    for wrong in ({"fase": "roto"}, {"fase": "cerrado"}, {"hasta": None}, {"hasta": "ayer"}):
        with pytest.raises(ValueError, match=r"no circuit|isoformat"):
            Circuito.de({**kept, **wrong}, RULES)
    assert Circuito.de(None, RULES) == Circuito(umbral=RULES) == Circuito.de({}, RULES)


def test_it_says_what_happens() -> None:
    """Each phase has its Spanish sentence."""
    probing, _ = opened().pide("a", NOON + timedelta(minutes=1))
    assert [c.texto for c in (Circuito(), opened(), probing)] == [
        "Serviweb responde",
        "Serviweb no responde: se espera",
        "Serviweb no respondía: se prueba con un caso",
    ]


class Machines(RuleBasedStateMachine):
    """Many workers share one circuit through the database, die, and report late."""

    def __init__(self) -> None:
        super().__init__()
        self.circuit = Circuito(umbral=RULES)
        self.now = NOON
        self.running: list[str] = []
        self.asked = 0

    def luck(self) -> float:
        """Return a number that differs from call to call, and replays."""
        return (self.asked * 0.37) % 1

    def keep(self, circuit: Circuito) -> None:
        """Write the circuit to JSON and read it back, as the table does."""
        self.circuit = Circuito.de(json.loads(json.dumps(circuit.as_dict())), RULES)
        assert self.circuit == circuit

    @rule(seconds=st.sampled_from([0, 1, 20, 30, 60, 100, 599, 600, 5000]))
    def time_passes(self, seconds: int) -> None:
        """Let the clock run."""
        self.now += timedelta(seconds=seconds)

    @rule()
    def ask(self) -> None:
        """Ask to begin a case: granted while closed, and to one alone after a pause."""
        self.asked += 1
        name, before = f"c{self.asked}", self.circuit
        circuit, granted = before.pide(name, self.now, azar=self.luck)
        if before.fase == "cerrado":
            assert granted
        elif before.hasta and self.now < before.hasta:
            assert not granted
            assert circuit == before
        else:
            assert granted == (before.fase == "abierto")
            assert circuit.hasta is not None
            assert circuit.hasta > self.now
        if granted:
            self.running.append(name)
        self.keep(circuit)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), ending=st.sampled_from(["answers", "fails", "nothing", "dies"]))
    def end(self, data: st.DataObject, ending: str) -> None:
        """End one of the running cases, in any order and however late."""
        name = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        before = self.circuit
        if ending == "answers":
            self.keep(before.responde(name))
        elif ending == "fails":
            self.keep(before.cae(name, self.now, "caído", azar=self.luck))
        elif ending == "nothing":
            self.keep(before.suelta(name, self.now))
        if before.fase != "cerrado" and before.prueba != name:
            assert self.circuit == before
        if ending == "answers" and before.prueba == name:
            assert self.circuit == Circuito(umbral=RULES)

    @rule()
    def somebody_gets_through_in_the_end(self) -> None:
        """From wherever it stands, waiting and asking leads to a probe, and its answer closes the circuit."""
        circuit, now, granted = self.circuit, self.now, False
        for _ in range(3):
            now = max(now, circuit.hasta or now)
            circuit, granted = circuit.pide("last", now, azar=self.luck)
            if granted:
                break
        assert granted
        assert circuit.responde("last").fase == "cerrado"

    @invariant()
    def it_makes_sense(self) -> None:
        """A probe has a name and an end; a closed circuit has neither; a pause keeps within its cap."""
        circuit = self.circuit
        assert (circuit.fase == "probando") == bool(circuit.prueba)
        assert (circuit.fase == "cerrado") == (circuit.hasta is None) == (circuit.caidas == 0)
        assert len(circuit.recientes) <= RULES.ventana
        if circuit.fase == "abierto":
            assert circuit.hasta is not None
            assert circuit.hasta - self.now <= timedelta(seconds=RULES.pausa_maxima_segundos)


TestMachines = Machines.TestCase
