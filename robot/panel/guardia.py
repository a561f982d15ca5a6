"""What doesn't get in at all: names that aren't this panel's, orders from other sites, endless bodies."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from robot.settings import Settings

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_BYTES: Final = (("/ingresar", 16 << 10), ("/api/", 8 << 20), ("", 32 << 20))
"""How long the body of a request may be, by the beginning of its path."""


class Guardia:
    """ASGI middleware; it answers by itself what it turns away."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._given = frozenset(name.lower().rstrip(".") for name in settings.panel_nombres)
        own = (settings.panel_direccion, "localhost", socket.gethostname())
        self._names = self._given | {name.strip().lower().rstrip(".") for name in own}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or turn it away."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        most = next(most for path, most in _MOST_BYTES if scope["path"].startswith(path))
        refusal = self._refusal(scope, headers, most)
        if refusal:
            status, said = refusal
            await _answer(scope["path"], status, said)(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, most), send)

    def _refusal(self, scope: Scope, headers: Headers, most: int) -> tuple[int, str] | None:
        if not self._is_ours(headers.get("host", "")):
            return 421, "El panel no atiende con ese nombre. Si es el suyo, agréguelo en SERVIWEB_PANEL_NOMBRES."
        if scope["method"] not in _SAFE and not self._is_from_here(headers):
            return 403, "La orden vino de otra página. Entre al panel y repita."
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
            return 400, "La dirección trae letras que no existen."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > most:
            return 413, "Lo que se envió es demasiado grande."
        return None

    def _is_ours(self, host: str) -> bool:
        """Say whether a Host header names this panel: an address that another site's name may point to is no name."""
        name = _name_of(host)
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _is_from_here(self, headers: Headers) -> bool:
        """Say whether a page of the panel sent an order: browsers tell, over http to another machine less exactly."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is None:
            return True  # a program: it bears a token, or the session's secret
        place = urlsplit(origin).netloc.lower()
        # Behind a proxy Host may be another; another port of this machine is another program.
        return bool(place) and (place == headers.get("host", "").lower() or _name_of(place) in self._given)


def _answer(path: str, status: int, said: str) -> Response:
    if path.startswith("/api/"):
        return JSONResponse({"motivo": said, "que_hacer": None, "campos": []}, status)
    return PlainTextResponse(said, status)


def _name_of(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _counted(receive: Receive, most: int) -> Receive:
    """Return the reading of a body that ends with an error where it is longer than it said."""
    read = 0

    async def counted() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            raise HTTPException(413)
        return message

    return counted
