"""How a control behaves, found out by using it once and looking: what opens, what is said, what is sent, what moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.async_api import BrowserContext, Dialog, Frame, Locator, Page, Response
from playwright.async_api import Error as PlaywrightError

from robot.browser.teaching.visits import script
from robot.browser.traffic import Traffic
from robot.text import plain

_LOOK_SECONDS = 0.02
_QUIET_SECONDS = 0.1
_MOST_SECONDS = 10.0
_MENU_SECONDS = 0.5
_PRINT_SECONDS = 8.0
_AFTER_PRINT_SECONDS = 0.6
_PRINTED = "__serviweb_printed"
# A headed browser stops everything at `print()` until somebody closes its dialog.
_PRINT_HOOK = f"window.print = () => {{ window.{_PRINTED}(1).catch(() => {{}}); }};"
_SHOWN = """() => [...document.querySelectorAll("a, button, li, td, [role=menuitem], [role=option], [onclick]")].filter(
    (one) => one.getClientRects().length && getComputedStyle(one).visibility === "visible").length"""
# A box that is fading out still lies over what comes next.
_READY = """() => document.readyState === "complete" && !document.getAnimations().some(
    ({ effect, playState }) => playState === "running" && effect?.getComputedTiming().endTime <= 1000)"""
# From now until the box is known: whatever is animated meanwhile, so that a box that fades in can be told.
_REMEMBER = """() => {
    const seen = window.__serviweb_moved = new Set();
    const end = performance.now() + 1500;
    const look = () => {
        for (const { effect } of document.getAnimations())
            if (effect?.target && Number.isFinite(effect.getComputedTiming().endTime)) seen.add(effect.target);
        if (performance.now() < end) requestAnimationFrame(look);
    };
    look();
}"""
_MOVED = """(box) => [...(window.__serviweb_moved || [])].some(
    (one) => one.contains(box) || (box.contains(one) && one.matches("div, section, form, table")))"""

_TOASTS = script("toasts.js")
_NOTED = """(all) => (window.__serviweb_toasts || [])
    .filter(({ node }) => all || !node.isConnected || !node.getClientRects().length)
    .map(({ css, text }) => ({ css, text }))"""

Opens = Literal["popup", "download", "pdf", "print", "same"]


@dataclass
class Seen:
    """What one use of a control did."""

    said: list[str] = field(default_factory=list)
    windows: list[Page] = field(default_factory=list)
    downloads: int = 0
    pdfs: int = 0
    prints: int = 0
    moved: int = 0

    def opens(self) -> Opens | None:
        """Return how a print came out; `None` while nothing tells."""
        if self.downloads:
            return "download"
        if self.pdfs:
            return "pdf"
        if self.prints:
            return "print"
        if self.windows:
            return "popup"
        return "same" if self.moved else None


class Eyes:
    """Watch a context while its controls are used. Native boxes are kept apart: an alert is closed and its text kept.

    A question (`confirm`) waits in *pending* while *expecting*, else it is answered No.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.pending: Dialog | None = None
        self.expecting = False
        self.asking = 0
        self._seen = Seen()
        self._traffic = Traffic()

    async def open(self) -> None:
        """Begin to watch, before any page is there."""
        self._traffic.watch(self.context)
        on: list[tuple[str, Callable[..., Any]]] = [
            ("dialog", self._dialog),
            ("page", self._window),
            ("download", self._download),
            ("response", self._response),
            ("framenavigated", self._moved),
        ]
        for event, listener in on:
            self.context.on(event, listener)  # type: ignore[call-overload]  # one overload per event name
        await self.context.expose_binding(_PRINTED, self._print)
        await self.context.add_init_script(_PRINT_HOOK)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Seen]:
        """Watch over the block, and until the site is quiet again."""
        seen = self._seen = Seen()
        yield seen
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until nothing is under way and every document is there; not for ever: some sites never rest."""
        await asyncio.sleep(_QUIET_SECONDS / 2)  # what a click starts is not under way at once
        deadline = time.monotonic() + _MOST_SECONDS
        while self.asking or (time.monotonic() < deadline and not await self._rests()):
            if self.asking:
                deadline = time.monotonic() + _MOST_SECONDS
            if self.pending:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def _rests(self) -> bool:
        if self._traffic.quiet_seconds() < _QUIET_SECONDS:
            return False
        frames = [frame for page in self.context.pages for frame in page.frames]
        return all(await asyncio.gather(*(_ready(frame) for frame in frames)))

    async def _dialog(self, dialog: Dialog) -> None:
        text = plain(dialog.message)
        if dialog.type == "beforeunload":
            await dialog.accept()
        elif dialog.type == "alert":
            self._seen.said.append(text)
            await dialog.accept()
        elif self.expecting and self.pending is None:
            self.pending = dialog
        else:
            self._seen.said.append(text)
            await dialog.dismiss()

    def _window(self, page: Page) -> None:
        self._seen.windows.append(page)

    def _download(self, _download: Any) -> None:
        self._seen.downloads += 1

    def _response(self, response: Response) -> None:
        if "application/pdf" in response.headers.get("content-type", ""):
            self._seen.pdfs += 1

    def _moved(self, _frame: Frame) -> None:
        self._seen.moved += 1

    def _print(self, _source: Any, _times: int) -> None:
        self._seen.prints += 1


async def _ready(frame: Frame) -> bool:
    try:
        return bool(await asyncio.wait_for(frame.evaluate(_READY), 2))
    except (PlaywrightError, TimeoutError):
        return True  # gone, or under a native box


async def _until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:  # noqa: ASYNC110 — what is looked at is a page, not a task of ours
        await asyncio.sleep(_LOOK_SECONDS)


async def menu_way(page: Page, heading: Locator) -> Literal["hover", "click"]:
    """Find out how a menu opens: hover first, and look whether something new shows; else it takes a click.

    It is left open.
    """
    await page.mouse.move(1, 1)
    at_rest = await _at_rest(heading)
    await heading.hover()
    end = time.monotonic() + _MENU_SECONDS
    while time.monotonic() < end:
        if await _shown(heading) > at_rest:
            return "hover"
        await asyncio.sleep(_LOOK_SECONDS)
    await heading.click()
    return "click"


async def _at_rest(heading: Locator) -> int:
    """Return how many things show once a menu that was open has closed: some wait a little."""
    shown, since, end = await _shown(heading), time.monotonic(), time.monotonic() + 2
    while time.monotonic() - since < _MENU_SECONDS and time.monotonic() < end:
        await asyncio.sleep(_LOOK_SECONDS)
        if (now := await _shown(heading)) != shown:
            shown, since = now, time.monotonic()
    return shown


async def _shown(heading: Locator) -> int:
    return int(await heading.evaluate(f"(_node) => ({_SHOWN})()"))


async def remember_motion(page: Page) -> None:
    """Begin to note what is animated, in every frame: a box that is about to open may fade in."""
    for frame in page.frames:
        with suppress(PlaywrightError):
            await frame.evaluate(_REMEMBER)


async def faded(box: Locator) -> bool:
    """Say whether a box was animated when it came."""
    with suppress(PlaywrightError):
        return bool(await box.evaluate(_MOVED, timeout=1000))
    return False


async def remember_toasts(page: Page) -> None:
    """Begin to note messages that show, in every frame of a window: some are gone before anybody can point at them."""
    for frame in page.frames:
        with suppress(PlaywrightError):
            await frame.evaluate(_TOASTS)


async def toasts(page: Page, *, gone: bool = True) -> list[tuple[Frame, str, str]]:
    """Return the messages that have shown, or only those that are gone: frame, how each is found, and its text."""
    found: list[tuple[Frame, str, str]] = []
    for frame in page.frames:
        with suppress(PlaywrightError):
            found += [(frame, one["css"], one["text"]) for one in await frame.evaluate(_NOTED, not gone)]
    return found


async def print_way(eyes: Eyes, option: Locator) -> Opens | None:
    """Click a print option and look what comes: a window, a download, a PDF, `print()`, or the page itself."""
    before = len(eyes.context.pages)
    async with eyes.watching() as seen:
        await option.click()
        await _until(lambda: seen.opens() is not None, _PRINT_SECONDS)
    if seen.opens() in ("popup", "same"):  # what opened may still call the printer
        await _until(lambda: seen.opens() not in ("popup", "same"), _AFTER_PRINT_SECONDS)
    opened = eyes.context.pages[before:]
    for page in opened:
        with suppress(PlaywrightError):
            await page.close()
    return seen.opens()
