"""The style sheets, scripts and pictures of a set of pages, read once and cached by the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute

TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def routes(folder: Path, *, at: str, icon: str) -> list[BaseRoute]:
    """Make the routes of all files of a folder below *at*, and of the site's icon, which is one of them."""
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in TYPES}

    async def endpoint(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in files:
            return PlainTextResponse("No existe.", status_code=404)
        kind = TYPES[Path(name).suffix]
        return Response(files[name], media_type=kind, headers={"Cache-Control": "public, max-age=3600"})

    async def picture(_: Request) -> Response:
        return Response(files[icon], media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})

    return [Route(f"{at}/{{name}}", endpoint), Route("/favicon.ico", picture)]
