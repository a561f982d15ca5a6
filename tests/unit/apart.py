"""Run a coroutine in a thread of its own: pytest-playwright holds the main thread's event loop once a test used it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end, as `asyncio.run` does, and return its result or raise its error."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
