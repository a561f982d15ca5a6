"""`serviweb cola estado`: how many cases there are, who works what, what waits, and what holds all back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from robot.console import print_json
from robot.records.caso import NOMBRE_ESTADO
from robot.records.plazos import hora
from robot.records.store import cases, leases, turnos
from robot.settings import BOGOTA, load
from robot.work import decision
from robot.work.archivo import Archivo, archivo_of, machine_of, this_host
from robot.work.circuito import Circuito
from robot.work.cola import is_worked_here
from robot.work.horario import Horario
from robot.work.sitio import Sitio
from robot.work.tablero import Foto
from robot.work.usuarios import is_queue_worker

_SHOWN: Final = 10
"""Lines of each list that a person sees; `--json` has more."""
_LISTED: Final = 200
_DOCUMENT: Final = {"factura": "factura", "abono": "recibo", "tramite": "trámite", "tercero": "tercero"}


def estado(*, json: bool) -> int:
    """Show how many cases are in each state, who works what, and what holds the queue back."""
    with archivo_of(load()) as archivo:
        if json:
            print_json(_as_dict(archivo))
        else:
            show_state(Console(highlight=False), archivo)
    return 0


def _as_dict(archivo: Archivo) -> dict[str, Any]:
    store, settings = archivo.store, archivo.settings
    now, hours = datetime.now(UTC), Horario.de_ajustes(settings)
    circuit = Sitio.de(store, settings).circuito()
    number, waiting = turnos.waiting_for_their_time(store, _LISTED)
    switches = {key: dict(row) for key, row in cases.switches(store).items() if key != cases.CIRCUIT}
    return {
        "casos": cases.counts(store),
        "interruptores": switches,
        "trabajandose_aqui": is_worked_here(settings),
        "horario": {"abierto": hours.abierto(now), "texto": hours.texto(now)},
        "circuito": {name: circuit.as_dict()[name] for name in ("fase", "caidas", "hasta", "motivo")},
        "en_manos": [dict(row) for row in turnos.in_hand(store)],
        "esperan_otro_intento": {"casos": number, "primeros": [dict(row) for row in waiting]},
        "en_duda": [
            {
                "caso": doubt.caso.id,
                "codigo": doubt.caso.codigo,
                "documento": doubt.kind,
                "proxima_consulta": doubt.due.isoformat() if doubt.due else None,
            }
            for doubt in decision.doubts(archivo)
        ],
        "usuarios": [dict(row) for row in leases.users(store)],
    }


def show_state(console: Console, archivo: Archivo) -> None:
    """Print the queue as it is, for a person: what nobody needs to know now is left out."""
    store, settings = archivo.store, archivo.settings
    counts = cases.counts(store)
    if not counts:
        console.print("No hay casos en la base de datos.")
    else:
        console.print(_counted(counts))
    _show_held_back(console, archivo)
    _show_in_hand(console, archivo, turnos.in_hand(store))
    _show_waiting(console, *turnos.waiting_for_their_time(store, _SHOWN))
    _show_doubts(console, decision.doubts(archivo))
    _show_users(console, archivo, leases.users(store))
    if counts.get("en_cola") and not is_worked_here(settings):
        others = [row for row in leases.users(store) if row["trabajador"] and is_queue_worker(row["trabajador"])]
        if not others:
            console.print("\nNadie trabaja la cola: serviweb cola trabajar")


def _counted(counts: dict[str, int]) -> Table:
    table = Table(title="Casos", title_justify="left")
    table.add_column("Estado")
    table.add_column("Casos", justify="right")
    for name, words in NOMBRE_ESTADO.items():
        if counts.get(name):
            table.add_row(words, str(counts[name]))
    return table


def _show_held_back(console: Console, archivo: Archivo) -> None:
    """Print why no case begins now: a pause, a quarantine, the hours, a Serviweb that doesn't answer."""
    settings, store = archivo.settings, archivo.store
    switches = cases.switches(store)
    for key in (cases.QUARANTINE, cases.PAUSE):
        if row := switches.get(key):
            why = f": {reason}" if (reason := cases.why(row)) else ""
            told = f"{key.capitalize()} desde {_clock(row['cuando'])}, por {row['por']}{why}"
            console.print(Text(told.rstrip(".") + ".", style="bold yellow"), soft_wrap=True)
            if key == cases.PAUSE and "reanudar" not in why:
                console.print("  Para que siga: serviweb cola reanudar")
    circuit = Sitio.de(store, settings).circuito()
    if circuit.fase != "cerrado":
        console.print(Text(_circuit(circuit), style="bold red"), soft_wrap=True)
        console.print("  Si ya responde, para no esperar: serviweb cola reanudar")
    now, hours = datetime.now(UTC), Horario.de_ajustes(settings)
    if settings.horario:
        style = "" if hours.abierto(now) else "yellow"
        console.print(Text(f"Horario de la cola: {hours.texto(now)}.", style=style))


def _circuit(circuit: Circuito) -> str:
    why = f" ({circuit.motivo})" if circuit.motivo else ""
    if circuit.fase == "probando" or circuit.hasta is None:
        return f"Serviweb no respondía{why}: se prueba ahora con un caso."
    return f"Serviweb no responde{why}: se prueba otra vez a las {_clock(circuit.hasta.isoformat())}."


def _show_in_hand(console: Console, archivo: Archivo, rows: Sequence[cases.Row]) -> None:
    if not rows:
        return
    table = Table(title="En manos de", title_justify="left")
    for column in ("Usuario", "Equipo", "Caso", "Suscriptor", "Desde", "Paso"):
        table.add_column(column, overflow="fold")
    for row in rows[:_SHOWN]:
        step = f"{row['paso']}  {row['titulo']}" if row["paso"] else "comienza"
        what = "consulta lo que está en duda" if row["estado"] == "en_duda" else step
        if archivo.is_dead(row["id"], row["trabajador"]):
            what = f"se interrumpió en: {step}"
        who = row["usuario"] if row["estado"] == "en_curso" else "—"
        machine = machine_of(row["trabajador"])
        table.add_row(who or "—", machine, row["id"], row["codigo"], _clock(row["cambiado"]), what)
    console.print(table)
    _more(console, len(rows) - _SHOWN)


def _show_waiting(console: Console, number: int, rows: Sequence[cases.Row]) -> None:
    if not rows:
        return
    table = Table(title="Esperan otro intento", title_justify="left")
    for column in ("Caso", "Suscriptor", "No antes de", "Tomas", "Por qué"):
        table.add_column(column, overflow="fold", justify="right" if column == "Tomas" else "left")
    for row in rows:
        table.add_row(row["id"], row["codigo"], _clock(row["disponible"]), str(row["intentos"]), row["motivo"])
    console.print(table)
    _more(console, number - len(rows))


def _show_doubts(console: Console, doubts: Sequence[decision.Doubt]) -> None:
    if not doubts:
        return
    table = Table(title="En duda", title_justify="left")
    for column in ("Caso", "Suscriptor", "Documento", "Próxima consulta"):
        table.add_column(column, overflow="fold")
    now = datetime.now(UTC)
    for doubt in doubts[:_SHOWN]:
        due = "la decide una persona: serviweb dudas"
        if doubt.due:
            due = _clock(doubt.due.isoformat()) if doubt.due > now else "apenas haya quien trabaje la cola"
        table.add_row(doubt.caso.id, doubt.caso.codigo, _DOCUMENT.get(doubt.kind, doubt.kind), due)
    console.print(table)
    _more(console, len(doubts) - _SHOWN)


def _show_users(console: Console, archivo: Archivo, rows: Sequence[cases.Row]) -> None:
    ours, here = this_host(archivo.settings), is_worked_here(archivo.settings)
    for row in rows:
        of_queue = row["trabajador"] and row["trabajador"].startswith(ours) and is_queue_worker(row["trabajador"])
        if row["bloqueado"]:
            told = f"El usuario {row['usuario']} no se usa desde {_clock(row['bloqueado'])}: falló su contraseña"
            console.print(Text(f"{told} {row['fallos']} veces.", style="bold yellow"), soft_wrap=True)
            console.print(f"  Cuando la haya corregido: serviweb cola desbloquear {row['usuario']}")
        elif (
            row["trabajador"]
            and (here or not of_queue)
            and datetime.fromisoformat(row["vence_arriendo"]) > datetime.now(UTC)
        ):
            whose = "la cola" if is_queue_worker(row["trabajador"]) else "una persona"
            console.print(f"Usuario {row['usuario']}: lo usa {whose} en el equipo {machine_of(row['trabajador'])}.")


def _more(console: Console, number: int) -> None:
    if number > 0:
        console.print(f"… y {number} más", style="dim")


def _clock(moment: str) -> str:
    """Return a moment of the tables as people say it: the hour alone when it is today."""
    there, now = datetime.fromisoformat(moment).astimezone(BOGOTA), datetime.now(BOGOTA)
    return f"{there:%H:%M:%S}" if there.date() == now.date() else f"{there:%d/%m/%Y} {hora(there)}"


def show_session(console: Console, foto: Foto) -> None:
    """Print what this run of the queue did: how many, how long, and why some didn't come through."""
    minutes = (foto.cuando - foto.desde).total_seconds() / 60
    ended = "ningún caso" if not foto.atendidos else "1 caso" if foto.atendidos == 1 else f"{foto.atendidos} casos"
    console.print(f"Esta vez: {ended} en {minutes:.1f} min.".replace(".", ",", 1))
    for reason, count in foto.fallos:
        console.print(f"  {count} × {reason}", soft_wrap=True, markup=False)
