"""The robot as it is, queue, worker, journals, doubts and decisions, on a Serviweb in memory: only pages are missing.

What a page would tell stands in `SmallRun`: the same entries in the same order as robot/browser/effect.py writes them.
A kill is a `KilledError` after which nothing of the process reaches the disk any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from a_request import request, settings
from apart import run_apart
from small_serviweb import TOTAL, NoAnswerError, Saved, Serviweb
from sqlalchemy import update

import flows.consulta
import robot.records.journal
import robot.work.cola
import robot.work.duda
import robot.work.worker
from flows.controles import OPTIONAL, REQUIRED
from flows.datos import Abono, Factura, Trabajo
from robot.browser.maps import Map, load
from robot.errors import OutcomeUnknown, Rejected, RobotError, SessionLost, SiteDown, StepFailed
from robot.records.caso import Caso
from robot.records.journal import Journal
from robot.records.store import audit, cases, leases
from robot.records.store.engine import Store, open_store
from robot.records.store.requests import Batch, NewCase, take
from robot.records.store.schema import casos
from robot.resources import map_folder
from robot.settings import BOGOTA, Settings
from robot.work.archivo import Archivo
from robot.work.cola import Cola
from robot.work.senales import Stop
from robot.work.tablero import Tablero
from robot.work.worker import Worker

USER = "asesor1"


class KilledError(BaseException):
    """The process was killed; like the interpreter's own exits it is no error that anybody handles."""


@dataclass
class Reaper:
    """Kill the process at its n-th moment; from then on nothing that it does reaches the disk, or Serviweb."""

    left: int | None = None
    dead: bool = False
    moments: int = 0

    def tick(self) -> None:
        """Be one moment at which a process may be killed."""
        if self.dead:
            raise KilledError
        self.moments += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.dead = True
                raise KilledError

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Put those moments around every write of a file's line and every transaction."""
        write, read, line = Store.write, Store.read, robot.records.journal._write_whole

        @contextlib.contextmanager
        def writing(store: Store) -> Iterator[Any]:
            self.tick()
            with write(store) as connection:
                yield connection
                self.tick()  # all is said and nothing is kept yet
            self.tick()

        @contextlib.contextmanager
        def reading(store: Store) -> Iterator[Any]:
            if self.dead:
                raise KilledError
            with read(store) as connection:
                yield connection

        def putting(file: Any, text: bytes) -> None:
            if self.left == 0:
                line(file, text[: len(text) // 2])  # half a line: what a power cut leaves
            self.tick()
            line(file, text)
            self.tick()

        patch.setattr(Store, "write", writing)
        patch.setattr(Store, "read", reading)
        patch.setattr(robot.records.journal, "_write_whole", putting)


@dataclass
class SmallRun:
    """What the flows need of a run."""

    site: Serviweb
    journal: Journal
    caso: Caso
    worker: Worker
    maps: Map
    trabajo: Trabajo

    def owner(self, kind: str, number: str) -> str | None:
        """Return the other case that has this number."""
        return self.worker.owner(kind, number, self.caso)

    def baseline(self, kind: str, documents: list[dict[str, Any]]) -> None:
        """As robot.browser.run.Run."""
        self.journal.write("effect.baseline", durable=True, kind=kind, documentos=documents)

    def doubt(self, kind: str, reason: str, *, number: str) -> None:
        """As robot.browser.run.Run."""
        self.journal.masker.add_legible(number)
        self.journal.write("effect.in_doubt", durable=True, kind=kind, reason=reason)

    def save(self, kind: str, codigo: str, what: dict[str, Any], **document: Any) -> str:
        """Carry one effect out, from its intent to its number or to what is said when there is none."""
        fault = self.site.faults.get(kind, "")
        if fault in ("step", "click", "session"):
            del self.site.faults[kind]
        if fault == "step":
            raise StepFailed("un control no apareció")
        if fault == "session":
            raise SessionLost("Serviweb cerró la sesión")
        self.worker._may_save(self.caso)
        write = self.journal.write
        write("effect.intent", durable=True, kind=kind, control=kind, what=what, gated=True)
        if fault == "click":
            write("effect.not_sent", durable=True, kind=kind, reason="el clic no llegó")
            raise StepFailed("el clic no llegó")
        try:
            self.journal.sent(kind, method="POST", url="https://serviweb/guardar")
        except (RobotError, OSError) as error:
            write("effect.not_sent", durable=True, kind=kind, reason=str(error))
            raise
        try:
            status, number = self.site.post(Saved(kind=kind, numero="", codigo=codigo, **document))
        except NoAnswerError:
            write("effect.unanswered", durable=True, kind=kind)
            raise self._unknown(kind, "se cortó sin respuesta") from None
        write("effect.answered", durable=True, kind=kind, status=status)
        if status >= 500:
            raise self._unknown(kind, f"error {status}")
        if not number:
            write("effect.rejected", durable=True, kind=kind, reason="no")
            raise Rejected("Serviweb no guardó: no")
        if other := self.owner(kind, number):
            raise self._unknown(kind, f"el número {number} ya es del caso {other}")
        self.journal.masker.add_legible(number)
        write("effect.confirmed", durable=True, kind=kind, number=number)
        return number

    def _unknown(self, kind: str, reason: str) -> OutcomeUnknown:
        self.journal.write("effect.in_doubt", durable=True, kind=kind, reason=reason)
        return OutcomeUnknown(reason)


async def cobrar(run: SmallRun, trabajo: Trabajo, _: str, *, factura: Factura | None = None) -> None:
    """As flows.reconexion.cobrar: tercero, factura, abono."""
    codigo, site = trabajo.solicitud.codigo, run.site
    if factura is None:
        await flows.consulta.partir(run, trabajo, "factura")  # type: ignore[arg-type]
        document = trabajo.solicitud.documento
        if not site.of("tercero", document):
            run.save("tercero", document, {"nombre": trabajo.solicitud.quien_solicita})
        what = {"codigo": codigo, "productos": list(trabajo.productos), "total": TOTAL}
        text = trabajo.observacion_factura
        number = run.save("factura", codigo, what, observacion=text, productos=trabajo.productos)
        factura = Factura(numero=number, total=TOTAL)
    await flows.consulta.partir(run, trabajo, "abono", factura=factura.numero)  # type: ignore[arg-type]
    what = {"codigo": codigo, "factura": factura.numero, "total": TOTAL}
    Abono(recibo=run.save("abono", codigo, what, factura=factura.numero, observacion=trabajo.caso), total=TOTAL)


async def tramitar(run: SmallRun, trabajo: Trabajo, _: str) -> None:
    """As flows.reconexion.tramitar."""
    await flows.consulta.partir(run, trabajo, "tramite")  # type: ignore[arg-type]
    what = {"codigo": trabajo.solicitud.codigo, "causal": trabajo.causal}
    text = trabajo.observacion_tramite
    run.save("tramite", trabajo.solicitud.codigo, what, observacion=text, causal=trabajo.causal)


async def consultar(run: SmallRun, kind: str, codigo: str) -> Any:
    """As flows.consulta.consultar."""
    rows = run.site.listed(kind, codigo)
    if rows is None:
        raise SiteDown("Serviweb no responde")
    return rows


class SmallWorker(Worker):
    """The worker; its run has no page."""

    site: Serviweb

    async def drop_session(self) -> None:
        """There is none."""

    async def _attempt(
        self, caso: Caso, solicitud: Any, etapa: str, flow: Any, journal: Journal, *, rehearsal: bool
    ) -> None:
        number = caso.runs() + 1
        journal.write(
            "run.started", run=number, etapa=etapa, ensayo=rehearsal, navegador="ninguno", usuario_serviweb=USER
        )
        trabajo = self._trabajo(caso, solicitud)
        outcome = "completo"
        try:
            await flow(SmallRun(self.site, journal, caso, self, self.maps, trabajo), trabajo)
        except RobotError as error:
            outcome = type(error).__name__
            raise
        finally:
            journal.write("run.finished", run=number, seconds=0.0, outcome=outcome)


@functools.cache
def the_map() -> Map:
    """Return the bundled Serviweb's map."""
    return load(map_folder("mock"), REQUIRED, OPTIONAL)


@functools.cache
def empty_database() -> bytes:
    """Return a database with its tables: making them takes longer than what is done with them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vacia.sqlite3"
        open_store(path).close()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return path.read_bytes()


@dataclass
class Installation:
    """A data folder with its database, and a Serviweb; each action is a process of its own, which may be killed."""

    folder: Path
    site: Serviweb = field(default_factory=Serviweb)
    reaper: Reaper = field(default_factory=Reaper)
    changes: dict[str, Any] = field(default_factory=dict)
    patch: pytest.MonkeyPatch = field(default_factory=pytest.MonkeyPatch)
    maps: Map = field(default_factory=the_map)

    def __post_init__(self) -> None:
        """Put the small run in the place of the flows."""

        async def no_login(*_: Any) -> None:
            return

        self.site.tick = self.reaper.tick
        self.reaper.install(self.patch)
        self.patch.setattr(robot.work.worker, "cobrar", cobrar)
        self.patch.setattr(robot.work.worker, "tramitar", tramitar)
        self.patch.setattr(robot.work.worker, "ingresar", no_login)
        self.patch.setattr(flows.consulta, "consultar", consultar)
        self.patch.setattr(robot.work.duda, "consultar", consultar)
        self.patch.setattr(robot.work.cola, "case_page", lambda *_: None)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "serviweb.sqlite3"
        path.write_bytes(empty_database())
        self.store = open_store(path)
        # Processes are killed here, the power isn't cut: nothing waits for the disk.
        sqlalchemy.event.listen(self.store._engine, "connect", lambda to, _: to.execute("PRAGMA synchronous = OFF"))
        self.store._engine.dispose()
        self.patch.setattr(robot.records.journal.os, "fsync", lambda _: None)

    def close(self) -> None:
        """Put everything back."""
        self.store.close()
        self.patch.undo()

    @functools.cached_property
    def settings(self) -> Settings:
        """Short waits, one user."""
        short = {"intentos": 1, "tomas": 50, "reintento_segundos": 1e-6, "reintento_maximo_segundos": 1e-6}
        doubt = {"consulta_intervalos": (1e-6,), "espera_duda_minutos": 0, "espera_consulta_segundos": 0}
        who = {"url": "https://serviweb/", "usuario": USER, "clave": "clave"}
        return settings(self.folder, **(short | doubt | who | self.changes))

    def worker(self) -> SmallWorker:
        """Return a worker of a new process."""
        made = SmallWorker(self.settings, self.maps, None, archivo=Archivo(self.settings, self.store))  # type: ignore[arg-type]
        made.site = self.site
        return made

    def cola(self) -> Cola:
        """Return the queue of a new process."""
        return Cola(self.settings, self.maps, None, self.store, Stop(), Tablero(ahora=lambda: datetime.now(UTC)))  # type: ignore[arg-type]

    def process(self, work: Any, *, killed_at: int | None = None) -> bool:
        """Be a process that does this work and may be killed; say whether it came to its end."""
        with self.store.write() as connection:
            connection.execute(update(casos).values(disponible=casos.c.creado))  # whoever waited has waited
        self.reaper.left, self.reaper.dead, self.reaper.moments = killed_at, False, 0
        try:
            run_apart(work)
        except KilledError:
            return False
        finally:
            self.reaper.left, self.reaper.dead = None, False
        return True

    def enqueue(self, **changed: Any) -> str:
        """Load one request; return its case's mark, or "" when it makes none."""
        (taken,) = take(self.store, [NewCase(solicitud=request(**changed))], Batch())
        return taken.caso if taken.resultado == "nuevo" else ""

    def pay(self, mark: str) -> None:
        """Pay the recibo at the caja and record it."""
        from robot.records.solicitud import Pago
        from robot.work import pago

        recibo = self.caso(mark).number("abono") or ""
        self.site.pay(recibo)
        seen = Pago(recibo=recibo, fecha=datetime.now(BOGOTA).date(), confirmado_por="Ana")
        pago.register(Archivo(self.settings, self.store), mark, seen)

    async def work(self, most: int = 12) -> None:
        """Work the queue as `cola trabajar` does, one worker, until nothing can be done now.

        At most so many things are done: a doubt can always be looked at again.
        """
        cola, worker = self.cola(), self.worker()
        await asyncio.to_thread(cola._recover)
        name = worker.archivo.worker
        for _ in range(most):
            claim = leases.claim(self.store, name, user=USER, lease_seconds=300)
            if claim:
                await cola._run(worker, name, claim)
            elif not await cola._look_up_due(worker):
                return

    async def step(self) -> None:
        """Do one thing of the queue: a stage, or a look-up."""
        await self.work(most=1)

    def caso(self, mark: str) -> Caso:
        """Return the case as the database's diary tells it."""
        return Caso(self.settings.casos / mark, cases.diary(self.store, mark))

    def row(self, mark: str) -> Any:
        """Return the case's row."""
        return cases.case(self.store, mark)

    def faults(self) -> list[Any]:
        """Return what the audit finds wrong."""
        return [fault for fault in audit.verify(self.store, self.settings.casos) if not fault.nota]
