"""Uvicorn's HTTP/1.1 protocol with one thing more: a route may close its connection without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

EXTENSION = "serviweb.close"


class ClosableProtocol(H11Protocol):
    """Hand each request the means to close its own connection, as an ASGI extension."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn itself
        super().connection_made(transport)
        inner = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[EXTENSION] = transport.close
            await inner(scope, receive, send)

        self.app = app


class NoAnswer(Response):
    """Send nothing at all."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Leave the request unanswered; the connection is closed already."""


async def close(request: Request) -> NoAnswer:
    """Close a request's kept-alive connection before one byte of an answer; return once it is closed."""
    request.scope["extensions"][EXTENSION]()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return NoAnswer()
