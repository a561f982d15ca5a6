"""The wire gate: what leaves the browser between a commit's click and its confirmation.

Chromium itself sends a POST again when a reused connection dies unanswered, and a stopped robot's driver clicks on by
itself. So from the click to the confirmation every document, xhr, fetch or beacon request is held here, in Python:
`sent` is on disk before it leaves, it leaves once through Playwright's own HTTP client with no retry, and its answer is
handed back to the page. tests/screens/test_gate.py holds the controls that show both troubles without the gate.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import BrowserContext, Request, Route
from playwright.async_api import Error as PlaywrightError

from robot.errors import Fenced

LOOKS = ("GET", "HEAD")
"""Methods of plain look-ups."""
# Requests that show a page and change nothing; all others are held.
_PASSIVE = frozenset({"stylesheet", "image", "media", "font", "script", "texttrack", "manifest"})


_LOOK_SECONDS = 0.5


class Witness(Protocol):
    """Who writes down what passes, before and after."""

    def sent(self, **data: Any) -> None:
        """Write durably that a request is about to leave. Raises `Fenced` when the case is no longer ours."""

    def note(self, event: str, **data: Any) -> None:
        """Write what happened to a request: `answered`, `unanswered`, `repeated`."""

    async def before_answer(self) -> None:
        """Look at the page once more while it has no answer yet; not asked again once one was handed over."""


@dataclass
class WireGate:
    """Hold what leaves *context* while armed.

    *writes* are glob patterns of the addresses that change something; each may pass once per commit, and look-ups
    pass untouched. Without them every held request counts as a write. A request that is no plain look-up and that
    *writes* doesn't name passes too, but it is noted (`strays`), since it may have changed something. *refuse* is for
    rehearsals: no write and nothing but look-ups leaves. After `shut` nothing leaves at all.
    """

    context: BrowserContext
    witness: Witness
    writes: Sequence[str] = ()
    refuse: bool = False
    sent: bool = False
    strays: bool = False
    refused: Request | None = None
    fenced: Fenced | None = None
    failure: str = ""
    answered: bool = False
    status: int | None = None
    _seen: set[str] = field(default_factory=set)
    _armed: bool = False
    _abroad: int = 0
    _shut: bool = False
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    async def arm(self) -> None:
        """Start holding."""
        self._armed = True  # first: what comes with the route must find it so
        await self.context.route("**/*", self._hold)

    async def disarm(self) -> None:
        """Stop holding; the confirmation is on disk.

        A request that left and has no answer yet keeps its route: without it the browser would send it again.
        """
        if self._armed:
            self._armed = False
            if not self._abroad:
                await self.context.unroute("**/*", self._hold)

    def shut(self) -> None:
        """Let nothing out from now on: the commit failed, and a script of the page may try again by itself."""
        self._shut = True

    @property
    def unanswered(self) -> bool:
        """Say whether the write left and its connection died with no answer."""
        return self.sent and bool(self.failure)

    async def settled(self, timeout_seconds: float) -> bool:
        """Wait until a held request was refused, answered or lost; say whether one was."""
        try:
            await asyncio.wait_for(self._settled.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True

    async def _hold(self, route: Route, request: Request) -> None:
        if not self._shut and (not self._armed or request.resource_type in _PASSIVE):
            await route.fallback()
            return
        write, look_up = self._is_write(request.url), request.method in LOOKS
        facts = {"method": request.method, "url": without_query(request.url)}
        if not write and not self._shut and (look_up or not self.refuse):
            if not look_up:
                self.strays = True
                self.witness.note("passed", **facts)
                async with self._leaving():
                    await once(route)
                return
            await route.fallback()
            return
        if self.refuse or self._shut:
            self.refused = request
            self._settled.set()
            await route.abort("blockedbyclient")
            return
        body = request.post_data_buffer or b""
        key = self._key(request, body)
        if key in self._seen:
            self.witness.note("repeated", **facts)
            await route.abort("blockedbyclient")
            return
        self._seen.add(key)
        try:
            self.witness.sent(**facts, body_sha256=hashlib.sha256(body).hexdigest())
        except Fenced as error:
            self.fenced = error
            self._settled.set()
            await route.abort("blockedbyclient")
            return
        except OSError as error:
            # A journal that can't be written (disk full) lets nothing out: the intent then has no `sent`.
            self._shut, self.failure = True, f"no se pudo escribir el diario: {error.strerror}"
            self._settled.set()
            await route.abort("blockedbyclient")
            return
        self.sent = True
        async with self._leaving():
            await self._let_out(route, facts)

    @asynccontextmanager
    async def _leaving(self) -> AsyncIterator[None]:
        """Count who is abroad; the last one home after `disarm` takes the route away."""
        self._abroad += 1
        try:
            yield
        finally:
            self._abroad -= 1
            if not self._abroad and not self._armed:
                await _quietly(self.context.unroute("**/*", self._hold))

    async def _let_out(self, route: Route, facts: dict[str, str]) -> None:
        try:
            response = await route.fetch(max_retries=0, max_redirects=0, timeout=0)
        except PlaywrightError as error:
            self.failure = cause(error)
            self.witness.note("unanswered", **facts, reason=self.failure)
            self._settled.set()
            await _quietly(route.abort("connectionreset"))
            return
        self.status = response.status
        location = response.headers.get("location")
        self.witness.note(
            "answered", **facts, status=response.status, location=without_query(location) if location else None
        )
        if not self.answered:  # a page may post itself back once it shows our number, which is then no other's
            await self._look()
        self.answered = True
        self._settled.set()
        await _quietly(route.fulfill(response=response))

    async def _look(self) -> None:
        """Let the witness look, but not long: a page that waits for its answer in the middle of a script is deaf."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.witness.before_answer(), _LOOK_SECONDS)

    def _is_write(self, url: str) -> bool:
        return not self.writes or named(self.writes, url)

    def _key(self, request: Request, body: bytes) -> str:
        for pattern in self.writes:
            if matches(pattern, request.url):
                return f"{request.method} {pattern}"
        return f"{request.method} {request.url} {hashlib.sha256(body).hexdigest()}"


async def once(route: Route) -> None:
    """Let a request that is not the write out, but through here too: the browser might post it again."""
    try:
        response = await route.fetch(max_retries=0, max_redirects=0, timeout=0)
    except PlaywrightError:
        await _quietly(route.abort("connectionreset"))
        return
    await _quietly(route.fulfill(response=response))


async def _quietly(action: Any) -> None:
    """Finish a held request of a page that may be gone: what counts is in the journal already."""
    try:
        await action
    except PlaywrightError:
        return


def matches(pattern: str, url: str) -> bool:
    """Say whether *url*, without its query, matches a glob (`**` any text, `*` within one part of the path)."""
    parts = re.split(r"(\*\*|\*)", pattern)
    regex = "".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(regex, without_query(url)) is not None


def named(patterns: Iterable[str], url: str) -> bool:
    """Say whether one of these globs names *url*."""
    return any(matches(pattern, url) for pattern in patterns)


def without_query(url: str) -> str:
    """Drop query and fragment, where personal data hides."""
    return urlsplit(url)._replace(query="", fragment="").geturl()


def form_fields(request: Request) -> dict[str, str]:
    """Return the fields of the form or JSON object that a request carries, for what a rehearsal would have saved.

    Without a page's own bookkeeping (`__VIEWSTATE`), in which what was typed stands encoded.
    """
    return {name: value for name, value in _fields(request).items() if not name.startswith("__")}


def _fields(request: Request) -> dict[str, str]:
    kind, body = request.headers.get("content-type", ""), request.post_data
    if "application/x-www-form-urlencoded" in kind and body:
        try:
            return dict(parse_qsl(body, keep_blank_values=True, errors="strict"))
        except UnicodeDecodeError:  # old pages send their forms in their own alphabet
            return dict(parse_qsl(body, keep_blank_values=True, encoding="windows-1252"))
    if "application/json" in kind and body:
        with suppress(ValueError):
            given = json.loads(body)
            if isinstance(given, dict):
                return {key: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for key, v in given.items()}
    return {}


def cause(error: BaseException) -> str:
    """Return the first line of an error without its call log, where values of the page may stand."""
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
