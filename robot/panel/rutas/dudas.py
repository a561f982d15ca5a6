"""The in-doubt inbox: what is not known, the pictures before and after, and the decision of a person.

A decision is an errand for the robot, which proves it on Serviweb's lists before it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response

from robot.errors import Rejected
from robot.panel import ficha as fichas
from robot.panel.acceso import ElPanel, Supervisor, anotar
from robot.panel.contexto import Panel
from robot.panel.del_caso import ElCaso, firma, vio
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page
from robot.panel.palabras import en_pantalla
from robot.panel.rutas.caso import PALABRAS, close, needed
from robot.records.busqueda import NAMES
from robot.records.store import cases, encargos
from robot.records.store.cases import Row
from robot.work import decision
from robot.work.decision import Decision, Doubt
from robot.work.duda import can_look_up
from robot.work.guardas import document_number, may_be_ours, wait_left

router = APIRouter(route_class=Formulario)
RESULTADO: Final = {
    "encontrado": "Se encontró",
    "en_duda": "No se sabe",
    "sin_respuesta": "No se pudo consultar",
    "comprobado": "Comprobado",
    "no_comprobado": "No comprobado",
}
_SECOND: Final = "otra persona, todavía por confirmar"
_DECISIONS: Final = frozenset({"existe", "no_existe", "doble"})
_FIELDS: Final = {
    "numero": "Número",
    "otro": "Segundo número",
    "codigo": "Código del suscriptor",
    "motivo": "Motivo",
}
_OTHER_CODE: Final = "No es el código del suscriptor de este caso."


@router.get("/dudas")
def bandeja(request: Request, panel: ElPanel, _persona: Supervisor) -> Response:
    """Show every document in doubt, the oldest first, what waits for a second person, and what is to be annulled."""
    archivo = panel.archivo()
    anotar(request, "ver_dudas")
    dudas = decision.doubts(archivo, panel.maps)
    return page(
        request,
        "dudas.html",
        dudas=dudas,
        abiertos={duda.caso.id: encargos.open_of(panel.store, duda.caso.id) for duda in dudas},
        por_confirmar=encargos.waiting_second(panel.store),
        gemelos=decision.to_annul(archivo),
        pulso=_pulse(panel, dudas),
        **_words(panel),
    )


@router.get("/dudas/pulso")
def pulso(panel: ElPanel, _persona: Supervisor, de: str = "") -> Response:
    """Let the inbox load itself again when something came or went."""
    now = _pulse(panel, decision.doubts(panel.archivo(), panel.maps))
    return Response(status_code=204, headers={} if now == de else {"HX-Refresh": "true"})


def _pulse(panel: Panel, dudas: Sequence[Doubt]) -> str:
    open_ones = [encargos.open_of(panel.store, duda.caso.id) for duda in dudas]
    return ".".join(
        f"{duda.caso.id}{len(duda.caso.lookups(duda.kind))}{row['id']}{row['estado']}" if row else duda.caso.id
        for duda, row in zip(dudas, open_ones, strict=True)
    )


def _words(panel: Panel) -> dict[str, Any]:
    return {
        **PALABRAS,
        "ahora": lambda: datetime.now(UTC),
        "suscriptor_de": lambda duda: str(duda.caso.what(duda.kind).get("suscriptor") or ""),
        "NOMBRES": NAMES,
        "RESULTADO": RESULTADO,
        "en_pantalla": en_pantalla,
        "ESPERA_MINUTOS": panel.settings.espera_duda_minutos,
        "segunda_persona": panel.settings.segunda_persona,
        "CAMPOS": _FIELDS,
    }


@router.get("/dudas/{caso}")
def ver(request: Request, panel: ElPanel, _persona: Supervisor, row: ElCaso) -> Response:
    """Show one doubt, and the decisions that may be taken."""
    vio(request, row["id"], "ver_duda")
    return _shown(request, panel, row)


def _shown(request: Request, panel: Panel, row: Row, form: _Form | None = None) -> Response:
    duda = _doubt(panel, row["id"])
    ours = encargos.of_case(panel.store, row["id"])
    abierto = encargos.open_of(panel.store, row["id"])
    return page(
        request,
        "duda.html",
        422 if form and form.errores else 200,
        fila=row,
        duda=duda,
        faltan=wait_left(panel.settings, duda.caso, duda.kind) if duda else None,
        se_consulta=bool(duda and can_look_up(panel.maps, duda.kind)),
        encargos=ours,
        abierto=abierto,
        gemelos=[twin for twin in decision.to_annul(panel.archivo()) if twin.caso == row["id"]],
        cambio=fichas.cambio(row, abierto),
        form=form or _Form(),
        **_words(panel),
    )


def _doubt(panel: Panel, marca: str) -> Doubt | None:
    found = decision.doubts(panel.archivo(), panel.maps)
    return next((duda for duda in found if duda.caso.id == marca), None)


@router.get("/dudas/{caso}/consultas")
def consultas(request: Request, panel: ElPanel, _persona: Supervisor, row: ElCaso) -> Response:
    """Show the look-ups so far; the page asks for them again and again."""
    return page(request, "_consultas.html", duda=_doubt(panel, row["id"]), **_words(panel))


# The person's decision.


@dataclass
class _Form:
    """A decision as it was typed, and what is wrong with it, by field."""

    que: str = ""
    numero: str = ""
    otro: str = ""
    conserva: str = "numero"
    codigo: str = ""
    motivo: str = ""
    continuar: bool = True
    errores: dict[str, str] = field(default_factory=dict)

    def de(self, que: str, campo: str) -> str:
        """Return what was typed into a field of one of the forms."""
        return str(getattr(self, campo)) if self.que == que else ""

    def error(self, que: str, campo: str) -> str:
        """Return what is wrong with a field of one of the forms."""
        return self.errores.get(campo, "") if self.que == que else ""


@router.post("/dudas/{caso}/decidir")
def decidir(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,
    row: ElCaso,
    *,
    que: Annotated[str, Form()] = "",
    numero: Annotated[str, Form()] = "",
    otro: Annotated[str, Form()] = "",
    conserva: Annotated[str, Form()] = "numero",
    codigo: Annotated[str, Form()] = "",
    motivo: Annotated[str, Form()] = "",
    continuar: Annotated[bool, Form()] = False,
) -> Response:
    """Take a decision: it is checked as far as the records go, and given to the robot to prove it in Serviweb."""
    duda = _doubt(panel, row["id"])
    if duda is None:
        raise Rejected(f"El caso {row['id']} ya no está en duda: {cases.name_of(row['estado'])}")
    form = _Form(que, numero, otro, conserva, codigo, " ".join(motivo.split())[:500], continuar)
    who = Decision(persona=firma(persona), motivo=form.motivo)
    segunda = que == "no_existe" and panel.settings.segunda_persona
    try:
        datos = _checked(panel, duda, form, who) | {"documento": duda.kind, "enviado": duda.since.isoformat()}
        if form.errores:
            _refused(request, row, que)
            return _shown(request, panel, row, form)
        encargos.ask(panel.store, row["id"], que, datos=datos, persona=who.persona, motivo=who.motivo, segunda=segunda)
    except Rejected:
        _refused(request, row, que)
        raise
    anotar(request, f"decidir_{que}", row["id"], **datos)
    if not segunda:
        panel.robot.iniciar()
    return ir_a(request, f"/dudas/{row['id']}")


def _refused(request: Request, row: Row, que: str) -> None:
    """Write into the audit journal that a decision was tried and not taken, without what was typed."""
    anotar(request, "decision_rechazada", row["id"], que=que if que in {*_DECISIONS, "confirmar"} else "otra")


def _checked(panel: Panel, duda: Doubt, form: _Form, who: Decision) -> dict[str, Any]:
    """Return what the errand holds, or say in the form what is wrong with it."""
    if not form.motivo:
        form.errores["motivo"] = "Escriba por qué: queda en el diario con su nombre."
    match form.que:
        case "existe":
            numero = _number(panel, duda, form, "numero")
            return {"numero": numero, "continuar": form.continuar}
        case "doble":
            one, two = (_number(panel, duda, form, name) for name in ("numero", "otro"))
            if one and one == two:
                form.errores["otro"] = "Los dos números son el mismo."
            return {
                "numeros": [one, two],
                "conserva": two if form.conserva == "otro" else one,
                "continuar": form.continuar,
            }
        case "no_existe":
            _check_not_exists(panel, duda, form, who)
            return {"codigo": form.codigo.strip(), "continuar": form.continuar}
    raise Rejected("Elija una de las decisiones")


def _number(panel: Panel, duda: Doubt, form: _Form, name: str) -> str:
    try:
        number = document_number(getattr(form, name))
        may_be_ours(panel.store, duda.caso, duda.kind, number)
    except Rejected as refused:
        form.errores[name] = f"{refused.reason}."
        return ""
    return number


def _check_not_exists(panel: Panel, duda: Doubt, form: _Form, who: Decision) -> None:
    if form.codigo.strip() != duda.caso.codigo:
        form.errores["codigo"] = _OTHER_CODE
        return
    if wait_left(panel.settings, duda.caso, duda.kind):
        raise Rejected("Todavía no se puede decidir que no existe: Serviweb puede guardar tarde", remedy="Espere.")
    if form.motivo:
        decision.check_not_exists(
            panel.settings, duda.caso, duda.kind, who, codigo=form.codigo, confirma=_SECOND
        )  # the guards of the design, whatever this page forgot


@router.post("/dudas/{caso}/confirmar")
def confirmar(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,
    row: ElCaso,
    *,
    encargo: Annotated[int, Form()],
    codigo: Annotated[str, Form()] = "",
) -> Response:
    """Say the second person's yes, who types the code as the first one did; the robot looks in Serviweb then."""
    _of_case(panel, row, encargo)
    form = _Form("confirmar", codigo=codigo)
    if codigo.strip() != row["codigo"]:
        form.errores["codigo"] = _OTHER_CODE
        _refused(request, row, form.que)
        return _shown(request, panel, row, form)
    try:
        encargos.confirm(panel.store, encargo, firma(persona))
    except Rejected:
        _refused(request, row, form.que)
        raise
    panel.robot.iniciar()
    anotar(request, "confirmar_decision", row["id"], encargo=encargo)
    return ir_a(request, f"/dudas/{row['id']}")


@router.post("/dudas/{caso}/retirar")
def retirar(
    request: Request, panel: ElPanel, persona: Supervisor, row: ElCaso, encargo: Annotated[int, Form()]
) -> Response:
    """Take a decision back that the robot hasn't begun to prove."""
    _of_case(panel, row, encargo)
    encargos.withdraw(panel.store, encargo, firma(persona))
    anotar(request, "retirar_decision", row["id"], encargo=encargo)
    return ir_a(request, f"/dudas/{row['id']}")


def _of_case(panel: Panel, row: Row, number: int) -> None:
    if encargos.errand(panel.store, number)["caso"] != row["id"]:
        raise Rejected("Esa decisión es de otro caso")


@router.post("/dudas/{caso}/anulada")
def anulada(
    request: Request,
    panel: ElPanel,
    persona: Supervisor,
    row: ElCaso,
    *,
    numero: Annotated[str, Form()] = "",
    motivo: Annotated[str, Form()] = "",
) -> Response:
    """Record that a second document was annulled in Serviweb."""
    close(panel, row, [numero.strip()], Decision(persona=firma(persona), motivo=needed(motivo)))
    anotar(request, "registrar_anulacion", row["id"], numero=numero.strip())
    return ir_a(request, "/dudas")
