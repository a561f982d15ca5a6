"""What the commands tell of the cases in the database: `casos` and `cola resultados`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from robot.console import near, print_json
from robot.errors import Rejected
from robot.pagos import show_unattended, unattended
from robot.records import plazos
from robot.records.caso import NOMBRE_ESTADO
from robot.records.resultados import escribir_csv, escribir_xlsx
from robot.records.store import cases, payments
from robot.records.store.schema import NEVER
from robot.settings import BOGOTA, load
from robot.work.archivo import archivo_of
from robot.work.lote import lineas


def casos(*, esperando_pago: bool, json: bool) -> int:
    """Show the cases that wait for their payment, or all that aren't closed, the oldest first."""
    with archivo_of(load()) as archivo:
        rows = cases.waiting(archivo.store) if esperando_pago else cases.unfinished(archivo.store)
        paid = payments.facts_of(archivo.store, [row["id"] for row in rows if row["estado"] == "esperando_pago"])
        odd = payments.unattended(archivo.store)
    now = datetime.now(UTC)
    if json:
        told = [_as_dict(row, now, paid.get(row["id"])) for row in rows]
        print_json({"casos": told, "pagos_por_atender": [unattended(row) for row in odd]})
        return 0
    console = Console(highlight=False)
    if rows:
        _show(console, rows, paid, now, esperando_pago=esperando_pago)
    else:
        console.print("Ningún caso espera su pago." if esperando_pago else "No hay casos abiertos.")
    if odd:
        show_unattended(console, odd)
    return 0


def _paid(facts: payments.Facts | None) -> str | None:
    """Return what is known of a waiting case's payment: none, recorded, or not confirmed in Serviweb."""
    if facts is None or facts.pago is None:
        return None
    return "no_confirmado" if facts.pago.refutado else "registrado"


_PAID = {None: "", "no_confirmado": "no confirmado", "registrado": "sin radicar"}


def _show(
    console: Console,
    rows: Sequence[cases.Row],
    paid: Mapping[str, payments.Facts],
    now: datetime,
    *,
    esperando_pago: bool,
) -> None:
    table = Table(title="Casos que esperan el pago" if esperando_pago else "Casos abiertos", title_justify="left")
    columns = ("Caso", "Suscriptor", "Pago" if esperando_pago else "Estado", "Desde", "Lleva", "Plazo")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        since = _since(row, paid.get(row["id"]))
        name = f"{row['codigo']} {row['suscriptor']}".strip()
        payment = _PAID[_paid(paid.get(row["id"]))]
        state = (
            payment or "—" if esperando_pago else NOMBRE_ESTADO[row["estado"]] + (f" ({payment})" if payment else "")
        )
        table.add_row(row["id"], name, state, f"{since:%d/%m/%Y %H:%M}", _age(since, now), _due(row, now))
    console.print(table)
    for row in rows:
        if row["estado"] == "esperando_pago" and row["motivo"] and _paid(paid.get(row["id"])) == "no_confirmado":
            console.print(f"{row['id']}: {row['motivo']}\n  {row['que_hacer']}", soft_wrap=True, markup=False)
        elif row["estado"] == "esperando_pago" and _paid(paid.get(row["id"])) == "registrado":
            console.print(
                f"{row['id']}: repita «serviweb pago» con los mismos datos para que se radique.", soft_wrap=True
            )


def _since(row: cases.Row, facts: payments.Facts | None) -> datetime:
    """Return since when a case is as it is; one that waits, since its receipt was made, whatever came between."""
    return facts.generado.astimezone(BOGOTA) if facts and facts.generado else _time(row["cambiado"])


def _as_dict(row: cases.Row, now: datetime, facts: payments.Facts | None) -> dict[str, Any]:
    since = _since(row, facts)
    return {
        "caso": row["id"],
        "codigo": row["codigo"],
        "suscriptor": row["suscriptor"] or None,
        "estado": row["estado"],
        "desde": since.isoformat(),
        "horas": round((now - since).total_seconds() / 3600, 1),
        "reconectar_antes_de": None if _is_open_ended(row) else _time(row["vence"]).isoformat(),
        "motivo": row["motivo"] or None,
        "pago": _paid(facts),
    }


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).astimezone(BOGOTA)


def _is_open_ended(row: cases.Row) -> bool:
    return bool(row["vence"] == NEVER)


def _due(row: cases.Row, now: datetime) -> str:
    return "empieza con el pago" if _is_open_ended(row) else plazos.texto(_time(row["vence"]), now)


def _age(since: datetime, now: datetime) -> str:
    hours = int((now - since).total_seconds() // 3600)
    return f"{hours} h" if hours < 48 else f"{hours // 24} días"


def resultados(lote: str, *, json: bool) -> int:
    """Write a batch's results as CSV and workbook: one line per row that became, or repeated, a case."""
    settings = load()
    with archivo_of(settings) as archivo:
        rows = cases.by_lot(archivo.store, lote.strip().upper())
        if not rows:
            raise Rejected(
                f"No existe el lote {lote}", remedy="Su nombre lo dice «serviweb cola cargar», como L-7K3QF2M."
            )
        lines = list(lineas(archivo, lote.strip().upper()))
    folder = settings.informes / "lotes"
    folder.mkdir(parents=True, exist_ok=True)
    sheet = escribir_csv(lines, folder / f"{lote.strip().upper()}.csv")
    book = escribir_xlsx(lines, folder / f"{lote.strip().upper()}.xlsx")
    if json:
        print_json({"lote": lote, "filas": len(lines), "csv": str(sheet), "libro": str(book)})
    else:
        Console(highlight=False).print(f"{len(lines)} filas: {near(sheet)}\n{near(book)}", soft_wrap=True)
    return 0
