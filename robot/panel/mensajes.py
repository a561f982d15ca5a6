"""In the background: notice what happened, put it into the outbox, send what is there."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from robot.panel.contexto import Panel
from robot.panel.palabras import en_pantalla
from robot.records.store import envios, ganchos
from robot.work.avisar import notice
from robot.work.aviso import Aviso
from robot.work.mensajeria import Mensajero, destinos

_LOOK_SECONDS: Final = 5.0
"""How often it is asked what lasts: deadlines and disks wake nobody."""
_REST_SECONDS: Final = 0.5
"""A busy queue has news all the time."""
_AWAY_SECONDS: Final = (1.0, 5.0, 15.0, 60.0)
_log = logging.getLogger(__name__)


async def despachar(panel: Panel) -> None:
    """Go on until cancelled; while the database is away, try again at growing pauses."""
    work, failures = Ronda(panel=panel), 0
    with Aviso(panel.store) as news:
        while True:
            since = news.count
            try:
                wait = await work.whole()
            except OSError:
                failures += 1
            except Exception:  # noqa: BLE001 — whatever it was, the next notice must be told
                _log.exception("los avisos fallaron")
                failures += 1
            else:
                failures = 0
                await asyncio.sleep(_REST_SECONDS)
                await news.news(since, wait)
                continue
            await asyncio.sleep(_AWAY_SECONDS[min(failures, len(_AWAY_SECONDS)) - 1])


@dataclass(kw_only=True)
class Ronda:
    """Looks and sends, one round after another."""

    panel: Panel
    sender: Mensajero = field(init=False)
    _looked: float | None = None

    def __post_init__(self) -> None:
        """Read from the settings where notices go."""
        panel = self.panel
        places = destinos(panel.settings, panel.boveda)
        self.sender = Mensajero(store=panel.store, boveda=panel.boveda, destinos=places)

    async def whole(self) -> float:
        """Run a round in a thread; when cancelled, let it end what it is sending first."""
        running = asyncio.ensure_future(asyncio.to_thread(self.once))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self.sender.stop.set()
            await asyncio.wait([running])
            raise

    def once(self) -> float:
        """Look and send once; return the seconds until the next message may be sent, or it is time to look again."""
        panel, now = self.panel, time.monotonic()
        while ganchos.draw(panel.store, en_pantalla):
            pass
        if self._looked is None or now - self._looked >= _LOOK_SECONDS:
            envios.sweep(panel.store)
            notice(panel.store, panel.settings, self.sender.destinos, robot_dicho=panel.robot.dicho())
            self._looked = now
        if (wait := self._until_next()) <= 0:
            self.sender.round()
            wait = self._until_next()
        return max(0.0, wait)

    def _until_next(self) -> float:
        due = envios.next_at(self.panel.store)
        if due is None:
            return _LOOK_SECONDS
        return min((datetime.fromisoformat(due) - datetime.now(UTC)).total_seconds(), _LOOK_SECONDS)
