"""The case that a page is about: found by its mark, shown only to whoever may see it, and every look written down."""

from __future__ import annotations

import time
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request

from robot.errors import BrokenJournal, Rejected
from robot.panel.acceso import anotar, sesion_of
from robot.panel.caso_visible import visible_case
from robot.records.caso import Caso
from robot.records.store import cases
from robot.records.store.cases import Row
from robot.records.store.personas import Persona
from robot.work.archivo import Archivo
from robot.work.expediente import caso_of

_SAME_LOOK_SECONDS: Final = 600.0
_looked: dict[tuple[str, str], float] = {}
"""When each session last looked at each case; this process only, so that forty pictures are one look."""


def _named(request: Request, caso: str) -> Row:
    """Return the row of the case in the address. Raises 404 where there is none, 403 where it is another advisor's."""
    try:
        return visible_case(request, caso)
    except Rejected as error:
        raise HTTPException(404, f"No existe el caso {caso[:20]}") from error


ElCaso = Annotated[Row, Depends(_named)]


def anotar_mirada(request: Request, caso: str, vista: str) -> None:
    """Write that somebody saw what belongs to a case, once for many pictures of the same visit."""
    sesion = sesion_of(request)
    key = (sesion.huella if sesion else "", caso)
    now = time.monotonic()
    if now - _looked.get(key, -_SAME_LOOK_SECONDS) < _SAME_LOOK_SECONDS:
        return
    if len(_looked) > 10_000:
        _looked.clear()
    _looked[key] = now
    anotar(request, vista, caso)


def vio(request: Request, caso: str, vista: str) -> None:
    """Write that somebody opened a page of a case: its pictures belong to that look."""
    sesion = sesion_of(request)
    _looked[(sesion.huella if sesion else "", caso)] = time.monotonic()
    anotar(request, vista, caso)


def firma(persona: Persona) -> str:
    """Return somebody's name as the journals keep it: known to people, and nobody else's."""
    return f"{persona.nombre} ({persona.usuario})"


def diario_de(archivo: Archivo, marca: str) -> tuple[Caso, str]:
    """Return a case with its journal, and why that isn't to be trusted («» if it is); the database's is shown then."""
    try:
        return caso_of(archivo, marca), ""
    except BrokenJournal as error:
        return Caso(archivo.settings.casos / marca, cases.diary(archivo.store, marca)), error.reason
