"""From an element that a person pointed at to the lines of a map that find it again, checked with the robot's own eyes.

Strategies in order: role and name, label, placeholder, test id, a text that doesn't change, an attribute that is the
same at the next visit, the cell beside its caption, and last an id, if that is the same at the next visit. Offered is
only what finds exactly that element, visible, as the robot will look for it (`screen.find`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, FrameLocator, Locator, Page

from robot.browser.maps import Control
from robot.browser.screen import count, find, texts
from robot.browser.teaching.picker import Pointed
from robot.browser.teaching.visits import Visits, script

Kind = Literal["usar", "campo", "leer", "fijo", "caja", "tabla", "columna"]
Lines = dict[str, Any]

_DESCRIBE = script("propose.js")
_SAME = "(one, other) => one === other"
_HOLDS = "(box, node) => box !== node && box.contains(node)"
_FINDERS = ("role", "name", "label", "placeholder", "text", "test_id", "css", "loose")
_NAMED = {
    "button": "el botón", "link": "el enlace", "menuitem": "la opción de menú", "textbox": "el campo",
    "searchbox": "el campo", "spinbutton": "el campo", "combobox": "la lista", "listbox": "la lista",
    "checkbox": "la casilla", "radio": "la opción", "heading": "el título", "status": "el dato", "alert": "el aviso",
    "dialog": "el cuadro", "alertdialog": "el cuadro", "tab": "la pestaña", "option": "la opción", "img": "la imagen",
    "group": "el grupo", "region": "la sección", "form": "el formulario", "table": "la tabla", "grid": "la tabla",
    "tooltip": "el dato", "log": "el aviso", "navigation": "el menú", "banner": "el encabezado",
}  # fmt: skip
_NAMED_BY_CONTENT = frozenset({"button", "link", "menuitem", "heading", "tab", "option", "checkbox", "radio"})
_ALONE = frozenset({"alert", "status", "dialog", "alertdialog"})
_AROUND = frozenset({"group", "region", "form", "dialog", "alertdialog", "table"})


@dataclass(frozen=True)
class Proposal:
    """What would stand in the map, how many elements it finds now, and what a person is told of it."""

    lines: Lines
    matches: int
    says: str
    helpers: Mapping[str, Lines] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    text: str = ""
    tag: str = ""
    options: tuple[str, ...] = ()
    rows: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why an element can't be written down, in a sentence for the person."""

    reason: str


@dataclass(frozen=True)
class _Way:
    """One way to find an element: lines of the map, in words."""

    lines: Lines
    says: str


@dataclass(frozen=True)
class _Root:
    root: Page | FrameLocator | Locator
    lines: Lines
    helpers: Mapping[str, Lines] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a pointed-at element stands: the window that a control opened, the frames, and containers taught before."""

    window: str | None = None
    frame: tuple[str, ...] = ()

    @property
    def lines(self) -> Lines:
        """Return what the map says of it."""
        found: Lines = {}
        if self.window:
            found["window"] = self.window
        if self.frame:
            found["frame"] = list(self.frame) if len(self.frame) > 1 else self.frame[0]
        return found

    def root(self, page: Page) -> Page | FrameLocator:
        """Return where the robot looks, from the page or the window."""
        root: Page | FrameLocator = page
        for one in self.frame:
            root = root.frame_locator(one)
        return root


class Proposer:
    """Propose lines for pointed-at elements."""

    def __init__(self, visits: Visits) -> None:
        self._visits = visits

    async def propose(
        self,
        pointed: Pointed,
        kind: Kind,
        *,
        window: str | None = None,
        containers: Mapping[str, Locator] | None = None,
        column: str = "",
    ) -> Proposal | Refusal:
        """Return the first way that finds exactly the element, or why there is none.

        *containers* are the boxes taught before on this screen, by key; *column* names the table of a list's column.
        """
        frame = pointed.frame
        about = await pointed.element.evaluate(_DESCRIBE, kind)
        if about is None:
            what = "una tabla" if kind == "tabla" else "un campo donde se escribe ni una lista"
            return Refusal(f"Eso no es {what}: señale otra vez.")
        await self._visits.look(frame)
        chain = await self.chain(frame)
        if isinstance(chain, Refusal):
            return chain
        place = Place(window=window, frame=chain)
        here = _Here(frame=frame, place=place, node=frame.locator(about["path"]), about=about, kind=kind)
        if kind == "tabla":
            return await self._list(here, pointed.page, containers or {})
        if kind == "columna":
            return await self._column(here, pointed.page, containers or {}, column)
        tried: list[tuple[int, str]] = []
        roots = [root async for root in self._roots(here, pointed.page, containers or {})]
        for way in await self._ways(here):
            for root in roots:
                found = await self._finds(root, way.lines)
                if found == 1 and await self._same(root, way.lines, here.node):
                    return Proposal(
                        lines={**root.lines, **way.lines},
                        matches=1,
                        says=way.says,
                        helpers=root.helpers,
                        text=about["text"],
                        tag=about["tag"],
                        options=tuple(about["options"]),
                    )
                tried.append((found, way.says))
        return Refusal(_none(about, tried))

    async def options(self, pointed: Pointed) -> Lines | Refusal:
        """Return the lines that find all options that a type-ahead shows, from one of them."""
        about = await pointed.element.evaluate(_DESCRIBE, "usar")
        chain = await self.chain(pointed.frame)
        if isinstance(chain, Refusal):
            return chain
        place = Place(frame=chain)
        node = pointed.frame.locator(about["path"])
        role, _ = await spoken(node)
        ways: list[Lines] = [{"role": role}] if role in ("option", "menuitem", "listitem") else []
        ways += [{"css": one["css"]} for one in about["attributes"] if one["token"].startswith("class=")]
        for lines in ways:
            if await _among(_visible(place.root(pointed.page), lines), node):
                return {**place.lines, **lines, "many": True}
        return Refusal("Eso no se distingue como opción de una lista. Señale otra vez.")

    async def chain(self, frame: Frame) -> tuple[str, ...] | Refusal:
        """Return the stable selectors of the frames around, outer to inner."""
        found: list[str] = []
        while parent := frame.parent_frame:
            await self._visits.look(parent)
            css = await self._frame_css(frame, parent)
            if css is None:
                return Refusal("Eso está dentro de un marco que no tiene nombre ni título fijos.")
            found.insert(0, css)
            frame = parent
        return tuple(found)

    async def _frame_css(self, frame: Frame, parent: Frame) -> str | None:
        element = await frame.frame_element()
        read = "(e) => [e.localName, e.getAttribute('name'), e.getAttribute('title'), e.getAttribute('src'), e.id]"
        tag, name, title, src, ident = await element.evaluate(read)
        ways: list[tuple[str, bool]] = []
        for attribute, value in (("name", name), ("title", title), ("id", ident)):
            if value:
                known = self._visits.stable(parent, f"{attribute}={value}") or not re.search(r"\d", value)
                ways.append((f"{tag}[{attribute}={json.dumps(value, ensure_ascii=False)}]", known))
        if src and not src.startswith(("javascript:", "about:", "blob:")):
            ways.append((f"{tag}[src*={json.dumps(urlsplit(src).path)}]", bool(urlsplit(src).path.strip("/"))))
        ways.append((str(tag), True))
        for css, good in ways:
            if good and await parent.locator(css).count() == 1:
                return css
        return None

    async def _roots(self, here: _Here, page: Page, containers: Mapping[str, Locator]) -> AsyncIterator[_Root]:
        root = here.place.root(page)
        node = await here.node.element_handle()
        for key, locator in reversed(list(containers.items())):
            if await _holds(locator, node):
                yield _Root(locator, {"within": key})
        yield _Root(root, here.place.lines)
        for path in here.about["outer"]:
            role, name = await spoken(here.frame.locator(path))
            if role in _AROUND and name and not re.search(r"\d{3}", name):
                lines = {**here.place.lines, "role": role, "name": name}
                if await self._finds(_Root(root, {}), lines) == 1:
                    key = slug(name)
                    yield _Root(_visible(root, lines), {"within": key}, {key: lines})

    async def _ways(self, here: _Here) -> list[_Way]:
        about, fixed = here.about, here.kind in ("fijo", "usar", "caja")
        role, name = await spoken(here.node)
        ways: list[_Way] = []
        if role in _NAMED and name and not self._changes(here, role, name):
            ways.append(_Way({"role": role, "name": name}, f"{_NAMED[role]} «{name}»"))
        ways += [_Way({"label": text}, f"el campo «{text}»") for text in about["labels"]]
        if role in _ALONE and not name:
            ways.append(_Way({"role": role}, f"{_NAMED[role]} de la pantalla"))
        if about["placeholder"]:
            ways.append(_Way({"placeholder": about["placeholder"]}, f"el campo que dice «{about['placeholder']}»"))
        if about["testId"]:
            ways.append(_Way({"test_id": about["testId"]}, f"el elemento marcado «{about['testId']}»"))
        text = about["text"]
        if fixed and text and len(text) < 80 and not re.search(r"\d{3}", text):
            ways.append(_Way({"text": text}, f"el texto «{text}»"))
        ways += [_Way({"css": css}, says) for css, says in self._css(here)]
        return ways

    def _css(self, here: _Here) -> Iterator[tuple[str, str]]:
        about = here.about
        known = [one for one in about["attributes"] if self._trusted(here, one)]
        captions = [(one["css"], f"lo que está {one['rule']} «{one['text']}»") for one in about["captions"]]
        # A caption is what a person sees; a class or a name only the programmer.
        certain = [one["css"] for one in known if not one["token"]]
        yield from ((css, f"el elemento {css}") for css in certain)
        yield from captions
        for section in about["sections"]:
            yield from ((f"{section} {css}", says) for css, says in captions)
        yield from ((one["css"], f"el elemento {one['css']}") for one in known if one["token"])
        if about["id"] and self._visits.stable(here.frame, f"id={about['id']}"):
            yield f"[id={json.dumps(about['id'])}]", f"el elemento con el id «{about['id']}», igual en dos visitas"

    def _trusted(self, here: _Here, one: Mapping[str, Any]) -> bool:
        return not one["token"] or bool(one.get("named")) or self._visits.stable(here.frame, one["token"])

    @staticmethod
    def _changes(here: _Here, role: str, name: str) -> bool:
        """Say whether an accessible name is made of what the element shows today."""
        text = here.about["text"]
        if here.kind == "leer" and text:
            return text in name or (role in _NAMED_BY_CONTENT and name in text)
        return bool(re.search(r"\d{4}", name))

    async def _column(self, here: _Here, page: Page, containers: Mapping[str, Locator], key: str) -> Proposal | Refusal:
        about = here.about["column"]
        if about is None:
            return Refusal("Eso no está en una tabla: señale una celda de la lista.")
        helpers: dict[str, Lines] = {}
        table = here.frame.locator(about["path"])
        if key in containers and await _holds(
            containers[key], await table.locator("tr, [role=row]").first.element_handle()
        ):
            holder = containers[key]
        else:
            found = await self._table(here, page, containers, table, about)
            if isinstance(found, Refusal):
                return found
            holder, helpers[key] = found
        lines = {"within": key, "css": about["cells"], "many": True}
        cells = _visible(holder, lines)
        if not await _among(cells, here.node):
            return Refusal("No se pudo separar esa columna de la lista.")
        shown = tuple(await texts(cells))
        says = f"la columna {about['number']}" + (f" («{about['heading']}»)" if about["heading"] else "")
        return Proposal(lines, len(shown), says, helpers, shown, text=here.about["text"], rows=about["rows"])

    async def _list(self, here: _Here, page: Page, containers: Mapping[str, Locator]) -> Proposal | Refusal:
        about = here.about["column"]
        if about is None:
            return Refusal("Esa tabla no tiene filas con columnas.")
        found = await self._table(here, page, containers, here.node, about)
        if isinstance(found, Refusal):
            return found
        named = found[1].get("name")
        return Proposal(found[1], 1, f"la tabla «{named}»" if named else f"la tabla que tiene «{about['heading']}»")

    async def _table(
        self, here: _Here, page: Page, containers: Mapping[str, Locator], table: Locator, about: Mapping[str, Any]
    ) -> tuple[Locator, Lines] | Refusal:
        """Return the one way to find the table of a column, preferring the one that its columns already have."""
        role, name = await spoken(table)
        ways: list[Lines] = [{"role": role, "name": name}] if role in ("table", "grid") and name else []
        ways += [{"css": css} for css in about["tables"]]
        node = await table.element_handle()
        roots = [_Root(here.place.root(page), here.place.lines)]
        for key, locator in reversed(list(containers.items())):
            if await _holds(locator, node):
                roots.insert(0, _Root(locator, {"within": key}))
        for lines in ways:
            for root in roots:
                if await self._finds(root, lines) == 1 and await self._same(root, lines, table):
                    return _visible(root.root, lines), {**root.lines, **lines}
        return Refusal("La tabla no tiene nombre ni encabezados con los que encontrarla siempre.")

    @staticmethod
    async def _finds(root: _Root, lines: Lines) -> int:
        return await count(_visible(root.root, lines))

    @staticmethod
    async def _same(root: _Root, lines: Lines, node: Locator) -> bool:
        try:
            one = await _visible(root.root, lines).element_handle(timeout=1000)
            return bool(await (await node.element_handle(timeout=1000)).evaluate(_SAME, one))
        except PlaywrightError:
            return False


@dataclass(frozen=True)
class _Here:
    frame: Frame
    place: Place
    node: Locator
    about: dict[str, Any]
    kind: Kind


def _visible(root: Page | FrameLocator | Locator, lines: Lines) -> Locator:
    """Find as the robot does: `Screen` looks with the same `find`, at visible elements only."""
    return find(root, finder("", "", lines)).filter(visible=True)


def finder(screen: str, key: str, lines: Mapping[str, Any]) -> Control:
    """Return a control that can be looked for, from the lines of a map."""
    return Control(screen=screen, key=key, **{name: lines[name] for name in _FINDERS if name in lines})


async def _holds(box: Locator, node: Any) -> bool:
    try:
        return await box.count() == 1 and bool(await box.evaluate(_HOLDS, node, timeout=1000))
    except PlaywrightError:
        return False  # in another frame, or gone


async def _among(cells: Locator, node: Locator) -> bool:
    handle = await node.element_handle()
    return any([await handle.evaluate(_SAME, one) for one in await cells.element_handles()])


async def spoken(locator: Locator) -> tuple[str, str]:
    """Return the role and the accessible name of an element, as Playwright reads them; nothing for what has none."""
    try:
        line = (await locator.aria_snapshot(timeout=1000)).partition("\n")[0].removeprefix("- ")
    except PlaywrightError:
        return "", ""
    if line.startswith("'"):
        line = line[1:].replace("''", "'")
    found = re.match(r'([a-z]+)(?: ("(?:[^"\\]|\\.)*"))?(?=$|[\s:\[\'])', line)
    if not found:
        return "", ""
    return found[1], json.loads(found[2]) if found[2] else ""


def slug(text: str) -> str:
    """Return a key for a map: TOML's bare keys take no accents."""
    letters = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:40] or "grupo"


def _none(about: Mapping[str, Any], tried: Sequence[tuple[int, str]]) -> str:
    many = [(found, says) for found, says in tried if found > 1]
    if many:
        found, says = min(many)
        return f"No hay una forma segura de encontrarlo: «{says}» coincide con {found} elementos."
    what = f"«{about['text'][:40]}»" if about["text"] else f"ese elemento ({about['tag']})"
    return f"No hay una forma segura de encontrar {what}: no tiene nombre, ni texto fijo, ni un rótulo al lado."
