"""The door before every page: sessions, profiles, the count of writes and the faults, whatever the pages look like."""

from __future__ import annotations

import asyncio
import copy
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import parse_qsl

from starlette.routing import BaseRoute, Route

from mock_serviweb import wire
from mock_serviweb.rules.facturas import Draft
from mock_serviweb.sessions import COOKIE, Notice, Reason, Session, Sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from mock_serviweb.faults import Fault, Faults
    from mock_serviweb.store import Store

NOTICE = "Aviso: su clave vence en 3 días"
EVERYBODY = frozenset({"asesor", "cajero", "supervisor"})


@dataclass
class Visit:
    """One request as a page sees it: what was typed, who asks, and what a fault changes about it."""

    store: Store
    sessions: Sessions
    typed: dict[str, str]
    path: dict[str, str]
    session: Session = field(default_factory=lambda: Session("", ""))  # nobody, on screens before the login
    draft: Draft = field(default_factory=Draft)
    notice: Notice | None = None
    lag_seconds: float = 0.0
    copies: int = 1

    @property
    def user(self) -> str:
        return self.session.user

    def text(self, name: str) -> str:
        """Read a field without spaces around; absent is empty."""
        return self.typed.get(name, "").strip()


@dataclass(frozen=True)
class Screen:
    """One route of a set of pages; `at` is the name that faults and counts use, "" for none."""

    at: str
    path: str
    handle: Callable[[Visit], Response]
    method: Literal["GET", "POST"] = "GET"
    answers: Literal["page", "data", "paper"] = "page"
    profiles: frozenset[str] = EVERYBODY
    open_to_all: bool = False
    delay_seconds: float = 0.0  # fields that appear late after a look-up
    only_with: str = ""  # without this field typed, the request is not yet the route that `at` names
    # What a post to an address that many events share means: the event's own screen, and the fields by plain names.
    resolve: Callable[[dict[str, str]], tuple[Screen, dict[str, str]]] | None = None


class PageSet(Protocol):
    """A set of pages in front of the business rules."""

    charset: str

    def screens(self) -> Sequence[Screen]:
        """List all routes of this set."""

    def files(self) -> Sequence[BaseRoute]:
        """List the routes of style sheets and scripts."""

    def without_session(self, screen: Screen, reason: Reason) -> Response:
        """Send to the login."""

    def forbidden(self, screen: Screen, visit: Visit) -> Response:
        """Say that the user's profile may not use this."""

    def broken(self, screen: Screen, status: int) -> Response:
        """Answer an error of the server."""


class Door:
    """Serve the screens of a set of pages."""

    def __init__(self, *, store: Store, sessions: Sessions, faults: Faults, pages: PageSet) -> None:
        self._store = store
        self._sessions = sessions
        self._faults = faults
        self._pages = pages
        self._late: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        """Make the web routes of all screens."""
        return [self._route(screen) for screen in self._pages.screens()]

    def forget_late_commits(self) -> None:
        """Cancel what was to be saved later."""
        for task in list(self._late):
            task.cancel()

    def _route(self, screen: Screen) -> Route:
        async def endpoint(request: Request) -> Response:
            return await self._serve(screen, request)

        return Route(screen.path, endpoint, methods=[screen.method])

    async def _serve(self, screen: Screen, request: Request) -> Response:
        typed = await self._typed(request)
        if screen.resolve:
            screen, typed = screen.resolve(typed)
        if screen.method == "POST" and screen.at:
            self._store.count_visit(screen.at)
        fault = self._fault_at(screen, typed)
        if fault:
            stopped = await self._before(screen, request, fault)
            if stopped:
                return stopped
        if screen.delay_seconds:
            await asyncio.sleep(screen.delay_seconds)
        visit = self._visit(screen, request, typed)
        if isinstance(visit, str):
            return self._pages.without_session(screen, visit)
        if not screen.open_to_all and visit.session.profile not in screen.profiles:
            return self._pages.forbidden(screen, visit)
        return await self._faulty(screen, request, visit, fault) if fault else self._handle(screen, visit)

    def _fault_at(self, screen: Screen, typed: dict[str, str]) -> Fault | None:
        named = screen.at and (not screen.only_with or typed.get(screen.only_with))
        return self._faults.take(screen.at, typed) if named else None

    async def _before(self, screen: Screen, request: Request, fault: Fault) -> Response | None:
        """Do what a fault does before anything is read or saved; an answer ends the request."""
        if fault.fault == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.fault == "expired_session":
            self._sessions.end(request.cookies.get(COOKIE))
        elif fault.fault == "error_500":
            return self._pages.broken(screen, 500)
        elif fault.fault == "closed_before_commit":
            return await wire.close(request)
        return None

    async def _faulty(self, screen: Screen, request: Request, visit: Visit, fault: Fault) -> Response:
        """Do what a fault does while the request is served, and after it was saved."""
        if fault.fault == "late_commit":
            return await self._answer_first(screen, request, visit, fault)
        if fault.fault == "unknown_dialog":
            visit.notice = Notice(NOTICE, fault.native)
        elif fault.fault == "stale_list":
            visit.lag_seconds = fault.seconds
        elif fault.fault == "double_click_creates_two":
            visit.copies = 2
        response = self._handle(screen, visit)
        if fault.fault == "error_500_after_commit":
            return self._pages.broken(screen, 500)
        if fault.fault == "lost_answer":
            return await wire.close(request)
        return response

    async def _typed(self, request: Request) -> dict[str, str]:
        """Read the query, then the form in the encoding of these pages, or a JSON object."""
        fields = dict(parse_qsl(request.url.query, keep_blank_values=True, encoding=self._pages.charset))
        if request.method == "POST" and request.headers.get("content-type", "").startswith("application/json"):
            fields |= _fields(await request.body())
        elif request.method == "POST":
            body = (await request.body()).decode("ascii", errors="replace")
            fields |= parse_qsl(body, keep_blank_values=True, encoding=self._pages.charset)
        return fields

    def _visit(self, screen: Screen, request: Request, typed: dict[str, str]) -> Visit | Reason:
        visit = Visit(self._store, self._sessions, typed, dict(request.path_params))
        session = self._sessions.find(request.cookies.get(COOKIE))
        if isinstance(session, Session):
            visit.session, visit.draft = session, session.draft
        elif not screen.open_to_all:
            return session
        return visit

    def _handle(self, screen: Screen, visit: Visit) -> Response:
        response = screen.handle(visit)
        visit.session.draft = visit.draft
        return response

    async def _answer_first(self, screen: Screen, request: Request, visit: Visit, fault: Fault) -> Response:
        """Answer (or close) at once and save later what the request asked for as it stands now."""
        visit.draft = copy.deepcopy(visit.draft)

        async def later() -> None:
            await asyncio.sleep(fault.seconds)
            screen.handle(visit)
            if visit.session.draft.id == visit.draft.id:
                visit.session.draft = visit.draft

        task = asyncio.create_task(later())
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return self._pages.broken(screen, fault.answer) if fault.answer else await wire.close(request)


def _fields(body: bytes) -> dict[str, str]:
    """Read a JSON object as a form would be: a list is joined by commas, true is `si`, false and null are empty."""
    try:
        given = json.loads(body)
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    words = {True: "si", False: "", None: ""}
    return {
        str(key): ",".join(map(str, value))
        if isinstance(value, list)
        else words[value]
        if value is None or isinstance(value, bool)
        else str(value)
        for key, value in given.items()
    }
