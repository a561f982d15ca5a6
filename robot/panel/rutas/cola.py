"""The queue at this moment: who works what, how fast, what holds it back; start, stop, pause, resume, cancel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from robot.errors import Rejected
from robot.panel.acceso import COOKIE, ElPanel, Supervisor, anotar, may
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page, render
from robot.panel.palabras import en_pantalla
from robot.panel.quienes import Quienes
from robot.records.store import cases, leases, sesiones
from robot.records.store.engine import StoreDownError
from robot.settings import BOGOTA
from robot.work import cuarentena
from robot.work.ahora import Ahora, ahora
from robot.work.aviso import Aviso
from robot.work.expediente import find_row
from robot.work.sitio import Sitio

router = APIRouter(route_class=Formulario)
_REST_SECONDS: Final = 1.5
"""How long a busy queue is left alone between two looks."""
_LOOK_SECONDS: Final = 3.0
"""How often it is looked at without news: a step, and the process itself, tell nothing."""


@router.get("/cola")
def cola(request: Request, panel: ElPanel, persona: Supervisor) -> Response:  # noqa: ARG001 — who may
    """Show the queue; the rest comes by the stream."""
    anotar(request, "ve_cola")
    return page(request, "cola.html", **_shown(panel, ahora(panel.archivo())))


@router.get("/cola/eventos")
async def eventos(request: Request, panel: ElPanel, persona: Supervisor) -> Response:  # noqa: ARG001 — who may
    """Stream the queue as it changes."""
    return EventSourceResponse(_news(request, panel), ping=15)


async def _news(request: Request, panel: Panel) -> AsyncIterator[ServerSentEvent]:
    """Yield the queue at each look, and its buttons when others fit; the session's end is the end."""
    buttons: tuple[Any, ...] = ()
    with Aviso(panel.store) as news:
        while True:
            since, began = news.count, time.monotonic()
            try:
                if not await asyncio.to_thread(_still_may, request, panel):
                    yield ServerSentEvent("fin", event="fin")
                    return
                look = await asyncio.to_thread(_look, request, panel)
                if buttons != (buttons := look.buttons):
                    yield ServerSentEvent(look.mandos, event="mandos")
                yield ServerSentEvent(look.vivo, event="vivo")
            except StoreDownError:
                told = "La base de datos no responde; se sigue preguntando"
                yield ServerSentEvent(await asyncio.to_thread(_down, request, told), event="vivo")
            await asyncio.sleep(max(0.0, _REST_SECONDS - (time.monotonic() - began)))
            await news.news(since, _LOOK_SECONDS)


@dataclass(frozen=True)
class _Look:
    """The queue as the page shows it; `buttons` says when others fit."""

    buttons: tuple[Any, ...]
    mandos: str
    vivo: str


def _look(request: Request, panel: Panel) -> _Look:
    shown = _shown(panel, ahora(panel.archivo()))
    return _Look(_buttons(shown), render(request, "_mandos.html", **shown), render(request, "_cola.html", **shown))


def _still_may(request: Request, panel: Panel) -> bool:
    """Say whether who watches has a session still, and the role."""
    sesion = sesiones.found(panel.store, request.cookies.get(COOKIE, ""), panel.rules, touch=False)
    return sesion is not None and may(sesion.persona, "supervisor")


def _down(request: Request, told: str) -> str:
    return render(request, "_falla.html", motivo=told, que_hacer="")


def _shown(panel: Panel, now: Ahora) -> dict[str, Any]:
    """Return what the templates tell of the queue."""
    circuit = now.circuito
    until = f"{circuit.hasta.astimezone(BOGOTA):%H:%M:%S}" if circuit.hasta else ""
    return {
        "ahora": now,
        "nuestro": panel.robot.es_nuestro,
        "dicho": _readable(panel.robot.dicho()) if not now.trabaja_aqui else (),
        "prueba": until if circuit.fase == "abierto" else "",
        "pausa_por": Quienes(panel.store)(str(now.pausa["por"])) if now.pausa else "",
        "pausa_motivo": en_pantalla(cases.why(now.pausa)) if now.pausa else "",
        "cuarentena_motivo": cases.why(now.cuarentena) if now.cuarentena else "",
        "ritmo": _rate(now.por_hora),
    }


def _buttons(shown: dict[str, Any]) -> tuple[Any, ...]:
    now: Ahora = shown["ahora"]
    return (now.trabajada, shown["nuestro"], bool(now.pausa), bool(now.cuarentena), now.circuito.fase, shown["dicho"])


def _rate(rate: float | None) -> str:
    if rate is None:
        return "—"
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}".replace(".", ",")


def _readable(said: str) -> tuple[str, ...]:
    """Return the last words of a process that ended with an error, without frames and commands."""
    lines = (line.strip(" │╭╮╰╯─\t") for line in said.splitlines())
    return tuple(filter(None, map(en_pantalla, filter(None, lines))))[-6:]


@router.post("/cola/iniciar")
def iniciar(request: Request, panel: ElPanel, persona: Supervisor) -> Response:  # noqa: ARG001 — who may
    """Begin to work the queue on this machine."""
    cuarentena.check(panel.archivo())
    if not panel.robot.permitido:
        raise Rejected("Este panel no inicia el robot", remedy="La cola la trabaja otro proceso u otro equipo.")
    anotar(request, "inicia_robot", comenzo=panel.robot.iniciar())
    return ir_a(request, "/cola")


@router.post("/cola/parar")
def parar(request: Request, panel: ElPanel, persona: Supervisor) -> Response:  # noqa: ARG001 — who may
    """Ask the robot of this panel to end after its present documents."""
    if not panel.robot.parar():
        raise Rejected(
            "El robot de este panel no está trabajando",
            remedy="Si trabaja en otro equipo, deténgalo allá o pause.",
        )
    anotar(request, "detiene_robot")
    return ir_a(request, "/cola")


@router.post("/cola/pausar")
def pausar(request: Request, panel: ElPanel, persona: Supervisor, motivo: Annotated[str, Form()] = "") -> Response:
    """Let no further case begin, on any machine."""
    why = " ".join(motivo.split())[:200]
    if not why:
        raise Rejected("Diga por qué se pausa la cola", remedy="Lo verán los demás; por ejemplo: «cierre de caja».")
    cases.switch_on(panel.store, cases.PAUSE, persona.usuario, why)
    anotar(request, "pausa_cola", motivo=why)
    return ir_a(request, "/cola")


@router.post("/cola/reanudar")
def reanudar(request: Request, panel: ElPanel, persona: Supervisor) -> Response:  # noqa: ARG001 — who may
    """Let cases begin again."""
    Sitio.de(panel.store, panel.settings).reanuda()
    anotar(request, "reanuda_cola")
    return ir_a(request, "/cola")


@router.post("/cola/cancelar")
def cancelar(request: Request, panel: ElPanel, persona: Supervisor, caso: Annotated[str, Form()] = "") -> Response:
    """Cancel a case: one in the queue at once, one that runs before its next document."""
    mark = str(find_row(panel.archivo(), caso)["id"])
    became = cases.request_cancel(panel.store, mark, persona.usuario)
    anotar(request, "cancelar_caso", mark, quedo=became)
    return ir_a(request, "/cola")


@router.post("/cola/desbloquear")
def desbloquear(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,  # noqa: ARG001 — who may
    usuario: Annotated[str, Form()],
) -> Response:
    """Let a Serviweb user be tried again: a person has put its password right."""
    leases.login_worked(panel.store, usuario)
    anotar(request, "desbloquea_usuario", usuario=usuario)
    return ir_a(request, "/cola")
