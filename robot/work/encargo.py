"""Carry out an errand: a person's decision of a case in doubt, proved on Serviweb's lists by the queue's worker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from playwright.async_api import Error as PlaywrightError

from robot.errors import Fenced, Rejected, RobotError, SiteDown
from robot.records.busqueda import NAMES
from robot.records.caso import NOMBRE_ESTADO, Caso
from robot.records.journal import Listener
from robot.records.report import case_page
from robot.records.solicitud import Solicitud
from robot.records.store import cases, encargos
from robot.records.store.cases import Row
from robot.records.store.engine import Store, StoreDownError
from robot.text import sentence
from robot.work import decision
from robot.work.decision import Decision
from robot.work.duda import look_up
from robot.work.expediente import caso_of, request_of
from robot.work.tablero import Tablero
from robot.work.worker import Worker


async def attended(worker: Worker, row: Row, tablero: Tablero) -> None:
    """Carry an errand out and write how it ended, whatever comes of it. Raises `StoreDownError`."""
    store, user, mark = worker.archivo.store, worker.settings.usuario, str(row["caso"])
    ended = partial(encargos.end, store, row["id"], worker.archivo.worker)
    listener = tablero.tomado(user, mark, str(row["codigo"]), consulta=True)
    try:
        caso = await asyncio.to_thread(caso_of, worker.archivo, mark)
        solicitud = await asyncio.to_thread(request_of, store, mark)
        said = await carry_out(worker, caso, solicitud, row, listener)
        await asyncio.to_thread(ended, "hecho", said)
        with suppress(OSError):
            await asyncio.to_thread(case_page, caso.folder)
    except StoreDownError:
        raise
    except (SiteDown, Fenced):  # what two people decided isn't thrown away for that
        await asyncio.to_thread(ended, "pendiente", "Serviweb o el caso estaban ocupados: se intenta otra vez")
        with suppress(PlaywrightError):
            await worker.drop_session()
    except (RobotError, OSError, PlaywrightError) as error:
        reason = error.reason if isinstance(error, RobotError) else str(error).partition("\n")[0]
        advice = error.advice if isinstance(error, RobotError) else "Intente de nuevo."
        await asyncio.to_thread(ended, "rechazado", reason, advice)
        with suppress(PlaywrightError):
            await worker.drop_session()
    estado = str((await asyncio.to_thread(cases.case, store, mark))["estado"])
    tablero.soltado(user, mark, estado, sentence(NOMBRE_ESTADO[estado]))


async def carry_out(worker: Worker, caso: Caso, solicitud: Solicitud, row: Row, listener: Listener) -> str:
    """Do what the errand says and return in Spanish what became of it. Raises `RobotError`."""
    data: dict[str, Any] = json.loads(row["datos"])
    if not caso.open_effects():  # its worker died between the decision and this row, or a look-up was quicker
        return f"El caso ya no está en duda: {NOMBRE_ESTADO[caso.estado]}"
    kind = decision.in_doubt(caso)
    if row["que"] != "consultar" and not await asyncio.to_thread(_same_doubt, worker.archivo.store, caso, kind, data):
        raise Rejected(
            "La duda que se decidió ya se resolvió, y ahora hay otra", remedy="Vea el caso y decida de nuevo."
        )
    who = Decision(persona=row["persona"], motivo=row["motivo"])
    match row["que"]:
        case "existe":
            await decision.exists(worker, caso, solicitud, data["numero"], who, listener=listener)
            said = f"Comprobado en Serviweb: {NAMES[kind]} {data['numero']} es de este caso"
        case "doble":
            first, second = data["numeros"]
            await decision.double(worker, caso, solicitud, (first, second), data["conserva"], who, listener=listener)
            other = second if data["conserva"] == first else first
            said = f"Se conserva {data['conserva']}; {other} queda por anular en Serviweb"
        case "no_existe":
            wanted = {"codigo": data["codigo"], "confirma": row["confirma"]}
            await decision.not_exists(worker, caso, solicitud, who, listener=listener, **wanted)
            said = f"Comprobado en Serviweb: {NAMES[kind]} no existe; se puede guardar de nuevo"
        case "consultar":
            if await look_up(worker, caso, solicitud, listener=listener):
                last = caso.lookups(kind)
                raise Rejected(
                    "Sigue en duda: " + str(last[-1].get("reason") or "Serviweb no lo muestra todavía" if last else ""),
                    remedy="Véalo usted en Serviweb y decida, o consulte de nuevo más tarde.",
                )
            said = "Se encontró en Serviweb y quedó en el caso"
        case other_errand:
            raise Rejected(f"El robot no conoce el encargo «{other_errand}»")
    return said + await _continued(worker, caso, wanted=bool(data.get("continuar")))


def _same_doubt(store: Store, caso: Caso, kind: str, data: Mapping[str, Any]) -> bool:
    """Say whether what is in doubt now is what was decided: the same document, sent at the same time."""
    if data["documento"] != kind:
        return False
    known = [row for row in cases.effects(store, caso.id) if row["tipo"] == kind and row["estado"] == "en_duda"]
    sent = {datetime.fromisoformat(row["enviado"] or row["intencion"]) for row in known}
    return datetime.fromisoformat(data["enviado"]) in sent


async def _continued(worker: Worker, caso: Caso, *, wanted: bool) -> str:
    """Put a case that lacks something back into the queue, if asked; say so."""
    if not wanted or caso.estado != "incompleto":
        return f". El caso queda {NOMBRE_ESTADO[caso.estado]}"
    with suppress(Rejected):  # a person was quicker
        await asyncio.to_thread(cases.again, worker.archivo.store, caso.id)
    return ". El caso vuelve a la cola para hacer lo que falta"
