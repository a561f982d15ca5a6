"""What a sitting of teaching needs to know besides the browser and the person: the walk, its words and its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from robot.browser.checking.hands import Stop as Used
from robot.browser.teaching.propose import Kind

Pattern = Literal["numero", "pregunta", "aviso", "palabra", "pagina", "rechazo"]


class Stop(Used, Protocol):
    """One control of the walk, with what a person is told to point at."""

    @property
    def dice(self) -> str: ...  # noqa: D102
    @property
    def muchos(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One sitting: *only* one control, or all that aren't taught; *second* with saves that the person allows.

    *values* are typed on the way, by name; one that is missing is that of another name (*same*), or is asked for in the
    words of *questions*.
    """

    url: str
    walk: Sequence[Stop]
    kinds: Mapping[str, Kind]
    tables: Mapping[str, str]
    rows: Mapping[str, str]
    patterns: Mapping[str, tuple[Pattern, str]]
    private: frozenset[str]
    fills: Mapping[str, Sequence[tuple[str, str, str]]]
    before: Mapping[str, str]
    also: Mapping[str, str]
    needed: Mapping[str, Sequence[str]]
    same: Mapping[str, str] = field(default_factory=dict)
    optional_screens: Mapping[str, str]
    questions: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)
    only: str = ""
    second: bool = False

    def kind(self, stop: Stop) -> Kind:
        """Return what sort of thing a control is, for how it may be found."""
        if stop.muchos:
            return "columna"
        if stop.titulo in self.kinds:
            return self.kinds[stop.titulo]
        if stop.luego in ("escribir", "escoger"):
            return "campo"
        return "usar" if stop.luego in ("clic", "encima", "abrir") else "leer"

    def stops(self) -> list[Stop]:
        """Return the walk of this sitting: for one control only what leads to it."""
        if not self.only:
            return list(self.walk)
        parts: list[list[Stop]] = [[]]
        for stop in self.walk:
            if stop.luego == "encima":
                parts.append([])
            parts[-1].append(stop)
        wanted = [part for part in parts[1:] if any(stop.titulo == self.only for stop in part)]
        needs_pending = self.second and any(stop.efecto == "abono" for part in wanted for stop in part)
        before = [part for part in parts[1:] if needs_pending and any(stop.efecto == "factura" for stop in part)]
        chosen = [parts[0], *[part for part in before if part not in wanted], *wanted]
        return [stop for part in chosen for stop in part]

    def first(self, title: str) -> Stop:
        """Return where the walk comes to a control first."""
        return next(stop for stop in self.walk if stop.titulo == title)
