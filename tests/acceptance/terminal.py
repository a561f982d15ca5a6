"""A terminal for a command, and a person at it: what it shows is read, what the person types is typed."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import termios
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from lanzador import Before

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def sit_down(path: str) -> None:
    """Make a terminal this process's own: what it reads, where its messages go, and whose Ctrl-C it hears."""
    os.setsid()
    terminal = os.open(path, os.O_RDWR)
    os.dup2(terminal, 0)
    os.dup2(terminal, 2)


class Terminal:
    """One pseudo-terminal, 140 columns wide."""

    def __init__(self) -> None:
        self._ours, self._theirs = os.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 140, 0, 0))
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._ours)
        os.close(self._theirs)

    @property
    def before(self) -> Before:
        """Return what a new process does to sit at this terminal."""
        return sit_down, (os.ttyname(self._theirs),)

    def type(self, text: str) -> None:
        """Type, as a person does."""
        os.write(self._ours, text.encode())

    def until(self, words: str, *, times: int = 1, seconds: float = 60) -> str:
        """Wait until the terminal has shown these words so many times; return everything that it has shown."""
        deadline = time.monotonic() + seconds
        while self.shown.count(words) < times:
            ready, _, _ = select.select([self._ours], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"«{words}» did not show in:\n{self.shown}"
            self._read()
        return self.shown

    def rest(self) -> str:
        """Return everything that it has shown by now."""
        while select.select([self._ours], [], [], 0)[0]:
            self._read()
        return self.shown

    def _read(self) -> None:
        text = os.read(self._ours, 65536).decode(errors="replace").replace("\r\n", "\n")
        self.shown += _ESCAPES.sub("", text)
