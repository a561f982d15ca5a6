"""What the commands of the payments do: `pago`, `tramite`, `pagos …` (paso 23 and what follows it)."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from robot.aprobacion import asistida
from robot.console import (
    near,
    print_json,
    progress_bar,
    report_as_dict,
    result,
    show_error,
    show_errors_file,
    show_problems,
)
from robot.errors import Rejected, UnexpectedPayment
from robot.office import radicar, settings_and_map
from robot.records.caso import NOMBRE_ESTADO
from robot.records.pagos_archivo import PAYMENTS
from robot.records.planilla import write_template
from robot.records.report import case_page
from robot.records.solicitud import Pago, parse_date
from robot.records.store import payments
from robot.settings import Settings, load
from robot.text import in_pesos, pesos
from robot.work import cuarentena, expediente
from robot.work import pago as rules
from robot.work.apertura import check_room
from robot.work.archivo import Archivo, archivo_of
from robot.work.caja import Loaded, load_payments
from robot.work.pago import Registered


def tramite(
    name: str,
    *,
    recibo: str,
    fecha: str,
    valor: str,
    otro_recibo: str,
    asistido: bool,
    visible: bool,
    json: bool,
) -> int:
    """Record the payment that a person saw, then run the trámite stage."""
    settings, maps = settings_and_map(visible=visible or None)
    seen = _seen(recibo=recibo, fecha=fecha, valor=valor, otro_recibo=otro_recibo)
    settings.password()
    settings, approve = asistida(settings, maps, "tramite", asked=asistido, json=json)
    with archivo_of(settings) as archivo:
        mark, done = _register(settings, archivo, name, seen, release=False)
        caso, estado = expediente.caso_of(archivo, mark), done.caso.estado
        if done.verdict.kind == "inesperado":
            return _raised(archivo, done, seen, json=json)
        if estado != "esperando_pago" and (estado, done.caso.etapa) != ("en_cola", "tramite"):
            raise Rejected(
                f"El pago {seen.recibo} ya estaba registrado y el caso {mark} no espera el trámite: "
                f"{NOMBRE_ESTADO[estado]}",
                remedy=f"Vea «serviweb caso {mark}».",
            )
        solicitud = expediente.request_of(archivo.store, mark)
    return radicar(settings, maps, caso, solicitud, approve=approve, json=json)


def pago(name: str, *, recibo: str, fecha: str, valor: str, otro_recibo: str, json: bool) -> int:
    """Record the payment that a person saw; the queue files the trámite, ahead of the batches and by its due time."""
    settings = load()
    seen = _seen(recibo=recibo, fecha=fecha, valor=valor, otro_recibo=otro_recibo)
    with archivo_of(settings) as archivo:
        mark, done = _register(settings, archivo, name, seen)
        if done.verdict.kind == "inesperado":
            return _raised(archivo, done, seen, json=json)
        if json:
            due = done.vence.isoformat() if done.vence else None
            told = {"pago": done.verdict.kind, "reconectar_antes_de": due}
            print_json({**result(expediente.caso_of(archivo, mark)), **told})
            return 0
    console = Console(highlight=False)
    said = {"nuevo": "registrado", "corregido": "corregido"}.get(done.verdict.kind, "ya estaba registrado")
    due_by = f": reconectar antes del {done.vence:%d/%m/%Y a las %H:%M}" if done.vence else ""
    console.print(f"Pago {seen.recibo} {said} en el caso {mark}{due_by}.", soft_wrap=True)
    if done.vence:
        console.print("El trámite quedó en la cola: serviweb cola trabajar", soft_wrap=True)
    else:
        console.print(f"El caso está {NOMBRE_ESTADO[done.caso.estado]}.", soft_wrap=True)
    return 0


def _seen(*, recibo: str, fecha: str, valor: str, otro_recibo: str) -> Pago:
    try:
        value = pesos(valor) if valor else None
    except ValueError as error:
        raise Rejected(f"valor: {error}", remedy="Escríbalo en pesos, por ejemplo 98.700.") from error
    day = parse_date(fecha)
    return Pago(recibo=recibo, fecha=day, valor=value, otro_recibo=otro_recibo, confirmado_por=getpass.getuser())


def _register(
    settings: Settings, archivo: Archivo, name: str, seen: Pago, *, release: bool = True
) -> tuple[str, Registered]:
    check_room(settings)
    cuarentena.check(archivo)  # an old copy of the database may not know the case, or know it otherwise
    mark = str(expediente.find_row(archivo, name, waiting=True)["id"])
    return mark, rules.register(archivo, mark, seen, release=release)


def _raised(archivo: Archivo, done: Registered, seen: Pago, *, json: bool) -> int:
    """Tell that the payment was recorded and what a person must do; the case page shows it too."""
    error = rules.raised(done.caso, seen, done.verdict)
    caso = expediente.caso_of(archivo, done.caso.caso)
    case_page(caso.folder)
    if json:
        print_json({**result(caso, error), "pago": done.verdict.kind, "reconectar_antes_de": None})
    else:
        show_error(Console(stderr=True), error)
    return error.exit_code


def plantilla(path: Path) -> int:
    """Write an empty file of payments with its columns explained."""
    Console(highlight=False).print(f"Plantilla: {near(write_template(path, PAYMENTS))}", soft_wrap=True)
    return 0


def cargar(path: Path, *, todo_o_nada: bool, json: bool) -> int:
    """Record the payments of the caja's list, and write the rows to correct to its errors file."""
    settings = load()
    check_room(settings)
    err = Console(stderr=True, quiet=json, highlight=False)
    with archivo_of(settings) as archivo, progress_bar(err) as bar:
        cuarentena.check(archivo)
        task = bar.add_task("Leyendo", total=None)
        loaded = load_payments(
            archivo,
            path,
            by=getpass.getuser(),
            all_or_nothing=todo_o_nada,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if json:
        print_json(_loaded(loaded))
    else:
        _show_loaded(Console(highlight=False), loaded)
    if loaded.con_error:
        return Rejected.exit_code
    return UnexpectedPayment.exit_code if loaded.inesperados else 0


_COUNTS = ("leidas", "registrados", "ya_registrados", "de_otros", "inesperados", "con_error")


def _loaded(loaded: Loaded) -> dict[str, Any]:
    return {
        **{name: getattr(loaded, name) for name in _COUNTS},
        **report_as_dict(loaded),
        "por_atender": [{"fila": row, "motivo": why, "que_hacer": what} for row, why, what in loaded.raised],
    }


def _show_loaded(console: Console, loaded: Loaded) -> None:
    console.print(
        f"{_some(loaded.registrados, 'pago registrado', 'pagos registrados')}, {loaded.ya_registrados} ya "
        f"{'registrado' if loaded.ya_registrados == 1 else 'registrados'}, {loaded.de_otros} de otros, "
        f"{loaded.inesperados} por atender, {loaded.con_error} con error (de {_some(loaded.leidas, 'fila', 'filas')}).",
        soft_wrap=True,
    )
    show_problems(console, loaded)
    for row, why, what in loaded.raised:
        console.print(f"Fila {row}: {why}.\n  Qué hacer: {what}", style="bold red", soft_wrap=True, markup=False)
    show_errors_file(console, loaded)
    if loaded.registrados:
        console.print("Los trámites quedaron en la cola: serviweb cola trabajar")


def _some(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def lista(*, json: bool) -> int:
    """Show the payments that a person must look at: no case waited for them, or Serviweb doesn't confirm them."""
    with archivo_of(load()) as archivo:
        odd, unread = payments.unattended(archivo.store), payments.unconfirmed(archivo.store)
    if json:
        print_json({"por_atender": [unattended(row) for row in odd], "sin_confirmar": [_unread(row) for row in unread]})
        return 0
    console = Console(highlight=False)
    if not odd and not unread:
        console.print("No hay pagos por atender, y Serviweb no ha desmentido ninguno.")
    if odd:
        show_unattended(console, odd)
    if unread:
        show_unconfirmed(console, unread)
    return 0


def show_unattended(console: Console, rows: Any) -> None:
    """Print the payments that no case waited for, each with what to do."""
    console.print(_table("Pagos por atender: ningún caso los esperaba", rows))
    for row in rows:
        console.print(f"\n{row['caso']}, recibo {row['recibo']}", style="bold")
        console.print(f"  {row['motivo']}.\n  {row['que_hacer']}", soft_wrap=True)
        console.print(f"  Cuando lo haya atendido: serviweb pagos atender {row['caso']} --motivo …", soft_wrap=True)


def show_unconfirmed(console: Console, rows: Any) -> None:
    """Print the payments that Serviweb, read again, did not show as paid, each with what it showed."""
    console.print(_table("Pagos no confirmados en Serviweb", rows))
    for row in rows:
        console.print(f"\n{row['caso']}, recibo {row['recibo']}", style="bold")
        console.print(f"  {row['confirmado_motivo']}.", soft_wrap=True)
        console.print(
            f"  Compruébelo en la caja; cuando Serviweb lo muestre pagado: "
            f"serviweb pago {row['caso']} --recibo … --fecha …",
            soft_wrap=True,
        )


def _table(title: str, rows: Any) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("Caso", "Suscriptor", "Recibo", "Fecha", "Valor", "Registró"):
        table.add_column(column, overflow="fold", justify="right" if column == "Valor" else "left")
    for row in rows:
        name = f"{row['codigo']} {row['suscriptor']}".strip()
        value = in_pesos(row["valor"]) if row["valor"] is not None else "—"
        table.add_row(row["caso"], name, row["recibo"], _day(row["fecha"]), value, row["registrado_por"])
    return table


def _day(iso: str) -> str:
    return f"{parse_date(iso):%d/%m/%Y}"


def unattended(row: payments.Row) -> dict[str, Any]:
    """Return a payment that no case waited for as `--json` prints it."""
    return {**_paid(row), "motivo": row["motivo"], "que_hacer": row["que_hacer"]}


def _unread(row: payments.Row) -> dict[str, Any]:
    return {**_paid(row), "motivo": row["confirmado_motivo"]}


def _paid(row: payments.Row) -> dict[str, Any]:
    names = ("caso", "codigo", "estado", "recibo", "fecha", "valor", "registrado_por")
    return {**{name: row[name] for name in names}, "suscriptor": row["suscriptor"] or None}


def atender(name: str, *, recibo: str, persona: str, motivo: str, json: bool) -> int:
    """Record that a person attended to a payment that no case waited for."""
    with archivo_of(load()) as archivo:
        mark = str(expediente.find_row(archivo, name)["id"])
        who = persona.strip() or getpass.getuser()
        done = rules.attend(archivo, mark, recibo=recibo, persona=who, motivo=motivo)
        case_page(archivo.settings.casos / mark)
    if json:
        print_json({"caso": mark, "atendidos": done, "error": None})
        return 0
    Console(highlight=False).print(f"Atendido en el caso {mark}: {', '.join(done)}.", soft_wrap=True)
    return 0
