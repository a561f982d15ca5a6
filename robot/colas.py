"""What the commands `serviweb cola …` do: load a file, work the queue, show it, pause it, cancel a case."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from rich.console import Console

from robot.browser.maps import Map
from robot.browser.session import browser_of
from robot.consola_cola import ColaEnVivo
from robot.console import near, print_json, progress_bar, report_as_dict, show_errors_file, show_problems
from robot.errors import Rejected, SettingsError
from robot.estado_cola import show_session, show_state
from robot.office import settings_and_map
from robot.records.carga import LoadResult, load_file
from robot.records.intake import GoodRow
from robot.records.planilla import write_template
from robot.records.solicitud import Formats
from robot.records.store import cases, leases, requests
from robot.records.tabla import file_digest
from robot.settings import load
from robot.work import asistido, cuarentena
from robot.work.archivo import Archivo, archivo_of
from robot.work.cola import Cola
from robot.work.expediente import find_row
from robot.work.navegador import Navegador
from robot.work.seguir import held_back
from robot.work.senales import Stop, escuchar, mientras_viva
from robot.work.sitio import Sitio
from robot.work.tablero import Tablero
from robot.work.visita import visitar

_BATCH = 500


def plantilla(path: Path) -> int:
    """Write an empty file of requests with its columns explained."""
    Console(highlight=False).print(f"Plantilla: {near(write_template(path))}", soft_wrap=True)
    return 0


def cargar(path: Path, *, todo_o_nada: bool, json: bool) -> int:
    """Put a file's good rows into the queue and write the others to its errors file."""
    settings = load()
    formats = Formats(codigo=settings.patron_codigo, ruta=settings.patron_ruta)
    console = Console(stderr=True, quiet=json, highlight=False)
    with archivo_of(settings) as archivo:
        cuarentena.check(archivo)  # an old copy of the database would take what was done already for new
        digest = file_digest(path)
        lot = requests.open_lot(archivo.store, path.name, digest, getpass.getuser())
        with progress_bar(console) as bar:
            task = bar.add_task("Leyendo", total=None)
            loaded = load_file(
                path,
                formats,
                lambda rows: _take(archivo, lot, rows, todo_o_nada=todo_o_nada),
                all_or_nothing=todo_o_nada,
                batch_size=_BATCH,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    if json:
        print_json(_as_dict(lot, loaded))
    else:
        _show_loaded(Console(highlight=False), lot, loaded)
    return Rejected.exit_code if loaded.con_error else 0


def _take(archivo: Archivo, lot: str, rows: list[GoodRow], *, todo_o_nada: bool) -> list[requests.Taken]:
    days = archivo.settings.dias_duplicado
    batch = requests.Batch(lote=lot, asesor=getpass.getuser(), dias_duplicado=days, todo_o_nada=todo_o_nada)
    new = [requests.NewCase(solicitud=row.solicitud, fila=row.number) for row in rows]
    return requests.take(archivo.store, new, batch)


def _as_dict(lot: str, loaded: LoadResult) -> dict[str, Any]:
    return {
        "lote": lot,
        "leidas": loaded.leidas,
        "nuevas": loaded.nuevas,
        "ya_atendidas": loaded.ya_atendidas,
        "con_error": loaded.con_error,
        **report_as_dict(loaded),
    }


def _show_loaded(console: Console, lot: str, loaded: LoadResult) -> None:
    console.print(
        f"Lote {lot}: {loaded.nuevas} en cola, {loaded.ya_atendidas} ya atendidas, {loaded.con_error} con error "
        f"(de {loaded.leidas} filas)."
    )
    show_problems(console, loaded)
    show_errors_file(console, loaded)
    if loaded.nuevas:
        console.print("Para trabajarlas: serviweb cola trabajar")


def trabajar(*, trabajadores: int, seguir: bool, visible: bool, con_panel: bool = False) -> int:
    """Work the queue until nothing is left to do; *con_panel*: or until whoever began it closes our standard input."""
    settings, maps = settings_and_map(visible=visible or None)
    users = settings.usuarios or (settings.usuario,)
    if trabajadores > len(users):
        raise SettingsError(
            f"Para {trabajadores} trabajadores hacen falta {trabajadores} usuarios de Serviweb; hay {len(users)}",
            remedy="Defina SERVIWEB_USUARIOS con un usuario por trabajador, separados por «|», y sus contraseñas.",
        )
    console = Console(stderr=True, highlight=False)
    tablero = Tablero(ahora=lambda: datetime.now(UTC))

    async def work() -> int:
        stop = Stop()
        with archivo_of(settings) as archivo, escuchar(stop, tablero.deteniendo), ColaEnVivo(console, tablero):
            if con_panel:
                mientras_viva(0, stop, tablero.deteniendo)
            async with Navegador(lambda: browser_of(settings)) as navegador:
                revisa = partial(_revisa, maps) if settings.revisar_antes else None
                cola = Cola(settings, maps, navegador, archivo.store, stop, tablero, stay=seguir, revisa=revisa)
                await cola.work(users[:trabajadores] if trabajadores else users)
        return 0 if stop.may_begin else 130

    with archivo_of(settings) as archivo:
        cuarentena.check(archivo, folders=True)
        asistido.check_queue(archivo.store, maps, settings)
        if why := held_back(archivo):  # else whoever started it sees nothing happen
            console.print(f"Todavía no comienza ningún caso: {why}.", soft_wrap=True)
    try:
        return asyncio.run(work())
    finally:  # also when one of the workers was refused: the others may have done a lot
        with archivo_of(settings) as archivo:
            show_session(Console(highlight=False), tablero.foto())
            show_state(Console(highlight=False), archivo)


async def _revisa(maps: Map, archivo: Archivo, browser: Browser) -> tuple[Path, Mapping[str, Any]]:
    return await visitar(archivo, maps, browser)


def pausar(*, motivo: str) -> int:
    """Let no further case begin, on any machine."""
    return _switch(on=True, motivo=motivo)


def reanudar() -> int:
    """Let cases begin again: a person says that Serviweb answers, and that its screens are what the map says."""
    return _switch(on=False)


def _switch(*, on: bool, motivo: str = "") -> int:
    with archivo_of(load()) as archivo:
        if on:
            cases.switch_on(archivo.store, cases.PAUSE, getpass.getuser(), motivo)
        else:
            Sitio.de(archivo.store, archivo.settings).reanuda()
    said = "Cola en pausa: no comienza ningún caso más." if on else "La cola sigue."
    Console(highlight=False).print(said)
    return 0


def cancelar(name: str) -> int:
    """Cancel a case: one in the queue at once, one that runs before its next document."""
    with archivo_of(load()) as archivo:
        mark = str(find_row(archivo, name)["id"])
        state = cases.request_cancel(archivo.store, mark, getpass.getuser())
    said = "cancelado" if state == "cancelado" else "se cancela antes de guardar su próximo documento"
    Console(highlight=False).print(f"Caso {mark}: {said}.")
    return 0


def desbloquear(user: str) -> int:
    """Let a Serviweb user be tried again: a person has put its password right."""
    with archivo_of(load()) as archivo:
        leases.login_worked(archivo.store, user)
    Console(highlight=False).print(f"El robot vuelve a usar a {user}.")
    return 0
