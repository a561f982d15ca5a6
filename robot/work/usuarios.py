"""Serviweb's users: each has at most one live context, on any machine (design: *Serviweb's users*).

The lease in the database says so to all machines; a lock of the operating system tells, on this one, whether who has
the lease still lives, so that nobody waits for the dead.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from robot.errors import Fenced, LoginRefused, Stopped, UserBusy
from robot.records import candado
from robot.records.store import leases
from robot.settings import Settings
from robot.work.archivo import Archivo, machine_of, this_host, worker_name

FOLDER: Final = ".usuarios"
_QUEUE: Final = ":cola"
_TRIES: Final = 5
_BETWEEN_SECONDS: Final = 0.1


def queue_worker_name(settings: Settings) -> str:
    """Return a name for a worker of the queue: everybody can tell it from a person's run."""
    return worker_name(settings) + _QUEUE


def is_queue_worker(name: str) -> bool:
    """Say whether a worker of this name works the queue."""
    return name.endswith(_QUEUE)


def take_soon(path: Path) -> IO[bytes]:
    """Take a lock that another process may hold for a moment, only to see whether it is free. Raises `OSError`."""
    for _ in range(_TRIES - 1):
        with suppress(OSError):
            return candado.take(path)
        threading.Event().wait(_BETWEEN_SECONDS)
    return candado.take(path)


@dataclass
class Turno:
    """A Serviweb user in our hands."""

    user: str
    token: int
    lost: bool = False
    """Another process has it by now: nothing more may be saved with it."""

    def may_save(self) -> None:
        """Raise `Stopped` when the user was lost."""
        if self.lost:
            raise Stopped(f"Otro proceso tomó el usuario «{self.user}» de Serviweb")


@asynccontextmanager
async def turno_de(archivo: Archivo) -> AsyncIterator[Turno]:
    """Hold the Serviweb user of the settings over the block, and keep its lease alive.

    Raises `UserBusy` while another process has it, `LoginRefused` when its account is blocked here.
    """
    settings = archivo.settings
    with _alone(archivo):
        token = await asyncio.to_thread(_lease, archivo)
        turno = Turno(settings.usuario, token)
        beating = asyncio.create_task(_beat(archivo, turno))
        try:
            yield turno
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            with suppress(OSError):  # a lease that can't be given back ends by itself
                await asyncio.to_thread(leases.free_user, archivo.store, turno.user, token)


def _lease(archivo: Archivo) -> int:
    settings, store, user = archivo.settings, archivo.store, archivo.settings.usuario
    known = leases.known_user(store, user)
    holder = known["trabajador"] if known else None
    dead = holder if holder and holder.startswith(this_host(settings)) else None  # its lock is in our hands
    token = leases.lease_user(store, user, archivo.worker, lease_seconds=settings.arriendo_segundos, dead=dead)
    if token is not None:
        return token
    now = leases.known_user(store, user)
    if now and now["bloqueado"]:
        raise blocked(user, now["fallos"])
    raise _in_use(archivo)


def blocked(user: str, times: int) -> LoginRefused:
    """Return the error of a user that nobody tries any more until a person says so."""
    return LoginRefused(
        f"El usuario «{user}» no se usa: Serviweb ya no lo dejó entrar {times} veces",
        remedy=f"Corrija la contraseña, pruébela en Serviweb y luego: «serviweb cola desbloquear {user}»",
    )


def _in_use(archivo: Archivo) -> UserBusy:
    user = archivo.settings.usuario
    known = leases.known_user(archivo.store, user)
    holder = str(known["trabajador"] or "") if known else ""
    whose = "la cola" if is_queue_worker(holder) else "otro proceso"
    where = f" en el equipo {machine_of(holder)}" if holder else ""
    return UserBusy(
        f"Al usuario «{user}» de Serviweb lo está usando {whose}{where}: cada usuario trabaja en un solo lugar a la vez"
    )


@contextmanager
def _alone(archivo: Archivo) -> Iterator[None]:
    """Hold the user's lock on this machine. Raises `UserBusy`."""
    folder = archivo.settings.carpeta / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = take_soon(folder / quote(archivo.settings.usuario, safe=""))
    except OSError as error:
        raise _in_use(archivo) from error
    with handle:
        yield


async def _beat(archivo: Archivo, turno: Turno) -> None:
    lease = archivo.settings.arriendo_segundos
    while True:
        await asyncio.sleep(lease / 4)
        try:
            await asyncio.to_thread(leases.beat_user, archivo.store, turno.user, turno.token, lease_seconds=lease)
        except Fenced:
            turno.lost = True
            return
        except OSError:
            continue  # the database may answer again before anybody else asks for the user
