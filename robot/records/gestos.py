"""What was clicked, chosen and typed on a page in each documented step, read from the masked recording.

The journal says what a step read and saved; which controls were touched stands in the recording alone. Controls are
named as a person sees them: a button by its words, a field by its label.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from robot.recording import DIALOG, STEP, Recording
from robot.text import plain

Event = dict[str, Any]
_CLICK: Final = 2  # rrweb's MouseInteractions.Click
_MUTATION, _MOUSE, _INPUT = 0, 2, 5  # rrweb's IncrementalSource
_ACTS: Final = frozenset({"button", "a", "input", "label", "td", "li", "option", "summary", "th"})
_LONGEST: Final = 60
_LONGEST_NOTICE: Final = 160


@dataclass(frozen=True)
class Gesto:
    """One touch of a control: `clic`, `escribe`, `elige`, `marca`, or an `aviso` that was answered."""

    verbo: str
    control: str
    valor: str = ""


@dataclass
class _Node:
    tag: str
    text: str
    attributes: dict[str, Any]
    parent: int | None
    children: list[int] = field(default_factory=list)


class _Page:
    """The page's tree as the recording has it at one moment, by rrweb's node numbers."""

    def __init__(self) -> None:
        self._nodes: dict[int, _Node] = {}

    def show(self, root: Event) -> None:
        """Begin with a page's full snapshot."""
        self._nodes.clear()
        self._add(root, None)

    def change(self, data: Event) -> None:
        """Follow what a script of the page changed."""
        for add in data.get("adds", ()):
            self._add(add["node"], add["parentId"])
        for change in data.get("texts", ()):
            if node := self._nodes.get(change["id"]):
                node.text = change["value"] or ""
        for change in data.get("attributes", ()):
            if node := self._nodes.get(change["id"]):
                node.attributes |= change["attributes"]

    def _add(self, item: Event, parent: int | None) -> None:
        attributes = dict(item.get("attributes") or {})
        self._nodes[item["id"]] = _Node(item.get("tagName", ""), item.get("textContent") or "", attributes, parent)
        if parent in self._nodes and item["id"] not in self._nodes[parent].children:
            self._nodes[parent].children.append(item["id"])
        for child in item.get("childNodes", ()):
            self._add(child, item["id"])

    def is_a(self, number: int, *tags: str) -> bool:
        """Say whether a node is one of these elements."""
        return number in self._nodes and self._nodes[number].tag in tags

    def attribute(self, number: int, name: str) -> str:
        """Return an attribute's text."""
        return str(self._nodes[number].attributes.get(name) or "") if number in self._nodes else ""

    def _up(self, number: int) -> Iterator[int]:
        here: int | None = number
        while here is not None and here in self._nodes:
            yield here
            here = self._nodes[here].parent

    def _written(self, number: int) -> str:
        node = self._nodes.get(number)
        if node is None or node.tag in ("script", "style", "select"):
            return ""
        return plain(" ".join([node.text, *(self._written(child) for child in node.children)]))

    def _own_name(self, number: int) -> str:
        kind = self.attribute(number, "type")
        named = [self.attribute(number, name) for name in ("aria-label", "title", "alt")]
        if kind in ("submit", "button", "reset"):
            named.insert(1, self.attribute(number, "value"))
        return next((text for text in (named[0], self._written(number), *named[1:]) if text), "")

    def button(self, number: int) -> str:
        """Return the words of what was clicked: of the nearest thing that acts."""
        for node in self._up(number):
            acts = self.is_a(node, *_ACTS) or self.attribute(node, "role") or self.attribute(node, "onclick")
            if acts and (name := self._own_name(node)):
                return name[:_LONGEST]
        return self.field_name(number)

    def field_name(self, number: int) -> str:
        """Return a field's label, else what else names it."""
        if number not in self._nodes:
            return ""
        if said := self.attribute(number, "aria-label"):
            return said
        own = self.attribute(number, "id")
        if own:
            for other, node in self._nodes.items():
                if node.tag == "label" and node.attributes.get("for") == own and (text := self._written(other)):
                    return text[:_LONGEST]
        for node_above in self._up(number):
            if self.is_a(node_above, "label") and (text := self._written(node_above)):
                return text[:_LONGEST]
        return next(
            (text for name in ("placeholder", "title", "name", "id") if (text := self.attribute(number, name))), ""
        )

    def option(self, number: int, value: str) -> str:
        """Return the words of a list's option."""
        for option, node in self._nodes.items():
            if node.tag == "option" and number in self._up(option) and str(node.attributes.get("value")) == value:
                return self._written(option) or value
        return value


def gestos(recording: Recording) -> dict[tuple[str, int], list[Gesto]]:
    """Return the touches of every step, by its number and visit; those between steps are left out."""
    found: dict[tuple[str, int], list[Gesto]] = {}
    visits: dict[str, int] = {}
    step: tuple[str, int] | None = None
    page, typed = _Page(), -1
    for event in recording.events:
        kind, data = event["type"], event["data"]
        if kind == 2:
            page.show(data["node"])
        elif kind == 3 and data["source"] == _MUTATION:
            page.change(data)
        elif kind == 5 and data.get("tag") == STEP:
            number, typed = str(data["payload"]["number"]), -1
            if data["payload"]["moment"] == "inicio":
                visits[number] = visits.get(number, 0) + 1
                step = (number, visits[number])
            else:
                step = None
        elif step is not None and (touch := _touch(page, kind, data)):
            node = int(data.get("id", -1))
            here = found.setdefault(step, [])
            if kind == 3 and data["source"] == _INPUT and node == typed and here:
                here.pop()  # the same field, letter by letter
            typed = node if kind == 3 and data["source"] == _INPUT else -1
            here.append(touch)
    return found


def _touch(page: _Page, kind: int, data: Event) -> Gesto | None:
    if kind == 5 and data.get("tag") == DIALOG:
        return Gesto("aviso", plain(str(data["payload"].get("texto", "")))[:_LONGEST_NOTICE])
    if kind != 3:
        return None
    if data["source"] == _MOUSE and data["type"] == _CLICK:
        name = page.button(data["id"])
        return Gesto("clic", name) if name else None
    if data["source"] != _INPUT:
        return None
    if page.attribute(data["id"], "type") == "hidden":
        return None  # a script of the page wrote it
    name, text = page.field_name(data["id"]), str(data.get("text") or "")
    if page.is_a(data["id"], "select"):
        return Gesto("elige", name, page.option(data["id"], text))
    if page.is_a(data["id"], "input") and page.attribute(data["id"], "type") in ("checkbox", "radio"):
        return Gesto("marca", name, "sí" if data.get("isChecked") else "no")
    return Gesto("escribe", name, text) if name else None
