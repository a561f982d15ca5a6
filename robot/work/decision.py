"""What a person decides of a case in doubt, and the closing of one whose documents were voided (design: *Effects*).

A decision has a name, a time and a reason, stands in the journal durably, and is checked on Serviweb's lists wherever
the map has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from robot.browser.maps import Map
from robot.errors import Rejected
from robot.records.busqueda import NAMES, Adopt, Documento, appeared
from robot.records.caso import NOMBRE_ESTADO, Caso
from robot.records.journal import Entry, Journal, Listener
from robot.records.solicitud import Solicitud
from robot.records.store import cases
from robot.records.store.encargos import same_person
from robot.settings import Settings
from robot.work.apertura import masker_for
from robot.work.archivo import Archivo
from robot.work.duda import (
    adopt,
    can_look_up,
    expected,
    follow,
    listed,
    look_up_one,
    next_lookup,
    note_lookup,
    owner_of,
    settled,
)
from robot.work.expediente import in_database
from robot.work.worker import Worker


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who decides, and why."""

    persona: str
    motivo: str


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One document in doubt, as the person who decides needs it; times UTC."""

    caso: Caso
    kind: str
    since: datetime
    last: Entry | None
    due: datetime | None
    pictures: dict[str, Path]


@dataclass(frozen=True, kw_only=True)
class Twin:
    """A second document of a case, which a person decided to void."""

    caso: str
    codigo: str
    kind: str
    numero: str


def doubts(archivo: Archivo, maps: Map | None = None) -> list[Doubt]:
    """Return every document in doubt, the oldest first."""
    found = []
    for row, caso in in_database(archivo, cases.doubts(archivo.store)):
        kind = row["tipo"]
        looked = caso.lookups(kind)
        doubt = Doubt(
            caso=caso,
            kind=kind,
            since=datetime.fromisoformat(row["enviado"] or row["intencion"]),
            last=looked[-1] if looked else None,
            due=next_lookup(archivo.settings, caso, kind) if maps and can_look_up(maps, kind) else None,
            pictures=_pictures(caso, kind),
        )
        found.append(doubt)
    return sorted(found, key=lambda doubt: doubt.since)


def to_annul(archivo: Archivo) -> list[Twin]:
    """Return the second documents that still must be voided in Serviweb."""
    rows = cases.to_annul(archivo.store)
    return [Twin(caso=row["id"], codigo=row["codigo"], kind=row["tipo"], numero=row["numero"]) for row in rows]


def _pictures(caso: Caso, kind: str) -> dict[str, Path]:
    """Return the pictures before and after the last commit of that kind, by moment."""
    taken = [e for e in caso.entries if e["event"] == "picture.taken" and e.get("kind") == kind]
    return {e["moment"]: caso.folder / e["file"] for e in taken if (caso.folder / e["file"]).exists()}


def in_doubt(caso: Caso) -> str:
    """Return the kind of the document in doubt. Raises `Rejected` when nothing is."""
    kinds = caso.open_effects()
    if not kinds:
        raise Rejected(
            f"El caso {caso.id} no tiene nada en duda: {NOMBRE_ESTADO[caso.estado]}", remedy="Vea «serviweb dudas»."
        )
    return kinds[0]


async def exists(
    worker: Worker,
    caso: Caso,
    solicitud: Solicitud,
    number: str,
    decision: Decision,
    *,
    listener: Listener | None = None,
) -> None:
    """Record that the document in doubt is in Serviweb with this number, read again on its list where there is one."""
    async with worker.journal(caso, masker_for(solicitud, worker.settings.password())) as journal:
        follow(caso, journal, listener)
        kind = in_doubt(caso)
        await _verified(worker, caso, solicitud, journal, kind, (number,))
        journal.masker.add_legible(number)
        _decided(journal, kind, "existe", decision, number=number)
        adopt(journal, kind, number)
        _no_more_doubt(journal, caso, f"una persona decidió: existe {number}")


async def double(
    worker: Worker,
    caso: Caso,
    solicitud: Solicitud,
    numbers: tuple[str, str],
    keep: str,
    decision: Decision,
    *,
    listener: Listener | None = None,
) -> None:
    """Record that Serviweb has the document twice: one is kept, the other stands on the list *por anular*."""
    if keep not in numbers or numbers[0] == numbers[1]:
        raise Rejected(f"--conserva debe ser uno de los dos números: {numbers[0]} o {numbers[1]}")
    [other] = [number for number in numbers if number != keep]
    async with worker.journal(caso, masker_for(solicitud, worker.settings.password())) as journal:
        follow(caso, journal, listener)
        kind = in_doubt(caso)
        await _verified(worker, caso, solicitud, journal, kind, numbers)
        journal.masker.add_legible(*numbers)
        _decided(journal, kind, "doble", decision, number=keep, por_anular=other)
        adopt(journal, kind, keep)
        _no_more_doubt(journal, caso, f"una persona decidió: existen {keep} y {other}, se conserva {keep}")


async def not_exists(
    worker: Worker,
    caso: Caso,
    solicitud: Solicitud,
    decision: Decision,
    *,
    codigo: str,
    confirma: str = "",
    listener: Listener | None = None,
) -> None:
    """Record that the document in doubt is not in Serviweb, so that `continuar` may save it.

    The list is read now, and again right before the new commit (flows/consulta.py). Raises `Rejected` when a guard of
    the design says no, or when the list shows it after all; what is surely ours is adopted then.
    """
    async with worker.journal(caso, masker_for(solicitud, worker.settings.password())) as journal:
        follow(caso, journal, listener)
        kind = in_doubt(caso)
        check_not_exists(worker.settings, caso, kind, decision, codigo=codigo, confirma=confirma)
        if can_look_up(worker.maps, kind):
            await _still_absent(worker, caso, solicitud, journal, kind)
        _decided(journal, kind, "no_existe", decision, confirma=confirma or None)
        _no_more_doubt(journal, caso, f"una persona decidió: {NAMES[kind]} no existe")


def check_not_exists(
    settings: Settings,
    caso: Caso,
    kind: str,
    decision: Decision,
    *,
    codigo: str,
    confirma: str,
    now: datetime | None = None,
) -> None:
    """Raise `Rejected` with every guard of *no existe* that isn't met."""
    now = now or datetime.now(UTC)
    wrong = []
    since = caso.sent_at(kind) or caso.changed()
    wait = timedelta(minutes=settings.espera_duda_minutos)
    if now - since < wait:
        left = -(-(since + wait - now).total_seconds() // 60)
        wrong.append(f"faltan {left:g} minutos: Serviweb puede guardar tarde")
    if codigo.strip() != caso.codigo:
        wrong.append("escriba con --codigo el código del suscriptor del caso")
    if settings.segunda_persona and not confirma.strip():
        wrong.append("una segunda persona debe confirmar: --confirma NOMBRE")
    if settings.segunda_persona and confirma.strip() and same_person(confirma, decision.persona):
        wrong.append("quien confirma debe ser otra persona que quien decide")
    if wrong:
        raise Rejected(
            "Todavía no se puede decidir que no existe:\n  " + "\n  ".join(wrong),
            remedy="Búsquelo en Serviweb; si está, use --existe con su número.",
        )


async def _still_absent(worker: Worker, caso: Caso, solicitud: Solicitud, journal: Journal, kind: str) -> None:
    """Look once more. Raises `Rejected` when the list can't be read or shows what may be ours."""
    result, current = await look_up_one(worker, caso, solicitud, journal, kind)
    if current is None:
        raise Rejected(
            "No se pudo consultar la lista de Serviweb, y sin verla no se decide", remedy="Intente más tarde."
        )
    if isinstance(result, Adopt):
        adopt(journal, kind, result.number)
        _no_more_doubt(journal, caso, "se encontró en Serviweb lo que estaba en duda")
        raise Rejected(
            f"Sí existe: {NAMES[kind]} {result.number} está en Serviweb y quedó en el caso",
            remedy=f"Vea el caso con «serviweb caso {caso.id}».",
        )
    if number := appeared(
        expected(worker.settings, caso, kind),
        baseline=caso.baseline(kind),
        current=current,
        own=None,
        owner=partial(owner_of, worker, caso, kind),
    ):
        raise Rejected(
            f"La lista de Serviweb muestra {number}, que puede ser de este caso",
            remedy="Véalo en Serviweb; si es, use --existe con su número (o --doble, si son dos).",
        )


async def _verified(
    worker: Worker, caso: Caso, solicitud: Solicitud, journal: Journal, kind: str, numbers: Sequence[str]
) -> None:
    """Raise `Rejected` unless each number can be this case's: free, new, and on the subscriber's list."""
    known = caso.baseline(kind) or frozenset()
    for number in numbers:
        if other := worker.owner(kind, number, caso):
            raise Rejected(f"El número {number} ya es del caso {other}", remedy="Compruebe el número en Serviweb.")
        if number in known:
            raise Rejected(
                f"{number} ya estaba en Serviweb antes de enviar: no es de este caso",
                remedy="Compruebe el número en Serviweb.",
            )
    if not can_look_up(worker.maps, kind):
        return
    try:
        current = await listed(worker, caso, solicitud, journal, kind)
    finally:
        await worker.drop_session()
    rows = {document.numero: document for document in current}
    wrong = [text for number in numbers if (text := _unfit(rows.get(number), number, worker, caso, kind))]
    note_lookup(journal, caso, kind, current, "comprobado" if not wrong else "no_comprobado", reason="; ".join(wrong))
    if wrong:
        raise Rejected("; ".join(wrong), remedy="Compruebe el número en Serviweb.")


def _unfit(row: Documento | None, number: str, worker: Worker, caso: Caso, kind: str) -> str:
    """Return why the row can't be this case's document, or ""."""
    if row is None:
        return f"{number} no está en la lista del suscriptor {caso.codigo}"
    if row.anulado:
        return f"Serviweb muestra {number} como anulado"
    if kind == "abono" and expected(worker.settings, caso, kind).signs(row) is False:
        return f"{number} no es de la factura {caso.number('factura')}"
    return ""


def _decided(journal: Journal, kind: str, what: str, decision: Decision, **more: str | None) -> None:
    if not decision.motivo.strip():
        raise Rejected("Falta el motivo de la decisión", remedy="Indíquelo con --motivo.")
    journal.write(
        "effect.decided",
        durable=True,
        kind=kind,
        decision=what,
        persona=decision.persona,
        motivo=decision.motivo,
        **more,
    )


def _no_more_doubt(journal: Journal, caso: Caso, reason: str) -> None:
    if not caso.open_effects():
        settled(journal, caso, reason)


_CLOSABLE = frozenset({"incompleto", "esperando_pago"})


def close(archivo: Archivo, caso: Caso, solicitud: Solicitud, numbers: Sequence[str], decision: Decision) -> None:
    """Record which documents were voided in Serviweb; with none left, the case is *cancelado*.

    A second document of a *doble* may be recorded whatever the case's state. Raises `Rejected`.
    """
    with archivo.idle(caso.folder, masker_for(solicitud)) as journal:
        follow(caso, journal)
        if caso.open_effects():
            raise Rejected(
                f"El caso {caso.id} está en duda: resuélvalo antes de cerrarlo", remedy="Vea «serviweb dudas»."
            )
        twins, own = caso.to_annul(), caso.documents()
        strange = [n for n in numbers if n not in twins and n not in own.values()]
        if strange:
            raise Rejected(f"No son documentos por anular del caso {caso.id}: {', '.join(strange)}")
        closing = [n for n in numbers if n not in twins] or not numbers
        if closing and caso.estado not in _CLOSABLE:
            raise Rejected(f"El caso {caso.id} no se puede cerrar: {NOMBRE_ESTADO[caso.estado]}")
        if not decision.motivo.strip():
            raise Rejected("Falta el motivo", remedy="Indíquelo con --motivo.")
        kinds = {number: kind for kind, number in own.items()}
        for number in numbers:
            kind = kinds.get(number) or _twin_kind(caso, number)
            who = {"persona": decision.persona, "motivo": decision.motivo}
            journal.write("effect.annulled", durable=True, kind=kind, number=number, **who)
        _closed(journal, caso, decision)


def _twin_kind(caso: Caso, number: str) -> str:
    return next(str(e["kind"]) for e in caso.entries if e.get("por_anular") == number)


def _closed(journal: Journal, caso: Caso, decision: Decision) -> None:
    if caso.estado not in _CLOSABLE:
        return
    left = [*caso.documents().values(), *caso.to_annul()]
    if not left:
        reason = f"lo cerró {decision.persona}: {decision.motivo}"
        journal.write("case.state", durable=True, etapa=caso.etapa, estado="cancelado", reason=reason)
    elif caso.voided():
        reason = f"falta anular en Serviweb: {', '.join(left)}"
        que_hacer = f"Anúlelos y use «serviweb cerrar {caso.id} --anulada …»."
        journal.write(
            "case.state", durable=True, etapa=caso.etapa, estado="incompleto", reason=reason, que_hacer=que_hacer
        )
