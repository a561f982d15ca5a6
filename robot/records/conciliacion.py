"""A day's cases against Serviweb's own lists: what only we know, what only Serviweb knows, what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from robot.records.busqueda import Documento
from robot.settings import BOGOTA
from robot.text import fold, in_pesos

Clase = Literal["solo_aqui", "solo_serviweb", "distinto"]
CLASES: Final[dict[str, str]] = {
    "solo_aqui": "Solo en el robot",
    "solo_serviweb": "Solo en Serviweb",
    "distinto": "Distinto",
}
TIPOS: Final[dict[str, str]] = {"factura": "Factura", "abono": "Recibo", "tramite": "Trámite"}
_MARK: Final = re.compile(r"\bR-[0-9A-HJKMNP-TV-Z]{7}\b")
Listas = Mapping[str, Mapping[str, Sequence[Documento]]]
"""What Serviweb lists: by subscriber, by kind of document."""


@dataclass(frozen=True, kw_only=True)
class Propio:
    """One document that a case of ours has confirmed; money in whole pesos.

    `anulado`: its annulment was recorded; `por_anular`: a person decided to void it and hasn't said yet that it is.
    """

    caso: str
    codigo: str
    tipo: str
    numero: str
    total: int | None = None
    factura: str = ""
    anulado: bool = False
    por_anular: bool = False


@dataclass(frozen=True, kw_only=True)
class Diferencia:
    """One thing that doesn't agree, and what a person does about it."""

    clase: Clase
    tipo: str
    numero: str
    codigo: str
    caso: str
    detalle: str
    que_hacer: str
    fecha: str = ""
    usuario: str = ""
    valor: int | None = None


@dataclass(frozen=True, kw_only=True)
class Nuestro:
    """What the installation does: the products and the causal by which one of its documents is known."""

    productos: tuple[str, ...]
    causal: str


def diferencias(
    propios: Sequence[Propio], listas: Listas, dia: date, nuestro: Nuestro, duenos: Mapping[tuple[str, str], str]
) -> list[Diferencia]:
    """Return what doesn't agree, in the order of subscribers.

    *listas* holds the subscribers that could be read; *duenos* says which case has a number, by kind and number, for
    all numbers listed.
    """
    found = [*_ours(propios, listas), *_theirs(propios, listas, dia, nuestro, duenos)]
    order = list(CLASES)
    return sorted(found, key=lambda one: (one.codigo, order.index(one.clase), one.tipo, one.numero))


def _ours(propios: Sequence[Propio], listas: Listas) -> Iterator[Diferencia]:
    """Compare each document of ours with its row."""
    where = {
        (kind, row.numero): (codigo, row)
        for codigo, kinds in listas.items()
        for kind, rows in kinds.items()
        for row in rows
    }
    for propio in propios:
        if propio.codigo not in listas:
            continue
        codigo, row = where.get((propio.tipo, propio.numero), (propio.codigo, None))
        if row is None:
            if not propio.anulado:
                yield _about(propio, "solo_aqui", "Serviweb no lo lista", "Búsquelo en Serviweb por su número.")
            continue
        detalle, que_hacer = _differs(propio, codigo, row)
        if detalle:
            yield _about(propio, "distinto", detalle, que_hacer, row)


def _differs(propio: Propio, codigo: str, row: Documento) -> tuple[str, str]:
    """Return what a row of the same number says otherwise, and what to do; two empty texts where nothing."""
    if codigo != propio.codigo:
        return f"en Serviweb está a nombre del suscriptor {codigo}", "Compruebe en Serviweb de quién es."
    if row.anulado and not (propio.anulado or propio.por_anular):
        return "en Serviweb está anulado", f"serviweb cerrar {propio.caso} --anulada {propio.numero} --motivo …"
    if row.anulado and propio.por_anular:
        what = f"serviweb cerrar {propio.caso} --anulada {propio.numero} --motivo …"
        return "ya está anulado en Serviweb, y aquí falta registrarlo", what
    if not row.anulado and propio.anulado:
        return "aquí se registró anulado, y en Serviweb sigue vigente", "Anúlelo en Serviweb."
    if not row.anulado and propio.por_anular:
        return "una persona decidió anularlo, y en Serviweb sigue vigente", "Anúlelo en Serviweb."
    wrong = []
    if propio.total is not None and row.total is not None and propio.total != row.total:
        wrong.append(f"aquí {in_pesos(propio.total)}, en Serviweb {in_pesos(row.total)}")
    if propio.factura and row.facturas is not None and propio.factura not in row.facturas:
        wrong.append(f"aquí paga la factura {propio.factura}, en Serviweb {', '.join(row.facturas) or 'ninguna'}")
    return "; ".join(wrong), "Compruebe en Serviweb quién lo cambió, y por qué." if wrong else ""


def _about(propio: Propio, clase: Clase, detalle: str, que_hacer: str, row: Documento | None = None) -> Diferencia:
    return Diferencia(
        clase=clase,
        tipo=propio.tipo,
        numero=propio.numero,
        codigo=propio.codigo,
        caso=propio.caso,
        detalle=detalle,
        que_hacer=que_hacer,
        fecha=_day(row),
        usuario=row.usuario if row else "",
        valor=row.total if row else propio.total,
    )


def _theirs(
    propios: Sequence[Propio], listas: Listas, dia: date, nuestro: Nuestro, duenos: Mapping[tuple[str, str], str]
) -> Iterator[Diferencia]:
    """Find the documents of that day that look like ours and that no case has."""
    facturas = {propio.numero for propio in propios if propio.tipo == "factura"}
    for codigo, kinds in listas.items():
        alike = {row.numero for row in kinds.get("factura", ()) if _has_products(row, nuestro)} | facturas
        for kind, rows in kinds.items():
            for row in rows:
                if (kind, row.numero) in duenos or row.anulado or not _of(row, dia):
                    continue
                if _is_alike(kind, row, nuestro, alike):
                    yield _strange(codigo, kind, row)


def _is_alike(kind: str, row: Documento, nuestro: Nuestro, facturas: set[str]) -> bool:
    """Say whether a document could be one of this procedure; what a list doesn't show speaks for it."""
    if kind == "factura":
        return _has_products(row, nuestro)
    if kind == "tramite":
        return row.causal is None or fold(row.causal) == fold(nuestro.causal)
    return row.facturas is None or bool(facturas & set(row.facturas))


def _has_products(row: Documento, nuestro: Nuestro) -> bool:
    return row.productos is None or sorted(map(fold, row.productos)) == sorted(map(fold, nuestro.productos))


def _strange(codigo: str, kind: str, row: Documento) -> Diferencia:
    mark = _MARK.search(row.observacion or "")
    who = f"lo hizo {row.usuario}" if row.usuario else "no se sabe quién lo hizo"
    detalle = f"ningún caso lo tiene; {who}"
    que_hacer = "Pregunte a quien lo hizo; si es de un caso en duda, «serviweb dudas»."
    if mark:
        detalle = f"lleva la marca del caso {mark[0]}, que no lo tiene; {who}"
        que_hacer = f"Vea «serviweb dudas» y «serviweb caso {mark[0]}»."
    return Diferencia(
        clase="solo_serviweb",
        tipo=kind,
        numero=row.numero,
        codigo=codigo,
        caso=mark[0] if mark else "",
        detalle=detalle,
        que_hacer=que_hacer,
        fecha=_day(row),
        usuario=row.usuario,
        valor=row.total,
    )


def _of(row: Documento, dia: date) -> bool:
    """Say whether a document is of that day; one without a day may be."""
    return row.fecha is None or row.fecha.astimezone(BOGOTA).date() == dia


def _day(row: Documento | None) -> str:
    return f"{row.fecha.astimezone(BOGOTA):%d/%m/%Y %H:%M}" if row and row.fecha else ""
