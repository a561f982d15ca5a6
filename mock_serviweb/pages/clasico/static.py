"""Style sheets, scripts and little pictures, read once and cached by the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

FOLDER = Path(__file__).with_name("estatico")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def routes() -> list[BaseRoute]:
    """Make the routes of all files in `estatico/`."""
    files = {file.name: file.read_bytes() for file in FOLDER.iterdir() if file.suffix in TYPES}

    async def endpoint(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files:
            return PlainTextResponse("No existe.", status_code=404)
        kind = TYPES[Path(name).suffix]
        return Response(files[name], media_type=kind, headers={"Cache-Control": "public, max-age=3600"})

    async def icon(_: Request) -> Response:
        return Response(
            files["logo.svg"], media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"}
        )

    return [Route("/Recursos/{name}", endpoint), Route("/favicon.ico", icon)]
