"""A case's evidence: its pictures, and the film of what every screen showed, with a chapter per documented step."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from robot.panel.acceso import ElPanel
from robot.panel.del_caso import ElCaso, anotar_mirada
from robot.panel.imagenes import SIN_IMAGEN, imagen
from robot.panel.paginas import page
from robot.recording import Recording, read
from robot.records.report import film

router = APIRouter()

CSP_PELICULA: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src data:; connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""rrweb writes the styles of what it replays into its page; scripts and remote addresses stay out as everywhere."""


@router.get("/casos/{caso}/imagenes/{archivo}")
async def ver_imagen(request: Request, panel: ElPanel, row: ElCaso, archivo: str) -> Response:
    """Send a picture of the case; one that isn't there is drawn as such."""
    await asyncio.to_thread(anotar_mirada, request, row["id"], "ver_imagen")
    found = await imagen(panel.navegador, panel.settings.casos / row["id"], archivo)
    if found is None:
        return Response(SIN_IMAGEN, media_type="image/svg+xml")
    return FileResponse(found, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@router.get("/casos/{caso}/pelicula")
def pelicula(request: Request, row: ElCaso, marco: bool = False) -> Response:
    """Show the film of a case; with *marco* inside the page of the case."""
    anotar_mirada(request, row["id"], "ver_pelicula")
    answer = page(request, "pelicula.html", caso=row, marco=marco)
    answer.headers["Content-Security-Policy"] = CSP_PELICULA
    return answer


@router.get("/casos/{caso}/pelicula.json")
def pelicula_json(request: Request, panel: ElPanel, row: ElCaso) -> Response:
    """Send events, style sheets and chapters; no events where nothing was recorded."""
    anotar_mirada(request, row["id"], "ver_pelicula")
    try:
        recording = read(panel.settings.casos / row["id"])
        data: dict[str, Any] = film(recording) if recording.shows_something else _nothing(recording)
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        data = _nothing(Recording(gaps=["el archivo de la grabación está dañado"]))
    else:
        data["faltas"] = recording.gaps
    return Response(json.dumps(data, ensure_ascii=False, separators=(",", ":")), media_type="application/json")


def _nothing(recording: Recording) -> dict[str, Any]:
    return {"eventos": [], "hojas": {}, "capitulos": [], "faltas": recording.gaps}
