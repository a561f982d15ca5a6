"""Take a case over from its folder into a database that was put back from an old copy (robot.work.recuperacion).

The folder's entries follow those that the database has, word for word; what they mean is drawn anew. States in between
are passed over: the case ends in the one that its last entries tell, and what was sent without an end is in doubt.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from robot.errors import Fenced, RobotError
from robot.records.journal import Entry
from robot.records.store import cases, ledger
from robot.records.store.engine import Store
from robot.records.store.leases import in_doubt, settle_unsent
from robot.records.store.projection import project, salt_row
from robot.records.store.schema import DOCUMENTOS, NEVER, PRESENT, casos, control, efectos, pagos, valores

NOTICE: Final = "Recuperado de su carpeta"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A case's request as its private file holds it: salt and values."""

    sal: str
    solicitud: Mapping[str, Any]


def take_over(store: Store, case: str, entries: Sequence[Entry], request: Request | None, *, vence: str = NEVER) -> str:
    """Take a folder's whole journal, all or nothing, and return the case's state from then on.

    Only while its journal is locked by the caller, so that nobody works it; the token is raised, so that whoever did
    writes nothing more. *vence* (UTC, as the tables hold it) is the due time of a trámite whose payment is recorded.
    Raises `Fenced` where a rule of the database forbids it (another case has its number, its receipt or its
    subscriber), and `BrokenJournal` where the database tells another story.
    """
    try:
        with store.write() as connection:
            now = store.now(connection)
            known = connection.execute(select(casos.c.id).where(casos.c.id == case)).first() is not None
            if not known:
                _make_row(connection, case, entries[0], request, now)
            # Neither open nor closed while its story is told: no rule of a state stands in the way.
            free = {"estado": "en_cola", "trabajador": None, "vence_arriendo": None, "token": casos.c.token + 1}
            token = connection.execute(
                update(casos).where(casos.c.id == case).values(**free).returning(casos.c.token)
            ).scalar_one()
            for entry in ledger.taken(connection, case, entries):
                if entry["event"] == "effect.intent":
                    _never_left(connection, case, entry)
                if entry["event"] != "case.state":
                    project(connection, case, [entry], token, now=now)
            settle_unsent(connection, case, now)
            ended = _ending(connection, case, entries, known=known, vence=vence)
            connection.execute(update(casos).where(casos.c.id == case).values(**ended))
            return str(ended["estado"])
    except IntegrityError as error:
        raise Fenced(f"La base de datos no admite el caso {case}: {ledger.refusal(error)}") from error


def _make_row(connection: Connection, case: str, opened: Entry, request: Request | None, now: str) -> None:
    """Make the row of a case that the database never saw, from the entry that opened it."""
    row = {
        "id": case,
        "codigo": str(opened["codigo"]),
        "ruta": str(opened.get("ruta") or ""),
        "suscriptor": str(opened.get("suscriptor") or ""),
        "prioridad": cases.BATCH,
        "orden": time.time_ns(),
        "referencia": str(opened.get("solicitud") or ""),
        "nueva_ocasion": str(opened.get("nueva_ocasion") or ""),
        "asesor": str(opened.get("pedido_por") or ""),
        "huella": str(opened.get("solicitud_sha256") or ""),
        "disponible": now,
        "vence": NEVER,
        "creado": str(opened["t"]),
        "cambiado": str(opened["t"]),
    }
    connection.execute(insert(casos), row)
    if request:
        if connection.execute(select(control.c.clave).where(control.c.clave == salt_row(now)["clave"])).first() is None:
            connection.execute(insert(control), salt_row(now))
        stored = json.dumps(dict(request.solicitud), ensure_ascii=False)
        connection.execute(insert(valores), {"caso": case, "sal": request.sal, "solicitud": stored})


def _never_left(connection: Connection, case: str, entry: Entry) -> None:
    """Settle an earlier intent of that kind: the run that wrote this one knew that it hadn't left."""
    mine = (efectos.c.caso == case, efectos.c.tipo == entry["kind"], efectos.c.estado == "intencion")
    gated = efectos.c.con_compuerta.is_(True)
    connection.execute(update(efectos).where(*mine, gated).values(estado="no_enviado", cerrado=entry["t"]))


def _ending(connection: Connection, case: str, entries: Sequence[Entry], *, known: bool, vence: str) -> dict[str, Any]:
    """Return what the row says once the story is told."""
    states = [n for n, entry in enumerate(entries) if entry["event"] == "case.state"]
    last = entries[states[-1]] if states else {}
    told = str(last.get("estado", "en_curso"))
    row: dict[str, Any] = {
        "etapa": last.get("etapa", "cobro"),
        "motivo": str(last.get("reason") or ""),
        "que_hacer": str(last.get("que_hacer") or ""),
        "cambiado": entries[-1]["t"],
    }
    paid = connection.execute(select(pagos.c.caso).where(pagos.c.caso == case)).first() is not None
    just_paid = any(entry["event"] == "payment.recorded" for entry in entries[states[-1] if states else 0 :])
    if in_doubt(connection, case):
        return row | {"estado": "en_duda", "motivo": f"{NOTICE}: se envió y no se sabe si Serviweb guardó"}
    if told in ("en_curso", "en_duda"):  # its process died
        what = f"Continúe con «serviweb continuar {case}»."
        if _documents(connection, case):
            return row | {"estado": "incompleto", "motivo": f"{NOTICE}: se había interrumpido", "que_hacer": what}
        estado = "en_cola" if known else "fallido"
        return row | {"estado": estado, "motivo": f"{NOTICE}: no se había guardado nada", "que_hacer": ""}
    if told == "esperando_pago" and paid and just_paid:
        return row | {"estado": "en_cola", "etapa": "tramite", "prioridad": cases.PAID, "vence": vence}
    return row | {"estado": told}


def _documents(connection: Connection, case: str) -> bool:
    mine = (efectos.c.caso == case, efectos.c.tipo.in_(DOCUMENTOS), efectos.c.estado.in_(PRESENT))
    return connection.execute(select(efectos.c.n).where(*mine).limit(1)).first() is not None


def block(store: Store, case: str, opened: Entry | None, reason: str) -> bool:
    """Let a case that can't be taken over hold its subscriber: *incompleto*, until its journal is put right.

    Say whether it does now: not where nothing is known of it, or its subscriber has another open case anyway.
    """
    try:
        with store.write() as connection:
            now = store.now(connection)
            found = connection.execute(select(casos.c.estado).where(casos.c.id == case)).scalar_one_or_none()
            if found is None:
                if not opened or "codigo" not in opened:
                    return False
                _make_row(connection, case, opened, None, now)
            if found in ("en_duda", "terminado"):
                return bool(found == "en_duda")
            held = {"estado": "incompleto", "motivo": reason, "cambiado": now, "token": casos.c.token + 1}
            free = {
                "trabajador": None,
                "vence_arriendo": None,
                "que_hacer": "Ponga bien su diario y recupere otra vez.",
            }
            connection.execute(update(casos).where(casos.c.id == case).values(**held, **free))
    except IntegrityError:
        return False
    return True


def refusal_of(error: RobotError) -> str:
    """Return why a case couldn't be taken over, without its name in front."""
    return error.reason.partition(": ")[2] or error.reason
