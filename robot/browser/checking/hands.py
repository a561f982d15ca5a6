"""Hands: use the controls of the walk as a person would, with test values, and say why one couldn't be used.

Nothing that saves is ever touched: a control of an effect is refused here, and the guard stands behind.
"""

from __future__ import annotations

import re
import time
from asyncio import sleep
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Locator

from robot.browser.checking.finding import NO_ALCANZADO, NO_COMPROBABLE
from robot.browser.gate import cause
from robot.browser.guard import Guard
from robot.browser.maps import Control
from robot.browser.run import Run
from robot.browser.screen import count, texts
from robot.errors import LoginRefused, RobotError, SelectorDrift, SessionLost

_LEAVES: Final = re.compile(r"^\s*(cancelar|cerrar|×|✕|x)\s*$", re.IGNORECASE)
_GONE_SECONDS: Final = 0.4
_LOOK_SECONDS: Final = 0.02
_MOST_PAGES: Final = 20


class Stop(Protocol):
    """One control of the walk, as flows/recorrido.py has it."""

    @property
    def pantalla(self) -> str: ...  # noqa: D102
    @property
    def control(self) -> str: ...  # noqa: D102
    @property
    def paso(self) -> str: ...  # noqa: D102
    @property
    def luego(self) -> str: ...  # noqa: D102
    @property
    def valor(self) -> str: ...  # noqa: D102
    @property
    def efecto(self) -> str: ...  # noqa: D102
    @property
    def tras(self) -> bool: ...  # noqa: D102
    @property
    def opcional(self) -> bool: ...  # noqa: D102
    @property
    def necesita(self) -> str: ...  # noqa: D102
    @property
    def titulo(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Cause:
    """Why something could not be looked at: a verdict for what lies behind, and a Spanish reason."""

    verdict: str
    why: str
    of: Literal["map", "value"] = "map"
    options: bool = False
    """A list that lacks an option: its own verdict, too."""


class Hands:
    """One person's hands on one session, each use under the guard's eye until the next."""

    def __init__(self, run: Run, guard: Guard, values: Mapping[str, str]) -> None:
        self._run = run
        self._guard = guard
        self._values = values
        self._use = AsyncExitStack()
        self._typed: dict[str, str] = {}
        self._opened: dict[str, Stop] = {}

    async def rest(self) -> None:
        """Use nothing any more: from now on nothing but look-ups passes the guard."""
        await self._use.aclose()

    def has(self, valor: str) -> bool:
        """Say whether there is a test value of this name."""
        return bool(self._values.get(valor))

    def typed(self, title: str) -> str:
        """Return the name of the value last meant to be typed into a control."""
        return self._typed.get(title, "")

    async def use(self, stop: Stop) -> Cause | None:
        """Do with the control what the walk says; return why it couldn't be done.

        Raises `LoginRefused`, `SessionLost`.
        """
        control = self._run.maps.screens[stop.pantalla][stop.control]
        if stop.efecto or control.writes or control.appears == "after_save":
            raise RuntimeError(f"{control.title} saves: nothing may use it")
        if stop.luego == "escribir":
            self._typed[stop.titulo] = stop.valor
        if missing := self._missing(stop):
            return missing
        await self._use.aclose()
        await self._use.enter_async_context(self._guard.using(control))
        try:
            await self._run.quiet()
            return await self._do(stop, control, self._run.screen(stop.pantalla)[stop.control])
        except (LoginRefused, SessionLost):  # the site's, not this control's
            raise
        except SelectorDrift as error:
            return Cause(NO_ALCANZADO, error.reason, options=stop.luego == "escoger")
        except (RobotError, PlaywrightError, AssertionError) as error:
            return Cause(NO_ALCANZADO, f"no se pudo usar «{stop.titulo}»: {_told(error)}")

    def _missing(self, stop: Stop) -> Cause | None:
        if stop.luego not in ("escribir", "escoger", "escoger_fila") or self.has(self._value_of(stop)):
            return None
        needed = {"documento": "sin tercero de prueba: defina SERVIWEB_PRUEBA_DOCUMENTO"}
        why = needed.get(stop.valor, "sin suscriptor de prueba: defina SERVIWEB_PRUEBA_CODIGO")
        return Cause(NO_COMPROBABLE, why, of="value")

    @staticmethod
    def _value_of(stop: Stop) -> str:
        return stop.valor or ("codigo" if stop.luego == "escoger_fila" else "")

    async def _do(self, stop: Stop, control: Control, locator: Locator) -> Cause | None:
        run = self._run
        if stop.titulo == "ingreso.ingresar":
            return await self._log_in(locator)
        match stop.luego:
            case "encima":
                await self._head(control, locator)
            case "clic":
                await locator.click()
            case "escribir":
                await locator.fill(self._values[stop.valor])
            case "enter":
                await locator.press("Enter")
            case "escoger":
                await run.choose(locator, self._values[stop.valor])
            case "abrir":
                self._opened[stop.pantalla] = stop
                await run.open(run.screen(stop.pantalla), stop.control, stop.valor)
            case "escoger_fila":
                return await self._pick(stop)
            case "cerrar":
                return await self.leave(stop.pantalla, stop.control, stop.valor)
        return None

    async def _head(self, control: Control, heading: Locator) -> None:
        """Open a menu; where something still lies over it, from the first page, whose half-filled form is lost."""
        for last in (False, True):
            try:
                await (heading.hover() if control.menu == "hover" else heading.click())
            except PlaywrightError as error:
                if last or "intercepts pointer events" not in str(error):
                    raise
                await self._run.page.goto(self._run.session.url)
            else:
                return

    async def _log_in(self, button: Locator) -> Cause | None:
        run, ui = self._run, self._run.screen("ingreso")
        await button.click()
        try:
            seen = await run.either(ui["sesion"], ui["aviso"], bare=True)
        except AssertionError:
            return None  # what proves the session is looked for next, and judged
        if seen == "aviso":
            raise LoginRefused(f"Serviweb no dejó entrar al usuario {run.session.user}: {await run.text(ui['aviso'])}")
        run.session.logged_in = True
        return None

    async def _pick(self, stop: Stop) -> Cause | None:
        """Click the row of the test subscriber, in whichever page of the results it stands."""
        run, ui, codigo = self._run, self._run.screen(stop.pantalla), self._values["codigo"]
        for _ in range(_MOST_PAGES):
            codes = await texts(ui["codigo_encontrado"])
            if codigo in codes:
                await run.pick(ui[stop.control].nth(codes.index(codigo)))  # closes its own window, in its own time
                return None
            if not await run.turn(ui, "siguiente_resultados", ui["codigo_encontrado"]):
                break
        return Cause(NO_COMPROBABLE, f"la búsqueda no muestra el suscriptor de prueba {codigo}", of="value")

    async def give_up(self, stop: Stop) -> None:
        """Leave a box in which nothing could be picked: what follows lies under it."""
        opener = self._opened.get(stop.pantalla)
        if opener:
            with suppress(RobotError, PlaywrightError):
                await self.leave(stop.pantalla, opener.valor, opener.control)

    async def leave(self, screen: str, key: str, opener: str) -> Cause | None:
        """Close the box or the window without saving what is in it: Escape, or its button to cancel."""
        run, ui, control = self._run, self._run.screen(screen), self._run.maps.screens[screen][key]
        await run.close(ui, opener)
        if control.window:
            return None
        box = ui[key]
        await run.page.keyboard.press("Escape")
        if await self._gone(box):
            return None
        places: list[Locator | Frame] = [box, *run.page.frames]
        for place in places:
            for button in (place.get_by_role("button", name=_LEAVES), place.get_by_title(_LEAVES)):
                if await count(shown := button.filter(visible=True)):
                    await shown.last.click()
                    if await self._gone(box):
                        return None
        return Cause(NO_ALCANZADO, f"el cuadro «{control.title}» no se deja cerrar sin guardar")

    async def _gone(self, box: Locator) -> bool:
        end = time.monotonic() + _GONE_SECONDS
        while await count(box):
            if time.monotonic() > end:
                return False
            await sleep(_LOOK_SECONDS)
        return True


def _told(error: BaseException) -> str:
    if isinstance(error, RobotError):
        return error.reason
    text = str(error)
    if "strict mode violation" in text:
        return "está varias veces"
    if "intercepts pointer events" in text:
        return "algo lo cubre"
    if "not enabled" in text:
        return "está deshabilitado"
    if isinstance(error, AssertionError):
        return "no mostró lo esperado"
    return "no respondió" if "Timeout" in text else cause(error)
