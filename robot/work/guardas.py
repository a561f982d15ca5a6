"""What a person is told at once of a decision that can't count, before the robot looks in Serviweb (design: *Effects*).

The robot checks all of it again, on Serviweb's lists (robot.work.decision).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from robot.errors import Rejected
from robot.records.busqueda import NAMES
from robot.records.caso import Caso
from robot.records.store import cases
from robot.records.store.engine import Store
from robot.settings import Settings

_NUMBER: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z./_-]{0,38}[0-9A-Za-z])?")


def wait_left(settings: Settings, caso: Caso, kind: str, now: datetime | None = None) -> timedelta:
    """Return how long *no existe* must still wait since the document was sent: Serviweb may save late."""
    since = caso.sent_at(kind) or caso.changed()
    left = since + timedelta(minutes=settings.espera_duda_minutos) - (now or datetime.now(UTC))
    return max(left, timedelta(0))


def document_number(text: str) -> str:
    """Return a number of Serviweb as a person typed it, its case as typed. Raises `Rejected`."""
    number = "".join(text.split())
    if not number:
        raise Rejected("Escriba el número que muestra Serviweb")
    if not _NUMBER.fullmatch(number) or not any(letter.isdigit() for letter in number):
        raise Rejected(f"«{number[:40]}» no tiene forma de número de Serviweb")
    return number


def may_be_ours(store: Store, caso: Caso, kind: str, number: str) -> None:
    """Raise `Rejected` for a number that was there before, or is another document's."""
    if number in (caso.baseline(kind) or ()):
        raise Rejected(f"{number} ya estaba en Serviweb antes de enviar: no es {NAMES[kind]} de este caso")
    if other := cases.owner(store, kind, number, but=caso.id):
        raise Rejected(f"{number} ya es del caso {other}")
    for other_kind, known in caso.documents().items():
        if known == number:
            raise Rejected(f"{number} es {NAMES[other_kind]} de este caso, no {NAMES[kind]}")
    if number in caso.annulled():
        raise Rejected(f"{number} ya se registró como anulado")
