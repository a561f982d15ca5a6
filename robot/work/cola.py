"""The queue at work: each worker, under a Serviweb user of its own, takes one case after another.

The database decides who may take what (robot/records/store/leases.py); here is what a worker does with it: run the
stage, look what is in doubt up when it is due, and wait while the queue is paused, out of hours, or Serviweb or the
database is down.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from playwright.async_api import Error as PlaywrightError

from robot.browser.maps import Map
from robot.errors import (
    Fenced,
    LoginRefused,
    RobotError,
    SelectorDrift,
    SettingsError,
    SiteDown,
    Stopped,
    Unfinished,
)
from robot.records import candado
from robot.records.caso import NOMBRE_ESTADO, Caso
from robot.records.report import case_page
from robot.records.store import cases, encargos, leases, ledger
from robot.records.store import credenciales as claves
from robot.records.store.engine import Store, StoreDownError
from robot.records.store.leases import Claim
from robot.settings import Settings
from robot.text import sentence
from robot.work import credenciales, cuarentena
from robot.work.apertura import check_room, masker_for
from robot.work.archivo import Archivo, this_host
from robot.work.aviso import Aviso
from robot.work.duda import can_look_up, follow, look_up, next_lookup, settled
from robot.work.encargo import attended
from robot.work.espera import Paciencia, tras_muerte
from robot.work.expediente import caso_of, request_of
from robot.work.horario import Horario
from robot.work.navegador import Navegador
from robot.work.revisor import Revisa, Revisor
from robot.work.senales import Stop
from robot.work.sitio import Sitio
from robot.work.tablero import Tablero
from robot.work.usuarios import Turno, blocked, queue_worker_name, take_soon, turno_de
from robot.work.worker import Outcome, Worker

LOCK: Final = ".trabajadores"
_LATER_SECONDS: Final = 60.0
"""When a case in doubt is thought of again that is on no list, or whose journal can't be opened: a person decides."""
_GUEST_SECONDS: Final = 120.0
"""How long an advisor's own user stays logged in without a case: the next one then begins at once."""
_REST_SECONDS: Final = 15.0
"""When a user is tried again that could not work: its password is missing, or somebody else has it."""
_COUNT_SECONDS: Final = 1.0
"""How often at most the cases of all states are counted for the view."""


@dataclass
class Cola:
    """One process's workers over one queue."""

    settings: Settings
    maps: Map
    navegador: Navegador
    store: Store
    stop: Stop
    tablero: Tablero
    stay: bool = False
    """Go on waiting for new cases when there is nothing left to do."""
    revisa: Revisa | None = None
    """Checks the map before the first case, and when a case misses a control."""
    _busy: int = 0
    _counted: float = 0.0
    _refusals: list[RobotError] = field(default_factory=list)
    _only_users_refused: bool = True
    _guests: set[str] = field(default_factory=set)
    _resting: dict[str, float] = field(default_factory=dict)
    _lookups: dict[str, datetime] = field(default_factory=dict)
    """When each case in doubt is to be looked up, as far as this process knows."""

    def __post_init__(self) -> None:
        """Read what could be wrong in the settings before anything begins. Raises `SettingsError`."""
        self._horario = Horario.de_ajustes(self.settings)
        self._sitio = Sitio.de(self.store, self.settings)
        self._paciencia = Paciencia.de(self.settings)
        self._revisor = Revisor(self.store, self.revisa)

    async def work(self, users: Sequence[str]) -> None:
        """Work until nothing is left to do, or somebody asks to stop.

        A worker whose user Serviweb refuses ends alone; when all have ended, its `SettingsError` is raised.
        """
        with only_one_process(self.settings), Aviso(self.store) as self._aviso:
            await asyncio.to_thread(self._recover)
            sweeping = asyncio.create_task(self._sweep())
            try:
                async with asyncio.TaskGroup() as seats:
                    robots = [seats.create_task(self._seat(user)) for user in users]
                    calling = seats.create_task(self._call_guests(seats, users))
                    await asyncio.wait(robots)
                    if await asyncio.to_thread(self._advisors_stay):
                        await self.stop.wait()  # without a user of its own the robot still works for them
                    calling.cancel()
            finally:
                sweeping.cancel()
                await asyncio.gather(sweeping, return_exceptions=True)
                with suppress(StoreDownError):
                    await asyncio.to_thread(self._count, now=True)
        if self._revisor.drift:
            raise self._revisor.drift
        if self._refusals:
            raise self._refusals[0]

    def _advisors_stay(self) -> bool:
        """Say whether the queue goes on when the robot's own users ended: for advisors who have users of their own."""
        if not self.stay or not self._only_users_refused or self._revisor.drift:
            return False
        return claves.anybody(self.store)

    def _recover(self) -> None:
        """Take over what dead workers of this machine left: those whose case's folder nobody holds any more."""
        ours, archivo = this_host(self.settings), Archivo(self.settings, self.store)
        dead = tuple(name for case, name in leases.held(self.store, ours) if archivo.is_dead(case, name))
        leases.sweep(self.store, workers=dead, wait=self._after_death)
        self._sitio.sin(ours)
        encargos.give_back(self.store, ours)
        self._count(now=True)

    def _after_death(self, takes: int) -> float:
        return tras_muerte(takes, self._paciencia)

    async def _sweep(self) -> None:
        """Take over, from time to time, the cases whose workers on any machine fell silent."""
        while True:
            await asyncio.sleep(min(30.0, self.settings.arriendo_segundos / 4))
            with suppress(OSError):  # the database will answer again
                await asyncio.to_thread(leases.sweep, self.store, wait=self._after_death)
                await asyncio.to_thread(encargos.sweep, self.store, self.settings.arriendo_segundos)
                await asyncio.to_thread(cuarentena.is_behind, Archivo(self.settings, self.store))

    def _count(self, *, now: bool = False) -> None:
        if now or time.monotonic() - self._counted >= _COUNT_SECONDS:
            self.tablero.cola(cases.counts(self.store), leases.to_come(self.store)[1])
            self._counted = time.monotonic()

    # Advisors' own users.

    async def _call_guests(self, seats: asyncio.TaskGroup, robots: Sequence[str]) -> None:
        """Give every Serviweb user under which a case must run a seat, while there are some free."""
        news = self._aviso.count
        while self.stop.may_begin and not self._revisor.drift:
            with suppress(StoreDownError):
                resting = [user for user, until in self._resting.items() if until > time.monotonic()]
                taken = {*robots, *self._guests, *resting}
                for user in await asyncio.to_thread(leases.wanted_users, self.store, taken):
                    if len(self._guests) < self.settings.puestos:
                        self._guests.add(user)
                        seats.create_task(self._guest(user))
            news = await self._idle(news)

    async def _guest(self, user: str) -> None:
        """Work the cases of one advisor under their own user, until there have been none for a while."""
        told = ""
        try:
            own = await asyncio.to_thread(credenciales.of_user, self.settings, self.store, user)
            archivo = Archivo(own, self.store, queue_worker_name(own))
            async with turno_de(archivo) as turno:
                self.tablero.puesto(user)
                await self._work_as(archivo, turno, guest=True)
        except (RobotError, OSError, PlaywrightError) as error:  # whatever it is, the others work on
            told = f"{error.reason}. {error.advice}" if isinstance(error, RobotError) else ""
            self._resting[user] = time.monotonic() + _REST_SECONDS
        finally:
            self._guests.discard(user)
            self.tablero.sin_puesto(user, told)
            if told:
                with suppress(StoreDownError):
                    await asyncio.to_thread(leases.tell_user, self.store, user, told)

    def _has_more(self, user: str) -> bool:
        try:
            return leases.own_to_come(self.store, user)
        except StoreDownError:
            return True  # nobody goes home because the database is away

    # One worker.

    async def _seat(self, user: str) -> None:
        """Let one worker work to its end; what is wrong with its user is no other worker's business."""
        try:
            own = self.settings.of_user(user)
            own.password()
        except SettingsError as error:
            self._refuse(user, error)
            return
        try:
            archivo = Archivo(own, self.store, queue_worker_name(own))
            async with turno_de(archivo) as turno:
                self.tablero.puesto(user)
                await self._work_as(archivo, turno)
        except (LoginRefused, Fenced) as refused:
            self._refuse(user, SettingsError(refused.reason, remedy=refused.advice))
        except RobotError as error:
            self._only_users_refused = False
            self._refuse(user, error)

    def _refuse(self, user: str, error: RobotError) -> None:
        self.tablero.sin_puesto(user, error.reason)
        self._refusals.append(error)

    async def _work_as(self, archivo: Archivo, turno: Turno, *, guest: bool = False) -> None:
        def allowed() -> None:
            turno.may_save()
            if not self.stop.may_commit:
                raise Stopped("Se pidió parar antes de guardar")

        browser = await self.navegador.living()
        async with Worker(archivo.settings, self.maps, browser, archivo=archivo, allowed=allowed) as worker:
            news, since = self._aviso.count, time.monotonic()
            while not await self._round(worker, archivo, turno, guest=guest):
                if guest and await asyncio.to_thread(self._has_more, turno.user):
                    since = time.monotonic()
                if guest and time.monotonic() - since > _GUEST_SECONDS:
                    return
                news = await self._idle(news)

    async def _idle(self, since: int) -> int:
        """Wait until there may be something to do again: news of the queue, or a while; return the news so far."""
        return await self._aviso.idle(since, self.settings.espera_cola_segundos, self.stop)

    async def _round(self, worker: Worker, archivo: Archivo, turno: Turno, *, guest: bool) -> bool:
        """Do all that can be done now; say whether the worker may go home. Without a database everybody waits."""
        try:
            done = await self._done(worker, archivo, turno, guest=guest)
        except StoreDownError as error:
            self.tablero.base(error.strerror or "la base de datos no responde")
            return not self.stop.may_begin
        self.tablero.base("")
        return done

    async def _done(self, worker: Worker, archivo: Archivo, turno: Turno, *, guest: bool) -> bool:
        name, lease = archivo.worker, self.settings.arriendo_segundos
        # What a database that went away left in our hands: nothing of it can be running.
        await asyncio.to_thread(self._take_back, name, costs_attempt=False)
        while self.stop.may_begin:
            if turno.lost:
                raise Fenced(f"Otro proceso tomó el usuario «{turno.user}» de Serviweb")
            if self._revisor.drift:
                return True
            await asyncio.to_thread(self._check_user, turno.user)
            if await self._errand(worker):
                continue
            if not await self._may_begin(name):
                return False
            await self._with_browser(worker)
            if not await self._map_is_known(worker, name):
                return False
            if self._revisor.drift:
                continue
            taking = partial(leases.claim, self.store, name, user=turno.user, lease_seconds=lease, only_own=guest)
            claim = await asyncio.to_thread(taking)
            if claim is None and not await self._look_up_due(worker):
                await asyncio.to_thread(self._sitio.suelta, name)
                await asyncio.to_thread(self._count)
                return not self.stay and not self._busy and not await asyncio.to_thread(self._to_come)
            if claim:
                await self._run(worker, name, claim)
        return True

    def _check_user(self, user: str) -> None:
        """Raise `LoginRefused` once Serviweb refused the user twice: look-ups log in too, and accounts lock."""
        known = leases.known_user(self.store, user)
        if known and known["bloqueado"]:
            raise blocked(user, known["fallos"])

    def _to_come(self) -> int:
        return leases.to_come(self.store, without=tuple(self._resting))[0]

    async def _map_is_known(self, worker: Worker, name: str) -> bool:
        """Check the map once, before this process's first case, if there is one to come; say whether that is done."""
        if not self._revisor.pending or not (await asyncio.to_thread(leases.to_come, self.store))[0]:
            return True
        await worker.drop_session()
        try:
            known = await self._revisor.antes(worker.archivo, worker.browser)
        except SiteDown as error:
            await asyncio.to_thread(self._sitio.termina, name, "", "", error)
            return False
        if self._revisor.drift:
            self.tablero.pausa(self._revisor.drift.reason)
        return known

    async def _with_browser(self, worker: Worker) -> None:
        """Give the worker a living browser; the session of a dead one is gone."""
        living = await self.navegador.living()
        if worker.browser is not living:
            with suppress(PlaywrightError):
                await worker.drop_session()
            worker.browser = living

    async def _may_begin(self, name: str) -> bool:
        """Say whether a case may begin now: the switches, the hours, the disk, and whether Serviweb answers."""
        set_now = await asyncio.to_thread(cases.switches, self.store)
        pause = _pause(set_now) or await asyncio.to_thread(self._no_room)
        self.tablero.pausa(pause)
        now, hours = datetime.now(UTC), self._horario
        self.tablero.horario(hours.texto(now), cerrado=not hours.abierto(now))
        if pause or not hours.abierto(now):
            return False
        may = cases.CIRCUIT not in set_now or await asyncio.to_thread(self._sitio.pide, name)
        if cases.CIRCUIT in set_now or self.tablero.sitio_caido:
            circuit = await asyncio.to_thread(self._sitio.circuito)
            self.tablero.sitio(circuit.texto, caido=circuit.fase != "cerrado")
        return may

    def _no_room(self) -> str:
        try:
            check_room(self.settings)
        except SettingsError as error:
            return error.reason
        return ""

    async def _run(self, worker: Worker, name: str, claim: Claim) -> None:
        """Run one stage of a claimed case, whatever comes of it. Raises `LoginRefused`, `StoreDownError`."""
        user = worker.settings.usuario
        listener = self.tablero.tomado(user, claim.case, claim.codigo)
        self._busy += 1
        try:
            outcome = await self._stage(worker, claim, listener)
            refused = await self._ended(outcome, claim, worker, name)
        except (RobotError, OSError, PlaywrightError) as error:
            reason = error.reason if isinstance(error, RobotError) else str(error).partition("\n")[0]
            self.tablero.soltado(user, claim.case, "en_cola", "Se dejó para después", reason)
            with suppress(PlaywrightError):
                await worker.drop_session()
            await asyncio.to_thread(self._take_back, name, costs_attempt=not isinstance(error, OSError))
            await asyncio.to_thread(self._sitio.suelta, name)
            return
        finally:
            self._busy -= 1
        await asyncio.to_thread(self._count)
        if refused:
            raise refused

    def _take_back(self, name: str, *, costs_attempt: bool) -> None:
        """Put what is still in this worker's hands where it belongs: its journal could not say it."""
        leases.sweep(self.store, workers=(name,), wait=self._after_death, costs_attempt=costs_attempt)
        encargos.give_back(self.store, name)

    async def _stage(self, worker: Worker, claim: Claim, listener: Callable[..., None]) -> Outcome:
        caso = self._caso(claim.case)
        solicitud = await asyncio.to_thread(request_of, self.store, claim.case)
        if caso.entries and _is_complete(caso, claim.etapa):  # its worker died between the number and the state
            async with worker.journal(caso, masker_for(solicitud), claim) as journal:
                follow(caso, journal)
                settled(journal, caso, "sus documentos ya estaban guardados")
            return Outcome(caso=caso)
        if claim.etapa == "tramite":
            return await worker.tramite(caso, solicitud, listener=listener, claim=claim)
        return await worker.cobro(caso, solicitud, listener=listener, claim=claim)

    async def _ended(self, outcome: Outcome, claim: Claim, worker: Worker, name: str) -> LoginRefused | None:
        """Tell how a stage ended; return the refusal that ends its worker too, if Serviweb didn't let its user in."""
        caso, error = outcome.caso, outcome.error
        # A document that is saved already makes an *Unfinished* of any failure: what failed stands behind it.
        cause = error.__cause__ if isinstance(error, Unfinished) and isinstance(error.__cause__, RobotError) else error
        if isinstance(error, SettingsError):  # a disk, or a database, that could not take the case's state
            await asyncio.to_thread(self._take_back, name, costs_attempt=False)
        paused = await asyncio.to_thread(self._sitio.termina, name, caso.id, claim.etapa, cause)
        if isinstance(cause, SelectorDrift) and not paused:
            await worker.drop_session()  # a Serviweb user has one live session, and this one holds a half-filled form
            paused = await self._revisor.confirma(worker.archivo, worker.browser)
        if paused:
            self.tablero.pausa(paused)
        with suppress(OSError, PlaywrightError):
            await asyncio.to_thread(case_page, caso.folder)
        why, follows = error.reason if error else "", ""
        if error and caso.estado in ("en_cola", "fallido"):
            said = next(entry for entry in reversed(caso.entries) if entry["event"] == "case.state")
            why = str(said.get("reason", why))
            follows = str(said.get("que_hacer", "")) if caso.estado == "en_cola" else ""
        state = sentence(NOMBRE_ESTADO[caso.estado])
        self.tablero.soltado(worker.settings.usuario, caso.id, caso.estado, state, why, follows)
        return cause if isinstance(cause, LoginRefused) else None

    def _caso(self, mark: str) -> Caso:
        return caso_of(Archivo(self.settings, self.store), mark)

    # What a person decided.

    async def _errand(self, worker: Worker) -> bool:
        """Carry one errand out, whatever comes of it; say whether there was one."""
        row = await asyncio.to_thread(encargos.take, self.store, worker.archivo.worker)
        if row is None:
            return False
        await self._with_browser(worker)
        await attended(worker, row, self.tablero)
        self._lookups.pop(row["caso"], None)
        return True

    # What is in doubt.

    async def _look_up_due(self, worker: Worker) -> bool:
        """Look one case in doubt up whose time has come; say whether there was one."""
        for mark in await asyncio.to_thread(cases.no_longer_in_doubt, self.store):
            if self._lookups.get(mark, _long_ago()) <= datetime.now(UTC) and await self._look_up(
                worker, self._caso(mark)
            ):
                return True
        for row in await asyncio.to_thread(cases.doubts, self.store):
            known = self._lookups.get(row["id"])
            if known and known > datetime.now(UTC):
                continue
            caso = self._caso(row["id"])
            due = await asyncio.to_thread(self._due, caso)
            self._lookups[caso.id] = due
            if due <= datetime.now(UTC) and await self._look_up(worker, caso):
                return True
        return False

    def _due(self, caso: Caso) -> datetime:
        """Return when to look: at once where a killed process told its folder alone more than the database knows."""
        doubtful = caso.open_effects()
        if not doubtful or len(caso.entries) > ledger.head(self.store, caso.id)[0]:
            return datetime.now(UTC)
        kinds = [kind for kind in doubtful if can_look_up(self.maps, kind)]
        return min((next_lookup(self.settings, caso, kind) for kind in kinds), default=_much_later())

    async def _look_up(self, worker: Worker, caso: Caso) -> bool:
        """Look one case in doubt up; False when another worker does."""
        user = worker.settings.usuario
        listener = self.tablero.tomado(user, caso.id, caso.codigo, consulta=True)
        try:
            solicitud = await asyncio.to_thread(request_of, self.store, caso.id)
            still = await look_up(worker, caso, solicitud, listener=listener, requeue=True)
        except Fenced:
            self.tablero.puesto(user)
            return False
        except StoreDownError:
            raise
        except (RobotError, OSError, PlaywrightError) as error:
            reason = error.reason if isinstance(error, RobotError) else type(error).__name__
            self.tablero.soltado(user, caso.id, "en_duda", "No se pudo consultar", reason)
            self._lookups[caso.id] = _much_later()
            return True
        estado = "en_duda" if still else caso.estado
        self.tablero.soltado(user, caso.id, estado, sentence(NOMBRE_ESTADO[estado]))
        return True


def _long_ago() -> datetime:
    return datetime.min.replace(tzinfo=UTC)


def _much_later() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=_LATER_SECONDS)


def _pause(set_now: dict[str, cases.Row]) -> str:
    """Return in Spanish who let the queue wait, and why; «» when nobody did."""
    for key, words in ((cases.QUARANTINE, "cuarentena, por "), (cases.PAUSE, "por ")):
        if row := set_now.get(key):
            return words + str(row["por"]) + (f": {why}" if (why := cases.why(row)) else "")
    return ""


def _is_complete(caso: Caso, etapa: str) -> bool:
    return caso.number("tramite" if etapa == "tramite" else "abono") is not None


@contextmanager
def only_one_process(settings: Settings) -> Iterator[None]:
    """Hold this machine's lock of workers. Raises `SettingsError` when another process has it."""
    settings.carpeta.mkdir(parents=True, exist_ok=True)
    try:
        handle = take_soon(settings.carpeta / LOCK)
    except OSError as error:
        raise SettingsError(
            "Otro proceso de este equipo ya está trabajando la cola",
            remedy="Véala con «serviweb cola estado»; para más trabajadores, detenga ese y use --trabajadores.",
        ) from error
    with handle:
        yield


def is_worked_here(settings: Settings) -> bool:
    """Say whether a process of this machine works the queue."""
    try:
        candado.take(settings.carpeta / LOCK).close()  # whoever wants it at this moment asks again (take_soon)
    except OSError:
        return True
    return False
