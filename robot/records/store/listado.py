"""Pages of cases, the newest first, however many there are: a page is read from indexes, from a key onward.

The key of a case is (creado, id). A *way* is what an index gives in the order of that key: the cases of some equal
columns, or of a word, or of a hash. A filter is a few ways whose keys are merged; what no index answers is tried case
by case, `ROUNDS` at most: then the page is short, and the next one goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from sqlalchemy import Connection, Subquery, func, select, text

from robot.errors import Rejected
from robot.records.store.caminos import Conditions, Span, midnight, tried, ways_of
from robot.records.store.cases import Row
from robot.records.store.engine import Store, later
from robot.records.store.schema import casos, efectos, pagos

ROUNDS: Final = (300, 900, 1800)
"""How many cases are tried at once, and then once more, until the page is full."""
COUNTED: Final = 1_000
"""Up to how many cases are counted."""
_NAMED: Final = 500


@dataclass(frozen=True, kw_only=True)
class Filtro:
    """Which cases are wanted; `palabras`, `prefijo`, `huellas` and `ids` are what buscador.py made of a text."""

    estados: tuple[str, ...] = ()
    etapa: str = ""
    asesor: str = ""
    desde: date | None = None
    hasta: date | None = None
    movido: date | None = None
    """The day of its last change."""
    clase: str = ""
    lote: str = ""
    codigo: str = ""
    numero: str = ""
    palabras: tuple[str, ...] = ()
    prefijo: str = ""
    huellas: tuple[str, ...] = ()
    ids: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Pagina:
    """One page; `siguiente` and `anterior` are cursors, «» for none. A short one stopped looking before its end."""

    filas: Sequence[Row]
    siguiente: str = ""
    anterior: str = ""
    corta: bool = False


def page(store: Store, filtro: Filtro, *, after: str = "", before: str = "", limit: int = 50) -> Pagina:
    """Return the cases of a filter that follow a cursor, or stand before one. Raises `Rejected` for a bad cursor."""
    down = not before
    key = _key(before or after)
    with store.read() as connection:
        _in_order(store, connection)
        span = _span(filtro, key, down=down)
        if filtro.ids is not None or filtro.codigo or filtro.numero:
            rows, stopped = _named(connection, filtro, span, limit + 1), None
        else:
            rows, stopped = _found(store, connection, filtro, span, limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    onward = _cursor(rows[-1]["creado"], rows[-1]["id"]) if more else _cursor(*stopped) if stopped else ""
    ordered = rows if down else rows[::-1]
    short = stopped is not None and not more
    back = _cursor(rows[0]["creado"], rows[0]["id"]) if rows else before or after
    if down:
        return Pagina(filas=ordered, siguiente=onward, anterior=back if after else "", corta=short)
    return Pagina(filas=ordered, siguiente=back, anterior=onward, corta=short)


def count(store: Store, filtro: Filtro) -> int | None:
    """Return how many cases a filter has, `COUNTED` + 1 for more than that; None where it would cost too much."""
    with store.read() as connection:
        _in_order(store, connection)
        span = _span(filtro)
        if filtro.ids is not None or filtro.codigo or filtro.numero:
            return len(_named(connection, filtro, span, COUNTED + 1))
        ways = ways_of(store, connection, filtro, span)
        return None if ways.rest else ways.count(connection, COUNTED + 1, span)


def everything(store: Store, filtro: Filtro, most: int) -> Iterator[Row]:
    """Yield the cases of a filter, *most* at most, page by page."""
    after, left = "", most
    while left > 0:
        found = page(store, filtro, after=after, limit=min(500, left))
        yield from found.filas
        left -= len(found.filas)
        after = found.siguiente
        if not after:
            return


def _in_order(store: Store, connection: Connection) -> None:
    """Let PostgreSQL read its indexes in their order: just after a big file it has no statistics, and would sort."""
    if not store.is_sqlite:
        connection.execute(text("SET LOCAL enable_bitmapscan = off"))


def _found(
    store: Store, connection: Connection, filtro: Filtro, span: Span, wanted: int
) -> tuple[list[Row], tuple[str, str] | None]:
    """Return rows in the direction asked, and the key at which the search stopped without having seen all."""
    ways = ways_of(store, connection, filtro, span)
    if not ways.rest:
        return _rows(connection, ways.keys(wanted, span), (), span, wanted), None
    rows: list[Row] = []
    last: tuple[str, str] | None = None
    for size in ROUNDS:
        keys = ways.keys(size, span)
        rows += _rows(connection, keys, ways.rest, span, wanted - len(rows))
        last = ways.last(connection, keys, size, span)
        if last is None or len(rows) >= wanted:
            return rows, None
        span = span.beyond(last)
    return rows, last


def _rows(connection: Connection, keys: Subquery, rest: Conditions, span: Span, wanted: int) -> list[Row]:
    query = select(casos).where(casos.c.id.in_(select(keys.c.id)), *rest)
    return list(connection.execute(query.order_by(*span.order(casos.c.creado, casos.c.id)).limit(wanted)).mappings())


def _named(connection: Connection, filtro: Filtro, span: Span, wanted: int) -> list[Row]:
    """Return the rows of cases that are named one by one: there are few."""
    found = None if filtro.ids is None else set(filtro.ids)
    if filtro.codigo:
        found = _and(found, connection.execute(select(casos.c.id).where(casos.c.codigo == filtro.codigo).limit(_NAMED)))
    if filtro.numero:
        number = {filtro.numero, filtro.numero.upper(), filtro.numero.lower()}
        kept = (efectos.c.numero.in_(number), efectos.c.numero.is_not(None), efectos.c.tipo != "tercero")
        numbered = select(efectos.c.caso).where(*kept)
        paid = select(pagos.c.caso).where(pagos.c.recibo == filtro.numero.upper())
        both = [row for query in (numbered, paid) for row in connection.execute(query.limit(_NAMED))]
        found = _and(found, both)
    marks = sorted(found or ())[:_NAMED]
    conditions = [*tried(filtro, "estados", "etapa", "asesor", "clase", "lote", "movido"), *span.on(casos)]
    query = select(casos).where(casos.c.id.in_(marks), *conditions)
    return list(connection.execute(query.order_by(*span.order(casos.c.creado, casos.c.id)).limit(wanted)).mappings())


def _and(found: set[str] | None, rows: object) -> set[str]:
    these = {str(row[0]) for row in rows}  # type: ignore[attr-defined]
    return these if found is None else found & these


def _span(filtro: Filtro, key: tuple[str, str] | None = None, *, down: bool = True) -> Span:
    """Return where the keys of a filter's days in Colombia are."""
    since, until = filtro.desde, filtro.hasta + timedelta(days=1) if filtro.hasta else None
    return Span(since=midnight(since), until=midnight(until), key=key, down=down)


def _cursor(creado: str, mark: str) -> str:
    return f"{creado}~{mark}"


def _key(cursor: str) -> tuple[str, str] | None:
    if not cursor:
        return None
    creado, _, mark = cursor.partition("~")
    try:
        return later(creado, 0), mark
    except (ValueError, TypeError, OverflowError):
        raise Rejected("Esa página de la lista no existe", remedy="Empiece de nuevo desde la primera.") from None


def documents(store: Store, marks: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the confirmed numbers of these cases by kind of document."""
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(marks), _NAMED // 2):
        some = marks[start : start + _NAMED // 2]
        kept = (efectos.c.caso.in_(some), efectos.c.estado == "confirmado", efectos.c.tipo != "tercero")
        query = select(efectos.c.caso, efectos.c.tipo, efectos.c.numero).where(*kept).order_by(efectos.c.n.desc())
        with store.read() as connection:
            for case, kind, number in connection.execute(query):
                found.setdefault(str(case), {})[str(kind)] = str(number)  # of two the first one is the case's own
    return found


def choices(store: Store, column: Literal["asesor", "clase"], most: int = 200) -> list[str]:
    """Return the values that a column has, each found by one step in its index."""
    values = casos.c[column]
    some = text(f"casos.{column} <> ''")  # as its index says it
    found = select(func.min(values).label("valor")).where(some).cte("valores_de", recursive=True)
    following = select(func.min(values)).where(some, values > found.c.valor).correlate(found).scalar_subquery()
    found = found.union_all(select(following).where(found.c.valor.is_not(None)))
    with store.read() as connection:
        query = select(found.c.valor).where(found.c.valor.is_not(None)).limit(most)
        return [str(value) for value in connection.execute(query).scalars()]
