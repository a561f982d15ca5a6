"""A print option → the original PDF, whatever form the print takes (D3, D10; steps 15, 22 bis, 31)."""

from __future__ import annotations

import asyncio

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page

from robot.browser.paper import REMEDY, PaperError, check
from robot.browser.printing import Opens, Printing
from robot.browser.strip import two_copies

__all__ = ["REMEDY", "Opens", "PaperError", "check", "printed", "two_copies"]

AWAITED = {
    "popup": "no se abrió la ventana con el documento",
    "download": "no llegó la descarga",
    "pdf": "no llegó el PDF",
    "print": "la página no llamó a imprimir",
    "same": "la página no pasó al documento",
}


async def printed(
    page: Page, control: Locator, *, opens: Opens, timeout_seconds: float, shows: str | None = None
) -> bytes:
    """Click a print option once and return the bytes of its PDF; no window, listener or route stays behind.

    A PDF is taken from the answer to the click itself, before the browser's viewer or a download gets it, whatever
    `opens` says; a page is printed by the browser on Carta, or on the size that its own style asks for.
    With `shows`, a page is printed once it contains that text. After `same` the page stands on the document: the
    caller goes on by the menu, never back (going back may post a form again).
    Raises `PaperError`, in Spanish, with the control's name.
    """
    name = control.description or str(control)
    printing = Printing(page, shows, opens=opens, missing=AWAITED[opens])
    try:
        async with asyncio.timeout(timeout_seconds), printing:
            arrived = asyncio.create_task(printing.paper(opens))
            try:
                await control.click(timeout=timeout_seconds * 1000)
                return await arrived
            finally:
                arrived.cancel()
                await asyncio.gather(arrived, return_exceptions=True)
    except TimeoutError:
        raise PaperError(
            f"«{name}» no entregó el papel en {timeout_seconds:g} s: {printing.missing}. "
            f"Revise en el mapa cómo imprime ese control (opens = «{opens}») y vuelva a imprimirlo desde Serviweb."
        ) from None
    except PlaywrightError as error:
        reason = error.message.splitlines()[0]
        raise PaperError(
            f"«{name}» no se pudo imprimir: {reason}. Imprima el documento desde Serviweb y adjúntelo al caso."
        ) from error
