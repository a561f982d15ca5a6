"""What the commands of the doubts do: `dudas`, `resolver`, `cerrar`."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.maps import load as load_map
from robot.console import KIND, LiveSteps, near, print_json, result, show_case
from robot.errors import Rejected
from robot.office import opened, settings_and_map, settle, worker_for
from robot.pagos import show_unattended, unattended
from robot.records.caso import Caso
from robot.records.journal import Listener
from robot.records.report import case_page
from robot.records.solicitud import Solicitud
from robot.records.store import payments
from robot.resources import map_folder
from robot.settings import BOGOTA, load
from robot.work import decision as decisions
from robot.work.archivo import archivo_of
from robot.work.decision import Decision, Doubt
from robot.work.worker import Worker

_FOUND = {
    "encontrado": "encontrado",
    "en_duda": "no se sabe",
    "sin_respuesta": "no se pudo consultar",
    "comprobado": "comprobado",
    "no_comprobado": "no comprobado",
}


def dudas(*, json: bool) -> int:
    """Show every document in doubt, the second ones still to be voided, and the payments that no case waited for."""
    settings = load()
    maps = load_map(map_folder(settings.mapa), REQUIRED, OPTIONAL)
    with archivo_of(settings) as archivo:
        doubts = decisions.doubts(archivo, maps)
        twins = decisions.to_annul(archivo)
        odd = payments.unattended(archivo.store)
    if json:
        por_anular = [{"caso": twin.caso, "codigo": twin.codigo, "numero": twin.numero} for twin in twins]
        told = {"por_anular": por_anular, "pagos_por_atender": [unattended(row) for row in odd]}
        print_json({"dudas": [_as_dict(doubt) for doubt in doubts], **told})
        return 0
    console = Console(highlight=False)
    if not doubts and not twins:
        console.print("No hay casos en duda.")
    if doubts:
        _show(console, doubts)
    for twin in twins:
        console.print(
            f"Por anular en Serviweb: {twin.numero} (caso {twin.caso}). Después: "
            f"serviweb cerrar {twin.caso} --anulada {twin.numero} --motivo …",
            soft_wrap=True,
        )
    if odd:
        show_unattended(console, odd)
    return 0


def _as_dict(doubt: Doubt) -> dict[str, Any]:
    last = doubt.last
    return {
        "caso": doubt.caso.id,
        "codigo": doubt.caso.codigo,
        "suscriptor": doubt.caso.opened.get("suscriptor") or doubt.caso.what(doubt.kind).get("suscriptor"),
        "documento": doubt.kind,
        "desde": doubt.since.isoformat(),
        "consultas": len(doubt.caso.lookups(doubt.kind)),
        "ultima_consulta": last["t"] if last else None,
        "ultimo_resultado": last.get("reason") or last["resultado"] if last else None,
        "proxima_consulta": doubt.due.isoformat() if doubt.due else None,
        "imagen_antes": str(doubt.pictures["antes"]) if "antes" in doubt.pictures else None,
        "imagen_despues": str(doubt.pictures["despues"]) if "despues" in doubt.pictures else None,
    }


def _show(console: Console, doubts: list[Doubt]) -> None:
    table = Table(title="Casos en duda", title_justify="left")
    for column in ("Caso", "Suscriptor", "Documento", "Desde", "Última consulta"):
        table.add_column(column, overflow="fold")
    for doubt in doubts:
        what = _as_dict(doubt)
        last = doubt.last
        said = f"{_clock(datetime.fromisoformat(last['t']))}: {_FOUND[last['resultado']]}" if last else "ninguna"
        name = f"{doubt.caso.codigo} {what['suscriptor'] or ''}".strip()
        table.add_row(doubt.caso.id, name, KIND[doubt.kind], _clock(doubt.since), said)
    console.print(table)
    for doubt in doubts:
        console.print(f"\n{doubt.caso.id}", style="bold")
        if doubt.last and doubt.last.get("reason"):
            console.print(f"  {doubt.last['reason']}", soft_wrap=True)
        for moment, label in (("antes", "Antes de guardar"), ("despues", "Después de guardar")):
            if moment in doubt.pictures:
                console.print(f"  {label}: {near(doubt.pictures[moment])}", soft_wrap=True)
        console.print(
            f"  Búsquelo en Serviweb y luego: serviweb resolver {doubt.caso.id} --existe N --motivo …\n"
            f"  o vuelva a consultar: serviweb continuar {doubt.caso.id}",
            soft_wrap=True,
        )


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(BOGOTA):%d/%m/%Y %H:%M}"


def resolver(
    name: str,
    *,
    existe: str,
    no_existe: bool,
    doble: tuple[str, str] | None,
    conserva: str,
    motivo: str,
    codigo: str,
    confirma: str,
    persona: str,
    json: bool,
) -> int:
    """Record a person's decision about the document in doubt, with the guards of the design."""
    if sum((bool(existe), no_existe, doble is not None)) != 1:
        raise Rejected("Indique una sola decisión", remedy="Use --existe N, --no-existe, o --doble N1 N2 --conserva N.")
    if doble is not None and not conserva:
        raise Rejected("Falta cuál se conserva", remedy="Agregue --conserva con uno de los dos números.")
    decision = Decision(persona=persona.strip() or getpass.getuser(), motivo=_needed(motivo))

    async def decide(worker: Worker, caso: Caso, solicitud: Solicitud, listener: Listener) -> None:
        if existe:
            await decisions.exists(worker, caso, solicitud, existe.strip(), decision, listener=listener)
        elif doble is not None:
            await decisions.double(worker, caso, solicitud, doble, conserva.strip(), decision, listener=listener)
        else:
            await decisions.not_exists(
                worker, caso, solicitud, decision, codigo=codigo, confirma=confirma, listener=listener
            )

    return _decide(name, decide, json=json)


def _needed(motivo: str) -> str:
    if not motivo.strip():
        raise Rejected("Falta el motivo", remedy="Indíquelo con --motivo: queda en el diario del caso.")
    return motivo.strip()


def _decide(name: str, decide: Callable[[Worker, Caso, Solicitud, Listener], Awaitable[None]], *, json: bool) -> int:
    settings, maps = settings_and_map()
    found, solicitud = opened(settings, name)
    caso = found.caso
    settle(settings, found, solicitud)
    decisions.in_doubt(caso)
    settings.password()
    console = Console(stderr=True, quiet=json, highlight=False)

    async def work() -> None:
        async with worker_for(settings, maps) as worker:
            await decide(worker, caso, solicitud, LiveSteps(console))

    try:
        asyncio.run(work())
    finally:
        case_page(caso.folder)
    return _told(caso, json=json)


def cerrar(name: str, *, anulada: list[str], motivo: str, persona: str, json: bool) -> int:
    """Record what was voided in Serviweb, and close the case when nothing of it is left there."""
    settings = load()
    found, solicitud = opened(settings, name)
    caso = found.caso
    settle(settings, found, solicitud)
    numbers = list(dict.fromkeys(number.strip() for number in anulada))
    decision = Decision(persona=persona.strip() or getpass.getuser(), motivo=_needed(motivo))
    with archivo_of(settings) as archivo:
        decisions.close(archivo, caso, solicitud, numbers, decision)
    case_page(caso.folder)
    return _told(caso, json=json)


def _told(caso: Caso, *, json: bool) -> int:
    if json:
        print_json(result(caso))
        return 0
    show_case(Console(highlight=False), caso)
    for number in caso.to_annul():
        Console(highlight=False).print(f"\nPor anular en Serviweb: {number}")
    if caso.estado == "incompleto" and not caso.voided():
        Console(highlight=False).print(f"\nPara seguir: serviweb continuar {caso.id}")
    return 0
