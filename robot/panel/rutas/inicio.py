"""The first page: where each role begins its day."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from robot.panel.acceso import may, quien

router = APIRouter()


@router.get("/")
def inicio(request: Request) -> Response:
    """Send an advisor to a new request, a supervisor to what needs her today."""
    return RedirectResponse("/hoy" if may(quien(request), "supervisor") else "/solicitud", 303)
