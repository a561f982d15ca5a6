"""What `serviweb cola trabajar` shows: a live view in a terminal, one plain line per event anywhere else."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from robot.settings import BOGOTA
from robot.work.tablero import Evento, Foto, Puesto, Tablero

_STYLE: Final = {"": "", "bien": "green", "mal": "red", "aviso": "yellow"}
_SIGN: Final = {"": "·", "bien": "✔", "mal": "✘", "aviso": "!"}
_SHORT: Final = {
    "en_cola": "en cola",
    "en_curso": "en curso",
    "esperando_pago": "esperando pago",
    "terminado": "terminado",
    "rechazado": "rechazado",
    "fallido": "fallido",
    "en_duda": "en duda",
    "incompleto": "incompleto",
    "cancelado": "cancelado",
}
_COLOUR: Final = {
    "terminado": "green",
    "esperando_pago": "green",
    "rechazado": "red",
    "fallido": "red",
    "en_duda": "bold yellow",
    "incompleto": "bold yellow",
}
_SHOWN_REASONS: Final = 5


class ColaEnVivo:
    """Show a queue at work while the block runs."""

    def __init__(self, console: Console, tablero: Tablero) -> None:
        self._console = console
        self._tablero = tablero
        # The view is drawn by a thread of rich's own, so it moves on while the loop works.
        self._live = (
            Live(console=console, get_renderable=lambda: pantalla(tablero.foto()), refresh_per_second=4)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start(refresh=True)
        else:
            self._tablero.escuchas.append(self._line)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()
        else:
            self._tablero.escuchas.remove(self._line)

    def _line(self, evento: Evento) -> None:
        self._console.print(linea(evento), soft_wrap=True, markup=False, highlight=False)


def linea(evento: Evento) -> str:
    """Return an event as one line of a log: date and time of Colombia, case, user, what happened."""
    about = "  ".join(filter(None, (evento.caso, evento.usuario)))
    text = " ".join(evento.texto.split())
    return f"{evento.cuando.astimezone(BOGOTA):%d/%m/%Y %H:%M:%S}  {f'{about}  ' if about else ''}{text}"


def pantalla(foto: Foto) -> RenderableType:
    """Return the view of one moment, in the width that there is."""
    facts = Table.grid(padding=(0, 2, 0, 0), expand=True)
    facts.add_column(style="dim", no_wrap=True, min_width=10)
    facts.add_column(ratio=1)
    facts.add_row("Cola", _state(foto))
    facts.add_row("Sitio", _site(foto))
    facts.add_row("Casos", _states(foto))
    facts.add_row("Ritmo", _rhythm(foto))
    facts.add_row("Falta", f"{_left(foto.falta)} · atendidos {foto.atendidos}")
    parts: list[RenderableType] = [facts, Text(), _workers(foto)]
    if foto.fallos:
        parts += [Text(), _failures(foto)]
    if foto.eventos:
        parts += [Text(), _events(foto)]
    return Group(*parts)


def _state(foto: Foto) -> Text:
    if foto.deteniendo:
        return Text(foto.deteniendo, style="bold yellow")
    if foto.base:
        return Text(f"ESPERA A LA BASE DE DATOS: {foto.base}", style="bold red")
    if foto.pausa:
        return Text(f"EN PAUSA: {foto.pausa}", style="bold yellow")
    if foto.parada:
        return Text("en espera", style="yellow")
    if not any(puesto.caso for puesto in foto.puestos) and foto.proxima and foto.proxima > foto.cuando:
        return Text(f"espera el próximo intento, a las {foto.proxima.astimezone(BOGOTA):%H:%M:%S}", style="yellow")
    return Text("trabajando", style="green")


def _site(foto: Foto) -> Text:
    parts = [Text(foto.sitio, style="bold red" if foto.sitio_caido else "")]
    if foto.horario:
        parts.append(Text(foto.horario, style="yellow" if foto.cerrado else ""))
    return Text(" · ").join(parts)


def _workers(foto: Foto) -> Table:
    table = Table(expand=True, box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Usuario", no_wrap=True, max_width=14, overflow="ellipsis")
    table.add_column("Caso", no_wrap=True, min_width=9)
    table.add_column("Suscriptor", no_wrap=True, min_width=10)
    table.add_column("Paso", no_wrap=True, ratio=1, overflow="ellipsis")
    table.add_column("Lleva", no_wrap=True, justify="right", min_width=7)
    for puesto in foto.puestos:
        table.add_row(*_worker(puesto, foto.cuando))
    return table


def _worker(puesto: Puesto, ahora: datetime) -> tuple[RenderableType, ...]:
    seconds = Text(_seconds(ahora - puesto.desde))
    if not puesto.caso:
        return Text(puesto.usuario), Text("—"), Text("—"), Text("espera un caso", style="dim"), seconds
    step = f"{puesto.paso}  {puesto.titulo}" if puesto.paso else puesto.titulo or "comienza"
    return Text(puesto.usuario), Text(puesto.caso, style="bold"), Text(puesto.codigo), Text(step), seconds


def _states(foto: Foto) -> RenderableType:
    found = [
        Text.assemble(name, " ", (str(number), _COLOUR.get(estado, "bold")))
        for estado, name in _SHORT.items()
        if (number := foto.por_estado.get(estado, 0))
    ]
    return Columns(found, padding=(0, 3)) if found else Text("ninguno")


def _rhythm(foto: Foto) -> str:
    if foto.por_hora_reciente is None and foto.por_hora is None:
        return "todavía no se sabe"
    since = f"{foto.desde.astimezone(BOGOTA):%H:%M}"
    return f"{_per_hour(foto.por_hora_reciente)} (últimos 10 min) · {_per_hour(foto.por_hora)} (desde las {since})"


def _failures(foto: Foto) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("N.º", justify="right", no_wrap=True)
    table.add_column("Por qué no salió", no_wrap=True, ratio=1, overflow="ellipsis")
    for reason, count in foto.fallos[:_SHOWN_REASONS]:
        table.add_row(str(count), Text(reason))
    if rest := sum(count for _reason, count in foto.fallos[_SHOWN_REASONS:]):
        table.add_row(str(rest), Text("por otras razones", style="dim"))
    return table


def _events(foto: Foto) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False, expand=True)
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    for evento in reversed(foto.eventos):
        style = _STYLE[evento.tono]
        table.add_row(
            Text(f"{evento.cuando.astimezone(BOGOTA):%H:%M:%S}", style="dim"),
            Text(_SIGN[evento.tono], style=style),
            Text(evento.caso or "—"),
            Text(" ".join(evento.texto.split()), style=style),
        )
    return table


def _per_hour(rate: float | None) -> str:
    if rate is None:
        return "—"
    return f"{rate:.0f} por hora" if rate >= 10 else f"{rate:.1f} por hora".replace(".", ",")


def _left(left: timedelta | None) -> str:
    if left is None:
        return "—"
    minutes = round(left / timedelta(minutes=1))
    if not left:
        return "nada"
    if minutes < 1:
        return "menos de un minuto"
    if minutes < 90:
        return f"unos {minutes} min"
    hours, tens = divmod(round(minutes / 10), 6)
    return f"cerca de {hours} h {tens * 10} min" if tens else f"cerca de {hours} h"


def _seconds(passed: timedelta) -> str:
    seconds = max(0, int(passed.total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
