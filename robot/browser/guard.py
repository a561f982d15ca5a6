"""The guard: while the robot only looks (`revisar`, `aprender`), nothing that could save leaves the browser.

What may leave is decided by the map and the moment, not by the method alone: older Serviwebs post for every look-up
too. A GET that the map doesn't name as a write passes; a POST passes only while the control is being used whose `posts`
names its address; what a `writes` of the map names never passes, whatever its method. Everything else is aborted here,
before it leaves, and counted. docs/decisiones.md says what this can't catch.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

from playwright.async_api import BrowserContext, Page, Request, Route, WebSocketRoute
from playwright.async_api import Error as PlaywrightError

from robot.browser.gate import LOOKS, named, without_query
from robot.browser.maps import Control, Map
from robot.errors import StepFailed

PROOF: Final = "/__serviweb_robot_prueba__"
"""The made-up address that a proof posts to: no site has it, and nothing reaches it."""
_PROOF_SECONDS: Final = 3.0
_POST: Final = "(url) => fetch(url, { method: 'POST', body: 'prueba' }).then(() => true, () => false)"
_SUBMIT: Final = """(url) => {
    const form = document.body.appendChild(document.createElement("form"));
    form.method = "post";
    form.action = url;
    form.submit();
}"""

Held = Callable[[Control, Request], Awaitable[bool]]
"""Say whether what the control in use sends may pass: asked of a person who teaches, for what the map doesn't name."""


@dataclass(frozen=True)
class Blocked:
    """A request that was not let out: its address without query, and the control in use then."""

    method: str
    url: str
    control: str = ""
    write: bool = False


@dataclass
class Guard:
    """Hold everything that leaves *context* and isn't a plain look-up.

    *writes* are the addresses that save: they never pass. *held* is asked about anything else that the control in use
    sends and its `posts` doesn't name; without it that is blocked.
    """

    context: BrowserContext
    writes: list[str]
    held: Held | None = None
    blocked: list[Blocked] = field(default_factory=list)
    passed: list[Blocked] = field(default_factory=list)
    _now: Control | None = None
    _before: Control | None = None
    _last: Control | None = None
    _one: Control | None = None

    @classmethod
    def of(cls, context: BrowserContext, maps: Map, *, held: Held | None = None) -> Guard:
        """Return the guard of a map: nothing that one of its controls writes to leaves."""
        return cls(context, maps.writes, held)

    async def shut(self) -> None:
        """Begin to hold, for every page and window of the context, now and later."""
        await self.context.route("**/*", self._judge)
        await self.context.route_web_socket(lambda _url: True, self._socket)

    @asynccontextmanager
    async def using(self, control: Control) -> AsyncIterator[None]:
        """Let out, over the block, what this control posts to look something up.

        The control used just before may still post: a field tells its change only when it loses the focus.
        """
        self._before, self._now = self._last, control
        try:
            yield
        finally:
            self._now, self._last = None, control

    @asynccontextmanager
    async def letting_one_out(self, control: Control) -> AsyncIterator[None]:
        """Let out, over the block, exactly one request that isn't a plain look-up: a save that a person allowed."""
        self._one = control
        try:
            yield
        finally:
            self._one = None

    async def proved(self, page: Page) -> None:
        """Let the browser itself try to post to this site and see it aborted. Raises `StepFailed` when it isn't."""
        url = urljoin(page.url, PROOF)
        tried = len(self.blocked)
        with suppress(PlaywrightError):
            if await page.evaluate(_POST, url):
                raise StepFailed("Un envío de prueba salió del navegador: no se revisó nada")
        if not self._stopped(url, tried):  # a page may forbid its own scripts to fetch: then a form of an empty page
            await self._submitted(url)
        if not self._stopped(url, tried):
            raise StepFailed("No se pudo comprobar que el guardado está bloqueado: no se revisó nada")
        self.blocked[:] = [blocked for blocked in self.blocked if blocked.url != url]

    def _stopped(self, url: str, since: int) -> bool:
        return any(blocked.url == url for blocked in self.blocked[since:])

    async def _submitted(self, url: str) -> None:
        page = await self.context.new_page()
        with suppress(PlaywrightError):
            async with page.expect_event("requestfailed", timeout=_PROOF_SECONDS * 1000):
                await page.evaluate(_SUBMIT, url)
        await page.close()

    async def _judge(self, route: Route, request: Request) -> None:
        facts = (request.method, without_query(request.url), self._now.title if self._now else "")
        write = named(self.writes, request.url)
        if self._one and (write or request.method not in LOOKS):
            self._one = None
            self.passed.append(Blocked(*facts, write=True))
            await route.fallback()
        elif not write and (request.method in LOOKS or await self._may_post(request)):
            if request.method not in LOOKS:
                self.passed.append(Blocked(*facts))
            await route.fallback()
        else:
            self.blocked.append(Blocked(*facts, write=write))
            with suppress(PlaywrightError):  # its page is gone
                await route.abort("blockedbyclient")

    async def _may_post(self, request: Request) -> bool:
        control = self._now
        if control is None:
            return False
        if any(named(used.posts, request.url) for used in (control, self._before) if used):
            return True
        return self.held is not None and await self.held(control, request)

    async def _socket(self, socket: WebSocketRoute) -> None:
        """Answer a web socket here and close it: what goes through one, nobody can tell apart."""
        self.blocked.append(Blocked("WS", without_query(socket.url), self._now.title if self._now else ""))
        await socket.close()
