"""The same-request rule: which row makes a case, which repeats one, which is an error."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from some_cases import begun, new, one, request, run

from robot.records.store import cases
from robot.records.store.engine import Store
from robot.records.store.requests import Batch, NewCase, Taken, open_lot, take

NOW = datetime.now(UTC)


def taken(store: Store, now: datetime = NOW, **changed: Any) -> Taken:
    """Take one request and return what became of it."""
    return take(store, [NewCase(solicitud=request(**changed))], Batch(), now)[0]


def test_equal_data_is_the_same_case(store: Store) -> None:
    """The same row again, while the first one isn't finished, is its case."""
    first = taken(store)
    again = taken(store, NOW + timedelta(days=300))
    assert (first.resultado, again.resultado, again.caso) == ("nuevo", "ya_atendido", first.caso)


def test_other_data_of_an_unfinished_case_names_the_field(store: Store) -> None:
    """A row that differs from the unfinished case of its subscriber is an error, not a second bill."""
    first = taken(store)
    other = taken(store, celular="3109999999")
    assert (other.resultado, other.campo, other.caso) == ("error", "celular", first.caso)
    assert "3109999999" not in other.mensaje


def test_a_reference_names_the_request(store: Store) -> None:
    """An equal reference is the same request whatever else differs; another one is not taken beside it."""
    first = taken(store, solicitud="S-1")
    assert taken(store, solicitud="S-1", codigo="100999").caso == first.caso
    other = taken(store, solicitud="S-2")
    assert (other.resultado, other.campo) == ("error", "solicitud")


def test_all_or_nothing_takes_none_when_one_is_an_error(store: Store) -> None:
    """The whole file is one transaction: with an error in one row no other row's case is left, nor its request."""
    first = new(store)
    rows = [NewCase(solicitud=request(codigo="100999")), NewCase(solicitud=request(celular="3109999999"))]
    told = take(store, rows, Batch(todo_o_nada=True), NOW)
    assert [one.resultado for one in told] == ["nuevo", "error"]
    assert [row["id"] for row in cases.find(store, "100999")] == []
    assert cases.counts(store) == {"en_cola": 1}
    assert cases.case(store, first)["estado"] == "en_cola"


@pytest.mark.parametrize(("days", "resultado"), [(0, "ya_atendido"), (24, "ya_atendido"), (31, "nuevo")])
def test_a_finished_case_answers_for_some_days(store: Store, days: int, resultado: str) -> None:
    """Within dias_duplicado of its end a case answers for the same row, later it is a new one by itself."""
    first = new(store)
    run(store, "UPDATE casos SET estado = 'terminado'")
    again = taken(store, NOW + timedelta(days=days))
    assert again.resultado == resultado
    assert (again.caso == first) is (resultado == "ya_atendido")


def test_a_new_occasion_makes_a_case(store: Store) -> None:
    """A person's reason makes a new case beside a waiting one, never beside one that is open."""
    first = new(store)
    assert taken(store, nueva_ocasion="otro corte").resultado == "nuevo"
    begun(store, first)
    refused = taken(store, nueva_ocasion="un tercero")
    assert (refused.resultado, refused.campo, refused.caso) == ("error", "nueva_ocasion", first)


def test_what_left_nothing_may_come_again(store: Store) -> None:
    """A cancelled or rejected case is no obstacle, nor is its reference."""
    first = new(store, solicitud="S-1")
    cases.request_cancel(store, first, "Ana")
    assert taken(store, solicitud="S-1").resultado == "nuevo"


def test_rows_of_one_file_are_compared_too(store: Store) -> None:
    """Twins within one group become one case, and the batch tells what became of each row."""
    lot = open_lot(store, "lunes.csv", "0" * 64, "Ana")
    rows = [NewCase(solicitud=request(codigo=code), fila=n) for n, code in enumerate(("100001", "100001", "100002"), 2)]
    results = take(store, rows, Batch(lote=lot, asesor="Ana"))
    assert [result.resultado for result in results] == ["nuevo", "ya_atendido", "nuevo"]
    listed = cases.by_lot(store, lot)
    assert [(row["fila"], row["resultado"], row["estado"]) for row in listed] == [
        (2, "nuevo", "en_cola"),
        (3, "ya_atendido", "en_cola"),
        (4, "nuevo", "en_cola"),
    ]


def test_an_erased_request_leaves_its_case(store: Store) -> None:
    """Erasing the personal values (Ley 1581) leaves the case and its hash, and a repeated row still finds it."""
    case = new(store)
    stored = cases.request(store, case)
    assert stored is not None
    assert stored["documento"] == "40781234"
    cases.erase(store, case)
    assert cases.request(store, case) is None
    assert taken(store).caso == case


LOADER = """
import json, sys
from some_cases import request
from robot.records.store.engine import open_store
from robot.records.store.requests import Batch, NewCase, take
with open_store(sys.argv[1]) as store:
    print("listo", flush=True)
    sys.stdin.readline()
    rows = [NewCase(solicitud=request(codigo=str(100000 + n)), fila=n) for n in range(600)]
    found = [t for start in range(0, 600, 50) for t in take(store, rows[start:start + 50], Batch())]
    print(json.dumps([[t.resultado, t.caso] for t in found]))
"""


def test_two_processes_load_the_same_file_at_once(where: str, store: Store) -> None:
    """Each row becomes one case, which one of the two processes made and the other one found."""
    here = Path(__file__).parent
    environment = {"PYTHONPATH": f"{here}:{here.parent / 'unit'}:{here.parents[1]}", "PATH": "/usr/bin:/bin"}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", LOADER, where],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout
        assert process.stdout.readline() == "listo\n"
    for process in both:
        assert process.stdin
        process.stdin.write("ya\n")
        process.stdin.flush()
    found = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert one(store, "SELECT count(*) FROM casos") == 600
    for mine, theirs in zip(*found, strict=True):
        assert mine[1] == theirs[1]
        assert {mine[0], theirs[0]} == {"nuevo", "ya_atendido"}
