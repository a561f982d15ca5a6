"""The second witness: a case's journal entries in the database, and what they mean for its tables.

The folder's journal has an entry first; this one takes it in the same transaction in which its meaning is drawn, under
the token of whoever works the case. An entry that is here already is passed over, so that what a killed process left in
its folder alone can be handed in again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from robot.errors import BrokenJournal, Fenced, Rejected, RobotError, SentElsewhere
from robot.records.contador import Contador
from robot.records.journal import START, Entry
from robot.records.store import cases
from robot.records.store.engine import Store
from robot.records.store.leases import Claim, fenced, in_doubt, settle_unsent
from robot.records.store.projection import project, tercero_of
from robot.records.store.schema import casos, control, diario

GROUP_SECONDS: Final = 0.5
"""How long an entry that need not be durable may wait for company."""
_REFUSALS: Final = {
    "casos_nada_en_serviweb": "dice que no hay nada en Serviweb, y algo se envió",
    "efectos_nuevos_con_caso": "el caso ya terminó sin nada en Serviweb",
    "efectos_con_caso": "el caso ya terminó sin nada en Serviweb",
    "efectos_una_vez": "ese documento ya se envió o se está enviando, en este caso o en otro",
    "efectos.clave": "ese documento ya se envió o se está enviando, en este caso o en otro",
    "efectos_numero": "ese número ya es de otro caso",
    "efectos.tipo, efectos.numero": "ese número ya es de otro caso",
    "pagos": "ese recibo ya es de otro caso, o el caso ya tiene su pago",
    "casos_un_abierto": "el suscriptor tiene otro caso abierto",
    "casos.codigo": "el suscriptor tiene otro caso abierto",
}


def append(store: Store, claim: Claim, entries: Sequence[Entry]) -> None:
    """Take a claimed case's next entries, all or none. Raises `Fenced` when the claim is lost or a rule forbids one."""
    _write(store, claim.case, entries, claim.held, fenced(claim))


def catch_up(store: Store, claim: Claim, entries: Sequence[Entry]) -> bool:
    """Hand in what a killed process left in its folder alone; say whether the case may go on.

    What was sent there and has no end is in doubt, with the whole case, whose claim then ends. Raises `Fenced`.
    """
    append(store, claim, entries)
    with store.write() as connection:
        now = store.now(connection)
        if connection.execute(update(casos).where(claim.held).values(id=casos.c.id)).rowcount == 0:
            raise fenced(claim)
        settle_unsent(connection, claim.case, now)
        if not in_doubt(connection, claim.case):
            return True
        told = "El proceso se interrumpió después de enviar"
        cases.move(connection, claim.case, "en_duda", claim.held, now=now, motivo=told)
        return False


def note(store: Store, case: str, entries: Sequence[Entry]) -> None:
    """Take entries of a case that nobody works: a payment, a decision, a paper. Raises `Fenced` as `append` does."""
    busy = Fenced(f"Otro proceso está trabajando el caso {case}")
    _write(store, case, entries, (casos.c.id == case) & casos.c.trabajador.is_(None), busy)


def note_left(store: Store, case: str, entries: Sequence[Entry]) -> None:
    """Take what a killed process left in the folder alone of a case that nobody works. Raises `Fenced`.

    An intent among them can't leave any more: left open it would keep its document from every other case.
    """
    note(store, case, entries)
    with store.write() as connection:
        free = (casos.c.id == case) & casos.c.trabajador.is_(None)
        if connection.execute(update(casos).where(free).values(id=casos.c.id)).rowcount:
            settle_unsent(connection, case, store.now(connection))


def sent(store: Store, claim: Claim, entry: Entry, before: Sequence[Entry] = ()) -> None:
    """Take the entry that says that a request is about to leave, durably, where the token still holds.

    Raises `Fenced` when it doesn't, when the case was only claimed for a look-up, or in quarantine; `StoreDownError`
    (an `OSError`) when the database doesn't answer. Either way nothing may leave.
    """
    if entry["event"] != "effect.sent":
        raise ValueError(f"sent() takes effect.sent, not {entry['event']}")
    held = claim.held & (casos.c.estado == "en_curso")
    calm = ~select(control.c.clave).where(control.c.clave == cases.QUARANTINE).exists()
    _write(store, claim.case, [*before, entry], held & calm, fenced(claim))


def _write(store: Store, case: str, entries: Sequence[Entry], holds: Any, otherwise: Fenced) -> None:
    try:
        with store.write() as connection:
            # The row is locked by this, so that no sweep comes between the guard and the entry.
            guard = update(casos).where(holds).values(id=casos.c.id).returning(casos.c.token)
            token = connection.execute(guard).scalar_one_or_none()
            if token is None:
                raise otherwise
            if fresh := taken(connection, case, entries):
                project(connection, case, fresh, token, now=store.now(connection))
    except IntegrityError as error:
        if before := _tercero_before(store, case, entries):
            raise before from error
        raise Fenced(f"La base de datos no admite la entrada del caso {case}: {refusal(error)}") from error


def _tercero_before(store: Store, case: str, entries: Sequence[Entry]) -> RobotError | None:
    """Return what it means that the tercero of a refused intent was sent before, if it was."""
    if not any(entry["event"] == "effect.intent" and entry["kind"] == "tercero" for entry in entries):
        return None
    with store.read() as connection:
        found = tercero_of(connection, case)
    if found is None:
        return None
    whose, estado = found
    who = "Este caso" if whose == case else f"El caso {whose}"
    if estado != "confirmado":
        return SentElsewhere(f"{who} envió este mismo tercero y no se sabe si quedó; aquí no se guardó nada")
    return Rejected(
        f"{who} ya creó este tercero, y Serviweb no lo muestra con ese documento; no se creó otro",
        remedy="Búsquelo en Serviweb; si no está, créelo a mano. Luego cargue la solicitud otra vez.",
    )


def refusal(error: IntegrityError) -> str:
    """Return in Spanish which rule of the database refused."""
    text = str(error.orig)
    return next((told for name, told in _REFUSALS.items() if name in text), text.partition("\n")[0])


def taken(connection: Connection, case: str, entries: Sequence[Entry]) -> list[Entry]:
    """Take the entries that don't stand here yet, and return them. Raises `BrokenJournal` where they don't follow."""
    fresh = _fresh(connection, case, entries)
    if fresh:
        connection.execute(insert(diario), [_row(case, entry) for entry in fresh])
    return fresh


def _fresh(connection: Connection, case: str, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries that follow what stands here. Raises `BrokenJournal` where they don't."""
    n, previous = _head(connection, case)
    known = [entry for entry in entries if entry["n"] <= n]
    if known:
        wanted = select(diario.c.n, diario.c.huella).where(diario.c.caso == case, diario.c.n >= known[0]["n"])
        here = {row.n: row.huella for row in connection.execute(wanted)}
        for entry in known:
            if here.get(entry["n"]) != entry["hash"]:
                raise BrokenJournal(f"El caso {case} tiene otra entrada {entry['n']} en la base de datos")
    fresh = [entry for entry in entries if entry["n"] > n]
    for entry in fresh:
        if entry["n"] != n + 1 or entry["prev"] != previous:
            raise BrokenJournal(f"A la base de datos le falta algo antes de la entrada {entry['n']} del caso {case}")
        n, previous = entry["n"], entry["hash"]
    return fresh


def head(store: Store, case: str) -> tuple[int, str]:
    """Return the number and hash of a case's last entry, which vouches for all before it; 0 and START without one."""
    with store.read() as connection:
        return _head(connection, case)


def heads(store: Store, marks: Sequence[str] | None = None) -> dict[str, tuple[int, str]]:
    """Return number and hash of the last entry of each case, or of these (a few hundred at most); none without any."""
    last = select(diario.c.caso, func.max(diario.c.n).label("n")).group_by(diario.c.caso)
    if marks is not None:
        last = last.where(diario.c.caso.in_(marks))
    ends = last.subquery()
    query = select(diario.c.caso, diario.c.n, diario.c.huella).join(
        ends, (diario.c.caso == ends.c.caso) & (diario.c.n == ends.c.n)
    )
    with store.read() as connection:
        rows = connection.execute(query.order_by(diario.c.caso))
        return {str(row.caso): (int(row.n), str(row.huella)) for row in rows}


def _head(connection: Connection, case: str) -> tuple[int, str]:
    last = select(diario.c.n, diario.c.huella).where(diario.c.caso == case).order_by(diario.c.n.desc()).limit(1)
    found = connection.execute(last).one_or_none()
    return (found.n, found.huella) if found else (0, START)


def _row(case: str, entry: Entry) -> dict[str, Any]:
    return {
        "caso": case,
        "n": entry["n"],
        "evento": entry["event"],
        "entrada": json.dumps(entry, ensure_ascii=False),
        "previa": entry["prev"],
        "huella": entry["hash"],
    }


def length(store: Store, case: str) -> int:
    """Return how many entries of a case stand here."""
    with store.read() as connection:
        return int(connection.execute(select(func.count()).where(diario.c.caso == case)).scalar_one())


@dataclass
class Mirror:
    """Hand a journal's entries in (robot.records.journal.Mirror): durable ones at once, others in company.

    Use it from one thread. `close` hands in what still waits.
    """

    store: Store
    claim: Claim
    counter: Contador | None = None
    _waiting: list[Entry] = field(default_factory=list)
    _since: float = 0.0

    def write(self, entry: Entry, *, durable: bool) -> None:
        """Take one entry. Raises `Fenced` or `OSError`: then the entry is nowhere, those that waited still wait."""
        if not self._waiting:
            self._since = time.monotonic()
        if entry["event"] == "effect.sent":
            with self._counted(entry):
                sent(self.store, self.claim, entry, self._waiting)
        elif entry["event"] == "effect.intent" and entry.get("gated") is False:  # nobody sees its request leave
            with self._counted(entry):
                append(self.store, self.claim, [*self._waiting, entry])
        elif durable or time.monotonic() - self._since >= GROUP_SECONDS:
            append(self.store, self.claim, [*self._waiting, entry])
        else:
            self._waiting.append(entry)
            return
        self._waiting = []

    @contextmanager
    def _counted(self, entry: Entry) -> Iterator[None]:
        """Raise the counter beside the database before the entry is taken; void its line where it isn't."""
        if self.counter is None:
            yield
            return
        number = self.counter.note(entry, self.claim.case)
        try:
            yield
        except (RobotError, OSError):
            with suppress(OSError):
                self.counter.void([number])
            raise

    def close(self) -> None:
        """Hand in what waits. Raises `Fenced` or `OSError`."""
        if self._waiting:
            append(self.store, self.claim, self._waiting)
            self._waiting = []
