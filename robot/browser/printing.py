"""What the browser does between the click on a print option and its paper."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from playwright.async_api import BrowserContext, Download, Frame, Page, Request, Response, Route
from playwright.async_api import Error as PlaywrightError

from robot.browser.paper import PaperError

Opens = Literal["popup", "download", "pdf", "print", "same"]

HOOK = Path(__file__).with_name("print_hook.js").read_text(encoding="utf-8").partition("\n() =>")[2].strip()
HOOK = f"() => {HOOK}"
_LOOK_SECONDS = 0.01
BINDING = "__serviweb_paper"
WRITTEN = """() => document.readyState === "complete" && document.body !== null
    && (location.href !== "about:blank" || document.body.childNodes.length > 0)"""
SETTLED = """async () => {
    await document.fonts.ready;
    await Promise.all(Array.from(document.images, (image) => image.decode().catch(() => {})));
}"""
SHOWS = """(number) => document.body !== null
    && document.body.innerText.replace(/[\\s\\u00ad\\u200b]/g, "").includes(number.replace(/\\s/g, ""))"""


class Printing:
    """What the browser does between the click on a print option and its paper."""

    def __init__(self, page: Page, shows: str | None, *, opens: Opens, missing: str) -> None:
        self.missing = missing  # what has not come yet, in Spanish
        self._page = page
        self._opens = opens
        self._context: BrowserContext = page.context
        self._shows = shows
        loop = asyncio.get_running_loop()
        self._pdf: asyncio.Future[bytes] = loop.create_future()
        self._popup: asyncio.Future[Page] = loop.create_future()
        self._called: asyncio.Future[tuple[Frame, dict[str, Any]]] = loop.create_future()
        self._moved: asyncio.Future[None] = loop.create_future()
        self._opened: list[Page] = []
        self._redirected: set[str] = set()
        self._saving: list[asyncio.Task[None]] = []
        self._undo = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._listen()
        except BaseException:
            await self._undo.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._undo.aclose()

    async def _listen(self) -> None:
        self._undo.push_async_callback(self._leave)
        for event, listener in (
            ("page", self._page_opened),
            ("download", self._download),
            ("response", self._responded),
            ("framenavigated", self._navigated),
        ):
            self._context.on(event, listener)  # type: ignore[call-overload]  # one overload per event name
            self._undo.callback(self._context.remove_listener, event, listener)
        # Catching page loads turns the browser's cache off. Where the map announces a page, only a browser with a PDF
        # viewer needs it: should the page be a PDF after all, the viewer would keep the bytes from us.
        if self._opens != "popup" or await self._page.evaluate("() => navigator.pdfViewerEnabled"):
            self._undo.push_async_callback(self._context.unroute, "**/*", self._answer)
            await self._context.route("**/*", self._answer)
        binding, script, *_ = await asyncio.gather(
            self._context.expose_binding(BINDING, self._told),
            self._context.add_init_script(f"({HOOK})()"),
            *(frame.evaluate(HOOK) for frame in self._page.frames),
        )
        await self._undo.enter_async_context(binding)
        await self._undo.enter_async_context(script)

    async def _leave(self) -> None:
        """Close what the click opened and give the page its own `print()` back."""
        for task in self._saving:
            task.cancel()
        await asyncio.gather(*self._saving, return_exceptions=True)
        # What has gone away meanwhile, popup or frame, took its part along.
        await asyncio.gather(
            *(popup.close() for popup in self._opened),
            *(frame.evaluate("() => window.__serviweb_print?.restore()") for frame in self._page.frames),
            return_exceptions=True,
        )

    async def paper(self, opens: Opens) -> bytes:
        """Wait for the PDF itself or, where the map announces a page, for that page."""
        if opens in ("pdf", "download"):
            return await self._pdf
        page = {"popup": self._from_popup, "print": self._from_print, "same": self._from_same}[opens]
        rendered = asyncio.create_task(page())
        try:
            await asyncio.wait((self._pdf, rendered), return_when=asyncio.FIRST_COMPLETED)
            return self._pdf.result() if self._pdf.done() else rendered.result()
        finally:
            rendered.cancel()
            await asyncio.gather(rendered, return_exceptions=True)

    # What the browser tells.

    def _page_opened(self, page: Page) -> None:
        self._opened.append(page)
        _settle(self._popup, page)

    def _responded(self, response: Response) -> None:
        """Remember a PDF behind a redirect: Playwright's routes see only where a redirect starts."""
        request = response.request
        if request.redirected_from and request.method == "GET" and "pdf" in response.headers.get("content-type", ""):
            self._redirected.add(response.url)

    def _navigated(self, frame: Frame) -> None:
        if frame.url in self._redirected:  # the viewer shows it, and keeps the bytes from us; a headless shell has none
            self._redirected.remove(frame.url)
            self._saving.append(asyncio.create_task(self._ask_again(frame.url)))
        elif frame == self._page.main_frame:
            _settle(self._moved, None)

    def _download(self, download: Download) -> None:
        self._saving.append(asyncio.create_task(self._save(download)))

    async def _save(self, download: Download) -> None:
        try:
            data = await asyncio.to_thread(Path(await download.path()).read_bytes)
            await download.delete()
        except (PlaywrightError, OSError) as error:
            if not self._pdf.done():
                self._pdf.set_exception(PaperError(f"La descarga del documento se cortó: {error}. Imprímalo otra vez."))
            return
        _settle(self._pdf, data)

    async def _ask_again(self, address: str) -> None:
        """Read once more, with the context's cookies, what a viewer shows: only for a PDF behind a redirect."""
        with contextlib.suppress(PlaywrightError):  # no answer: the time-out says so
            response = await self._context.request.get(address, max_retries=0, timeout=0)
            _settle(self._pdf, await response.body())

    async def _told(self, source: Any, message: dict[str, Any]) -> None:
        """Take what the hook says: a PDF made inside the page, or a call of `print()`."""
        if "pdf" in message:
            _settle(self._pdf, base64.b64decode(message["pdf"]))
        else:
            frame = (await self._popup).main_frame if message["popup"] else source["frame"]
            _settle(self._called, (frame, message))

    async def _answer(self, route: Route, request: Request) -> None:
        """Let each page load through, once, as the wire gate does; a PDF is kept, and the browser told to stay."""
        if not request.is_navigation_request():
            await route.fallback()
            return
        try:
            response = await route.fetch(max_retries=0, max_redirects=0, timeout=0)
        except PlaywrightError:  # nobody answered: a window left waiting would load by itself, long after this print
            with contextlib.suppress(PlaywrightError):
                await route.abort("connectionreset")
            return
        with contextlib.suppress(PlaywrightError):  # the window went away: the time-out says so
            data = await response.body()
            if data.startswith(b"%PDF"):
                _settle(self._pdf, data)
                await route.fulfill(status=204)
            else:
                await route.fulfill(response=response)

    # From a page to its PDF.

    async def _from_popup(self) -> bytes:
        return await self._print(await self._popup)

    async def _from_same(self) -> bytes:
        await self._moved
        return await self._print(self._page)

    async def _from_print(self) -> bytes:
        """Print what the page showed when it called `print()`: many change themselves only for that moment."""
        frame, message = await self._called
        await _until(frame, WRITTEN)
        await frame.evaluate(HOOK)
        now = await frame.evaluate("() => window.__serviweb_print.snapshot()")
        html = message.get("html", now)
        if frame == frame.page.main_frame and html == now:
            return await self._print(frame.page)
        return await self._print_copy(html, message.get("base") or await frame.evaluate("() => document.baseURI"))

    async def _print_copy(self, html: str, address: str) -> bytes:
        """Print a page's copy, at its own address so that styles and pictures are found; no script runs in it."""
        page = await self._context.new_page()
        try:
            address = address if address.startswith("http") else self._page.url
            await page.route(
                "**/*",
                lambda route, request: (
                    route.fulfill(
                        body=html,
                        content_type="text/html; charset=utf-8",
                        headers={"content-security-policy": "script-src 'none'"},
                    )
                    if request.is_navigation_request() and request.frame == page.main_frame
                    else route.fallback()
                ),
            )
            await page.goto(address, timeout=0)
            return await self._print(page)
        finally:
            await page.close()

    async def _print(self, page: Page) -> bytes:
        """Print a loaded page over DevTools: `page.pdf()` refuses a visible browser, Chromium itself does not."""
        await _until(page, WRITTEN)
        if self._shows is not None:
            self.missing = f"el documento se abrió, pero no muestra «{self._shows}»"
            await _until(page, SHOWS, self._shows)
        await page.evaluate(SETTLED)
        tools = await self._context.new_cdp_session(page)
        try:
            answer = await tools.send(
                "Page.printToPDF",
                {"paperWidth": 8.5, "paperHeight": 11, "printBackground": True, "preferCSSPageSize": True},
            )
        finally:
            if page is self._page:  # a window that is closed at once takes its channel along
                with contextlib.suppress(PlaywrightError):
                    await tools.detach()
        return base64.b64decode(answer["data"])


async def _until(place: Page | Frame, condition: str, value: object = None) -> None:
    """Wait until a page says so. Playwright's `wait_for_function` first injects its script into every new window."""
    while True:
        try:
            if await place.evaluate(condition, value):
                return
        except PlaywrightError:
            if (place if isinstance(place, Page) else place.page).is_closed():
                raise  # on its way from one document to the next, a page just doesn't answer
        await asyncio.sleep(_LOOK_SECONDS)


def _settle(future: asyncio.Future[Any], value: Any) -> None:
    """Keep the first answer; later ones belong to the same click and are dropped."""
    if not future.done():
        future.set_result(value)
