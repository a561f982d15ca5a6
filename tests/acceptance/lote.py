"""A batch of the office: its file, and what became of it, from the database, the ledger and the audit."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robot.records.store import cases
from robot.records.store.audit import verify
from robot.records.store.engine import open_store
from robot.settings import BOGOTA

if TYPE_CHECKING:
    from conftest import Office

FIXTURES = Path(__file__).parents[2] / "fixtures"


def good_rows() -> list[dict[str, str]]:
    """Return the good requests of the fixtures."""
    with (FIXTURES / "solicitudes.csv").open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source, delimiter=";"))


def a_file(office: Office, number: int, **changes: dict[str, str]) -> Path:
    """Write a file with the first good rows, then as many invented ones as are wanted.

    Cells of a subscriber are changed by `c` and its code: `c100701={"Celular": "12"}`.
    """
    rows = good_rows()[:number]
    rows += [{**rows[0], "Código": str(200_000 + n), "Solicitud": ""} for n in range(len(rows), number)]
    for row in rows:
        row.update(changes.get(f"c{row['Código']}", {}))
    path = office.folder / "lote.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


def states(office: Office) -> dict[str, int]:
    """Return how many cases are in each state, from the database itself."""
    with open_store(office.folder / "datos" / "serviweb.sqlite3") as store:
        return cases.counts(store)


def billed(office: Office) -> dict[str, int]:
    """Return how many facturas each subscriber has in Serviweb."""
    return dict(Counter(factura["codigo"] for factura in office.control.ledger()["facturas"]))


def whole(office: Office) -> list[Any]:
    """Return what the audit finds wrong, notes left out."""
    with open_store(office.folder / "datos" / "serviweb.sqlite3") as store:
        return [fault for fault in verify(store, office.folder / "datos" / "casos") if not fault.nota]


def at_step(office: Office, number: str) -> bool:
    """Say whether a case has begun that step."""
    journals = list((office.folder / "datos" / "casos").glob("R-*/journal.jsonl"))
    return any(f'"number": "{number}"' in path.read_text(encoding="utf-8") for path in journals)


def today() -> str:
    """Return the day as people write it."""
    return f"{datetime.now(BOGOTA):%d/%m/%Y}"
