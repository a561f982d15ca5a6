"""The case that an address names, where whoever asks may see it."""

from __future__ import annotations

from fastapi import HTTPException, Request

from robot.panel.acceso import anotar, panel_of, quien, ve_el_caso
from robot.records.store import cases
from robot.records.store.cases import Row


def visible_case(request: Request, mark: str) -> Row:
    """Return a case's row. Raises `Rejected` where there is none, 403 for an advisor whose case it isn't."""
    persona = quien(request)
    row = cases.case(panel_of(request).store, mark)
    if not ve_el_caso(persona, row["asesor"]):
        anotar(request, "sin_permiso", str(row["id"]), ruta=request.url.path)
        raise HTTPException(403, "Ese caso es de otro asesor. Pida a un supervisor que lo vea.")
    return row
