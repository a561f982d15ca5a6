"""The second sieve, and the law: rrweb events of one page, masked before a byte is written.

Keeps a small mirror of the page's tree (rrweb's own node numbers), because a document number may be cut over several
nodes and because what stands inside a private control is private whatever it is. Unknown kinds of event are dropped.
Raw text lives here in memory only.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from robot.browser import stylesheet
from robot.masking import CUT, DOT, Masker, dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Event = dict[str, Any]

DOCUMENT, ELEMENT, TEXT = 0, 2, 3
MUTATION, INPUT = 0, 5
_WINDOW = 96  # characters looked at on both sides of a changed text
_MANY = 40  # changed texts from which one look at the whole page is cheaper
_DROPPED = frozenset(
    (
        "srcdoc",
        "nonce",
        "integrity",
        "ping",
        "action",
        "formaction",
        "data",
        "codebase",
        "archive",
        "manifest",
        "cite",
        "longdesc",
        "profile",
        "usemap",
        "srcset",
        "imagesrcset",
        "content",
        "rr_src",
        "rr_dataurl",
        "rr_captured",
    )
)
_ADDRESSES = frozenset(("href", "xlink:href", "src", "background", "poster"))
_ALWAYS_HIDDEN = frozenset(("password", "hidden"))
_SECRET_LETTERS = 8
_STRUCTURE = frozenset(
    (
        "class",
        "id",
        "style",
        "type",
        "role",
        "name",
        "for",
        "rel",
        "colspan",
        "rowspan",
        "width",
        "height",
        "rows",
        "cols",
        "size",
        "maxlength",
        "disabled",
        "readonly",
        "checked",
        "selected",
        "multiple",
        "tabindex",
        "hidden",
    )
)
_GEOMETRY = frozenset(("d", "points", "viewbox", "transform", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r"))
_IMAGE_DATA = ("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp", "data:image/svg+xml")
_LONGEST_IMAGE = 64 * 1024
_SIMPLE = {  # incremental sources that hold numbers only, and the fields that are kept
    2: ("type", "id", "x", "y", "pointerType"),
    3: ("id", "x", "y"),
    4: ("width", "height"),
}


class Node:
    """One node of the mirrored page."""

    __slots__ = ("children", "id", "kind", "parent", "secret", "tag", "text")

    def __init__(self, number: int, kind: int, tag: str, text: str) -> None:
        self.id = number
        self.kind = kind
        self.tag = tag
        self.text = text
        self.secret = False
        self.parent: Node | None = None
        self.children: list[Node] = []

    def walk(self) -> Iterator[Node]:
        """Yield this node and everything under it, in the order of the page."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def up(self) -> Iterator[Node]:
        """Yield this node and everything above it."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def written(self) -> str:
        """Return the text under this node."""
        return " ".join(node.text for node in self.walk() if node.kind == TEXT)


class Sieve:
    """Mask the events of one page after another; `sheet` says what stands in the events for a style sheet."""

    def __init__(self, masker: Masker, sheet: Callable[[str], str] = str) -> None:
        self.masker = masker
        self._sheet = sheet
        self._sheets: dict[str, str] = {}
        self._nodes: dict[int, Node] = {}
        self._private: set[int] = set()
        self._rows: set[int] = set()
        self._sizes: dict[int, tuple[int, int]] = {}
        self._lost = True
        self.problems: list[str] = []

    def batch(self, payload: str) -> list[Event]:
        """Mask one batch as the page sent it; a broken event is left out and named in `problems`."""
        raw = json.loads(payload)
        if raw.get("x"):
            self.problems.append(f"la página interrumpió la grabación ({self.masker.text(str(raw['x']))[:60]})")
        events = raw.get("e", [])
        if any(event["type"] == 2 for event in events):
            self._private, self._rows, self._sizes = set(), set(), {}
        self._private.update(raw.get("p", ()))
        self._rows.update(raw.get("r", ()))
        self._sizes.update((number, (width, height)) for number, width, height in raw.get("i", ()))
        clean: list[Event] = []
        for event in events:
            try:
                masked = self._event(event)
            except Exception as error:  # noqa: BLE001 — the run goes on and the case says that its recording has a gap
                self.problems.append(f"un cambio de la página no se pudo grabar ({type(error).__name__})")
                self._lost = True
                continue
            if masked is not None:
                clean.append(masked)
        return clean

    def line(self, event: Event) -> str | None:
        """Return the event as a line, or None if a private value is still in it: nothing private is ever written."""
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        if self.masker.finds_value(line) and any(self.masker.finds_value(text) for text in _strings(event)):
            self.problems.append("un cambio de la página tenía un dato privado y no se guardó")
            return None
        return line

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def _event(self, event: Event) -> Event | None:
        kind, data = event["type"], event["data"]
        if kind == 2:
            clean: Event | None = {"node": self._snapshot(data["node"]), "initialOffset": data["initialOffset"]}
        elif kind == 4:
            clean = {"href": self._path(data["href"]), "width": data["width"], "height": data["height"]}
        elif kind in (0, 1):
            clean = {}
        elif kind == 3 and not self._lost:
            clean = self._change(data)
        else:
            clean = None
        return None if clean is None else {"type": kind, "data": clean, "timestamp": event["timestamp"]}

    def _change(self, data: Event) -> Event | None:
        source = data["source"]
        if source == MUTATION:
            return self._mutation(data)
        if source == INPUT:
            return {**_only(data, ("source", "isChecked", "id")), "text": self._typed(data["id"], data["text"])}
        if source in _SIMPLE:
            return _only(data, ("source", *_SIMPLE[source]))
        if source in (8, 13, 15):
            return self._rules(data)
        return None

    def _snapshot(self, root: Event) -> Event:
        self._nodes.clear()
        self._lost = False
        self._adopt(root, None)
        texts = self._masked_texts(self._nodes[root["id"]])
        self._clean(root, texts)
        return root

    def _mutation(self, data: Event) -> Event:
        for removed in data["removes"]:
            self._remove(removed["id"])
        late = list(data["adds"])
        while late:
            waiting = [add for add in late if not self._add(add, strict=True)]
            if len(waiting) == len(late):
                for add in late:
                    self._add(add, strict=False)
                break
            late = waiting
        for change in data["texts"]:
            if (node := self._nodes.get(change["id"])) is not None:
                node.text = change["value"] or ""
        changed = [change["id"] for change in data["texts"]]
        changed += [number for add in data["adds"] for number in _texts_of(add["node"])]
        texts = self._changed_texts(changed)
        for change in data["texts"]:
            change["value"] = texts.get(change["id"], "")
        for add in data["adds"]:
            self._clean(add["node"], texts)
        for change in data["attributes"]:
            change["attributes"] = self._attributes(change["id"], change["attributes"], growing=True)
        kept = ("source", "texts", "attributes", "removes", "adds", "isAttachIframe")
        return _only(data, kept)

    def _rules(self, data: Event) -> Event:
        """Mask style rules that scripts add, change or adopt."""
        clean = _only(data, ("source", "id", "styleId", "styleIds", "index", "removes", "remove"))
        for name in ("adds", "styles"):
            if name in data:
                clean[name] = [
                    {**item, **({"rule": self._css(item["rule"])} if "rule" in item else {}), **self._inner_rules(item)}
                    for item in data[name]
                ]
        for name in ("replace", "replaceSync"):
            if name in data:
                clean[name] = self._css(data[name])
        if "set" in data:
            clean["set"] = {**data["set"], "value": self._css(data["set"]["value"] or "")}
        return clean

    def _inner_rules(self, item: Event) -> Event:
        return (
            {"rules": [{**rule, "rule": self._css(rule["rule"])} for rule in item["rules"]]} if "rules" in item else {}
        )

    def _typed(self, number: int, text: str) -> str:
        node = self._nodes.get(number)
        if node is None or node.secret or self._is_private(node):
            return _hidden(node, text)
        return _dots(text) if self.masker.typing(text) else self.masker.text(text)

    # ── the mirror ──────────────────────────────────────────────────────────────────────────────

    def _adopt(self, item: Event, parent: Node | None, before: int | None = None) -> Node:
        node = Node(item["id"], item["type"], item.get("tagName", ""), item.get("textContent") or "")
        attributes = item.get("attributes") or {}
        node.secret = node.tag == "input" and str(attributes.get("type", "")).lower() in _ALWAYS_HIDDEN
        self._nodes[node.id] = node
        if parent is not None:
            node.parent = parent
            siblings = parent.children
            end = len(siblings)
            place = end if before is None else next((i for i, child in enumerate(siblings) if child.id == before), end)
            siblings.insert(place, node)
        for child in item.get("childNodes", ()):
            self._adopt(child, node)
        return node

    def _add(self, add: Event, *, strict: bool) -> bool:
        parent = self._nodes.get(add["parentId"])
        after = add.get("nextId")
        if strict and (parent is None or (after is not None and after not in self._nodes)):
            return False
        self._remove(add["node"]["id"])
        self._adopt(add["node"], parent, after)
        return True

    def _remove(self, number: int) -> None:
        node = self._nodes.get(number)
        if node is None:
            return
        if node.parent is not None:
            node.parent.children = [child for child in node.parent.children if child is not node]
        for gone in node.walk():
            self._nodes.pop(gone.id, None)

    def _is_private(self, node: Node) -> bool:
        """Tell whether the node is a private control or lies in one; a row of this very case is not."""
        for above in node.up():
            if above.id in self._private:
                return True
            if above.id in self._rows and not self._is_own_row(above):
                return True
        return False

    def _is_own_row(self, node: Node) -> bool:
        row = next((above for above in node.up() if above.tag in ("tr", "li")), node)
        tags = {below.tag for below in row.walk()}
        return ("th" in tags and "td" not in tags) or self.masker.own_code(row.written())

    # ── text ────────────────────────────────────────────────────────────────────────────────────

    def _masked_texts(self, root: Node) -> dict[int, str]:
        return self._cut([node for node in root.walk() if node.kind == TEXT and not _in_style(node)])

    def _changed_texts(self, changed: Iterable[int]) -> dict[int, str]:
        nodes = [node for number in changed if (node := self._nodes.get(number)) is not None]
        texts: dict[int, str] = {}
        plain = [node for node in nodes if not _in_style(node)]
        if len(plain) > _MANY:
            root = list(plain[0].up())[-1]
            texts = self._masked_texts(root)
        else:
            for node in plain:
                texts[node.id] = self._cut([*_beside(node, -1), node, *_beside(node, 1)], growing=True)[node.id]
        texts.update((node.id, self._css(node.text)) for node in nodes if _in_style(node))
        return texts

    def _cut(self, nodes: list[Node], *, growing: bool = False) -> dict[int, str]:
        """Mask the texts as one, so that a value cut over several nodes is found."""
        seen = [node for node in nodes if node.text.strip()]
        whole = CUT.join(node.text for node in seen)
        spans = self.masker.spans(whole, growing=growing)
        parts = dotted(whole, spans).split(CUT) if spans else [node.text for node in seen]
        texts = {node.id: node.text for node in nodes}
        texts.update(zip((node.id for node in seen), parts, strict=True))
        return {node.id: _dots(texts[node.id]) if self._is_private(node) else texts[node.id] for node in nodes}

    # ── elements ────────────────────────────────────────────────────────────────────────────────

    def _clean(self, item: Event, texts: dict[int, str]) -> None:
        """Mask one serialized node and everything under it, in place."""
        kind = item["type"]
        if kind == TEXT:
            node = self._nodes[item["id"]]
            item["textContent"] = self._css(node.text) if _in_style(node) else texts.get(node.id, "")
        elif kind == ELEMENT:
            item["attributes"] = self._attributes(item["id"], item["attributes"])
        elif kind not in (DOCUMENT, 1):
            item["textContent"] = ""
        children = item.get("childNodes", ())
        if children:
            item["childNodes"] = [
                child for child in children if child["type"] != 5 and child.get("tagName") != "script"
            ]
            for child in item["childNodes"]:
                self._clean(child, texts)

    def _attributes(self, number: int, attributes: Event, *, growing: bool = False) -> Event:
        node = self._nodes.get(number)
        if node is None:
            return {}
        private = self._is_private(node)
        if node.tag == "input" and str(attributes.get("type") or "").lower() in _ALWAYS_HIDDEN:
            node.secret = True  # and stays so: a password that is shown is still a password
        clean: Event = {}
        for name, value in attributes.items():
            kept = self._attribute(node, name, value, private=private, growing=growing)
            if kept is not None or value is None:
                clean[self.masker.text(name)] = kept
        return clean

    def _attribute(self, node: Node, name: str, value: Any, *, private: bool, growing: bool) -> Any:
        low = name.lower()
        if value is None or isinstance(value, bool | int | float):
            return value
        if low in _DROPPED or low.startswith("on") or (low == "href" and node.tag in ("base", "link")):
            return None
        if low in ("_csstext", "style"):
            return self._css(value) if isinstance(value, str) else {k: self._property(v) for k, v in value.items()}
        if not isinstance(value, str):
            return None
        if low in _ADDRESSES:
            return self._address(node, value, private=private)
        if low == "value" and (private or node.secret or (growing and self.masker.typing(value))):
            return _hidden(node, value)
        if private and low not in _STRUCTURE and not low.startswith("rr_"):
            return _dots(value)
        if low in _GEOMETRY:
            return value if not self.masker.finds_value(value) else _dots(value)
        if growing:
            return dotted(value, self.masker.spans(value, growing=True))
        return self.masker.named(name, value)

    def _property(self, value: Any) -> Any:
        """Mask one changed style property: a value, a value with its priority, or False for removed."""
        if isinstance(value, str):
            return self._css(value)
        return [self._css(value[0]), *value[1:]] if isinstance(value, list) else value

    def _address(self, node: Node, value: str, *, private: bool) -> str:
        """Keep pictures that are data; of a link keep the path; everything else becomes a placeholder."""
        if value.startswith("#"):
            return self.masker.text(value)
        if node.tag == "a":
            return "#" if private else f"#{self._path(value)}"
        if (
            value.startswith(_IMAGE_DATA)
            and len(value) < _LONGEST_IMAGE
            and not private
            and not self._is_telling(value)
        ):
            return value
        return placeholder(*self._sizes.get(node.id, (0, 0)))

    def _is_telling(self, data_url: str) -> bool:
        """Tell whether an image that is text (SVG) writes something private."""
        head, _, body = data_url.partition(",")
        if "svg" not in head:
            return False
        plain = base64.b64decode(body + "==") if head.endswith(";base64") else unquote_to_bytes(body)
        return self.masker.finds(plain.decode("utf-8", errors="replace"))

    def _path(self, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https", "file", ""):
            return ""
        return self.masker.text(parts.path.partition(";")[0])

    def _css(self, css: str) -> str:
        known = self._sheets.get(css)
        if known is None:
            known = self._sheets[css] = self._sheet(stylesheet.clean(css, self.masker))
        return known


def placeholder(width: int, height: int) -> str:
    """Return a grey picture of that size, as data."""
    size = f"width='{width}' height='{height}'" if width and height else "width='1' height='1'"
    grey = "<rect width='100%' height='100%' fill='%23dfe3e8'/>"
    return f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' {size}>{grey}</svg>"


def _dots(text: str) -> str:
    return "".join(char if char.isspace() else DOT for char in text)


def _hidden(node: Node | None, text: str) -> str:
    """Hide a value; of a password its length too."""
    return DOT * _SECRET_LETTERS if text and node is not None and node.secret else _dots(text)


def _only(data: Event, names: tuple[str, ...]) -> Event:
    return {name: data[name] for name in names if name in data}


def _texts_of(item: Event) -> Iterator[int]:
    if item["type"] == TEXT:
        yield item["id"]
    for child in item.get("childNodes", ()):
        yield from _texts_of(child)


def _in_style(node: Node) -> bool:
    return node.parent is not None and node.parent.tag == "style"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _beside(node: Node, way: int) -> list[Node]:
    """Return the texts next to a node in the order of the page, about `_WINDOW` characters of them."""
    found: list[Node] = []
    length = 0
    here = node
    while here.parent is not None and length < _WINDOW:
        siblings = here.parent.children
        at = siblings.index(here)
        others = siblings[at + 1 :] if way > 0 else siblings[:at][::-1]
        for other in others:
            texts = [n for n in other.walk() if n.kind == TEXT and n.text.strip() and not _in_style(n)]
            for text in texts if way > 0 else texts[::-1]:
                found.append(text)
                length += len(text.text)
                if length >= _WINDOW:
                    return found if way > 0 else found[::-1]
        here = here.parent
    return found if way > 0 else found[::-1]
