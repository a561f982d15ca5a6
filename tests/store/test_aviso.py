"""News of the queue on both databases: whatever gives work wakes whoever waits, in any process and on any machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from apart import run_apart
from postgres import address, execute
from some_cases import begun, new, run

from robot.records.store import cases, leases
from robot.records.store.engine import Store, open_store, stamp
from robot.work.aviso import Aviso
from robot.work.senales import Stop

_QUIET_SECONDS = 0.35


def heard(where: str, change: Callable[[Store], object], prepare: Callable[[Store], object] = lambda _: None) -> bool:
    """Say whether somebody who waits hears of a change that another process makes."""

    async def listen() -> bool:
        with open_store(where) as mine, open_store(where) as theirs:
            prepare(theirs)
            with Aviso(mine) as aviso:
                count = await quiet(aviso)
                await asyncio.to_thread(change, theirs)
                return await aviso.news(count, 1.5 * _QUIET_SECONDS) > count

    return run_apart(listen())


async def quiet(aviso: Aviso) -> int:
    """Wait until nothing is new any more."""
    count = await aviso.news(0, 10)
    assert count, "it never began to listen"
    while (now := await aviso.news(count, _QUIET_SECONDS)) > count:
        count = now
    return count


def _running(store: Store) -> None:
    begun(store, new(store))


def _end(store: Store) -> None:
    claim = begun(store, new(store, codigo="100777"))
    leases.finish(store, claim, "rechazado")


def _postponed(store: Store) -> None:
    later = stamp(datetime.now(UTC) + timedelta(hours=1))
    run(store, f"UPDATE casos SET disponible = '{later}'")


GIVE_WORK = {
    "a new case": (new, lambda _: None),
    "a case that ends": (_end, lambda _: None),
    "a case handed back": (lambda store: leases.sweep(store, datetime.now(UTC) + timedelta(hours=1)), _running),
    "its time moved": (_postponed, new),
    "a pause": (lambda store: cases.switch_on(store, cases.PAUSE, "ana"), new),
    "the end of a pause": (
        lambda store: cases.switch_off(store, cases.PAUSE),
        lambda store: cases.switch_on(store, cases.PAUSE, "ana"),
    ),
    "the circuit closed by hand": (
        lambda store: cases.switch_off(store, cases.CIRCUIT),
        lambda store: cases.switch_on(store, cases.CIRCUIT, "robot"),
    ),
}


@pytest.mark.parametrize("what", GIVE_WORK)
def test_whoever_waits_hears_of_what_gives_work(where: str, what: str) -> None:
    """Any change that may give work wakes, whoever makes it."""
    change, prepare = GIVE_WORK[what]
    assert heard(where, change, prepare)


SILENT = {
    "a claim": (lambda store: leases.claim(store, "uno"), new),
    "the circuit that counts": (lambda store: cases.switch_on(store, cases.CIRCUIT, "robot"), new),
    "a Serviweb user": (lambda store: leases.lease_user(store, "asesor1", "uno"), new),
}


@pytest.mark.parametrize("what", SILENT)
def test_what_gives_no_work_wakes_nobody(where: str, what: str) -> None:
    """What workers do while they look for work is no news, or they would wake each other without end."""
    change, prepare = SILENT[what]
    assert not heard(where, change, prepare)


def test_many_rows_are_a_few_news(where: str) -> None:
    """A batch of rows in one transaction wakes once, not once a row."""

    async def listen() -> int:
        with open_store(where) as mine, open_store(where) as theirs, Aviso(mine) as aviso:
            count = await quiet(aviso)
            await asyncio.to_thread(lambda: run(theirs, _HUNDRED))
            return await quiet(aviso) - count

    assert run_apart(listen()) == 1


_HUNDRED = """
INSERT INTO casos (id, codigo, ruta, prioridad, orden, huella, disponible, vence, creado, cambiado)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
SELECT 'R-' || i, i, '01-001', 20, i, '', 'x', 'x', 'x', 'x' FROM n
"""


def test_a_change_between_look_and_wait_is_not_lost(where: str) -> None:
    """Who looked before the change was made is woken though it came before the wait."""

    async def listen() -> float:
        with open_store(where) as mine, open_store(where) as theirs, Aviso(mine) as aviso:
            count = await quiet(aviso)
            await asyncio.to_thread(new, theirs)
            await asyncio.sleep(0.4)  # SQLite's file is looked at five times a second
            began = time.perf_counter()
            await aviso.idle(count, 30, Stop())
            return time.perf_counter() - began

    assert run_apart(listen()) < 5


def test_who_asks_to_stop_ends_the_wait(where: str) -> None:
    """Waiting for news doesn't keep anybody from going home."""

    async def listen() -> float:
        with open_store(where) as mine, Aviso(mine) as aviso:
            stop = Stop()
            asyncio.get_running_loop().call_later(0.1, lambda: (stop.more(), stop.wake()))
            began = time.perf_counter()
            await aviso.idle(await quiet(aviso), 30, stop)
            return time.perf_counter() - began

    assert run_apart(listen()) < 10


def test_news_come_again_after_the_connection_was_lost(postgresql: str) -> None:
    """PostgreSQL closes the listener's connection: it listens again, and what came meanwhile is news too."""
    execute(postgresql, "CREATE DATABASE perdida TEMPLATE modelo")
    where = address(postgresql, "perdida")

    async def listen(during: Callable[[Aviso], Awaitable[None]]) -> None:
        with open_store(where) as store, Aviso(store) as aviso:
            await during(aviso)

    async def lost(aviso: Aviso) -> None:
        count = await quiet(aviso)
        execute(
            postgresql,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'perdida'",
        )
        assert await aviso.news(count, 10) > count
        with open_store(where) as theirs:
            count = await quiet(aviso)
            await asyncio.to_thread(new, theirs)
            assert await aviso.news(count, 5) > count

    run_apart(listen(lost))


def test_a_transaction_frozen_half_way_does_not_hold_its_case(postgresql: str) -> None:
    """Whoever stops answering in the middle of a transaction loses it: else no sweep could take the case."""
    execute(postgresql, "CREATE DATABASE helada TEMPLATE modelo")
    where = address(postgresql, "helada")
    with open_store(where) as store, open_store(f"{where}&options=-c idle_in_transaction_session_timeout=200ms") as ice:
        mark = new(store)
        leases.claim(store, "uno", lease_seconds=0)
        with pytest.raises(OSError, match="no respondió"):
            _freeze(store, ice, mark)
        assert cases.case(store, mark)["estado"] == "en_cola"


def _freeze(store: Store, ice: Store, mark: str) -> None:
    """Hold a case's row in a transaction that doesn't go on, until a sweep has taken the case."""
    with ice.write() as connection:
        connection.exec_driver_sql(f"UPDATE casos SET motivo = 'x' WHERE id = '{mark}'")
        assert leases.sweep(store) == []
        deadline = time.monotonic() + 20
        while not leases.sweep(store):
            assert time.monotonic() < deadline
