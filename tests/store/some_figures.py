"""Cases as they stand in the end, for figures: without the way there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update

from robot.records.store.engine import Store, stamp
from robot.records.store.schema import NEVER, casos, efectos, pagos, pasos
from robot.settings import BOGOTA


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a moment in Colombia."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BOGOTA)


def a_case(store: Store, number: int, when: datetime, estado: str, **more: Any) -> str:
    """Write a case as it stands in the end, without the way there."""
    row = {
        "id": f"R-{number:07d}",
        "codigo": f"{100000 + number}",
        "ruta": "01-383",
        "estado": "en_cola",
        "prioridad": 20,
        "orden": number,
        "huella": "0" * 64,
        "disponible": stamp(when),
        "vence": NEVER,
        "creado": stamp(when),
        "cambiado": stamp(when),
    } | more
    with store.write() as connection:
        connection.execute(insert(casos), row)
        for step in ["en_curso", estado] if estado not in ("en_cola", "cancelado") else [estado]:
            busy = {"trabajador": "uno", "vence_arriendo": stamp(when)} if step == "en_curso" else {}
            free = {} if busy else {"trabajador": None, "vence_arriendo": None}
            if step != "en_cola":
                mine = update(casos).where(casos.c.id == row["id"])
                connection.execute(mine.values(estado=step, **busy, **free))
    return str(row["id"])


def a_document(store: Store, case: str, tipo: str, when: datetime, **more: Any) -> None:
    """Write a confirmed document of a case."""
    n = {"factura": 10, "abono": 11, "tramite": 12}[tipo]
    row = {
        "caso": case,
        "n": n,
        "tipo": tipo,
        "clave": f"{tipo}:{case}",
        "estado": "confirmado",
        "con_compuerta": True,
        "token": 1,
        "numero": f"{tipo}-{case}",
        "total": 98700,
        "intencion": stamp(when),
        "cerrado": stamp(when),
    }
    with store.write() as connection:
        connection.execute(insert(efectos), row | more)


def steps(store: Store, case: str, when: datetime, **milliseconds: int) -> None:
    """Write steps of a case that were done, by number."""
    rows = [
        {
            "caso": case,
            "n": n,
            "corrida": 1,
            "paso": name[1:],
            "titulo": f"Título {name[1:]}",
            "estado": "hecho",
            "empezado": stamp(when),
            "milisegundos": took,
        }
        for n, (name, took) in enumerate(milliseconds.items(), start=1)
    ]
    with store.write() as connection:
        connection.execute(insert(pasos), rows)


def a_payment(store: Store, case: str, day: date, *, confirmado: bool | None = None, por: str = "ana") -> None:
    """Write a payment of that day."""
    row = {
        "recibo": f"RC-{case}",
        "caso": case,
        "fecha": day.isoformat(),
        "registrado_por": por,
        "cuando": stamp(at(day, 9)),
        "confirmado": confirmado,
    }
    with store.write() as connection:
        connection.execute(insert(pagos), row)
