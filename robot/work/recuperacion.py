"""Take the folders' journals over into a database that was put back from an old copy (design: *Restored backups*).

May be killed and repeated: each case is taken over whole or not at all, and one that was is no longer behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from robot.browser.maps import Map
from robot.errors import BrokenJournal, Fenced, RobotError
from robot.masking import Masker
from robot.records import privado
from robot.records.caso import Caso
from robot.records.contador import Contador, Salida
from robot.records.journal import Entry, Journal
from robot.records.plazos import desde_pago, reconexion
from robot.records.store import cases
from robot.records.store.behind import Behind, behind
from robot.records.store.engine import stamp
from robot.records.store.schema import DOCUMENTOS, NEVER, SETTLED
from robot.records.store.takeover import Request, block, refusal_of, take_over
from robot.settings import Settings
from robot.work.archivo import Archivo, Note
from robot.work.cuarentena import unexplained
from robot.work.duda import can_look_up, look_up
from robot.work.expediente import request_of
from robot.work.worker import Worker

EVENT: Final = "case.recovered"
_WRONG: Final = {
    "roto": "su diario está alterado en la línea {line}",
    "contradice": "su diario y la base de datos cuentan cosas distintas",
    "perdido": "se envió algo (entrada {line}) que no está en la base de datos ni en su carpeta",
}


@dataclass(frozen=True, kw_only=True)
class Who:
    """Who recovers, and why."""

    persona: str
    motivo: str = ""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One case taken over: how many entries, whether the database had never seen it, and its state from then on."""

    caso: str
    codigo: str
    entradas: int
    nuevo: bool
    estado: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One case that could not be taken over, and why; the quarantine stays until a person sets it apart by name."""

    caso: str
    mensaje: str
    opened: Entry | None = None
    perdido: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one look over the folders took over, and what it could not."""

    taken: list[Taken]
    problems: list[Problem]


def recover(archivo: Archivo, who: Who, progress: Callable[[str], None] = lambda _case: None) -> Found:
    """Take over every case of which its folder knows more. Nobody else of this machine works meanwhile.

    One case may stand in another's way (the subscriber's last case isn't known to be finished yet), so the rest is
    tried again as long as one more went in.
    """
    left = list(behind(archivo.store, archivo.settings.casos))
    problems = {case.caso: _problem(case) for case in left if case.como in ("roto", "contradice")}
    left = [case for case in left if case.caso not in problems]
    taken: list[Taken] = []
    while left:
        again: list[Behind] = []
        for case in left:
            progress(case.caso)
            try:
                taken.append(_take(archivo, case, who))
            except (Fenced, BrokenJournal) as error:
                problems[case.caso] = Problem(caso=case.caso, mensaje=refusal_of(error), opened=case.entries[0])
                again.append(case)
            else:
                problems.pop(case.caso, None)
        if len(again) == len(left):
            break
        left = again
    for salida in unexplained(archivo):
        told = _WRONG["perdido"].format(line=salida.n)
        problems.setdefault(salida.caso, Problem(caso=salida.caso, mensaje=told, perdido=True))
    return Found(taken=taken, problems=sorted(problems.values(), key=lambda problem: problem.caso))


def _problem(case: Behind) -> Problem:
    mensaje = _WRONG[case.como].format(line=len(case.entries) + 1)
    return Problem(caso=case.caso, mensaje=mensaje, opened=case.entries[0] if case.entries else None)


def _take(archivo: Archivo, case: Behind, who: Who) -> Taken:
    """Take one case over under its folder's lock, and tell so in its journal. Raises `Fenced`, `BrokenJournal`."""
    settings, store = archivo.settings, archivo.store
    with Journal(settings.casos / case.caso, Masker(), Note(store, case.caso)) as journal:
        if not journal.entries or journal.entries[0]["event"] != "case.opened":
            raise BrokenJournal(f"El caso {case.caso}: su diario no empieza por la apertura")
        caso = Caso(journal.folder, journal.entries)
        before = len(journal.entries)
        request = _request(settings, caso) if case.como == "desconocido" else None
        estado = take_over(store, case.caso, journal.entries, request, vence=_due(settings, caso))
        journal.write(EVENT, durable=True, persona=who.persona, motivo=who.motivo or None, desde=case.known + 1)
        row = cases.case(store, case.caso)
        if caso.estado != estado:
            said = {"reason": row["motivo"] or None, "que_hacer": row["que_hacer"] or None}
            journal.write("case.state", durable=True, etapa=row["etapa"], estado=estado, **said)
    return Taken(
        caso=case.caso,
        codigo=caso.codigo,
        entradas=before - case.known,
        nuevo=case.como == "desconocido",
        estado=estado,
    )


def _request(settings: Settings, caso: Caso) -> Request | None:
    """Return the request that the journal vouches for; None when it was erased (Ley 1581 de 2012), or is another."""
    try:
        solicitud, fingerprint = privado.load(settings.privado, caso.id)
        sal = json.loads((settings.privado / f"{caso.id}.json").read_text(encoding="utf-8"))["sal"]
    except (RobotError, OSError, ValueError, KeyError):
        return None
    if fingerprint != caso.opened.get("solicitud_sha256"):
        return None
    return Request(sal=str(sal), solicitud=solicitud.model_dump(mode="json"))


def _due(settings: Settings, caso: Caso) -> str:
    """Return until when the service must be back, from the recorded payment."""
    payment = caso.payment()
    if payment is None:
        return NEVER
    return stamp(reconexion(desde_pago(payment), horas=settings.horas_reconexion).vence)


# What isn't finished.


def in_doubt(archivo: Archivo, maps: Map) -> list[Caso]:
    """Return the cases in doubt that Serviweb's lists may settle."""
    marks = dict.fromkeys(str(row["id"]) for row in cases.doubts(archivo.store))
    found = [Caso(archivo.settings.casos / mark, cases.diary(archivo.store, mark)) for mark in marks]
    return [caso for caso in found if any(can_look_up(maps, kind) for kind in caso.open_effects())]


async def look(archivo: Archivo, worker: Worker, caso: Caso) -> str:
    """Look one case in doubt up; return in Spanish what came of it."""
    try:
        still = await look_up(worker, caso, request_of(archivo.store, caso.id))
    except (RobotError, OSError) as error:
        return f"no se pudo consultar: {error.reason if isinstance(error, RobotError) else error}"
    if not still:
        return caso.saved()
    last = next((entry for entry in reversed(caso.entries) if entry["event"] == "effect.lookup"), {})
    return str(last.get("reason") or "sigue en duda")


# A case that can't be had.


def set_apart(archivo: Archivo, problems: Sequence[Problem]) -> None:
    """Let these cases hold their subscribers, and let the counter speak of them no more: a person answers for them."""
    for problem in problems:
        reason = f"Apartado al recuperar: {problem.mensaje}"
        held = block(archivo.store, problem.caso, problem.opened, reason)
        if held and problem.perdido:
            _doubt(archivo, problem.caso, reason)
    marks = {problem.caso for problem in problems}
    gone: list[Salida] = [salida for salida in unexplained(archivo) if salida.caso in marks]
    Contador(archivo.settings.carpeta).void([salida.numero for salida in gone])


def _doubt(archivo: Archivo, mark: str, reason: str) -> None:
    """Put the next document of a case in doubt: something of it left, and nobody knows any more what.

    A case of which the database has no entry stays *incompleto*: nothing continues it.
    """
    with archivo.idle(archivo.settings.casos / mark, Masker()) as journal:
        caso = Caso(journal.folder, journal.entries)
        if not journal.entries or caso.estado == "en_duda":
            return
        kind = next((kind for kind in DOCUMENTOS if caso.number(kind) is None), "")
        if not kind:
            return
        of_it = [effect for effect in cases.effects(archivo.store, mark) if effect["tipo"] == kind]
        if all(effect["estado"] in SETTLED for effect in of_it):
            journal.write("effect.intent", durable=True, kind=kind, what={}, gated=False, reason=reason)
        journal.write("effect.in_doubt", durable=True, kind=kind, reason=reason)
        etapa = "tramite" if kind == "tramite" else "cobro"
        what = f"Búsquelo en Serviweb y use «serviweb resolver {mark} …»."
        journal.write("case.state", durable=True, etapa=etapa, estado="en_duda", reason=reason, que_hacer=what)
