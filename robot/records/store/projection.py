"""What journal entries mean: effects, runs, steps, papers, payments and the case's state, drawn from each entry."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy import case as sql_case

from robot.errors import Fenced
from robot.records.journal import Entry
from robot.records.store import cases
from robot.records.store.engine import later
from robot.records.store.schema import (
    SETTLED,
    casos,
    control,
    corridas,
    documentos,
    efectos,
    pagos,
    pagos_inesperados,
    pasos,
    valores,
)

# What each event makes of the last effect of its kind; the second is the column of its time.
_STAGES: Final = {
    "effect.sent": ("enviado", "enviado"),
    "effect.passed": ("enviado", "enviado"),
    "effect.answered": ("respondido", "respondido"),
    "effect.in_doubt": ("en_duda", None),
    "effect.confirmed": ("confirmado", "cerrado"),
    "effect.rejected": ("rechazado", "cerrado"),
    "effect.not_sent": ("no_enviado", "cerrado"),
}
_ON_ITS_WAY: Final = ("enviado", "respondido")
_SALT: Final = "sal"


def project(connection: Connection, case: str, entries: Sequence[Entry], token: int, *, now: str) -> None:
    """Draw what these entries mean, in their order. Entries without a meaning here are history alone."""
    steps: list[dict[str, Any]] = []
    for entry in entries:
        event = entry["event"]
        if event.startswith("step."):
            _step(connection, case, entry, steps)
            continue
        if event == "effect.intent":
            _intent(connection, case, entry, token)
        elif event in _STAGES:
            _stage(connection, case, entry)
        elif event in _MEANINGS:
            _MEANINGS[event](connection, case, entry)
        elif event == "case.state":
            _state(connection, case, entry, now)
    if steps:
        connection.execute(insert(pasos), steps)


def _state(connection: Connection, case: str, entry: Entry, now: str) -> None:
    changed = {"motivo": entry.get("reason", ""), "que_hacer": entry.get("que_hacer", ""), "etapa": entry["etapa"]}
    changed |= _takes(entry, now)
    if entry["estado"] in ("en_curso", _estado(connection, case)):
        connection.execute(update(casos).where(casos.c.id == case).values(cambiado=now, **changed))
    elif not cases.move(connection, case, entry["estado"], now=now, **changed):
        raise Fenced(
            f"El caso {case} está {cases.name_of(_estado(connection, case))} y no puede pasar a "
            f"{cases.name_of(entry['estado'])}"
        )


def _takes(entry: Entry, now: str) -> dict[str, Any]:
    """Return when the queue may take the case again, and how often it has: a stage that is over counts no more."""
    if entry["estado"] in ("esperando_pago", "terminado"):
        return {"intentos": 0}
    if entry["estado"] != "en_cola":
        return {}
    spared = {"intentos": casos.c.intentos - 1} if entry.get("cuesta_intento") is False else {}
    return {"disponible": later(now, float(entry.get("espera_segundos", 0))), **spared}


def _estado(connection: Connection, case: str) -> str:
    return str(connection.execute(select(casos.c.estado).where(casos.c.id == case)).scalar_one())


# Effects.


def _intent(connection: Connection, case: str, entry: Entry, token: int) -> None:
    what = entry.get("what", {})
    total = what.get("total")
    row = {
        "caso": case,
        "n": entry["n"],
        "tipo": entry["kind"],
        "clave": _tercero_key(connection, case) if entry["kind"] == "tercero" else f"{entry['kind']}:{case}",
        "estado": "intencion",
        "con_compuerta": entry.get("gated") is not False,
        "token": token,
        "total": total if isinstance(total, int) else None,
        "que": json.dumps(what, ensure_ascii=False),
        "intencion": entry["t"],
    }
    connection.execute(insert(efectos), row)
    if name := what.get("suscriptor"):  # Serviweb's own, where the request gave none
        unnamed = (casos.c.id == case, casos.c.suscriptor == "")
        connection.execute(update(casos).where(*unnamed).values(suscriptor=str(name)))


def _tercero_key(connection: Connection, case: str) -> str:
    """Return one key per document type and number over all cases: a keyed hash, since a bare one could be guessed."""
    stored = connection.execute(select(valores.c.solicitud).where(valores.c.caso == case)).scalar_one_or_none()
    if not stored:
        return f"tercero:{case}"
    request = json.loads(stored)
    salt = connection.execute(select(control.c.valor).where(control.c.clave == _SALT)).scalar_one()
    whom = f"{request['tipo_documento']}:{request['documento']}"
    return f"tercero:{hmac.new(str(salt).encode(), whom.encode(), hashlib.sha256).hexdigest()}"


def tercero_of(connection: Connection, case: str) -> tuple[str, str] | None:
    """Return the case that creates, or created, the tercero of this one, and the state of that effect."""
    key = efectos.c.clave == _tercero_key(connection, case)
    query = select(efectos.c.caso, efectos.c.estado).where(key, efectos.c.estado.not_in(SETTLED))
    found = connection.execute(query.limit(1)).one_or_none()
    return (found.caso, found.estado) if found else None


def salt_row(now: str) -> dict[str, str]:
    """Return the row with this installation's secret for those keys; it is made once."""
    return {"clave": _SALT, "valor": secrets.token_hex(32), "por": "", "cuando": now}


def _stage(connection: Connection, case: str, entry: Entry) -> None:
    estado, when = _STAGES[entry["event"]]
    changed: dict[str, Any] = {"estado": estado}
    if estado in _ON_ITS_WAY:  # told late, by the folder of a process that was killed: the doubt is no less
        changed["estado"] = sql_case((efectos.c.estado == "en_duda", "en_duda"), else_=estado)
    if when:
        changed[when] = entry["t"]
    if entry.get("number") is not None:
        changed["numero"] = str(entry["number"])
    if entry.get("reason"):
        changed["motivo"] = entry["reason"]
    twin = efectos.c.clave.startswith(f"{entry['kind']}:{case}:", autoescape=True)
    last = select(func.max(efectos.c.n)).where(efectos.c.caso == case, efectos.c.tipo == entry["kind"], ~twin)
    statement = update(efectos).where(efectos.c.caso == case, efectos.c.n == last.scalar_subquery())
    if entry["event"] != "effect.confirmed":
        statement = statement.where(efectos.c.estado != "confirmado")
    connection.execute(statement.values(**changed))
    if (entry["event"], entry["kind"]) == ("effect.confirmed", "tramite"):
        connection.execute(update(casos).where(casos.c.id == case).values(por_responder=entry["t"]))


def _decided(connection: Connection, case: str, entry: Entry) -> None:
    """Draw a person's decision; a second document stands as an effect of its own until its annulment is recorded."""
    kind = entry["kind"]
    if entry.get("decision") == "no_existe":
        _stage(connection, case, {**entry, "event": "effect.not_sent", "number": None})
    elif entry.get("por_anular"):
        double = str(entry["por_anular"])
        row = {
            "caso": case,
            "n": entry["n"],
            "tipo": kind,
            "clave": f"{kind}:{case}:{double}",
            "estado": "confirmado",
            "con_compuerta": True,
            "token": 0,
            "numero": double,
            "motivo": "por anular",
            "intencion": entry["t"],
        }
        connection.execute(insert(efectos), row)


def _annulled(connection: Connection, case: str, entry: Entry) -> None:
    mine = (efectos.c.caso == case, efectos.c.numero == str(entry["number"]))
    connection.execute(update(efectos).where(*mine).values(estado="anulado", cerrado=entry["t"]))
    left = select(efectos.c.caso).where(
        efectos.c.caso == case, efectos.c.tipo == "tramite", efectos.c.estado == "confirmado"
    )
    connection.execute(update(casos).where(casos.c.id == case, ~left.exists()).values(por_responder=None))


# Runs and steps.


def _run_started(connection: Connection, case: str, entry: Entry) -> None:
    row = {
        "caso": case,
        "corrida": entry["run"],
        "etapa": entry.get("etapa", "cobro"),
        "ensayo": bool(entry.get("ensayo")),
        "navegador": entry.get("navegador", ""),
        "usuario_serviweb": entry.get("usuario_serviweb", ""),
        "empezada": entry["t"],
    }
    connection.execute(insert(corridas), row)


def _run_finished(connection: Connection, case: str, entry: Entry) -> None:
    ended = {"milisegundos": _milliseconds(entry), "resultado": entry.get("outcome")}
    connection.execute(
        update(corridas).where(corridas.c.caso == case, corridas.c.corrida == entry["run"]).values(**ended)
    )


def _milliseconds(entry: Entry) -> int | None:
    seconds = entry.get("seconds")
    return None if seconds is None else round(seconds * 1000)


def _step(connection: Connection, case: str, entry: Entry, waiting: list[dict[str, Any]]) -> None:
    """Draw a step; one that begins and ends in the same group is written once."""
    run, number = entry.get("run", 0), str(entry["number"])
    if entry["event"] == "step.started":
        facts = {"caso": case, "n": entry["n"], "corrida": run, "paso": number, "titulo": str(entry.get("title") or "")}
        ending = dict.fromkeys(("milisegundos", "error", "motivo", "control"))
        waiting.append({**facts, "estado": "abierto", "empezado": entry["t"], **ending})
        return
    done = entry["event"] == "step.finished"
    ended = {
        "estado": "hecho" if done else "fallido",
        "milisegundos": _milliseconds(entry),
        "error": entry.get("error"),
        "motivo": entry.get("reason"),
        "control": entry.get("control"),
    }
    for row in reversed(waiting):
        if row["paso"] == number and row["corrida"] == run and row["estado"] == "abierto":
            row.update(ended)
            return
    mine = (pasos.c.caso == case, pasos.c.corrida == run, pasos.c.paso == number, pasos.c.estado == "abierto")
    connection.execute(update(pasos).where(*mine).values(**ended))


# Papers and payments.


def _paper(connection: Connection, case: str, entry: Entry) -> None:
    connection.execute(documentos.delete().where(documentos.c.caso == case, documentos.c.tipo == entry["kind"]))
    row = {
        "caso": case,
        "tipo": entry["kind"],
        "archivo": entry.get("file"),
        "sha256": entry.get("sha256"),
        "paginas": entry.get("pages"),
        "copias_archivo": entry.get("copies_file"),
        "copias_sha256": entry.get("copies_sha256"),
        "falta": entry.get("reason", "falta") if entry["event"] == "document.missing" else None,
        "cuando": entry["t"],
    }
    connection.execute(insert(documentos), row)
    missing = select(documentos.c.tipo).where(documentos.c.caso == case, documentos.c.falta.is_not(None)).exists()
    connection.execute(update(casos).where(casos.c.id == case).values(papel_pendiente=missing))


def _payment(connection: Connection, case: str, entry: Entry) -> None:
    """Draw a payment; one that a person corrects, which Serviweb had refuted, makes room for the right one."""
    if entry.get("corrige"):
        connection.execute(pagos.delete().where(pagos.c.caso == case))
    row = {
        "recibo": str(entry["recibo"]).upper(),
        "caso": case,
        "fecha": entry["fecha"],
        "valor": entry.get("valor"),
        "otro_recibo": entry.get("otro_recibo", ""),
        "registrado_por": entry.get("registrado_por", ""),
        "cuando": entry["t"],
    }
    connection.execute(insert(pagos), row)


def _payment_checked(connection: Connection, case: str, entry: Entry) -> None:
    read = {"confirmado": bool(entry["pagado"]), "confirmado_cuando": entry["t"]}
    read["confirmado_motivo"] = entry.get("reason", "")
    connection.execute(update(pagos).where(pagos.c.caso == case).values(**read))


def _payment_unexpected(connection: Connection, case: str, entry: Entry) -> None:
    row = {
        "caso": case,
        "n": entry["n"],
        "recibo": str(entry["recibo"]).upper(),
        "fecha": entry["fecha"],
        "valor": entry.get("valor"),
        "motivo": entry["motivo"],
        "que_hacer": entry["que_hacer"],
        "registrado_por": entry.get("registrado_por", ""),
        "cuando": entry["t"],
    }
    connection.execute(insert(pagos_inesperados), row)


def _payment_attended(connection: Connection, case: str, entry: Entry) -> None:
    attended = {"atendido_por": entry["persona"], "atendido_cuando": entry["t"], "atendido_motivo": entry["motivo"]}
    mine = (pagos_inesperados.c.caso == case, pagos_inesperados.c.n == entry["entrada"])
    connection.execute(update(pagos_inesperados).where(*mine).values(**attended))


_MEANINGS: Final[dict[str, Callable[[Connection, str, Entry], None]]] = {
    "effect.decided": _decided,
    "effect.annulled": _annulled,
    "run.started": _run_started,
    "run.finished": _run_finished,
    "document.printed": _paper,
    "document.missing": _paper,
    "payment.recorded": _payment,
    "payment.checked": _payment_checked,
    "payment.unexpected": _payment_unexpected,
    "payment.attended": _payment_attended,
}
