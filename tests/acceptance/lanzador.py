"""Start `serviweb …` as a process of its own, forked from one that has read the program's modules already.

It is a real process with its own pipes, signals, working folder and environment; only the second that Python needs to
import everything is spared, which a hundred commands would each pay again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import IO, Self

PRELOADED = (
    *("robot.cli", "robot.colas", "robot.office", "robot.pagos", "robot.revision", "robot.seguimiento", "robot.dudas"),
    *("robot.conciliacion", "robot.recuperacion", "robot.consola_cola", "robot.work.cola", "playwright.async_api"),
    "robot.selectores",
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "psycopg", "pypdf", "lanzador"),
)
Before = tuple[Callable[..., None], tuple[str, ...]]
"""A function of an importable module, and its arguments."""


class Started:
    """A command that was started: what tests use of `subprocess.Popen`."""

    def __init__(self, process: ForkServerProcess, out: int, err: int) -> None:
        self._process = process
        self._said: dict[str, str] = {}
        self.stdout: IO[str] = os.fdopen(out, encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(err, encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
        self.stdout.close()
        self.stderr.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self._process.pid
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended, or None; minus the signal's number when one ended it."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return how it ended, or None."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return how it ended. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("serviweb", timeout or 0)
        return self._process.exitcode

    def send_signal(self, sign: signal.Signals) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, sign)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Read both streams to their ends, wait, and return them. Raises `subprocess.TimeoutExpired`."""
        threads = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("out", self.stdout), ("err", self.stderr))
            if not stream.closed
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout)
        self.wait(timeout)
        return self._said.get("out", ""), self._said.get("err", "")

    def _read(self, name: str, stream: IO[str]) -> None:
        with stream:
            self._said[name] = stream.read()


def start(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], before: Before | None = None
) -> Started:
    """Start `serviweb` with these arguments; *before* is called in the new process first."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    out, err = os.pipe(), os.pipe()
    streams = Connection(out[1], readable=False), Connection(err[1], readable=False)
    process = context.Process(target=_be, args=(list(arguments), str(folder), dict(environment), *streams, before))
    process.start()
    for stream in streams:
        stream.close()
    return Started(process, out[0], err[0])


def _be(
    arguments: list[str],
    folder: str,
    environment: dict[str, str],
    out: Connection,
    err: Connection,
    before: Before | None,
) -> None:
    from robot.browser import aside
    from robot.cli import main

    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    for stream, number in ((out, 1), (err, 2)):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv[:] = ["serviweb", *arguments]
    if before:
        before[0](*before[1])
    try:
        main()
    finally:
        # A forked child waits for its own children before `concurrent.futures` tells them to end; a program doesn't.
        if aside._pool:
            aside._pool.shutdown()
