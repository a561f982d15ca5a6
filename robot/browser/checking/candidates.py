"""Candidates for a control that is missing or ambiguous: what it may be called now, and the map lines that find it.

They are shown to a person, ranked by role, name and place; nothing here is ever used by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from math import hypot
from typing import Any, Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import FrameLocator, Locator, Page

from robot.browser.checking.fingerprint import Fingerprint, Place, script
from robot.browser.maps import STRATEGIES, Control
from robot.browser.screen import find
from robot.text import fold

MOST: Final = 3
_TRIED: Final = 12
_LEAST: Final = 0.5
_ELEMENTS: Final = 1500
_ALL: Final = """([tag, most]) => {
    const css = CONTROLS + (TEXTS.split(",").includes(tag) ? "," + tag : "");
    return [...document.querySelectorAll(css)].filter(shown).slice(0, most).map((element) => describe(element, false));
}"""

_KINDS: Final = {
    "button": "botón",
    "link": "enlace",
    "menuitem": "opción",
    "textbox": "campo",
    "spinbutton": "campo de números",
    "searchbox": "campo",
    "combobox": "lista",
    "listbox": "lista",
    "checkbox": "casilla",
    "radio": "opción",
    "status": "texto",
    "alert": "aviso",
    "heading": "título",
    "dialog": "cuadro",
    "table": "tabla",
    "group": "grupo",
    "img": "imagen",
}

Root = Page | FrameLocator | Locator


@dataclass(frozen=True)
class Candidate:
    """An element that may be the control now: how alike it is (0 to 1), and the map lines that find it alone."""

    likeness: float
    lines: dict[str, str]
    fingerprint: Fingerprint

    @property
    def toml(self) -> str:
        """Return the lines as the map holds them."""
        return "\n".join(f"{key} = {_in_toml(value)}" for key, value in self.lines.items())

    @property
    def told(self) -> str:
        """Say in Spanish what it is."""
        print_ = self.fingerprint
        kind = _KINDS.get(print_.role, print_.role or print_.tag)
        return f"{kind} «{print_.name}»" if print_.name else kind


@dataclass(frozen=True)
class Sought:
    """A control that isn't found as the map says: its declaration, what it looked like, and what is taken already."""

    control: Control
    known: Fingerprint | None
    root: Root
    container: Root | None
    """The element that the map says it lies within, where that is there."""
    taken: Sequence[Place]


async def candidates(sought: Sought, root: Root, *, alike: bool) -> list[Candidate]:
    """Return at most three candidates of the page below *root*, the likeliest first.

    *alike*: the control is there several times, and only those are meant. Rows of lists have no candidates: a person
    teaches them again.
    """
    if sought.control.many:
        return []
    told_all = [told for told in await _elements(sought, root) if not alike or _is_like(sought, told)]
    found = sorted(((_likeness(sought, told), told) for told in told_all), key=lambda pair: -pair[0])
    offered: list[Candidate] = []
    for likeness, told in found[:_TRIED]:
        if likeness < _LEAST or len(offered) == MOST:
            break
        if lines := await _lines(sought, told):
            offered.append(Candidate(round(likeness, 2), lines, Fingerprint.of(told)))
    return offered


def as_it_is(control: Control, seen: Fingerprint) -> Candidate:
    """Return the control as the map finds it already: to accept it only takes its new look for good."""
    names = (*STRATEGIES, "name", "within")
    return Candidate(1.0, {name: value for name in names if (value := getattr(control, name))}, seen)


def _is_like(sought: Sought, told: Mapping[str, Any]) -> bool:
    name = (sought.known.name if sought.known else "") or sought.control.name or sought.control.label
    return not name or fold(name) == fold(str(told["name"]))


async def _elements(sought: Sought, root: Root) -> list[dict[str, Any]]:
    tag = sought.known.tag if sought.known else ""
    body = f"(_body, asked) => {{ {script()} return ({_ALL})(asked); }}"
    try:
        told = await root.locator("body").first.evaluate(body, [tag, _ELEMENTS], timeout=2000)
    except PlaywrightError:
        return []
    return [element for element in told if Place.of(element["place"]) not in sought.taken]


def _likeness(sought: Sought, told: Mapping[str, Any]) -> float:
    control, known = sought.control, sought.known
    role = known.role if known else control.role or ""
    name = (known.name if known else "") or control.name or control.label or control.text or control.placeholder or ""
    same_role = 1.0 if told["role"] == role else 0.5 if {told["role"], role} <= _ALIKE else 0.0
    same_name = SequenceMatcher(None, fold(name), fold(str(told["name"]))).ratio() if name and told["name"] else 0.0
    near = _nearness(known.place, Place.of(told["place"])) if known else 0.3
    return 0.3 * same_role + 0.4 * same_name + 0.3 * near


_ALIKE: Final = frozenset({"button", "link", "menuitem"})


def _nearness(before: Place, now: Place) -> float:
    return max(0.0, 1 - 5 * hypot(before.x - now.x, before.y - now.y))


async def _lines(sought: Sought, told: Mapping[str, Any]) -> dict[str, str]:
    """Return the first map lines that find exactly this element, or none."""
    place = Place.of(told["place"])
    for lines in _ways(sought, told):
        given: dict[str, Any] = {**dict.fromkeys((*STRATEGIES, "name", "within")), **lines}
        control = replace(sought.control, loose=False, **given)
        root = sought.container if "within" in lines else sought.root
        if root is None:
            continue
        try:
            located = find(root, control).filter(visible=True)
            if await located.count() == 1 and await _place(located) == place:
                return lines
        except PlaywrightError:
            continue
    return {}


async def _place(locator: Locator) -> Place:
    told = await locator.evaluate(f"(element) => {{ {script()} return placeOf(element); }}")
    return Place.of(told)


def _ways(sought: Sought, told: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield map lines that may find the element, the steadiest first, in its container and then anywhere."""
    for inside in ({"within": sought.control.within}, {}) if sought.control.within else ({},):
        within = {key: value for key, value in inside.items() if value}
        for way in _alone(sought, told):
            yield within | way


def _alone(sought: Sought, told: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    role, name, tag = str(told["role"]), str(told["name"]), str(told["tag"])
    if role and name and role not in ("cell", "row", "paragraph", "listitem"):
        yield {"role": role, "name": name}
    for key in ("label", "placeholder", "test_id"):
        if told[key]:
            yield {key: str(told[key])}
    for attribute, key in (("name", "field"), ("title", "title")):
        if told[key] and not any(char.isdigit() for char in told[key]):
            yield {"css": f'{tag}[{attribute}="{_quoted(told[key])}"]'}
    if told["id"] and sought.known and sought.known.id == told["id"]:  # the same as long ago: it is no generated one
        yield {"css": f'{tag}[id="{_quoted(told["id"])}"]'}
    if head := told["head"]:
        text = f':text-is("{_quoted(name)}")' if name and role in ("button", "link", "menuitem") else ""
        yield {"css": f'{head["box"]}:has(> {head["tag"]}:text-is("{_quoted(head["text"])}")) {tag}{text}'}


def _in_toml(text: str) -> str:
    return f"'{text}'" if '"' in text and "'" not in text else json.dumps(text, ensure_ascii=False)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
