"""Turn `selectors/<map>/*.toml` into Playwright locators.

A map is one folder: `mapa.toml` (what holds for the whole site) and one TOML per screen, one table per control, exactly
one strategy per control. The folder is loaded and checked whole; every fault is reported at once with file and key.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import FrameLocator, Locator, Page

from robot.errors import SettingsError
from robot.text import loose_pattern, plain

_GONE_SECONDS = 1
STRATEGIES = ("role", "label", "placeholder", "text", "test_id", "css")
SITE_FILE = "mapa.toml"


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control of one screen, as its map declares it."""

    screen: str
    key: str
    role: str | None = None
    name: str | None = None
    label: str | None = None
    placeholder: str | None = None
    text: str | None = None
    test_id: str | None = None
    css: str | None = None
    within: str | None = None
    frame: tuple[str, ...] = ()
    many: bool = False
    private: bool = False
    loose: bool = False
    opens: str = "popup"
    dialog: str = "page"
    widget: str = "select"
    menu: str = "click"
    pattern: re.Pattern[str] | None = None
    appears: str = "always"
    has_text: bool = True
    writes: tuple[str, ...] = ()
    gate: bool = True

    @property
    def title(self) -> str:
        """Return `screen.key`, as messages and traces name it."""
        return f"{self.screen}.{self.key}"


@dataclass(frozen=True, kw_only=True)
class Map:
    """One loaded map: its screens, and what holds for the whole site."""

    name: str
    folder: Path
    sha256: str
    start: str
    shared_session: bool
    titles: Mapping[str, str]
    screens: Mapping[str, Mapping[str, Control]]

    def controls(self) -> list[Control]:
        """Return every control of every screen."""
        return [c for controls in self.screens.values() for c in controls.values()]

    def control(self, title: str) -> Control:
        """Return the control that a locator's description names (`factura.guardar`)."""
        screen, _, key = title.partition(".")
        return self.screens[screen][key]


class Screen(Mapping[str, Locator]):
    """The controls of one screen by name, as strict, visible, described locators: `ui["guardar"].click()`."""

    def __init__(
        self,
        page: Page,
        name: str,
        controls: Mapping[str, Control],
        *,
        touched: Callable[[Locator], None] | None = None,
    ) -> None:
        self._page = page
        self._name = name
        self._controls = controls
        self._touched = touched

    def __getitem__(self, key: str) -> Locator:
        if key not in self._controls:
            raise SettingsError(f"Al mapa le falta el control [{key}] en {self._name}.toml")
        locator = self._locator(self._controls[key])
        if self._touched:
            self._touched(locator)
        return locator

    async def text(self, key: str) -> str:
        """Return the text that a control shows now, or nothing where it isn't on the screen."""
        shown = await texts(self._locator(self._controls[key]))
        return shown[0] if len(shown) == 1 else ""

    def _locator(self, control: Control) -> Locator:
        return find(self._root(control), control).filter(visible=True).describe(control.title)

    def __iter__(self) -> Iterator[str]:
        return iter(self._controls)

    def __len__(self) -> int:
        return len(self._controls)

    def _root(self, control: Control) -> Page | FrameLocator | Locator:
        if control.within:
            return self._locator(self._controls[control.within])
        root: Page | FrameLocator = self._page
        for frame in control.frame:
            root = root.frame_locator(frame)
        return root


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


async def count(locator: Locator) -> int:
    """Return how many matches show; a page that can't be asked, since it is going or gone, shows none."""
    try:
        return await locator.count()
    except PlaywrightError:
        return 0


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


_CHOICES = {
    "opens": ("popup", "download", "pdf", "print", "same"),
    "dialog": ("native", "page"),
    "widget": ("select", "typeahead"),
    "menu": ("click", "hover"),
    "appears": ("always", "after_save"),
}
_FLAGS = ("many", "private", "loose", "gate")
_STRINGS = ("role", "name", "label", "placeholder", "test_id", "css", "within")
_SCREEN_NOTES = {"screen", "checked"}
_SITE_NOTES = {"nombre": str, "inicio": str, "shared_session": bool, "checked": str}


@dataclass
class _Faults:
    file: str
    found: list[str] = field(default_factory=list)

    def add(self, key: str, text: str) -> None:
        self.found.append(f"{self.file} [{key}]: {text}")


def _as_list(value: object) -> tuple[str, ...] | None:
    values = [value] if isinstance(value, str) else value
    if isinstance(values, list) and values and all(isinstance(v, str) and v for v in values):
        return tuple(values)
    return None


def _field(name: str, value: object) -> tuple[str, Any] | str:
    """Return the checked field of a control as (attribute, value), or what is wrong with it."""
    if name in _CHOICES:
        return (name, value) if value in _CHOICES[name] else f"«{name}» debe ser uno de {', '.join(_CHOICES[name])}"
    if name in _FLAGS:
        return (name, value) if isinstance(value, bool) else f"«{name}» debe ser true o false"
    if name == "text" and value is False:
        return ("has_text", False)
    if name in _STRINGS or name == "text":
        return (name, value) if isinstance(value, str) and value else f"«{name}» debe ser un texto"
    if name in ("frame", "writes"):
        found = _as_list(value)
        return (name, found) if found else f"«{name}» debe ser un texto o una lista de textos"
    if name == "pattern":
        try:
            pattern = re.compile(str(value))
        except re.error as error:
            return f"«pattern» no es una expresión regular: {error}"
        return (name, pattern) if pattern.groups == 1 else "«pattern» debe tener un solo grupo: el número"
    return f"«{name}» no es una clave conocida"


def _control(screen: str, key: str, spec: object, faults: _Faults) -> Control | None:
    if not isinstance(spec, dict):
        faults.add(key, "debe ser una tabla")
        return None
    checked = [_field(name, value) for name, value in spec.items()]
    wrong = [text for text in checked if isinstance(text, str)]
    values = dict(pair for pair in checked if not isinstance(pair, str))
    used = [name for name in STRATEGIES if values.get(name) is not None]
    if len(used) != 1:
        wrong.append(f"necesita exactamente una de {', '.join(STRATEGIES)}; tiene {', '.join(used) or 'ninguna'}")
    if "name" in values and "role" not in values:
        wrong.append("«name» solo va con «role»")
    if "within" in values and "frame" in values:
        wrong.append("«within» ya está dentro del marco de su contenedor: quite «frame»")
    for text in wrong:
        faults.add(key, text)
    return None if wrong else Control(screen=screen, key=key, **values)


def _inside(controls: Mapping[str, Control], faults: _Faults) -> None:
    for key, control in controls.items():
        seen = {key}
        outer = control.within
        while outer:
            if outer not in controls:
                faults.add(key, f"within = «{outer}» no está en este mapa")
                break
            if outer in seen:
                faults.add(key, "«within» da una vuelta sobre sí mismo")
                break
            seen.add(outer)
            outer = controls[outer].within


def _read(path: Path) -> dict[str, Any] | str:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return f"{path.name}: no se puede leer: {error}"


def load(
    folder: Path,
    required: Mapping[str, frozenset[str]] | None = None,
    optional: Mapping[str, frozenset[str]] | None = None,
) -> Map:
    """Load and check one whole map. *required* names the controls that the flows use, per screen.

    *optional* does so for screens that the map may leave out.

    Raises `SettingsError` with every fault, one a line: file, control, what is wrong.
    """
    if not (folder / SITE_FILE).is_file():
        raise SettingsError(f"No hay un mapa de pantallas en {folder} (falta {SITE_FILE})")
    wanted = {**(required or {}), **(optional or {})}
    wrong: list[str] = []
    site: dict[str, Any] = {}
    titles: dict[str, str] = {}
    screens: dict[str, dict[str, Control]] = {}
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.toml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
        table = _read(path)
        if isinstance(table, str):
            wrong.append(table)
        elif path.name == SITE_FILE:
            site = table
            wrong += [
                f"{SITE_FILE}: «{key}» no es una clave conocida o no es del tipo debido"
                for key, value in table.items()
                if not isinstance(value, _SITE_NOTES.get(key, ()))
            ]
        else:
            faults = _Faults(path.name)
            name = path.stem
            titles[name] = str(table.get("screen", name))
            found = {k: _control(name, k, v, faults) for k, v in table.items() if k not in _SCREEN_NOTES}
            screens[name] = {k: c for k, c in found.items() if c}
            if not faults.found:
                _inside(screens[name], faults)
            wrong += faults.found
            wrong += [
                f"{path.name}: falta el control [{key}]" for key in sorted(wanted.get(name, frozenset()) - table.keys())
            ]
    wrong += [f"{name}.toml: falta la pantalla" for name in sorted((required or {}).keys() - screens.keys())]
    if wrong:
        raise SettingsError(f"El mapa de pantallas «{folder.name}» tiene errores:\n  " + "\n  ".join(wrong))
    return Map(
        name=str(site.get("nombre", folder.name)),
        folder=folder,
        sha256=digest.hexdigest(),
        start=str(site.get("inicio", "/")),
        shared_session=bool(site.get("shared_session", False)),
        titles=titles,
        screens=screens,
    )
