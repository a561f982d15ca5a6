"""Decide what a subscriber's list says of a document: is it ours, is one there already (design: *Effects*).

Nothing here looks at a clock of Serviweb's or at its user to decide whose a document is: clocks differ, and an advisor
and the robot may share a user. They are shown to the person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from robot.text import fold, in_pesos

NAMES = {"factura": "la factura", "abono": "el recibo", "tramite": "el trámite", "tercero": "el tercero"}
Owner = Callable[[str], str | None]


@dataclass(frozen=True, kw_only=True)
class Documento:
    """One row of a subscriber's list. What the list doesn't show is `None`; money in whole pesos."""

    numero: str
    fecha: datetime | None = None
    usuario: str = ""
    productos: tuple[str, ...] | None = None
    causal: str | None = None
    total: int | None = None
    observacion: str | None = None
    estado: str = ""
    abierto: bool = False
    pagado: bool | None = None
    facturas: tuple[str, ...] | None = None

    @property
    def anulado(self) -> bool:
        """Say whether Serviweb shows it as void."""
        return fold(self.estado).startswith("anulad")

    def carries(self, mark: str) -> bool:
        """Say whether the case's mark stands in its Observación, as a word of its own."""
        return mark in (self.observacion or "").replace(",", " ").split()

    def as_entry(self, mark: str) -> dict[str, Any]:
        """Return what the journal keeps of it: whether it carries our mark, not the Observación itself."""
        return {
            "numero": self.numero,
            "fecha": self.fecha.isoformat() if self.fecha else None,
            "usuario": self.usuario or None,
            "productos": list(self.productos) if self.productos is not None else None,
            "causal": self.causal,
            "total": self.total,
            "estado": self.estado or None,
            "facturas": list(self.facturas) if self.facturas is not None else None,
            "marca": self.carries(mark),
        }


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a case was about to save, as its intent tells it."""

    kind: str
    mark: str = ""  # "" where the installation writes none
    factura: str = ""
    productos: tuple[str, ...] = ()
    causal: str = ""
    total: int | None = None

    def signs(self, document: Documento) -> bool | None:
        """Say whether the document has our sign: mark or factura; `None` where the list can show neither."""
        if self.kind == "abono":
            return None if document.facturas is None or not self.factura else self.factura in document.facturas
        if not self.mark or document.observacion is None:
            return None
        return document.carries(self.mark)

    def resembles(self, document: Documento) -> bool:
        """Say whether all that can be compared of products, causal and total is equal, and something can."""
        pairs: list[bool] = []
        if document.productos is not None and self.productos:
            pairs.append(sorted(map(fold, document.productos)) == sorted(map(fold, self.productos)))
        if document.causal is not None and self.causal:
            pairs.append(fold(document.causal) == fold(self.causal))
        if document.total is not None and self.total is not None:
            pairs.append(document.total == self.total)
        return bool(pairs) and all(pairs)


@dataclass(frozen=True)
class Adopt:
    """The document is ours and Serviweb has it once."""

    number: str


@dataclass(frozen=True)
class Unknown:
    """It stays in doubt; the reason is a Spanish sentence."""

    reason: str


def decide(
    expected: Expected, *, baseline: Collection[str] | None, current: Sequence[Documento], owner: Owner
) -> Adopt | Unknown:
    """Return the one new document that is ours, or why it isn't known. None included: Serviweb may save late."""
    if baseline is None:
        return Unknown("No se leyó la lista antes de enviar: no hay con qué comparar")
    new = list(dict.fromkeys(d for d in current if d.numero not in baseline))
    name = NAMES[expected.kind]
    if not new:
        return Unknown(f"La lista de Serviweb no muestra {name}; puede aparecer más tarde")
    if len({d.numero for d in new}) != len(new):
        return Unknown("La lista de Serviweb muestra un mismo número con datos distintos")
    signs = [expected.signs(document) for document in new]
    if None in signs:
        return _unsigned(expected, new, owner)
    ours = [document for document, signed in zip(new, signs, strict=True) if signed]
    if not ours:
        return Unknown(f"Hay documentos nuevos ({_numbers(new)}) y ninguno es de este caso")
    if len(ours) > 1:
        return Unknown(f"Serviweb tiene varios documentos de este caso: {_numbers(ours)}")
    return _free(ours[0], owner)


def _unsigned(expected: Expected, new: Sequence[Documento], owner: Owner) -> Adopt | Unknown:
    """Decide where the list shows no mark: only for the one new document, equal in products and total."""
    if len(new) > 1:
        return Unknown(f"Hay varios documentos nuevos ({_numbers(new)}) y la lista no muestra la marca del caso")
    if not expected.resembles(new[0]):
        return Unknown(f"El documento nuevo {new[0].numero} no tiene los productos y el total de este caso")
    return _free(new[0], owner)


def _free(document: Documento, owner: Owner) -> Adopt | Unknown:
    if other := owner(document.numero):
        return Unknown(f"El número {document.numero} ya es del caso {other}")
    if document.anulado:
        return Unknown(f"Serviweb muestra {document.numero} como anulado")
    return Adopt(document.numero)


def appeared(
    expected: Expected, *, baseline: Collection[str] | None, current: Sequence[Documento], own: str | None, owner: Owner
) -> str:
    """Return the number of a document that may be ours and that the case doesn't know of, or "".

    Asked right before a document is saved: with our sign, whenever it is of; without one, only against *baseline*, the
    list before an earlier try.
    """
    for document in current:
        if document.numero == own or document.anulado or owner(document.numero):
            continue
        signed = expected.signs(document)
        new = baseline is not None and document.numero not in baseline
        if signed or (signed is None and new):
            return document.numero
    return ""


def repeated(
    expected: Expected, current: Sequence[Documento], *, own: str | None, now: datetime, dias_duplicado: int
) -> str:
    """Return the sentence that names a document equal to ours that is open or younger than *dias_duplicado*, or ""."""
    for document in current:
        if document.numero == own or document.anulado or not _same_content(expected, document):
            continue
        young = document.fecha is not None and now - document.fecha < timedelta(days=dias_duplicado)
        if document.abierto or young:
            who = f" de {document.usuario}" if document.usuario else ""
            when = f", del {document.fecha:%d/%m/%Y}" if document.fecha else ""
            what = f", por {in_pesos(document.total)}" if document.total is not None else ""
            return f"ya existe {NAMES[expected.kind]} {document.numero}{who}{when}{what}"
    return ""


def _same_content(expected: Expected, document: Documento) -> bool:
    """Say whether products or causal are ours: the price may have changed."""
    if expected.kind == "factura":
        shown = document.productos
        return shown is not None and sorted(map(fold, shown)) == sorted(map(fold, expected.productos))
    if expected.kind == "tramite":
        return document.causal is not None and fold(document.causal) == fold(expected.causal)
    return False


def unpaid(current: Sequence[Documento], *, own: str | None) -> list[str]:
    """Return the numbers of the subscriber's other open facturas: GENERAR would pay them too (D13)."""
    return [document.numero for document in current if document.abierto and document.numero != own]


def _numbers(documents: Sequence[Documento]) -> str:
    return ", ".join(document.numero for document in documents)
