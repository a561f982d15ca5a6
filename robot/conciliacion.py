"""The command `serviweb conciliar`: what our cases of a day say, beside what Serviweb lists."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from robot.browser.maps import Map
from robot.browser.session import browser_of
from robot.console import near, print_json
from robot.errors import Rejected
from robot.office import settings_and_map
from robot.records.conciliacion import CLASES, TIPOS, Diferencia, Nuestro, diferencias
from robot.records.conciliado import escribir
from robot.revision import past_day
from robot.settings import BOGOTA, Settings
from robot.text import in_pesos
from robot.work.archivo import Archivo, archivo_of
from robot.work.conciliar import Leido, del_dia, leer, owners
from robot.work.usuarios import turno_de

DIFFERENT = 12
"""Exit code: there are differences, or a subscriber could not be read."""


def conciliar(dia: str, *, json: bool) -> int:
    """Compare a day's cases with Serviweb's lists, today's if none is given."""
    settings, maps = settings_and_map()
    now = datetime.now(BOGOTA)
    day = past_day(dia, now)
    if "consulta" not in maps.screens:
        raise Rejected(
            f"El mapa «{maps.name}» no tiene las consultas de Serviweb (consulta.toml): no hay con qué comparar",
            remedy="Si Serviweb las tiene, pida que se agreguen al mapa; mientras tanto, compare a mano.",
        )
    console = Console(stderr=True, quiet=json, highlight=False)
    with archivo_of(settings) as archivo:
        codes, documents = del_dia(archivo.store, day)
        leido = asyncio.run(_read(settings, maps, archivo, codes, console)) if codes else Leido()
        ours = Nuestro(productos=settings.productos, causal=settings.causal)
        found = diferencias(documents, leido.listas, day, ours, owners(archivo.store, leido))
    files = escribir(found, settings.informes / day.isoformat())
    if json:
        print_json(_as_dict(day, codes, len(documents), found, leido, files))
    else:
        _show(Console(highlight=False), day, codes, len(documents), found, leido, files)
    return DIFFERENT if found or leido.sin_leer else 0


async def _read(settings: Settings, maps: Map, archivo: Archivo, codes: Sequence[str], console: Console) -> Leido:
    with console.status("Entrando a Serviweb…") as status:
        async with turno_de(archivo), browser_of(settings) as browser:
            return await leer(
                settings,
                maps,
                browser,
                codes,
                lambda code: status.update(f"Consultando el suscriptor {code} ({codes.index(code) + 1}/{len(codes)})…"),
            )


def _as_dict(
    day: date, codes: Sequence[str], documents: int, found: Sequence[Diferencia], leido: Leido, files: tuple[Path, Path]
) -> dict[str, object]:
    return {
        "dia": day.isoformat(),
        "suscriptores": len(codes),
        "documentos": documents,
        "diferencias": [asdict(one) for one in found],
        "sin_leer": leido.sin_leer,
        "csv": str(files[0]),
        "libro": str(files[1]),
        "error": None,
    }


def _show(
    console: Console,
    day: date,
    codes: Sequence[str],
    documents: int,
    found: Sequence[Diferencia],
    leido: Leido,
    files: tuple[Path, Path],
) -> None:
    counted = f"{_many(len(codes), 'suscriptor', 'suscriptores')}, {_many(documents, 'documento', 'documentos')}"
    if not codes:
        console.print(f"{day:%d/%m/%Y}: ningún caso ese día; no hay qué conciliar.")
        return
    if found:
        console.print(_table(day, found))
        for que_hacer, numbers in _advice(found).items():
            console.print(f"  {', '.join(numbers)}: {que_hacer}", soft_wrap=True)
    for codigo, reason in leido.sin_leer.items():
        console.print(f"No se pudo consultar el suscriptor {codigo}: {reason}", style="yellow", soft_wrap=True)
    kinds = Counter[str](one.clase for one in found)
    said = ", ".join(f"{name[:1].lower()}{name[1:]}: {kinds[kind]}" for kind, name in CLASES.items() if kinds[kind])
    if found:
        console.print(f"\n{day:%d/%m/%Y}: {counted}. Diferencias: {len(found)} ({said}).", style="bold red")
    elif leido.sin_leer:
        console.print(f"{day:%d/%m/%Y}: {counted}. Sin diferencias en lo que se pudo consultar.", style="bold yellow")
    else:
        console.print(f"{day:%d/%m/%Y}: {counted}. Serviweb y el robot dicen lo mismo.", style="bold green")
    console.print(f"Archivos: {near(files[0])}\n          {near(files[1])}", soft_wrap=True)


def _table(day: date, found: Sequence[Diferencia]) -> Table:
    table = Table(title=f"Diferencias con Serviweb, {day:%d/%m/%Y}", title_justify="left")
    for column in ("Diferencia", "Documento", "Número", "Suscriptor", "Caso", "Valor", "Qué pasa"):
        table.add_column(column, overflow="fold", justify="right" if column == "Valor" else "left")
    for one in found:
        value = in_pesos(one.valor) if one.valor is not None else "—"
        words = (CLASES[one.clase], TIPOS[one.tipo], one.numero, one.codigo, one.caso or "—", value, one.detalle)
        table.add_row(*words)
    return table


def _advice(found: Sequence[Diferencia]) -> dict[str, list[str]]:
    """Return what to do, each once, with the numbers it is for."""
    advice: dict[str, list[str]] = {}
    for one in found:
        advice.setdefault(one.que_hacer, []).append(one.numero)
    return advice


def _many(count: int, one: str, more: str) -> str:
    return f"1 {one}" if count == 1 else f"{count} {more}"
