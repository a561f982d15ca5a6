"""Eyes: see what of a control shows, and wait for it as long as something moves. They only look."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import FrameLocator, Locator, Page

from robot.browser.maps import Control
from robot.browser.run import Run
from robot.browser.screen import count, in_frames
from robot.browser.session import Session
from robot.browser.traffic import Traffic
from robot.errors import RobotError, StepFailed
from robot.text import fold, plain

_MOST_SECONDS: Final = 12.0
_LOOK_SECONDS: Final = 0.02
_ASK_MILLISECONDS: Final = 300
_ROWS: Final = "tr:has(td:nth-child(2)), [role=row]:has([role=cell] ~ [role=cell]), [role=row]:has([role=gridcell])"
_FULL: Final = """(element) => element.matches("input,select,textarea,button,img,[contenteditable]")
    || /\\S/.test(element.textContent)"""


class Eyes:
    """What shows of the controls of a map in one session."""

    def __init__(self, session: Session, run: Run) -> None:
        self._session = session
        self._page = session.page
        self._run = run
        self._maps = run.maps
        self._traffic = Traffic()
        self._traffic.watch(session.context)

    async def times(self, control: Control, patience_seconds: float, *, read: bool) -> int:
        """Return how many of a control show, once it is right or nothing has moved for a while."""
        begun = time.monotonic()
        while True:
            times = await self.count(control)
            if (times == 1 and (not read or await self._is_full(control))) or (times and control.many):
                return times
            waited = time.monotonic() - begun
            if min(waited, self._traffic.quiet_seconds()) > patience_seconds or waited > _MOST_SECONDS:
                return times
            await asyncio.sleep(_LOOK_SECONDS)

    async def _is_full(self, control: Control) -> bool:
        """Say whether a control shows something to read: what a look-up fills may stand there empty before."""
        if control.where == "dialog":
            return True
        try:
            return bool(await self.locator(control).evaluate(_FULL, timeout=_ASK_MILLISECONDS))
        except PlaywrightError:
            return False

    async def count(self, control: Control) -> int:
        """Return how many of a control show now, or whether its native dialog has spoken."""
        if control.where == "dialog":
            return len(self._session.dialogs.said(control)[-1:])
        try:
            return await count(self.locator(control))
        except StepFailed:  # its window isn't open
            return 0

    def locator(self, control: Control) -> Locator:
        """Return the locator of a control. Raises `StepFailed` while its window isn't open."""
        return self._run.screen(control.screen)[control.key]

    async def some_rows(self, place: Page | Locator) -> bool:
        """Say whether a list with something in it shows below *place*."""
        frames = place.frames if isinstance(place, Page) else [place]
        for frame in frames:
            if await count(frame.locator(_ROWS).filter(visible=True)):
                return True
        return False

    async def lost_options(self, control: Control, needed: Sequence[str]) -> list[str]:
        """Return which of these options a list doesn't have exactly once; a type-ahead is asked for each."""
        same = fold if control.loose else plain
        if control.options is None:
            offered = [same(line) for line in (await self.locator(control).inner_text()).splitlines()]
            return [option for option in needed if offered.count(same(option)) != 1]
        return [option for option in reversed(needed) if not await self._can_choose(control, option)]

    async def _can_choose(self, control: Control, option: str) -> bool:
        try:
            await self._run.choose(self.locator(control), option)
        except (PlaywrightError, AssertionError, RobotError):
            return False
        return True

    def root(self, control: Control) -> Page | FrameLocator:
        """Return the innermost page or frame in which a control stands."""
        while control.within:
            control = self._maps.screens[control.screen][control.within]
        return in_frames(self._session.page_of(control), control.frame)
