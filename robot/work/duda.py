"""Look a case in doubt up in Serviweb: adopt the one document that is ours, or leave it in doubt (design: *Effects*).

Looking up only ever adopts. That a document does not exist is decided by a person (robot.work.decision).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from playwright.async_api import Error as PlaywrightError

from flows.consulta import consultar, has_lists
from flows.datos import Trabajo
from robot.browser.gate import cause
from robot.browser.maps import Map
from robot.browser.run import Run
from robot.errors import OutcomeUnknown, RobotError, Unfinished
from robot.records.busqueda import NAMES, Adopt, Documento, Expected, Unknown, decide
from robot.records.caso import Caso, Estado
from robot.records.journal import Journal, Listener
from robot.records.solicitud import Solicitud
from robot.settings import Settings
from robot.work.apertura import masker_for
from robot.work.worker import Outcome, Worker

LISTED = frozenset({"factura", "abono", "tramite"})
_PAPERS = {"factura": "solicitud-factura", "abono": "recibo-abono", "tramite": "solicitud-tramite"}


def can_look_up(maps: Map, kind: str) -> bool:
    """Say whether the map has the list on which a document of this kind would stand."""
    return kind in LISTED and "consulta" in maps.screens


def expected(settings: Settings, caso: Caso, kind: str) -> Expected:
    """Return what the document in doubt looks like, as its intent told it."""
    what = caso.what(kind)
    return Expected(
        kind=kind,
        mark=caso.id if settings.marca_en_observacion else "",
        factura=str(what.get("factura") or caso.number("factura") or ""),
        productos=tuple(what.get("productos", ())),
        causal=str(what.get("causal", "")),
        total=what.get("total"),
    )


def next_lookup(settings: Settings, caso: Caso, kind: str) -> datetime:
    """Return when the next look-up is due: at once, then at growing intervals, the last of which repeats."""
    done = caso.lookups(kind)
    if not done:
        return caso.sent_at(kind) or caso.changed()
    intervals = settings.consulta_intervalos
    pause = intervals[min(len(done), len(intervals)) - 1]
    return datetime.fromisoformat(done[-1]["t"]).astimezone(UTC) + timedelta(seconds=pause)


async def listed(worker: Worker, caso: Caso, solicitud: Solicitud, journal: Journal, kind: str) -> Sequence[Documento]:
    """Return what Serviweb lists now, read in a session of its own. Raises `RobotError` when it can't be read."""
    found: list[Documento] = []

    async def flow(run: Run, trabajo: Trabajo) -> None:
        if not has_lists(run, kind):
            raise OutcomeUnknown(f"El mapa no tiene la lista en la que se vería {NAMES[kind]}")
        found.extend(await consultar(run, kind, trabajo.solicitud.codigo))

    await worker.consulta(caso, solicitud, flow, journal)
    return found


async def look_up(
    worker: Worker, caso: Caso, solicitud: Solicitud, *, listener: Listener | None = None, requeue: bool = False
) -> list[str]:
    """Look every document in doubt up once and adopt what is ours; return the kinds that stay in doubt.

    With *requeue* a case that then lacks something goes back to the queue, in the same entry that says so. Takes the
    case for itself: raises `Fenced` when another process has it.
    """
    async with worker.journal(caso, masker_for(solicitud, worker.settings.password())) as journal:
        follow(caso, journal, listener)
        for kind in caso.open_effects():
            result, _ = await look_up_one(worker, caso, solicitud, journal, kind)
            if isinstance(result, Adopt):
                adopt(journal, kind, result.number)
        still = caso.open_effects()
        if caso.estado == "en_duda" and not still:
            settled(journal, caso, "se encontró en Serviweb lo que estaba en duda", requeue=requeue)
    return still


async def look_up_one(
    worker: Worker, caso: Caso, solicitud: Solicitud, journal: Journal, kind: str
) -> tuple[Adopt | Unknown, Sequence[Documento] | None]:
    """Read the list once, decide, and write durably what was found. Return that and the list, `None` if not read.

    A list that can't be read decides nothing.
    """
    if not can_look_up(worker.maps, kind):
        return Unknown(f"El mapa no tiene la lista en la que se vería {NAMES[kind]}"), None
    try:
        current = await listed(worker, caso, solicitud, journal, kind)
    except (RobotError, PlaywrightError) as error:
        unread = Unknown(f"No se pudo consultar: {error.reason if isinstance(error, RobotError) else cause(error)}")
        journal.write("effect.lookup", durable=True, kind=kind, resultado="sin_respuesta", reason=unread.reason)
        return unread, None
    finally:
        await worker.drop_session()
    result = decide(
        expected(worker.settings, caso, kind),
        baseline=caso.baseline(kind),
        current=current,
        owner=partial(owner_of, worker, caso, kind),
    )
    found = result.number if isinstance(result, Adopt) else None
    reason = result.reason if isinstance(result, Unknown) else None
    note_lookup(journal, caso, kind, current, "encontrado" if found else "en_duda", number=found, reason=reason)
    return result, current


def note_lookup(
    journal: Journal, caso: Caso, kind: str, current: Sequence[Documento], resultado: str, **more: str | None
) -> None:
    """Write, durably, what a list showed: how many documents, which are new against the baseline, what follows."""
    baseline = caso.baseline(kind)
    journal.masker.add_legible(*(document.numero for document in current))
    journal.write(
        "effect.lookup",
        durable=True,
        kind=kind,
        cuantos=len(current),
        nuevos=[d.numero for d in current if baseline is not None and d.numero not in baseline],
        resultado=resultado,
        **more,
    )


def owner_of(worker: Worker, caso: Caso, kind: str, number: str) -> str | None:
    """Return the other case that has this number."""
    return worker.owner(kind, number, caso)


def follow(caso: Caso, journal: Journal, listener: Listener | None = None) -> None:
    """Keep the case's entries those of its journal while it is open."""
    caso.entries[:] = journal.entries
    journal.listeners.append(caso.entries.append)
    if listener:
        journal.listeners.append(listener)


def adopt(journal: Journal, kind: str, number: str, **who: str) -> None:
    """Write, durably, that a document in doubt is ours; its paper is still to be printed."""
    journal.masker.add_legible(number)
    journal.write("effect.confirmed", durable=True, kind=kind, number=number, adopted=True, **who)
    if kind in _PAPERS:
        reason = f"el documento {number} se encontró después de una duda: imprímalo en Serviweb"
        journal.write("document.missing", durable=True, kind=_PAPERS[kind], reason=reason)


def settled(journal: Journal, caso: Caso, reason: str, *, requeue: bool = False) -> Estado:
    """Write and return the state of a case that is in doubt no more.

    What is missing is done by `continuar`, with *requeue* by the queue.
    """
    etapa, estado = caso.reached()
    if requeue and estado == "incompleto":
        estado = "en_cola"
    journal.write(
        "case.state",
        durable=True,
        etapa=etapa,
        estado=estado,
        reason=reason,
        que_hacer=f"Continúe con «serviweb continuar {caso.id}»." if estado == "incompleto" else None,
    )
    return estado


async def settle_doubt(
    worker: Worker, outcome: Outcome, solicitud: Solicitud, *, listener: Listener | None = None
) -> Outcome:
    """Look a run's doubt up at once and at the growing intervals, for `espera_consulta_segundos` in all.

    Return the outcome as it is then: adopted, the case is *incompleto* or further; else it stays *en duda*.
    """
    settings, caso = worker.settings, outcome.caso
    if not isinstance(outcome.error, OutcomeUnknown) or settings.espera_consulta_segundos == 0:
        return outcome
    if not any(can_look_up(worker.maps, kind) for kind in caso.open_effects()):
        return outcome
    deadline = time.monotonic() + settings.espera_consulta_segundos
    tries = 0
    try:
        while await look_up(worker, caso, solicitud, listener=listener):
            pause = settings.consulta_intervalos[min(tries, len(settings.consulta_intervalos) - 1)]
            tries += 1
            if time.monotonic() + pause > deadline:
                return outcome
            await asyncio.sleep(pause)
    except OSError:  # a full disk: what is known stands in the journal already
        return outcome
    return Outcome(caso=caso, error=after_adoption(caso))


def after_adoption(caso: Caso) -> RobotError | None:
    """Return what a person must still do once the doubt is over, or nothing."""
    if caso.estado != "incompleto":
        return None
    return Unfinished(
        f"Se encontró en Serviweb lo que estaba en duda. Guardado: {caso.saved() or 'nada'}",
        remedy=f"Continúe con «serviweb continuar {caso.id}»; nunca lo empiece de nuevo.",
    )
