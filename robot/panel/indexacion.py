"""In the background: cases become searchable, and finished ones are drawn for review."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from robot.panel.contexto import Panel
from robot.records.store import buscador
from robot.records.store.engine import StoreDownError
from robot.work import muestreo
from robot.work.aviso import Aviso

_EVERY_SECONDS: Final = 5.0


async def indexar(panel: Panel) -> None:
    """Index and draw whenever the queue changed, and every few seconds, until it is cancelled."""
    with Aviso(panel.store) as aviso:
        while True:
            since, left = aviso.count, False
            with suppress(StoreDownError):
                left = await asyncio.to_thread(_once, panel)
            if not left:
                await aviso.news(since, _EVERY_SECONDS)


def _once(panel: Panel) -> bool:
    """Index some cases, and draw; say whether some are left."""
    left = al_dia(panel)
    if not left:
        muestreo.choose(panel.store, panel.boveda, panel.settings.muestra_porcentaje)
    return left


def al_dia(panel: Panel) -> bool:
    """Index a small backlog at once, right before somebody searches; say whether some may be left."""
    if not buscador.pending(panel.store):
        return False
    return buscador.index_pending(panel.store, panel.boveda) == buscador.BATCH
