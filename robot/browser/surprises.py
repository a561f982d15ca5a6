"""What a page shows without being asked: veils, harmless boxes that the map knows, and what stops the case (D8)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page

from robot.browser.effect import Journal
from robot.browser.gate import without_query
from robot.browser.maps import Advisory, Map
from robot.browser.session import Session
from robot.errors import UnexpectedDialog
from robot.text import plain

_WINDOW_SECONDS = 3


@dataclass(frozen=True, kw_only=True)
class Surprises:
    """The boxes and windows of one run, with the journal that they are written to."""

    session: Session
    maps: Map
    journal: Journal
    pictures: bool

    async def watch(self) -> None:
        """Close from now on, before any action, the boxes in the page that the map knows to be harmless."""
        if self.session.watches_boxes:
            return
        self.session.watches_boxes = True
        for advisory in self.maps.advisories:
            if advisory.box:
                await self._close_when_seen(advisory)

    async def _close_when_seen(self, advisory: Advisory) -> None:
        page, known = self.session.page, self.session.dialogs.known

        async def close(shown: Locator) -> None:
            known.append(plain(await shown.inner_text()))
            await shown.locator(advisory.close or "").click()

        await page.add_locator_handler(page.locator(advisory.box or "").filter(has_text=advisory.pattern), close)

    def note_known(self) -> None:
        """Write down, once, the boxes that were closed because the map knows or reads them."""
        dialogs = self.session.dialogs
        for text in (*dialogs.known, *dialogs.heard):
            self.session.recorder.event("dialogo", {"texto": text, "aceptado": True})
            self.journal.write("dialog", text=text, expected=True, accepted=True, known=True)
        dialogs.known.clear()
        dialogs.heard.clear()

    async def found(self) -> UnexpectedDialog | None:
        """Return the error for a native box or a window that nobody expected, if there was one."""
        dialogs = self.session.dialogs.unexpected
        if dialogs:
            text = dialogs.pop(0)
            self.journal.write("dialog", text=text, expected=False, accepted=False)
            self.session.recorder.event("dialogo", {"texto": text})
            return UnexpectedDialog(f"Apareció un aviso inesperado: «{text}»")
        if self.session.windows:
            window = self.session.windows.pop(0)
            title = await self._seen(window)
            told = f" «{title}»" if title else ""
            return UnexpectedDialog(f"Se abrió una ventana inesperada{told}: {without_query(window.url)}")
        return None

    async def check(self) -> None:
        """Raise `UnexpectedDialog` for a box or a window that nobody expected."""
        if surprise := await self.found():
            raise surprise

    async def _seen(self, window: Page) -> str:
        """Keep a picture of a window that nobody expected, and return its title; either may not be had."""
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_WINDOW_SECONDS):
                await window.wait_for_load_state("domcontentloaded")
                await self._picture(window, "aviso")
                return plain(await window.title())
        return ""

    async def picture_windows(self) -> None:
        """Keep a picture of each window that the flow has open: the recording shows the first page alone."""
        for window in list(self.session.opened.values()):
            if not window.is_closed():
                await self._picture(window, "ventana")

    async def _picture(self, window: Page, moment: str) -> None:
        taken = len(list((self.journal.folder / "imagenes").glob(f"{moment}-*.png")))
        if self.pictures and (file := await self.session.recorder.try_picture(window, f"{moment}-{taken + 1}")):
            self.journal.write("picture.taken", kind="ventana", moment=moment, file=f"imagenes/{file.name}")
