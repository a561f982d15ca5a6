"""What a program is shown of some cases besides their rows: numbers of Serviweb, the payment, the papers there are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from robot.records.store.cases import TWIN, Row
from robot.records.store.engine import Store
from robot.records.store.schema import casos, documentos, efectos, lotes, pagos, valores


@dataclass(kw_only=True)
class Ficha:
    """One case: its row, its documents' numbers by kind, what there is to pay, its payment, its papers' kinds."""

    row: Row
    numeros: dict[str, str] = field(default_factory=dict)
    total: int | None = None
    pago: Row | None = None
    papeles: list[str] = field(default_factory=list)


def fichas(store: Store, marks: Sequence[str]) -> list[Ficha]:
    """Return these cases, at most a page of them, in the order given; unknown ones are left out."""
    with store.read() as connection:
        rows = connection.execute(select(casos).where(casos.c.id.in_(marks))).mappings()
        found = {str(row["id"]): Ficha(row=row) for row in rows}
        mine = (efectos.c.caso.in_(found), efectos.c.estado == "confirmado", efectos.c.tipo != "tercero")
        columns = (efectos.c.caso, efectos.c.tipo, efectos.c.numero, efectos.c.total, efectos.c.motivo)
        for row in connection.execute(select(*columns).where(*mine).order_by(efectos.c.n)).mappings():
            if row["motivo"] == TWIN:
                continue
            ficha = found[row["caso"]]
            ficha.numeros[row["tipo"]] = row["numero"]
            ficha.total = row["total"] if row["total"] is not None else ficha.total
        for row in connection.execute(select(pagos).where(pagos.c.caso.in_(found))).mappings():
            found[row["caso"]].pago = row
        printed = select(documentos.c.caso, documentos.c.tipo).where(documentos.c.caso.in_(found))
        for paper in connection.execute(printed.where(documentos.c.archivo.is_not(None)).order_by(documentos.c.tipo)):
            found[paper.caso].papeles.append(paper.tipo)
    return [found[mark] for mark in marks if mark in found]


def applicants(store: Store, marks: Sequence[str]) -> dict[str, str]:
    """Return who asked for these cases, at most a page of them, as their requests say; erased ones are left out."""
    query = select(valores.c.caso, valores.c.solicitud).where(valores.c.caso.in_(marks))
    with store.read() as connection:
        asked = {str(row.caso): json.loads(row.solicitud) for row in connection.execute(query) if row.solicitud}
    named = {mark: " ".join(filter(None, (one.get("nombres"), one.get("apellidos")))) for mark, one in asked.items()}
    return {mark: name for mark, name in named.items() if name}


def lot(store: Store, name: str) -> Row | None:
    """Return a batch, or None."""
    with store.read() as connection:
        return connection.execute(select(lotes).where(lotes.c.id == name)).mappings().first()
