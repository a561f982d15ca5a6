"""Heavy work beside the run, in a process of its own: what a page sent is masked there, pictures and papers are made.

In a thread of the run's own process the same work holds the interpreter while the browser waits for an answer
(measured: a third of a second a case). What runs here is a plain function of values and paths, one after another.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_pool: ProcessPoolExecutor | None = None


def open_aside() -> ProcessPoolExecutor:
    """Start the process if there is none, without waiting for it."""
    global _pool  # noqa: PLW0603 — one for the whole program, as the default thread pool is
    if _pool is None:
        _pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_end_with_parent)
        _pool.submit(_ready)
    return _pool


async def aside(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Carry the work out there and return its result; in a thread where the process has died."""
    try:
        return await aside_only(work, *args, **kwargs)
    except BrokenExecutor:
        return await asyncio.to_thread(work, *args, **kwargs)


async def aside_only(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Carry the work out there, in the order of the calls. Raises `BrokenExecutor` when the process has died."""
    global _pool  # noqa: PLW0603
    pool = open_aside()
    try:
        return await asyncio.wrap_future(pool.submit(work, *args, **kwargs))
    except BrokenExecutor:
        if _pool is pool:
            _pool = None  # the next work gets a new one
        raise


def _end_with_parent() -> None:
    """Let the browser go first, and leave with the parent even if it was killed: its end shows on the pipe it held."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal reaches every process; the parent decides
    if hasattr(os, "nice"):
        os.nice(5)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _ready() -> None:
    """Load what the work needs before the first of it comes."""
    from PIL import Image, ImageDraw  # noqa: F401

    from robot.browser import covered, papers, transcript  # noqa: F401
