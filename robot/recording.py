"""The recording on disk: masked rrweb events in `grabacion/eventos.jsonl.gz`, long style sheets once each by hash.

Knows the form, not the content: the browser wing writes it and the records wing reads it, so it lies under both.
Every flush ends in a deflate sync point; a killed process leaves everything up to its last flush readable.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER = "grabacion"
EVENTS = "eventos.jsonl.gz"
SHEETS = "estilos"
REFERENCE = "hoja-sha256:"
STEP = "paso"
INCOMPLETE = "incompleta"
DIALOG = "dialogo"

_LONG_SHEET = 1_500  # characters; shorter ones cost less inside the events than as a file
_GZIP = 31  # zlib's window bits for a gzip member
_REFERENCED = re.compile(re.escape(REFERENCE) + r"([0-9a-f]{64})")


class Writer:
    """Append masked events to a case's recording; the second stage of a case continues the same file."""

    def __init__(self, case_folder: Path) -> None:
        self._folder = case_folder / FOLDER
        (self._folder / SHEETS).mkdir(parents=True, exist_ok=True)
        self._path = self._folder / EVENTS
        _mend(self._path)
        self._file = self._path.open("ab")
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        self._kept: dict[str, str] = {}

    def append(self, events: Iterable[str]) -> None:
        """Write these lines and let them reach the system, readable from now on."""
        data = b"".join(self._deflate.compress(event.encode("utf-8") + b"\n") for event in events)
        self._file.write(data + self._deflate.flush(zlib.Z_SYNC_FLUSH))
        self._file.flush()

    def sheet(self, css: str) -> str:
        """Return what stands for a style sheet in the events: itself if short, else the reference to its file."""
        if len(css) < _LONG_SHEET:
            return css
        known = self._kept.get(css)
        if known is None:
            digest = hashlib.sha256(css.encode("utf-8")).hexdigest()
            path = self._folder / SHEETS / f"{digest}.css"
            if not path.exists():
                half = path.with_suffix(".parte")
                half.write_bytes(css.encode("utf-8"))
                half.replace(path)
            known = self._kept[css] = REFERENCE + digest
        return known

    def close(self) -> None:
        """End the file so that any gunzip reads it whole, and let it reach the disk."""
        if self._file.closed:
            return
        self._file.write(self._deflate.flush(zlib.Z_FINISH))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


@dataclass(frozen=True)
class Chapter:
    """One documented step as it was recorded; `visit` counts how often the same number ran in this case."""

    number: str
    title: str
    visit: int
    started: int
    finished: int | None = None

    @property
    def file(self) -> str:
        """Return the name of the picture of this step's end."""
        return picture_name(self.number, self.visit)


@dataclass
class Recording:
    """A case's recording, read: the events in order of time, and why it is not complete, if it isn't."""

    events: list[dict[str, Any]] = field(default_factory=list)
    sheets: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)

    @property
    def shows_something(self) -> bool:
        """Tell whether a page can be replayed: at least one full snapshot."""
        return any(event["type"] == 2 for event in self.events)

    def whole(self) -> list[dict[str, Any]]:
        """Return the events with every style sheet in its place, as rrweb's replayer needs them."""
        text = json.dumps(self.events, ensure_ascii=False)
        filled = _REFERENCED.sub(lambda m: json.dumps(self.sheets.get(m[1], ""), ensure_ascii=False)[1:-1], text)
        return json.loads(filled)  # type: ignore[no-any-return]  # dumped two lines above

    def chapters(self) -> list[Chapter]:
        """Return the steps in the order in which they began."""
        found: list[Chapter] = []
        visits: dict[str, int] = {}
        for event in self.events:
            payload = event["data"].get("payload") if event["type"] == 5 and event["data"].get("tag") == STEP else None
            if payload is None:
                continue
            number, at = payload["number"], event["timestamp"]
            if payload["moment"] == "inicio":
                visits[number] = visits.get(number, 0) + 1
                found.append(Chapter(number, payload.get("title", ""), visits[number], at))
            else:
                for index in range(len(found) - 1, -1, -1):
                    old = found[index]
                    if old.number == number and old.finished is None:
                        found[index] = Chapter(number, old.title, old.visit, old.started, at)
                        break
        return found


def read(case_folder: Path) -> Recording:
    """Read a case's recording, also one whose process was killed; an empty one if there is none."""
    recording = Recording()
    folder = case_folder / FOLDER
    path = folder / EVENTS
    if not path.exists():
        return recording
    data, finished = _inflate(path.read_bytes())
    for line in data.decode("utf-8", errors="replace").splitlines():
        try:
            recording.events.append(json.loads(line))
        except ValueError:
            finished = False
    recording.events.sort(key=lambda event: event["timestamp"])
    for file in sorted((folder / SHEETS).glob("*.css")):
        recording.sheets[file.stem] = file.read_bytes().decode("utf-8")
    if not finished:
        recording.gaps.append("el proceso se interrumpió mientras grababa")
    for event in recording.events:
        if event["type"] == 5 and event["data"].get("tag") == INCOMPLETE:
            reason = event["data"]["payload"]["motivo"]
            if reason not in recording.gaps:
                recording.gaps.append(reason)
    return recording


def picture_name(number: str, visit: int = 1) -> str:
    """Return the file name of a step's picture: `paso-06.png`, `paso-22-bis.png`, `paso-03-vez-2.png`."""
    digits, _, rest = number.partition(" ")
    again = f"-vez-{visit}" if visit > 1 else ""
    return f"paso-{digits.zfill(2)}{'-' + rest if rest else ''}{again}.png"


def _inflate(data: bytes) -> tuple[bytes, bool]:
    """Gunzip as much as there is; the second value tells whether the last member was finished."""
    pieces: list[bytes] = []
    finished = True
    while data:
        inflate = zlib.decompressobj(_GZIP)
        try:
            pieces.append(inflate.decompress(data))
        except zlib.error:
            return b"".join(pieces), False
        finished = inflate.eof
        data = inflate.unused_data
    return b"".join(pieces), finished


def _mend(path: Path) -> None:
    """Finish a recording whose process was killed, so that more can be appended; a last half line is dropped."""
    if not path.exists():
        return
    data, finished = _inflate(path.read_bytes())
    if finished:
        return
    lines = data[: data.rfind(b"\n") + 1]
    half = path.with_suffix(".parte")
    half.write_bytes(gzip.compress(lines, mtime=0))
    half.replace(path)
