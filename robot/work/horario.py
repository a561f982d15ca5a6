"""When the workers may begin a case: the office's hours, as `L-V 07:00-12:00 13:00-17:30; S 08:00-12:00`.

A piece is days and then hours; pieces are parted by «;». Days are L M X J V S D (or their names), joined by «-» and
«,». Hours are of America/Bogota; 24:00 ends a day, so a night is written as `L-D 00:00-06:00 22:00-24:00`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self

from robot.errors import SettingsError
from robot.records.plazos import festivos
from robot.settings import BOGOTA, Settings
from robot.text import fold, plain

_WEEKDAYS: Final = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_LETTERS: Final = "lmxjvsd"
_MINUTES: Final = 24 * 60
_SEARCHED_DAYS: Final = 366

Turno = tuple[int, int]
"""From and until, in minutes since midnight; the end is not part of it."""


@dataclass(frozen=True)
class Horario:
    """The hours of each day of the week, Monday first."""

    dias: tuple[tuple[Turno, ...], ...] = (((0, _MINUTES),),) * 7
    respeta_festivos: bool = False

    @classmethod
    def de(cls, texto: str, *, respeta_festivos: bool = False) -> Self:
        """Read the setting; an empty one is always open. Raises `SettingsError` naming every wrong piece."""
        if not texto.strip():
            return cls(respeta_festivos=respeta_festivos)
        days: tuple[list[Turno], ...] = tuple([] for _ in range(7))
        wrong: list[str] = []
        for piece in filter(None, map(plain, texto.split(";"))):
            try:
                which, spells = _piece(piece)
                for day in which:
                    _add(days[day], spells, day)
            except ValueError as error:
                wrong.append(f"en «{piece}», {error}")
        if not any(days) and not wrong:
            wrong.append(f"«{texto}» no tiene ningún día")
        if wrong:
            raise SettingsError(
                "SERVIWEB_HORARIO: " + "; ".join(wrong),
                remedy="Escríbalo como «L-V 07:00-12:00 13:00-17:30; S 08:00-12:00», o déjelo vacío: siempre abierto.",
            )
        return cls(tuple(tuple(sorted(day)) for day in days), respeta_festivos)

    @classmethod
    def de_ajustes(cls, settings: Settings) -> Self:
        """Return the hours of an installation. Raises `SettingsError`."""
        return cls.de(settings.horario, respeta_festivos=settings.festivos)

    def abierto(self, ahora: datetime) -> bool:
        """Say whether a case may begin now."""
        return any(begin <= _local(ahora) < end for begin, end in self._spells(_local(ahora).date()))

    def abre(self, ahora: datetime) -> datetime:
        """Return the next moment at which a case may begin: now, if it is open."""
        ahora = _local(ahora)
        for ahead in range(_SEARCHED_DAYS):
            for begin, end in self._spells(ahora.date() + timedelta(days=ahead)):
                if ahora < end:
                    return max(begin, ahora)
        raise AssertionError("a schedule opens within a year")

    def cierra(self, ahora: datetime) -> datetime | None:
        """Return when the open hours end; None when it is closed, or open without end. Hours that meet are one."""
        end = _local(ahora)
        for ahead in range(_SEARCHED_DAYS):
            for begin, until in self._spells(_local(ahora).date() + timedelta(days=ahead)):
                if begin <= end < until:
                    end = until
            if end < _midnight(_local(ahora).date() + timedelta(days=ahead + 1)):
                return end if end > _local(ahora) else None
        return None

    def texto(self, ahora: datetime) -> str:
        """Say it for a person: «abierto hasta las 17:30», «cerrado: abre el lunes a las 07:00»; empty: always open."""
        ahora = _local(ahora)
        if self.abierto(ahora):
            end = self.cierra(ahora)
            return f"abierto hasta {_when(end, ahora) or 'las'} {end:%H:%M}" if end else ""
        opens = self.abre(ahora)
        return f"cerrado: abre {_when(opens, ahora) or 'a las'} {opens:%H:%M}"

    def _spells(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if self.respeta_festivos and day in festivos(day.year):
            return
        for begin, end in self.dias[day.weekday()]:
            yield _midnight(day) + timedelta(minutes=begin), _midnight(day) + timedelta(minutes=end)


def _piece(piece: str) -> tuple[list[int], list[Turno]]:
    """Return the days and hours of one piece. Raises `ValueError` with what is wrong in it."""
    text = re.sub(r"\s*([-,])\s*", r"\1", re.sub(r"[–—]", "-", piece))
    found = re.fullmatch(r"(\D+?)\s+(\d.*)", text)
    if not found:
        raise ValueError("faltan los días" if text[0].isdigit() else "faltan las horas")
    return _days(found[1]), [_hours(word) for word in re.split(r"[ ,]", found[2])]


def _days(text: str) -> list[int]:
    days: list[int] = []
    for part in re.split(r"[ ,]", text):
        first, dash, last = part.partition("-")
        begin = _day(first)
        length = (_day(last) - begin) % 7 if dash else 0
        days += [(begin + ahead) % 7 for ahead in range(length + 1)]
    return days


def _day(word: str) -> int:
    name = fold(word).rstrip(".")
    if len(name) == 1 and name in _LETTERS:
        return _LETTERS.index(name)
    # «ma», «mi» and longer beginnings name one day; a lone «m» is martes, as in every timetable.
    matches = [day for day, full in enumerate(_WEEKDAYS) if len(name) > 1 and fold(full).startswith(name)]
    if len(matches) != 1:
        raise ValueError(f"«{word}» no es un día: use L M X J V S D")
    return matches[0]


def _hours(word: str) -> Turno:
    begin, dash, end = word.partition("-")
    if not dash:
        raise ValueError(f"«{word}» no es un turno: escriba por ejemplo 07:00-12:00")
    spell = _minutes(begin), _minutes(end)
    if spell[0] >= spell[1]:
        raise ValueError(f"«{word}» termina antes de empezar")
    return spell


def _minutes(text: str) -> int:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    minutes = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else _MINUTES + 1
    if minutes > _MINUTES:
        raise ValueError(f"«{text}» no es una hora de 00:00 a 24:00")
    return minutes


def _add(day: list[Turno], spells: list[Turno], which: int) -> None:
    for begin, end in spells:
        if any(begin < other_end and other < end for other, other_end in day):
            raise ValueError(f"las horas del {_WEEKDAYS[which]} se cruzan con otras")
        day.append((begin, end))


def _when(moment: datetime, ahora: datetime) -> str:
    """Return the words before an hour of another day; of this day none."""
    ahead = (moment.date() - ahora.date()).days
    if ahead == 0:
        return ""
    if ahead > 6:
        return f"el {moment:%d/%m/%Y} a las"
    return f"{'mañana' if ahead == 1 else f'el {_WEEKDAYS[moment.weekday()]}'} a las"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BOGOTA)


def _local(moment: datetime) -> datetime:
    """Return the moment in Colombia. Raises `ValueError` for one without a time zone: it would be guessed."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} no tiene zona horaria")
    return moment.astimezone(BOGOTA)
