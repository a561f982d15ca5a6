"""Somebody who knows Serviweb and follows a script: asked for a control, she moves the real mouse there and clicks.

Where things are she knows from a map that somebody else wrote; nothing of it reaches the teacher but her clicks.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import BrowserContext, FrameLocator, Locator, Page
from playwright.async_api import Error as PlaywrightError

from flows.recorrido import RECORRIDO
from robot.browser.screen import find

if TYPE_CHECKING:
    from robot.browser.maps import Control, Map
    from robot.browser.teaching.persona import Asked

BOXES = ("tercero.cuadro", "abono.buscador")


@contextmanager
def screen() -> Iterator[str]:
    """Run an X server on a free display; give its name."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1320x920x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            yield f":{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@dataclass
class Alumna:
    """She points by the map *knows*, and answers by rules: the first that a question matches."""

    knows: Map
    name: str = "alumna"
    rules: dict[str, bool | str] = field(default_factory=dict)
    context: BrowserContext | None = None
    asked: list[str] = field(default_factory=list)
    escaped: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    stop_at: str = ""
    plug: type[Exception] = RuntimeError
    pay: Callable[[str], None] | None = None
    photos: Path | None = None
    photographed: tuple[str, ...] = ()

    def say(self, text: str) -> None:
        """Hear."""
        self.said.append(text)

    async def yes(self, question: str) -> bool:
        """Answer by the rules; that a native box is what she was asked for she knows from her map."""
        self.questions.append(question)
        if found := re.search(r"¿Es (.+)\?$", question):
            titles = [stop.titulo for stop in RECORRIDO if stop.dice and stop.dice == found[1]]
            if titles:
                text = question[question.index("«") + 1 : question.rindex("»")]
                where = "toast" if "Por un momento" in question else "dialog"
                return any(self._says(self._declared(title), where, text) for title in titles if self._known(title))
        if self.pay and (recibo := re.search(r"se pagó en la caja el (\S+)\?", question)):
            self.pay(recibo[1])
        answer = self._rule(question)
        assert isinstance(answer, bool), question
        return answer

    async def text(self, question: str, *, proposed: str = "") -> str:
        """Answer by the rules, else take what is proposed."""
        self.questions.append(question)
        answer = self._rule(question, default=proposed)
        assert isinstance(answer, str), question
        return answer

    @staticmethod
    def _says(control: Control, where: str, text: str) -> bool:
        return control.where == where and bool(control.pattern and control.pattern.search(text))

    def _rule(self, question: str, default: bool | str | None = None) -> bool | str | None:
        return next((answer for words, answer in self.rules.items() if words in question), default)

    async def pointing(self, asked: Asked) -> None:
        """Move the mouse to it and click; what isn't there for her is not there: Esc."""
        assert self.context
        if asked.title == self.stop_at:
            raise self.plug
        self.asked.append(asked.title)
        again = self.asked[-2:] == [asked.title] * 2  # what she showed was not accepted
        if asked.title == "cerrar":
            page = self.context.pages[0]
            await page.get_by_role("button", name=re.compile("Cancelar|Cerrar")).filter(visible=True).last.click()
            return
        control = self._declared(asked.title) if self._known(asked.title) else None
        place = await self._place(control) if control and control.where != "dialog" and not again else None
        page = await self._armed(place)
        if place is None or control is None:
            self.escaped.append(asked.title)
            await page.keyboard.press("Escape")
            return
        box = await place.bounding_box()
        assert box, asked.title
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        if asked.title in BOXES:
            x, y = box["x"] + min(40, box["width"] / 2), box["y"] + 14
        await page.mouse.move(x, y)
        if self.photos and asked.title in self.photographed:
            await page.screenshot(path=self.photos / f"{asked.title.replace('.', '-')}.png")
        await page.mouse.click(x, y)

    async def _armed(self, place: Locator | None) -> Page:
        """Wait, as a person does who reads the panel first, until the browser listens."""
        page = place.page if place else self.context.pages[-1]
        ready = "() => Boolean(window.__serviweb_picker?.armed())"
        where = place.evaluate if place else page.evaluate
        for _ in range(400):
            if await where(f"(_node) => ({ready})()"):
                return page
            await asyncio.sleep(0.01)
        raise AssertionError("nobody listens")

    async def _place(self, control: Control) -> Locator | None:
        found = self._locator(control)
        for _ in range(60):
            if found and await found.count():
                with suppress(PlaywrightError):  # it is just being drawn anew
                    await found.first.scroll_into_view_if_needed(timeout=1000)
                    return found.first
            await asyncio.sleep(0.025)
            found = self._locator(control)
        return None

    def _locator(self, control: Control) -> Locator | None:
        assert self.context
        controls = self.knows.screens[control.screen]
        root: Page | FrameLocator | Locator | None
        if control.within:
            root = self._locator(controls[control.within])
        else:
            pages = self.context.pages
            root = pages[0] if not control.window else pages[-1] if len(pages) > 1 else None
            for frame in control.frame if root else ():
                root = root.frame_locator(frame)
        return find(root, control).filter(visible=True) if root else None

    def _known(self, title: str) -> bool:
        screen, _, key = title.partition(".")
        return key in self.knows.screens.get(screen, {})

    def _declared(self, title: str) -> Control:
        return self.knows.control(title)
