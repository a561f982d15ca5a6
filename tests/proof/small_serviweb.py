"""A Serviweb in memory: it saves what is asked, now or late, may lose its answer, and its lists may lag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from robot.records.busqueda import Documento

Fault = Literal["", "lost", "closed", "late", "late_500", "error", "error_after", "refused", "step", "click", "session"]
FAULTS: tuple[Fault, ...] = (
    *("", "lost", "closed", "late", "late_500", "error"),
    *("error_after", "refused", "step", "click", "session"),
)
ListFault = Literal["", "stale", "down"]
TOTAL = 98700
FIRST = {"tercero": "T-{:05}", "factura": "F-{:06}", "abono": "RC-{:07}", "tramite": "2026-{:06}"}


class NoAnswerError(Exception):
    """The connection died without one byte."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """One document that is really there; of a tercero, `codigo` is the person's document."""

    kind: str
    numero: str
    codigo: str
    observacion: str = ""
    factura: str = ""
    productos: tuple[str, ...] = ()
    causal: str = ""
    paid: bool = False
    voided: bool = False


@dataclass
class Serviweb:
    """What was saved, what will be saved later, and what happens to the next request of each kind."""

    tick: Callable[[], None] = lambda: None
    saved: list[Saved] = field(default_factory=list)
    late: list[Saved] = field(default_factory=list)
    posts: list[tuple[str, str, str]] = field(default_factory=list)
    faults: dict[str, Fault] = field(default_factory=dict)
    list_fault: ListFault = ""
    _last: int = 0

    def post(self, document: Saved) -> tuple[int, str]:
        """Take a request; return the status and the number, or raise `NoAnswerError`.

        Whoever asks may be killed before it is taken and before the answer comes.
        """
        self.tick()
        fault = self.faults.pop(document.kind, "")
        self.posts.append((document.kind, document.codigo, document.observacion))
        if fault == "closed":
            raise NoAnswerError
        if fault == "error":
            return 500, ""
        if fault == "refused":
            return 200, ""
        if fault in ("late", "late_500"):
            self.late.append(document)
            if fault == "late":
                raise NoAnswerError
            return 504, ""
        numero = self.save(document)
        self.tick()
        if fault == "lost":
            raise NoAnswerError
        return (500, "") if fault == "error_after" else (200, numero)

    def save(self, document: Saved) -> str:
        """Save a document under the next number."""
        self._last += 1
        numero = FIRST[document.kind].format(self._last)
        self.saved.append(replace(document, numero=numero))
        return numero

    def catch_up(self) -> None:
        """Save what was to be saved later."""
        while self.late:
            self.save(self.late.pop(0))

    def void(self, numero: str) -> None:
        """Void a document, as a person does."""
        self._change(numero, voided=True)

    def pay(self, recibo: str) -> None:
        """Pay a recibo at the caja."""
        self._change(recibo, paid=True)

    def _change(self, numero: str, **changed: bool) -> None:
        self.saved = [replace(one, **changed) if one.numero == numero else one for one in self.saved]

    def of(self, kind: str, codigo: str) -> list[Saved]:
        """Return what is there and not void."""
        return [one for one in self.saved if (one.kind, one.codigo) == (kind, codigo) and not one.voided]

    def listed(self, kind: str, codigo: str) -> list[Documento] | None:
        """Return a subscriber's list; a stale one misses what is new, and None is a list that can't be read."""
        fault, self.list_fault = self.list_fault, ""
        if fault == "down":
            return None
        found = [one for one in self.saved if (one.kind, one.codigo) == (kind, codigo)]
        return [_row(one) for one in (found[:-1] if fault == "stale" else found)]


def _row(one: Saved) -> Documento:
    estado = "anulada" if one.voided else "pagada" if one.paid else "pendiente"
    return Documento(
        numero=one.numero,
        fecha=datetime.now(UTC),
        usuario="asesor1",
        productos=one.productos if one.kind == "factura" else None,
        causal=one.causal if one.kind == "tramite" else None,
        total=TOTAL if one.kind != "tramite" else None,
        observacion=one.observacion if one.kind != "abono" else None,
        estado=estado,
        abierto=False,
        facturas=(one.factura,) if one.kind == "abono" else None,
    )
