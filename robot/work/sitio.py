"""What all workers know of Serviweb together, on any machine: whether it answers, and whether its screens changed.

Both are kept in the table `control`, so that one process's failures count for all, and a restart forgets nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from robot.errors import Rejected, RobotError, SelectorDrift, SiteDown, StepFailed
from robot.records.store import cases, control
from robot.records.store.engine import Store
from robot.settings import Settings
from robot.work.circuito import Circuito, Umbral

ROBOT: Final = "el robot"
"""Who pauses the queue when no person did."""
_ANSWERED: Final = (Rejected, SelectorDrift, StepFailed)
"""Errors of which a person could say: Serviweb was there."""


def umbral_de(settings: Settings) -> Umbral:
    """Return when the circuit of an installation opens."""
    return Umbral(
        fallos=settings.circuito_fallos,
        pausa_segundos=settings.circuito_pausa_segundos,
        pausa_maxima_segundos=settings.circuito_pausa_maxima_segundos,
    )


@dataclass(frozen=True)
class Sitio:
    """The circuit and the drift of one Serviweb. *quien* is a worker's name, which no other has."""

    store: Store
    umbral: Umbral

    @classmethod
    def de(cls, store: Store, settings: Settings) -> Sitio:
        """Return the Serviweb of an installation."""
        return cls(store, umbral_de(settings))

    def circuito(self) -> Circuito:
        """Return the circuit as it is."""
        return self._read(control.kept(self.store, cases.CIRCUIT).get(cases.CIRCUIT))

    def pide(self, quien: str) -> bool:
        """Say whether a case may begin. Where nothing is kept of failures this only reads."""
        if not control.kept(self.store, cases.CIRCUIT):
            return True
        return self._exchange(lambda circuit, now: circuit.pide(quien, now))

    def termina(self, quien: str, caso: str, etapa: str, error: RobotError | None) -> str:
        """Take how a stage of a case ended; return why the queue was paused for it, or «»."""
        if isinstance(error, SiteDown):
            self._exchange(lambda circuit, now: (circuit.cae(quien, now, error.reason), True))
            return ""
        known = control.kept(self.store, cases.CIRCUIT, control.DRIFT)
        if cases.CIRCUIT in known:
            if error is None or isinstance(error, _ANSWERED):
                self._exchange(lambda circuit, _now: (circuit.responde(quien), True))
            else:
                self.suelta(quien)
        if isinstance(error, SelectorDrift):
            return self._drifted(caso, etapa, error)
        if error is None and control.DRIFT in known and json.loads(known[control.DRIFT])["etapa"] == etapa:
            control.forget(self.store, [control.DRIFT])
        return ""

    def suelta(self, quien: str) -> None:
        """Take that a claim ended without a word on the site."""
        if control.kept(self.store, cases.CIRCUIT):
            self._exchange(lambda circuit, now: (circuit.suelta(quien, now), True))

    def sin(self, begins: str) -> None:
        """Take that no worker whose name begins so lives: its probe will say nothing."""
        probe = self.circuito().prueba
        if probe.startswith(begins):
            self.suelta(probe)

    def reanuda(self) -> None:
        """Let cases begin again: a person says that Serviweb answers, or that the map was looked at."""
        control.forget(self.store, [cases.PAUSE, cases.CIRCUIT, control.DRIFT])

    def _drifted(self, caso: str, etapa: str, error: SelectorDrift) -> str:
        """Pause the queue when a second case in a row misses the same control: the screen changed, not the case."""
        what = error.control or error.reason

        def ask(kept: str | None, _now: str) -> tuple[str | None, str]:
            last = json.loads(kept) if kept else {}
            if last.get("que") == what and last["caso"] != caso:
                return None, str(last["caso"])
            return json.dumps({"que": what, "caso": caso, "etapa": etapa}, ensure_ascii=False), ""

        other = control.exchange(self.store, control.DRIFT, ask)
        if not other:
            return ""
        step = f" del paso {error.step}" if error.step else ""
        missed = f"no se encontró el control {error.control}{step}" if error.control else error.reason.rstrip(".")
        told = (
            f"En dos casos seguidos, {other} y {caso}, {missed}: Serviweb cambió o el mapa está mal. "
            "Pida revisar el mapa; luego, «serviweb cola reanudar»"
        )
        cases.switch_on(self.store, cases.PAUSE, ROBOT, told)
        return told

    def _exchange(self, ask: Callable[[Circuito, datetime], tuple[Circuito, bool]]) -> bool:
        def asked(kept: str | None, now: str) -> tuple[str | None, bool]:
            circuit, answer = ask(self._read(kept), datetime.fromisoformat(now))
            calm = circuit.fase == "cerrado" and all(circuit.recientes)  # nothing to remember: later asks only read
            return (None if calm else json.dumps(circuit.as_dict(), ensure_ascii=False)), answer

        return control.exchange(self.store, cases.CIRCUIT, asked, by=ROBOT)

    def _read(self, kept: str | None) -> Circuito:
        return Circuito.de(json.loads(kept) if kept else None, self.umbral)
