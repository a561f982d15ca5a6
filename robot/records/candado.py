"""A lock that the operating system gives up with the process that held it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_WINDOWS_OFFSET = 1 << 16  # Windows forbids reading locked bytes, so the lock lies beyond what the file says


def take(path: Path, *, wait: bool = False) -> IO[bytes]:
    """Return the locked file; closing it gives the lock up. Raises `OSError` when another process has it.

    With *wait*, wait for the other one first (on Windows ten seconds at most).
    """
    handle = path.open("a+b")
    try:
        if os.name == "nt":
            import msvcrt

            handle.seek(_WINDOWS_OFFSET)
            mode = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK  # type: ignore[attr-defined,unused-ignore]  # Windows
            msvcrt.locking(handle.fileno(), mode, 1)  # type: ignore[attr-defined,unused-ignore]  # Windows
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        handle.close()
        raise
    return handle


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock over the block, waiting for it."""
    with take(path, wait=True):
        yield
