"""How long a failing case waits in the queue, and when a person gets it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot.errors import (
    LoginRefused,
    OutcomeUnknown,
    Rejected,
    RobotError,
    SelectorDrift,
    SessionLost,
    SiteDown,
    StepFailed,
    Stopped,
)
from robot.work.espera import Paciencia, despues, pausa_segundos, tras_muerte

CALM = Paciencia(tomas=3, primera_segundos=60, maxima_segundos=3600)


def test_pauses_double_up_to_their_cap() -> None:
    """Without jitter: 60, 120, 240 … and never more than the cap, however often."""
    waits = [pausa_segundos(n, primera=60, maxima=900, azar=lambda: 0.0) for n in (1, 2, 3, 4, 5, 6, 5000)]
    assert waits == [60, 120, 240, 480, 900, 900, 900]
    with pytest.raises(ValueError, match="failure"):
        pausa_segundos(0, primera=60, maxima=900)


@given(
    times=st.integers(1, 12),
    first=st.floats(0.1, 600),
    luck=st.floats(0, 0.999),
    other=st.floats(0, 0.999),
)
def test_jitter_keeps_the_order_and_the_cap(times: int, first: float, luck: float, other: float) -> None:
    """A later pause is longer than the one before while both are below the cap; none goes beyond it."""
    cap = first * 1000
    now = pausa_segundos(times, primera=first, maxima=cap, azar=lambda: luck)
    later = pausa_segundos(times + 1, primera=first, maxima=cap, azar=lambda: other)
    assert 0.74 * first < now <= cap
    assert later > now or first * 2**times > cap


def test_jitter_parts_cases_that_fell_together() -> None:
    """With the real chance, twenty cases don't come back at one moment."""
    waits = {despues(StepFailed(), tomas=1, algo_guardado=False, paciencia=CALM).espera_segundos for _ in range(20)}
    assert len(waits) > 10
    assert all(45 <= wait <= 60 for wait in waits)


@pytest.mark.parametrize("failure", [StepFailed("No apareció «Agregar»", step="9"), SessionLost(), None])
def test_a_case_that_sent_nothing_waits_for_another_claim(failure: RobotError | None) -> None:
    """Back to the queue after a pause that grows with the claims, at the cost of an attempt."""
    first = despues(failure, tomas=1, algo_guardado=False, paciencia=CALM, azar=lambda: 0.0)
    second = despues(failure, tomas=2, algo_guardado=False, paciencia=CALM, azar=lambda: 0.0)
    assert (first.estado, first.espera_segundos, first.cuesta_intento) == ("en_cola", 60, True)
    assert (second.estado, second.espera_segundos) == ("en_cola", 120)
    assert first.motivo == (str(failure) if failure else "el proceso que lo trabajaba se interrumpió")


@pytest.mark.parametrize("failure", [StepFailed("No apareció «Agregar»", step="9"), None])
@pytest.mark.parametrize(("saved", "estado"), [(False, "fallido"), (True, "incompleto")])
def test_a_poisonous_case_goes_to_a_person(failure: RobotError | None, saved: bool, estado: str) -> None:
    """After the last claim, also when each one killed its worker: *fallido*, or *incompleto* if something is saved."""
    after = despues(failure, tomas=3, algo_guardado=saved, paciencia=CALM)
    assert after.estado == estado
    assert after.motivo.startswith("Se intentó 3 veces y no se pudo. Lo último: ")
    assert after.motivo.endswith("Paso 9: No apareció «Agregar»" if failure else "se interrumpió")


def test_one_claim_may_be_all() -> None:
    """With one claim allowed the sentence says «una vez»."""
    once = Paciencia(tomas=1)
    assert despues(StepFailed(), tomas=1, algo_guardado=False, paciencia=once).motivo.startswith("Se intentó una vez y")


def test_a_site_that_is_down_costs_nothing() -> None:
    """However often: the case goes back at once, its attempt is given back, and the circuit does the waiting."""
    after = despues(SiteDown(), tomas=99, algo_guardado=True, paciencia=CALM)
    assert (after.estado, after.espera_segundos, after.cuesta_intento) == ("en_cola", 0, False)


def test_a_case_that_meets_an_absent_site_alone_steps_back() -> None:
    """The second time in a row it waits, longer each time: others get through, and it must not always go first."""
    waits = [
        despues(SiteDown(), tomas=1, algo_guardado=False, paciencia=CALM, seguidas=n, azar=lambda: 0.0).espera_segundos
        for n in range(4)
    ]
    assert waits == [0, 60, 120, 240]


@pytest.mark.parametrize("failure", [LoginRefused(), Stopped(), OSError(28, "disco lleno"), asyncio.CancelledError()])
def test_what_is_nobody_s_fault_costs_nothing(failure: BaseException) -> None:
    """A refused user, a wish to stop, a full disk, a process that ends: the case goes back at once."""
    after = despues(failure, tomas=99, algo_guardado=True, paciencia=CALM)
    assert (after.estado, after.espera_segundos, after.cuesta_intento) == ("en_cola", 0, False)


def test_a_browser_that_fails_costs_an_attempt() -> None:
    """It may be the case's page that kills it."""
    after = despues(RuntimeError(), tomas=1, algo_guardado=False, paciencia=CALM, azar=lambda: 0.0)
    assert (after.estado, after.espera_segundos, after.cuesta_intento) == ("en_cola", 60, True)


def test_a_first_death_says_nothing_of_the_case() -> None:
    """A power cut: at once; a worker that dies of it again and again: after a pause that grows."""
    assert tras_muerte(1, CALM) == 0
    assert 45 <= tras_muerte(2, CALM) <= 60
    assert 90 <= tras_muerte(3, CALM) <= 120


@pytest.mark.parametrize("failure", [Rejected(), SelectorDrift(), OutcomeUnknown()])
def test_what_no_claim_can_heal_is_never_put_back(failure: RobotError) -> None:
    """A refusal, a changed screen and above all an unknown outcome are refused here."""
    with pytest.raises(ValueError, match=type(failure).__name__):
        despues(failure, tomas=1, algo_guardado=False, paciencia=CALM)
