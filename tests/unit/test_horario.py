"""The office's hours: read from a setting, in the time of Colombia, with holidays if wanted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot.errors import SettingsError
from robot.settings import BOGOTA
from robot.work.horario import Horario

OFICINA = "L-V 07:00-12:00 13:00-17:30; S 08:00-12:00"


def at(text: str) -> datetime:
    """Return a moment in Colombia."""
    return datetime.fromisoformat(text).replace(tzinfo=BOGOTA)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24 06:59:59", False),  # Tuesday
        ("2026-11-24 07:00", True),
        ("2026-11-24 11:59:59", True),
        ("2026-11-24 12:00", False),
        ("2026-11-24 13:00", True),
        ("2026-11-24 17:30", False),
        ("2026-11-28 11:00", True),  # Saturday
        ("2026-11-28 13:30", False),
        ("2026-11-29 10:00", False),  # Sunday
    ],
)
def test_a_shift_begins_with_its_first_minute_and_ends_before_its_last(moment: str, is_open: bool) -> None:
    """The beginning is part of the hours, the end is not."""
    assert Horario.de(OFICINA).abierto(at(moment)) is is_open


def test_the_hours_are_those_of_colombia_wherever_the_machine_stands() -> None:
    """12:30 UTC is 07:30 in Bogotá; a moment without a time zone is refused, not guessed."""
    hours = Horario.de(OFICINA)
    assert hours.abierto(datetime(2026, 11, 24, 12, 30, tzinfo=UTC))
    assert not hours.abierto(datetime(2026, 11, 24, 7, 30, tzinfo=UTC))
    for ask in (hours.abierto, hours.abre, hours.cierra, hours.texto):
        with pytest.raises(ValueError, match="zona horaria"):
            ask(datetime(2026, 11, 24, 7, 30))  # noqa: DTZ001 — what is refused


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-24 09:15", "2026-11-24 09:15"),
        ("2026-11-24 12:30", "2026-11-24 13:00"),
        ("2026-11-24 18:00", "2026-11-25 07:00"),
        ("2026-11-28 12:00", "2026-11-30 07:00"),  # from Saturday noon to Monday
    ],
)
def test_the_next_opening(now: str, opens: str) -> None:
    """Now if it is open, else the next shift of this day or of a later one."""
    assert Horario.de(OFICINA).abre(at(now)) == at(opens)


def test_a_holiday_is_closed_only_if_asked() -> None:
    """The 8th of December (Tuesday) and a holiday moved to Monday are skipped; without the setting they are worked."""
    with_holidays = Horario.de(OFICINA, respeta_festivos=True)
    assert with_holidays.abre(at("2026-12-07 20:00")) == at("2026-12-09 07:00")
    assert Horario.de(OFICINA).abre(at("2026-12-07 20:00")) == at("2026-12-08 07:00")
    assert date(2026, 11, 16).weekday() == 0  # Independencia de Cartagena, Ley 51 de 1983
    assert with_holidays.abre(at("2026-11-14 12:00")) == at("2026-11-17 07:00")
    assert not Horario.de("", respeta_festivos=True).abierto(at("2026-12-25 10:00"))
    assert Horario.de("", respeta_festivos=True).abre(at("2026-12-25 10:00")) == at("2026-12-26 00:00")


def test_no_setting_is_always_open() -> None:
    """Empty hours never close, and say nothing."""
    always = Horario.de("  ")
    now = at("2026-12-25 03:00")
    assert (always.abierto(now), always.abre(now), always.cierra(now), always.texto(now)) == (True, now, None, "")


@pytest.mark.parametrize(
    "text",
    [
        "l-v 7:00-12:00, 13:00-17:30 ; sáb 08:00-12:00",
        "Lunes – Viernes 07:00 - 12:00 13:00–17:30;S 08:00-12:00;",
        "L,M,X,J,V 13:00-17:30; L-V 07:00-12:00; sabado 8:00-12:00",
        "lun mar mié jue vie 07:00-12:00 13:00-17:30; S 08:00-12:00",
        "L M X J V 07:00-12:00 13:00-17:30; S 08:00-12:00",
    ],
)
def test_hours_are_read_as_people_write_them(text: str) -> None:
    """Names, letters, accents, long dashes, spaces and commas say the same."""
    assert Horario.de(text) == Horario.de(OFICINA)


def test_a_range_may_pass_the_end_of_the_week_and_a_shift_the_night() -> None:
    """«S-L» is Saturday, Sunday, Monday; hours that meet at midnight are one."""
    assert [bool(day) for day in Horario.de("S-L 08:00-09:00").dias] == [True, False, False, False, False, True, True]
    night = Horario.de("L-D 00:00-06:00 22:00-24:00")
    assert night.abierto(at("2026-11-24 23:59:59"))
    assert night.cierra(at("2026-11-24 23:00")) == at("2026-11-25 06:00")
    assert night.cierra(at("2026-11-24 12:00")) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("07:00-12:00", "en «07:00-12:00», faltan los días"),
        ("L-V", "en «L-V», faltan las horas"),
        ("L-W 07:00-12:00", "«W» no es un día"),
        ("m 7:00-9:00; ju 07:00", "«07:00» no es un turno"),
        ("L-V 07:00-25:00", "«25:00» no es una hora"),
        ("L-V 07:60-08:00", "«07:60» no es una hora"),
        ("L-V 12:00-07:00", "«12:00-07:00» termina antes de empezar"),
        ("L-V 07:00-12:00 11:00-13:00", "las horas del lunes se cruzan"),
        ("L-V 07:00-12:00; X 11:00-13:00", "las horas del miércoles se cruzan"),
        (";", "no tiene ningún día"),
    ],
)
def test_a_wrong_piece_is_named(text: str, said: str) -> None:
    """The error says the setting, the piece and what is wrong with it."""
    with pytest.raises(SettingsError) as refused:
        Horario.de(text)
    assert str(refused.value).startswith("SERVIWEB_HORARIO: ")
    assert said in str(refused.value)


def test_every_wrong_piece_is_named_at_once() -> None:
    """Two faults, one error."""
    with pytest.raises(SettingsError, match=r"en «W 07:00-08:00», .*; en «S 9-10», "):
        Horario.de("W 07:00-08:00; L 08:00-09:00; S 9-10")


def test_what_a_person_reads() -> None:
    """Open until when, closed until when: today, tomorrow, a day of this week, a date."""
    hours = Horario.de(OFICINA)
    assert hours.texto(at("2026-11-24 14:00")) == "abierto hasta las 17:30"
    assert hours.texto(at("2026-11-24 12:10")) == "cerrado: abre a las 13:00"
    assert hours.texto(at("2026-11-24 18:00")) == "cerrado: abre mañana a las 07:00"
    assert hours.texto(at("2026-11-28 12:00")) == "cerrado: abre el lunes a las 07:00"
    christmas = Horario.de("V 08:00-12:00", respeta_festivos=True)
    assert christmas.texto(at("2026-12-18 13:00")) == "cerrado: abre el 08/01/2027 a las 08:00"
    assert Horario.de("L-D 00:00-06:00 22:00-24:00").texto(at("2026-11-24 23:00")) == (
        "abierto hasta mañana a las 06:00"
    )


def week_minutes() -> st.SearchStrategy[datetime]:
    """Return moments of a year, to the minute."""
    return st.integers(0, 366 * 24 * 60).map(lambda minute: at("2026-01-01") + timedelta(minutes=minute))


@given(now=week_minutes(), respeta=st.booleans())
def test_opening_and_closing_agree_with_being_open(now: datetime, respeta: bool) -> None:
    """At its opening it is open and the minute before it was not; the same, reversed, at its closing."""
    hours = Horario.de(OFICINA, respeta_festivos=respeta)
    minute = timedelta(minutes=1)
    opens = hours.abre(now)
    assert opens >= now
    assert hours.abierto(opens)
    assert opens == now or not hours.abierto(opens - minute)
    closes = hours.cierra(opens)
    assert closes is not None
    assert hours.abierto(closes - minute)
    assert not hours.abierto(closes)
