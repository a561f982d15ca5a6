"""Prove the journals: each chain whole, database and folder the same entry by entry, the printed heads still there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import select

from robot.records import fork, journal
from robot.records.journal import START, Entry
from robot.records.store import ledger
from robot.records.store.engine import Store
from robot.records.store.schema import casos, diario, efectos

Where = Literal["base", "carpeta", "acuerdo", "sello", "contador"]
# What a power cut may take from a folder: entries that nobody waited for.
_DURABLE = ("case.", "effect.", "payment.", "document.missing")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with one case, at one entry; a *nota* is what a crash leaves, and harms nothing."""

    caso: str
    donde: Where
    mensaje: str
    n: int | None = None
    nota: bool = False


@dataclass(frozen=True, kw_only=True)
class Head:
    """A case's last entry, whose hash vouches for all before it: it is printed, so that nobody can shorten a chain.

    Of one on paper, `huella` is the hash's beginning, and `n` is 0 where a person copied the hash alone.
    """

    caso: str
    n: int
    huella: str


def heads(store: Store) -> list[Head]:
    """Return every chain's head, by case."""
    return [Head(caso=case, n=n, huella=digest) for case, (n, digest) in ledger.heads(store).items()]


def verify(store: Store, folder: Path, printed: Sequence[Head] = (), *, machine: str = "") -> list[Fault]:
    """Return everything that is wrong, and what a crash left as notes.

    *folder* holds the cases' folders of this *machine*; what was done on others isn't missed there. *printed* are heads
    on paper.
    """
    sealed: dict[str, list[Head]] = {}
    for head in printed:
        sealed.setdefault(head.caso, []).append(head)
    faults: list[Fault] = []
    with store.read() as connection:
        known = {str(row.id): str(row.estado) for row in connection.execute(select(casos.c.id, casos.c.estado))}
        having = set(connection.execute(select(diario.c.caso).distinct()).scalars())
    on_disk = {path.name for path in folder.glob("R-*") if (path / journal.FILE).exists()}
    for case in sorted(having | on_disk | set(sealed)):
        entries, found = _of_database(store, case)
        faults += found
        if not found:
            faults += _numbers(store, case, entries)
        faults += _agreement(
            folder, case, entries, "" if store.is_sqlite else machine, running=known.get(case) == "en_curso"
        )
        faults += [fault for head in sealed.get(case, ()) for fault in _sealed(head, entries)]
    return faults


def _of_database(store: Store, case: str) -> tuple[list[Entry], list[Fault]]:
    """Return a case's entries and the first one that breaks the chain."""
    query = select(diario).where(diario.c.caso == case).order_by(diario.c.n)
    entries: list[Entry] = []
    previous = START
    with store.read() as connection:
        rows = connection.execute(query).all()
    for number, row in enumerate(rows, start=1):
        try:
            entry = json.loads(row.entrada)
            good = journal.is_link(entry, number, previous) and json.dumps(entry, ensure_ascii=False) == row.entrada
            columns = (row.n, row.evento, row.previa, row.huella)
            good = good and columns == (number, entry["event"], entry["prev"], entry["hash"])
        except (ValueError, KeyError, TypeError):
            good, entry = False, {}
        if not good:
            told = f"La entrada {number} de la base de datos está alterada, o falta"
            return entries, [Fault(caso=case, donde="base", n=number, mensaje=told)]
        previous = entry["hash"]
        entries.append(entry)
    return entries, []


def _numbers(store: Store, case: str, entries: list[Entry]) -> Iterator[Fault]:
    """Yield the documents of the journal that the table of effects doesn't have."""
    with store.read() as connection:
        query = select(efectos.c.tipo, efectos.c.numero).where(efectos.c.caso == case)
        have = {(row.tipo, row.numero) for row in connection.execute(query)}
    for entry in entries:
        if entry["event"] == "effect.confirmed" and (entry["kind"], str(entry["number"])) not in have:
            told = f"El documento {entry['kind']} {entry['number']} no está en la tabla de efectos"
            yield Fault(caso=case, donde="base", n=entry["n"], mensaje=told)


def _agreement(folder: Path, case: str, entries: list[Entry], machine: str, *, running: bool) -> Iterator[Fault]:
    """Yield where database and folder part."""
    place = folder / case
    if not (place / journal.FILE).exists() and _is_others(entries, machine):
        return
    if not (place / journal.FILE).exists():
        yield Fault(caso=case, donde="carpeta", mensaje="No está la carpeta del caso, o no tiene diario")
        return
    theirs, whole = journal.verified((place / journal.FILE).read_bytes())
    if not whole:
        n = len(theirs) + 1
        yield Fault(caso=case, donde="carpeta", n=n, mensaje=f"La línea {n} del diario de la carpeta está alterada")
        return
    same = fork.shared(theirs, entries)
    if same < min(len(theirs), len(entries)):
        n = same + 1
        if _is_others(entries[same:], machine) and fork.may_be_set_aside(theirs[same:], entries[same:]):
            told = f"Otro equipo siguió el caso desde la entrada {n}; la carpeta de este se pondrá al día al abrirlo"
            yield Fault(caso=case, donde="acuerdo", n=n, mensaje=told, nota=True)
        else:
            told = f"La entrada {n} de la base de datos no es la de la carpeta"
            yield Fault(caso=case, donde="acuerdo", n=n, mensaje=told)
        return
    behind, ahead = entries[len(theirs) :], theirs[len(entries) :]
    if behind:
        told = f"A la carpeta le faltan {len(behind)} entradas, desde la {behind[0]['n']}"
        durable = any(entry["event"].startswith(_DURABLE) for entry in behind)
        lost = not durable or (bool(machine) and machine not in fork.machines(behind))  # a payment names none
        yield Fault(caso=case, donde="acuerdo", n=behind[0]["n"], mensaje=told, nota=lost)
    if ahead:
        told = f"A la base de datos le faltan {len(ahead)} entradas, desde la {ahead[0]['n']}"
        harmless = running or not any(entry["event"].startswith("effect.") for entry in ahead)
        if not harmless:
            told += "; si se interrumpió una orden sobre este caso, repítala y quedarán anotadas"
        yield Fault(caso=case, donde="acuerdo", n=ahead[0]["n"], mensaje=told, nota=harmless)


def _is_others(entries: Sequence[Entry], machine: str) -> bool:
    """Say whether these entries are the work of other machines alone."""
    theirs = fork.machines(entries)
    return bool(theirs) and machine not in theirs


def _sealed(head: Head, entries: list[Entry]) -> Iterator[Fault]:
    """Yield the head on paper that the chain doesn't have."""
    where = entries[head.n - 1 : head.n] if head.n else entries
    if any(entry["hash"].startswith(head.huella) for entry in where):
        return
    if head.n > len(entries):
        told = f"Al diario le faltan entradas: el papel dice que tenía {head.n}, y tiene {len(entries)}"
    else:
        told = "La huella impresa no está en el diario: fue cambiado después de imprimirla"
    yield Fault(caso=head.caso, donde="sello", n=head.n or None, mensaje=told)
