"""The numbers of a queue at work: honest rates, reasons, events."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from robot.masking import Masker
from robot.records.journal import Journal
from robot.work.tablero import Evento, Tablero


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def on(self, **passed: float) -> None:
        """Let time pass."""
        self.now += timedelta(**passed)


def finish(board: Tablero, clock: Clock, count: int, *, every: float, estado: str = "terminado") -> None:
    """Let one worker end so many cases, each after so many seconds."""
    for number in range(count):
        board.tomado("robot1", f"R-000000{number % 10}", f"{1000 + number}")
        clock.on(seconds=every)
        board.soltado("robot1", f"R-000000{number % 10}", estado, estado)


def test_a_worker_shows_its_case_and_step(tmp_path: Path) -> None:
    """A real journal feeds it: step, title, since when; afterwards the worker waits again."""
    clock = Clock()
    board = Tablero(ahora=clock)
    board.puesto("robot1")
    board.puesto("robot2")
    clock.on(seconds=5)
    with Journal(tmp_path / "R-7K3QF2M", Masker()) as journal:
        journal.listeners.append(board.tomado("robot2", "R-7K3QF2M", "100234"))
        journal.write("run.started", run=1, etapa="cobro", ensayo=False)
        journal.write("step.started", run=1, number="14", title="Guardar")
        clock.on(seconds=3)
        one, two = board.foto().puestos
        assert (one.usuario, one.caso, clock.now - one.desde) == ("robot1", "", timedelta(seconds=8))
        assert (two.caso, two.codigo, two.paso, two.titulo) == ("R-7K3QF2M", "100234", "14", "Guardar")
        assert clock.now - two.desde == timedelta(seconds=3)
        journal.write("lookup.started", run=1, title="Facturas del suscriptor")
        assert (board.foto().puestos[1].paso, board.foto().puestos[1].titulo) == ("", "Facturas del suscriptor")
        assert (two.paso, two.titulo) == ("14", "Guardar"), "a snapshot does not move"
    board.soltado("robot2", "R-7K3QF2M", "terminado", "terminado")
    assert board.foto().puestos[1].caso == ""


def test_rates_are_unknown_until_there_is_something_to_tell() -> None:
    """Two ends, or less than a minute, tell nothing; then per hour of the last ten minutes and since the start."""
    clock = Clock()
    board = Tablero(ahora=clock)
    finish(board, clock, 2, every=60)
    assert (board.foto().por_hora_reciente, board.foto().por_hora) == (None, None)
    finish(board, clock, 8, every=60)
    assert board.foto().por_hora_reciente == board.foto().por_hora == pytest.approx(60)
    quick = Tablero(ahora=clock)
    finish(quick, clock, 5, every=1)
    assert quick.foto().por_hora is None


def test_the_recent_rate_forgets() -> None:
    """After a quiet stretch the last ten minutes say nothing, while the whole remembers."""
    clock = Clock()
    board = Tablero(ahora=clock)
    finish(board, clock, 10, every=60)
    finish(board, clock, 20, every=30)
    assert board.foto().por_hora_reciente == pytest.approx(120)
    assert board.foto().por_hora == pytest.approx(90)
    clock.on(minutes=20)
    assert board.foto().por_hora_reciente is None
    assert board.foto().por_hora == pytest.approx(45)


def test_what_goes_back_into_the_queue_is_no_end() -> None:
    """A case that waits for another claim counts in no rate, but its reason is shown."""
    clock = Clock()
    board = Tablero(ahora=clock)
    finish(board, clock, 4, every=60, estado="en_cola")
    assert (board.foto().atendidos, board.foto().por_hora) == (0, None)
    board.soltado("robot1", "R-0000001", "en_cola", "en cola", "Serviweb no responde")
    assert board.foto().fallos == (("Serviweb no responde", 1),)


def test_the_time_left_is_told_only_when_known() -> None:
    """Queue and running cases at the recent rate; nothing left is zero; unknown before a rate or a count."""
    clock = Clock()
    board = Tablero(ahora=clock)
    board.cola({"en_cola": 59, "en_curso": 1, "terminado": 500})
    assert board.foto().falta is None
    finish(board, clock, 10, every=60)
    assert board.foto().falta == timedelta(hours=1)
    board.cola({"terminado": 560})
    assert board.foto().falta == timedelta(0)
    assert Tablero(ahora=clock).foto().falta is None


@pytest.mark.parametrize("why", ["pausa", "sitio", "horario", "deteniendo"])
def test_nobody_knows_the_end_of_a_queue_that_stands(why: str) -> None:
    """Paused, down, out of hours or stopping: no time left is invented, and going on brings it back."""
    clock = Clock()
    board = Tablero(ahora=clock)
    finish(board, clock, 10, every=60)
    board.cola({"en_cola": 10})
    assert board.foto().falta
    change = {
        "pausa": lambda stands: board.pausa("la pausó Ana" if stands else ""),
        "sitio": lambda stands: board.sitio("no responde" if stands else "responde", caido=stands),
        "horario": lambda stands: board.horario("cerrado" if stands else "abierto", cerrado=stands),
        "deteniendo": lambda stands: board.deteniendo("se para" if stands else ""),
    }[why]
    change(True)
    assert board.foto().parada
    assert board.foto().falta is None
    if why != "deteniendo":
        change(False)
        assert board.foto().falta


def test_failures_are_counted_by_reason_not_by_case() -> None:
    """Marks, codes, document numbers and amounts don't make a reason; steps, controls and small numbers do."""
    board = Tablero(ahora=Clock())
    for caso, motivo in (
        ("R-7K3QF2M", "Paso 7: ya existe la factura FV-9012 por $ 98.700, caso R-7K3QF2M"),
        ("R-9M2ABCD", "Paso 7: ya existe la factura FV-9013 por $ 8.700, caso R-9M2ABCD"),
        ("R-0000001", "Paso 9: No apareció «Agregar»"),
        ("R-0000002", "Paso 14: No apareció «Guardar»"),
    ):
        board.soltado("robot1", caso, "rechazado", "rechazado", motivo)
    board.soltado("robot1", "R-0000003", "terminado", "terminado", "papel pendiente")
    assert board.foto().fallos == (
        ("Paso 7: ya existe la factura … por $ …, caso …", 2),
        ("Paso 9: No apareció «Agregar»", 1),
        ("Paso 14: No apareció «Guardar»", 1),
    )


def test_the_last_five_events_are_kept_and_all_are_told(tmp_path: Path) -> None:
    """Numbers of Serviweb, retries, ends and switches are kept; a case's beginning is told and not kept."""
    told: list[Evento] = []
    board = Tablero(ahora=Clock(), escuchas=[told.append])
    with Journal(tmp_path / "R-7K3QF2M", Masker()) as journal:
        journal.listeners.append(board.tomado("robot1", "R-7K3QF2M", "100234"))
        journal.write("step.started", run=1, number="14", title="Guardar")
        journal.write("run.retried", attempt=2)
        journal.write("effect.confirmed", kind="factura", number="FV-9012")
        journal.write("effect.confirmed", kind="abono", number="RC-77")
    assert [event.texto for event in board.foto().eventos] == [event.texto for event in told[1:]]
    board.pausa("la pausó Ana")
    board.pausa("la pausó Ana")
    board.pausa("")
    board.soltado("robot1", "R-7K3QF2M", "esperando_pago", "esperando el pago en caja")
    assert [event.texto for event in told] == [
        "Comienza el suscriptor 100234",
        "Intento 2: no se había enviado nada",
        "Factura FV-9012",
        "Recibo RC-77",
        "Cola en pausa: la pausó Ana",
        "La cola sigue",
        "esperando el pago en caja",
    ]
    assert board.foto().eventos == tuple(told[2:])
    assert (told[2].caso, told[2].usuario, told[2].tono) == ("R-7K3QF2M", "robot1", "bien")


def test_opening_hours_are_an_event_only_when_they_change() -> None:
    """«Abierto hasta …» moves without a word; closing and opening are told."""
    told: list[Evento] = []
    board = Tablero(ahora=Clock(), escuchas=[told.append])
    board.horario("abierto hasta las 12:00", cerrado=False)
    board.horario("cerrado: abre a las 13:00", cerrado=True)
    board.horario("cerrado: abre a las 13:00", cerrado=True)
    board.horario("abierto hasta las 17:30", cerrado=False)
    assert [event.texto for event in told] == [
        "Fuera de horario, cerrado: abre a las 13:00",
        "Comienza el horario de trabajo",
    ]


def test_threads_may_write_while_another_looks() -> None:
    """The view's thread takes snapshots while workers report: none fails, and nothing is lost."""
    board = Tablero(ahora=Clock())

    def work(user: str) -> None:
        for number in range(300):
            listen = board.tomado(user, "R-0000001", str(number))
            listen({"event": "step.started", "number": "4", "title": "Suscriptor"})
            board.soltado(user, "R-0000001", "fallido", "fallido", f"razón {user}")

    workers = [threading.Thread(target=work, args=(f"robot{n}",)) for n in range(4)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        board.foto()
    for worker in workers:
        worker.join()
    assert board.foto().atendidos == 1200
    assert [count for _reason, count in board.foto().fallos] == [300] * 4
