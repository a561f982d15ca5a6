"""Say what a failure on a page means: the class of the error is its treatment (robot/errors.py)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator
from playwright.async_api import TimeoutError as PlaywrightTimeout

from robot.browser.gate import cause
from robot.browser.screen import count
from robot.browser.session import Session
from robot.errors import RobotError, SelectorDrift, SessionLost, SettingsError, SiteDown, StepFailed, UnexpectedDialog
from robot.text import plain

_UNREACHABLE = re.compile(r"net::(?!ERR_ABORTED|ERR_BLOCKED_BY_CLIENT)ERR_\w+")
_LOOK_MS = 1000
_GONE = re.compile(r"(Target|page|context|browser).*(closed|crashed)", re.IGNORECASE)


class NotThereError(AssertionError):
    """A control that a step can't do without was waited for, and never came."""


async def judge(error: BaseException, session: Session, login: Locator, touched: Sequence[Locator]) -> RobotError:
    """Return the `RobotError` for a failure before anything was sent.

    *touched* are the controls that the step asked for, the last one last; *login* is only visible when logged out.
    Messages never hold Playwright's call log: values of the page stand in it.
    """
    text = str(error)
    if isinstance(error, OSError):
        return SettingsError(f"No se pudo escribir en la carpeta de datos: {error.strerror or error}")
    if found := _UNREACHABLE.search(text):
        return SiteDown(f"Serviweb no responde ({found[0].removeprefix('net::')})")
    if _GONE.search(text) or session.page.is_closed() or not session.browser.is_connected():
        return StepFailed("El navegador se cerró")
    if found_trouble := await trouble(session, login):
        return found_trouble
    if not isinstance(error, (PlaywrightError, AssertionError)):
        return RobotError(f"Error interno del robot: {type(error).__name__}: {cause(error)}")
    return await _of_control(error, touched)


async def trouble(session: Session, login: Locator) -> RobotError | None:
    """Return what is wrong with the site as a whole, if anything: the session is gone, or it answers with errors."""
    if gone := await lost(session, login):
        return gone
    if session.site_error:
        return SiteDown(f"Serviweb {session.site_error}")
    return None


async def lost(session: Session, login: Locator) -> SessionLost | None:
    """Return the error of a session that Serviweb closed: the login stands where the robot had logged in."""
    if session.logged_in and await count(login):
        session.logged_in = False
        return SessionLost("Serviweb cerró la sesión y pide ingresar de nuevo")
    return None


async def _of_control(error: Exception, touched: Sequence[Locator]) -> RobotError:
    """Name the control at fault: the last one touched that is not there exactly once, else the last one."""
    text = str(error)
    found = touched[-1] if touched else None
    times = await count(found) if found else 1
    for locator in reversed(touched):
        if (n := await count(locator)) != 1:
            found, times = locator, n
            break
    name = (found.description or "") if found else ""
    if "strict mode violation" in text:
        return drift(name, times)
    if "intercepts pointer events" in text and found and (over := await _covering(found)):
        return UnexpectedDialog(f"Un cuadro inesperado cubre la pantalla: «{over}»", control=name)
    if isinstance(error, (PlaywrightTimeout, NotThereError)) and times == 0:
        return drift(name, times)
    return StepFailed(_why(text, name), control=name)


def drift(name: str, times: int) -> SelectorDrift:
    """Return the error of a control that the screen shows so many times, and should once."""
    how = f"está {times} veces en la pantalla y debe ser uno" if times else "no está en la pantalla"
    return SelectorDrift(f"El control «{name}» {how}", control=name)


# The outermost thing over the middle of a control that doesn't hold it: a box that somebody put in front.
_OVER = """(control) => {
    const place = control.getBoundingClientRect();
    let over = document.elementFromPoint(place.x + place.width / 2, place.y + place.height / 2);
    while (over?.parentElement && !over.parentElement.contains(control)) over = over.parentElement;
    return over && !over.contains(control) && !control.contains(over) ? over.innerText : "";
}"""


async def _covering(control: Locator) -> str:
    """Return the text of what covers a control, at most a paragraph; nothing if it has none, or is gone meanwhile."""
    try:
        return plain(await control.evaluate(_OVER, timeout=_LOOK_MS))[:300]
    except PlaywrightError:
        return ""


def _why(text: str, name: str) -> str:
    if "element is not enabled" in text:
        return f"El control «{name}» está deshabilitado: Serviweb no considera completo el formulario"
    if "intercepts pointer events" in text:
        return f"Algo cubre el control «{name}» y no se puede usar"
    if "element is not stable" in text:
        return f"El control «{name}» no deja de moverse"
    if re.search(r"to_have|to_be|not_to", text) or "expected to" in text:
        return f"El control «{name}» no mostró lo esperado a tiempo"
    return f"El control «{name}» no respondió a tiempo"
