"""Take a case, run the flow it is given, classify the outcome. The one place that retries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential

from flows.datos import Factura, Trabajo
from flows.ingreso import ingresar
from flows.pasos import texts
from flows.reconexion import cobrar, tramitar
from robot.browser.approval import Approve
from robot.browser.evidence import Recorder
from robot.browser.maps import Map
from robot.browser.private import private_controls
from robot.browser.run import Ask, Run
from robot.browser.session import Session, session
from robot.errors import (
    Fenced,
    LoginRefused,
    OutcomeUnknown,
    PaymentUnconfirmed,
    Rehearsed,
    Rejected,
    RobotError,
    SettingsError,
    StepFailed,
    Stopped,
    Unfinished,
)
from robot.masking import Masker
from robot.records.caso import ULTIMO, Caso, Estado
from robot.records.journal import Entry, Journal, Listener
from robot.records.solicitud import Solicitud
from robot.records.store import leases
from robot.records.store.cases import case, owner
from robot.records.store.leases import Claim
from robot.settings import Settings
from robot.work import toma
from robot.work.apertura import masker_for, write_opening
from robot.work.archivo import Archivo, machine
from robot.work.comprobacion import to_check

Flow = Callable[[Run, Trabajo], Awaitable[Any]]


_MEANT = frozenset({"effect.intent", "effect.confirmed"})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a stage ended: the case as its journal now tells it, and the error or the rehearsal that ended it."""

    caso: Caso
    error: RobotError | None = None
    rehearsed: Rehearsed | None = None


class Worker:
    """Carry cases through one browser, with one live session for one Serviweb user."""

    def __init__(
        self,
        settings: Settings,
        maps: Map,
        browser: Browser,
        *,
        ask: Ask | None = None,
        approve: Approve | None = None,
        archivo: Archivo,
        allowed: Callable[[], None] | None = None,
    ) -> None:
        self.settings = settings
        self.maps = maps
        self.browser = browser
        self.archivo = archivo
        self._ask = ask
        self._approve = approve
        self._allowed = allowed
        self._stack = AsyncExitStack()
        self._session: Session | None = None
        self._welcome: Session | None = None
        """The session whose login is known to have worked."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drop_session()

    async def drop_session(self) -> None:
        """Close the live session: what it left half-filled dies with it."""
        self._session = None
        await self._stack.aclose()

    async def _live_session(self) -> Session:
        if self._session is None:
            recorder = Recorder(mode=self.settings.evidencia, private=private_controls(self.maps.controls()))
            self._session = await self._stack.enter_async_context(session(self.settings, recorder, self.browser))
        return self._session

    @asynccontextmanager
    async def journal(self, caso: Caso, masker: Masker, claim: Claim | None = None) -> AsyncIterator[Journal]:
        """Take the case for this worker, with its journal. Raises `Fenced` when another process has it."""
        archivo = self._archive_of(caso)
        if archivo is None:
            with Journal(caso.folder, masker) as journal:
                yield journal
        else:
            async with archivo.working(caso.folder, masker, claim) as journal:
                yield journal

    async def cobro(
        self,
        caso: Caso,
        solicitud: Solicitud,
        *,
        listener: Listener | None = None,
        rehearsal: bool = False,
        claim: Claim | None = None,
    ) -> Outcome:
        """Run steps 3–22 bis, from the first unconfirmed document on; with *claim* from the queue."""
        password = self.settings.password()

        async def flow(run: Run, trabajo: Trabajo) -> None:
            now = Caso(caso.folder, caso.entries)
            numero = now.number("factura")
            factura = Factura(numero=numero, total=int(now.what("factura")["total"])) if numero else None
            await cobrar(run, trabajo, password, factura=factura)

        return await self._stage(
            caso, solicitud, "cobro", "esperando_pago", flow, listener, rehearsal=rehearsal, claim=claim
        )

    async def tramite(
        self, caso: Caso, solicitud: Solicitud, *, listener: Listener | None = None, claim: Claim | None = None
    ) -> Outcome:
        """Run steps 3 and 24–31. The payment is recorded in the case already (D4)."""
        password = self.settings.password()

        async def flow(run: Run, trabajo: Trabajo) -> None:
            await tramitar(run, trabajo, password)

        return await self._stage(caso, solicitud, "tramite", "terminado", flow, listener, rehearsal=False, claim=claim)

    async def consulta(self, caso: Caso, solicitud: Solicitud, flow: Flow, journal: Journal) -> None:
        """Run a look-up's flow, logged in, in a session of its own: behind a failed write the gate stays shut."""
        password = self.settings.password()

        async def logged_in(run: Run, trabajo: Trabajo) -> None:
            await ingresar(run, password)
            await flow(run, trabajo)

        await self.drop_session()
        await self._attempt(caso, solicitud, "consulta", logged_in, journal, rehearsal=False)

    async def _stage(
        self,
        caso: Caso,
        solicitud: Solicitud,
        etapa: str,
        done: Estado,
        flow: Flow,
        listener: Listener | None,
        *,
        rehearsal: bool,
        claim: Claim | None,
    ) -> Outcome:
        secret = self.settings.password()
        masker = masker_for(solicitud, secret)
        async with self.journal(caso, masker, claim) as journal:
            if not journal.entries:  # a row of a batch, taken for the first time
                by = self._asked_by(caso)
                write_opening(self.settings, self.maps, solicitud, journal, pedido_por=by)
            caso.entries[:] = journal.entries
            if listener:
                journal.listeners.append(listener)
            journal.listeners.append(lambda entry: _keep_legible(masker, entry))
            journal.listeners.append(caso.entries.append)
            if open_effects := caso.open_effects():
                journal.write("case.state", durable=True, etapa=etapa, estado="en_duda", reason="quedó en duda antes")
                raise OutcomeUnknown(f"El caso {caso.id} tiene en duda: {', '.join(open_effects)}")
            if claim and (end := toma.sin_empezar(caso, claim, self.settings)):
                journal.write("case.state", durable=True, etapa=etapa, estado=end.estado, **end.entrada)
                return Outcome(caso=caso, error=Stopped(str(end.entrada["reason"])))
            journal.write("case.state", durable=True, etapa=etapa, estado="en_curso", reason=toma.se_retoma(caso))
            error: RobotError | None = None
            try:
                await self._attempts(caso, solicitud, etapa, flow, journal, rehearsal=rehearsal)
                journal.write("case.state", durable=True, etapa=etapa, estado=done)
            except Rehearsed as rehearsed:
                journal.write("case.state", etapa=etapa, estado="cancelado", reason="ensayo: no se guardó nada")
                return Outcome(caso=caso, rehearsed=rehearsed)
            except Fenced:
                raise
            except (RobotError, OSError) as failure:
                error = _for_the_case(_no_disk(failure) if isinstance(failure, OSError) else failure, caso)
                estado, told = self._end(failure, error, caso, claim)
                with suppress(OSError):  # without room for the state, the effects in the journal tell it
                    journal.write("case.state", durable=True, etapa=etapa, estado=estado, **told)
            except BaseException as failure:
                estado, told = self._end(failure, None, caso, claim)
                journal.write("case.state", durable=True, etapa=etapa, estado=estado, **told)
                raise
            return Outcome(caso=caso, error=error)

    def _end(
        self, failure: BaseException, error: RobotError | None, caso: Caso, claim: Claim | None
    ) -> tuple[Estado, dict[str, Any]]:
        """Return the state in which a failure leaves a case, and what its entry tells besides.

        *error* is what the failure means for the case; None is an interruption.
        """
        if error:
            estado = _state_after(error, caso)
            told = {"reason": str(error), "que_hacer": error.advice, **toma.named(error)}
        else:
            estado, told = caso.after_death(), {"reason": "se interrumpió"}
        if estado == "en_duda":
            return estado, told
        if isinstance(failure, Stopped) and self._cancelled_by(caso):
            return "incompleto" if caso.documents() else "cancelado", told
        if claim and (end := toma.fin(failure, caso, claim, self.settings)):
            return end.estado, end.entrada
        return ("cancelado" if estado == "fallido" and not error else estado), told

    async def _attempts(
        self, caso: Caso, solicitud: Solicitud, etapa: str, flow: Flow, journal: Journal, *, rehearsal: bool
    ) -> None:
        """Run the flow until it is through, at most `intentos` times, and only while nothing was meant to be sent.

        Nor is it run again once the stage's last document is confirmed: its clicks would lead to that document anew.
        """
        since = len(journal.entries)

        def harmless(error: BaseException) -> bool:
            state = {e["kind"]: e["event"] for e in journal.entries[since:] if e["event"] in _MEANT}
            saved = caso.number(ULTIMO[etapa]) is not None
            return isinstance(error, StepFailed) and "effect.intent" not in state.values() and not saved

        def mark(state: RetryCallState) -> None:
            nonlocal since
            since = len(journal.entries)
            journal.write("run.retried", attempt=state.attempt_number + 1)

        async for attempt in AsyncRetrying(
            stop=stop_after_attempt(self.settings.intentos),
            wait=wait_exponential(multiplier=0.5, max=10),
            retry=retry_if_exception(harmless),
            before_sleep=mark,
            reraise=True,
        ):
            with attempt:
                await self._attempt(caso, solicitud, etapa, flow, journal, rehearsal=rehearsal)

    async def _attempt(
        self, caso: Caso, solicitud: Solicitud, etapa: str, flow: Flow, journal: Journal, *, rehearsal: bool
    ) -> None:
        number = caso.runs() + 1
        started = time.perf_counter()
        live = await self._live_session()
        journal.write(
            "run.started",
            run=number,
            etapa=etapa,
            ensayo=rehearsal,
            navegador=live.version,
            usuario_serviweb=live.user,
            equipo=machine(self.settings),
        )
        await live.recorder.start(caso.folder, journal.masker, live.page)
        outcome = "interrumpido"
        run = self._run(live, journal, number, caso, rehearsal=rehearsal)
        try:
            await flow(run, self._trabajo(caso, solicitud))
            await run.settle()
            outcome = "completo"
        except Rehearsed:
            outcome = "ensayo"
            raise
        except RobotError as error:
            outcome = type(error).__name__
            if isinstance(error, LoginRefused):
                await self._tell_login(live, worked=False)
            raise
        finally:
            with suppress(OSError):
                await run.settle()
            if live.logged_in:
                await self._tell_login(live, worked=True)
            try:
                await live.recorder.stop()
            except (PlaywrightError, OSError):
                outcome += " (grabación incompleta)"
            if outcome != "completo":
                await self.drop_session()
            seconds = round(time.perf_counter() - started, 3)
            with suppress(OSError):  # a full disk must not hide how the run ended
                journal.write("run.finished", run=number, seconds=seconds, outcome=outcome)

    async def _tell_login(self, live: Session, *, worked: bool) -> None:
        """Count a refused login, and forget those once one of a session worked: accounts lock."""
        if live is self._welcome:
            return
        self._welcome = live if worked else None
        with suppress(OSError):
            await asyncio.to_thread(
                leases.login_worked if worked else leases.login_failed, self.archivo.store, live.user
            )

    def _run(self, live: Session, journal: Journal, number: int, caso: Caso, *, rehearsal: bool) -> Run:
        return Run(
            session=live,
            maps=self.maps,
            journal=journal,
            texts=texts(),
            number=number,
            timeout_seconds=self.settings.espera_segundos,
            confirmation_seconds=self.settings.espera_confirmacion_segundos,
            rehearsal=rehearsal,
            pictures=self.settings.evidencia != "ninguna",
            ask=self._ask,
            approve=self._approve,
            owner=lambda kind, value: self.owner(kind, value, caso),
            allowed=lambda: self._may_save(caso),
        )

    def _archive_of(self, caso: Caso) -> Archivo | None:
        """Return where a case stands besides its folder; a rehearsal is no case."""
        return self.archivo if caso.folder.parent == self.settings.casos else None

    def _asked_by(self, caso: Caso) -> str:
        archivo = self._archive_of(caso)
        return str(case(archivo.store, caso.id)["asesor"]) if archivo else ""

    def _cancelled_by(self, caso: Caso) -> str | None:
        archivo = self._archive_of(caso)
        return archivo.cancelled_by(caso.id) if archivo else None

    def _may_save(self, caso: Caso) -> None:
        """Raise `Stopped` when somebody asked to stop, or to cancel this case, before its next document."""
        if self._allowed:
            self._allowed()
        if by := self._cancelled_by(caso):
            raise Stopped(f"{by} pidió cancelar el caso")

    def owner(self, kind: str, number: str, caso: Caso) -> str | None:
        """Return the other case that has, or once had, this number of Serviweb."""
        return owner(self.archivo.store, kind, number, but=caso.id)

    def _trabajo(self, caso: Caso, solicitud: Solicitud) -> Trabajo:
        s = self.settings
        fields = {
            "codigo": solicitud.codigo,
            "ruta": solicitud.ruta,
            "concepto": solicitud.concepto,
            "celular": solicitud.celular,
            "medidor": solicitud.texto_medidor,
        }
        mark = f" {caso.id}" if s.marca_en_observacion else ""
        return Trabajo(
            caso=caso.id,
            solicitud=solicitud,
            productos=s.productos,
            observacion_factura=s.observacion_factura.format_map(fields) + mark,
            observacion_tramite=s.observacion_tramite.format_map(fields) + mark,
            zona=s.zona,
            medio=s.medio,
            servicio=s.servicio,
            tipo_tramite=s.tipo_tramite,
            causal=s.causal,
            marca=caso.id if s.marca_en_observacion else "",
            consulta_previa=s.consulta_previa,
            dias_duplicado=s.dias_duplicado,
            numeros={kind: n for kind in ("factura", "abono", "tramite") if (n := caso.number(kind))},
            partidas={k: known for k in ("factura", "abono", "tramite") if (known := caso.baseline(k)) is not None},
            pago=to_check(caso),
        )


def _no_disk(error: OSError) -> RobotError:
    return SettingsError(f"No se puede escribir en la carpeta de datos: {error.strerror or error}")


def _keep_legible(masker: Masker, entry: Entry) -> None:
    if entry["event"] == "effect.confirmed":
        masker.add_legible(str(entry["number"]))


def _for_the_case(error: RobotError, caso: Caso) -> RobotError:
    """Turn a failure into what it means for the case: with a document in Serviweb it is *incompleto*, not *fallido*."""
    if caso.open_effects() and not isinstance(error, OutcomeUnknown):
        return OutcomeUnknown(error.reason, step=error.step, control=error.control)
    documents = caso.documents()
    if not documents or isinstance(error, (OutcomeUnknown, Unfinished, PaymentUnconfirmed)):
        return error
    own = error.advice if error.advice != type(error).remedy else ""
    if _refused_tramite(caso):
        own = (
            f"Compruebe en la caja que el recibo {documents.get('abono')} esté pagado y repita "
            f"«serviweb tramite {caso.id} …» con los datos del pago."
        )
    unfinished = Unfinished(
        f"{error.reason.rstrip('.')}. Ya quedó guardado: {caso.saved()}",
        step=error.step,
        control=error.control,
        remedy=own or f"Continúe con «serviweb continuar {caso.id}»; nunca lo empiece de nuevo.",
    )
    unfinished.__cause__ = error
    return unfinished


def _refused_tramite(caso: Caso) -> bool:
    """Say whether Serviweb itself refused the trámite: what a person said of the payment isn't what it knows."""
    outcomes = [e["event"] for e in caso.entries if e["event"].startswith("effect.") and e.get("kind") == "tramite"]
    return "effect.rejected" in outcomes[-3:] and "effect.confirmed" not in outcomes


def _state_after(error: RobotError, caso: Caso) -> Estado:
    if isinstance(error, OutcomeUnknown) or caso.open_effects():
        return "en_duda"
    if isinstance(error, PaymentUnconfirmed) or _refused_tramite(caso):
        return "esperando_pago"
    if caso.documents():
        return "incompleto"
    return "rechazado" if isinstance(error, Rejected) else "fallido"
