"""The teacher: walk a person through Serviweb, control by control, and write down what they point at.

Nothing is saved in Serviweb: the guard lets out look-ups only, and what else a control sends waits for the person's
word. In the second sitting `saving.Saving` opens it for exactly one save, after an explicit yes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from robot.browser.gate import cause
from robot.browser.maps import Control
from robot.browser.screen import texts
from robot.browser.teaching.behaviour import faded
from robot.browser.teaching.lesson import Stop
from robot.browser.teaching.mapfile import today
from robot.browser.teaching.persona import Asked
from robot.browser.teaching.practice import UNSEEN, USER, Cut, Practice
from robot.browser.teaching.propose import Lines, Proposal, Refusal
from robot.browser.teaching.wording import (
    either_pattern,
    notice_pattern,
    number_in,
    number_pattern,
    page_pattern,
    question_pattern,
    refusal_pattern,
    word_pattern,
)
from robot.errors import RobotError
from robot.text import fold, plain


class Teacher(Practice):
    """One sitting."""

    # -- the walk

    async def walk(self) -> None:
        """Go through the whole walk once."""
        cut = ""
        for stop in self._stops:
            if self.lesson.only in self.taught:
                return
            if stop.luego == "encima" or (cut and stop.pantalla == "ingreso"):
                cut = "" if cut != "ingreso" else cut
            if cut or not await self.has_screen(stop):
                continue
            try:
                await self.visit(stop)
            except (Cut, PlaywrightError, AssertionError, RobotError) as error:
                cut = stop.pantalla
                told = str(error) if isinstance(error, Cut) else f"«{stop.titulo}» no se pudo usar: {_told(error)}"
                self.persona.say(f"No se puede seguir en esta pantalla: {told}. Se sigue con la próxima.")
                if cut != "ingreso":
                    await self.begin_again()

    async def visit(self, stop: Stop) -> None:
        """Teach a control if it isn't taught, and use it to go on; what exists only after a save is passed over."""
        if stop.tras:
            return
        await self.teach_if_new(stop)
        if stop.efecto:
            return
        if stop.luego:
            await self.use(stop)

    async def has_screen(self, stop: Stop) -> bool:
        """Say whether this Serviweb has the screen, for those that some don't have."""
        question = self.lesson.optional_screens.get(stop.pantalla)
        if question is None or self.map.keys(stop.pantalla) or stop.titulo in self.taught:
            return True
        answer = f"hay {stop.pantalla}"
        if answer not in self.lesson.values:
            self.lesson.values[answer] = "sí" if await self.persona.yes(question) else ""
        return bool(self.lesson.values[answer])

    async def teach_if_new(self, stop: Stop) -> bool:
        """Teach a control unless it is taught already; say whether the map has it now."""
        known = self.map.has(stop.pantalla, stop.control)
        again = self.lesson.only == stop.titulo and stop.titulo not in self.taught
        if not stop.dice or (known and not again):
            return known
        if (self.lesson.only and not again) or stop in self.left:
            return known
        if stop.control.startswith("menu_") and not again and self._same_menu(stop):
            return True
        if stop.necesita == "fallo":
            return await self._failed_login(stop)
        taught = await self.teach(stop)
        if taught and stop.titulo in self.lesson.also:
            await self._other_wording(stop, self.lesson.also[stop.titulo])
        return taught

    def _same_menu(self, stop: Stop) -> bool:
        """Write down a menu that another screen's walk has taught: the three menus stand on every screen."""
        screen = next(
            (name for name in self.map.screens() if name != stop.pantalla and self.map.has(name, stop.control)), ""
        )
        if screen:
            self.put(stop, self.map.lines(screen, stop.control), f"es el mismo de {screen}")
        return bool(screen)

    # -- one control

    async def teach(self, stop: Stop) -> bool:
        """Ask for one control until it is found safely, or the person leaves it for later."""
        if await self._spoken(stop):
            return True
        while True:
            pointed = await self.point(stop)
            if pointed is None:
                if await self.persona.yes(f"¿Deja «{stop.dice}» para después?"):
                    self.left.append(stop)
                    return False
                continue
            if isinstance(pointed, Refusal):
                self.persona.say(f"{pointed.reason} Señale otra vez; con Esc lo deja para después.")
                continue
            if self.lesson.kind(stop) == "leer" and not pointed.text:
                self.persona.say("Eso no muestra ningún texto ahora. Señale el texto; con Esc lo deja para después.")
                continue
            if self._is_number(stop) and not number_in(pointed.text):
                self.persona.say("Eso no muestra ningún número. Señale el número; con Esc lo deja para después.")
                continue
            await self._write(stop, pointed)
            return True

    async def point(self, stop: Stop) -> Proposal | Refusal | None:
        """Let the person point once, and return what could be written of it."""
        await self._open_menu()
        asked = Asked(stop.titulo, self._heading(stop), f"Señale {stop.dice}.")
        self.persona.say(f"{asked.heading}: señale {stop.dice}.")
        async with self.guard.using(Control(screen=stop.pantalla, key=USER)):
            pointed = await self._pointed(asked)
        if pointed is None:
            return None
        window = next((name for name, page in self._windows.items() if page == pointed.page), "")
        return await self._proposer.propose(
            pointed,
            self.lesson.kind(stop),
            window=window.partition(".")[2] or None,
            containers=self._containers(stop),
            column=self.lesson.tables.get(stop.titulo, "tabla"),
        )

    def _containers(self, stop: Stop) -> dict[str, Locator]:
        """Return the boxes and tables taught before on this screen."""
        found: dict[str, Locator] = {}
        tables = set(self.lesson.tables.values())
        for key in self.map.keys(stop.pantalla):
            title = f"{stop.pantalla}.{key}"
            lines = self.map.lines(stop.pantalla, key)
            if key in tables or self.lesson.kinds.get(title) == "caja":
                with suppress(Cut):
                    found[key] = self._find(stop.pantalla, lines)
        return found

    async def _write(self, stop: Stop, found: Proposal) -> None:
        lines = dict(found.lines)
        if found.shown:
            shown = " · ".join(f"«{text}»" for text in found.shown[:6])
            self.persona.say(f"  {found.says}: {found.matches} en la lista: {shown}")
        else:
            self.persona.say(f"  {found.says}: coincide {found.matches}.")
        for key, helper in found.helpers.items():
            self._put(stop, key, helper, [f"Donde está {stop.control}."])
        if rows := self.lesson.rows.get(stop.titulo):
            private = {"within": lines["within"], "css": found.rows, "many": True, "private": True}
            self._put(stop, rows, private, ["Las filas son de otras personas: se tapan en toda imagen."])
        if self.lesson.kind(stop) == "caja" and await faded(self._find(stop.pantalla, lines)):
            lines["fades"] = True
        if stop.luego == "escoger" and found.tag == "select":
            await self._check_option(stop, lines, found.options)
        if pattern := await self._pattern(stop, found.text):
            lines["pattern"] = pattern
        self.put(stop, lines, f"{found.says}; coincide {found.matches}")

    def put(self, stop: Stop, lines: Lines, how: str) -> None:
        """Write a control that was taught, with who did it and when."""
        if stop.titulo in self.lesson.private:
            lines["private"] = True
        if stop.tras:
            lines["appears"] = "after_save"
        step = f" Paso {stop.paso}." if stop.paso else ""
        what = stop.dice.replace(" (no se hará clic)", "")
        comments = [
            f"{what[:1].upper()}{what[1:]}.{step}",
            f"Lo señaló {self.persona.name} el {today().isoformat()}: {how}.",
        ]
        self._put(stop, stop.control, lines, comments)
        self.taught.append(stop.titulo)

    def put_unseen(self, stop: Stop, why: str) -> None:
        """Write a control that nobody has seen: it finds nothing, and the map says so."""
        lines: Lines = {"css": UNSEEN}
        if stop.tras:
            lines["appears"] = "after_save"
        comments = [
            f"NO SE HA VISTO: {stop.dice}. {f'Paso {stop.paso}.' if stop.paso else ''}".strip(),
            why,
            f"Cuando se vea: serviweb selectores aprender --control {stop.titulo}{' --segunda' if stop.tras else ''}",
        ]
        self._put(stop, stop.control, lines, comments)

    def _is_number(self, stop: Stop) -> bool:
        return stop.titulo in self.lesson.patterns and self.lesson.patterns[stop.titulo][0] == "numero"

    async def _spoken(self, stop: Stop) -> bool:
        """Take the text of a native box that has just been shown for this control, if the person says it is it."""
        if self.lesson.kind(stop) != "leer" or not self.said:
            return False
        text = self.said[-1]
        if self._is_number(stop) and not number_in(text):
            return False
        if not await self.persona.yes(f"El navegador mostró un cuadro que dice «{text}». ¿Es {stop.dice}?"):
            return False
        self.said.remove(text)
        pattern = await self._pattern(stop, text) or notice_pattern(text, "")
        self.put(stop, {"in": "dialog", "dialog": "native", "pattern": pattern}, "lo dice un cuadro del navegador")
        return True

    async def _pattern(self, stop: Stop, text: str) -> str:
        """Return the pattern that a control needs, proposed from the text that it shows now."""
        how, about = self.lesson.patterns.get(stop.titulo, ("", ""))
        match how:
            case "numero":
                number = await self.number(stop, text)
                return number_pattern(text, number)
            case "pregunta":
                number = self.lesson.values.get(about, "")
                if not number or number not in text:
                    number = await self.persona.text(f"¿Qué documento nombra «{text}»?", proposed=number_in(text))
                return question_pattern(text, number)
            case "aviso":
                return notice_pattern(text, self.lesson.values.get(about, ""))
            case "palabra":
                word = plain(await self.persona.text(f"{about} (vacío: no se sabe; aquí dice «{text}»)"))
                return word_pattern(word) if word else ""
            case "rechazo":
                told = text.partition(":")[2].strip() or text
                return refusal_pattern(text, await self.persona.text("¿Qué parte es el motivo?", proposed=told))
            case "pagina":
                return page_pattern(text)
        return ""

    async def _other_wording(self, stop: Stop, value: str) -> None:
        """Have the same notice say its other words too, with another value, if the person knows one."""
        with suppress(Cut, PlaywrightError):
            other, field = await self._value(value), self.lesson.first(f"{stop.pantalla}.codigo")
            async with self.guard.using(self.control(field)), self.eyes.watching() as seen:
                await self.find(field).fill(other)
                await self.find(field).press("Enter")
            lines = self.map.lines(stop.pantalla, stop.control)
            said = seen.said if lines.get("in") == "dialog" else await texts(self.find(stop))
            if said and await self.persona.yes(
                f"Con {other}, Serviweb dice «{said[-1]}». ¿También es un aviso de rechazo?"
            ):
                pattern = either_pattern(lines["pattern"], notice_pattern(said[-1], other))
                self.map.add(stop.pantalla, stop.control, pattern=pattern)

    async def number(self, stop: Stop, text: str) -> str:
        """Ask which part of a text is the document's number, and remember it for what names it later."""
        number = ""
        while not number or number not in text:
            number = plain(await self.persona.text(f"¿Cuál es el número en «{text}»?", proposed=number_in(text)))
        self.lesson.values[f"numero {stop.efecto}"] = number
        return number

    async def _check_option(self, stop: Stop, lines: Lines, options: tuple[str, ...]) -> None:
        """See that a list has the options that the procedure needs; spelled otherwise, the map says so."""
        if len(options) < 2:  # it is filled later
            return
        wanted = [await self._value(stop.valor), *self.lesson.needed.get(stop.titulo, ())]
        alike = [fold(option) for option in options]
        if any(option not in options and alike.count(fold(option)) == 1 for option in wanted):
            lines["loose"] = True
        if lost := [option for option in wanted if fold(option) not in alike]:
            self.persona.say(
                f"  Atención: la lista no tiene {', '.join(f'«{option}»' for option in dict.fromkeys(lost))}; "
                f"tiene {', '.join(options[:20])}. Revise los ajustes."
            )
        if fold(wanted[0]) not in alike:
            self.lesson.values[stop.valor] = await self.persona.text("¿Qué opción se escoge para seguir?")

    async def _failed_login(self, stop: Stop) -> bool:
        """Show the message of a wrong password by failing once, if the person agrees: accounts lock."""
        button = self.lesson.first("ingreso.ingresar")
        if not await self.persona.yes(
            "Para ver el mensaje de contraseña incorrecta hay que fallar una vez a propósito. ¿Se hace? "
            "(Diga no si su usuario se bloquea con facilidad.)"
        ):
            self.put_unseen(stop, "No se quiso fallar a propósito: sin él, un ingreso rechazado se ve como una espera.")
            return True
        if not await self.teach_if_new(button):
            return False
        async with self._retyped():
            async with self.guard.using(self.control(button)), self.eyes.watching() as seen:
                await self.find(self.lesson.first("ingreso.clave")).fill("esta-no-es-la-clave")
                await self.find(button).click()
            self.said = list(seen.said)
            return await self.teach(stop)

    @asynccontextmanager
    async def _retyped(self) -> AsyncIterator[None]:
        """Type user and password again after the block, as they were."""
        yield
        for key in ("usuario", "clave"):
            await self.find(self.lesson.first(f"ingreso.{key}")).fill(self.lesson.values[key])


def _told(error: Exception) -> str:
    if isinstance(error, RobotError):
        return error.reason
    if "Timeout" in str(error) or isinstance(error, AssertionError):
        return "no respondió: está deshabilitado, algo lo tapa o ya no está"
    return cause(error)
