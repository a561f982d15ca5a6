"""The command `serviweb recuperar`: out of quarantine, with a person's name and reason."""

from __future__ import annotations

import asyncio
import getpass
import json as jsonlib
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from robot.console import print_json
from robot.errors import Quarantined, Rejected, RobotError, SettingsError
from robot.office import settings_and_map, worker_on
from robot.records.caso import NOMBRE_ESTADO
from robot.records.store import cases
from robot.records.store.cases import Row
from robot.settings import Settings, load
from robot.work import cuarentena, recuperacion
from robot.work.archivo import Archivo, archivo_of
from robot.work.cola import only_one_process
from robot.work.recuperacion import Found, Problem, Who


def recuperar(*, persona: str, motivo: str, aparte: Sequence[str], json: bool) -> int:
    """Take over what the folders know, look up what isn't finished, and with a reason lift the quarantine."""
    settings = load()
    who = Who(persona=persona.strip() or getpass.getuser(), motivo=motivo.strip())
    console = Console(stderr=True, quiet=json, highlight=False)
    with only_one_process(settings), archivo_of(settings) as archivo:
        if not _needed(archivo):
            return _nothing(json=json)
        with console.status("Comparando carpetas y base de datos…") as status:
            found = recuperacion.recover(archivo, who, lambda case: status.update(f"Recuperando {case}…"))
        apart = _apart(found.problems, aparte, who)
        looked = _look_up(settings, archivo, console)
        left = [problem for problem in found.problems if problem not in apart]
        others: list[str] = []
        lifted = bool(who.motivo) and not left
        if lifted:
            recuperacion.set_apart(archivo, apart)
            others = cuarentena.lift(archivo, _record(who, found, apart))
        rows = [cases.case(archivo.store, taken.caso) for taken in found.taken]
        doubts = list(dict.fromkeys(str(row["id"]) for row in cases.doubts(archivo.store)))
    if json:
        print_json(_as_dict(found, rows, looked, doubts, lifted=lifted and not others, others=others))
    else:
        out = Console(highlight=False)
        _show(out, found, rows, looked)
        _show_end(out, left, doubts, others, lifted=lifted)
    return 0 if lifted and not others else Quarantined.exit_code


def _needed(archivo: Archivo) -> bool:
    """Say whether there is anything to recover; then the installation is in quarantine from here on."""
    try:
        cuarentena.check(archivo, folders=True)
    except Quarantined:
        return True
    return False


def _nothing(*, json: bool) -> int:
    if json:
        print_json({"casos": [], "problemas": [], "cuarentena": False, "error": None})
    else:
        Console(highlight=False).print("No hay nada que recuperar: la base de datos sabe lo mismo que las carpetas.")
    return 0


def _apart(problems: Sequence[Problem], names: Sequence[str], who: Who) -> list[Problem]:
    """Return the problems that a person sets apart by name. Raises `Rejected` for a name that is none."""
    wanted = {name.strip().upper() for name in names}
    if strange := wanted - {problem.caso for problem in problems}:
        raise Rejected(
            f"No hay nada que apartar en {', '.join(sorted(strange))}: no son casos con problema",
            remedy="Vea la lista con «serviweb recuperar».",
        )
    if wanted and not who.motivo:
        raise Rejected("Para apartar un caso hace falta el motivo", remedy="Indíquelo con --motivo.")
    return [problem for problem in problems if problem.caso in wanted]


def _look_up(settings: Settings, archivo: Archivo, console: Console) -> dict[str, str]:
    """Look up what is in doubt where Serviweb answers; return what came of each case."""
    try:
        _, maps = settings_and_map()
    except SettingsError as error:
        console.print(f"No se consulta a Serviweb: {error.reason}", style="yellow", soft_wrap=True)
        return {}
    doubtful = recuperacion.in_doubt(archivo, maps)
    if not doubtful or not settings.espera_consulta_segundos:
        return {}

    async def work() -> dict[str, str]:
        said: dict[str, str] = {}
        async with worker_on(archivo, maps) as worker:
            for caso in doubtful:
                console.print(f"Consultando {caso.id} en Serviweb…")
                said[caso.id] = await recuperacion.look(archivo, worker, caso)
        return said

    try:
        return asyncio.run(work())
    except RobotError as error:
        console.print(f"No se pudo consultar a Serviweb: {error.reason}", style="yellow", soft_wrap=True)
        return {}


def _record(who: Who, found: Found, apart: Sequence[Problem]) -> str:
    """Return what the database keeps of the lifting."""
    kept = {
        "persona": who.persona,
        "motivo": who.motivo,
        "casos": [taken.caso for taken in found.taken],
        "apartados": [problem.caso for problem in apart],
    }
    return jsonlib.dumps(kept, ensure_ascii=False)


def _as_dict(
    found: Found, rows: Sequence[Row], looked: dict[str, str], doubts: list[str], *, lifted: bool, others: list[str]
) -> dict[str, Any]:
    taken = [
        {
            "caso": one.caso,
            "codigo": one.codigo,
            "nuevo": one.nuevo,
            "entradas": one.entradas,
            "estado": row["estado"],
            "motivo": row["motivo"] or None,
            "consulta": looked.get(one.caso),
        }
        for one, row in zip(found.taken, rows, strict=True)
    ]
    return {
        "casos": taken,
        "problemas": [{"caso": problem.caso, "mensaje": problem.mensaje} for problem in found.problems],
        "en_duda": doubts,
        "cuarentena": not lifted,
        "otros_equipos": others,
        "error": None,
    }


def _show(console: Console, found: Found, rows: Sequence[Row], looked: dict[str, str]) -> None:
    if not found.taken:
        console.print("Ya no queda nada por pasar de las carpetas a la base de datos.")
        return
    table = Table(title="Casos recuperados de sus carpetas", title_justify="left")
    for column in ("Caso", "Suscriptor", "En la base", "Entradas", "Estado", "Consulta en Serviweb"):
        table.add_column(column, overflow="fold", justify="right" if column == "Entradas" else "left")
    for one, row in zip(found.taken, rows, strict=True):
        name = f"{one.codigo} {row['suscriptor']}".strip()
        estado = NOMBRE_ESTADO[row["estado"]]
        known = "no estaba" if one.nuevo else "atrasado"
        table.add_row(one.caso, name, known, str(one.entradas), estado, looked.get(one.caso, "—"))
    console.print(table)


def _show_end(
    console: Console, left: Sequence[Problem], doubts: Sequence[str], others: Sequence[str], *, lifted: bool
) -> None:
    """Say what is in doubt, what could not be taken over, and what to do next."""
    if doubts:
        console.print(f"En duda: {', '.join(doubts)}. Vea «serviweb dudas»; no se repiten.", soft_wrap=True)
    for problem in left:
        console.print(f"{problem.caso}: {problem.mensaje}", style="bold red", soft_wrap=True)
    if left:
        console.print(
            "La cuarentena sigue. Ponga una copia buena del diario en la carpeta del caso y repita. Si no la hay, mire "
            "en Serviweb qué tiene ese suscriptor y aparte el caso: queda incompleto y el robot no vuelve a facturarle."
            f"\n  serviweb recuperar --aparte {left[0].caso} --motivo «…»",
            soft_wrap=True,
        )
    elif not lifted:
        console.print(
            "La cuarentena sigue hasta que una persona la levante. Revise la lista y luego:\n"
            "  serviweb recuperar --motivo «por qué se restauró la copia»",
            soft_wrap=True,
        )
    elif others:
        console.print(
            f"En este equipo ya no falta nada. La cuarentena sigue: ejecute «serviweb recuperar» también en "
            f"{', '.join(others)}.",
            soft_wrap=True,
        )
    else:
        console.print("Se levantó la cuarentena. Para seguir: serviweb cola trabajar", style="bold green")
