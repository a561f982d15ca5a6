"""Fingerprints: what each control of a map looked like when it was last known to be right.

They stand in `huellas.json` beside the map: tag, role, name, type, place and the captions around, never a field's value
nor what somebody's data reads. A control that is found but no longer looks so has changed under the map's feet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Locator

from robot.text import fold, plain

FILE: Final = "huellas.json"
_SAID: Final = {"tag": "la etiqueta HTML", "role": "el papel (role)", "name": "el nombre", "type": "el tipo de campo"}


@dataclass(frozen=True)
class Place:
    """Where a control stands, as shares of the page's width and height."""

    x: float
    y: float
    w: float
    h: float

    @classmethod
    def of(cls, told: Mapping[str, float]) -> Place:
        """Return the place that the page's script told in pixels."""
        across, down = told["width"] or 1, told["height"] or 1
        shares = (told["x"] / across, told["y"] / down, told["w"] / across, told["h"] / down)
        return cls(*(round(share, 3) for share in shares))


@dataclass(frozen=True)
class Fingerprint:
    """What one control looks like. *always*: it shows as soon as its screen does, before anything is typed."""

    tag: str
    role: str
    name: str
    type: str
    id: str
    place: Place
    near: tuple[str, ...] = ()
    always: bool = False

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Fingerprint:
        """Return the fingerprint of an element as fingerprint.js describes it."""
        tag, role, name, type_, id_ = (str(told[key]) for key in ("tag", "role", "name", "type", "id"))
        return cls(tag, role, name, type_, id_, Place.of(told["place"]), tuple(told["near"]))

    def without(self, texts: Iterable[str]) -> Fingerprint:
        """Leave out the captions that hold one of these texts: what a page read, of somebody."""
        private = [fold(text) for text in texts if len(plain(text)) > 2]
        own = [near for near in self.near if any(text in fold(near) or fold(near) in text for text in private)]
        return replace(self, near=tuple(near for near in self.near if near not in own))

    def differs(self, now: Fingerprint) -> list[str]:
        """Say in Spanish how the control looks different now; numbers in a name (a count, a date) don't matter."""
        return [
            f"{said} era «{before or '—'}» y es «{after or '—'}»"
            for key, said in _SAID.items()
            if _same(before := str(getattr(self, key))) != _same(after := str(getattr(now, key)))
        ]


async def fingerprint(locator: Locator, *, many: bool) -> tuple[Fingerprint, dict[str, Any]]:
    """Return the fingerprint of the first match, and its description as the page's script gave it."""
    told = await locator.first.evaluate(f"(element, many) => {{ {script()} return describe(element, many); }}", many)
    return Fingerprint.of(told), told


def read(folder: Path) -> dict[str, Fingerprint]:
    """Return the fingerprints of a map by control, none where they were never taken."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {title: from_dict(entry) for title, entry in kept.items()}


def from_dict(entry: Mapping[str, Any]) -> Fingerprint:
    """Return a fingerprint that was kept as plain data."""
    given = dict(entry)
    return Fingerprint(**{**given, "place": Place(**given["place"]), "near": tuple(given.get("near", ()))})


def write(folder: Path, found: Mapping[str, Fingerprint]) -> Path:
    """Write the fingerprints of a map, one control a line."""
    lines = [
        f"  {json.dumps(title)}: {json.dumps(asdict(found[title]), ensure_ascii=False)}" for title in sorted(found)
    ]
    path = folder / FILE
    half = path.with_suffix(".parte")
    half.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return half.replace(path)


@cache
def script() -> str:
    """Return the page's script, which only declares functions."""
    return files("robot.browser.checking").joinpath("fingerprint.js").read_text("utf-8")


def _same(text: str) -> str:
    return re.sub(r"\d+", "#", plain(text))
