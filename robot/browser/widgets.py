"""Lists to choose from, in the forms that Serviwebs give them: select, type-ahead, scrolled ones (D10)."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from playwright.async_api import Locator

from robot.browser.screen import count, texts
from robot.errors import SelectorDrift, StepFailed
from robot.text import fold, plain

_LOOK_SECONDS = 0.015


@dataclass(frozen=True)
class SelectList:
    """A `<select>`."""

    control: Locator
    loose: bool = False

    async def choose(self, wanted: str, timeout_seconds: float) -> str:
        """Choose the one option with that text and return what the list shows then."""
        deadline = time.monotonic() + timeout_seconds
        offered = await self._options()
        while len(offered) < 2:  # some lists are filled late
            if time.monotonic() > deadline:
                raise AssertionError(f"expected to be there: {self.control.description}")
            await asyncio.sleep(_LOOK_SECONDS)
            offered = await self._options() if await count(self.control.locator("option")) > 1 else offered
        option = the_one(self.control, offered, wanted, loose=self.loose)
        await self.control.select_option(label=option)
        return proved(self.control, await shown_option(self.control), wanted, loose=self.loose)

    async def _options(self) -> list[str]:
        return [plain(line) for line in (await self.control.inner_text()).splitlines()]


@dataclass(frozen=True)
class TypeAhead:
    """A field to type into, with the options that then show."""

    control: Locator
    options: Locator
    loose: bool = False

    async def choose(self, wanted: str, timeout_seconds: float) -> str:
        """Type, click the one option with that text, and return what the field shows then."""
        deadline = time.monotonic() + timeout_seconds
        await self.control.fill(self._typed(wanted))
        same = fold if self.loose else plain
        offered = await texts(self.options)
        while not any(same(text) == same(wanted) for text in offered):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(_LOOK_SECONDS)
            offered = await texts(self.options)
        option = the_one(self.control, offered, wanted, loose=self.loose)
        whole = re.compile(r"^\s*" + r"\s+".join(map(re.escape, option.split())) + r"\s*$")
        await self.options.filter(has_text=whole).click()
        shown = await shown_value(self.control)
        while same(shown) != same(wanted) and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_SECONDS)
            shown = await shown_value(self.control)
        return proved(self.control, shown, wanted, loose=self.loose)

    def _typed(self, wanted: str) -> str:
        """Return what to type: where accents don't count the list may be without them, so only up to the first one."""
        return "".join(takewhile(str.isascii, wanted)) if self.loose else wanted


def the_one(control: Locator, offered: list[str], wanted: str, *, loose: bool) -> str:
    """Return the only option that is the wanted one, as the list writes it. Raises `SelectorDrift`."""
    same = fold if loose else plain
    found = [text for text in offered if same(text) == same(wanted)]
    if len(found) != 1:
        name = control.description or ""
        how = "no tiene la opción" if not found else "tiene varias veces la opción"
        raise SelectorDrift(f"La lista «{name}» {how} «{wanted}»", control=name)
    return found[0]


def proved(control: Locator, shown: str, wanted: str, *, loose: bool) -> str:
    """Return what the control shows if it is what was wanted. Raises `StepFailed`."""
    same = fold if loose else plain
    if same(shown) != same(wanted):
        raise StepFailed(f"La lista «{control.description}» quedó en «{shown}»", control=control.description or "")
    return shown


async def shown_option(control: Locator) -> str:
    """Return the text of the option that a `<select>` shows."""
    return plain(await control.locator("option:checked").inner_text())


async def shown_value(control: Locator) -> str:
    """Return what a field of a type-ahead shows: its value, or its text where it is no field."""
    return plain(await control.evaluate("(field) => field.value ?? field.innerText"))


# Two frames after it was scrolled a virtual list has drawn its rows.
_SCROLL = """async (table, first) => {
    const scrolls = (node) => node.scrollHeight > node.clientHeight + 1
        && /auto|scroll/.test(getComputedStyle(node).overflowY);
    let box = [table, ...table.querySelectorAll("*")].find(scrolls);
    for (let node = table; !box && node; node = node.parentElement) if (scrolls(node)) box = node;
    if (!box) return first;
    const before = box.scrollTop;
    box.scrollTop = first ? 0 : before + box.clientHeight / 2;
    for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done));
    return first || box.scrollTop > before;
}"""


async def scroll_on(table: Locator, *, first: bool = False) -> bool:
    """Scroll a virtual list to its top, or half a window on; say whether there was anything to see there."""
    return bool(await table.evaluate(_SCROLL, first))


async def scrolled_rows(table: Locator, columns: Sequence[Locator]) -> list[tuple[str, ...]]:
    """Return the rows of a virtual list, scrolled through from its top, each once."""
    found: dict[tuple[str, ...], None] = {}
    moved = await scroll_on(table, first=True)
    while moved:
        found |= dict.fromkeys(await rows(columns))
        moved = await scroll_on(table)
    return list(found)


async def rows(columns: Sequence[Locator]) -> list[tuple[str, ...]]:
    """Return the texts of these columns row by row. Raises `StepFailed` when the columns differ in length."""
    read = await asyncio.gather(*(texts(column) for column in columns))
    if len({len(column) for column in read}) != 1:
        raise StepFailed("Las columnas de la lista no tienen el mismo número de filas")
    return list(zip(*read, strict=True))
