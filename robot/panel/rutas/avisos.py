"""Notices: how many are new, what wants somebody, and messages that did not get out."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from robot.errors import Rejected
from robot.panel.acceso import Asesor, ElPanel, Supervisor, anotar, may
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page
from robot.records.store import avisos, envios
from robot.records.store.personas import Persona
from robot.work.mensajeria import destinos

router = APIRouter(route_class=Formulario)
_MOST_SHOWN = 99


def _only(persona: Persona) -> str | None:
    """Return to whose cases somebody's notices are limited."""
    return None if may(persona, "supervisor") else persona.usuario


@router.get("/avisos/cuenta")
def cuenta(panel: ElPanel, persona: Asesor) -> Response:
    """Return how many living notices somebody hasn't seen; nothing for none."""
    number = avisos.unseen(panel.store, persona.usuario, asesor=_only(persona))
    told = f"{min(number, _MOST_SHOWN)}{'+' if number > _MOST_SHOWN else ''}" if number else ""
    return HTMLResponse(f'{told}<span class="oculto"> sin ver</span>' if told else "")


@router.get("/avisos")
def lista(request: Request, panel: ElPanel, persona: Asesor) -> Response:
    """Show the notices; to a supervisor also the messages that did not get out."""
    rows = avisos.listing(panel.store, persona.usuario, asesor=_only(persona))
    trouble = _trouble(panel) if may(persona, "supervisor") else []
    anotar(request, "avisos_ver")
    return page(
        request,
        "avisos.html",
        vivos=[row for row in rows if row["resuelto"] is None],
        pasados=[row for row in rows if row["resuelto"] is not None],
        hasta=max((int(row["id"]) for row in rows), default=0),
        nuevos=any(row["nuevo"] and row["resuelto"] is None for row in rows),
        mensajes=trouble,
        destinos=[one.nombre for one in destinos(panel.settings, panel.boveda)],
    )


def _trouble(panel: Panel) -> list[dict[str, Any]]:
    """Return the messages in trouble as the page shows them."""
    names = {one.huella: one.nombre for one in destinos(panel.settings, panel.boveda)}
    found = []
    for row in envios.in_trouble(panel.store):
        body = json.loads(row["cuerpo"])
        webhook = row["canal"] == "gancho"
        what = f"{body['type']} · {body['data']['caso']}" if webhook else body["titulo"]
        where = f"Gancho {row['destino']}" if webhook else names.get(row["destino"], "una dirección que ya no está")
        found.append({**row, "que": what, "donde": where})
    return found


@router.post("/avisos/vistos")
def vistos(request: Request, panel: ElPanel, persona: Asesor, hasta: Annotated[int, Form(ge=0)]) -> Response:
    """Note that somebody has seen the notices up to the last one of their page."""
    avisos.look(panel.store, persona.usuario, hasta)
    return ir_a(request, "/avisos")


@router.post("/avisos/mensajes/{envio}/reenviar")
def reenviar(request: Request, panel: ElPanel, _persona: Supervisor, envio: int) -> Response:
    """Let a message that did not get out, or may not have, be sent again."""
    if envios.send_again(panel.store, envio) is None:
        raise Rejected("Ese mensaje ya se está enviando, o ya llegó", remedy="Cargue la página de nuevo.")
    anotar(request, "mensaje_reenviar", envio=envio)
    return ir_a(request, "/avisos")
