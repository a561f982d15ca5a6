"""Use in Serviweb what is taught, as the robot will, with the guard shut, and note how things behave.

What a control sends besides look-ups waits for the word of the person who teaches.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, FrameLocator, Locator, Page, Request, Route
from playwright.async_api import Error as PlaywrightError

from robot.browser.gate import LOOKS, once
from robot.browser.guard import Guard
from robot.browser.maps import Control
from robot.browser.screen import find, in_frames, texts
from robot.browser.teaching.behaviour import Eyes, menu_way, remember_motion
from robot.browser.teaching.lesson import Lesson, Stop
from robot.browser.teaching.mapfile import MapFile
from robot.browser.teaching.persona import Asked, Persona
from robot.browser.teaching.picker import Picker, Pointed
from robot.browser.teaching.propose import Lines, Proposer, Refusal, finder
from robot.browser.teaching.visits import Visits
from robot.browser.teaching.wording import notice_pattern
from robot.browser.widgets import TypeAhead
from robot.errors import SelectorDrift
from robot.text import fold, plain

UNSEEN = "no-se-ha-visto"
"""A selector that finds nothing on any page: the control is required, and nobody has seen it yet."""
USER = "(usted)"
"""Who uses the page while the person does it."""
_WAIT_SECONDS = 8.0
_OPTION_SECONDS = 2.0
_LOOK_SECONDS = 0.03


class Cut(Exception):  # noqa: N818 — no error: the walk goes on at the next screen
    """The rest of this screen can't be reached in this sitting."""


class Practice:
    """One sitting's use of Serviweb. Opened before the context has any page."""

    def __init__(self, context: BrowserContext, persona: Persona, mapa: MapFile, lesson: Lesson) -> None:
        self.context = context
        self.persona = persona
        self.map = mapa
        self.lesson = lesson
        self.eyes = Eyes(context)
        self.guard = Guard(context, mapa.all("writes"), self._held)
        self.left: list[Stop] = []
        self.taught: list[str] = []
        self.said: list[str] = []
        self.typed: dict[str, str] = {}
        self._picker = Picker(context)
        self._visits = Visits()
        self._proposer = Proposer(self._visits)
        self._windows: dict[str, Page] = {}
        self._allowed: set[tuple[str, str]] = set()
        self._refused = ""
        self._menu: Stop | None = None
        self._stops = lesson.stops()
        self._asked = {stop.titulo for stop in self._stops if stop.dice}
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        """The main window."""
        if self._page is None:
            raise RuntimeError("open() comes first")
        return self._page

    async def open(self) -> None:
        """Go to Serviweb, with everything that could save blocked, and see that it is. Raises `StepFailed`."""
        await self.context.route("**/*", _once)
        await self.guard.shut()
        await self.eyes.open()
        await self._picker.open()
        self._page = await self.context.new_page()
        for _ in range(2):  # what is the same at both visits may be trusted
            async with self.eyes.watching():
                await self.page.goto(self.lesson.url)
            await self._look()
        await self.guard.proved(self.page)
        self.persona.say("Guardado bloqueado: comprobado. Nada de lo que se haga aquí queda guardado en Serviweb.")

    async def begin_again(self) -> None:
        """Leave a screen that can't be used any more, with its windows and boxes, as a person does: by the address."""
        for page in self.context.pages:
            if page != self.page:
                with suppress(PlaywrightError):
                    await page.close()
        self._windows.clear()
        self._menu = None
        with suppress(PlaywrightError):
            async with self.eyes.watching():
                await self.page.goto(self.lesson.url)

    # -- where things are

    def find(self, stop: Stop) -> Locator:
        """Return the locator of a taught control. Raises `Cut` when it isn't."""
        lines = self.map.lines(stop.pantalla, stop.control)
        if not lines or lines.get("css") == UNSEEN:
            raise Cut(f"falta «{stop.titulo}»")
        return self._find(stop.pantalla, lines)

    def _find(self, screen: str, lines: Mapping[str, Any]) -> Locator:
        root: Page | FrameLocator | Locator
        if lines.get("in") == "dialog":
            raise Cut("es un cuadro del navegador, y no está en la pantalla")
        if within := lines.get("within"):
            root = self._find(screen, self.map.lines(screen, within))
        else:
            page = self.page
            if window := lines.get("window"):
                if f"{screen}.{window}" not in self._windows:
                    raise Cut(f"la ventana de «{screen}.{window}» no está abierta")
                page = self._windows[f"{screen}.{window}"]
            frames = lines.get("frame", [])
            root = in_frames(page, [frames] if isinstance(frames, str) else frames)
        return find_in(root, lines)

    def control(self, stop: Stop) -> Control:
        """Return a control as the guard needs it: what it may send, and what it saves to."""
        posts = self.map.several(stop.pantalla, stop.control, "posts")
        return Control(screen=stop.pantalla, key=stop.control, posts=tuple(posts))

    # -- using what is taught

    async def use(self, stop: Stop) -> None:
        """Do with a control what the walk says. Raises `Cut` when that can't be done."""
        if stop.luego != "encima":
            await self._open_menu()
        locator = self.find(stop)
        await self._unclaimed()
        self._refused = ""
        if stop.luego == "abrir":
            await remember_motion(self.page)
        async with self.guard.using(self.control(stop)), self.eyes.watching() as seen:
            await self._do(stop, locator)
        self.said = list(seen.said)
        if stop.luego == "abrir":
            await self._opened(stop, seen.windows)
        if self._refused:
            raise Cut(f"no se dejó pasar lo que «{stop.titulo}» envía a {self._refused}")
        if stop.luego == "clic" and self._menu:
            await self._second_visit(stop, locator)

    async def _do(self, stop: Stop, locator: Locator) -> None:
        match stop.luego:
            case "encima":
                await self._hold_menu(stop, locator)
            case "clic" | "abrir":
                await locator.click()
            case "escribir":
                await locator.fill(self._note(stop, await self._value(stop.valor)))
            case "enter":
                await locator.press("Enter")
            case "escoger":
                await self.choose(stop, locator, await self._value(stop.valor))
            case "escoger_fila":
                await self._pick(stop, locator)
            case "cerrar":
                await self._close(stop, locator)

    def _note(self, stop: Stop, value: str) -> str:
        self.typed[stop.titulo] = "•••" if stop.titulo in self.lesson.private else value
        return value

    async def _value(self, name: str) -> str:
        """Return a test value, asked for once; without one this part of the screen is left."""
        name = self.lesson.same.get(name, name)
        if name not in self.lesson.values:
            self.lesson.values[name] = plain(await self.persona.text(self.lesson.questions.get(name, f"¿{name}?")))
        if not self.lesson.values[name]:
            raise Cut(f"falta un dato de prueba ({name.replace('_', ' ')})")
        return self.lesson.values[name]

    async def _hold_menu(self, stop: Stop, heading: Locator) -> None:
        """Open a menu; the first time, find out how."""
        way = self.map.lines(stop.pantalla, stop.control).get("menu")
        if way is None:
            way = await menu_way(self.page, heading)
            self.map.add(stop.pantalla, stop.control, menu=way)
            self.persona.say(
                "  El menú se abre al pasar el ratón." if way == "hover" else "  El menú se abre con un clic."
            )
        elif way == "hover":
            await heading.hover()
        else:
            await heading.click()
        self._menu = stop

    async def _open_menu(self) -> None:
        """Hold a menu that opens under the pointer: answering a question took the pointer away."""
        if self._menu and self.map.lines(self._menu.pantalla, self._menu.control).get("menu") == "hover":
            await self.find(self._menu).hover()

    async def _second_visit(self, stop: Stop, option: Locator) -> None:
        """Come to a screen twice before anything is filled in: what is the same both times may be trusted."""
        menu, self._menu = self._menu, None
        if menu is None or not self._news(stop):
            return
        await self._look()
        async with self.guard.using(self.control(stop)), self.eyes.watching():
            await self._hold_menu(menu, self.find(menu))
            await option.click()
        self._menu = None
        await self._look()

    def _news(self, stop: Stop) -> bool:
        """Say whether anything is still to be taught between here and the next menu."""
        start = self._stops.index(stop)
        for other in self._stops[start + 1 :]:
            if other.luego == "encima":
                return False
            if other.dice and not self.map.has(other.pantalla, other.control):
                return True
        return False

    async def _look(self) -> None:
        for page in self.context.pages:
            for frame in page.frames:
                await self._visits.look(frame)

    async def _opened(self, stop: Stop, windows: list[Page]) -> None:
        """Note whether a window came, or a box in the page; a window is opened twice, to see what stays the same."""
        if not windows:
            return
        if "opens" not in self.map.lines(stop.pantalla, stop.control):
            self.map.add(stop.pantalla, stop.control, opens="popup")
            self.persona.say("  Abre otra ventana.")
        if self._news(stop):
            await self._look()
            await windows[-1].close()
            async with self.guard.using(self.control(stop)), self.eyes.watching() as seen:
                await self.find(stop).click()
            windows = seen.windows
            await self._look()
        if not windows:
            raise Cut(f"«{stop.titulo}» no volvió a abrir su ventana")
        self._windows[stop.titulo] = windows[-1]

    async def choose(self, stop: Stop, locator: Locator, wanted: str) -> None:
        """Choose an option, in a list or among what a type-ahead offers."""
        lines = self.map.lines(stop.pantalla, stop.control)
        self._note(stop, wanted)
        if await locator.evaluate("(one) => one.localName") == "select":
            option = await self._option(locator, wanted)
            if option != wanted and not lines.get("loose"):
                self.map.add(stop.pantalla, stop.control, loose=True)
            await locator.select_option(label=option)
            return
        if not (key := lines.get("options")):
            await locator.click()
            await locator.fill(wanted[:1])
            await self.eyes.quiet()
            key = await self._teach_options(stop)
        options = self._find(stop.pantalla, self.map.lines(stop.pantalla, key))
        described = locator.describe(stop.titulo)
        try:
            await TypeAhead(described, options, loose=bool(lines.get("loose"))).choose(wanted, _OPTION_SECONDS)
        except SelectorDrift:
            if lines.get("loose"):
                raise
            await TypeAhead(described, options, loose=True).choose(wanted, _OPTION_SECONDS)
            self.map.add(stop.pantalla, stop.control, loose=True)

    async def _option(self, locator: Locator, wanted: str) -> str:
        """Return the option as the list writes it; some lists are filled late."""
        end = asyncio.get_running_loop().time() + _WAIT_SECONDS
        while True:
            offered = [plain(line) for line in (await locator.inner_text()).splitlines()]
            found = [text for text in offered if text == wanted] or [t for t in offered if fold(t) == fold(wanted)]
            if found:
                return found[0]
            if asyncio.get_running_loop().time() > end:
                raise Cut(f"la lista no tiene «{wanted}»: tiene {', '.join(offered[:12])}")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _teach_options(self, stop: Stop) -> str:
        """Ask for one of the options that a type-ahead shows; lists of one screen may share them."""
        key = "opcion"
        for screen in self.map.screens():
            if not self.map.has(stop.pantalla, key) and self.map.has(screen, key):
                lines = self.map.lines(screen, key)
                if await self._find(stop.pantalla, lines).count():
                    self._put(stop, key, lines, [f"Las opciones que aparecen al escribir, como en {screen}."])
        while not self.map.has(stop.pantalla, key):
            asked = Asked(f"{stop.pantalla}.{key}", self._heading(stop), "Señale una de las opciones que aparecieron.")
            pointed = await self._pointed(asked)
            if pointed is None:
                raise Cut("no se ven opciones para escoger")
            found = await self._proposer.options(pointed)
            if isinstance(found, Refusal):
                self.persona.say(found.reason)
                continue
            self._put(stop, key, found, ["Las opciones que aparecen al escribir."])
        self.map.add(stop.pantalla, stop.control, widget="typeahead", options=key)
        return key

    def _put(self, stop: Stop, key: str, lines: Lines, comments: list[str]) -> None:
        why = "enseñado otra vez" if self.map.has(stop.pantalla, key) else "enseñado"
        self.map.put(stop.pantalla, key, lines, comments, who=self.persona.name, why=why)

    async def _pick(self, stop: Stop, names: Locator) -> None:
        """Click the row of the test subscriber; the window may close by that very click."""
        code = await self._value(stop.valor or "codigo")
        codes = self._find(stop.pantalla, self.map.lines(stop.pantalla, "codigo_encontrado"))
        shown = await texts(codes)
        if code not in shown:
            raise Cut(f"la búsqueda no muestra el suscriptor {code}")
        try:
            await names.nth(shown.index(code)).click()
        except PlaywrightError as error:
            if "closed" not in str(error):
                raise

    async def _close(self, stop: Stop, box: Locator) -> None:
        """Close a window; a box in the page the person closes, who knows its button."""
        window = self._windows.pop(f"{stop.pantalla}.{stop.valor}", None)
        if window:
            with suppress(PlaywrightError):
                await window.close()
            return
        if not await box.count():
            return
        asked = Asked("cerrar", self._heading(stop), "Cierre el cuadro sin guardar (Cancelar o ×).")
        self.persona.say(f"{asked.heading}: {asked.what}")
        async with self._picker.telling(asked.heading, asked.what):
            person = asyncio.ensure_future(self.persona.pointing(asked))
            while await box.count():  # noqa: ASYNC110 — the person closes it, in the browser
                await asyncio.sleep(_LOOK_SECONDS)
            await person

    async def _pointed(self, asked: Asked) -> Pointed | None:
        """Wait for the person and the browser: whoever fails ends the other."""
        person = asyncio.ensure_future(self.persona.pointing(asked))
        answer = asyncio.ensure_future(self._picker.point(asked.heading, asked.what))
        try:
            done, _ = await asyncio.wait({person, answer}, return_when=asyncio.FIRST_COMPLETED)
            if person in done:
                person.result()
            return await answer
        finally:
            for task in (person, answer):
                task.cancel()
            await asyncio.gather(person, answer, return_exceptions=True)

    def _heading(self, stop: Stop) -> str:
        step = f"Paso {stop.paso}" if stop.paso else "Consultas"
        done = len([title for title in self._asked if self.map.has(*title.split(".", 1))])
        return f"{step} · {done + 1} de {len(self._asked)}"

    # -- what isn't asked for

    async def _unclaimed(self) -> None:
        """Ask about native boxes that no control has claimed: harmless ones the robot may close by itself."""
        known = [
            pattern
            for screen in self.map.screens()
            for key in self.map.keys(screen)
            if self.map.lines(screen, key).get("in") == "dialog"
            for pattern in self.map.several(screen, key, "pattern")
        ]
        for text in self.said:
            if any(re.search(pattern, text) for pattern in known):
                continue
            if await self.persona.yes(
                f"Serviweb mostró «{text}». ¿Es un aviso sin importancia, que el robot puede cerrar siempre?"
            ):
                self.map.advise(notice_pattern(text, "")[2:-2])
        self.said = []

    async def _held(self, control: Control, request: Request) -> bool:
        """Ask whether what a control sends may pass: only the person knows what is a look-up here."""
        address = address_of(request.url)
        if (control.title, address) in self._allowed:
            return True
        self.eyes.asking += 1
        try:
            question = f"Al usar «{control.title}», Serviweb envía datos a {urlsplit(request.url).path}. "
            may = await self.persona.yes(question + "¿Es una consulta, que no guarda nada?")
        finally:
            self.eyes.asking -= 1
        if not may:
            self._refused = urlsplit(request.url).path
            return False
        self._allowed.add((control.title, address))
        self.remember_post(control, address)
        return True

    def remember_post(self, control: Control, address: str) -> None:
        """Write down what a control sends without saving."""
        if control.key == USER or not self.map.has(control.screen, control.key):
            return
        if any(stop.efecto and stop.titulo == control.title for stop in self.lesson.walk):
            return
        known = self.map.several(control.screen, control.key, "posts")
        if address not in known:
            posts = [*known, address]
            self.map.add(control.screen, control.key, posts=posts if len(posts) > 1 else posts[0])


def find_in(root: Page | FrameLocator | Locator, lines: Mapping[str, Any]) -> Locator:
    """Find as the robot does: exactly, and visible elements only."""
    return find(root, finder("", "", lines)).filter(visible=True)


def address_of(url: str) -> str:
    """Return the pattern of an address for a map: any host, and numbers in its path left open."""
    parts = ["*" if part.isdigit() else part for part in urlsplit(url).path.split("/")]
    return "**" + "/".join(parts)


async def _once(route: Route, request: Request) -> None:
    """Let a post out through here: the browser itself sends one twice when its connection dies unanswered."""
    await (route.fallback() if request.method in LOOKS else once(route))
