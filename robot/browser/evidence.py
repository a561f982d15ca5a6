"""The masked recording of a case, and real pictures with what is private covered.

The page's own script (`recorder.js` with rrweb) sends batches through a raw CDP binding, one a microtask, so nothing
is lost at a navigation. The process beside masks and writes them: the event loop only hands strings over. Step
boundaries cost no round trip: the robot's clock and the page's are the same. If anything here breaks, the run goes on
and the recording says that it has a gap.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from concurrent.futures import BrokenExecutor
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit
from weakref import WeakSet

from playwright.async_api import Error as PlaywrightError

from robot.browser import covered, transcript
from robot.browser.aside import aside, aside_only
from robot.recording import DIALOG, INCOMPLETE, STEP, picture_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence
    from pathlib import Path

    from playwright.async_api import BrowserContext, CDPSession, Page

    from robot.browser.private import PrivateControl
    from robot.browser.sieve import Event
    from robot.masking import Masker, Values

Mode = Literal["grabacion", "imagenes", "ninguna"]
_POPUP = "ventana"
_WINDOW_WAIT = 0.2  # seconds for a window that has just opened to tell its title
_SHORT_WAIT = 2.0  # seconds; what answers no sooner (a native dialog is open) is left out


class Recorder:
    """Record one case after another on one browser context.

    `attach` once, before the context's first page; then `start` … `stop` for each case. Between cases nothing is kept.
    """

    def __init__(self, *, mode: Mode, private: Sequence[PrivateControl]) -> None:
        self.mode = mode
        self.private = tuple(private)
        self._binding = f"_e{secrets.token_hex(6)}"
        self._case: _Case | None = None
        self._unseen = False
        self._page: Page | None = None
        self._channels: dict[Page, CDPSession] = {}
        self._pending: set[asyncio.Future[Any]] = set()
        self._paintings: set[asyncio.Task[Path]] = set()
        self._watched: WeakSet[Page] = WeakSet()

    @property
    def gaps(self) -> list[str]:
        """Return why the recording of the present or last case is not complete, in Spanish; empty if it is."""
        return list(self._case.gaps) if self._case else []

    async def attach(self, context: BrowserContext) -> None:
        """Prepare a context: pages that it opens from now on can be recorded."""
        if self.mode == "grabacion":
            await context.add_init_script(self._script())
            context.on("page", self._opened)

    async def start(self, folder: Path, masker: Masker, page: Page) -> None:
        """Begin a case on this page, which may already be loaded; a case's earlier recording is continued."""
        await self.stop()
        self._page = page
        self._unseen = False
        self._case = _Case(folder, masker, records=self.mode == "grabacion")
        if self.mode != "grabacion":
            return
        try:
            async with asyncio.timeout(_SHORT_WAIT * 2):
                await self._open_channel(page)
                if page.url != "about:blank":  # the next page begins by itself
                    await page.evaluate(f"() => window.{self._binding}_?.start()")
        except (PlaywrightError, TimeoutError) as error:
            self._case.gap(f"la grabación no pudo empezar ({type(error).__name__})")
        self._loaded(page)

    def step_started(self, number: str, title: str) -> None:
        """Begin a chapter, by the clock."""
        if self._case:
            self._case.chapter(number, "inicio", title)

    async def step_finished(self, number: str) -> None:
        """End a chapter, by the clock, and let what there is go to the disk; in mode *imagenes*, take the picture."""
        case = self._case
        if case is None:
            return
        case.chapter(number, "fin")
        if self.mode == "grabacion":
            case.flush()
        if (self.mode == "imagenes" or (self.mode == "grabacion" and self._unseen)) and self._page is not None:
            name = case.free_name(number)
            if await self.try_picture(self._page, name) is None:
                case.gap(f"no se pudo tomar la imagen del paso {number}")

    def event(self, tag: str, payload: dict[str, Any]) -> None:
        """Put something that is not on the page into the recording: a native dialog's text, a window that opened."""
        if self._case:
            self._case.custom(tag, payload)

    async def picture(self, page: Page, name: str, *, timeout_seconds: float = 5.0) -> Path:
        """Take the real pixels of the page into `imagenes/<name>.png`, everything private covered.

        Raises covered.PictureError if there is none to be had, for instance while a native dialog is open.
        """
        return await self.keep(await self.capture(page, timeout_seconds=timeout_seconds), name)

    async def capture(self, page: Page, *, timeout_seconds: float = 5.0) -> covered.Shot:
        """Take the pixels now, in memory only. Raises covered.PictureError if there are none to be had."""
        case = self._case
        if case is None:
            raise covered.PictureError("No hay un caso en curso al que pertenezca la imagen.")
        return await covered.capture(
            page,
            self.private,
            every_word=case.masker.has_words,
            channel=self._channels.get(page),
            timeout_seconds=timeout_seconds,
        )

    def keep(self, shot: covered.Shot, name: str) -> asyncio.Task[Path]:
        """Paint what was captured into `imagenes/<name>.png`, beside the run; `stop` waits for it."""
        case = self._case
        if case is None:
            raise RuntimeError("a picture belongs to the case that was captured")
        painting = asyncio.ensure_future(_painted(shot, case.masker.values, case.folder / "imagenes" / f"{name}.png"))
        self._paintings.add(painting)
        painting.add_done_callback(self._paintings.discard)
        return painting

    async def try_picture(self, page: Page, name: str) -> Path | None:
        """Take a picture, or return None: no picture stops a run."""
        try:
            return await self.picture(page, name)
        except covered.PictureError:
            return None

    async def stop(self) -> None:
        """End the case: everything that the page sent is on the disk when this returns."""
        case = self._case
        if case is None:
            return
        await self._drain()
        if self._paintings:
            await asyncio.wait(self._paintings)
        await case.close()
        self._page = None

    # ── the page ────────────────────────────────────────────────────────────────────────────────

    def _script(self) -> str:
        private = json.dumps([control.fields() for control in self.private], ensure_ascii=False)
        # Called with no `define`, `module` and `exports`, the library leaves nothing in the page's own scope.
        call = f"(function (define, module, exports) {{ {_library()} }}).call(scope)"
        library = f"() => {{ const scope = {{}}; {call}; return scope.rrwebRecord; }}"
        head = f"const BINDING = {json.dumps(self._binding)}, PRIVATE = {private}, library = {library};"
        # rrweb makes an inner frame for itself: recording there too would recurse.
        return f"(() => {{ if (window !== window.top) return;\n{head}\n{_own_script()}\n}})();"

    async def _open_channel(self, page: Page) -> None:
        if page in self._channels:
            return
        channel = await page.context.new_cdp_session(page)
        channel.on("Runtime.bindingCalled", lambda call: self._received(page, call))
        await asyncio.gather(
            channel.send("Runtime.enable"), channel.send("Runtime.addBinding", {"name": self._binding})
        )
        self._channels[page] = channel
        self._warm(channel)
        if page not in self._watched:
            self._watched.add(page)
            page.on("close", self._forget)
            page.on("domcontentloaded", self._loaded)

    def _warm(self, channel: CDPSession) -> None:
        """Let the browser draw once while it waits for the first page: the first picture takes twice as long."""
        warming = asyncio.ensure_future(channel.send("Page.captureScreenshot", {"optimizeForSpeed": True}))
        self._pending.add(warming)
        warming.add_done_callback(self._warmed)

    def _warmed(self, warming: asyncio.Future[Any]) -> None:
        self._pending.discard(warming)
        if not warming.cancelled():
            warming.exception()

    def _loaded(self, page: Page) -> None:
        """Count the pages that the recording must show."""
        if self._case and page is self._page and page.url.startswith(("http:", "https:", "file:")):
            self._case.loads += 1

    def _forget(self, page: Page) -> None:
        self._channels.pop(page, None)

    def _received(self, page: Page, call: dict[str, Any]) -> None:
        if self._case and page is self._page and call["name"] == self._binding:
            self._case.received(call["payload"])
            # Said at the end of a batch with a full snapshot; reading the whole batch is the other process's work.
            if call["payload"].endswith(('"unseen":true}', '"unseen":false}')):
                self._unseen = call["payload"].endswith("true}")

    def _opened(self, page: Page) -> None:
        """Note a window that opens beside the recorded page: its address without query, and its title."""
        if self._case and self._page is not None and page is not self._page:
            task = asyncio.get_running_loop().create_task(self._note_window(page))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    async def _note_window(self, page: Page) -> None:
        title = ""
        try:
            async with asyncio.timeout(_SHORT_WAIT):
                await page.wait_for_url(lambda url: url != "about:blank", wait_until="domcontentloaded")
                title = await page.title()
        except (PlaywrightError, TimeoutError):
            title = ""  # closed again, or no page: a PDF
        finally:
            self.event(_POPUP, {"direccion": urlsplit(page.url).path, "titulo": title})

    async def _drain(self) -> None:
        """Wait until everything that the page has sent is here: messages of one channel come in order."""
        if self._pending:
            await asyncio.wait(self._pending, timeout=_WINDOW_WAIT)
            late = list(self._pending)
            for task in late:
                task.cancel()  # it notes the window without its title
            await asyncio.gather(*late, return_exceptions=True)
        channel = self._channels.get(self._page) if self._page else None
        if channel is None or self._page is None or self._page.is_closed():
            return
        try:
            async with asyncio.timeout(_SHORT_WAIT):
                await channel.send("Runtime.evaluate", {"expression": "0"})
        except (PlaywrightError, TimeoutError):
            return  # a native dialog is open or the page is gone: nothing more comes


class _Case:
    """One case's folder and masker, and what waits to be written by the process beside (transcript.py)."""

    def __init__(self, folder: Path, masker: Masker, *, records: bool) -> None:
        self.folder = folder
        self.masker = masker
        self.gaps: list[str] = []
        self.loads = 0
        self._records = records
        self._closed = False
        self._begun = False
        self._waiting: list[str | Event] = []
        self._writing: set[asyncio.Task[None]] = set()
        self._shown = 0

    def received(self, payload: str) -> None:
        """Take a batch from the page, unread."""
        if not self._closed:
            self._waiting.append(payload)

    def chapter(self, number: str, moment: str, title: str = "") -> None:
        """Note where a step begins or ends."""
        self.custom(STEP, {"number": number, "moment": moment, **({"title": title} if title else {})})

    def custom(self, tag: str, payload: dict[str, Any]) -> None:
        """Note an event of our own, masked."""
        if not self._closed:
            data = {"tag": tag, "payload": self.masker.data(payload)}
            self._waiting.append({"type": 5, "data": data, "timestamp": int(time.time() * 1000)})

    def gap(self, reason: str) -> None:
        """Note why the recording is not complete; the case page says so."""
        if reason not in self.gaps:
            self.gaps.append(reason)
            self.custom(INCOMPLETE, {"motivo": reason})

    def free_name(self, number: str) -> str:
        """Return the name of a step's picture that is not taken yet, for a step that runs again."""
        visit = 1
        while (self.folder / "imagenes" / picture_name(number, visit)).exists():
            visit += 1
        return picture_name(number, visit).removesuffix(".png")

    def flush(self) -> None:
        """Let what has arrived be masked and written; nobody waits for it."""
        waiting, self._waiting = self._waiting, []
        if not self._records or not waiting:
            return
        writing = aside_only(transcript.write, self.folder, self.masker.values, waiting, first=not self._begun)
        self._begun = True
        task = asyncio.ensure_future(self._written(writing))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _written(self, writing: Awaitable[transcript.Written]) -> None:
        try:
            written = await writing
        except BrokenExecutor:
            self.gap(transcript.LOST)
            return
        except Exception as error:  # noqa: BLE001 — nothing of the evidence may stop a run
            self.gap(f"una parte no se pudo grabar ({type(error).__name__})")
            return
        self._shown += written.pages
        self.gaps += [problem for problem in written.problems if problem not in self.gaps]

    async def _settled(self) -> None:
        self.flush()
        if self._writing:
            await asyncio.wait(self._writing)

    async def close(self) -> None:
        """Write the rest and end the file."""
        if self._closed:
            return
        if self._records:
            await self._settled()
            if self._shown < self.loads:
                self.gap("una pantalla no se dejó grabar" if self._shown else "las pantallas no se dejaron grabar")
            await self._settled()
            self._closed = True
            await self._written(aside_only(transcript.finish, self.folder))
        self._closed = True


async def _painted(shot: covered.Shot, values: Values, path: Path) -> Path:
    return await aside(covered.paint, shot.pixels, shot.before, await shot.after, values, path)


def web_file(name: str) -> str:
    """Return a packed front-end file; robot/web/ is filled by tools/assets.py."""
    return files("robot").joinpath("web", name).read_text("utf-8")


# rrweb looks for Element's querySelector among the accessors, finds it altered on every page, and makes an inner frame
# for a clean one: 20 ms a page load. Where it is, among the methods, rrweb finds it whole.
_MISPLACED = (
    ('Element:["shadowRoot","querySelector","querySelectorAll"]', 'Element:["shadowRoot"]'),
    (
        "Element:[],MutationObserver",
        'Element:["querySelector","querySelectorAll"],MutationObserver',
    ),
)


@cache
def _library() -> str:
    library = web_file("record.min.js").replace("//# sourceMappingURL=record.umd.min.cjs.map", "")
    for misplaced, right in _MISPLACED:
        library = library.replace(misplaced, right, 1)
    return library


@cache
def _own_script() -> str:
    folder = files("robot.browser")
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in ("private.js", "recorder.js"))


__all__ = ["DIALOG", "Mode", "Recorder"]
