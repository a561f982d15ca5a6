"""What a supervisor takes away from a day: the report and the planilla, as the database has its cases."""

from __future__ import annotations

import getpass
from datetime import date, datetime

from rich.console import Console

from robot.console import near, print_json
from robot.errors import Rejected
from robot.records.informe import Pie, escribir_informe, por_estado
from robot.records.journal import FILE
from robot.records.linea import del_dia, radicadas
from robot.records.planilla_entrega import cadena, escribir_planilla
from robot.records.report import PAGE, case_page
from robot.records.solicitud import parse_date
from robot.settings import BOGOTA, load
from robot.work.archivo import archivo_of
from robot.work.dia import lineas, mostradas


def informe(dia: str, *, json: bool) -> int:
    """Write the report and the workbook of a day; today's if none is given."""
    settings = load()
    now = datetime.now(BOGOTA)
    day = past_day(dia, now)
    with archivo_of(settings) as archivo:
        lines, altered = lineas(archivo, day, now)
    of_the_day, unshown = mostradas(del_dia(lines, day, now))
    for line in of_the_day:
        if line.carpeta and (line.carpeta / FILE).exists() and not (line.carpeta / PAGE).exists():
            case_page(line.carpeta)
    pie = Pie(horas=settings.horas_reconexion, dias=settings.dias_pqr, alterados=altered, sin_mostrar=unshown)
    page, book = escribir_informe(of_the_day, settings.informes / day.isoformat(), day, now, pie)
    late = sum(line.vencida(now) for line in of_the_day)
    if json:
        print_json(
            {
                "dia": day.isoformat(),
                "casos": len(of_the_day),
                "por_estado": {part.nombre: part.cuantos for part in por_estado(of_the_day)},
                "vencidos": late,
                "en_cola_sin_mostrar": unshown,
                "alterados": altered,
                "pagina": str(page),
                "libro": str(book),
                "error": None,
            }
        )
        return 0
    console = Console(highlight=False)
    _warn(altered)
    count = "1 caso" if len(of_the_day) == 1 else f"{len(of_the_day)} casos"
    states = ", ".join(f"{part.nombre.lower()} {part.cuantos}" for part in por_estado(of_the_day))
    console.print(f"{day:%d/%m/%Y}: {count}{f' ({states})' if states else ''}; vencidos: {late}", soft_wrap=True)
    if unshown:
        console.print(f"Y {unshown} casos más en la cola, sin comenzar: «serviweb cola estado».")
    console.print(f"Informe: {near(page)}\nLibro:   {near(book)}", soft_wrap=True)
    return 0


def planilla(dia: str, *, json: bool) -> int:
    """Write the planilla de entrega of a day's radicados; today's if none is given."""
    settings = load()
    now = datetime.now(BOGOTA)
    day = past_day(dia, now)
    with archivo_of(settings) as archivo:
        lines, altered = lineas(archivo, day, now)
    filed = radicadas(lines, day)
    file = settings.informes / day.isoformat() / "planilla.pdf"
    escribir_planilla(filed, file, day, now, asesor=getpass.getuser())
    if json:
        heads = {"huella": cadena(filed) if filed else None, "alterados": altered}
        numbers = [line.radicado for line in filed]
        print_json({"dia": day.isoformat(), "radicados": numbers, **heads, "archivo": str(file), "error": None})
        return 0
    console = Console(highlight=False)
    _warn(altered)
    count = {0: "ningún radicado", 1: "1 radicado"}.get(len(filed), f"{len(filed)} radicados")
    console.print(f"{day:%d/%m/%Y}: {count}\nPlanilla: {near(file)}", soft_wrap=True)
    return 0


def past_day(text: str, now: datetime) -> date:
    """Return the day that a person names, today without one. Raises `Rejected` for one in the future."""
    day = parse_date(text) if text else now.date()
    if day > now.date():
        raise Rejected(f"{day:%d/%m/%Y} está en el futuro", remedy="Indique un día hasta hoy, como dd/mm/aaaa.")
    return day


def _warn(altered: list[str]) -> None:
    if altered:
        text = (
            f"Atención: el diario en la carpeta de {', '.join(altered)} no es el de la base de datos, que es el que se "
            "muestra. Use «serviweb auditoria» y avise a quien administra el robot."
        )
        Console(stderr=True, highlight=False).print(text, style="yellow", soft_wrap=True)
