"""How long a case waits before the queue takes it again, and when it has been taken often enough.

Inside one claim the worker tries a document again (robot.work.worker); this is about claims.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from robot.errors import LoginRefused, RobotError, SentElsewhere, SiteDown, StepFailed, Stopped
from robot.settings import Settings

_JITTER: Final = 0.25
"""A pause is shortened by up to this share, so that cases which fell together don't return together; twice a pause is
longer than the one before all the same."""
_INTERRUPTED: Final = (asyncio.CancelledError, KeyboardInterrupt)
_BLAMELESS: Final = (SiteDown, SentElsewhere, LoginRefused, Stopped, OSError, *_INTERRUPTED)
"""What is no case's fault: it costs no attempt. An `OSError` is a full disk, or a database that doesn't answer."""
Azar = Callable[[], float]
"""A number from 0 to below 1."""


@dataclass(frozen=True, kw_only=True)
class Paciencia:
    """How often a failing case is taken, and how long it waits in between."""

    tomas: int = 5
    primera_segundos: float = 60
    maxima_segundos: float = 3600

    @classmethod
    def de(cls, settings: Settings) -> Paciencia:
        """Return the patience of an installation."""
        return cls(
            tomas=settings.tomas,
            primera_segundos=settings.reintento_segundos,
            maxima_segundos=settings.reintento_maximo_segundos,
        )

    def pausa(self, veces: int, azar: Azar = random.random) -> float:
        """Return the pause after so many failures: none after none."""
        if veces < 1:
            return 0
        return pausa_segundos(veces, primera=self.primera_segundos, maxima=self.maxima_segundos, azar=azar)


@dataclass(frozen=True, kw_only=True)
class Destino:
    """What becomes of a case whose run ended and sent nothing: into the queue after a wait, or to a person."""

    estado: Literal["en_cola", "fallido", "incompleto"]
    espera_segundos: float = 0
    cuesta_intento: bool = True
    motivo: str = ""


def pausa_segundos(
    veces: int,
    *,
    primera: float,
    maxima: float,
    azar: Azar = random.random,
) -> float:
    """Return the pause after *veces* failures (from 1): twice as long each time, at most *maxima*, less its jitter."""
    if veces < 1:
        raise ValueError("a pause follows a failure")
    doublings = min(veces - 1, 60)  # beyond that the cap holds anyway, and the number would overflow
    return min(maxima, primera * 2.0**doublings) * (1 - _JITTER * azar())


def se_reintenta(fallo: BaseException) -> bool:
    """Say whether another claim may heal this failure. Whether something was sent is asked before."""
    return isinstance(fallo, (StepFailed, *_BLAMELESS)) or not isinstance(fallo, RobotError)


def despues(
    fallo: BaseException | None,
    *,
    tomas: int,
    algo_guardado: bool,
    paciencia: Paciencia,
    seguidas: int = 0,
    azar: Azar = random.random,
) -> Destino:
    """Return what becomes of a case whose claim ended in a failure that `se_reintenta`, or with its worker's death.

    *tomas* counts the claims that cost an attempt, this one among them. Whether something was sent is looked at before:
    a case in doubt never comes here. *seguidas* counts how often in a row the case met this failure before: one that
    meets `SiteDown` while others get through must not always be the first to go. Raises `ValueError` for an error that
    no further claim can heal.
    """
    if isinstance(fallo, _BLAMELESS):
        # The case itself did nothing wrong; when the site is down, the circuit makes everybody wait besides.
        wait = 0.0
        if isinstance(fallo, SiteDown):
            wait = paciencia.pausa(seguidas, azar)
        elif isinstance(fallo, SentElsewhere):
            wait = paciencia.pausa(seguidas + 1, azar)
        return Destino(estado="en_cola", espera_segundos=wait, cuesta_intento=False, motivo=_told(fallo))
    if fallo is not None and not se_reintenta(fallo):
        raise ValueError(f"{type(fallo).__name__} is not tried again")
    motivo = _told(fallo) if fallo else "el proceso que lo trabajaba se interrumpió"
    if tomas >= paciencia.tomas:
        times = "una vez" if tomas == 1 else f"{tomas} veces"
        return Destino(
            estado="incompleto" if algo_guardado else "fallido",
            motivo=f"Se intentó {times} y no se pudo. Lo último: {motivo}",
        )
    return Destino(estado="en_cola", espera_segundos=paciencia.pausa(max(tomas, 1), azar), motivo=motivo)


def tras_muerte(tomas: int, paciencia: Paciencia) -> float:
    """Return the pause of a case whose worker died: none the first time, since a power cut says nothing of the case."""
    return paciencia.pausa(tomas - 1)


def _told(fallo: BaseException) -> str:
    if isinstance(fallo, RobotError):
        return str(fallo)
    if isinstance(fallo, _INTERRUPTED):
        return "se interrumpió"
    if isinstance(fallo, OSError):
        return f"no se pudo escribir: {fallo.strerror or fallo}"
    return f"el navegador falló ({type(fallo).__name__})"
