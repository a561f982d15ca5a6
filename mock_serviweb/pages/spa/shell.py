"""The one page of this set, the same for every address, and the files that fill it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.spa.answers import NEVER_KEPT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute

FOLDER = Path(__file__).with_name("estatico")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
ADDRESSES = (
    "/",
    "/ingreso",
    "/inicio",
    "/factura",
    "/abono",
    "/tramite",
    "/caja",
    "/consulta/{lista}",
    "/modulo/{nombre}",
)
PAGE = """<!DOCTYPE html>
<html lang="es-CO">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Serviweb</title>
  <link rel="icon" href="/estatico/icono.svg" type="image/svg+xml">
  <link rel="preload" href="/estatico/serviweb.css" as="fetch" crossorigin>
{preloads}
  <script type="module" src="/estatico/app.js"></script>
</head>
<body>
  <noscript>Serviweb necesita JavaScript.</noscript>
</body>
</html>
"""


@cache
def contents() -> dict[str, bytes]:
    """Read all files of `estatico/`, by their path below it."""
    found = (file for file in FOLDER.rglob("*") if file.suffix in TYPES)
    return {file.relative_to(FOLDER).as_posix(): file.read_bytes() for file in found}


def shell(_: Visit) -> Response:
    names = sorted(name for name in contents() if name.endswith(".js") and name != "app.js")
    preloads = "\n".join(f'  <link rel="modulepreload" href="/estatico/{name}">' for name in names)
    return HTMLResponse(PAGE.format(preloads=preloads), headers=NEVER_KEPT)


def files() -> list[BaseRoute]:
    """Make the routes of scripts, style and icon."""
    keep = {"Cache-Control": "public, max-age=3600"}

    async def endpoint(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in contents():
            return PlainTextResponse("No existe.", status_code=404)
        return Response(contents()[name], media_type=TYPES[Path(name).suffix], headers=keep)

    async def icon(_: Request) -> Response:
        return Response(contents()["icono.svg"], media_type="image/svg+xml", headers=keep)

    return [Route("/estatico/{name:path}", endpoint), Route("/favicon.ico", icon)]


SCREENS: Sequence[Screen] = tuple(Screen("", address, shell, open_to_all=True) for address in ADDRESSES)
