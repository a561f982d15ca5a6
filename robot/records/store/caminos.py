"""The ways to a page of cases (listado.py): which index leads there, and the keys that it gives in order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    String,
    Subquery,
    Table,
    and_,
    func,
    literal,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy import true as sql_true

from robot.errors import Rejected
from robot.records.store.buscador import SHORTEST_PREFIX, micros
from robot.records.store.engine import Store, stamp
from robot.records.store.schema import ESTADOS, ETAPAS, casos
from robot.records.store.schema_panel import exactas, palabras
from robot.settings import BOGOTA

if TYPE_CHECKING:
    from robot.records.store.listado import Filtro

WEIGHED: Final = 3_000
"""Up to how many keys of a way are counted to find the one with the fewest."""
FORMS: Final = 1_000
"""Of how many words at most the last one typed may be the beginning."""
_UNITED: Final = 20
_AT_ONCE: Final = 30_000
_FEWEST: Final = 60
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Conditions = tuple[Any, ...]
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Span:
    """Where keys are wanted: since a moment, before another one («» for open ends), beyond a key, in which order."""

    since: str = ""
    until: str = ""
    key: Key | None = None
    down: bool = True

    def beyond(self, key: Key) -> Span:
        """Return what is left of it behind a key."""
        return replace(self, key=key)

    def on(self, table: Any, alias: Any = None) -> list[ColumnElement[bool]]:
        """Say it of a table's key."""
        moment, mark = columns_of(table, alias)
        value = (lambda at: at) if table is casos else micros
        found = []
        if self.since:
            found.append(moment >= value(self.since))
        if self.until:
            found.append(moment < value(self.until))
        if self.key:
            here = tuple_(literal(value(self.key[0])), literal(self.key[1]))
            found.append(tuple_(moment, mark) < here if self.down else tuple_(moment, mark) > here)
        return found

    def order(self, *columns: Any) -> list[Any]:
        """Return columns in its order."""
        return [column.desc() if self.down else column.asc() for column in columns]


def columns_of(table: Table, alias: Any = None) -> tuple[Any, Any]:
    """Return the columns of a table's key: palabras and exactas have the moment in microseconds."""
    columns = (alias if alias is not None else table).c
    return (columns.creado, columns.id) if table is casos else (columns.orden, columns.caso)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Ways whose keys together are those of a filter, and what must be tried of each case besides."""

    table: Table
    equal: tuple[Conditions, ...] = ((),)
    rest: Conditions = ()
    forms: tuple[str, ...] = ()
    """Words of palabras, instead of *equal*: one way each."""
    is_sqlite: bool = True

    def size(self, wanted: int) -> int:
        """Return how many keys come at once: of each of many words as many are read as of all together."""
        return max(_FEWEST, min(wanted, _AT_ONCE // len(self.forms))) if self.forms else wanted

    def keys(self, wanted: int, span: Span) -> Subquery:
        """Return the first keys there: columns `k` and `id`."""
        size = self.size(wanted)
        if len(self.forms) > _UNITED:
            united = self._sqlite_forms(size, span) if self.is_sqlite else self._lateral_forms(size, span)
        else:
            equal = [(palabras.c.palabra == word,) for word in self.forms] or self.equal
            each = [self._one(conditions, size, span).subquery() for conditions in equal]
            if len(each) == 1:
                return each[0]
            united = union_all(*[select(one) for one in each]).subquery()
        merged = select(united.c.k, united.c.id).distinct().order_by(*span.order(united.c.k, united.c.id))
        return merged.limit(size).subquery()

    def _one(self, equal: Sequence[ColumnElement[bool]], size: int, span: Span) -> Select[Any]:
        moment, mark = columns_of(self.table)
        query = select(moment.label("k"), mark.label("id")).where(*equal, *span.on(self.table))
        return query.order_by(*span.order(moment, mark)).limit(size)

    def _lateral_forms(self, size: int, span: Span) -> Subquery:
        words = (
            func.unnest(literal(list(self.forms), ARRAY(String))).table_valued("value", name="formas").render_derived()
        )
        one = self._one([palabras.c.palabra == words.c.value], size, span).lateral()
        return select(one.c.k, one.c.id).select_from(words.join(one, sql_true())).subquery()

    def _sqlite_forms(self, size: int, span: Span) -> Subquery:
        """Read each word down to the key that ends its first *size*: SQLite has no LATERAL."""
        words = func.json_each(json.dumps(self.forms)).table_valued("value").alias("formas")
        other = palabras.alias("otra")
        theirs = [other.c.palabra == words.c.value, *span.on(palabras, other)]
        edge = select(other.c.orden).where(*theirs).order_by(*span.order(other.c.orden, other.c.caso))
        end = func.coalesce(
            edge.offset(size - 1).limit(1).correlate(words).scalar_subquery(), 0 if span.down else 1 << 62
        )
        within = palabras.c.orden >= end if span.down else palabras.c.orden <= end
        mine = and_(palabras.c.palabra == words.c.value, within, *span.on(palabras))
        found = select(palabras.c.orden.label("k"), palabras.c.caso.label("id"))
        return found.select_from(words.join(palabras, mine)).subquery()

    def last(self, connection: Connection, keys: Subquery, wanted: int, span: Span) -> Key | None:
        """Return the last of these keys, or None where the ways gave all that they have."""
        query = select(keys.c.k, keys.c.id).order_by(*span.order(keys.c.k, keys.c.id))
        row = connection.execute(query.offset(self.size(wanted) - 1).limit(1)).first()
        if row is None:
            return None
        return (str(row.k) if self.table is casos else stamp(_EPOCH + timedelta(microseconds=row.k))), str(row.id)

    def weight(self, connection: Connection, span: Span) -> int:
        """Return about how many keys there are, `WEIGHED` at most."""
        if not self.forms:
            return self.count(connection, WEIGHED, span)
        begins = (palabras.c.palabra >= self.forms[0], palabras.c.palabra <= self.forms[-1])
        some = select(palabras.c.caso).where(*begins).limit(WEIGHED).subquery()
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one())

    def count(self, connection: Connection, most: int, span: Span) -> int:
        """Return how many keys there are, *most* at most."""
        query = select(func.count()).select_from(self.keys(most, span))
        return min(most, int(connection.execute(query).scalar_one()))


def ways_of(store: Store, connection: Connection, filtro: Filtro, span: Span) -> Ways:
    """Return the ways to a filter's cases: those with the fewest keys, where something must be tried besides."""
    found = [*_by_text(store, connection, filtro), *_by_columns(store, filtro)]
    whole = replace(span, key=None)
    best, least = found[0], WEIGHED + 1
    for ways in found:
        if not ways.rest:
            return ways
        if len(found) > 1 and (weight := ways.weight(connection, whole)) < least:
            best, least = ways, weight
    return best


def _by_columns(store: Store, filtro: Filtro) -> list[Ways]:
    """Return the ways that the indexes of casos give, each with what it leaves to be tried."""
    states, stages = filtro.estados or ESTADOS, (filtro.etapa,) if filtro.etapa else ETAPAS
    texts = _texts(store, filtro)
    given = {
        name: (casos.c[name] == value,) for name in ("lote", "asesor", "clase") if (value := getattr(filtro, name))
    }
    state = tuple(tried(filtro, "estados"))
    stage = tuple(tried(filtro, "etapa"))

    def rest(*used: str) -> Conditions:
        return (*tried(filtro, "movido", *(name for name in given if name not in used)), *texts)

    both = [(casos.c.estado == e, casos.c.etapa == t) for e, t in product(states, stages)]
    found = []
    if "lote" in given:
        each = tuple((*given["lote"], casos.c.estado == e) for e in states)
        found.append(Ways(table=casos, equal=each, rest=(*stage, *rest("lote"))))
    if "asesor" in given:
        found.append(Ways(table=casos, equal=tuple((*given["asesor"], *b) for b in both), rest=rest("asesor")))
    if "clase" in given:
        some = text("casos.clase <> ''")  # as its index says it
        each_kind: tuple[Conditions, ...] = tuple((some, *given["clase"], casos.c.estado == e) for e in states)
        found.append(Ways(table=casos, equal=each_kind, rest=(*stage, *rest("clase"))))
    if state or stage:
        found.append(Ways(table=casos, equal=tuple(both), rest=rest()))
    return found or [Ways(table=casos, rest=rest())]


def _texts(store: Store, filtro: Filtro, *, but: str = "") -> Conditions:
    """Return what must hold of a case's words and hashes, but for one word."""

    def has(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        found = select(palabras.c.caso).where(palabras.c.caso == casos.c.id, *conditions)
        # With an offset PostgreSQL asks it case by case; without, and without statistics, it reads the whole word.
        return (found if store.is_sqlite else found.offset(0)).exists()

    found = [has(palabras.c.palabra == word) for word in filtro.palabras if word != but]
    if filtro.prefijo and f"{filtro.prefijo}*" != but:
        found.append(has(*_begins(filtro.prefijo)))
    if filtro.huellas and but != "#":
        mine = (exactas.c.caso == casos.c.id, exactas.c.huella.in_(filtro.huellas))
        found.append(select(exactas.c.caso).where(*mine).exists())
    return tuple(found)


def _begins(prefix: str) -> Conditions:
    return palabras.c.palabra >= prefix, palabras.c.palabra < f"{prefix}~"  # words are letters and digits alone


def _by_text(store: Store, connection: Connection, filtro: Filtro) -> list[Ways]:
    columns = tuple(tried(filtro, "estados", "etapa", "asesor", "clase", "lote", "movido"))
    found = []
    if filtro.huellas:
        each = tuple((exactas.c.huella == one,) for one in filtro.huellas)
        found.append(Ways(table=exactas, equal=each, rest=(*columns, *_texts(store, filtro, but="#"))))
    for word in filtro.palabras:
        rest = (*columns, *_texts(store, filtro, but=word))
        found.append(Ways(table=palabras, equal=((palabras.c.palabra == word,),), rest=rest))
    if len(filtro.prefijo) >= SHORTEST_PREFIX:
        forms = _forms(connection, filtro.prefijo)
        rest = (*columns, *_texts(store, filtro, but=f"{filtro.prefijo}*"))
        if not forms:
            found.append(Ways(table=palabras, equal=((palabras.c.palabra == filtro.prefijo,),), rest=rest))
        elif len(forms) <= FORMS:
            found.append(Ways(table=palabras, forms=forms, rest=rest, is_sqlite=store.is_sqlite))
        elif not found:
            raise Rejected("Hay demasiados nombres que empiezan así", remedy="Escriba más letras del nombre.")
    return found


def midnight(day: date | None) -> str:
    """Return when a day in Colombia begins, as the tables have it; «» for none."""
    return stamp(datetime.combine(day, time.min, BOGOTA)) if day else ""


def tried(filtro: Filtro, *names: str) -> list[ColumnElement[bool]]:
    """Return what a filter says of columns of casos, so that no index of theirs is taken for the keys."""
    found: list[ColumnElement[bool]] = []
    for name in names:
        value = getattr(filtro, name)
        if value and name == "movido":
            until = midnight(value + timedelta(days=1))
            found.append(func.coalesce(casos.c.cambiado, "").between(midnight(value), until))
        elif value and name == "estados":
            found.append(func.coalesce(casos.c.estado, "").in_(value))
        elif value:
            found.append(func.coalesce(casos.c[name], "") == value)
    return found


def _forms(connection: Connection, prefix: str) -> tuple[str, ...]:
    """Return the words that begin so, each found by one step in the index; one more than `FORMS` at most."""
    first, below = _begins(prefix)
    start = select(func.min(palabras.c.palabra).label("palabra")).where(first, below)
    forms = start.cte("formas", recursive=True)
    following = select(func.min(palabras.c.palabra)).where(palabras.c.palabra > forms.c.palabra, below)
    step = select(following.correlate(forms).scalar_subquery()).where(forms.c.palabra.is_not(None))
    forms = forms.union_all(step)
    query = select(forms.c.palabra).where(forms.c.palabra.is_not(None)).limit(FORMS + 1)
    return tuple(str(word) for word in connection.execute(query).scalars())
