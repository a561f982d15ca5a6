"""One take of a case by the queue: whether it may begin, and what becomes of it when it ends without a document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from robot.errors import RobotError
from robot.records.caso import Caso, Estado
from robot.records.store.leases import Claim
from robot.settings import BOGOTA, Settings
from robot.work.espera import Destino, Paciencia, despues, se_reintenta


@dataclass(frozen=True)
class Fin:
    """A state that a take of the queue ends in, and what its entry in the journal tells besides."""

    estado: Estado
    entrada: dict[str, Any]


def sin_empezar(caso: Caso, claim: Claim, settings: Settings) -> Fin | None:
    """Return what ends this take before it begins: a person cancelled the case, or it was taken often enough."""
    if claim.cancelled_by:
        saved = caso.saved()
        told = f"lo canceló {claim.cancelled_by}" + (f"; ya quedó guardado: {saved}" if saved else "")
        return Fin("incompleto" if saved else "cancelado", {"reason": told})
    if claim.attempts > settings.tomas:
        return _fin(_destino(None, caso, settings, takes=claim.attempts - 1), caso)
    return None


def se_retoma(caso: Caso) -> str | None:
    """Return what the journal must tell when the last process that worked the case died."""
    states = [entry["estado"] for entry in caso.entries if entry["event"] == "case.state"]
    return "se retoma: el proceso que lo trabajaba se interrumpió" if states[-1:] == ["en_curso"] else None


def fin(failure: BaseException, caso: Caso, claim: Claim, settings: Settings) -> Fin | None:
    """Return what becomes of a case without an effect in doubt; None where no other take heals the failure."""
    if not se_reintenta(failure):
        return None
    return _fin(_destino(failure, caso, settings, takes=claim.attempts), caso, **named(failure))


def named(failure: BaseException) -> dict[str, Any]:
    """Return what the journal tells of a failure besides its reason: its class, step and control."""
    if not isinstance(failure, RobotError):
        return {"error": type(failure).__name__}
    return {"error": type(failure).__name__, "paso": failure.step or None, "control": failure.control or None}


def _destino(failure: BaseException | None, caso: Caso, settings: Settings, *, takes: int) -> Destino:
    return despues(
        failure,
        tomas=takes,
        algo_guardado=bool(caso.documents()),
        paciencia=Paciencia.de(settings),
        seguidas=_in_a_row(failure, caso),
    )


def _in_a_row(failure: BaseException | None, caso: Caso) -> int:
    """Return how many takes in a row, up to the last one, ended in the queue for this failure."""
    count = 0
    for entry in reversed(caso.entries):
        if entry["event"] != "case.state" or entry["estado"] == "en_curso":
            continue
        if entry["estado"] != "en_cola" or entry.get("error") != type(failure).__name__:
            break
        count += 1
    return count


def _fin(destino: Destino, caso: Caso, **more: Any) -> Fin:
    told: dict[str, Any] = {"reason": destino.motivo, **more}
    if destino.estado == "en_cola":
        when = datetime.now(UTC) + timedelta(seconds=destino.espera_segundos)
        told |= {"espera_segundos": round(destino.espera_segundos, 3), "cuesta_intento": destino.cuesta_intento}
        told["que_hacer"] = "La cola lo toma otra vez sola" + (
            f", después de las {when.astimezone(BOGOTA):%H:%M:%S}." if destino.espera_segundos else "."
        )
    elif destino.estado == "incompleto":
        told["reason"] += f". Ya quedó guardado: {caso.saved()}"
        told["que_hacer"] = f"Continúe con «serviweb continuar {caso.id}»; nunca lo empiece de nuevo."
    else:
        told["que_hacer"] = "No se guardó nada: corrija la causa y cargue la solicitud otra vez."
    return Fin(destino.estado, told)
