"""Turn the controls of a map into Playwright locators: exact, strict, visible, described."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import FrameLocator, Locator, Page

from robot.browser.maps import Control
from robot.errors import SettingsError, StepFailed
from robot.text import loose_pattern, plain

_GONE_SECONDS = 1


class Screen(Mapping[str, Locator]):
    """The controls of one screen by name, as strict, visible, described locators: `ui["guardar"].click()`."""

    def __init__(
        self,
        page: Page,
        name: str,
        controls: Mapping[str, Control],
        *,
        touched: Callable[[Locator], None] | None = None,
        windows: Mapping[str, Page] | None = None,
    ) -> None:
        self._page = page
        self._windows = {} if windows is None else windows  # filled while this screen is in use
        self._name = name
        self._controls = controls
        self._touched = touched

    def __getitem__(self, key: str) -> Locator:
        if key not in self._controls:
            raise SettingsError(f"Al mapa le falta el control [{key}] en {self._name}.toml")
        control = self._controls[key]
        locator = spoken(self._page, control) if control.where == "dialog" else self._locator(control)
        if self._touched:
            self._touched(locator)
        return locator

    async def text(self, key: str) -> str:
        """Return the text that a control shows now, or nothing where it isn't on the screen or not in the map."""
        control = self._controls.get(key)
        shown = await texts(self._locator(control)) if control else []
        return shown[0] if len(shown) == 1 else ""

    def declared(self, key: str) -> Control | None:
        """Return how the map declares a control, or nothing where it leaves it out."""
        return self._controls.get(key)

    def _locator(self, control: Control) -> Locator:
        return find(self._root(control), control).filter(visible=True).describe(control.title)

    def __iter__(self) -> Iterator[str]:
        return iter(self._controls)

    def __len__(self) -> int:
        return len(self._controls)

    def _root(self, control: Control) -> Page | FrameLocator | Locator:
        if control.within:
            return self._locator(self._controls[control.within])
        page = self._page
        if control.window:
            opener = f"{self._name}.{control.window}"
            if opener not in self._windows or self._windows[opener].is_closed():
                raise StepFailed(f"La ventana de «{opener}» no está abierta", control=control.title)
            page = self._windows[opener]
        return in_frames(page, control.frame)


def in_frames(page: Page, frames: Iterable[str]) -> Page | FrameLocator:
    """Return the innermost of these frames, or the page itself without any."""
    root: Page | FrameLocator = page
    for frame in frames:
        root = root.frame_locator(frame)
    return root


def veil(page: Page, busy: str | None) -> Locator | None:
    """Return the veil that a site spreads while it works, where its map names one (`ocupado`)."""
    return page.locator(busy).filter(visible=True).describe("mapa.ocupado") if busy else None


async def texts(locator: Locator) -> list[str]:
    """Return the text of each match, spaces collapsed; what goes away meanwhile is not there.

    Playwright's `all_inner_texts` runs in the page's own world, where its script must be injected after every
    navigation first (measured: 40 ms); these calls don't.
    """
    try:
        found = [locator.nth(i).inner_text(timeout=_GONE_SECONDS * 1000) for i in range(await locator.count())]
        return [plain(text) for text in await asyncio.gather(*found)]
    except PlaywrightError:
        return []


# Two frames, since a box gets the class that moves it one frame after it is there; endless spinners don't count.
_STILL = """async (box) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const moving = () => document.getAnimations().filter((animation) => {
        const target = animation.effect?.target;
        return target && (target.contains(box) || box.contains(target)) && animation.playState === "running"
            && Number.isFinite(animation.effect.getComputedTiming().endTime);
    });
    await frame();
    await frame();
    for (let left = moving(); left.length; left = moving()) {
        await Promise.allSettled(left.map((animation) => animation.finished));
        await frame();
    }
}"""


async def still(box: Locator) -> None:
    """Wait until a box no longer fades or moves in: many swallow the clicks that come before."""
    await box.evaluate(_STILL)


async def count(locator: Locator) -> int:
    """Return how many matches show; a page that can't be asked, since it is going or gone, shows none."""
    try:
        return await locator.count()
    except PlaywrightError:
        return 0


def spoken(page: Page, control: Control) -> Locator:
    """Return the name of a control that is a native dialog's text: nothing on the page ever matches it."""
    return page.locator("serviweb-dialogo-nativo").describe(control.title)


def find(root: Page | FrameLocator | Locator, control: Control) -> Locator:
    """Return the locator of one control below *root*: always exact, or without regard to case and accents if loose."""

    def text(value: str) -> str | re.Pattern[str]:
        return loose_pattern(value) if control.loose else value

    match control:
        case Control(role=str(role), name=None):
            return root.get_by_role(cast("Any", role))
        case Control(role=str(role), name=str(name)):
            return root.get_by_role(cast("Any", role), name=text(name), exact=True)
        case Control(label=str(value)):
            return root.get_by_label(text(value), exact=True)
        case Control(placeholder=str(value)):
            return root.get_by_placeholder(text(value), exact=True)
        case Control(text=str(value)):
            return root.get_by_text(text(value), exact=True)
        case Control(test_id=str(value)):
            return root.get_by_test_id(value)
        case _:
            return root.locator(cast("str", control.css))
