"""The browser of a process that works the queue: one for all its workers, started anew when it died."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from types import TracebackType
from typing import Final, Self

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

_GRACE_SECONDS: Final = 10
"""How long a dead browser's driver may take to end."""


class Navegador:
    """Keep a browser at hand while the block runs."""

    def __init__(self, opened: Callable[[], AbstractAsyncContextManager[Browser]]) -> None:
        self._opened = opened
        self._stack = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._browser: Browser | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def living(self) -> Browser:
        """Return the browser, started if it isn't there (any more). Raises `SettingsError` when it can't be."""
        async with self._lock:
            if self._browser is None or not self._browser.is_connected():
                await self._close()
                self._browser = await self._stack.enter_async_context(self._opened())
            return self._browser

    async def _close(self) -> None:
        self._browser = None
        with suppress(PlaywrightError, TimeoutError):
            await asyncio.wait_for(self._stack.aclose(), _GRACE_SECONDS)
