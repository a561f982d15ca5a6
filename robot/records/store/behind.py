"""What the case folders know and the database doesn't: it was put back from an old copy, or never saw the case.

A killed process also leaves its folder some entries ahead; `Behind.harmful` tells the two apart.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import select, tuple_

from robot.records import journal
from robot.records.contador import Salida
from robot.records.journal import START, Entry
from robot.records.store import ledger
from robot.records.store.engine import Store
from robot.records.store.schema import casos, diario

CHUNK: Final = 300
_TAIL: Final = 8192  # bytes; a longer last line is read with the whole file
_OUT: Final = ("effect.sent", "effect.passed", "effect.answered", "effect.confirmed", "effect.in_doubt")
How = Literal["desconocido", "atrasado", "contradice", "roto"]


@dataclass(frozen=True, kw_only=True)
class Behind:
    """One case of which its folder knows more, or something else.

    *desconocido*: the database has no such case; *atrasado*: it lacks the entries after `known`; *contradice*: the two
    tell different stories; *roto*: the folder's journal is altered, `entries` are those before the altered line.
    """

    caso: str
    como: How
    entries: list[Entry] = field(default_factory=list)
    known: int = 0

    @property
    def missing(self) -> list[Entry]:
        """The entries that the database doesn't have."""
        return self.entries[self.known :]

    @property
    def harmful(self) -> bool:
        """Say whether something of it may have left that a database in its place would have to know.

        A process that is killed between the file and the database leaves one such line, its last, of a case that the
        database knows; the next worker hands it in, and looks up what was sent.
        """
        if self.como in ("contradice", "roto"):
            return True
        if not self.entries or self.entries[0]["event"] != "case.opened":
            return False
        out = [entry for entry in self.missing if _may_have_left(entry)]
        if self.como == "atrasado" and out and out[-1] is self.entries[-1]:
            out.pop()
        return bool(out)


def _may_have_left(entry: Entry) -> bool:
    return entry["event"] in _OUT or (entry["event"] == "effect.intent" and entry.get("gated") is False)


def behind(store: Store, folder: Path, *, since: float | None = None) -> Iterator[Behind]:
    """Yield the cases of which a folder knows more than the database, by name.

    With *since* (seconds since 1970) known cases whose journal wasn't written after it are passed over unread.
    """
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.startswith("R-"))
    except FileNotFoundError:
        return
    for start in range(0, len(names), CHUNK):
        part = names[start : start + CHUNK]
        heads = _heads(store, part)
        for name in part:
            if found := _compare(folder / name, heads.get(name), since):
                yield found


def _heads(store: Store, names: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Return the last entry that the database has of each case it knows; 0 and START for one without any."""
    with store.read() as connection:
        known = connection.execute(select(casos.c.id).where(casos.c.id.in_(names))).scalars()
        heads = dict.fromkeys(map(str, known), (0, START))
    return heads | ledger.heads(store, names)


def _compare(folder: Path, head: tuple[int, str] | None, since: float | None) -> Behind | None:
    path = folder / journal.FILE
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    if status.st_size == 0 or (head and since is not None and status.st_mtime < since):
        return None
    if head and _tail(path, status.st_size) == head:
        return None
    return compared(folder, head)


def compared(folder: Path, head: tuple[int, str] | None) -> Behind | None:
    """Compare a folder's whole journal with the database's last entry (None: an unknown case)."""
    entries, whole = journal.verified((folder / journal.FILE).read_bytes())
    n, digest = head or (0, START)
    if not whole:
        return Behind(caso=folder.name, como="roto", entries=entries, known=min(n, len(entries)))
    if not entries:
        return None
    if head is None:
        return Behind(caso=folder.name, como="desconocido", entries=entries)
    if len(entries) < n:
        return None  # the folder lags behind: whoever opens the case writes the rest into it
    if n and entries[n - 1]["hash"] != digest:
        return Behind(caso=folder.name, como="contradice", entries=entries, known=n)
    return Behind(caso=folder.name, como="atrasado", entries=entries, known=n) if len(entries) > n else None


def _tail(path: Path, size: int) -> tuple[int, str] | None:
    """Return number and hash of a journal's last whole line, unverified; None where it can't be told so cheaply."""
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        lines = file.read().split(b"\n")
    if len(lines) < 3 and size > _TAIL:
        return None
    try:
        entry = json.loads(lines[-2])
        return int(entry["n"]), str(entry["hash"])
    except (IndexError, ValueError, KeyError, TypeError):
        return None


def unknown(store: Store, salidas: Sequence[Salida]) -> list[Salida]:
    """Return the requests of the counter file whose journal entry the database doesn't have."""
    if not salidas:
        return []
    keys = [(salida.caso, salida.n) for salida in salidas]
    query = select(diario.c.caso, diario.c.n, diario.c.huella).where(tuple_(diario.c.caso, diario.c.n).in_(keys))
    with store.read() as connection:
        known = {(str(row.caso), int(row.n), str(row.huella)) for row in connection.execute(query)}
    return [salida for salida in salidas if (salida.caso, salida.n, salida.huella) not in known]


def heads_of(store: Store, caso: str) -> tuple[int, str] | None:
    """Return the database's last entry of a case, None if it doesn't know the case."""
    return _heads(store, [caso]).get(caso)
