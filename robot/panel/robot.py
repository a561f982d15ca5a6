"""The robot's own process: `serviweb cola trabajar --seguir`, begun and ended from the panel, and what it said last."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from robot.settings import Settings, environment
from robot.work.cola import is_worked_here

_LOG: Final = "robot.log"
_MOST_BYTES: Final = 2 << 20
_SAID_BYTES: Final = 4000


@dataclass(kw_only=True)
class Robot:
    """One child process at most. A queue that another process of this machine works is that one's affair."""

    settings: Settings
    permitido: bool = True
    """Whether this panel may begin it: else another process, or another machine, works the queue."""
    _child: subprocess.Popen[bytes] | None = None
    _vida: int | None = None
    """The pipe's end that tells the child that this panel lives: the system closes it however the panel ends."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def trabaja(self) -> bool:
        """Say whether a process of this machine works the queue, this one's child or another."""
        return is_worked_here(self.settings)

    @property
    def es_nuestro(self) -> bool:
        """Say whether the child of this panel lives."""
        return self._child is not None and self._child.poll() is None

    def iniciar(self) -> bool:
        """Begin to work the queue; False where somebody does already, or where this panel may not."""
        if not self.permitido:
            return False
        with self._lock:
            if self.es_nuestro or self.trabaja:
                return False
            command = [sys.executable, "-m", "robot", "cola", "trabajar", "--seguir", "--con-panel"]
            with self._log() as log, self._pipe() as alive:
                self._child = subprocess.Popen(  # noqa: S603 — our own program
                    command,
                    stdin=alive,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment(self.settings, NO_COLOR="1", COLUMNS="200"),
                    creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                    process_group=None if os.name == "nt" else 0,  # Ctrl-C is the panel's; it asks the robot to end
                )
            return True

    @contextmanager
    def _pipe(self) -> Iterator[int]:
        """Give the child's end of a new pipe, ours kept and that of the last child closed."""
        if self._vida is not None:
            os.close(self._vida)
            self._vida = None
        theirs, self._vida = os.pipe()
        try:
            yield theirs
        finally:
            os.close(theirs)

    def _log(self) -> IO[bytes]:
        path = self.settings.carpeta / _LOG
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MOST_BYTES:
            path.replace(path.with_suffix(".log.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(descriptor, "ab")

    def parar(self, *, espera_segundos: float = 0) -> bool:
        """Ask the child to end after its present documents; wait that long. False where it isn't this panel's."""
        with self._lock:
            child = self._child
        if child is None or child.poll() is not None:
            return False
        child.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))
        if espera_segundos:
            try:
                child.wait(espera_segundos)
            except subprocess.TimeoutExpired:
                child.terminate()  # before the next commit
                child.wait(espera_segundos)
        return True

    def dicho(self) -> str:
        """Return what the robot said last when it ended by itself with an error; «» otherwise."""
        if self._child is None or self._child.poll() in (None, 0, 130):
            return ""
        path: Path = self.settings.carpeta / _LOG
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _SAID_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
        return "\n".join(line for line in lines[-12:] if line.strip())
