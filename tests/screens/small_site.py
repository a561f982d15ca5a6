"""A small raw HTTP server: it answers what a test says, loses answers, and remembers every byte that arrived."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

LOST = b""
"""An answer of no byte: the connection is closed instead."""


def answer(body: str | bytes = "", status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole HTTP answer on a connection that stays open; header names take `_` for `-`."""
    data = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
    given |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(data)}\r\nConnection: keep-alive\r\n\r\n".encode() + data


def html(body: str, charset: str = "utf-8") -> bytes:
    """Return a page."""
    page = f'<!doctype html><html lang="es"><meta charset="{charset}"><link rel="icon" href="data:,"><body>{body}'
    return answer(page.encode(charset), content_type=f"text/html; charset={charset}")


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; *nth* counts on its connection from 1."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    nth: int


@dataclass
class Site:
    """The pages of a site by method and path, and what was asked of it. A page in *held* waits for its event."""

    url: str = ""
    pages: dict[str, bytes] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def writes(self) -> list[Seen]:
        """Return what came that is no GET."""
        return [one for one in self.seen if one.method != "GET"]

    def to(self, path: str) -> list[Seen]:
        """Return what came for a path, whatever its method."""
        return [one for one in self.seen if one.path.partition("?")[0] == path]

    async def came(self, path: str, times: int = 1) -> None:
        """Wait until a path was asked for."""
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(lambda: len(self.to(path)) >= times), 10)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it is closed or an answer is lost."""
        nth = 0
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                nth += 1
                if not await self._one(head.decode("latin-1"), reader, writer, nth):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _one(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, nth: int) -> bool:
        lines = head.split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = lines[0].split(" ", 2)
        async with self.arrived:
            self.seen.append(Seen(method, path, headers, body, nth))
            self.arrived.notify_all()
        page = f"{method} {path.partition('?')[0]}"
        if page in self.held:
            await self.held[page].wait()
        data = self.pages.get(page, answer("no existe", "404 Not Found"))
        writer.write(data)
        await writer.drain()
        return data != LOST


@asynccontextmanager
async def opened(tls: ssl.SSLContext | None = None) -> AsyncIterator[Site]:
    """Serve a site on a free loopback port."""
    site = Site()
    open_ones: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(writer)
        await site.talk(reader, writer)
        open_ones.discard(writer)

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    site.url = f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        for event in site.held.values():
            event.set()
        server.close()
        for writer in list(open_ones):
            writer.close()
        await server.wait_closed()
