"""Very many cases, made in bulk: names as unevenly spread as people's are, states as an old installation has them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from robot.records.boveda import Boveda
from robot.records.store.buscador import micros
from robot.records.store.engine import Store, stamp

BOVEDA: Final = Boveda(b"clave-de-las-pruebas-de-las-listas")
CHUNK: Final = 20_000
_SYLLABLES = (
    "ca",
    "ro",
    "li",
    "ma",
    "ri",
    "na",
    "jo",
    "se",
    "lu",
    "is",
    "an",
    "dre",
    "gu",
    "ti",
    "pe",
    "mar",
    "zu",
    "to",
)
_COMMON = (
    *("maria", "jose", "luis", "carlos", "ana", "juan", "martha", "jorge", "diana", "andres"),
    *("gomez", "garcia", "martinez", "lopez", "perez"),
)
RARE: Final = "zzyzxwq"
"""A word of one case in ten thousand."""
_STATES = ("terminado", "rechazado", "esperando_pago", "cancelado", "fallido", "en_duda", "incompleto", "en_cola")
_WEIGHTS = (900, 50, 20, 20, 5, 2, 2, 1)
_REASONS = (
    "El suscriptor 100{n} tiene otra factura pendiente: F-0{n}",
    "El código 100{n} tiene en Serviweb la ruta 01-383 y la solicitud dice 01-384",
    "Serviweb no respondió",
)
COLUMNS: Final = (
    *("id", "codigo", "ruta", "suscriptor", "etapa", "estado", "prioridad", "orden", "lote", "asesor", "huella"),
    *("disponible", "vence", "motivo", "clase", "buscable", "creado", "cambiado"),
)


def vocabulary(chance: random.Random) -> list[str]:
    """Return words of names, the commonest first."""
    made = {"".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(30_000)}
    return [*_COMMON, *sorted(made.difference(_COMMON))]


def fill(store: Store, number: int) -> None:
    """Put that many cases into an empty database: two years of them, in lots, of forty advisors."""
    chance = random.Random(7)
    words = vocabulary(chance)
    weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(words))))
    start = datetime(2024, 11, 1, tzinfo=UTC)
    step = timedelta(days=700) / number
    raw = store.connection_of_its_own()
    try:
        loader = _Sqlite(raw) if store.is_sqlite else _Postgresql(raw)
        loader.begin(max(1, number // 5000))
        for first in range(0, number, CHUNK):
            size = min(CHUNK, number - first)
            names = chance.choices(words, cum_weights=weights, k=size * 5)
            states = chance.choices(_STATES, _WEIGHTS, k=size)
            rows = [
                _row(n, stamp(start + step * n), names[5 * i : 5 * i + 5], states[i])
                for i, n in enumerate(range(first, first + size))
            ]
            loader.take(rows)
        loader.end()
    finally:
        raw.close()


def _row(n: int, creado: str, names: list[str], estado: str) -> tuple[list[Any], set[str], str]:
    if n % 10_000 == 77:
        names = [*names[:4], RARE]
    mark = f"R-{(n * 7_654_321 + 12_345) % 34_359_738_368:07d}"[:12]
    stage = "cobro" if estado in ("esperando_pago", "rechazado", "en_cola") else "tramite"
    reason = _REASONS[n % 3] if estado in ("rechazado", "fallido", "incompleto") else ""
    from robot.records.store.buscador import clase_de

    case = [
        mark, f"{100_000 + n}", "01-383", " ".join(names[:4]).upper(), stage, estado, 20, micros(creado) * 1000,
        f"L-{n // 5000:07d}", f"asesor{n % 40}", "x" * 64, creado, "9999-12-31T23:59:59.999999Z",
        reason.format(n=n), clase_de(reason.format(n=n)), True, creado, creado,
    ]  # fmt: skip
    return case, set(names), BOVEDA.huella("documento", f"{40_000_000 + n // 3}")


def _lines(rows: list[tuple[list[Any], set[str], str]]) -> Iterator[tuple[str, int, str]]:
    for case, names, _ in rows:
        for name in names:
            yield name, case[7] // 1000, case[0]


class _Sqlite:
    """Rows go to tables without order first: sorted into their index they go in fast."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def begin(self, lots: int) -> None:
        self._raw.executescript(
            "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN;"
            "CREATE TEMP TABLE p (palabra, orden, caso); CREATE TEMP TABLE x (huella, orden, caso);"
        )
        self._raw.executemany(
            "INSERT INTO lotes VALUES (?, 'a', 'h', 'x', 'x')", ((f"L-{n:07d}",) for n in range(lots))
        )

    def take(self, rows: list[tuple[list[Any], set[str], str]]) -> None:
        marks = ", ".join("?" * len(COLUMNS))
        cases = (case for case, _, _ in rows)
        self._raw.executemany(f"INSERT INTO casos ({', '.join(COLUMNS)}) VALUES ({marks})", cases)
        self._raw.executemany("INSERT INTO p VALUES (?, ?, ?)", _lines(rows))
        self._raw.executemany(
            "INSERT INTO x VALUES (?, ?, ?)", ((huella, case[7] // 1000, case[0]) for case, _, huella in rows)
        )

    def end(self) -> None:
        self._raw.executescript(
            "BEGIN; INSERT INTO palabras SELECT * FROM p ORDER BY 1, 2, 3;"
            "INSERT INTO exactas SELECT * FROM x ORDER BY 1, 2, 3; COMMIT; DROP TABLE p; DROP TABLE x;"
        )


class _Postgresql:
    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._cursor = raw.cursor()

    def begin(self, lots: int) -> None:
        self._cursor.execute("SET session_replication_role = replica")
        with self._cursor.copy("COPY lotes FROM STDIN") as copy:
            for n in range(lots):
                copy.write_row((f"L-{n:07d}", "a", "h", "x", "x"))

    def take(self, rows: list[tuple[list[Any], set[str], str]]) -> None:
        with self._cursor.copy(f"COPY casos ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for case, _, _ in rows:
                copy.write_row(case)
        with self._cursor.copy("COPY palabras FROM STDIN") as copy:
            for line in _lines(rows):
                copy.write_row(line)
        with self._cursor.copy("COPY exactas FROM STDIN") as copy:
            for case, _, huella in rows:
                copy.write_row((huella, case[7] // 1000, case[0]))

    def end(self) -> None:
        self._raw.commit()
