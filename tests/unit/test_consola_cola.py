"""What `serviweb cola trabajar` shows: in a terminal of any width, without colours, in a pipe."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from robot.consola_cola import ColaEnVivo, linea, pantalla
from robot.work.tablero import Evento, Tablero

COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7]m|\x1b\[[0-9;]*38;")


class Clock:
    """A clock that the test moves."""

    now = datetime(2026, 11, 24, 13, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


def busy() -> Tablero:
    """Return a board in the middle of a batch."""
    clock = Clock()
    board = Tablero(ahora=clock)
    for user in ("robot1", "robot2", "asesoria.de.florencia"):
        board.puesto(user)
    board.horario("abierto hasta las 17:30", cerrado=False)
    for number in range(12):
        board.tomado("robot1", f"R-7K3QF{number:02}", f"{100200 + number}")
        clock.now += timedelta(seconds=50)
        failed = number % 4 == 3
        board.soltado(
            "robot1",
            f"R-7K3QF{number:02}",
            "rechazado" if failed else "esperando_pago",
            "rechazado: no se facturó nada" if failed else "esperando el pago en caja",
            "Paso 7: la cédula pertenece a otra persona, y el [apellido] no es de los que están" if failed else "",
        )
    board.tomado("robot1", "R-7K3QF2M", "100234")({"event": "step.started", "number": "14", "title": "Guardar"})
    long = {"event": "step.started", "number": "22 bis", "title": "Imprimir el recibo de pago " * 6}
    board.tomado("robot2", "R-9M2ABCD", "100235")(long)
    clock.now += timedelta(seconds=7)
    board.cola({"en_cola": 106, "en_curso": 2, "esperando_pago": 9, "rechazado": 3, "terminado": 0})
    return board


def shown(board: Tablero, width: int, **options: object) -> str:
    """Return the view as text."""
    console = Console(file=io.StringIO(), record=True, width=width, force_terminal=True, **options)  # type: ignore[arg-type]  # rich's own options
    console.print(pantalla(board.foto()))
    return console.export_text()


@pytest.mark.parametrize("width", [72, 80, 120])
def test_everything_is_there_in_any_width(width: int) -> None:
    """State, site, hours, counts, rates, time left, each worker's step, reasons and events; no line is too long."""
    text = shown(busy(), width)
    assert max(map(len, text.splitlines())) <= width
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "Cola trabajando" in lines
    assert "Sitio Serviweb responde · abierto hasta las 17:30" in lines
    flat = " ".join(lines)
    assert "en cola 106 en curso 2 esperando pago 9 rechazado 3" in flat
    assert "terminado" not in flat
    assert "72 por hora (últimos 10 min) · 71 por hora (desde las 08:02)" in flat
    assert "Falta cerca de 1 h 30 min · atendidos 12" in flat
    assert "robot1 R-7K3QF2M 100234 14 Guardar 7 s" in lines
    assert any(re.fullmatch(r"robot2 R-9M2ABCD 100235 22 bis Imp.*… 7 s", line) for line in lines)
    assert any(re.fullmatch(r"asesoria\S*… — — espera .* 10 min", line) for line in lines)
    assert any(line.startswith("3 Paso 7: la cédula pertenece a otra") for line in lines)
    assert len([line for line in lines if re.match(r"08:\d\d:\d\d [✔✘] R-7K3QF", line)]) == 5


def test_nothing_is_invented_at_the_start() -> None:
    """Before anything is known the view says so, and no empty tables stand there."""
    board = Tablero(ahora=Clock())
    board.puesto("robot1")
    flat = " ".join(shown(board, 80).split())
    assert "Casos ninguno Ritmo todavía no se sabe Falta — · atendidos 0" in flat
    assert "Por qué" not in flat


@pytest.mark.parametrize(
    ("waiting", "said"),
    [(0, "nada"), (1, "unos 1 min"), (89, "unos 89 min"), (114, "cerca de 1 h 50 min"), (118, "cerca de 2 h")],
)
def test_the_time_left_is_said_as_roughly_as_it_is_known(waiting: int, said: str) -> None:
    """Minutes up to an hour and a half, then tens of minutes."""
    clock = Clock()
    board = Tablero(ahora=clock)
    for _ in range(10):
        clock.now += timedelta(minutes=1)
        board.soltado("robot1", "R-0000001", "terminado", "terminado")
    board.cola({"en_cola": waiting, "terminado": 10})
    assert f"Falta {said} · atendidos 10" in " ".join(shown(board, 80).split())


def test_a_queue_that_stands_says_why() -> None:
    """Paused, site down, closed, stopping: each in words, and the time left is a dash."""
    board = busy()
    board.sitio("Serviweb no responde: se espera", caido=True)
    board.horario("cerrado: abre a las 13:00", cerrado=True)
    flat = " ".join(shown(board, 80).split())
    assert "Cola en espera Sitio Serviweb no responde: se espera · cerrado: abre a las 13:00" in flat
    assert "Falta — ·" in flat
    board.pausa("la pausó Ana")
    assert "Cola EN PAUSA: la pausó Ana" in " ".join(shown(board, 80).split())
    board.deteniendo("Se termina el documento en curso y se para.")
    assert "Cola Se termina el documento en curso y se para." in " ".join(shown(board, 80).split())


def test_more_reasons_than_fit_are_summed_up() -> None:
    """Five reasons, the most frequent first, and how many others."""
    board = Tablero(ahora=Clock())
    for number, reason in enumerate("abcdefg"):
        for _ in range(9 - number):
            board.soltado("robot1", "R-0000001", "fallido", "fallido", f"razón {reason}")
    lines = [" ".join(line.split()) for line in shown(board, 80).splitlines()]
    start = lines.index("N.º Por qué no salió")
    assert lines[start + 1 : start + 7] == [
        *(f"{9 - n} razón {reason}" for n, reason in enumerate("abcde")),
        "7 por otras razones",
    ]


def test_what_is_read_from_serviweb_is_no_markup() -> None:
    """Square brackets in a reason or a name are shown as they are."""
    board = Tablero(ahora=Clock())
    board.soltado("robot[1]", "R-0000001", "fallido", "fallido", "no comparte el [apellido]")
    lines = shown(board, 80).splitlines()
    assert [line.split("[")[1].split()[0] for line in lines if "[" in line] == ["1]", "apellido]", "apellido]"]
    assert linea(Evento(cuando=Clock.now, texto="[red]hola[/red]")).endswith("  [red]hola[/red]")


def ansi(**environment: str) -> str:
    """Return what a terminal gets of the live view, with the codes."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, height=40, _environ={"TERM": "xterm", **environment})
    with ColaEnVivo(console, busy()):
        pass
    return out.getvalue()


def test_no_color_means_no_colour() -> None:
    """With NO_COLOR the view has the same words and no colour code."""
    assert COLOUR.search(ansi())
    assert not COLOUR.search(ansi(NO_COLOR="1"))
    assert "trabajando" in ansi(NO_COLOR="1")


def test_the_terminal_keeps_the_last_picture() -> None:
    """The view is drawn at the start already, and what stays after the end is the queue as it ended."""
    clock = Clock()
    board = Tablero(ahora=clock)
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80, height=40, _environ={"TERM": "xterm"})
    with ColaEnVivo(console, board):
        assert "ninguno" in out.getvalue()
        board.cola({"terminado": 31})
    assert "31" in out.getvalue().rpartition("Casos")[2]


def test_a_pipe_gets_one_plain_line_per_event() -> None:
    """Date, time, case, user and what happened, whole whatever the width; no codes, and nothing after the end."""
    out = io.StringIO()
    board = Tablero(ahora=Clock())
    long = "Paso 9: no apareció el control\n" + "palabra " * 40
    with ColaEnVivo(Console(file=out, width=80), board):
        listen = board.tomado("robot1", "R-7K3QF2M", "100234")
        listen({"event": "step.started", "number": "14", "title": "Guardar"})
        listen({"event": "effect.confirmed", "kind": "factura", "number": "FV-9012"})
        board.soltado("robot1", "R-7K3QF2M", "fallido", "fallido", long)
        board.pausa("la pausó [Ana]")
    board.pausa("")
    assert out.getvalue().splitlines() == [
        "24/11/2026 08:02:00  R-7K3QF2M  robot1  Comienza el suscriptor 100234",
        "24/11/2026 08:02:00  R-7K3QF2M  robot1  Factura FV-9012",
        f"24/11/2026 08:02:00  R-7K3QF2M  robot1  fallido. {' '.join(long.split())}",
        "24/11/2026 08:02:00  Cola en pausa: la pausó [Ana]",
    ]
