"""The pictures of a visit: one for each state of a screen, with what was found there marked on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from robot.browser import covered
from robot.browser.aside import aside
from robot.browser.checking import marked
from robot.browser.checking.finding import SIN_DATOS, SIN_GUARDAR, Finding
from robot.browser.checking.fingerprint import Fingerprint, Place
from robot.browser.private import private_controls
from robot.browser.run import Run
from robot.errors import RobotError
from robot.masking import Masker

_TALLEST: Final = 2000
_GONE_MILLISECONDS: Final = 200
_MOST_MATCHES: Final = 3
_SIZE: Final = """() => {
    const root = document.documentElement;
    return [Math.max(root.scrollWidth, innerWidth), Math.max(root.scrollHeight, innerHeight)];
}"""
_TOP: Final = "() => { scrollTo(0, 0); return document.documentElement.scrollHeight; }"


@dataclass(frozen=True)
class Picture:
    """An annotated picture of a screen."""

    screen: str
    title: str
    file: str
    shows: tuple[str, ...]
    """The controls that are marked on it."""


class Album:
    """Remember what was looked at since the last picture of each window, and take the next."""

    def __init__(self, run: Run, known: Mapping[str, Fingerprint], masker: Masker, folder: Path) -> None:
        self._run = run
        self._known = known
        self._masker = masker
        self._folder = folder
        self._private = private_controls(run.maps.controls())
        self._view: list[tuple[Finding, Page]] = []
        self._taken: list[tuple[Picture, asyncio.Task[Path]]] = []

    def add(self, finding: Finding, page: Page) -> None:
        """Show this control in the next picture of its window."""
        self._view.append((finding, page))

    async def pictures(self) -> list[Picture]:
        """Return the pictures, once they are painted; one that could not be is left out."""
        done = await asyncio.gather(*(painting for _, painting in self._taken), return_exceptions=True)
        return [picture for (picture, _), path in zip(self._taken, done, strict=True) if isinstance(path, Path)]

    async def shoot(self, moment: str, page: Page) -> None:
        """Take a picture of the window, if something of it was looked at since the last one."""
        shown = [finding for finding, where in self._view if where is page]
        self._view = [(finding, where) for finding, where in self._view if where is not page and not where.is_closed()]
        shown = [finding for finding in shown if finding.verdict not in (SIN_DATOS, SIN_GUARDAR)]
        if page.is_closed() or not any(finding.matches or finding.drifted for finding in shown):
            return
        try:
            await _whole(page)
            marks = await self._marks(page, shown)
            shot = await covered.capture(page, self._private, every_word=self._masker.has_words)
        except (PlaywrightError, TimeoutError):
            return  # no picture stops a visit
        screen = shown[-1].control.screen
        file = f"{len(self._taken) + 1:02d}-{screen}.png"
        painting = asyncio.ensure_future(_painted(shot, self._masker, self._folder / file, marks))
        title = f"{self._run.maps.titles.get(screen, screen)}, {moment}"
        self._taken.append((Picture(screen, title, file, tuple(found.control.title for found in shown)), painting))

    async def _marks(self, page: Page, shown: Sequence[Finding]) -> list[marked.Mark]:
        size = await page.evaluate(_SIZE)
        found = await asyncio.gather(*(self._mark(finding, size) for finding in shown))
        return [mark for marks in found for mark in marks]

    async def _mark(self, finding: Finding, size: Sequence[float]) -> list[marked.Mark]:
        control = finding.control
        if finding.matches == 0:
            known = self._known.get(control.title)
            return [_ghost(finding, known.place, size)] if known and finding.drifted else []
        locator = self._run.screen(control.screen)[control.key]
        marks = []
        for nth in range(1 if control.many else min(finding.matches, _MOST_MATCHES)):
            try:
                box = await locator.nth(nth).bounding_box(timeout=_GONE_MILLISECONDS)
            except (PlaywrightError, RobotError):
                continue
            if box:
                place = (box["x"], box["y"], box["width"], box["height"])
                marks.append(marked.Mark(_flag(finding), finding.verdict, *place))
        return marks


async def _whole(page: Page) -> None:
    """Make the window as high as the page, so that one picture holds all of it."""
    height, size = await page.evaluate(_TOP), page.viewport_size
    if size and height > size["height"]:
        await page.set_viewport_size({"width": size["width"], "height": min(int(height), _TALLEST)})


def _flag(finding: Finding) -> str:
    return f"{finding.control.key}: {finding.verdict}" if finding.drifted else finding.control.key


def _ghost(finding: Finding, place: Place, size: Sequence[float]) -> marked.Mark:
    width, height = size
    box = (place.x * width, place.y * height, place.w * width, place.h * height)
    return marked.Mark(_flag(finding), finding.verdict, *box, ghost=True)


async def _painted(shot: covered.Shot, masker: Masker, path: Path, marks: list[marked.Mark]) -> Path:
    return await aside(marked.paint, shot.pixels, shot.before, await shot.after, masker.values, path, marks)
