"""The masked recording of a case, and real pictures with what is private covered.

The page's own script (`recorder.js` with rrweb) sends batches through a raw CDP binding, one a microtask, so nothing
is lost at a navigation. A thread of its own masks and writes them: the event loop only hands strings over. Step
boundaries cost no round trip: the robot's clock and the page's are the same. If anything here breaks, the run goes on
and the recording says that it has a gap.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit
from weakref import WeakSet

from playwright.async_api import Error as PlaywrightError

from robot.browser import covered
from robot.browser.sieve import Event, Sieve
from robot.recording import DIALOG, INCOMPLETE, STEP, Writer, picture_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.async_api import BrowserContext, CDPSession, Page

    from robot.browser.private import PrivateControl
    from robot.masking import Masker

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
        self._pending: set[asyncio.Task[None]] = set()
        self._paintings: set[asyncio.Future[Path]] = set()
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
        return await (await self.snap(page, name, timeout_seconds=timeout_seconds))

    async def snap(self, page: Page, name: str, *, timeout_seconds: float = 5.0) -> asyncio.Future[Path]:
        """Take the pixels now and paint the picture on a thread; `stop` waits for it.

        Raises covered.PictureError if there is none to be had; so does the future, when it can't be written.
        """
        case = self._case
        if case is None:
            raise covered.PictureError("No hay un caso en curso al que pertenezca la imagen.")
        shot = await covered.capture(
            page, case.masker, self.private, channel=self._channels.get(page), timeout_seconds=timeout_seconds
        )
        path = case.folder / "imagenes" / f"{name}.png"
        painting = asyncio.get_running_loop().run_in_executor(None, covered.paint, shot, path)
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
        await channel.send("Runtime.enable")
        await channel.send("Runtime.addBinding", {"name": self._binding})
        self._channels[page] = channel
        if page not in self._watched:
            self._watched.add(page)
            page.on("close", self._forget)
            page.on("domcontentloaded", self._loaded)

    def _loaded(self, page: Page) -> None:
        """Count the pages that the recording must show."""
        if self._case and page is self._page and page.url.startswith(("http:", "https:", "file:")):
            self._case.loads += 1

    def _forget(self, page: Page) -> None:
        self._channels.pop(page, None)

    def _received(self, page: Page, call: dict[str, Any]) -> None:
        if self._case and page is self._page and call["name"] == self._binding:
            self._case.received(call["payload"])
            # Said at the end of a batch with a full snapshot; reading the whole batch is the thread's work.
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
    """One case's folder, masker, sieve and writing thread."""

    def __init__(self, folder: Path, masker: Masker, *, records: bool) -> None:
        self.folder = folder
        self.masker = masker
        self.gaps: list[str] = []
        self._closed = False
        self._waiting: list[str | Event] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="grabacion") if records else None
        self._writer: Writer | None = None
        self._sieve = Sieve(masker, self._sheet)
        self._shown = 0
        self.loads = 0

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

    def flush(self) -> asyncio.Future[None] | None:
        """Mask and write what has arrived, on the thread."""
        waiting, self._waiting = self._waiting, []
        if self._thread is None or not waiting:
            return None
        return asyncio.get_running_loop().run_in_executor(self._thread, self._write, waiting)

    async def close(self) -> None:
        """Write the rest and end the file."""
        if self._closed:
            return
        if self._thread is not None:
            await (self.flush() or asyncio.sleep(0))
            if self._shown < self.loads:
                self.gap("una pantalla no se dejó grabar" if self._shown else "las pantallas no se dejaron grabar")
            await (self.flush() or asyncio.sleep(0))
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._finish)
            self._thread.shutdown(wait=False)
        self._closed = True

    # ── on the thread ───────────────────────────────────────────────────────────────────────────

    def _write(self, waiting: list[str | Event]) -> None:
        try:
            self._mask_and_write(waiting)
        except OSError as error:  # a full disk: the journal is what must be written, and says so itself
            self.gaps.append(f"no se pudo escribir la grabación ({error.strerror})")
        except Exception as error:  # noqa: BLE001 — nothing of the evidence may stop a run
            self.gaps.append(f"una parte no se pudo grabar ({type(error).__name__})")

    def _mask_and_write(self, waiting: list[str | Event]) -> None:
        events: list[Event] = []
        for item in waiting:
            events += self._sieve.batch(item) if isinstance(item, str) else [item]
        self._shown += sum(event["type"] == 4 and bool(event["data"]["href"]) for event in events)
        events.sort(key=lambda event: event["timestamp"])
        lines = [line for event in events if (line := self._sieve.line(event)) is not None]
        for problem in self._sieve.problems:
            if problem not in self.gaps:
                self.gaps.append(problem)
                now = int(time.time() * 1000)
                lines.append(
                    json.dumps(
                        {"type": 5, "data": {"tag": INCOMPLETE, "payload": {"motivo": problem}}, "timestamp": now}
                    )
                )
        self._sieve.problems.clear()
        self._open().append(lines)

    def _open(self) -> Writer:
        if self._writer is None:
            self._writer = Writer(self.folder)
        return self._writer

    def _sheet(self, css: str) -> str:
        return self._open().sheet(css)

    def _finish(self) -> None:
        if self._writer is not None:
            try:
                self._writer.close()
            except OSError as error:
                self.gaps.append(f"no se pudo terminar la grabación ({error.strerror})")


def web_file(name: str) -> str:
    """Return a packed front-end file; robot/web/ is filled by tools/assets.py."""
    return files("robot").joinpath("web", name).read_text("utf-8")


@cache
def _library() -> str:
    return web_file("record.min.js").replace("//# sourceMappingURL=record.umd.min.cjs.map", "")


@cache
def _own_script() -> str:
    folder = files("robot.browser")
    return "\n".join(folder.joinpath(name).read_text("utf-8") for name in ("private.js", "recorder.js"))


__all__ = ["DIALOG", "Mode", "Recorder"]
