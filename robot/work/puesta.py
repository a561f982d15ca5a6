"""A draft's good rows on their way to the queue; what the queue refuses comes back to be corrected in the same draft.

Whoever was killed half way left rows that became cases and still stand in the draft: the lot knows them, so who goes on
asks it first, and none is taken twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from robot.errors import Rejected
from robot.records.columnas import Header
from robot.records.intake import judged
from robot.records.solicitud import Formats, Solicitud
from robot.records.store import borrador_filas, borradores, requests
from robot.records.store.borrador_filas import Fila, Problema, header_of
from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.settings import Settings
from robot.work.borrador import formats_of, judge

_BATCH: Final = 500
_FORESEEN: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Envio:
    """A draft's good rows on their way to the queue, under the name of whoever sends them."""

    store: Store
    draft: str
    turn: int
    lote: str
    header: Header
    formats: Formats
    asesor: str
    dias_duplicado: int

    def run(self) -> None:
        """Make a case of every good row; those that the queue refuses come back with the reason."""
        after = 0
        while rows := borrador_filas.rows(self.store, self.draft, desde=after, limit=_BATCH, solo="buenas"):
            after = rows[-1].numero + 1
            gone, back = self._take(rows)
            if not borradores.sent(self.store, self.draft, self.turn, gone=gone, back=back, header=self.header):
                return
        borradores.finish(self.store, self.draft, self.turn)

    def _take(self, rows: Sequence[Fila]) -> tuple[list[int], list[Fila]]:
        known = borradores.answered(self.store, self.lote, [fila.numero for fila in rows])
        good: dict[int, Solicitud] = {}
        back: list[Fila] = []
        for fila in rows:
            if fila.numero not in known:
                solicitud, _ = judged(fila.given(self.header), {}, self.formats)
                if solicitud is None:  # the utility's formats changed since
                    back.append(replace(fila, problemas=tuple(judge(self.header, fila, self.formats))))
                else:
                    good[fila.numero] = solicitud
        batch = requests.Batch(
            lote=self.lote, asesor=self.asesor, dias_duplicado=self.dias_duplicado, fila_una_vez=True
        )
        new = [requests.NewCase(solicitud=one, fila=numero) for numero, one in good.items()]
        answers = {one.fila: _answer(one) for one in (requests.take(self.store, new, batch) if new else [])}
        answers |= {numero: _answer_of(row) for numero, row in known.items()}
        gone = [fila.numero for fila in rows if answers.get(fila.numero, ()) is None]
        refused = [replace(fila, problemas=(one,)) for fila in rows if (one := answers.get(fila.numero))]
        return gone, [*back, *refused]


@dataclass(frozen=True, kw_only=True)
class Previstas:
    """What would become of a draft's good rows: how many are new, and the cases of those that were attended before."""

    nuevas: int
    atendidas: tuple[requests.Taken, ...] = ()
    errores: int = 0


def foreseen(store: Store, settings: Settings, draft: str) -> Previstas | None:
    """Ask the queue what it would make of the good rows; None where they are more than a page may wait for."""
    rows = borrador_filas.rows(store, draft, limit=_FORESEEN + 1, solo="buenas")
    if len(rows) > _FORESEEN:
        return None
    header, formats = header_of(borradores.found(store, draft)), formats_of(settings)
    read = ((fila.numero, judged(fila.given(header), {}, formats)[0]) for fila in rows)
    good = [requests.NewCase(solicitud=one, fila=numero) for numero, one in read if one is not None]
    told = requests.foreseen(store, good, requests.Batch(dias_duplicado=settings.dias_duplicado))
    before = tuple(one for one in told if one.resultado == "ya_atendido")
    wrong = sum(one.resultado == "error" for one in told)
    return Previstas(nuevas=len(rows) - len(before) - wrong, atendidas=before, errores=wrong)


def _answer(taken: requests.Taken) -> Problema | None:
    """Return why a row comes back, or None when it became a case."""
    if taken.resultado == "nuevo":
        return None
    return Problema(campo=taken.campo, mensaje=taken.mensaje, de="cola", caso=taken.caso)


def _answer_of(row: Row) -> Problema | None:
    campo, mensaje, caso = (str(row[name] or "") for name in ("campo", "mensaje", "caso"))
    return _answer(requests.Taken(resultado=row["resultado"], campo=campo, mensaje=mensaje, caso=caso))


def begin_sending(store: Store, settings: Settings, draft: str, asesor: str) -> Envio:
    """Take a draft's turn to put its good rows into the queue, all in one lot. Raises `Rejected`."""
    row = borradores.found(store, draft)
    if row["estado"] != "abierto" and not borradores.is_silent(store, row):
        raise Rejected("Este archivo ya se está poniendo en cola, o ya se puso", remedy="Cargue la página de nuevo.")
    ready = borrador_filas.counts(store, draft).buenas
    if not ready and row["estado"] == "abierto":
        raise Rejected("No hay ninguna fila lista para poner en cola", remedy="Corrija primero las que tienen errores.")
    lote = row["lote"] or requests.open_lot(store, row["archivo"], row["huella"], asesor)
    turn = borradores.take_turn(store, draft, "enviando", total=ready, lote=lote)
    return Envio(
        store=store,
        draft=draft,
        turn=turn,
        lote=lote,
        header=header_of(row),
        formats=formats_of(settings),
        asesor=asesor,
        dias_duplicado=settings.dias_duplicado,
    )
