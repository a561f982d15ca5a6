"""The two witnesses of each case, opened together: its folder's journal and the database, which is the truth.

Whoever works a case claims it in the database first; a payment or a person's decision is written while nobody does.
Before either, the witness that a killed process left behind is brought up to the other.
"""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import os
import secrets
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from robot.errors import BrokenJournal, Fenced, OutcomeUnknown, Rejected, RobotError, SentElsewhere
from robot.masking import Masker
from robot.records import fork
from robot.records.caso import NOMBRE_ESTADO
from robot.records.contador import Contador
from robot.records.journal import Entry, Journal, Mirror
from robot.records.store import cases, leases, ledger
from robot.records.store.engine import Store, open_store
from robot.records.store.leases import Claim
from robot.settings import BOGOTA, Settings

DATABASE = "serviweb.sqlite3"
_TRIES = 10
_BETWEEN_SECONDS = 0.1


def machine(settings: Settings) -> str:
    """Return the name of this machine, as people know it."""
    return settings.equipo or socket.gethostname()


def this_host(settings: Settings) -> str:
    """Return the beginning of the names of the workers of this machine and data folder.

    Locks tell of the dead among those alone: two data folders of one machine (two people of a terminal server) share
    none.
    """
    folder = os.path.normcase(settings.carpeta.resolve())
    return f"{machine(settings)}:{hashlib.sha256(folder.encode()).hexdigest()[:4]}:"


def machine_of(worker: str) -> str:
    """Return the machine in a worker's name."""
    return worker.partition(":")[0]


def worker_name(settings: Settings) -> str:
    """Return a name that no other worker has, on any machine."""
    return f"{this_host(settings)}{os.getpid()}:{secrets.token_hex(3)}"


@dataclass
class Archivo:
    """Open cases of one installation under one worker's name."""

    settings: Settings
    store: Store
    worker: str = ""

    def __post_init__(self) -> None:
        """Give the worker its name."""
        self.worker = self.worker or worker_name(self.settings)

    def withdraw(self, mark: str) -> None:
        """Take a case back of which nothing was begun."""
        with suppress(RobotError, OSError):
            cases.request_cancel(self.store, mark, getpass.getuser())

    def cancelled_by(self, mark: str) -> str | None:
        """Return who asked that a case be cancelled, if anybody did."""
        by = cases.case(self.store, mark)["cancelar_por"]
        return str(by) if by else None

    @contextmanager
    def idle(self, folder: Path, masker: Masker) -> Iterator[Journal]:
        """Open the journal of a case that nobody works: to open it, record a payment or a decision.

        Raises `Fenced` when somebody works it.
        """
        mark = folder.name
        with _opened(folder, masker, Note(self.store, mark)) as journal:
            self._agree(journal, lambda entries: ledger.note_left(self.store, mark, entries))
            yield journal

    @asynccontextmanager
    async def working(self, folder: Path, masker: Masker, claim: Claim | None = None) -> AsyncIterator[Journal]:
        """Open the journal of a case that is worked from now on, and keep its lease alive meanwhile.

        Without *claim* the case is claimed here. Raises `Fenced` when it can't be had, and later when it was lost.
        """
        if claim is None:
            claim = await asyncio.to_thread(self._claim, folder.name)
        held: Claim = claim
        try:
            doubtful = cases.case(self.store, folder.name)["estado"] == "en_duda"
            mirror = ledger.Mirror(self.store, held, Contador(self.settings.carpeta))
            with await asyncio.to_thread(_opened, folder, masker, mirror) as journal, self._beating(held):
                self._agree(journal, lambda entries: self._hand_in(held, entries, doubtful=doubtful))
                if doubtful and journal.entries:
                    _tell_doubt(journal)
                try:
                    yield journal
                finally:
                    with suppress(Fenced):  # whoever has the case by now reads the folder's journal
                        mirror.close()
        finally:
            await asyncio.to_thread(self._give_up, held)

    def _hand_in(self, claim: Claim, entries: Sequence[Entry], *, doubtful: bool) -> None:
        """Take what a killed process left in its folder alone. Raises `OutcomeUnknown` when it had sent something."""
        if doubtful:
            ledger.append(self.store, claim, entries)
        elif not ledger.catch_up(self.store, claim, entries):
            raise OutcomeUnknown(f"El caso {claim.case} se interrumpió después de enviar")

    def _claim(self, mark: str) -> Claim:
        """Claim a case for a run in the foreground; a worker that is dead, or silent too long, loses it first."""
        row = cases.case(self.store, mark)
        if row["trabajador"]:
            dead = (row["trabajador"],) if self.is_dead(mark, row["trabajador"]) else ()
            leases.sweep(self.store, workers=dead)
            row = cases.case(self.store, mark)
        lease = self.settings.arriendo_segundos
        if row["estado"] == "en_duda":
            claim = leases.claim_doubt(self.store, mark, self.worker, lease_seconds=lease)
        else:
            user = self.settings.usuario
            claim = leases.claim_case(self.store, mark, self.worker, user=user, lease_seconds=lease)
        if claim is None:
            raise Fenced(self._why_not(mark))
        return claim

    def is_dead(self, mark: str, worker: str) -> bool:
        """Say whether a worker of this machine ended without giving its case up: the folder's lock is free."""
        if not worker.startswith(this_host(self.settings)):
            return False
        try:
            Journal(self.settings.casos / mark, Masker()).close()
        except (Fenced, BrokenJournal, OSError):
            return False
        return True

    def _why_not(self, mark: str) -> str:
        row = cases.case(self.store, mark)
        if row["trabajador"]:
            until = datetime.fromisoformat(row["vence_arriendo"]).astimezone(BOGOTA)
            return (
                f"Otro proceso está trabajando el caso {mark}, en el equipo {machine_of(row['trabajador'])}; "
                f"si ese equipo se apagó, se puede seguir aquí después de las {until:%H:%M:%S}"
            )
        if cases.QUARANTINE in cases.switches(self.store):
            return "La instalación está en cuarentena: ejecute «serviweb recuperar»"
        if other := cases.open_of(self.store, row["codigo"], but=mark):
            return f"El caso {mark} espera al caso {other['id']} del mismo suscriptor"
        return f"El caso {mark} no se puede trabajar: {NOMBRE_ESTADO.get(row['estado'], row['estado'])}"

    def _give_up(self, claim: Claim) -> None:
        """Free a case that its journal has left in a state that still holds the lease: a look-up that found nothing."""
        with suppress(Fenced, OSError):
            leases.leave(self.store, claim)

    @contextmanager
    def _beating(self, claim: Claim) -> Iterator[None]:
        """Prolong the lease from a thread: neither a slow database nor a busy page stops the beat."""
        over = threading.Event()
        lease = self.settings.arriendo_segundos

        def beat() -> None:
            while not over.wait(lease / 4):
                try:
                    leases.beat(self.store, claim, lease_seconds=lease)
                except Fenced:
                    return  # the gate will find the token gone
                except OSError:
                    continue  # the database may answer again before the lease ends

        thread = threading.Thread(target=beat, name=f"turno {claim.case}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _agree(self, journal: Journal, hand_in: Callable[[Sequence[Entry]], Any]) -> None:
        """Bring the witness that lags behind up to the other. Raises `BrokenJournal` where they contradict."""
        mark, here = journal.folder.name, journal.entries
        known, head = ledger.head(self.store, mark)
        if known and (len(here) < known or here[known - 1]["hash"] != head):
            there = cases.diary(self.store, mark)
            same = fork.shared(here, there)
            if same < len(here):
                if not fork.may_be_set_aside(here[same:], there[same:]):
                    raise fork.contradiction(mark, there[same:])
                journal.set_aside(same)  # another machine went on while this one was dead or frozen
            journal.restore(there[same:])
        elif len(here) > known:
            try:
                hand_in(here[known:])
            except (SentElsewhere, Rejected):  # killed before it was told that its tercero is another case's
                if here[-1]["event"] != "effect.intent":
                    raise
                journal.set_aside(len(here) - 1)
                if here[known:]:
                    hand_in(here[known:])


def _tell_doubt(journal: Journal) -> None:
    """Write into a journal whose process was killed that its case is in doubt, as the database says."""
    states = [entry for entry in journal.entries if entry["event"] == "case.state"]
    if not states or states[-1]["estado"] != "en_duda":
        etapa = states[-1]["etapa"] if states else "cobro"
        journal.write("case.state", durable=True, etapa=etapa, estado="en_duda", reason="el proceso se interrumpió")


def _opened(folder: Path, masker: Masker, mirror: Mirror) -> Journal:
    """Open a journal that its last worker may just be leaving: the state is told a moment before the lock is free."""
    for _ in range(_TRIES):
        with suppress(Fenced):
            return Journal(folder, masker, mirror)
        threading.Event().wait(_BETWEEN_SECONDS)
    return Journal(folder, masker, mirror)


@dataclass
class Note:
    """Hand in the entries of a case that nobody works, each at once."""

    store: Store
    case: str

    def write(self, entry: Entry, *, durable: bool) -> None:  # noqa: ARG002 — all are
        """Take one entry, durably. Raises `Fenced` when somebody works the case by now."""
        ledger.note(self.store, self.case, [entry])


@contextmanager
def archivo_of(settings: Settings) -> Iterator[Archivo]:
    """Open the database of the settings, else the one in the data folder. Raises `SettingsError`, `OSError`."""
    settings.carpeta.mkdir(parents=True, exist_ok=True)
    with open_store(settings.base_datos or settings.carpeta / DATABASE) as store:
        yield Archivo(settings, store)
