"""The audit journal: a chain that shows every change, asked for by person, act, case and day."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from robot.records.store import acciones, hechas
from robot.records.store.acciones import Filtro
from robot.records.store.engine import Store
from robot.records.store.schema_panel import acciones as rows


def written(store: Store, count: int = 6) -> None:
    """Write that many acts of two people."""
    for n in range(count):
        caso = f"R-{n:05}" if n % 3 == 0 else None
        acciones.note(store, ("ve_caso", "crea_caso")[n % 2], quien=("ana", "sofia")[n % 2], caso=caso, cual=n)


def numbers(found: Sequence[Any]) -> list[int]:
    """Return the acts' numbers."""
    return [row["n"] for row in found]


def test_a_whole_chain_is_whole(store: Store) -> None:
    """Empty or not, it names how many acts and the last one's hash."""
    assert acciones.verify(store) == acciones.Cadena(cuantas=0, cabeza="0" * 64)
    written(store)
    found = acciones.verify(store)
    assert (found.cuantas, found.rota) == (6, None)
    assert found.cabeza == acciones.lista(store, Filtro(), limit=1)[0]["huella"]


@pytest.mark.parametrize(
    "column", ["cuando", "quien", "rol", "accion", "caso", "detalle", "origen", "previa", "huella"]
)
def test_every_change_shows(store: Store, column: str) -> None:
    """No column of an act can be altered."""
    written(store)
    changed = "R-99999" if column == "caso" else "otro"
    with store.write() as connection:
        connection.execute(update(rows).where(rows.c.n == 3).values(**{column: changed}))
    found = acciones.verify(store)
    assert (found.cuantas, found.rota) == (2, 3)


def test_a_missing_act_shows(store: Store) -> None:
    """The first, one in the middle; of the last only its hash, noted before, tells."""
    written(store)
    head = acciones.verify(store).cabeza
    for n, broken in ((6, None), (3, 4), (1, 2)):
        with store.write() as connection:
            connection.execute(delete(rows).where(rows.c.n == n))
        assert acciones.verify(store).rota == broken
        assert acciones.verify(store).cabeza != head


def test_an_act_put_between_shows(store: Store) -> None:
    """A copy of a true act is no act."""
    written(store)
    with store.write() as connection:
        copied = dict(connection.execute(select(rows).where(rows.c.n == 2)).mappings().one())
        connection.execute(insert(rows), copied | {"n": 7})
    assert acciones.verify(store).rota == 7


def test_many_at_once_make_one_chain(store: Store) -> None:
    """Whoever writes at the same moment, each row follows one other."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: acciones.note(store, "ve_caso", quien=f"p{n}"), range(40)))
    assert acciones.verify(store).cuantas == 40


def test_it_is_asked_by_person_act_and_case(store: Store) -> None:
    """The newest first; each filter alone and together."""
    written(store)
    for filtro, wanted in (
        (Filtro(), [6, 5, 4, 3, 2, 1]),
        (Filtro(quien="ana"), [5, 3, 1]),
        (Filtro(accion="crea_caso"), [6, 4, 2]),
        (Filtro(caso="R-00003"), [4]),
        (Filtro(quien="ana", caso="R-00003"), []),
        (Filtro(quien="nadie"), []),
    ):
        assert numbers(acciones.lista(store, filtro)) == wanted
        assert numbers(list(acciones.each(store, filtro))) == wanted[::-1]
    assert numbers(acciones.of_case(store, "R-00000")) == [1]


def test_it_is_asked_by_time(store: Store) -> None:
    """From a moment on, and before one."""
    written(store)
    times = [row["cuando"] for row in acciones.each(store, Filtro())]
    assert numbers(acciones.lista(store, Filtro(desde=times[2], hasta=times[4]))) == [4, 3]
    assert numbers(acciones.lista(store, Filtro(desde="2999"))) == []
    assert numbers(acciones.lista(store, Filtro(hasta="2999"))) == [6, 5, 4, 3, 2, 1]


def test_pages_neither_repeat_nor_leave_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page after page is the whole, also while acts are added; so is the export."""
    written(store, 11)
    monkeypatch.setattr(acciones, "_CHUNK", 4)
    seen: list[int] = []
    for _ in itertools.count():
        some = acciones.lista(store, Filtro(), antes=seen[-1] if seen else 0, limit=4)
        if not some:
            break
        seen += numbers(some)
        acciones.note(store, "ver_auditoria", quien="sofia")
    assert seen == list(range(11, 0, -1))
    assert numbers(list(acciones.each(store, Filtro()))) == list(range(1, 15))
    assert acciones.verify(store).cuantas == 14


def test_the_values_there_are(store: Store) -> None:
    """Each once, in order, no more than asked for."""
    assert acciones.known(store, "quien") == []
    written(store)
    assert acciones.known(store, "quien") == ["ana", "sofia"]
    assert acciones.known(store, "accion", most=1) == ["crea_caso"]


# Forms that act once.


def test_a_mark_is_claimed_once(store: Store) -> None:
    """Of many at once one acts; the others see that it does, and then its answer."""
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: hechas.begin(store, "m" * 20, "ana"), range(8)))
    assert sorted(said, key=str) == [hechas.PENDING] * 7 + [None]
    hechas.end(store, "m" * 20, "/donde")
    assert hechas.begin(store, "m" * 20, "ana") == "/donde"


def test_what_was_refused_may_be_tried_again(store: Store) -> None:
    """Its mark is free; another person's mark never is."""
    assert hechas.begin(store, "m" * 20, "ana") is None
    hechas.end(store, "m" * 20, None)
    assert hechas.begin(store, "m" * 20, "ana") is None
    assert hechas.begin(store, "m" * 20, "beto") == hechas.BROKEN
