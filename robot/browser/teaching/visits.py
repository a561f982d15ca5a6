"""Which attributes of a page are the same each time it comes: what a program makes up may not stand in a map."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame

from robot.browser.gate import without_query


def script(name: str) -> str:
    """Return a script that stands beside this file, without its comments."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("//"))


_TOKENS = script("tokens.js")


@dataclass
class Visits:
    """Which attributes of a page were the same each time it came: only those may stand in a map."""

    _seen: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    async def look(self, frame: Frame) -> None:
        """Note what stands in a frame now."""
        try:
            read = await frame.evaluate(_TOKENS)
        except PlaywrightError:
            return  # on its way to another page
        self._seen.setdefault(_page_of(frame), {}).setdefault(read["visit"], set()).update(read["tokens"])

    def stable(self, frame: Frame, token: str) -> bool:
        """Say whether an attribute is known to be the same at another visit; one with digits in it, at every visit."""
        visits = list(self._seen.get(_page_of(frame), {}).values())
        times = sum(token in visit for visit in visits)
        generated = bool(re.search(r"\d|^\w+=javascript:", token))
        return times >= 2 and (times == len(visits) or not generated)


def _page_of(frame: Frame) -> str:
    """Name a page for its visits: without its query, where what was looked up stands."""
    return without_query(frame.url)
