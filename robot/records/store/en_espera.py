"""The cases that wait for their payment, as whoever is at the desk looks for them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select

from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema import casos, efectos


def waiting(store: Store, *, asesor: str = "", texto: str = "", most: int = 200) -> tuple[Sequence[Row], int]:
    """Return the cases that wait for a payment, the oldest first, and how many there are.

    Of one *asesor*, or of everybody; with *texto*: its mark, its code, a part of its name, or its receipt.
    """
    wanted = [casos.c.estado == "esperando_pago"]
    if asesor:
        wanted.append(casos.c.asesor == asesor)
    if texto:
        forms = tuple({texto, texto.upper(), texto.lower()})
        receipt = select(efectos.c.caso).where(efectos.c.tipo == "abono", efectos.c.numero.in_(forms))
        named = casos.c.suscriptor.icontains(texto, autoescape=True)
        wanted.append(or_(casos.c.id == texto.upper(), casos.c.codigo == texto, casos.c.id.in_(receipt), named))
    with store.read() as connection:
        rows = connection.execute(select(casos).where(*wanted).order_by(casos.c.cambiado).limit(most)).mappings().all()
        number = connection.execute(select(func.count()).select_from(casos).where(*wanted)).scalar_one()
    return rows, int(number)
