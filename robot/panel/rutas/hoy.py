"""The supervisor's first page: what happened today, and what needs her."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from robot.panel.acceso import ElPanel, Supervisor, anotar
from robot.panel.contexto import Panel
from robot.panel.del_caso import firma
from robot.panel.paginas import page
from robot.panel.palabras import en_pantalla
from robot.records.store import cases, control, encargos, hoy, muestra, payments
from robot.records.store.personas import Persona
from robot.settings import BOGOTA
from robot.work import relojes
from robot.work.sitio import ROBOT, Sitio

router = APIRouter()
_OUTCOMES: Final = ("terminado", "esperando_pago", "rechazado", "fallido", "cancelado")


@router.get("/hoy")
def pagina(request: Request, panel: ElPanel, persona: Supervisor) -> Response:
    """Show the page."""
    anotar(request, "hoy")
    return page(request, "hoy.html", **_facts(panel, persona), parcial=False)


@router.get("/hoy/cifras")
def cifras(request: Request, panel: ElPanel, persona: Supervisor) -> Response:
    """Give its figures anew."""
    return page(request, "_hoy.html", **_facts(panel, persona), parcial=True)


def _facts(panel: Panel, persona: Persona) -> dict[str, Any]:
    store, now = panel.store, datetime.now(UTC)
    today = now.astimezone(BOGOTA).date()
    switches = cases.switches(store)
    ended = hoy.outcomes(store, today)
    pause = switches.get(cases.PAUSE)
    waiting = encargos.waiting_second(store)
    site = Sitio.de(store, panel.settings).circuito() if cases.CIRCUIT in switches else None
    return {
        "hoy": today.isoformat(),
        "ahora": now,
        "creados": hoy.made(store, today),
        "de_hoy": [(estado, ended.get(estado, 0)) for estado in _OUTCOMES],
        "en_duda": hoy.in_state(store, "en_duda"),
        "por_confirmar": sum(not encargos.same_person(firma(persona), row["persona"]) for row in waiting),
        "incompletos": hoy.in_state(store, "incompleto"),
        "esperan": hoy.in_state(store, "esperando_pago"),
        "mas_viejo": hoy.oldest(store, "esperando_pago", "cobro"),
        "en_cola": hoy.in_state(store, "en_cola"),
        "en_curso": hoy.in_state(store, "en_curso"),
        "plazos": {kind: relojes.cuenta(store, panel.settings, kind, now) for kind in relojes.KINDS},
        "por_revisar": muestra.unsigned(store),
        "inesperados": len(payments.unattended(store)),
        "sin_confirmar": len(payments.unconfirmed(store)),
        "pausa": pause,
        "pausa_dicha": en_pantalla(cases.why(pause)) if pause else "",
        "la_puso_el_robot": bool(pause and pause["por"] == ROBOT),
        "desvio": control.kept(store, control.DRIFT).get(control.DRIFT),
        "cuarentena": cases.QUARANTINE in switches,
        "caido": site is not None and site.fase != "cerrado",
        "trabaja": panel.robot.trabaja,
        "aviso_horas": panel.settings.aviso_plazo_horas,
        "mas": hoy.MOST,
    }
