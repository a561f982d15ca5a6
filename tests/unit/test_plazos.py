"""The legal clocks: working days and hours of Colombia, and how a person says them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot.records.plazos import (
    Plazo,
    es_habil,
    hora,
    pagado_en,
    reconexion,
    respuesta,
    sumar_habiles,
    texto,
)
from robot.settings import BOGOTA

NOW = datetime(2026, 11, 24, 15, 40, tzinfo=BOGOTA)  # a Tuesday
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def test_reconnection_counts_hours_not_working_ones() -> None:
    """Paid on a Saturday night, the service is due on Sunday night; the office may set other hours."""
    paid = datetime(2026, 11, 21, 20, 15, tzinfo=BOGOTA)
    assert reconexion(paid).vence == datetime(2026, 11, 22, 20, 15, tzinfo=BOGOTA)
    assert reconexion(paid, horas=36).vence == datetime(2026, 11, 23, 8, 15, tzinfo=BOGOTA)


def test_an_answer_is_due_after_fifteen_working_days() -> None:
    """Filed on Tuesday 24 November 2026: 8 December is a holiday, so the fifteenth working day is 16 December."""
    due = respuesta(NOW)
    assert due.vence == datetime(2026, 12, 16, 23, 59, 59, tzinfo=BOGOTA)
    assert due.por_dias


def test_the_day_of_filing_is_that_of_colombia() -> None:
    """What is filed at 9 p. m. in Colombia is of that day, though UTC has the next."""
    late = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
    assert respuesta(late, dias=1).vence.date() == date(2026, 11, 25)


def test_each_clock_names_its_rule() -> None:
    """The source stands beside the clock, with the numbers that the office set."""
    assert "Ley 142 de 1994, art. 158" in respuesta(NOW).fuente
    assert "10 días hábiles" in respuesta(NOW, dias=10).fuente
    assert "36 horas" in reconexion(NOW, horas=36).fuente


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 24), True),
        (date(2026, 11, 21), False),  # Saturday
        (date(2026, 11, 22), False),  # Sunday
        (date(2026, 11, 16), False),  # Independence of Cartagena, moved to Monday (Ley 51 de 1983)
        (date(2026, 11, 11), True),  # …from its own day
        (date(2026, 12, 8), False),  # stays on its day
        (date(2026, 4, 2), False),  # Maundy Thursday
        (date(2026, 4, 3), False),  # Good Friday
        (date(2027, 1, 11), False),  # Epiphany, moved
    ],
)
def test_holidays_are_those_of_the_law(day: date, *, works: bool) -> None:
    """Weekends and the holidays of Ley 51 de 1983, moved to Monday or not, aren't worked."""
    assert es_habil(day) is works


def test_working_days_cross_the_year() -> None:
    """Two working days after 30 December 2026 is Monday 4 January 2027: the 1st is a holiday."""
    assert sumar_habiles(date(2026, 12, 30), 2) == date(2027, 1, 4)
    with pytest.raises(ValueError, match="por lo menos un día"):
        sumar_habiles(NOW.date(), 0)


@given(DAYS, st.integers(1, 40))
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    """The result is a working day, and exactly *count* of them stand after the first day up to it."""
    found = sumar_habiles(day, count)
    between = [day + timedelta(days=n) for n in range(1, (found - day).days + 1)]
    assert es_habil(found)
    assert sum(map(es_habil, between)) == count


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (timedelta(minutes=50), "vence hoy a las 4:30 p.\u00a0m."),
        (timedelta(0), "vence hoy a las 3:40 p.\u00a0m."),
        (timedelta(hours=17), "vence mañana a las 8:40 a.\u00a0m."),
        (timedelta(days=3), "vence el viernes 27/11/2026 a las 3:40 p.\u00a0m."),
        (timedelta(seconds=-20), "venció hace un momento"),
        (timedelta(minutes=-35), "venció hace 35\u00a0min"),
        (timedelta(hours=-2, minutes=-30), "venció hace 2\u00a0h"),
        (timedelta(hours=-47), "venció hace 47\u00a0h"),
        (timedelta(days=-3), "venció hace 3 días"),
    ],
)
def test_a_clock_is_said_as_a_person_would(after: timedelta, said: str) -> None:
    """Today and tomorrow by their name, farther days by weekday and date, and what is late by how long."""
    assert texto(NOW + after, NOW) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "vence hoy"), (1, "vence mañana"), (8, "vence el miércoles 02/12/2026"), (-1, "venció ayer")],
)
def test_a_clock_of_days_names_no_hour(days: int, said: str) -> None:
    """An answer is due on a day: its last second isn't shown."""
    end = datetime(2026, 11, 24, 23, 59, 59, tzinfo=BOGOTA) + timedelta(days=days)
    assert Plazo(vence=end, fuente="", por_dias=True).texto(NOW) == said


def test_the_last_moment_is_in_time() -> None:
    """A clock runs out after its moment, not at it."""
    clock = Plazo(vence=NOW, fuente="")
    assert not clock.vencido(NOW)
    assert clock.vencido(NOW + timedelta(microseconds=1))


@pytest.mark.parametrize(("hour", "said"), [(0, "12:05 a"), (11, "11:05 a"), (12, "12:05 p"), (23, "11:05 p")])
def test_hours_go_round_the_clock(hour: int, said: str) -> None:
    """Midnight and noon are twelve."""
    assert hora(NOW.replace(hour=hour, minute=5)) == f"{said}.\u00a0m."


def test_a_payment_told_late_wins_no_time() -> None:
    """A payment of last Friday recorded today has counted since the end of that Friday; one of today, since now."""
    assert pagado_en(NOW, date(2026, 11, 20)) == datetime(2026, 11, 20, 23, 59, 59, tzinfo=BOGOTA)
    assert pagado_en(NOW, NOW.date()) == NOW
    assert pagado_en(NOW, None) == NOW


def test_a_time_without_zone_is_refused() -> None:
    """A moment whose zone would be guessed is an error."""
    with pytest.raises(ValueError, match="zona horaria"):
        reconexion(datetime(2026, 11, 24, 8, 0))  # noqa: DTZ001 — the fault itself
