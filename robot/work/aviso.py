"""News of the queue: whoever waits for work is woken when somebody changed it, on any machine.

Triggers tell (migration v0004), so no program that writes can forget it. On PostgreSQL a connection of its own listens;
on SQLite the file's version is looked at, which reads nothing while nobody writes. News only wake: what there is to do
is asked of the tables, and whoever waits also looks by himself from time to time, so none that was lost is missed long.
"""

from __future__ import annotations

import asyncio
import selectors
import socket
import threading
from contextlib import closing, suppress
from types import TracebackType
from typing import Any, Final, Protocol, Self

from robot.records.store.engine import Store
from robot.work.senales import Stop

CHANNEL: Final = "serviweb_cola"
_LOOK_SECONDS: Final = 0.2
"""How often SQLite's file is looked at."""
_PROOF_SECONDS: Final = 30.0
"""How long PostgreSQL may be silent before it is asked whether it is still there."""
_TOGETHER_SECONDS: Final = 0.05
"""News so close to each other are one."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0


class _Ear(Protocol):
    """What hears of changes; used from one thread."""

    def hear(self) -> bool:
        """Wait a while, or until the bell rings; say whether there are news. Raises an error when it is deaf."""

    def close(self) -> None:
        """Give the connection back."""


class Aviso:
    """Wake the workers of one process; open it inside a running loop."""

    def __init__(self, store: Store) -> None:
        self.count = 0
        """How many news there have been; ask before looking for work, so that none is lost between look and wait."""
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._over = threading.Event()
        self._bell, self._button = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, name="avisos de la cola", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._button.send(b"x")
        self._thread.join(timeout=5)  # a database that hangs must not keep the process from ending
        if not self._thread.is_alive():
            self._bell.close()
            self._button.close()

    async def news(self, since: int, timeout_seconds: float) -> int:
        """Wait until there are more news than *since*, at most so long; return how many there have been."""
        if self.count == since:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), timeout_seconds)
        return self.count

    async def idle(self, since: int, timeout_seconds: float, stop: Stop) -> int:
        """Wait as `news` does, or until somebody asks to stop."""
        waits = [
            asyncio.create_task(self.news(since, timeout_seconds)),
            asyncio.create_task(stop.wait(timeout_seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return self.count

    # In the thread.

    def _listen(self) -> None:
        """Listen until the end; when the database goes, try again at growing pauses."""
        pause = _FIRST_PAUSE
        while not self._over.is_set():
            with suppress(OSError, self._store.driver_error), closing(self._ear()) as ear:
                self._tell()  # nobody listened before
                pause = _FIRST_PAUSE
                while not self._over.is_set():
                    if ear.hear():
                        self._tell()
                        self._over.wait(_TOGETHER_SECONDS)
            self._over.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _ear(self) -> _Ear:
        return _Looking(self._store, self._bell) if self._store.is_sqlite else _Listening(self._store, self._bell)

    def _tell(self) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._told)

    def _told(self) -> None:
        self.count += 1
        self._news.set()
        self._news = asyncio.Event()


class _Listening:
    """PostgreSQL: LISTEN, on a connection that does nothing else."""

    def __init__(self, store: Store, bell: socket.socket) -> None:
        self._connection = store.connection_of_its_own()
        self._heard = False
        self._selector = selectors.DefaultSelector()
        try:
            self._connection.autocommit = True
            self._connection.add_notify_handler(self._hear_one)
            self._connection.execute(f"LISTEN {CHANNEL}")
            self._selector.register(self._connection.fileno(), selectors.EVENT_READ)
            self._selector.register(bell, selectors.EVENT_READ)
        except BaseException:
            self.close()
            raise

    def _hear_one(self, _: object) -> None:
        self._heard = True

    def hear(self) -> bool:
        self._selector.select(_PROOF_SECONDS)
        self._connection.execute("SELECT")  # takes what has come, and fails where nobody is there any more
        heard, self._heard = self._heard, False
        return heard

    def close(self) -> None:
        self._selector.close()
        self._connection.close()


class _Looking:
    """SQLite: the file's version changes when anybody else writes; only then the count of the triggers is read."""

    def __init__(self, store: Store, bell: socket.socket) -> None:
        self._connection = store.connection_of_its_own()
        self._selector = selectors.DefaultSelector()
        self._selector.register(bell, selectors.EVENT_READ)
        self._version = self._count = None

    def hear(self) -> bool:
        self._selector.select(_LOOK_SECONDS)
        before = self._version, self._count
        self._version = self._one("PRAGMA data_version")
        if self._version == before[0]:
            return False
        self._count = self._one("SELECT valor FROM control WHERE clave = 'aviso'")
        return before[0] is not None and self._count != before[1]

    def _one(self, question: str) -> Any:
        found = self._connection.execute(question).fetchone()
        return found[0] if found else None

    def close(self) -> None:
        self._selector.close()
        self._connection.close()
