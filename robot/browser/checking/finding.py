"""What became of one control of the map: the verdicts of `serviweb selectores revisar`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from robot.browser.checking.candidates import Candidate
from robot.browser.checking.fingerprint import Fingerprint
from robot.browser.maps import Control

ENCONTRADO: Final = "encontrado"
FALTA: Final = "falta"
AMBIGUO: Final = "ambiguo"
SIN_GUARDAR: Final = "no comprobable sin guardar"
SIN_DATOS: Final = "sin datos"
CAMBIADO: Final = "cambiado"
NO_COMPROBABLE: Final = "no comprobable"
NO_ALCANZADO: Final = "no alcanzado"
DRIFT: Final = (FALTA, AMBIGUO, CAMBIADO)
"""The verdicts for which no case may begin."""


@dataclass
class Finding:
    """What was found out about one control."""

    control: Control
    paso: str
    verdict: str
    why: str = ""
    matches: int = 0
    fingerprint: Fingerprint | None = None
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def drifted(self) -> bool:
        """Say whether the map no longer holds for this control."""
        return self.verdict in DRIFT
