"""A case's recording as it is written, in the process beside the run (aside.py): every batch masked, then on disk.

`write` comes once a step, `finish` once a stage, in order; in between the page's mirror and the open file are kept.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import NamedTuple

from robot.browser.sieve import Event, Sieve
from robot.masking import Masker, Values
from robot.recording import INCOMPLETE, Writer

LOST = "el proceso que escribe la grabación se cerró"

_open: dict[Path, _Transcript] = {}


class Written(NamedTuple):
    """What came of a batch: how many full pictures of a page it held, and why something is missing, if so."""

    pages: int
    problems: tuple[str, ...]


class _Transcript:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.masker = Masker()
        self._values: Values = ((), ())
        self._writer: Writer | None = None
        self._sieve = Sieve(self.masker, lambda css: self._file().sheet(css))
        self._told: set[str] = set()

    def know(self, values: Values) -> None:
        if values != self._values:
            self._values = values
            private, legible = values
            self.masker.add_private(*private)
            self.masker.add_legible(*legible)

    def lost(self) -> None:
        self._sieve.problems.append(LOST)

    def _file(self) -> Writer:
        if self._writer is None:
            self._writer = Writer(self.folder)
        return self._writer

    def write(self, waiting: list[str | Event]) -> Written:
        events: list[Event] = []
        for item in waiting:
            events += self._sieve.batch(item) if isinstance(item, str) else [item]
        pages = sum(event["type"] == 4 and bool(event["data"]["href"]) for event in events)
        events.sort(key=lambda event: event["timestamp"])
        lines = [line for event in events if (line := self._sieve.line(event)) is not None]
        problems = tuple(problem for problem in self._sieve.problems if problem not in self._told)
        self._sieve.problems.clear()
        self._told.update(problems)
        self._file().append([*lines, *map(_incomplete, problems)])
        return Written(pages, problems)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _incomplete(problem: str) -> str:
    data = {"tag": INCOMPLETE, "payload": {"motivo": problem}}
    return json.dumps({"type": 5, "data": data, "timestamp": int(time.time() * 1000)})


def write(folder: Path, values: Values, waiting: list[str | Event], *, first: bool) -> Written:
    """Mask what has arrived and append it to the case's recording. Nothing that goes wrong here is raised.

    *values* as `Masker.values`; *first*: nothing of this stage was written before.
    """
    lost = not first and folder not in _open
    transcript = _open.get(folder) or _open.setdefault(folder, _Transcript(folder))
    if lost:  # the page's mirror died with the process before
        transcript.lost()
    try:
        transcript.know(values)
        return transcript.write(waiting)
    except OSError as error:  # a full disk: the journal is what must be written, and says so itself
        return Written(0, (f"no se pudo escribir la grabación ({error.strerror})",))
    except Exception as error:  # noqa: BLE001 — nothing of the evidence may stop a run
        return Written(0, (f"una parte no se pudo grabar ({type(error).__name__})",))


def finish(folder: Path) -> Written:
    """End the file; nothing of the case is kept."""
    transcript = _open.pop(folder, None)
    try:
        if transcript:
            transcript.close()
    except OSError as error:
        return Written(0, (f"no se pudo terminar la grabación ({error.strerror})",))
    return Written(0, ())
