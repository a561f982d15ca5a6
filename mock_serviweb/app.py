"""The composition of the imitation: rules, sessions and faults behind one set of pages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from mock_serviweb import control
from mock_serviweb.door import Door
from mock_serviweb.faults import Faults
from mock_serviweb.pages import page_set
from mock_serviweb.sessions import Sessions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from mock_serviweb.store import Store


@dataclass(frozen=True)
class Options:
    """How one imitation is to run."""

    variant: str = "moderno"
    control: bool = False
    latency_seconds: float = 0.0
    idle_seconds: float = 20 * 60.0


class Latency:
    """Delay every request but those of the control surface, as a network would."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(control.PREFIX):
            await asyncio.sleep(self._seconds)
        await self._app(scope, receive, send)


def create(options: Options, store: Store) -> ASGIApp:
    """Wire the imitation together around its data."""
    sessions = Sessions(idle_seconds=options.idle_seconds)
    faults = Faults()
    pages = page_set(options.variant)
    door = Door(store=store, sessions=sessions, faults=faults, pages=pages)
    routes = [*door.routes(), *pages.files()]
    if options.control:
        routes += control.routes(store=store, sessions=sessions, faults=faults, door=door)
    app = Starlette(routes=routes)
    return Latency(app, seconds=options.latency_seconds) if options.latency_seconds else app
