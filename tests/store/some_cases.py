"""Requests, cases and journals for the store's tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from a_request import request
from sqlalchemy import text

from robot.masking import Masker
from robot.records.journal import Entry, Journal
from robot.records.store.engine import Store
from robot.records.store.leases import Claim, claim_case
from robot.records.store.ledger import Mirror
from robot.records.store.requests import Batch, NewCase, take


def new(store: Store, *, prioridad: int = 20, **changed: Any) -> str:
    """Take one request and return its new case."""
    (taken,) = take(store, [NewCase(solicitud=request(**changed))], Batch(prioridad=prioridad))
    assert taken.resultado == "nuevo", taken
    return taken.caso


def begun(store: Store, case: str, worker: str = "uno", **more: Any) -> Claim:
    """Claim this case."""
    claim = claim_case(store, case, worker, **more)
    assert claim is not None
    return claim


def journal(folder: Path, store: Store, claim: Claim) -> Journal:
    """Open the case's journal, with the database for its other witness."""
    return Journal(folder / claim.case, Masker(private=(), legible=()), Mirror(store, claim))


def saved(book: Journal, kind: str, number: str) -> None:
    """Write an effect from its intent to its number."""
    intended(book, kind)
    book.sent(kind, method="POST", url="http://serviweb/guardar")
    book.write("effect.answered", durable=True, kind=kind, status=302)
    book.write("effect.confirmed", durable=True, kind=kind, number=number)


def intended(book: Journal, kind: str, *, gated: bool = True) -> Entry:
    """Write an intent."""
    return book.write("effect.intent", durable=True, kind=kind, what={"total": 98700}, gated=gated)


def one(store: Store, query: str, **values: Any) -> Any:
    """Return the only value that a query finds."""
    with store.read() as connection:
        return connection.execute(text(query), values).scalar_one()


def run(store: Store, statement: str, **values: Any) -> None:
    """Run a statement that no program of ours would."""
    with store.write() as connection:
        connection.execute(text(statement), values)
