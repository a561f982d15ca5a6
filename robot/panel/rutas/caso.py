"""The page of a case: what was done step by step, what stands in Serviweb, and what its role may do about it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

from robot.errors import Rejected, RobotError
from robot.panel import ficha as fichas
from robot.panel import lectura
from robot.panel.acceso import Asesor, ElPanel, Supervisor, anotar, may
from robot.panel.del_caso import ElCaso, diario_de, firma, vio
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page
from robot.panel.palabras_auditoria import nombre_accion
from robot.records.journal import START, Entry, is_link
from robot.records.llano import llano, titulo
from robot.records.report import case_page, seconds
from robot.records.store import acciones, cases, encargos, muestra
from robot.records.store.cases import Row
from robot.records.store.fichas import applicants
from robot.records.story import DOCUMENTS, PAPERS, STAGES
from robot.work import cuarentena, decision
from robot.work.decision import Decision
from robot.work.expediente import request_of
from robot.work.papeles import papers_of
from robot.work.seguir import enqueue

router = APIRouter(route_class=Formulario)


@router.get("/casos/{caso}")
def ver(request: Request, panel: ElPanel, persona: Asesor, row: ElCaso) -> Response:
    """Show the case."""
    vio(request, row["id"], "ver_caso")
    supervisa = may(persona, "supervisor")
    f = fichas.ficha(panel, row)
    return page(
        request,
        "caso.html",
        f=f,
        solicitante="" if f.suscriptor else applicants(panel.store, [row["id"]]).get(row["id"], ""),
        papeles=papers_of(f.caso) if f.empezado else [],
        supervisa=supervisa,
        auditoria=acciones.of_case(panel.store, row["id"]) if supervisa else [],
        encargos=encargos.of_case(panel.store, row["id"]),
        revision=muestra.of(panel.store, row["id"]) if supervisa else None,
        imprime=panel.settings.imprimir,
        **PALABRAS,
    )


PALABRAS: dict[str, Any] = {
    "papeles_nombres": PAPERS,
    "etapas": STAGES,
    "documentos": DOCUMENTS,
    "EFECTO": fichas.EFECTO,
    "MOMENTO": fichas.MOMENTO,
    "llano": llano,
    "titulo_de": titulo,
    "guardaria": lectura.guardaria,
    "segundos": seconds,
    "instante": lectura.instante,
    "tecnico": lectura.tecnico,
    "nombre_accion": nombre_accion,
    "suceso": lectura.suceso,
}
"""What the templates of a case say things with."""


@router.get("/casos/{caso}/pulso")
def pulso(panel: ElPanel, row: ElCaso, de: str = "") -> Response:
    """Let the page load itself again when its case has moved on since."""
    now = fichas.cambio(row, encargos.open_of(panel.store, row["id"]))
    return Response(status_code=204, headers={} if now == de else {"HX-Refresh": "true"})


@router.get("/casos/{caso}/diario")
def diario(request: Request, panel: ElPanel, row: ElCaso) -> Response:
    """Show the chained journal, and whether its chain is whole."""
    anotar(request, "ver_diario", row["id"])
    caso, aviso = diario_de(panel.archivo(), row["id"])
    lines = [(entry, _rest(entry)) for entry in caso.entries]
    return page(
        request, "_diario.html", lineas=lines, entera=not aviso and _is_whole(caso.entries), aviso=aviso, **PALABRAS
    )


def _rest(entry: Entry) -> str:
    own = {name: value for name, value in entry.items() if name not in ("n", "t", "event", "prev", "hash")}
    return json.dumps(own, ensure_ascii=False, indent=1)


def _is_whole(entries: list[Entry]) -> bool:
    previous = START
    for number, entry in enumerate(entries, start=1):
        if not is_link(entry, number, previous):
            return False
        previous = entry["hash"]
    return True


# What may be done.


@router.post("/casos/{caso}/continuar")
def continuar(request: Request, panel: ElPanel, row: ElCaso) -> Response:
    """Let the robot go on where the case stopped."""
    archivo = panel.archivo()
    cuarentena.check(archivo)
    caso, aviso = diario_de(archivo, row["id"])
    if aviso:
        raise Rejected(aviso, remedy="Avise a quien administra el robot: nada se hace con un diario alterado.")
    if voided := caso.voided():
        raise Rejected(
            f"El caso tiene documentos anulados ({', '.join(voided)}): no se continúa",
            remedy="Anule los demás en Serviweb y ciérrelo.",
        )
    if row["estado"] == "incompleto" or (row["estado"] == "esperando_pago" and caso.payment()):
        enqueue(archivo, caso)
    elif row["estado"] not in ("en_cola", "en_curso"):
        raise Rejected(f"El caso no se continúa: está {cases.name_of(row['estado'])}")
    panel.robot.iniciar()
    anotar(request, "continuar_caso", row["id"])
    return ir_a(request, f"/casos/{row['id']}/en-vivo")


@router.post("/casos/{caso}/cancelar")
def cancelar(request: Request, panel: ElPanel, persona: Asesor, row: ElCaso) -> Response:
    """Ask that the case be cancelled: one that runs ends before its next document."""
    estado = cases.request_cancel(panel.store, row["id"], firma(persona))
    anotar(request, "cancelar_caso", row["id"], estado=estado)
    return ir_a(request, f"/casos/{row['id']}")


@router.post("/casos/{caso}/consultar")
def consultar(request: Request, panel: ElPanel, persona: Asesor, row: ElCaso) -> Response:
    """Ask the robot to look now, in Serviweb, for what is in doubt."""
    if row["estado"] != "en_duda":
        raise Rejected(f"El caso no está en duda: está {cases.name_of(row['estado'])}")
    encargos.ask(
        panel.store,
        row["id"],
        "consultar",
        datos={"continuar": True},
        persona=firma(persona),
        motivo="consultar ahora",
        segunda=False,
    )
    panel.robot.iniciar()
    anotar(request, "consultar_duda", row["id"])
    back = f"/dudas/{row['id']}" if may(persona, "supervisor") else f"/casos/{row['id']}"
    return ir_a(request, back)


@router.post("/casos/{caso}/cerrar")
def cerrar(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,
    row: ElCaso,
    anulada: Annotated[list[str] | None, Form()] = None,
    motivo: Annotated[str, Form()] = "",
) -> Response:
    """Record which documents were annulled in Serviweb; with none left the case is closed."""
    numbers = list(dict.fromkeys(number.strip() for number in anulada or [] if number.strip()))
    if not numbers:
        raise Rejected("Marque qué documentos ya anuló en Serviweb", remedy="Si no ha anulado ninguno, hágalo primero.")
    close(panel, row, numbers, Decision(persona=firma(persona), motivo=needed(motivo)))
    anotar(request, "cerrar_caso", row["id"], anuladas=numbers)
    return ir_a(request, f"/casos/{row['id']}")


def close(panel: ElPanel, row: Row, numbers: list[str], who: Decision) -> None:
    """Write the annulments into a case's journal. Raises `Rejected`, `Quarantined`, and `Fenced` while it is worked."""
    archivo = panel.archivo()
    cuarentena.check(archivo)
    caso, aviso = diario_de(archivo, row["id"])
    if aviso:
        raise Rejected(aviso)
    decision.close(archivo, caso, request_of(panel.store, row["id"]), numbers, who)
    with suppress(OSError, RobotError):
        case_page(caso.folder)


def needed(motivo: str) -> str:
    """Return the reason of an act, on one line. Raises `Rejected` without one."""
    if not motivo.strip():
        raise Rejected("Falta el motivo", remedy="Escriba por qué: queda en el diario del caso con su nombre.")
    return " ".join(motivo.split())[:500]
