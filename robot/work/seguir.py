"""Follow a case that the queue works, live, until its stage ends: an advisor's run where a worker is at work already.

A Serviweb user has one live context on any machine, so a second run under it would throw the worker's session out.
What is shown is the case's diary, as the database takes it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import update

from robot import errors
from robot.errors import OutcomeUnknown, Rejected, RobotError, StepFailed, Stopped, Unfinished
from robot.records.caso import Caso
from robot.records.journal import Entry, Listener
from robot.records.plazos import desde_pago, reconexion
from robot.records.store import cases, leases
from robot.records.store.engine import Store, stamp
from robot.records.store.schema import casos
from robot.settings import BOGOTA
from robot.work.archivo import Archivo, this_host
from robot.work.cola import is_worked_here
from robot.work.expediente import caso_of, turn
from robot.work.horario import Horario
from robot.work.sitio import Sitio
from robot.work.usuarios import is_queue_worker

_LOOK_SECONDS: Final = 0.3
_SILENCE_SECONDS: Final = 3.0
"""How long a worker may tell nothing before it is asked whether it lives: to ask takes its folder's lock a moment."""
_NOT_THE_END: Final = frozenset({"Stopped", "LoginRefused", "CancelledError", "KeyboardInterrupt"})
"""Errors that end a worker, not its case: another one takes it up at once."""
_ERRORS: Final[dict[str, type[RobotError]]] = {
    "rechazado": Rejected,
    "fallido": StepFailed,
    "en_cola": StepFailed,
    "en_duda": OutcomeUnknown,
    "incompleto": Unfinished,
    "cancelado": Stopped,
}


def queue_has(archivo: Archivo) -> bool:
    """Say whether the queue, at work here or elsewhere, has the Serviweb user of the settings."""
    known = leases.known_user(archivo.store, archivo.settings.usuario)
    if not known or not known["trabajador"] or not is_queue_worker(known["trabajador"]):
        return False
    if known["trabajador"].startswith(this_host(archivo.settings)):
        return is_worked_here(archivo.settings)
    return bool(datetime.fromisoformat(known["vence_arriendo"]) > datetime.now(UTC))


def should_follow(archivo: Archivo) -> bool:
    """Say whether a run of an advisor is the queue's: it is at work here and takes cases now, or it has the user."""
    return queue_has(archivo) or (is_worked_here(archivo.settings) and not held_back(archivo))


def held_back(archivo: Archivo) -> str:
    """Return in Spanish why the queue takes no case now; «» when it does."""
    settings, store = archivo.settings, archivo.store
    switches = cases.switches(store)
    if cases.QUARANTINE in switches:
        return "la instalación está en cuarentena"
    if row := switches.get(cases.PAUSE):
        why = f" ({told})" if (told := cases.why(row)) else ""
        return f"la cola está en pausa, por {row['por']}{why}; sigue con «serviweb cola reanudar»"
    hours = Horario.de_ajustes(settings)
    now = datetime.now(UTC)
    if not hours.abierto(now):
        return f"la cola está fuera de horario: {hours.texto(now)}"
    if cases.CIRCUIT in switches:
        circuit = Sitio.de(store, settings).circuito()
        if circuit.fase != "cerrado" and circuit.hasta:
            return f"Serviweb no responde: se prueba otra vez a las {circuit.hasta.astimezone(BOGOTA):%H:%M:%S}"
    return ""


def enqueue(archivo: Archivo, caso: Caso) -> None:
    """Put an advisor's case at the head of the queue: one that waits for its trámite, or for what is missing.

    Raises `Rejected` when it may not go there.
    """
    row = cases.case(archivo.store, caso.id)
    if row["estado"] == "esperando_pago" and (paid := caso.payment()):
        due = reconexion(desde_pago(paid), horas=archivo.settings.horas_reconexion).vence
        cases.release_paid(archivo.store, caso.id, stamp(due))
    elif row["estado"] == "incompleto":
        cases.again(archivo.store, caso.id)
    hurry(archivo.store, caso.id)


def hurry(store: Store, mark: str) -> None:
    """Let a case of the queue be the next one: somebody waits at the desk."""
    with store.write() as connection:
        urgent = {"prioridad": cases.FOREGROUND, "disponible": store.now(connection)}
        connection.execute(update(casos).where(casos.c.id == mark, casos.c.estado == "en_cola").values(**urgent))


@dataclass
class Seguido:
    """A case that somebody follows. *tell* takes a Spanish sentence whenever what it waits for changes."""

    archivo: Archivo
    caso: Caso
    listener: Listener
    tell: Callable[[str], None]
    doubt_seconds: float
    """How long a document in doubt may be looked up before the case is told to be in doubt."""
    _shown: int = 0
    _said: str = ""
    _heard: float = field(default_factory=time.monotonic)
    _doubt_since: datetime | None = field(default=None)

    async def to_its_end(self) -> RobotError | None:
        """Follow the case to the end of its stage and return its error, if it has one.

        Raises `UnattendedError` when nobody works it any more, and `Stopped` when whoever follows has seen enough.
        """
        self._shown = len(self.caso.entries)
        began = len(self.caso.entries)
        try:
            while True:
                row = await asyncio.to_thread(cases.case, self.archivo.store, self.caso.id)
                await asyncio.to_thread(self._read)
                self._show()
                if self._is_over(row, self.caso.entries[began:]):
                    return self._error(row["estado"])
                await asyncio.to_thread(self._wait_for_whom, row)
                await asyncio.sleep(_LOOK_SECONDS)
        except asyncio.CancelledError:
            raise Stopped(
                f"Se dejó de seguir el caso {self.caso.id}; la cola lo sigue trabajando",
                remedy=f"Véalo con «serviweb caso {self.caso.id}»; para que no siga, «serviweb cola cancelar»: "
                "se detiene antes de guardar su próximo documento.",
            ) from None

    def _read(self) -> None:
        """Read the journal again: an entry stands in the database half a second after the next one, at the latest."""
        self.caso.entries[:] = caso_of(self.archivo, self.caso.id).entries

    def _show(self) -> None:
        for entry in self.caso.entries[self._shown :]:
            self.listener(entry)
            self._heard = time.monotonic()
        self._shown = len(self.caso.entries)

    def _is_over(self, row: cases.Row, fresh: list[Entry]) -> bool:
        estado = row["estado"]
        if estado == "en_curso":
            self._doubt_since = None
            return False
        if estado == "en_duda":
            self._doubt_since = self._doubt_since or datetime.now(UTC)
            return datetime.now(UTC) - self._doubt_since >= timedelta(seconds=self.doubt_seconds)
        if estado == "en_cola":
            last = _last_state(fresh)
            # Back in the queue without an error is a doubt that was looked up: its case goes on at once.
            return last.get("estado") == "en_cola" and last.get("error") not in (None, *_NOT_THE_END)
        # A person, or a look-up of the queue, may have moved the row on before the journal was read.
        return bool(estado != "incompleto" or self._doubt_since is None or not self._goes_on(row))

    def _goes_on(self, row: cases.Row) -> bool:
        """Say whether the queue will continue what a look-up found: it puts such a case back at once."""
        changed = datetime.fromisoformat(row["cambiado"])
        return datetime.now(UTC) - changed < timedelta(seconds=2)

    def _error(self, estado: str) -> RobotError | None:
        """Return the error that the journal tells: the one that a run of one's own would have ended in."""
        kind = _ERRORS.get(estado)
        if kind is None:
            return None
        last = _last_state(self.caso.entries)
        named = getattr(errors, str(last.get("error", "")), None)
        kind = named if isinstance(named, type) and issubclass(named, RobotError) else kind
        step = str(last.get("paso", ""))
        reason = str(last.get("reason", "")).removeprefix(f"Paso {step}: ")
        return kind(reason, step=step, control=str(last.get("control", "")), remedy=str(last.get("que_hacer", "")))

    def _wait_for_whom(self, row: cases.Row) -> None:
        """Say what the case waits for. Raises `UnattendedError` when nobody will come."""
        estado, worker = row["estado"], row["trabajador"]
        silent = time.monotonic() - self._heard >= _SILENCE_SECONDS
        if estado == "en_curso" and worker and silent and self.archivo.is_dead(self.caso.id, worker):
            raise UnattendedError
        if estado == "en_duda":
            self._say("En duda: la cola lo busca en Serviweb")
        if estado != "en_cola":
            return
        if not is_worked_here(self.archivo.settings) and not queue_has(self.archivo):
            raise UnattendedError
        place = turn(self.archivo.store, row)
        if reason := held_back(self.archivo):
            self._say(f"En la cola: {reason}")
        elif place.waits_for:
            self._say(f"En la cola: espera al caso {place.waits_for['id']} del mismo suscriptor")
        else:
            self._say("En la cola, de primero: lo toma el próximo trabajador que quede libre")

    def _say(self, what: str) -> None:
        if what != self._said:
            self._said = what
            self.tell(what)


class UnattendedError(Exception):
    """Nobody works the queue any more: whoever follows may run the case."""


def _last_state(entries: list[Entry]) -> dict[str, Any]:
    return next((entry for entry in reversed(entries) if entry["event"] == "case.state"), {})
