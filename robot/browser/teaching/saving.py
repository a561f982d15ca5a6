"""The second sitting: what exists only after a save, taught with saves that the person allows one at a time."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

from playwright.async_api import BrowserContext, Locator
from playwright.async_api import Error as PlaywrightError

from robot.browser.screen import texts
from robot.browser.teaching.behaviour import print_way, remember_toasts, toasts
from robot.browser.teaching.lesson import Lesson, Stop
from robot.browser.teaching.mapfile import MapFile
from robot.browser.teaching.persona import Persona
from robot.browser.teaching.practice import Cut, address_of
from robot.browser.teaching.propose import Lines, Place, Refusal
from robot.browser.teaching.teacher import Teacher
from robot.browser.teaching.wording import refusal_pattern

_NAMES = {"tercero": "el tercero", "factura": "la factura", "abono": "el abono (recibo)", "tramite": "el trámite"}
_LOOK_SECONDS = 0.03
_CLICK_SECONDS = 8.0


class Saving(Teacher):
    """A sitting that may save: each effect once, after an explicit yes to what is shown, and nothing else."""

    def __init__(self, context: BrowserContext, persona: Persona, mapa: MapFile, lesson: Lesson) -> None:
        super().__init__(context, persona, mapa, lesson)
        self._saved = ""
        self._open = AsyncExitStack()
        self._click: asyncio.Future[None] | None = None
        self._passed = 0
        self._number: Stop | None = None

    async def visit(self, stop: Stop) -> None:
        """Teach and use as in the first sitting; at what saves, ask, save once, and teach what then appears."""
        if stop.efecto != self._saved or not stop.tras:
            await self.end_save()
        if not stop.efecto:
            await super().visit(stop)
            return
        if not stop.tras:
            await self.teach_if_new(stop)
            await self._offer(stop)
            return
        if self._saved != stop.efecto:
            return
        await self._after(stop)

    async def end_save(self) -> None:
        """Shut the guard again: whatever was not sent by now is not sent."""
        await self._fleeting()
        self._saved = ""
        self.eyes.expecting = False
        if dialog := self.eyes.pending:
            self.eyes.pending = None
            await dialog.dismiss()
        await self._open.aclose()
        if self._click and not self._click.done():
            self._click.cancel()

    async def _fleeting(self) -> None:
        """Note that a number which was pointed at has gone again by itself."""
        number, self._number = self._number, None
        with suppress(Cut, PlaywrightError):
            if number and not await self.find(number).count():
                self.map.add(number.pantalla, number.control, **{"in": "toast"})

    # -- the save

    async def _offer(self, stop: Stop) -> None:
        if not self._wanted(stop):
            return
        button = self.find(stop)
        for key, luego, value in self.lesson.fills.get(stop.efecto, ()):
            await self._fill(f"{stop.pantalla}.{key}", luego, value)
        if before := self.lesson.before.get(stop.efecto):
            for name, value in self.lesson.values.items():
                before = before.replace(f"{{{name}}}", value)
            if not await self.persona.yes(before):
                return
        self._show(stop, await self._shown(stop))
        known = "" if self._missing(stop) else " Lo de después ya está enseñado: hace falta solo para seguir."
        if not await self.persona.yes(f"¿Guardar {_NAMES[stop.efecto]} en Serviweb, de verdad?{known}"):
            return
        await self._commit(stop, button)

    def _missing(self, stop: Stop) -> list[str]:
        after = [one for one in self._stops if one.efecto == stop.efecto and one.tras]
        return [one.titulo for one in after if not self.map.has(one.pantalla, one.control)]

    def _wanted(self, stop: Stop) -> bool:
        """Say whether a save could teach anything, here or later: an abono needs a factura."""
        if self.lesson.only:
            later = [one for one in self._stops if one.titulo == self.lesson.only]
            return any(one.efecto == stop.efecto for one in later) or stop.efecto == "factura"
        start = self._stops.index(stop)
        return any(self._missing(one) for one in self._stops[start:] if one.efecto and not one.tras)

    async def _fill(self, title: str, luego: str, value: str) -> None:
        field = self.lesson.first(title)
        locator = self.find(field)
        async with self.guard.using(self.control(field)), self.eyes.watching():
            match luego:
                case "escoger":
                    await self.choose(field, locator, await self._value(value))
                case "escribir":
                    await locator.fill(self._note(field, await self._value(value)))
                case _:
                    await locator.click()

    async def _shown(self, stop: Stop) -> dict[str, str]:
        """Return what the screen shows of what will be saved: what was typed, and what Serviweb read."""
        shown = {title: value for title, value in self.typed.items() if title.startswith(f"{stop.pantalla}.")}
        for one in self._stops:
            if one.pantalla == stop.pantalla and not one.tras and self.lesson.kind(one) in ("leer", "columna"):
                with suppress(Cut, PlaywrightError):
                    if found := [text for text in await texts(self.find(one)) if text]:
                        shown[one.titulo] = " · ".join(found[:4])
        return shown

    def _show(self, stop: Stop, shown: dict[str, str]) -> None:
        self.persona.say(f"\nSe va a guardar {_NAMES[stop.efecto]}:")
        for title, value in shown.items():
            self.persona.say(f"    {title.partition('.')[2].replace('_', ' ')}: {value}")

    async def _commit(self, stop: Stop, button: Locator) -> None:
        """Click once, with the guard open for exactly one save."""
        self._open = AsyncExitStack()
        passed = len(self.guard.passed)
        await self._open.enter_async_context(self.guard.letting_one_out(self.control(stop)))
        try:
            self.eyes.expecting = any(
                one.efecto == stop.efecto and one.control == "confirmacion" for one in self._stops
            )
            async with self.guard.using(self.control(stop)), self.eyes.watching() as seen:
                await remember_toasts(self.page)
                click = asyncio.ensure_future(button.click(timeout=_CLICK_SECONDS * 1000))
                while not (click.done() or self.eyes.pending):  # noqa: ASYNC110 — a native box holds the click
                    await asyncio.sleep(_LOOK_SECONDS)
                if click.done():
                    await click
            self._saved, self.said, self._click, self._passed = stop.efecto, list(seen.said), click, passed
            if not self.eyes.pending:
                await self._sent(stop)
        except PlaywrightError:
            await self.end_save()
            raise

    async def _sent(self, stop: Stop) -> None:
        """See what became of the save. A refusal is the chance to teach the notice that says so."""
        if len(self.guard.passed) == self._passed:
            return  # a box in the page asks first
        self._note_write(stop)
        if await self.persona.yes(f"¿Serviweb guardó {_NAMES[stop.efecto]}?"):
            return
        refusal = next(one for one in self._stops if one.efecto == stop.efecto and one.control == "rechazo")
        await self.teach(refusal)
        raise Cut(f"Serviweb no guardó {_NAMES[stop.efecto]}")

    def _note_write(self, stop: Stop) -> None:
        """Write down where the save went, unless the same address serves look-ups too."""
        writes = [one for one in self.guard.passed[self._passed :] if one.write]
        if not writes:
            self.persona.say("  No salió ningún envío que guarde.")
            return
        button = next(one for one in self._stops if one.efecto == stop.efecto and not one.tras)
        address = address_of(writes[0].url)
        self.persona.say(f"  Se guardó con un envío a {address.removeprefix('**')}.")
        if address not in self.map.all("posts"):
            self.map.add(button.pantalla, button.control, writes=address)
            self.guard.writes.append(address)
        else:
            self.persona.say("  Esa dirección también sirve para consultar: el mapa no la nombra como guardado.")

    # -- what appears after it

    async def _after(self, stop: Stop) -> None:
        match stop.control:
            case "confirmacion":
                await self._question(stop)
            case "ok":
                await self._answer(stop)
            case "rechazo":
                await self._refusal(stop)
            case "imprimir":
                await self._print(stop)
            case "numero":
                await self._number_of(stop)
            case _:
                await self.teach_if_new(stop)

    async def _number_of(self, stop: Stop) -> None:
        """Teach where the number shows; one that shows for seconds only may be gone, or can't be pointed at."""
        if self.map.has(stop.pantalla, stop.control) and self.lesson.only != stop.titulo:
            return
        if await self._toasted(stop, gone=True):
            return
        if await self.teach_if_new(stop):
            self._number = stop
        elif stop in self.left and await self._toasted(stop, gone=False):
            self.left.remove(stop)

    async def _toasted(self, stop: Stop, *, gone: bool) -> bool:
        """Take a number that showed for a moment only, if the person says that it is it."""
        for frame, css, text in await toasts(self.page, gone=gone):
            question = f"Por un momento se vio «{text}». ¿Es {stop.dice}?"
            chain = await self._proposer.chain(frame)
            if isinstance(chain, Refusal) or not await self.persona.yes(question):
                continue
            lines: Lines = {"css": css, "in": "toast", **Place(frame=chain).lines}
            lines["pattern"] = await self._pattern(stop, text)
            self.put(stop, lines, "se ve solo por unos segundos")
            return True
        return False

    async def _question(self, stop: Stop) -> None:
        """Take the box that asks before the save, native or in the page."""
        dialog = self.eyes.pending
        if dialog is None:
            await self.teach_if_new(stop)
            return
        if not self.map.has(stop.pantalla, stop.control) or self.lesson.only == stop.titulo:
            pattern = await self._pattern(stop, " ".join(dialog.message.split()))
            self.persona.say(f"  El navegador pregunta: «{dialog.message}»")
            lines = {"in": "dialog", "dialog": "native", "pattern": pattern}
            self.put(stop, lines, "es un cuadro del navegador")

    async def _answer(self, stop: Stop) -> None:
        """Say OK: this is what lets the save out."""
        dialog = self.eyes.pending
        if dialog is None:
            await self.teach_if_new(stop)
            async with self.guard.using(self.control(stop)), self.eyes.watching() as seen:
                await remember_toasts(self.page)
                await self.find(stop).click()
        else:
            if not self.map.has(stop.pantalla, stop.control):
                question = self.map.lines(stop.pantalla, "confirmacion")
                self.put(stop, dict(question), "es el botón de ese mismo cuadro del navegador")
            self.eyes.pending, self.eyes.expecting = None, False
            async with self.guard.using(self.control(stop)), self.eyes.watching() as seen:
                await dialog.accept()
                if self._click:
                    await self._click
        self.said = list(seen.said)
        await self._sent(stop)

    async def _refusal(self, stop: Stop) -> None:
        """Write the refusal as honestly as it is known: nobody provokes one on purpose."""
        if self.lesson.only == stop.titulo and stop.titulo not in self.taught:
            await self.teach(stop)
            return
        if self.map.has(stop.pantalla, stop.control) or self.lesson.only:
            return
        text = await self.persona.text(
            "Si recuerda cómo dice Serviweb que NO guardó (por ejemplo «No se guardó: falta la causal»), escríbalo; "
            "si no lo ha visto, deje vacío."
        )
        notice = self.map.lines(stop.pantalla, "aviso")
        native = notice.get("in") == "dialog"
        place = "en un cuadro del navegador" if native else "en el mismo lugar que el aviso del suscriptor"
        if text and notice and await self.persona.yes(f"¿Ese aviso sale {place}?"):
            reason = text.partition(":")[2].strip() or text
            lines = {name: value for name, value in notice.items() if name not in ("pattern", "appears")}
            lines["pattern"] = refusal_pattern(text, reason)
            self.put(stop, lines, f"se escribió de memoria ({place}); no se ha visto al enseñar")
            return
        self.put_unseen(stop, "Mientras falte, todo rechazo se toma por EN DUDA y lo decide una persona.")

    async def _print(self, stop: Stop) -> None:
        """Open the printing menu, teach its option, and see what comes out of it."""
        symbol = self.lesson.first(f"{stop.pantalla}.simbolo_imprimir")
        if self.map.has(stop.pantalla, stop.control) and self.lesson.only != stop.titulo:
            return
        async with self.guard.using(self.control(symbol)), self.eyes.watching():
            await self.find(symbol).click()
        if not await self.teach_if_new(stop):
            return
        async with self.guard.using(self.control(stop)):
            opens = await print_way(self.eyes, self.find(stop))
        if opens is None:
            self.persona.say("  No se vio salir ningún papel: queda como ventana; revíselo.")
        self.map.add(stop.pantalla, stop.control, opens=opens or "popup")
        self.persona.say(f"  El papel sale así: opens = «{opens or 'popup'}».")
