"""What the measured cases come to: each arm's figures, the ratios paired by round, and the bars."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

ARMS = ("guion", "ninguna", "grabacion")
RATIOS = {"B/A": ("ninguna", "guion"), "C/A": ("grabacion", "guion"), "C/B": ("grabacion", "ninguna")}
BARS = {50: {"C/B": 1.10, "C/A": 1.15}}  # by latency in milliseconds


@dataclass(frozen=True, kw_only=True)
class Case:
    """One measured case of one arm: `seconds` without the case page, sizes in bytes."""

    arm: str
    round: int
    seconds: float
    cobro_seconds: float
    tramite_seconds: float
    page_seconds: float
    cpu_seconds: float
    steps: dict[str, float]
    sizes: dict[str, int]


@dataclass
class Measured:
    """All cases at one latency, and each arm's memory peak in bytes."""

    latency_ms: int
    cases: list[Case] = field(default_factory=list)
    peaks: dict[str, dict[str, int]] = field(default_factory=dict)

    def of(self, arm: str) -> list[Case]:
        """Return an arm's cases, by round."""
        return [case for case in self.cases if case.arm == arm]

    def figures(self, arm: str) -> dict[str, Any]:
        """Return an arm's figures."""
        cases = self.of(arm)
        seconds = [case.seconds for case in cases]
        return {
            "median_seconds": median(seconds),
            "p95_seconds": percentile(seconds, 0.95),
            "cpu_seconds": median(case.cpu_seconds for case in cases),
            "page_seconds": median(case.page_seconds for case in cases),
            "peak_pss_bytes": self.peaks[arm]["pss"],
            "peak_rss_bytes": self.peaks[arm]["rss"],
            "bytes": {kind: median(case.sizes[kind] for case in cases) for kind in cases[0].sizes},
            "steps": {step: median(case.steps[step] for case in cases) for step in cases[0].steps},
        }

    def ratios(self, *, page: bool = False) -> dict[str, dict[str, float]]:
        """Return each ratio's median over the rounds, and its lowest and highest round; *page*: with the case page."""

        def seconds(case: Case) -> float:
            return case.seconds + (case.page_seconds if page else 0.0)

        found = {}
        for name, (over, under) in RATIOS.items():
            pairs = [seconds(a) / seconds(b) for a, b in zip(self.of(over), self.of(under), strict=True)]
            found[name] = {"median": median(pairs), "lowest": min(pairs), "highest": max(pairs)}
        return found

    def missed(self) -> list[str]:
        """Return the bars that this latency misses, in Spanish."""
        ratios = self.ratios()
        return [
            f"a {self.latency_ms} ms, {name} es {ratios[name]['median']:.3f} y la meta es {bar:.2f}".replace(".", ",")
            for name, bar in BARS.get(self.latency_ms, {}).items()
            if ratios[name]["median"] > bar
        ]

    def data(self) -> dict[str, Any]:
        """Return everything as JSON data."""
        return {
            "latency_ms": self.latency_ms,
            "arms": {arm: self.figures(arm) for arm in ARMS},
            "ratios": self.ratios(),
            "ratios_with_page": self.ratios(page=True),
            "bars": BARS.get(self.latency_ms, {}),
            "missed": self.missed(),
            "cases": [asdict(case) for case in self.cases],
        }


def percentile(values: list[float], part: float) -> float:
    """Return a percentile, between the two nearest values where it falls between them."""
    ordered = sorted(values)
    at = part * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)
