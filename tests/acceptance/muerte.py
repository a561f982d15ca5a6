"""Kill a `serviweb …`, or its browser alone, right after an entry of a document stands in both journals."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

import psutil

from robot.records.journal import Entry, Journal

EVENTS = ("effect.intent", "effect.sent", "effect.answered", "effect.confirmed")


def worker_dies(event: str, kind: str) -> None:
    """Let the first such entry be the last thing that this process does."""
    _after({(event, kind)}, lambda: os.kill(os.getpid(), signal.SIGKILL))


def browser_dies(*events: str) -> None:
    """Kill the browser once at each of these entries, written `event:kind`."""
    _after({(event, kind) for event, _, kind in (text.partition(":") for text in events)}, _kill_browser)


def _after(left: set[tuple[str, str]], strike: Any) -> None:
    write = Journal.write

    def written(journal: Journal, event: str, *, durable: bool = False, **data: Any) -> Entry:
        entry = write(journal, event, durable=durable, **data)
        at = (event, str(data.get("kind")))
        if at in left:
            left.remove(at)
            strike()
        return entry

    Journal.write = written  # type: ignore[method-assign]


def _kill_browser() -> None:
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if process.name().startswith(("chrom", "headless")):
                process.kill()
