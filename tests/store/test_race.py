"""Four workers race for the same cases and are killed at random: nothing overlaps, nothing is sent twice or lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from some_cases import one, request

from robot.records.store import audit, cases, leases
from robot.records.store.engine import Store
from robot.records.store.requests import Batch, NewCase, take

HERE = Path(__file__).parent
KILLS = 20
CASES, SUBSCRIBERS = 50, 25


def start(where: str, folder: Path, name: str) -> subprocess.Popen[bytes]:
    """Start a worker."""
    environment = {"PYTHONPATH": f"{HERE}:{HERE.parent / 'unit'}:{HERE.parents[1]}", "PATH": "/usr/bin:/bin"}
    return subprocess.Popen([sys.executable, str(HERE / "racer.py"), where, str(folder), name], env=environment)


def until(condition: object, seconds: float = 120) -> None:
    """Wait for a condition. Fails when it doesn't come."""
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def begun(store: Store, name: str) -> bool:
    """Say whether a worker has a case in its hands."""
    return bool(one(store, "SELECT count(*) FROM casos WHERE trabajador = :name", name=name))


def drained(store: Store, dead: list[str]) -> bool:
    """Take over what the dead left and decide the doubts, as a person would; say whether nothing is left to do.

    A server may still carry out what a killed process had asked for: its cases are looked for again each time.
    """
    if {worker for _, worker in leases.held(store)} & set(dead):  # asked first: a write each time would starve them
        leases.sweep(store, workers=tuple(dead))
    for doubt in cases.find_in(store, "en_duda"):
        cases.change(store, doubt["id"], "terminado")
    return set(cases.counts(store)) == {"terminado"}


def test_killed_workers_leave_no_overlap_and_no_double(where: str, store: Store, tmp_path: Path) -> None:
    """After twenty kills each case is done, or in doubt since its request was let out; no effect was sent twice."""
    total = 0

    def enqueue() -> None:
        """Keep the queue from running dry, so that every kill meets workers with something to do."""
        nonlocal total
        if cases.counts(store).get("en_cola", 0) >= SUBSCRIBERS:
            return
        rows = [
            NewCase(solicitud=request(codigo=str(100000 + total + n % SUBSCRIBERS), nueva_ocasion=f"vez {n}"), fila=n)
            for n in range(CASES)
        ]
        assert {taken.resultado for taken in take(store, rows, Batch())} == {"nuevo"}
        total += CASES

    def has_begun(name: str) -> bool:
        drained(store, dead)  # a doubt would keep its subscriber's next cases from everybody
        enqueue()
        return begun(store, name)

    enqueue()
    chance = random.Random(7)
    killed, dead = 0, list[str]()
    names = (f"t{n}" for n in range(1000))
    living = {name: start(where, tmp_path, name) for name in (next(names) for _ in range(4))}
    try:
        for _ in range(KILLS):
            name = chance.choice(sorted(living))
            until(lambda name=name: has_begun(name))
            time.sleep(chance.uniform(0, 0.03))
            process = living.pop(name)
            process.kill()
            assert process.wait() == -signal.SIGKILL
            killed += 1
            dead.append(name)
            drained(store, dead)
            replacement = next(names)
            living[replacement] = start(where, tmp_path, replacement)
        until(lambda: drained(store, dead))
    finally:
        (tmp_path / "fin").touch()
        for process in living.values():
            process.wait(timeout=60)
    assert killed == KILLS
    assert cases.counts(store) == {"terminado": total}
    seen = (tmp_path / "visto").read_text().splitlines()
    assert [line for line in seen if line.startswith("encima")] == []
    assert max(Counter(seen).values()) == 1
    twice = "SELECT caso FROM efectos WHERE enviado IS NOT NULL GROUP BY caso HAVING count(*) > 1"
    assert one(store, f"SELECT count(*) FROM ({twice}) a") == 0
    assert one(store, "SELECT count(*) FROM efectos WHERE estado IN ('confirmado', 'en_duda')") == total
    assert [
        fault for fault in audit.verify(store, tmp_path / "casos") if not fault.nota and fault.donde == "base"
    ] == []
