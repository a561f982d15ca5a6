"""The rows of drafts: what a person sees of each, and corrects; rows that repeat each other are looked at together."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, select, text, update

from robot.errors import Rejected
from robot.records.columnas import COLUMNS, Header
from robot.records.intake import REPEATED, repeated
from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema import filas
from robot.records.store.schema_panel import borrador_filas, borradores
from robot.text import plain

_KEY_LETTERS: Final = 80
# As the indices say it: with a bound value, or «IS 1», SQLite would not use them.
_ONLY: Final = {"malas": text("mala"), "fuera": text("fuera"), "buenas": text("NOT mala AND NOT fuera")}
_ATTENDED: Final = '[{"campo": "", "mensaje": "ya atendido, caso %"de": "cola"%'
_KEYS: Final = {
    "codigo": (borrador_filas.c.codigo, text("codigo <> ''")),
    "solicitud": (borrador_filas.c.referencia, text("referencia <> ''")),
}


@dataclass(frozen=True, kw_only=True)
class Problema:
    """One thing to correct. `de` says who found it: celda, archivo, repetida, or cola, with the case it repeats."""

    campo: str
    mensaje: str
    de: str = "celda"
    caso: str = ""


@dataclass(frozen=True, kw_only=True)
class Fila:
    """One row of a draft: its number in the file, its cells, what is wrong with them; `fuera`: left out."""

    numero: int
    celdas: tuple[str, ...]
    problemas: tuple[Problema, ...] = ()
    fuera: bool = False

    def given(self, header: Header) -> dict[str, str]:
        """Return the cells that hold something, by field."""
        pairs = zip(header.fields, self.celdas, strict=False)
        return {name: cell for name, cell in pairs if name and cell.strip()}


@dataclass(frozen=True, kw_only=True)
class Cuentas:
    """How many rows a draft holds, how many of them are to be corrected, and how many were left out."""

    filas: int
    malas: int
    fuera: int
    atendidas: int = 0
    """Of the bad ones, those that only repeat a case: there is nothing to correct in them."""

    @property
    def buenas(self) -> int:
        """How many rows may go to the queue."""
        return self.filas - self.malas - self.fuera


def key_of(header: Header, fila: Fila, field: str) -> str:
    """Return what a row has in a field that a file may have once, as it is compared; «» for nothing."""
    return plain(fila.given(header).get(field, ""))[:_KEY_LETTERS]


def header_of(row: Row) -> Header:
    """Return a draft's columns: those of its file, then those that it lacks, empty."""
    kept = json.loads(row["columnas"])
    return Header(names=tuple(kept["names"]), fields=tuple(kept["fields"]))


def completed(header: Header) -> Header:
    """Return a header with the columns that it lacks at its end, so that every field can be corrected."""
    lost = [column for column in COLUMNS if column.field not in header.fields]
    names = (*header.names, *(column.title for column in lost))
    return Header(names=names, fields=(*header.fields, *(column.field for column in lost)))


def ordered(header: Header, fila: Fila) -> Fila:
    """Return a row with its problems in the order of the columns; what is wrong with it as a whole goes first."""
    place = {field: number for number, field in enumerate(header.fields, 1)}
    return replace(fila, problemas=tuple(sorted(fila.problemas, key=lambda one: place.get(one.campo, 0))))


def row_of(draft: str, header: Header, fila: Fila) -> dict[str, Any]:
    """Return a row as its table holds it."""
    return {
        "borrador": draft,
        "fila": fila.numero,
        "celdas": json.dumps(fila.celdas, ensure_ascii=False),
        "problemas": json.dumps([asdict(one) for one in fila.problemas], ensure_ascii=False),
        "mala": bool(fila.problemas) and not fila.fuera,
        "fuera": fila.fuera,
        "codigo": key_of(header, fila, "codigo"),
        "referencia": key_of(header, fila, "solicitud"),
    }


def _fila(row: Any) -> Fila:
    wrong = tuple(Problema(**one) for one in json.loads(row["problemas"]))
    return Fila(numero=row["fila"], celdas=tuple(json.loads(row["celdas"])), problemas=wrong, fuera=row["fuera"])


def counts(store: Store, draft: str) -> Cuentas:
    """Count a draft's rows."""
    mine = borrador_filas.c.borrador == draft
    with store.read() as connection:
        total, bad, out = (
            connection.execute(select(func.count()).where(mine, *more)).scalar_one()
            for more in (_only(""), _only("malas"), _only("fuera"))
        )
        again = (mine, *_only("malas"), borrador_filas.c.problemas.like(_ATTENDED))
        known = connection.execute(select(func.count()).where(*again)).scalar_one() if bad else 0
    return Cuentas(filas=total, malas=bad, fuera=out, atendidas=known)


def rows(store: Store, draft: str, *, desde: int = 0, limit: int = 50, solo: str = "") -> list[Fila]:
    """Return rows in the file's order from a number on: all, or only the *malas*, *buenas*, or those *fuera*."""
    with store.read() as connection:
        query = select(borrador_filas).where(borrador_filas.c.borrador == draft, borrador_filas.c.fila >= desde)
        query = query.where(*_only(solo)).order_by(borrador_filas.c.fila).limit(limit)
        return [_fila(row) for row in connection.execute(query).mappings()]


def before(store: Store, draft: str, desde: int, *, limit: int = 50, solo: str = "") -> int | None:
    """Return the number of the row with which the page before begins; None on the first page."""
    with store.read() as connection:
        query = select(borrador_filas.c.fila).where(borrador_filas.c.borrador == draft, borrador_filas.c.fila < desde)
        query = query.where(*_only(solo)).order_by(borrador_filas.c.fila.desc()).limit(limit)
        numbers = connection.execute(query).scalars().all()
    return int(numbers[-1]) if numbers else None


def _only(which: str) -> tuple[Any, ...]:
    return (_ONLY[which],) if which in _ONLY else ()


def row(store: Store, draft: str, numero: int) -> Fila:
    """Return one row. Raises `Rejected`."""
    with store.read() as connection:
        return _read(connection, draft, numero)


def _read(connection: Connection, draft: str, numero: int) -> Fila:
    mine = (borrador_filas.c.borrador == draft, borrador_filas.c.fila == numero)
    found = connection.execute(select(borrador_filas).where(*mine)).mappings().one_or_none()
    if found is None:
        raise Rejected(f"La fila {numero} ya no está en el borrador", remedy="Cargue la página de nuevo.")
    return _fila(found)


def change(store: Store, draft: str, numero: int, decide: Callable[[Header, Fila], Fila]) -> list[Fila]:
    """Put what *decide* makes of a row in its place; return it, then the rows that it repeats or repeated.

    Raises `Rejected` unless the draft is open.
    """
    with store.write() as connection:
        # The draft's row is the lock: two people who correct rows of one file don't overlook each other's twins.
        opened = update(borradores).where(borradores.c.id == draft, borradores.c.estado == "abierto")
        opened = opened.values(cambiado=store.now(connection)).returning(borradores.c.columnas, borradores.c.lote)
        held = connection.execute(opened).mappings().one_or_none()
        if held is None:
            raise Rejected("Este archivo ya no se puede corregir", remedy="Cargue la página de nuevo.")
        header = header_of(held)
        old = _read(connection, draft, numero)
        new = ordered(header, decide(header, old))
        write(connection, draft, header, new)
        if held["lote"] and not new.fuera:  # it may be asked of the queue again
            mine = (filas.c.lote == held["lote"], filas.c.fila == numero, filas.c.resultado != "nuevo")
            connection.execute(delete(filas).where(*mine))
        touched = {numero: new}
        for field in REPEATED:
            for key in {key_of(header, old, field), key_of(header, new, field)} - {""}:
                touched |= {one.numero: one for one in _compare(connection, draft, header, field, key)}
        first = touched.pop(numero)
    return [first, *touched.values()]


def write(connection: Connection, draft: str, header: Header, fila: Fila) -> None:
    """Put a row in the place of the one with its number."""
    values = row_of(draft, header, fila)
    mine = (borrador_filas.c.borrador == bindparam("de_borrador"), borrador_filas.c.fila == bindparam("de_fila"))
    rest = {name: value for name, value in values.items() if name not in ("borrador", "fila")}
    connection.execute(
        update(borrador_filas).where(*mine).values(**rest), {"de_borrador": draft, "de_fila": fila.numero}
    )


def _compare(connection: Connection, draft: str, header: Header, field: str, key: str) -> list[Fila]:
    """Look again at the rows with one code or reference: the first is right, the others repeat it."""
    column, indexed = _KEYS[field]
    same = (borrador_filas.c.borrador == draft, column == key, indexed)
    found = connection.execute(select(borrador_filas).where(*same).order_by(borrador_filas.c.fila)).mappings()
    changed, first = [], 0
    for fila in [_fila(one) for one in found]:
        twin = () if fila.fuera or not first else (again(field, first),)
        first = first or (0 if fila.fuera else fila.numero)
        kept = tuple(one for one in fila.problemas if (one.de, one.campo) != ("repetida", field))
        new = ordered(header, replace(fila, problemas=kept + twin))
        if new != fila:
            write(connection, draft, header, new)
        changed.append(new)
    return changed


def again(field: str, first: int) -> Problema:
    """Return the problem of a row that repeats an earlier one."""
    found = repeated(field, first)
    return Problema(campo=found.field, mensaje=found.message, de="repetida")
