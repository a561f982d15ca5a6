"""An advisor's run where the queue is at work: the case goes to its head, and the advisor sees it live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from robot.console import LiveSteps
from robot.errors import RobotError
from robot.records.caso import Caso
from robot.records.solicitud import Solicitud
from robot.settings import Settings
from robot.work import cuarentena
from robot.work.apertura import check_room, register
from robot.work.archivo import Archivo, archivo_of
from robot.work.seguir import Seguido, UnattendedError, enqueue, should_follow
from robot.work.worker import Outcome


@contextmanager
def _queue(settings: Settings) -> Iterator[Archivo | None]:
    """Open the database for a run that is the queue's, or yield None. With *visible* the advisor wants a browser."""
    if settings.visible:
        yield None
        return
    with archivo_of(settings) as archivo:
        if should_follow(archivo):
            cuarentena.check(archivo)
            yield archivo
        else:
            yield None


def enqueued(settings: Settings, solicitud: Solicitud) -> Caso | None:
    """Make an advisor's new case at the head of a queue that is at work here; None where it isn't.

    Raises `Rejected` for a repeated request.
    """
    with _queue(settings) as archivo:
        if archivo is None:
            return None
        check_room(settings)
        return Caso(settings.casos / register(archivo, solicitud), [])


async def followed(settings: Settings, caso: Caso, steps: LiveSteps, console: Console) -> Outcome | None:
    """Let the queue run a case's stage and show it live; None where nobody works the queue (any more).

    Raises `Stopped` on Ctrl-C: the queue goes on.
    """
    with _queue(settings) as archivo:
        if archivo is None:
            return None
        enqueue(archivo, caso)
        console.print(f"La cola está trabajando: el caso {caso.id} pasa de primero y se muestra aquí.", soft_wrap=True)
        seen = Seguido(
            archivo=archivo,
            caso=caso,
            listener=steps,
            tell=lambda what: console.print(f"  {what}", style="dim", soft_wrap=True),
            doubt_seconds=settings.espera_consulta_segundos,
        )
        try:
            error = await seen.to_its_end()
        except UnattendedError:
            console.print("Ya nadie trabaja la cola: el caso se trabaja aquí.", soft_wrap=True)
            return None
    if not caso.entries:  # it was cancelled before anybody began it
        raise error or RobotError(f"El caso {caso.id} no comenzó")
    return Outcome(caso=caso, error=error)
