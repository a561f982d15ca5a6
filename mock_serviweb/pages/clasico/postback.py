"""Post-backs: all events of a screen go to its one address, and the page says which one it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mock_serviweb.door import Screen
from mock_serviweb.pages.clasico import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.responses import Response

    from mock_serviweb.door import Visit


@dataclass(frozen=True)
class Event:
    """What one event of a form means; a look-up is posted too, but only what `writes` counts as a write request."""

    at: str
    handle: Callable[[Visit], Response]
    writes: bool = False
    delay_seconds: float = 0.0
    only_with: str = ""


@dataclass(frozen=True)
class Form:
    """A screen that is one form: opened by GET, every event of it posted to the same address."""

    opened: Screen
    events: Mapping[str, Event]

    def screens(self) -> tuple[Screen, Screen]:
        """Return the two routes of the form's address."""
        return self.opened, replace(self.opened, at="", method="POST", resolve=self._meant)

    def _meant(self, posted: dict[str, str]) -> tuple[Screen, dict[str, str]]:
        seed, kept = names.read(posted.get("__VIEWSTATE", ""))
        page = names.Names(seed)
        typed = {**kept, **page.plain(posted), "argumento": posted.get("__EVENTARGUMENT", "")}
        event = self.events.get(page.event(posted)) if seed else None
        if event is None:
            return replace(self.opened, at=""), {}
        method = "POST" if event.writes else "GET"
        return replace(
            self.opened,
            at=event.at,
            handle=event.handle,
            method=method,  # type: ignore[arg-type]  # one of the two
            delay_seconds=event.delay_seconds,
            only_with=event.only_with,
        ), typed
