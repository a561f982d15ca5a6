"""The legal clocks: reconnect before, answer before; what is overdue in front."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Request, Response

from robot.panel.acceso import ElPanel, Supervisor, anotar
from robot.panel.bajar import CSV, XLSX, bajar
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page
from robot.panel.rutas.casos import MOST, linea_de_lista
from robot.records.plazos import FUENTE_PQR, FUENTE_RECONEXION
from robot.records.resultados import escribir_csv, escribir_xlsx
from robot.records.solicitud import parse_date
from robot.records.store import listado
from robot.records.store import relojes as guardados
from robot.settings import BOGOTA
from robot.work import relojes
from robot.work.relojes import KINDS, Que

router = APIRouter(route_class=Formulario)
ROWS: Final = 50


@router.get("/plazos")
def plazos(
    request: Request,
    panel: ElPanel,
    _persona: Supervisor,
    que: Literal["", "reconectar", "responder"] = "",
    despues: str = "",
) -> Response:
    """Show the clocks of one kind, or the first of both."""
    now, settings, store = datetime.now(UTC), panel.settings, panel.store
    kinds: tuple[Que, ...] = (que,) if que else KINDS
    found = [one for kind in kinds for one in relojes.lista(store, settings, kind, after=despues, limit=ROWS + 1)]
    found.sort(key=lambda one: (one.plazo.vence, one.fila["id"]))
    shown = found[:ROWS]
    soon = timedelta(hours=settings.aviso_plazo_horas)
    numbers = listado.documents(store, [one.fila["id"] for one in shown])
    anotar(request, "plazos", que=que or "todos", filas=len(shown))
    return page(
        request,
        "plazos.html",
        relojes=[(one, one.tono(now, soon), numbers.get(one.fila["id"], {})) for one in shown],
        que=que,
        ahora=now,
        hoy=now.astimezone(BOGOTA).date().isoformat(),
        siguiente=shown[-1].cursor if que and len(found) > ROWS else "",
        hay_mas=len(found) > ROWS,
        despues=despues,
        cuentas={kind: relojes.cuenta(store, settings, kind, now) for kind in KINDS},
        fuentes={
            "reconectar": FUENTE_RECONEXION.format(horas=f"{settings.horas_reconexion:g}"),
            "responder": FUENTE_PQR.format(dias=settings.dias_pqr),
        },
        aviso_horas=settings.aviso_plazo_horas,
    )


@router.get("/plazos/exportar/{tipo}")
def exportar(
    request: Request,
    panel: ElPanel,
    _persona: Supervisor,
    tipo: Literal["csv", "xlsx"],
    que: Literal["", "reconectar", "responder"] = "",
) -> Response:
    """Send the clocks as a sheet, by due time."""
    kinds: tuple[Que, ...] = (que,) if que else KINDS
    found = [one for kind in kinds for one in relojes.todos(panel.store, panel.settings, kind, MOST)]
    found.sort(key=lambda one: (one.plazo.vence, one.fila["id"]))
    numbers = listado.documents(panel.store, [one.fila["id"] for one in found])
    lines = [linea_de_lista(one.fila, numbers.get(one.fila["id"], {}), **{one.que: one.plazo.vence}) for one in found]
    anotar(request, "exportacion", lista="plazos", que=que or "todos", formato=tipo, filas=len(lines))
    write: Any = escribir_csv if tipo == "csv" else escribir_xlsx
    name = f"plazos-{datetime.now(BOGOTA):%Y-%m-%d-%H%M}.{tipo}"
    return bajar(panel, CSV if tipo == "csv" else XLSX, lambda folder: write(lines, folder / name))


@router.post("/plazos/{caso}/respondido")
def respondido(
    request: Request,
    panel: ElPanel,
    _persona: Supervisor,
    caso: str,
    fecha: Annotated[str, Form()] = "",
    como: Annotated[str, Form()] = "",
    vuelve: Annotated[str, Form()] = "",
) -> Response:
    """Take that the petition of a case was answered; what says so is the audit journal."""
    today = datetime.now(BOGOTA).date()
    day: date = parse_date(fecha)
    filed = relojes.respondido(panel.store, caso, fecha=day, como=como, hoy=today)
    anotar(
        request, "peticion_respondida", caso, fecha=day.isoformat(), como=" ".join(como.split())[:200], radicado=filed
    )
    return ir_a(request, "/plazos?que=responder" if vuelve == "responder" else "/plazos")


@router.post("/plazos/{caso}/sin-responder")
def sin_responder(request: Request, panel: ElPanel, _persona: Supervisor, caso: str) -> Response:
    """Let the clock run again of a petition that was marked by mistake."""
    guardados.unanswered(panel.store, caso)
    anotar(request, "peticion_sin_responder", caso)
    return ir_a(request, "/plazos?que=responder")
