"""Lots, and the queue at one moment: how far each lot is, its rest cancelled, the rate and the time left."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from a_request import request, settings
from some_cases import begun, new, one, run

from robot.records.store import cases, leases, lotes, turnos
from robot.records.store.engine import Store, later
from robot.records.store.requests import Batch, NewCase, open_lot, take
from robot.work.ahora import Ahora, ahora
from robot.work.archivo import Archivo


def lot(store: Store, *codes: str) -> tuple[str, list[str]]:
    """Queue a lot of these subscribers; return its name and its cases."""
    name = open_lot(store, "lote.csv", "0" * 64, "sofia")
    rows = [NewCase(solicitud=request(codigo=code), fila=number) for number, code in enumerate(codes, 2)]
    return name, [taken.caso for taken in take(store, rows, Batch(lote=name, asesor="sofia"))]


def look(store: Store, folder: Path) -> Ahora:
    """Return the queue as it is."""
    folder.mkdir(exist_ok=True)
    return ahora(Archivo(settings(folder), store))


def ended(store: Store, case: str, seconds_ago: float) -> None:
    """Let a case's stage end so long ago."""
    leases.finish(store, begun(store, case), "rechazado")
    with store.read() as connection:
        moment = later(store.now(connection), -seconds_ago)
    run(store, "UPDATE casos SET cambiado = :moment WHERE id = :case", moment=moment, case=case)


def test_a_lots_progress(store: Store) -> None:
    """Rows are counted by what became of them, cases by their state; whoever is in the queue isn't done."""
    name, (first, second, third) = lot(store, "100001", "100002", "100003")
    take(store, [NewCase(solicitud=request(codigo="100001"), fila=9)], Batch(lote=name))
    leases.finish(store, begun(store, first), "rechazado")
    begun(store, second)
    found = lotes.progress(store, [name])[name]
    assert found.filas == {"nuevo": 3, "ya_atendido": 1}
    assert [found.casos["rechazado"], found.casos["en_curso"]] == [1, 1]
    assert found.hechos == 1
    assert [row["fila"] for row in lotes.rows(store, name, desde=3)] == [3, 4, 9]
    assert [row["caso"] for row in lotes.rows(store, name, estado="en_curso")] == [second]
    assert third in {row["caso"] for row in lotes.rows(store, name)}


def test_the_rest_of_a_lot_is_cancelled(store: Store) -> None:
    """Only cases that nobody began are cancelled, at once and once, and not those of other lots."""
    name, (first, second, third) = lot(store, "100001", "100002", "100003")
    other = new(store, codigo="100009")
    begun(store, first)
    assert lotes.cancel_rest(store, name, "sofia") == 2
    assert lotes.cancel_rest(store, name, "sofia") == 0
    states = [cases.case(store, mark)["estado"] for mark in (first, second, third, other)]
    assert states == ["en_curso", "cancelado", "cancelado", "en_cola"]
    assert cases.case(store, second)["motivo"] == "lo canceló sofia"


def test_lots_come_newest_first(store: Store) -> None:
    """A page of lots ends where the next one begins."""
    names = [lot(store, f"10000{number}")[0] for number in range(3)]
    page = lotes.recent(store, 2)
    assert [row["id"] for row in page] == [names[2], names[1]]
    assert [row["id"] for row in lotes.recent(store, 2, before=page[-1]["creado"])] == [names[0]]


def test_the_rate_is_that_of_the_last_ten_minutes(store: Store, tmp_path: Path) -> None:
    """Ends are counted since the first of them; what people cancelled is none; too few tell nothing."""
    _, marks = lot(store, *(f"10000{number}" for number in range(9)))
    for mark, ago in zip(marks, (900, 240, 180, 120, 60), strict=False):
        ended(store, mark, ago)
    cases.request_cancel(store, marks[-1], "sofia")
    assert turnos.ended_since(store, 600)[0] == 4
    now = look(store, tmp_path / "datos")
    assert now.por_hora is not None
    assert 44 < now.por_hora < 46
    assert now.falta is None  # nobody works it
    assert turnos.ended_since(store, 30) == (0, None)


def test_the_time_left_is_known_while_somebody_works(store: Store, tmp_path: Path) -> None:
    """It is the queue's rest at the recent rate; a paused queue has none."""
    _, marks = lot(store, *(f"10000{number}" for number in range(8)))
    for mark, ago in zip(marks, (240, 180, 120, 60), strict=False):
        ended(store, mark, ago)
    assert leases.lease_user(store, "asesor1", "otro-equipo:ab12:7:0a:cola") is not None
    now = look(store, tmp_path / "datos")
    assert now.en_otros == ("otro-equipo",)
    assert now.falta is not None
    assert timedelta(minutes=4) < now.falta < timedelta(minutes=7)
    cases.switch_on(store, cases.PAUSE, "sofia", "cierre")
    assert look(store, tmp_path / "datos").falta is None


def test_who_works_what(store: Store, tmp_path: Path) -> None:
    """A case in hand is told with its machine and user; the next ones in their order, late ones apart."""
    _, (first, second, third) = lot(store, "100001", "100002", "100003")
    begun(store, first, "equipo-2:ab12:7:0a", user="asesor1")
    run(store, "UPDATE casos SET disponible = '2999-01-01T00:00:00.000000Z' WHERE id = :case", case=second)
    now = look(store, tmp_path / "datos")
    assert [(held.caso, held.equipo, held.usuario, held.muerto) for held in now.en_manos] == [
        (first, "equipo-2", "asesor1", False)
    ]
    assert [row["id"] for row in now.siguen] == [third]
    assert [now.esperan, now.proximos[0]["id"]] == [1, second]
    assert one(store, "SELECT count(*) FROM lotes") == 1
