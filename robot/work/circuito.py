"""The circuit breaker: while Serviweb doesn't answer, one probe at a time asks, and everybody else waits.

closed ──failures──▶ open ──its pause is over──▶ probing ──the probe got through──▶ closed
                      ▲                             │
                      └──the probe failed or lapsed──┘   with a longer pause

A value, changed by asking it and keeping what it returns: the queue reads it from the table `control`, asks, and writes
it back in one transaction, so all machines share one circuit. Nothing here looks at a clock.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Self, get_args

from robot.work.espera import Azar, pausa_segundos

Fase = Literal["cerrado", "abierto", "probando"]


@dataclass(frozen=True, kw_only=True)
class Umbral:
    """When the circuit opens, and for how long: after *fallos* in a row, or a share of the last *ventana* outcomes."""

    fallos: int = 3
    proporcion: float = 0.5
    ventana: int = 20
    pausa_segundos: float = 30
    pausa_maxima_segundos: float = 900
    prueba_segundos: float = 600
    """A probe that has said nothing by then is lost: its machine is gone."""


@dataclass(frozen=True, kw_only=True)
class Circuito:
    """Whether cases may begin. *quien* names who asks and reports: a claim, or a seat that works one case at a time."""

    umbral: Umbral = field(default_factory=Umbral)
    fase: Fase = "cerrado"
    recientes: tuple[bool, ...] = ()
    """The last outcomes, the newest at the end: whether Serviweb answered."""
    caidas: int = 0
    """How many times it opened since it was last closed."""
    hasta: datetime | None = None
    """Open: until when nothing is taken. Probing: when the probe counts as lost."""
    prueba: str = ""
    motivo: str = ""

    def pide(self, quien: str, ahora: datetime, *, azar: Azar = random.random) -> tuple[Self, bool]:
        """Return the circuit after somebody asked to begin a case, and whether it may."""
        if self.fase == "cerrado":
            return self, True
        if not self._is_probe(quien):  # a probe that asks again has ended without a word
            if self.hasta and ahora < self.hasta:
                return self, False
            if self.fase == "probando":
                return self._open(ahora, self.motivo, azar), False
        until = ahora + timedelta(seconds=self.umbral.prueba_segundos)
        return replace(self, fase="probando", prueba=quien, hasta=until), True

    def responde(self, quien: str) -> Self:
        """Return the circuit after Serviweb answered; while it isn't closed only the probe's word counts."""
        if self.fase == "cerrado":
            return replace(self, recientes=self._with(answered=True))
        return type(self)(umbral=self.umbral) if self._is_probe(quien) else self

    def cae(self, quien: str, ahora: datetime, motivo: str = "", *, azar: Azar = random.random) -> Self:
        """Return the circuit after a `SiteDown`; while it isn't closed only the probe's word counts."""
        if self.fase != "cerrado":
            return self._open(ahora, motivo, azar) if self._is_probe(quien) else self
        after = replace(self, recientes=self._with(answered=False), motivo=motivo)
        return after._open(ahora, motivo, azar) if after._trips() else after

    def suelta(self, quien: str, ahora: datetime) -> Self:
        """Return the circuit after a claim ended without a word on the site: a probe's place is free at once."""
        return replace(self, fase="abierto", prueba="", hasta=ahora) if self._is_probe(quien) else self

    @property
    def texto(self) -> str:
        """Say it for a person."""
        return {
            "cerrado": "Serviweb responde",
            "abierto": "Serviweb no responde: se espera",
            "probando": "Serviweb no respondía: se prueba con un caso",
        }[self.fase]

    def as_dict(self) -> dict[str, Any]:
        """Return what is kept, as JSON can hold it; the thresholds are settings and not kept."""
        return {
            "fase": self.fase,
            "recientes": list(self.recientes),
            "caidas": self.caidas,
            "hasta": self.hasta.isoformat() if self.hasta else None,
            "prueba": self.prueba,
            "motivo": self.motivo,
        }

    @classmethod
    def de(cls, kept: Mapping[str, Any] | None, umbral: Umbral) -> Self:
        """Return the circuit that was kept, or a closed one. Raises `ValueError` for what no circuit can be."""
        if not kept:
            return cls(umbral=umbral)
        hasta = datetime.fromisoformat(kept["hasta"]) if kept["hasta"] else None
        if kept["fase"] not in get_args(Fase) or (kept["fase"] == "cerrado") != (hasta is None):
            raise ValueError(f"no circuit is {kept['fase']!r} until {hasta}")
        return cls(
            umbral=umbral,
            fase=kept["fase"],
            recientes=tuple(map(bool, kept["recientes"])),
            caidas=int(kept["caidas"]),
            hasta=hasta,
            prueba=str(kept["prueba"]),
            motivo=str(kept["motivo"]),
        )

    def _is_probe(self, quien: str) -> bool:
        return self.fase == "probando" and self.prueba == quien

    def _with(self, *, answered: bool) -> tuple[bool, ...]:
        return (*self.recientes, answered)[-max(self.umbral.ventana, self.umbral.fallos) :]

    def _trips(self) -> bool:
        in_a_row = self.recientes[-self.umbral.fallos :]
        window = self.recientes[-self.umbral.ventana :]
        if len(in_a_row) == self.umbral.fallos and not any(in_a_row):
            return True
        return len(window) == self.umbral.ventana and window.count(False) >= self.umbral.proporcion * len(window)

    def _open(self, ahora: datetime, motivo: str, azar: Azar) -> Self:
        times = self.caidas + 1
        wait = pausa_segundos(
            times, primera=self.umbral.pausa_segundos, maxima=self.umbral.pausa_maxima_segundos, azar=azar
        )
        return replace(
            self,
            fase="abierto",
            recientes=(),
            caidas=times,
            hasta=ahora + timedelta(seconds=wait),
            prueba="",
            motivo=motivo,
        )
