"""What the database knows of payments: whose a receipt is, what a case waits for, what a person must look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import RowMapping, Select, func, select, text, update

from robot.records.store.cases import TWIN
from robot.records.store.engine import Store
from robot.records.store.schema import casos, efectos, pagos, pagos_inesperados

_ISSUED: Final = ("confirmado", "anulado")
_ASKED: Final = 300  # values in a statement: old SQLite allows 999
Row = RowMapping


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A case's payment as it was recorded; *refutado*: Serviweb showed since that it isn't paid, or refused it."""

    recibo: str
    fecha: date
    valor: int | None
    otro_recibo: str
    cuando: datetime
    refutado: bool
    registrado_por: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a payment is compared with: the case's abono (its last one), its state, and the payment it has already."""

    caso: str
    codigo: str
    estado: str
    etapa: str
    recibo: str = ""
    total: int | None = None
    generado: datetime | None = None
    pago: Recorded | None = None
    inesperados: frozenset[str] = frozenset()


def facts(store: Store, case: str) -> Facts | None:
    """Return the facts of one case, or None where there is no such case."""
    return facts_of(store, [case]).get(case)


def facts_of(store: Store, marks: Collection[str]) -> dict[str, Facts]:
    """Return the facts of several cases by their marks, in a few questions."""
    found: dict[str, Facts] = {}
    for some in _portions(marks):
        found |= _facts_of(store, some)
    return found


def _portions(values: Collection[str]) -> Iterator[list[str]]:
    listed = iter(values)
    while some := list(islice(listed, _ASKED)):
        yield some


def _facts_of(store: Store, marks: list[str]) -> dict[str, Facts]:
    issued = select(efectos.c.caso, efectos.c.numero, efectos.c.total, efectos.c.cerrado).where(
        efectos.c.caso.in_(marks),
        efectos.c.tipo == "abono",
        efectos.c.estado.in_(_ISSUED),
        func.coalesce(efectos.c.motivo, "") != TWIN,
    )
    refused = (
        select(efectos.c.caso, func.max(efectos.c.intencion).label("cuando"))
        .where(efectos.c.caso.in_(marks), efectos.c.tipo == "tramite", efectos.c.estado == "rechazado")
        .group_by(efectos.c.caso)
    )
    odd = select(pagos_inesperados.c.caso, pagos_inesperados.c.recibo).where(pagos_inesperados.c.caso.in_(marks))
    with store.read() as connection:

        def by_case(query: Select[Any]) -> dict[str, Row]:
            return {str(row["caso"]): row for row in connection.execute(query).mappings()}

        heads = connection.execute(select(casos).where(casos.c.id.in_(marks))).mappings().all()
        abonos = by_case(issued.order_by(efectos.c.n))  # of several the last one counts
        refusals = by_case(refused)
        paid = by_case(select(pagos).where(pagos.c.caso.in_(marks)))
        unexpected: dict[str, set[str]] = {}
        for row in connection.execute(odd):
            unexpected.setdefault(str(row.caso), set()).add(str(row.recibo))
    return {
        mark: Facts(
            caso=mark,
            codigo=head["codigo"],
            estado=head["estado"],
            etapa=head["etapa"],
            **_abono(abonos.get(mark)),
            pago=_recorded(paid.get(mark), refusals.get(mark)),
            inesperados=frozenset(unexpected.get(mark, ())),
        )
        for head in heads
        if (mark := str(head["id"]))
    }


def _abono(row: Row | None) -> dict[str, Any]:
    if row is None:
        return {}
    generado = datetime.fromisoformat(row["cerrado"]).astimezone(UTC) if row["cerrado"] else None
    return {"recibo": str(row["numero"]), "total": row["total"], "generado": generado}


def _recorded(row: Row | None, refusal: Row | None) -> Recorded | None:
    if row is None:
        return None
    refused = refusal is not None and refusal["cuando"] > row["cuando"]
    return Recorded(
        recibo=row["recibo"],
        fecha=date.fromisoformat(row["fecha"]),
        valor=row["valor"],
        otro_recibo=row["otro_recibo"],
        cuando=datetime.fromisoformat(row["cuando"]).astimezone(UTC),
        refutado=row["confirmado"] is False or refused,
        registrado_por=row["registrado_por"],
    )


def cases_of(store: Store, receipts: Collection[str]) -> dict[str, str]:
    """Return the case of each receipt that is one's abono, voided or not, or that paid one; keys in capitals.

    Serviweb writes its numbers in one case; a person may type them in another.
    """
    wanted = {form for told in receipts for form in (told, told.upper(), told.lower()) if told}
    found: dict[str, str] = {}
    for some in _portions(wanted):
        queries = (
            select(pagos_inesperados.c.recibo, pagos_inesperados.c.caso).where(pagos_inesperados.c.recibo.in_(some)),
            select(efectos.c.numero, efectos.c.caso).where(efectos.c.numero.in_(some), efectos.c.tipo == "abono"),
            select(pagos.c.recibo, pagos.c.caso).where(pagos.c.recibo.in_(some)),
        )
        with store.read() as connection:
            for query in queries:  # a payment that counts is stronger than one that nobody waited for
                found |= {str(receipt).upper(): str(case) for receipt, case in connection.execute(query)}
    return found


def waiting_of(store: Store, codes: Collection[str]) -> dict[str, list[str]]:
    """Return the marks of the cases that wait for their payment, by subscriber code."""
    found: dict[str, list[str]] = {}
    for some in _portions(codes):
        query = select(casos.c.codigo, casos.c.id).where(casos.c.codigo.in_(some), casos.c.estado == "esperando_pago")
        with store.read() as connection:
            for code, case in connection.execute(query):
                found.setdefault(str(code), []).append(str(case))
    return found


def set_due(store: Store, case: str, vence: str) -> None:
    """Start the clock of a paid case whose trámite the caller runs next."""
    with store.write() as connection:
        connection.execute(update(casos).where(casos.c.id == case).values(vence=vence))


def unattended(store: Store, case: str = "") -> Sequence[Row]:
    """Return the payments that no case waited for and that nobody has attended to, the oldest first."""
    query = (
        select(pagos_inesperados, casos.c.codigo, casos.c.suscriptor, casos.c.estado)
        .join_from(pagos_inesperados, casos, pagos_inesperados.c.caso == casos.c.id)
        .where(pagos_inesperados.c.atendido_por.is_(None))
        .order_by(pagos_inesperados.c.cuando)
    )
    if case:
        query = query.where(pagos_inesperados.c.caso == case)
    with store.read() as connection:
        return connection.execute(query).mappings().all()


def unconfirmed(store: Store) -> Sequence[Row]:
    """Return the payments of waiting cases that Serviweb, read again, did not show as paid; the oldest first."""
    query = (
        select(pagos, casos.c.codigo, casos.c.suscriptor, casos.c.estado, casos.c.motivo)
        .join_from(pagos, casos, pagos.c.caso == casos.c.id)
        .where(text("NOT pagos.confirmado"), casos.c.estado == "esperando_pago")  # as its index says it
        .order_by(pagos.c.cuando)
    )
    with store.read() as connection:
        return connection.execute(query).mappings().all()
