"""Whether a context is still waiting for its site: a slow answer is no missing control."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

from playwright.async_api import BrowserContext, Request

_LONGEST_SECONDS: Final = 8.0
"""A request that is under way for longer is a page's open line to its server, and nobody waits for it."""


@dataclass
class Traffic:
    """The requests of a context that are under way, and when the last one ended."""

    _under_way: dict[Request, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.monotonic)

    def watch(self, context: BrowserContext) -> None:
        """Begin to count."""
        context.on("request", self._left)
        context.on("requestfinished", self._ended)
        context.on("requestfailed", self._ended)

    def quiet_seconds(self) -> float:
        """Return for how long nothing has been under way."""
        now = time.monotonic()
        if any(now - since < _LONGEST_SECONDS for since in self._under_way.values()):
            return 0.0
        return now - self._last

    def _left(self, request: Request) -> None:
        self._under_way[request] = self._last = time.monotonic()

    def _ended(self, request: Request) -> None:
        self._under_way.pop(request, None)
        self._last = time.monotonic()
