"""Paso 23: the cases that wait for their payment, and what a person saw of it.

Whoever is at the desk may record a payment of any case that waits: the customer doesn't come back to the same advisor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Request, Response

from robot.errors import Rejected
from robot.panel.acceso import Asesor, ElPanel, Supervisor, anotar, may, ve_el_caso
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.formulario_pago import PagoEscrito, blank, review
from robot.panel.paginas import page
from robot.panel.palabras import en_pantalla
from robot.records.store import cases, en_espera, payments
from robot.records.store.cases import Row
from robot.records.store.payments import Facts
from robot.records.store.personas import Persona
from robot.text import plain
from robot.work import cuarentena
from robot.work import pago as rules
from robot.work.apertura import check_room

router = APIRouter(route_class=Formulario)
_MOST: Final = 200


@dataclass(frozen=True, kw_only=True)
class Fila:
    """A case of the list, with its form where that is open."""

    row: Row
    facts: Facts
    abre: bool
    """Whoever looks may open the case's page."""
    escrito: PagoEscrito | None = None
    errores: dict[str, str] | None = None
    motivo: str = ""


@router.get("/esperando-pago")
def esperando(
    request: Request,
    panel: ElPanel,
    persona: Asesor,
    todos: bool | None = None,
    q: str = "",
    abrir: str = "",
    pagado: str = "",
) -> Response:
    """List the cases that wait for a payment: an advisor's own, or the office's."""
    everybody = may(persona, "supervisor") if todos is None else todos
    text = plain(q)[:80]
    rows, number = en_espera.waiting(panel.store, asesor="" if everybody else persona.usuario, texto=text, most=_MOST)
    facts = payments.facts_of(panel.store, [row["id"] for row in rows])
    filas = [_fila(persona, row, facts[row["id"]], abierta=row["id"] == abrir) for row in rows]
    anotar(request, "ve_esperando_pago", casos=len(filas), todos=everybody)
    supervisa = may(persona, "supervisor")
    return page(
        request,
        "esperando_pago.html",
        filas=filas,
        numero=number,
        todos=everybody,
        q=text,
        aviso=_told(panel, persona, pagado),
        por_atender=_unattended(panel) if supervisa else [],
        sin_confirmar=payments.unconfirmed(panel.store) if supervisa else [],
        horas=panel.settings.horas_reconexion,
    )


@router.get("/esperando-pago/{caso}")
def fila(request: Request, panel: ElPanel, persona: Asesor, caso: str, *, abierta: bool = False) -> Response:
    """Give one row of the list again, with its form or without."""
    row, facts = _found(panel, persona, caso)
    anotar(request, "ve_pago", facts.caso)
    return page(request, "_espera.html", fila=_fila(persona, row, facts, abierta=abierta))


@router.get("/casos/{caso}/pago")
def formulario(request: Request, panel: ElPanel, persona: Asesor, caso: str) -> Response:
    """Show the form of one case's payment on a page of its own."""
    row, facts = _found(panel, persona, caso)
    anotar(request, "ve_pago", facts.caso)
    return page(request, "pago.html", fila=_fila(persona, row, facts, abierta=True))


@router.post("/casos/{caso}/pago")
def registrar(
    request: Request, panel: ElPanel, persona: Asesor, caso: str, escrito: Annotated[PagoEscrito, Form()]
) -> Response:
    """Record the payment that a person saw; the queue files the trámite."""
    row, facts = _found(panel, persona, caso)
    owner = payments.cases_of(panel.store, [plain(escrito.recibo)]).get(plain(escrito.recibo).upper())
    seen, errores = review(escrito, facts, owner=owner, confirmado_por=persona.usuario)
    if seen is None:
        wrong = Fila(row=row, facts=facts, abre=ve_el_caso(persona, row["asesor"]), escrito=escrito, errores=errores)
        return page(request, "_espera.html" if "HX-Request" in request.headers else "pago.html", 422, fila=wrong)
    archivo = panel.archivo(persona)
    check_room(panel.settings)
    cuarentena.check(archivo)
    done = rules.register(archivo, facts.caso, seen)
    anotar(request, "registra_pago", facts.caso, pago=done.verdict.kind)
    if done.verdict.kind == "inesperado":
        return ir_a(request, f"/esperando-pago?pagado={facts.caso}")
    panel.robot.iniciar()
    if ve_el_caso(persona, row["asesor"]):
        return ir_a(request, f"/casos/{facts.caso}/en-vivo")
    return ir_a(request, f"/esperando-pago?todos=true&pagado={quote(facts.caso)}")


@router.post("/casos/{caso}/pago/atender")
def atender(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,
    caso: str,
    recibo: Annotated[str, Form()] = "",
    motivo: Annotated[str, Form()] = "",
) -> Response:
    """Note that somebody attended to a payment that no case waited for, and how."""
    if not motivo.strip():
        raise Rejected("Falta decir qué se hizo con el pago", remedy="Escríbalo: queda en el diario del caso.")
    mark = str(cases.case(panel.store, caso)["id"])
    rules.attend(panel.archivo(persona), mark, recibo=recibo, persona=persona.usuario, motivo=motivo[:500])
    anotar(request, "atiende_pago", mark)
    return ir_a(request, "/esperando-pago")


def _found(panel: Panel, persona: Persona, caso: str) -> tuple[Row, Facts]:
    """Return a case and what its payment is compared with; another advisor's only while it waits for one."""
    row = cases.case(panel.store, caso)
    if row["estado"] != "esperando_pago" and not ve_el_caso(persona, row["asesor"]):
        raise HTTPException(403, "Ese caso es de otro asesor y no espera un pago.")
    facts = payments.facts(panel.store, str(row["id"]))
    assert facts is not None  # noqa: S101 — the case exists
    return row, facts


def _fila(persona: Persona, row: Row, facts: Facts, *, abierta: bool) -> Fila:
    refuted = facts.pago is not None and facts.pago.refutado
    return Fila(
        row=row,
        facts=facts,
        abre=ve_el_caso(persona, row["asesor"]),
        escrito=blank(facts) if abierta else None,
        motivo=en_pantalla(row["motivo"] or "Serviweb no muestra pagado el recibo") if refuted else "",
    )


def _unattended(panel: Panel) -> list[dict[str, Any]]:
    rows = payments.unattended(panel.store)
    return [{**row, "que_hacer": en_pantalla(row["que_hacer"])} for row in rows]


def _told(panel: Panel, persona: Persona, caso: str) -> dict[str, str] | None:
    """Return what became of the payment that was just recorded; of others' cases only what this person recorded."""
    facts = payments.facts(panel.store, caso) if caso else None
    if facts is None:
        return None
    whole = ve_el_caso(persona, cases.case(panel.store, caso)["asesor"])
    told_to = None if whole else persona.usuario
    odd = [row for row in payments.unattended(panel.store, caso) if told_to in (None, row["registrado_por"])]
    if odd:
        last = odd[-1]
        told = f"El pago {last['recibo']} quedó anotado en el caso {facts.caso}, pero nadie lo esperaba"
        return {"tono": "duda", "titulo": told, "texto": en_pantalla(f"{last['motivo']}. {last['que_hacer']}")}
    if facts.pago is None or told_to not in (None, facts.pago.registrado_por):
        return None
    told = f"Pago {facts.pago.recibo} registrado en el caso {facts.caso}"
    return {"tono": "bien", "titulo": told, "texto": "El robot radica el trámite enseguida."}
