"""A case as it happens: its steps with their pictures, what it waits for, and what to do at its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from robot.errors import Rejected
from robot.panel.acceso import COOKIE, Asesor, ElPanel, anotar, ve_el_caso
from robot.panel.caso_visible import visible_case
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page, render
from robot.panel.palabras import en_pantalla
from robot.records.store import cases, sesiones
from robot.records.store.engine import StoreDownError
from robot.work import cuarentena, seguir
from robot.work.en_vivo import Mirada, Vista, touched
from robot.work.expediente import caso_of
from robot.work.papeles import papers_of

router = APIRouter(route_class=Formulario)
_LOOK_SECONDS: Final = 0.4
_IDLE_SECONDS: Final = 2.0
"""How often a case is looked at that only a person, or a look-up now and then, moves on."""
_SESSION_SECONDS: Final = 20.0


@router.get("/casos/{caso}/en-vivo")
def en_vivo(request: Request, panel: ElPanel, persona: Asesor, caso: str) -> Response:
    """Show the case so far; the rest comes by the stream."""
    mark = str(visible_case(request, caso)["id"])
    anotar(request, "ve_caso", mark)
    vista = Mirada(panel.archivo(persona), mark).look(parado=not panel.robot.trabaja)
    return page(request, "en_vivo.html", **_shown(panel, vista))


@router.get("/casos/{caso}/en-vivo/eventos")
async def eventos(
    request: Request,
    panel: ElPanel,
    persona: Asesor,
    caso: str,
    desde: int = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Stream what is new since the entry *desde* of the journal, or since the last event that the browser has."""
    row = await asyncio.to_thread(visible_case, request, caso)
    since = max(desde, int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else 0)
    mirada = Mirada(panel.archivo(persona), str(row["id"]))
    return EventSourceResponse(_news(request, panel, mirada, since), ping=15)


async def _news(request: Request, panel: Panel, mirada: Mirada, since: int) -> AsyncIterator[ServerSentEvent]:
    """Yield the steps that are new and the situation when it changes; the last event is `fin`."""
    told: tuple[Any, ...] = ()
    asked = time.monotonic()
    while True:
        try:
            vista = await asyncio.to_thread(lambda: mirada.look(parado=not panel.robot.trabaja))
            if time.monotonic() - asked > _SESSION_SECONDS:
                asked = time.monotonic()
                if not await asyncio.to_thread(_still_may, request, panel, vista):
                    return
        except StoreDownError:
            await asyncio.sleep(_IDLE_SECONDS)
            continue
        entries = vista.caso.entries
        if len(entries) > since:
            html = await asyncio.to_thread(_steps, request, panel, vista, since)
            since = len(entries)
            yield ServerSentEvent(html, event="paso", id=str(since))
        if vista.key != told:
            told = vista.key
            html = await asyncio.to_thread(render, request, "_situacion.html", **_shown(panel, vista))
            yield ServerSentEvent(html, event="situacion", id=str(since))
        if vista.over:
            yield ServerSentEvent("fin", event="fin", id=str(since))
            return
        await asyncio.sleep(_LOOK_SECONDS if vista.estado in ("en_cola", "en_curso") else _IDLE_SECONDS)


def _still_may(request: Request, panel: Panel, vista: Vista) -> bool:
    """Say whether who watches has a session still, and may see the case."""
    token = request.cookies.get(COOKIE, "")
    sesion = sesiones.found(panel.store, token, panel.rules, touch=False)
    return sesion is not None and ve_el_caso(sesion.persona, vista.row["asesor"])


def _steps(request: Request, panel: Panel, vista: Vista, since: int) -> str:
    """Return the steps that are new or changed, each for its place in the page."""
    news = touched(vista.caso.entries, since)
    steps = [(vista.story.steps[place], new) for place, new in news.items()]
    return render(request, "_pasos_nuevos.html", pasos=steps, caso=vista.caso.id, con_imagen=_has_pictures(panel))


def _has_pictures(panel: Panel) -> bool:
    return panel.settings.evidencia != "ninguna"


def _shown(panel: Panel, vista: Vista) -> dict[str, Any]:
    """Return what the templates tell of a look at a case."""
    done, all_of = vista.avance
    steps = vista.story.steps
    return {
        "vista": vista,
        "espera": en_pantalla(vista.espera),
        "caso": vista.caso.id,
        "fila": vista.row,
        "pasos": steps,
        "ultimo": steps[-1] if steps else None,
        "hechos": done,
        "total": all_of,
        "papeles": papers_of(vista.caso),
        "numeros": vista.caso.documents(),
        "valor": vista.caso.what("abono").get("total") or vista.caso.what("factura").get("total"),
        "que_hacer": en_pantalla(str(vista.row["que_hacer"])),
        "motivo": en_pantalla(str(vista.row["motivo"])),
        "imprime": panel.settings.imprimir,
        "con_imagen": _has_pictures(panel),
        "desde": len(vista.caso.entries),
    }


@router.post("/casos/{caso}/en-vivo/cancelar")
def cancelar(request: Request, panel: ElPanel, persona: Asesor, caso: str) -> Response:
    """Ask that the case be cancelled; a running one ends before it saves its next document."""
    mark = str(visible_case(request, caso)["id"])
    became = cases.request_cancel(panel.store, mark, persona.usuario)
    anotar(request, "cancelar_caso", mark, quedo=became)
    return ir_a(request, f"/casos/{mark}/en-vivo")


@router.post("/casos/{caso}/en-vivo/continuar")
def continuar(request: Request, panel: ElPanel, persona: Asesor, caso: str) -> Response:
    """Put an unfinished case back into the queue, at its head."""
    row = visible_case(request, caso)
    mark = str(row["id"])
    if row["estado"] not in ("incompleto", "esperando_pago"):
        raise Rejected(f"El caso {mark} ya no está incompleto", remedy="Cargue la página de nuevo para ver cómo va.")
    archivo = panel.archivo(persona)
    cuarentena.check(archivo)
    found = caso_of(archivo, mark)
    if voided := found.voided():
        raise Rejected(
            f"El caso {mark} tiene documentos anulados ({', '.join(voided)}): no se continúa",
            remedy="Un supervisor anula los demás en Serviweb y cierra el caso.",
        )
    if row["estado"] == "esperando_pago" and not found.payment():
        raise Rejected(f"El caso {mark} espera su pago", remedy="Registre el pago: el robot sigue con eso.")
    seguir.enqueue(archivo, found)
    anotar(request, "continuar_caso", mark)
    panel.robot.iniciar()
    return ir_a(request, f"/casos/{mark}/en-vivo")


@router.post("/casos/{caso}/en-vivo/robot")
def iniciar_robot(request: Request, panel: ElPanel, persona: Asesor, caso: str) -> Response:  # noqa: ARG001 — who may
    """Begin to work the queue on this machine."""
    mark = str(visible_case(request, caso)["id"])
    if panel.robot.iniciar():
        anotar(request, "inicia_robot", mark)
    return ir_a(request, f"/casos/{mark}/en-vivo")
