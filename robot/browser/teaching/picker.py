"""Take an element from a person who points at it, in any frame and any window; the page never gets the click.

Playwright's own `page.pick_locator()` serves one page, gives a locator with ids and no element, and has no word for
«I don't see it»; here the person may also use the page for a moment (F2), as to open a menu or scroll a list.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, ElementHandle, Frame, Page
from playwright.async_api import Error as PlaywrightError

BINDING = "__serviweb_pointed"
_HERE = Path(__file__)
_SCRIPT = "() =>" + _HERE.with_name("picker.js").read_text(encoding="utf-8").partition("\n() =>")[2].rstrip()
_ARM = f"(asked) => {{ ({_SCRIPT})(); window.__serviweb_picker.arm(asked); }}"
_DISARM = "() => window.__serviweb_picker?.disarm()"
_FRAME_SECONDS = 2
_POINTING = "Esc: no se ve.  F2: usar la página un momento."
_USING = "F2: volver a señalar.  Esc: no se ve."


@dataclass(frozen=True)
class Pointed:
    """What a person pointed at."""

    page: Page
    frame: Frame
    element: ElementHandle


@dataclass
class Picker:
    """Ask a person, in the browser, to point at things. One question at a time."""

    context: BrowserContext
    _asked: dict[str, Any] | None = None
    _answer: asyncio.Future[Pointed | None] | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> None:
        """Listen in every page that is there or comes."""
        await self.context.expose_binding(BINDING, self._told)
        await self.context.add_init_script(f"({_SCRIPT})()")
        self.context.on("framenavigated", self._arrived)
        self.context.on("page", lambda page: self._later(self._arm_page(page)))

    async def point(self, title: str, text: str) -> Pointed | None:
        """Ask, and wait until the person points at an element, or says that it isn't there (`None`)."""
        async with self._asking(title, text, passing=False):
            assert self._answer is not None  # noqa: S101 — made by _asking
            return await self._answer

    @asynccontextmanager
    async def telling(self, title: str, text: str) -> AsyncIterator[None]:
        """Show what to do while the page may be used; what is clicked reaches the page."""
        async with self._asking(title, text, passing=True):
            yield

    @asynccontextmanager
    async def _asking(self, title: str, text: str, *, passing: bool) -> AsyncIterator[None]:
        self._answer = asyncio.get_running_loop().create_future()
        self._asked = {"title": title, "text": text, "hint": _USING if passing else _POINTING, "passing": passing}
        try:
            await self._arm()
            yield
        finally:
            self._asked = None
            self._answer.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.gather(*(self._run(frame, _DISARM) for frame in self._frames()))

    def _frames(self) -> list[Frame]:
        return [frame for page in self.context.pages for frame in page.frames]

    async def _arm(self) -> None:
        await asyncio.gather(*(self._arm_frame(frame) for frame in self._frames()))

    async def _arm_page(self, page: Page) -> None:
        await asyncio.gather(*(self._arm_frame(frame) for frame in page.frames))

    async def _arm_frame(self, frame: Frame) -> None:
        if self._asked:
            await self._run(frame, _ARM, {**self._asked, "panel": frame.parent_frame is None})

    @staticmethod
    async def _run(frame: Frame, script: str, given: Any = None) -> None:
        """Run something in a frame; one that is going away, or stands under a native dialog, is left alone."""
        with suppress(PlaywrightError, TimeoutError):
            await asyncio.wait_for(frame.evaluate(script, given), _FRAME_SECONDS)

    def _arrived(self, frame: Frame) -> None:
        self._later(self._arm_frame(frame))

    def _later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _told(self, source: Any, what: str) -> None:
        if self._answer is None or self._answer.done() or self._asked is None:
            return
        if what in ("usar", "seguir"):
            passing = what == "usar"
            self._asked |= {"passing": passing, "hint": _USING if passing else _POINTING}
            await self._arm()
            return
        pointed = await self._pointed(source["page"], source["frame"]) if what == "elemento" else None
        if (pointed or what == "nada") and not self._answer.done():
            self._answer.set_result(pointed)

    @staticmethod
    async def _pointed(page: Page, frame: Frame) -> Pointed | None:
        """Take the element over; a page that went away meanwhile has none, and is asked again once it is back."""
        with suppress(PlaywrightError):
            handle = await frame.evaluate_handle("() => window.__serviweb_picker?.element")
            if element := handle.as_element():
                return Pointed(page, frame, element)
        return None
