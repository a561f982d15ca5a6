"""Ctrl-C: real signals to a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from robot.work.senales import AVISO, SALIDA, Stop

HERE = Path(__file__).parent
PATIENCE = 30


@contextmanager
def process(mode: str) -> Iterator[subprocess.Popen[str]]:
    """Start a worker that says «listo» once it listens, and see it dead in the end."""
    with subprocess.Popen(
        [sys.executable, str(HERE / "interrupted.py"), mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1]), "PYTHONUTF8": "1"},
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    ) as worker:
        late = threading.Timer(PATIENCE, worker.kill)  # a line that never comes fails the test, and doesn't hang it
        late.start()
        try:
            assert line(worker) == "listo"
            yield worker
        finally:
            late.cancel()
            worker.kill()


def line(worker: subprocess.Popen[str]) -> str:
    """Return the next line that the worker wrote; its end is an empty one."""
    assert worker.stdout
    return worker.stdout.readline().rstrip("\n")


def interrupt(worker: subprocess.Popen[str]) -> None:
    """Press Ctrl-C, or on Windows Ctrl-Break, the one that can be sent to a process group."""
    worker.send_signal(getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT))


def test_the_first_one_lets_documents_end_and_the_second_stops_before_a_commit() -> None:
    """Each degree is told in a sentence, and the work sees it at its next look."""
    with process("document") as worker:
        interrupt(worker)
        assert line(worker) == f"aviso after_document: {AVISO['after_document']}"
        interrupt(worker)
        assert line(worker) == f"aviso before_commit: {AVISO['before_commit']}"
        assert (line(worker), line(worker)) == ("sin guardar before_commit", "afuera")
        assert worker.wait(PATIENCE) == 0


def test_an_idle_worker_wakes_at_the_first_one() -> None:
    """Who waits for a case needn't wait on; afterwards Ctrl-C means what it meant before."""
    with process("idle") as worker:
        interrupt(worker)
        assert line(worker) == f"aviso after_document: {AVISO['after_document']}"
        assert line(worker) == "libre True after_document"
        assert line(worker) == "afuera"
        worker.send_signal(signal.SIGINT)
        assert line(worker) == "KeyboardInterrupt"
        assert worker.wait(PATIENCE) == 130


def test_the_third_one_leaves_at_once() -> None:
    """Nothing is finished: the process ends with the code of an interruption and says what happens next."""
    with process("stubborn") as worker:
        for wanted in ("after_document", "before_commit"):
            interrupt(worker)
            assert line(worker) == f"aviso {wanted}: {AVISO[wanted]}"
        interrupt(worker)
        out, err = worker.communicate(timeout=PATIENCE)
        assert (worker.returncode, out, err) == (130, "", f"\n{SALIDA}\n")


def test_the_third_one_leaves_a_blocked_loop_too() -> None:
    """While the loop's thread waits for something else, Ctrl-C is counted all the same."""
    with process("blocked") as worker:
        # Signals of one kind merge while one is pending: send until the process has met three.
        while worker.poll() is None:
            interrupt(worker)
            with_patience(worker)
        assert worker.returncode == 130
        assert worker.stdout
        assert worker.stdout.read() == ""


def with_patience(worker: subprocess.Popen[str]) -> None:
    """Give the process a moment to end, and no more than it needs."""
    try:
        worker.wait(0.1)
    except subprocess.TimeoutExpired:
        return


def test_the_system_may_ask_to_end_as_well() -> None:
    """A service manager's signal lets the running documents end, like the first Ctrl-C."""
    with process("idle") as worker:
        worker.send_signal(signal.SIGTERM)
        assert line(worker) == f"aviso after_document: {AVISO['after_document']}"
        assert line(worker) == "libre True after_document"


def test_the_degrees_only_rise() -> None:
    """No, after the document, before the commit, and then no more."""
    stop = Stop()
    seen = [(stop.wanted, stop.may_begin, stop.may_commit)]
    while stop.more():
        seen.append((stop.wanted, stop.may_begin, stop.may_commit))
    assert seen == [("no", True, True), ("after_document", False, True), ("before_commit", False, False)]
    assert stop.more() is False
    assert stop.wanted == "before_commit"


def test_waiting_ends_by_itself(do: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
    """A wait with a time says that nobody asked; one after the wish was told ends at once."""

    async def both() -> tuple[bool, bool]:
        stop = Stop()
        before = await stop.wait(0.001)
        stop.more()
        stop.wake()
        return before, await stop.wait()

    assert do(both()) == (False, True)
