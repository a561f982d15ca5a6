"""A map while a person teaches it: TOML written control by control, with comments, and never left half done.

The files are edited as lines, so that what people wrote beside the controls stays as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from robot.browser.maps import SITE_FILE
from robot.errors import SettingsError

Lines = dict[str, Any]
Note = Callable[..., None]
_TABLE = re.compile(r"^\[([A-Za-z0-9_-]+)\]\s*(?:#.*)?$")
_CHECKED = re.compile(r"^checked = .*")
_ORDER = (
    "window", "within", "frame", "role", "name", "label", "placeholder", "text", "test_id", "css", "in", "dialog",
    "many", "private", "loose", "menu", "opens", "widget", "options", "fades", "pattern", "posts", "writes", "appears",
)  # fmt: skip


@dataclass
class _Block:
    """One table of a file with the comments above it; the first block is what stands before any table."""

    key: str
    text: list[str]


@dataclass
class MapFile:
    """The map in a folder: what is taught already, and a place for what comes. Each answer is on disk at once."""

    folder: Path
    titles: Mapping[str, str]
    note: Note
    _tables: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, *, name: str, start: str, titles: Mapping[str, str], note: Note) -> MapFile:
        """Open the map of a folder, or begin it. *note* adds a line to its history. Raises `SettingsError`."""
        folder.mkdir(parents=True, exist_ok=True)
        opened = cls(folder, titles, note)
        for path in sorted(folder.glob("*.toml")):
            try:
                opened._tables[path.stem] = tomllib.loads(path.read_text(encoding="utf-8"))
            except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise SettingsError(f"{path.name}: no se puede leer: {error}") from error
        if Path(SITE_FILE).stem not in opened._tables:
            head = "# Lo que vale para todo este Serviweb. Lo escribió «serviweb selectores aprender»."
            site = [head, *_written({"nombre": name, "inicio": start, "checked": _today()})]
            opened._write(Path(SITE_FILE).stem, "\n".join(site) + "\n")
        return opened

    def has(self, screen: str, key: str) -> bool:
        """Say whether a control is taught."""
        return isinstance(self._tables.get(screen, {}).get(key), dict)

    def lines(self, screen: str, key: str) -> Lines:
        """Return the lines of a control; none if it isn't taught."""
        return dict(self._tables[screen][key]) if self.has(screen, key) else {}

    def keys(self, screen: str) -> list[str]:
        """Return the controls of a screen in the order of its file."""
        return [key for key, value in self._tables.get(screen, {}).items() if isinstance(value, dict)]

    def screens(self) -> list[str]:
        """Return the screens that have a file."""
        return [name for name in self._tables if f"{name}.toml" != SITE_FILE]

    def several(self, screen: str, key: str, name: str) -> list[str]:
        """Return what a control holds under a name that takes one text or several."""
        value = self.lines(screen, key).get(name, [])
        return [value] if isinstance(value, str) else list(value)

    def all(self, name: str, *, screen: str = "") -> list[str]:
        """Return what the controls, of one screen or of all, hold under such a name."""
        screens = [screen] if screen else self.screens()
        return [one for place in screens for key in self.keys(place) for one in self.several(place, key, name)]

    def put(self, screen: str, key: str, lines: Lines, comments: Sequence[str] = (), *, who: str, why: str) -> None:
        """Write one control with its comments, and who taught it; one that was there is replaced where it stands."""
        blocks = self._blocks(screen)
        blocks[0].text = [_CHECKED.sub(f"checked = {_value(_today())}", line) for line in blocks[0].text]
        text = [*(f"# {comment}" for comment in comments), f"[{key}]", *_written(lines)]
        old = next((block for block in blocks if block.key == key), None)
        if old:
            old.text = ["", *text]
        else:
            blocks.append(_Block(key, ["", *text]))
        before, digest = self.lines(screen, key), self.sha256()
        self._write(screen, _whole(blocks))
        self.note(
            quien=who,
            accion="aprender",
            control=f"{screen}.{key}",
            antes=before or None,
            despues=lines,
            motivo=why,
            mapa_antes=digest,
            mapa_despues=self.sha256(),
        )

    def add(self, screen: str, key: str, **lines: Any) -> None:
        """Add lines to a control that is there, found out by using it."""
        whole = self.lines(screen, key) | lines
        blocks = self._blocks(screen)
        block = next(block for block in blocks if block.key == key)
        head = next(i for i, line in enumerate(block.text) if _TABLE.match(line))
        block.text = [*block.text[: head + 1], *_written(whole)]
        self._write(screen, _whole(blocks))

    def advise(self, pattern: str) -> None:
        """Note a harmless native box that this site is known to show."""
        path = self.folder / SITE_FILE
        entry = ["", "[[avisos]]", *_written({"pattern": pattern, "dialog": "native"})]
        self._write(path.stem, path.read_text(encoding="utf-8") + "\n".join(entry) + "\n")

    def sha256(self) -> str:
        """Return the digest of the whole map, as the loader computes it."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.glob("*.toml")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def _blocks(self, screen: str) -> list[_Block]:
        path = self.folder / f"{screen}.toml"
        if not path.exists():
            title = _value(self.titles.get(screen, screen))
            return [_Block("", [f"screen = {title}", f"checked = {_value(_today())}"])]
        return _parted(path.read_text(encoding="utf-8").splitlines())

    def _write(self, screen: str, text: str) -> None:
        """Replace the file whole, on disk: somebody may end the program at any moment."""
        table = tomllib.loads(text)
        path = self.folder / f"{screen}.toml"
        half = path.with_suffix(".parte")
        with half.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        self._tables[screen] = table


def _parted(lines: Sequence[str]) -> list[_Block]:
    """Part a file into its tables; the comments right above a table are the table's."""
    blocks = [_Block("", [])]
    for line in lines:
        if found := _TABLE.match(line):
            above: list[str] = []
            while blocks[-1].text and blocks[-1].text[-1].startswith("#"):
                above.insert(0, blocks[-1].text.pop())
            while blocks[-1].text and not blocks[-1].text[-1].strip():
                blocks[-1].text.pop()
            blocks.append(_Block(found[1], ["", *above, line]))
        else:
            blocks[-1].text.append(line)
    return blocks


def _whole(blocks: Sequence[_Block]) -> str:
    return "\n".join(line for block in blocks for line in block.text).strip("\n") + "\n"


def _written(lines: Mapping[str, Any]) -> list[str]:
    names = sorted(lines, key=lambda name: _ORDER.index(name) if name in _ORDER else -1)
    return [f"{name} = {_value(lines[name])}" for name in names]


def _value(value: Any) -> str:
    """Write a value as a person would: a text that holds quotes or backslashes stands literally."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    text = str(value)
    if re.search(r'["\\]', text) and not re.search(r"['\x00-\x1f]", text):
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)


def _today() -> str:
    return today().isoformat()


def today() -> date:
    """Return the day on which something is taught, here."""
    return datetime.now(UTC).astimezone().date()
