"""What a terminal shows of one case as the database has it, also while it waits in the queue."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from robot.console import result, rows_of, show_rows
from robot.records.caso import NOMBRE_ESTADO
from robot.records.linea import ETAPAS
from robot.records.plazos import hora
from robot.records.store.cases import BATCH, FOREGROUND, PAID
from robot.settings import BOGOTA
from robot.work.expediente import Expediente, Turn

PRIORITIES = {FOREGROUND: "la de un asesor", PAID: "trámite pagado", BATCH: "la de un lote"}


def told(found: Expediente, turn: Turn | None, page: Path | None) -> dict[str, Any]:
    """Return a case as `--json` prints it: its result, the database's state, and its place in the queue."""
    row = found.row
    if found.begun:
        data = result(found.caso)
    else:
        nothing = dict.fromkeys(("factura", "recibo", "total", "radicado"))
        data = {"caso": found.id, "codigo": row["codigo"], **nothing, "papeles": [], "papeles_pendientes": []}
    queue = turn and {
        "desde": turn.since.isoformat(),
        "prioridad": row["prioridad"],
        "lote": row["lote"],
        "delante": turn.ahead,
        "no_antes_de": turn.not_before.isoformat() if turn.not_before else None,
        "espera_al_caso": turn.waits_for["id"] if turn.waits_for else None,
        "cancelar_por": row["cancelar_por"],
    }
    state = {"etapa": row["etapa"], "estado": found.estado, "motivo": row["motivo"] or None, "cola": queue}
    return {**data, **state, "pagina": str(page) if page else None, "error": None}


def show_found(console: Console, found: Expediente, turn: Turn | None) -> None:
    """Print a case for a person."""
    row = found.row
    name = f" · {row['suscriptor']}" if row["suscriptor"] else ""
    first: list[tuple[str, str | Text]] = [
        ("Caso", Text(found.id, style="bold")),
        ("Estado", _state(found)),
        ("Suscriptor", f"{row['codigo']} · ruta {row['ruta']}{name}"),
    ]
    if turn:
        first += _turn(found, turn)
    elif row["motivo"] and found.estado != "terminado":
        first.append(("Motivo", str(row["motivo"])))
    rest = rows_of(found.caso, found.estado) if found.begun else []
    show_rows(console, [*first, *rest])
    if found.begun and not found.caso.folder.is_dir():
        console.print("\nLa carpeta del caso (papeles, imágenes y página) está en el equipo que lo trabajó.")


def _state(found: Expediente) -> str:
    name = NOMBRE_ESTADO[found.estado]
    return f"{name}, para el {ETAPAS[found.row['etapa']].lower()}" if found.estado == "en_cola" else name


def _turn(found: Expediente, turn: Turn) -> list[tuple[str, str | Text]]:
    row = found.row
    lot = f" ({row['lote']})" if row["lote"] else ""
    count = {0: "ningún caso", 1: "1 caso"}.get(turn.ahead, f"{turn.ahead} casos")
    lines: list[tuple[str, str | Text]] = [
        ("En cola desde", _clock(turn.since)),
        ("Prioridad", f"{PRIORITIES.get(row['prioridad'], str(row['prioridad']))}{lot}"),
        ("Van antes", count),
    ]
    if row["motivo"]:
        lines.append(("Motivo", str(row["motivo"])))
    if turn.not_before:
        lines.append(("No antes de", _clock(turn.not_before)))
    if turn.waits_for:
        other = turn.waits_for
        lines.append(("Espera al caso", f"{other['id']} del mismo suscriptor ({NOMBRE_ESTADO[other['estado']]})"))
    if row["cancelar_por"]:
        lines.append(("Cancelación", f"la pidió {row['cancelar_por']}"))
    return lines


def _clock(moment: datetime) -> str:
    local = moment.astimezone(BOGOTA)
    return f"{local:%d/%m/%Y}, {hora(local)}"
