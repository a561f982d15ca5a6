"""The comparisons with Serviweb that were made, read again from the files that they left."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from robot.records.celda import unguard
from robot.records.conciliado import NAME


@dataclass(frozen=True)
class Conciliacion:
    """One day's comparison: when it was last made, and its differences, each cell by the title of its column."""

    dia: date
    cuando: datetime
    diferencias: tuple[dict[str, str], ...]

    @property
    def por_clase(self) -> Counter[str]:
        """Return how many differences there are of each kind."""
        return Counter(one["Diferencia"] for one in self.diferencias)


def conciliaciones(informes: Path, most: int = 10) -> list[Conciliacion]:
    """Return the comparisons whose files stand in the folder of reports, the newest day first."""
    found = []
    for file in sorted(informes.glob(f"*/{NAME}.csv"), reverse=True):
        try:
            day = date.fromisoformat(file.parent.name)
            with file.open(encoding="utf-8-sig", newline="") as lines:
                rows = tuple(_plain(row) for row in csv.DictReader(lines, delimiter=";"))
        except (ValueError, OSError, csv.Error, UnicodeDecodeError):
            continue  # no folder of a day, or a file that somebody changed by hand
        found.append(Conciliacion(day, datetime.fromtimestamp(file.stat().st_mtime, UTC), rows))
        if len(found) == most:
            break
    return found


def _plain(row: dict[str, str]) -> dict[str, str]:
    if "Diferencia" not in row or None in row or None in row.values():
        raise ValueError
    return {title: unguard(cell) for title, cell in row.items()}
