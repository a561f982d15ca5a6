"""Ctrl-C, by how often: finish the current document, stop before the next commit, leave at once."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, Literal

Wanted = Literal["no", "after_document", "before_commit"]
_ORDER: Final[tuple[Wanted, ...]] = ("no", "after_document", "before_commit")
INTERRUPTED: Final = 130
"""The exit code of a program that Ctrl-C ended."""
AVISO: Final = {
    "after_document": (
        "Se termina el documento que cada trabajador tiene en curso y se para. "
        "Ctrl-C otra vez: se para antes de guardar."
    ),
    "before_commit": "Se para antes de guardar nada más. Ctrl-C otra vez: se sale ya, sin terminar nada.",
}
SIN_PANEL: Final = "El panel que inició al robot ya no está: se termina lo que hay en curso y se para."
SALIDA: Final = "Se sale ya. Lo que se haya enviado se busca en Serviweb al volver a trabajar la cola."


class Stop:
    """Whether the workers shall stop, and how soon; it is only ever raised."""

    def __init__(self) -> None:
        self.wanted: Wanted = "no"
        self._asked = asyncio.Event()

    def more(self) -> bool:
        """Ask for the next degree; say whether there was one. Safe in a signal's handler."""
        place = _ORDER.index(self.wanted) + 1
        if place == len(_ORDER):
            return False
        self.wanted = _ORDER[place]
        return True

    @property
    def may_begin(self) -> bool:
        """Say whether another case or document may begin."""
        return self.wanted == "no"

    @property
    def may_commit(self) -> bool:
        """Say whether the document in work may still be saved."""
        return self.wanted != "before_commit"

    async def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait until somebody asks to stop, or for this long; say whether it was asked."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked.wait(), timeout_seconds)
        return not self.may_begin

    def wake(self) -> None:
        """Wake whoever waits; call it in the loop's thread."""
        self._asked.set()


@contextmanager
def escuchar(stop: Stop, avisar: Callable[[str], None]) -> Iterator[None]:
    """Turn Ctrl-C, and the system's request to end, into *stop*; in the main thread, inside a running loop.

    *avisar* is told a Spanish sentence, in the loop. The third signal ends the process even while the loop is blocked:
    that is why the handler is Python's own, the same on every system, and not `loop.add_signal_handler`, whose
    callbacks wait for the loop.
    """
    loop = asyncio.get_running_loop()

    def tell() -> None:
        stop.wake()
        avisar(AVISO[stop.wanted])

    def heard(_number: int, _frame: FrameType | None) -> None:
        if stop.more():
            loop.call_soon_threadsafe(tell)
            return
        os.write(2, f"\n{SALIDA}\n".encode())  # unbuffered: a stream may be in the middle of a line of its own
        os._exit(INTERRUPTED)

    names = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last one is Windows' Ctrl-Break
    before = {number: signal.signal(number, heard) for name in names if (number := getattr(signal, name, None))}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def mientras_viva(entrada: int, stop: Stop, avisar: Callable[[str], None]) -> None:
    """Stop after the present documents once *entrada*, a pipe's reading end that nobody writes to, comes to its end.

    Whoever holds the other end may be killed with no chance to say so; the system closes it all the same.
    """
    loop = asyncio.get_running_loop()

    def ended() -> None:
        if stop.may_begin:
            stop.more()
            stop.wake()
            avisar(SIN_PANEL)

    def watch() -> None:
        with suppress(OSError):
            while os.read(entrada, 1024):
                pass
        with suppress(RuntimeError):  # the loop is over, and the robot with it
            loop.call_soon_threadsafe(ended)

    threading.Thread(target=watch, name="mientras-viva", daemon=True).start()
