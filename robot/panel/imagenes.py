"""Pictures of a case: the real ones of its folder, and those of each step's end, painted from the recording on demand.

A step's picture is painted when somebody first looks at it, also while its case still runs: each finished step stands
in the recording already. One case at a time is painted once, and kept on the disk.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from playwright.async_api import Error as PlaywrightError

from robot.browser.pictures import render
from robot.errors import RobotError
from robot.recording import Chapter, read
from robot.work.navegador import Navegador

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.png")
SIN_IMAGEN: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200" role="img" aria-label="Sin imagen">'
    '<rect width="320" height="200" fill="#e8edf1"/><path d="M120 76h80v48h-80z" fill="none" stroke="#7b8a99" '
    'stroke-width="4"/><path d="M120 124l28-26 18 16 14-12 20 22" fill="none" stroke="#7b8a99" stroke-width="4"/>'
    '<text x="160" y="156" font-family="sans-serif" font-size="16" fill="#52616f" text-anchor="middle">'
    "sin imagen</text></svg>"
)
_TOGETHER: Final = 6
"""Steps painted at once: to load a recording takes longer than to paint one of its steps."""
_locks: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()


async def imagen(navegador: Navegador, folder: Path, archivo: str) -> Path | None:
    """Return the file of a picture, painted now where it wasn't; `None` where there is nothing to show."""
    if not NAME.fullmatch(archivo):
        return None
    path = folder / "imagenes" / archivo
    if await asyncio.to_thread(path.is_file):
        return path
    async with _locks.setdefault(folder, asyncio.Lock()):
        if not await asyncio.to_thread(path.is_file):
            await _paint(navegador, folder, archivo)
    return path if await asyncio.to_thread(path.is_file) else None


async def _paint(navegador: Navegador, folder: Path, archivo: str) -> None:
    """Paint the picture, and the next ones that aren't there yet. What can't be painted stays without a picture."""
    try:
        wanted = await asyncio.to_thread(_with_the_next, folder, archivo)
        if wanted:
            await render(folder, await navegador.living(), steps=wanted)
    except (RobotError, PlaywrightError, OSError, ValueError, KeyError, TypeError, StopIteration):
        return  # no browser on this machine, or a damaged recording: the journal doesn't depend on it


def _with_the_next(folder: Path, archivo: str) -> set[str]:
    """Return the numbers of the step whose picture this is and of the next ones to paint; none if there is no such."""
    chapters = [chapter for chapter in read(folder).chapters() if chapter.finished is not None]
    here = next((i for i, chapter in enumerate(chapters) if chapter.file == archivo), None)
    if here is None:
        return set()
    missing = [chapter for chapter in chapters[here:] if not _exists(folder, chapter)]
    return {chapter.number for chapter in missing[:_TOGETHER]}


def _exists(folder: Path, chapter: Chapter) -> bool:
    return (folder / "imagenes" / chapter.file).is_file()
