"""One browser and one context for one Serviweb user: opened once, used by one case after another, closed on failure."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Response, async_playwright
from playwright.async_api import Error as PlaywrightError

from robot.browser.aside import open_aside
from robot.browser.dialogs import Dialogs
from robot.browser.evidence import Recorder
from robot.browser.executable import NoBrowserError, find
from robot.browser.gate import cause, without_query
from robot.browser.maps import Control
from robot.errors import SettingsError
from robot.settings import Settings

VIEWPORT = {"width": 1280, "height": 800}


@dataclass
class Session:
    """A live browser for one Serviweb user.

    *opened* are the windows that the flow opened, by the control that did; *windows* those that nobody expected.
    """

    browser: Browser
    context: BrowserContext
    page: Page
    recorder: Recorder
    url: str
    user: str
    dialogs: Dialogs = field(default_factory=Dialogs)
    logged_in: bool = False
    printing: bool = False
    opening: bool = False
    watches_boxes: bool = False
    windows: list[Page] = field(default_factory=list)
    opened: dict[str, Page] = field(default_factory=dict)
    site_error: str = ""

    @property
    def version(self) -> str:
        """Name and version of the browser."""
        return f"{self.browser.browser_type.name} {self.browser.version}"

    def watch(self) -> None:
        """Listen to what a case must know of: dialogs, windows, answers of a site in trouble."""
        self.context.on("dialog", self.dialogs.seen)
        self.context.on("page", self._window)
        self.context.on("response", self._answered)

    def _window(self, page: Page) -> None:
        # A print whose answer never came shows the browser's own error page, late.
        if not self.printing and not self.opening and not page.url.startswith("chrome-error:"):
            self.windows.append(page)

    async def close_prints(self) -> None:
        """Close what a print left open; a window that comes late is still the print's until the next step."""
        for page in self.context.pages:
            if page is not self.page:
                with suppress(PlaywrightError):
                    await page.close()

    def page_of(self, control: Control) -> Page:
        """Return the window of the flow's in which a control stands, or the page itself."""
        opened = self.opened.get(f"{control.screen}.{control.window}") if control.window else None
        return opened if opened and not opened.is_closed() else self.page

    async def close_opened(self, title: str | None = None) -> None:
        """Close the window that a control opened, if it is still there; without *title* all of them."""
        for name in [title] if title else list(self.opened):
            if page := self.opened.pop(name, None):
                with suppress(PlaywrightError):
                    await page.close()

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.site_error = f"respondió {response.status} en {without_query(response.url)}"


def _launch_options(settings: Settings) -> dict[str, Any]:
    try:
        found = find(settings.navegador, visible=settings.visible)
    except NoBrowserError as error:
        raise SettingsError(str(error)) from error
    options: dict[str, Any] = {"headless": not settings.visible, **found.options}
    if settings.proxy:
        options["proxy"] = {"server": settings.proxy}
    return options


@asynccontextmanager
async def browser_of(settings: Settings) -> AsyncIterator[Browser]:
    """Start the browser that the settings name, or the first one found. Raises `SettingsError`."""
    # The gate speaks through Playwright's own HTTP client: let it trust the certificate authorities of the system.
    os.environ.setdefault("NODE_USE_SYSTEM_CA", "1")
    open_aside()
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(**_launch_options(settings))
        except PlaywrightError as error:
            raise SettingsError(
                f"No se pudo iniciar el navegador: {cause(error)}",
                remedy="Ejecute «serviweb diagnostico»; con SERVIWEB_NAVEGADOR se indica otro navegador."
                + (" Para --visible hace falta una pantalla." if sys.platform == "linux" and settings.visible else ""),
            ) from error
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def session(settings: Settings, recorder: Recorder, browser: Browser) -> AsyncIterator[Session]:
    """Open one context for the user of the settings. A Serviweb user has at most one live context, on any machine."""
    context = await browser.new_context(
        viewport=VIEWPORT,  # type: ignore[arg-type]  # a ViewportSize
        locale="es-CO",
        timezone_id="America/Bogota",
        service_workers="block",
        accept_downloads=True,
    )
    try:
        context.set_default_timeout(settings.espera_segundos * 1000)
        await recorder.attach(context)
        page = await context.new_page()
        live = Session(
            browser=browser, context=context, page=page, recorder=recorder, url=settings.url, user=settings.usuario
        )
        live.watch()
        yield live
    finally:
        try:
            await context.close()
        except PlaywrightError:
            live_browser_is_gone = not browser.is_connected()
            if not live_browser_is_gone:
                raise
