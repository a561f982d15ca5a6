"""The papers of a run whose copies are being made by the process beside, while its next steps go on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path

from robot.browser.aside import aside
from robot.browser.effect import Journal
from robot.browser.paper import PaperError
from robot.browser.papers import Paper, checked


class Copies:
    """The copies of one run that are still being made."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._making: list[asyncio.Task[None]] = []

    def make(self, original: Path, data: bytes, *, kind: str, number: str, has_text: bool) -> None:
        """Begin to check a paper and to make its two copies; the journal says when they are there."""
        case = self._journal.folder.name
        making = aside(checked, original, data, case=case, kind=kind, number=number, has_text=has_text)
        self._making.append(asyncio.create_task(self._made(kind, making)))

    async def _made(self, kind: str, making: Awaitable[Paper]) -> None:
        try:
            paper = await making
        except PaperError as error:
            self._journal.write("document.missing", durable=True, kind=kind, reason=str(error))
            return
        self._journal.write("document.printed", durable=True, kind=kind, **paper.entry())

    async def settle(self) -> None:
        """Wait for all of them. Raises `OSError` when the disk has no room for one."""
        making, self._making = self._making, []
        await asyncio.gather(*making)
