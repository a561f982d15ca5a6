"""What cases are searched by: words of names as text, documents and phones by keyed hash, kinds of reasons.

A case is indexed after it was made, and again when its reason or its subscriber changed (`casos.buscable`): whoever
takes requests or works a case needs no key for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, text, update

from robot.records.boveda import Boveda
from robot.records.store import cases
from robot.records.store.engine import Store
from robot.records.store.schema import casos, valores
from robot.records.store.schema_panel import exactas, palabras
from robot.text import plain, words

BATCH: Final = 300
LONGEST: Final = 60
SHORTEST_PREFIX: Final = 3
"""Letters from which on the last word typed is the beginning of one: fewer would begin a good part of all words."""
_MOST_NAMED: Final = 500
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAMES: Final = ("suscriptor", "nombres", "apellidos")


def micros(creado: str) -> int:
    """Return a time of the tables in microseconds: the order of `palabras` and `exactas`."""
    gap = datetime.fromisoformat(creado) - _EPOCH
    return (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds


# Indexing.


def index_pending(store: Store, boveda: Boveda, limit: int = BATCH) -> int:
    """Index cases that aren't, the oldest first, in one transaction; return how many."""
    with store.write() as connection:
        query = (
            select(casos.c.id, casos.c.creado, casos.c.suscriptor, casos.c.motivo, valores.c.solicitud)
            .select_from(casos.outerjoin(valores, valores.c.caso == casos.c.id))
            .where(text("NOT casos.buscable"))  # as its index says it
            .order_by(casos.c.orden)
            .limit(limit)
        )
        if not store.is_sqlite:
            query = query.with_for_update(skip_locked=True, of=casos)
        rows = connection.execute(query).mappings().all()
        if not rows:
            return 0
        marks = [row["id"] for row in rows]
        for start in range(0, len(marks), BATCH):
            some = marks[start : start + BATCH]
            connection.execute(delete(palabras).where(palabras.c.caso.in_(some)))
            connection.execute(delete(exactas).where(exactas.c.caso.in_(some)))
        if found := [line for row in rows for line in _palabras(row)]:
            connection.execute(insert(palabras), found)
        if named := [line for row in rows for line in _exactas(row, boveda)]:
            connection.execute(insert(exactas), named)
        done = update(casos).where(casos.c.id == bindparam("caso")).values(buscable=True, clase=bindparam("de"))
        connection.execute(done, [{"caso": row["id"], "de": clase_de(row["motivo"])} for row in rows])
        return len(rows)


def pending(store: Store) -> bool:
    """Say whether some case isn't indexed."""
    with store.read() as connection:
        return connection.execute(select(casos.c.id).where(text("NOT casos.buscable")).limit(1)).first() is not None


def _solicitud(row: Mapping[Any, Any]) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(row["solicitud"]) if row["solicitud"] else {}
    return stored


def _palabras(row: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """Return the words of a case's names; one whose request was erased has none, its subscriber's neither."""
    asked = _solicitud(row)
    if not asked:
        return []
    names = " ".join([row["suscriptor"], *(str(asked.get(name) or "") for name in _NAMES)])
    when = micros(row["creado"])
    return [{"palabra": word, "orden": when, "caso": row["id"]} for word in {w[:LONGEST] for w in words(names)}]


def _exactas(row: Mapping[Any, Any], boveda: Boveda) -> list[dict[str, Any]]:
    asked = _solicitud(row)
    documento, celular = str(asked.get("documento") or ""), str(asked.get("celular") or "")
    forms = {documento, documento.partition("-")[0], documento.replace("-", "")} - {""}
    hashes = {boveda.huella("documento", form) for form in forms}
    if celular:
        hashes.add(boveda.huella("celular", celular))
    when = micros(row["creado"])
    return [{"huella": huella, "orden": when, "caso": row["id"]} for huella in hashes]


_SHORT: Final = 20
_STEP = re.compile(r"^Paso \d+(?: bis)?: ")
_QUOTED = re.compile(r"«[^»]*»")
_NUMBERED = re.compile(r"\S*\d\S*")
_SHOUTED = re.compile(r"\b[A-ZÁÉÍÓÚÜÑ]{2,}(?:\s+[A-ZÁÉÍÓÚÜÑ]{2,})+\b")


def clase_de(motivo: str) -> str:
    """Return a reason without what differs from case to case: step, names, numbers, quotes, what follows a colon.

    What follows a few words, such as «Serviweb dice: …», is the reason itself: it stays.
    """
    kind = _STEP.sub("", plain(motivo))
    for what in (_QUOTED, _SHOUTED, _NUMBERED):
        kind = what.sub("…", kind)
    parts = kind.split(": ")
    kept = ": ".join(parts[:2]) if len(parts[0]) < _SHORT else parts[0]
    return plain(kept).rstrip(" .;:,")[:80]


# What somebody types.


@dataclass(frozen=True, kw_only=True)
class Busqueda:
    """What a text asks for: cases that it names, words of names, or exact values by their hashes."""

    ids: tuple[str, ...] | None = None
    palabras: tuple[str, ...] = ()
    prefijo: str = ""
    huellas: tuple[str, ...] = ()


def buscar(store: Store, boveda: Boveda, texto: str) -> Busqueda:
    """Say what a text asks for: a mark, code or number that is known; a document or a phone; else words of names."""
    wanted = plain(texto)[:120]
    named = [str(row["id"]) for row in cases.find(store, wanted)] if wanted else []
    hashes = huellas(boveda, wanted)
    if named:
        return Busqueda(ids=tuple(dict.fromkeys([*named, *_with(store, hashes)]))[:_MOST_NAMED])
    if parece_privado(wanted):
        return Busqueda(huellas=hashes)
    return con_codigo(store, wanted) or por_nombre(wanted)


def con_codigo(store: Store, texto: str) -> Busqueda | None:
    """Return what a known subscriber's code among words of a name asks for; None where no word is such a code."""
    given = plain(texto)[:120].split()
    for at, code in enumerate(given if len(given) > 1 else ()):
        if not re.search(r"\d", code):
            continue
        named = por_nombre(" ".join(given[:at] + given[at + 1 :]))
        has = [palabras.c.palabra == word for word in named.palabras]
        if named.prefijo:
            has.append(palabras.c.palabra.between(named.prefijo, f"{named.prefijo}~"))
        mine = [select(palabras.c.caso).where(palabras.c.caso == casos.c.id, one).exists() for one in has]
        with store.read() as connection:
            if connection.execute(select(casos.c.id).where(casos.c.codigo == code).limit(1)).first() is None:
                continue
            query = select(casos.c.id).where(casos.c.codigo == code, *mine).limit(_MOST_NAMED)
            return Busqueda(ids=tuple(str(case) for case in connection.execute(query).scalars()))
    return None


def por_nombre(texto: str) -> Busqueda:
    """Return the words of a text; the last one is the beginning of a word if it is long enough or not alone."""
    found = list(dict.fromkeys(word[:LONGEST] for word in words(texto)))
    if not found:
        return Busqueda(ids=())
    last = found[-1]
    if texto.endswith(" ") or (len(last) < SHORTEST_PREFIX and len(found) == 1):
        return Busqueda(palabras=tuple(found))
    return Busqueda(palabras=tuple(found[:-1]), prefijo=last)


def _with(store: Store, hashes: Iterable[str]) -> list[str]:
    query = select(exactas.c.caso).where(exactas.c.huella.in_(tuple(hashes))).limit(_MOST_NAMED)
    with store.read() as connection:
        return [str(case) for case in connection.execute(query).scalars()]


_DIGITS = re.compile(r"\+?\d[\d\s.()-]*\d")
_MIXED = re.compile(r"(?=(?:.*\d){4})[A-Za-z0-9][A-Za-z0-9.-]{3,18}")
_RUN = re.compile(r"\d(?:[ .]?\d){4,}")


def parece_privado(texto: str) -> bool:
    """Say whether a text may be a document or a phone: it must not stand in an address, nor in a journal."""
    wanted = plain(texto)
    return bool(_DIGITS.fullmatch(wanted) or _MIXED.fullmatch(wanted))


def mezcla_privado(texto: str) -> bool:
    """Say whether a text has a number that may be a document among other words."""
    return not parece_privado(texto) and bool(_RUN.search(plain(texto)))


def huellas(boveda: Boveda, texto: str) -> tuple[str, ...]:
    """Return the hashes of the document and the phone that a text may be, written as solicitud.py writes them."""
    wanted = plain(texto)
    phone = re.sub(r"[\s().-]", "", wanted).removeprefix("+57")
    phone = phone[2:] if len(phone) == 12 and phone.startswith("57") else phone
    document = re.sub(r"[.\s-]", "", wanted).upper()
    found = []
    if re.fullmatch(r"[A-Z0-9]{3,17}", document) and re.search(r"\d", document):
        found.append(boveda.huella("documento", document))
    if re.fullmatch(r"3[0-9]{9}|60[0-9]{8}", phone):
        found.append(boveda.huella("celular", phone))
    return tuple(found)
