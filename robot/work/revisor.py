"""The map is checked before the queue's first case, and again when a case misses a control (design: *Drift*).

One check speaks for all workers of a process. What it finds pauses the queue on every machine: a changed page is the
same for all, and only a person may say what a control is called now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser

from robot.errors import SelectorDrift, SessionLost, SettingsError, SiteDown, StepFailed
from robot.records import revision_mapa
from robot.records.store import cases
from robot.records.store.engine import Store, StoreDownError
from robot.work.archivo import Archivo
from robot.work.sitio import ROBOT

Revisa = Callable[[Archivo, Browser], Awaitable[tuple[Path, Mapping[str, Any]]]]
"""Check the whole map with the user of these settings; return the report's page and data (robot.work.visita)."""
DERIVA: Final = "Serviweb cambió o el mapa está mal"
"""How the reason of a pause begins that the check of the map set."""
_TRIES: Final = 3
_MOST_NAMED: Final = 6
_REMEDY: Final = (
    "Vea el informe, corrija el mapa («serviweb selectores aceptar» o «serviweb selectores aprender»), compruébelo con "
    "«serviweb selectores revisar» y luego «serviweb cola reanudar»"
)


class Revisor:
    """What this process knows of the map: nothing yet, that it holds, or why no case may begin."""

    def __init__(self, store: Store, revisa: Revisa | None) -> None:
        self._store = store
        self._revisa = revisa
        self._lock = asyncio.Lock()
        self._failed = 0
        self.pending = revisa is not None
        """The map is still to be checked before a case may begin."""
        self.drift: SelectorDrift | None = None
        """Why no further case may begin in this process: its map is the one that is wrong."""

    async def antes(self, archivo: Archivo, browser: Browser) -> bool:
        """Check the map unless that is done; say whether it is known now. A case may begin if there is no `drift`.

        Raises `SiteDown` while Serviweb doesn't answer, `LoginRefused`, and `StepFailed` when it can't be checked.
        """
        async with self._lock:
            if not self.pending:
                return True
            try:
                await self._check(archivo, browser)
            except SessionLost:
                self._failed += 1
                if self._failed == _TRIES:
                    raise
                return False
            self.pending = False
            return True

    async def confirma(self, archivo: Archivo, browser: Browser) -> str:
        """Check the map since a case missed a control; return why the queue was paused, or «» if the map holds."""
        if self._revisa is None:
            return ""
        async with self._lock:
            if self.drift is None:
                try:
                    await self._check(archivo, browser)
                except (SiteDown, StepFailed):
                    return ""  # nothing is known: the next case that misses the same control says more
            return self.drift.reason if self.drift else ""

    async def _check(self, archivo: Archivo, browser: Browser) -> None:
        assert self._revisa is not None  # noqa: S101 — both callers ask first
        try:
            page, revision = await self._revisa(archivo, browser)
        except StoreDownError:
            raise
        except OSError as error:
            raise SettingsError(f"No se pudo escribir la revisión del mapa: {error.strerror or error}") from error
        if not revision["hay_cambios"]:
            return
        told = f"{DERIVA}: {_named(revision)}. Informe: {page}"
        await asyncio.to_thread(cases.switch_on, self._store, cases.PAUSE, ROBOT, f"{told}. {_REMEDY}")
        self.drift = SelectorDrift(told, remedy=f"{_REMEDY}.")


def _named(revision: Mapping[str, Any]) -> str:
    wrong = [
        f"{c['control']} ({c['veredicto']})" for c in revision["controles"] if c["veredicto"] in revision_mapa.MALOS
    ]
    shown = wrong[:_MOST_NAMED] or list(revision["avisos"])
    more = f" y {len(wrong) - _MOST_NAMED} más" if len(wrong) > _MOST_NAMED else ""
    return ", ".join(shown) + more
