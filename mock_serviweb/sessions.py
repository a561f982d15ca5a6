"""Sessions on the server: one live session a user, ended by idleness or by a second login."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

from mock_serviweb.rules.facturas import Draft

Reason = Literal["expirada", "otro-equipo"]
COOKIE = "SERVIWEBSESION"


@dataclass(frozen=True)
class Notice:
    """A box that nobody asked for: native `alert()` or over the page."""

    text: str
    native: bool


@dataclass
class Session:
    """What the server remembers of a logged-in user, the half-filled factura above all."""

    user: str
    profile: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    last_seen: float = field(default_factory=time.monotonic)
    draft: Draft = field(default_factory=Draft)
    notice: Notice | None = None  # shown on the next page


class Sessions:
    """All live sessions, in memory."""

    def __init__(self, *, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._live: dict[str, Session] = {}
        self._ended: dict[str, Reason] = {}

    def open(self, user: str, profile: str) -> Session:
        """Log a user in; the session that the user had anywhere else ends."""
        for earlier in [s for s in self._live.values() if s.user == user]:
            self.end(earlier.token, "otro-equipo")
        session = Session(user, profile)
        self._live[session.token] = session
        return session

    def find(self, token: str | None) -> Session | Reason:
        """Find the live session of a cookie, or say why there is none."""
        session = self._live.get(token or "")
        if session is None:
            return self._ended.get(token or "", "expirada")
        if time.monotonic() - session.last_seen > self._idle_seconds:
            self.end(session.token, "expirada")
            return "expirada"
        session.last_seen = time.monotonic()
        return session

    def end(self, token: str | None, reason: Reason = "expirada") -> None:
        """End a session; its half-filled factura goes with it."""
        if token and self._live.pop(token, None):
            self._ended[token] = reason

    def clear(self) -> None:
        """End all sessions."""
        for token in list(self._live):
            self.end(token)
