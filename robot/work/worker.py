"""Take a case, run the flow it is given, classify the outcome. The one place that retries."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_exponential

from flows.datos import Factura, Trabajo
from flows.pasos import texts
from flows.reconexion import cobrar, tramitar
from robot.browser.evidence import Recorder
from robot.browser.private import private_controls
from robot.browser.run import Ask, Run
from robot.browser.screen import Map
from robot.browser.session import Session, session
from robot.errors import Fenced, OutcomeUnknown, Rehearsed, Rejected, RobotError, SettingsError, StepFailed, Unfinished
from robot.masking import Masker
from robot.records.caso import Caso, Estado, all_cases
from robot.records.journal import Entry, Journal, Listener
from robot.records.solicitud import Solicitud
from robot.settings import Settings
from robot.work.apertura import masker_for

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

    def __init__(self, settings: Settings, maps: Map, browser: Browser, *, ask: Ask | None = None) -> None:
        self.settings = settings
        self.maps = maps
        self.browser = browser
        self._ask = ask
        self._stack = AsyncExitStack()
        self._session: Session | None = None

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

    async def cobro(
        self, caso: Caso, solicitud: Solicitud, *, listener: Listener | None = None, rehearsal: bool = False
    ) -> Outcome:
        """Run steps 3–22 bis, from the first unconfirmed document on."""
        password = self.settings.password()

        async def flow(run: Run, trabajo: Trabajo) -> None:
            now = Caso(caso.folder, caso.entries)
            numero = now.number("factura")
            factura = Factura(numero=numero, total=int(now.what("factura")["total"])) if numero else None
            await cobrar(run, trabajo, password, factura=factura)

        return await self._stage(caso, solicitud, "cobro", "esperando_pago", flow, listener, rehearsal=rehearsal)

    async def tramite(self, caso: Caso, solicitud: Solicitud, *, listener: Listener | None = None) -> Outcome:
        """Run steps 3 and 24–31. The payment is recorded in the case already (D4)."""
        password = self.settings.password()

        async def flow(run: Run, trabajo: Trabajo) -> None:
            await tramitar(run, trabajo, password)

        return await self._stage(caso, solicitud, "tramite", "terminado", flow, listener, rehearsal=False)

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
    ) -> Outcome:
        secret = self.settings.password()
        masker = masker_for(solicitud, secret)
        with Journal(caso.folder, masker) as journal:
            caso.entries[:] = journal.entries
            if listener:
                journal.listeners.append(listener)
            journal.listeners.append(lambda entry: _keep_legible(masker, entry))
            journal.listeners.append(caso.entries.append)
            if open_effects := caso.open_effects():
                journal.write("case.state", durable=True, etapa=etapa, estado="en_duda", reason="quedó en duda antes")
                raise OutcomeUnknown(f"El caso {caso.id} tiene en duda: {', '.join(open_effects)}")
            journal.write("case.state", durable=True, etapa=etapa, estado="en_curso")
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
                estado = _state_after(error, caso)
                with suppress(OSError):  # without room for the state, the effects in the journal tell it
                    journal.write(
                        "case.state",
                        durable=True,
                        etapa=etapa,
                        estado=estado,
                        reason=str(error),
                        que_hacer=error.advice,
                    )
            except BaseException:
                estado = caso.after_death()
                estado = "cancelado" if estado == "fallido" else estado
                journal.write("case.state", durable=True, etapa=etapa, estado=estado, reason="se interrumpió")
                raise
            return Outcome(caso=caso, error=error)

    async def _attempts(
        self, caso: Caso, solicitud: Solicitud, etapa: str, flow: Flow, journal: Journal, *, rehearsal: bool
    ) -> None:
        """Run the flow until it is through, at most `intentos` times, and only while nothing was meant to be sent."""
        since = len(journal.entries)

        def harmless(error: BaseException) -> bool:
            state = {e["kind"]: e["event"] for e in journal.entries[since:] if e["event"] in _MEANT}
            return isinstance(error, StepFailed) and "effect.intent" not in state.values()

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
            raise
        finally:
            with suppress(OSError):
                await run.settle()
            try:
                await live.recorder.stop()
            except (PlaywrightError, OSError):
                outcome += " (grabación incompleta)"
            if outcome != "completo":
                await self.drop_session()
            seconds = round(time.perf_counter() - started, 3)
            with suppress(OSError):  # a full disk must not hide how the run ended
                journal.write("run.finished", run=number, seconds=seconds, outcome=outcome)

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
            owner=lambda kind, value: self._owner(kind, value, caso),
        )

    def _owner(self, kind: str, number: str, caso: Caso) -> str | None:
        """Return the other case that already has this number of Serviweb."""
        for other in all_cases(self.settings.casos):
            if other.id != caso.id and other.number(kind) == number:
                return other.id
        return None

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
    if not documents or isinstance(error, (OutcomeUnknown, Unfinished)):
        return error
    saved = ", ".join(f"{kind} {number}" for kind, number in documents.items())
    own = error.advice if error.advice != type(error).remedy else ""
    if _refused_tramite(caso):
        own = (
            f"Compruebe en la caja que el recibo {documents.get('abono')} esté pagado y repita "
            f"«serviweb tramite {caso.id} …» con los datos del pago."
        )
    unfinished = Unfinished(
        f"{error.reason.rstrip('.')}. Ya quedó guardado: {saved}",
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
    if _refused_tramite(caso):
        return "esperando_pago"
    if caso.documents():
        return "incompleto"
    return "rechazado" if isinstance(error, Rejected) else "fallido"
