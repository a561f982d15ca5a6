"""A worker of the race: takes cases, sends one effect each, ends them, until told to stop or killed.

Arguments: the database's address, a folder, this worker's name. What it saw goes to `<folder>/visto`, a line at a time:
`encima CODE` when another living worker had the subscriber, `hecho CASE` when it ended a case.
"""

from __future__ import annotations

import os
import random
import sys
import time
from contextlib import suppress
from pathlib import Path

from some_cases import intended, journal

from robot.errors import Fenced
from robot.records import candado
from robot.records.store import leases, ledger
from robot.records.store.engine import Store, open_store


def main() -> None:
    """Work until the folder holds a file `fin`."""
    where, folder, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    seen = os.open(folder / "visto", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with open_store(where) as store:
        while not (folder / "fin").exists():
            claim = leases.claim(store, name, lease_seconds=600)
            if claim is None:
                time.sleep(0.01)
                continue
            with suppress(Fenced):
                work(store, claim, folder, seen)


def work(store: Store, claim: leases.Claim, folder: Path, seen: int) -> None:
    """Carry one case to its end while holding a lock of the operating system for its subscriber."""
    try:
        alone = candado.take(folder / f"suscriptor-{claim.codigo}")
    except OSError:
        os.write(seen, f"encima {claim.codigo}\n".encode())
        return
    with alone, journal(folder / "casos", store, claim) as book:
        if not ledger.catch_up(store, claim, book.entries):
            return
        if not book.entries:
            book.write("case.opened", durable=True, caso=claim.case)
        if not any(entry["event"] == "effect.confirmed" for entry in book.entries):  # else: killed before its last line
            intended(book, "factura")
            time.sleep(random.uniform(0, 0.01))
            book.sent("factura")
            time.sleep(random.uniform(0, 0.01))
            book.write("effect.confirmed", durable=True, kind="factura", number=f"F-{claim.case}")
        book.write("case.state", durable=True, etapa="cobro", estado="terminado")
        os.write(seen, f"hecho {claim.case}\n".encode())


if __name__ == "__main__":
    main()
