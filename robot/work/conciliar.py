"""Read what Serviweb lists of a day's subscribers, and lay it beside what our cases say. Nothing is saved."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError
from sqlalchemy import select

from flows.consulta import consultar, has_lists
from flows.ingreso import ingresar
from flows.pasos import texts
from robot.browser.evidence import Recorder
from robot.browser.gate import cause
from robot.browser.maps import Map
from robot.browser.private import private_controls
from robot.browser.run import Run
from robot.browser.session import session
from robot.errors import RobotError
from robot.masking import Masker
from robot.records.busqueda import Documento
from robot.records.conciliacion import Propio
from robot.records.journal import Journal
from robot.records.store import cases
from robot.records.store.engine import Store
from robot.records.store.schema import DOCUMENTOS, efectos
from robot.settings import Settings

_CHUNK: Final = 300
_MOST_IN_A_ROW: Final = 6
"""Failures, two of each subscriber, after which the rest isn't asked for."""


@dataclass
class Leido:
    """What Serviweb lists, by subscriber and kind, and why a subscriber could not be read."""

    listas: dict[str, dict[str, list[Documento]]] = field(default_factory=dict)
    sin_leer: dict[str, str] = field(default_factory=dict)


def del_dia(store: Store, day: date) -> tuple[list[str], list[Propio]]:
    """Return the subscribers of a day's cases, in order, and all documents that these cases have."""
    rows = cases.moved_on(store, day)
    codes = {str(row["id"]): str(row["codigo"]) for row in rows}
    documents: list[Propio] = []
    marks = list(codes)
    for start in range(0, len(marks), _CHUNK):
        query = select(efectos).where(
            efectos.c.caso.in_(marks[start : start + _CHUNK]),
            efectos.c.tipo.in_(DOCUMENTOS),
            efectos.c.estado.in_(("confirmado", "anulado")),
            efectos.c.numero.is_not(None),
        )
        with store.read() as connection:
            found = connection.execute(query.order_by(efectos.c.caso, efectos.c.n)).mappings().all()
        documents += [_own(row, codes[str(row["caso"])]) for row in found]
    return sorted(set(codes.values())), documents


def _own(row: cases.Row, codigo: str) -> Propio:
    return Propio(
        caso=str(row["caso"]),
        codigo=codigo,
        tipo=str(row["tipo"]),
        numero=str(row["numero"]),
        total=row["total"],
        factura=str(json.loads(row["que"]).get("factura") or "") if row["tipo"] == "abono" else "",
        anulado=row["estado"] == "anulado",
        por_anular=row["estado"] == "confirmado" and row["motivo"] == cases.TWIN,
    )


def owners(store: Store, leido: Leido) -> dict[tuple[str, str], str]:
    """Return which case has each listed number, by kind and number, whatever its day and state."""
    numbers = sorted({row.numero for kinds in leido.listas.values() for rows in kinds.values() for row in rows})
    found: dict[tuple[str, str], str] = {}
    for start in range(0, len(numbers), _CHUNK):
        columns = (efectos.c.tipo, efectos.c.numero, efectos.c.caso)
        mine = (efectos.c.numero.in_(numbers[start : start + _CHUNK]), efectos.c.tipo.in_(DOCUMENTOS))
        with store.read() as connection:
            rows = connection.execute(select(*columns).where(*mine)).all()
        found |= {(str(row.tipo), str(row.numero)): str(row.caso) for row in rows}
    return found


async def leer(
    settings: Settings,
    maps: Map,
    browser: Browser,
    codes: Sequence[str],
    progress: Callable[[str], None] = lambda _code: None,
) -> Leido:
    """Read the lists of these subscribers. One that can't be read is named with its reason.

    Raises the error of the first one (`SiteDown`, `LoginRefused` …) when none can.
    """
    leido = Leido()
    left = list(codes)
    in_a_row, first = 0, None
    while left:
        before = len(leido.listas)
        failed = await _read(settings, maps, browser, left, leido, progress)
        if failed is None:
            break
        codigo, error = failed
        first = first or error
        again = codigo not in leido.sin_leer  # a session that ended is opened anew, once for each subscriber
        leido.sin_leer[codigo] = error.reason if isinstance(error, RobotError) else cause(error)
        left = left[left.index(codigo) + (0 if again else 1) :]
        in_a_row = 0 if len(leido.listas) > before else in_a_row + 1
        if in_a_row == _MOST_IN_A_ROW:
            leido.sin_leer |= {code: "no se llegó a consultar" for code in left if code not in leido.sin_leer}
            break
    if isinstance(first, RobotError) and not leido.listas:
        raise first
    return leido


async def _read(
    settings: Settings,
    maps: Map,
    browser: Browser,
    codes: Sequence[str],
    leido: Leido,
    progress: Callable[[str], None],
) -> tuple[str, RobotError | PlaywrightError] | None:
    """Read until something fails, in a session of its own; return the subscriber and why, None when all were read."""
    recorder = Recorder(mode="ninguna", private=private_controls(maps.controls()))
    with tempfile.TemporaryDirectory() as name, Journal(Path(name), Masker()) as journal:
        async with session(settings, recorder, browser) as live:
            await recorder.start(Path(name), journal.masker, live.page)
            run = Run(
                session=live,
                maps=maps,
                journal=journal,
                texts=texts(),
                number=1,
                timeout_seconds=settings.espera_segundos,
                confirmation_seconds=settings.espera_confirmacion_segundos,
                rehearsal=True,  # and if a flow did try to save, the gate would refuse it
                pictures=False,
            )
            try:
                await ingresar(run, settings.password())
                return await _each(run, codes, leido, progress)
            finally:
                await recorder.stop()


async def _each(
    run: Run, codes: Sequence[str], leido: Leido, progress: Callable[[str], None]
) -> tuple[str, RobotError | PlaywrightError] | None:
    for codigo in codes:
        progress(codigo)
        try:
            lists = {kind: await consultar(run, kind, codigo) for kind in DOCUMENTOS if has_lists(run, kind)}
        except (RobotError, PlaywrightError) as error:
            return codigo, error
        leido.listas[codigo] = lists
        leido.sin_leer.pop(codigo, None)
    return None
