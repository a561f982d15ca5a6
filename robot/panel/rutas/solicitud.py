"""A new request: its form, checked while it is typed, and the case that it becomes."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response

from robot.errors import Quarantined, Rejected
from robot.panel.acceso import Asesor, ElPanel, anotar, ve_el_caso
from robot.panel.caso_visible import visible_case
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a, sin_efecto
from robot.panel.formulario_solicitud import (
    CAMPOS,
    ROTULOS,
    EnCurso,
    Escrita,
    Revision,
    as_typed,
    review,
    told_of,
)
from robot.panel.paginas import page
from robot.panel.palabras import en_pantalla
from robot.records.store import cases
from robot.records.store.personas import Persona
from robot.text import plain
from robot.work import credenciales, cuarentena
from robot.work.antecedentes import Antecedentes, known_of
from robot.work.apertura import check_room, register
from robot.work.borrador import formats_of
from robot.work.en_vivo import why_held

router = APIRouter(route_class=Formulario)
_SHOWN: Final = 6


@router.get("/solicitud")
def formulario(request: Request, panel: ElPanel, persona: Asesor, como: str = "", codigo: str = "") -> Response:
    """Show the form: empty, for a subscriber, or with the data of one of the advisor's cases to be corrected."""
    datos = dict.fromkeys(CAMPOS, "") | {"codigo": plain(codigo), "tipo_documento": "CC"}
    datos["concepto"] = panel.settings.causal[:100]
    corrige = None
    if como:
        mark = str(visible_case(request, como)["id"])
        if stored := cases.request(panel.store, mark):
            datos = as_typed(stored)
            anotar(request, "ve_solicitud", mark)
        corrige = _corrected(panel, mark)
    foco = told_of(corrige["motivo"]) if corrige else "codigo"
    return _page(request, panel, persona, Revision(datos=datos, foco=foco), corrige=corrige)


def _corrected(panel: Panel, mark: str) -> dict[str, str] | None:
    """Return why a case that is sent again was refused or failed."""
    row = cases.case(panel.store, mark)
    if row["estado"] not in ("rechazado", "fallido"):
        return None
    told = {name: en_pantalla(str(row[name])) for name in ("motivo", "que_hacer")}
    return {"caso": mark, "estado": str(row["estado"]), **told}


@router.get("/solicitud/suscriptor")
def suscriptor(
    request: Request,
    panel: ElPanel,
    persona: Asesor,
    codigo: str = "",
    solicitud: str = "",
    nueva_ocasion: str = "",
) -> Response:
    """Show what is known of a subscriber's earlier cases."""
    code = plain(codigo)
    known = _known(panel, code, plain(solicitud))
    if known.casos:
        anotar(request, "ve_antecedentes", casos=[row["id"] for row in known.casos[:_SHOWN]])
    told = _about(persona, known)
    return page(request, "_suscriptor.html", codigo=code, nueva_ocasion=nueva_ocasion, error_ocasion="", **told)


@router.post("/solicitud/validar")
@sin_efecto
def validar(request: Request, panel: ElPanel, _persona: Asesor, escrito: Annotated[EnCurso, Form()]) -> Response:
    """Say what is wrong with the fields that somebody has been at."""
    revision = review(escrito.model_dump(include=set(CAMPOS)), formats_of(panel.settings))
    touched = set(escrito.tocados.split(",")) & set(CAMPOS) - {"nueva_ocasion"}
    return page(
        request,
        "_notas_solicitud.html",
        revision=revision,
        tocados=sorted(touched),
        rotulos=ROTULOS,
        enviada=escrito.enviada,
    )


@router.post("/solicitud")
def enviar(request: Request, panel: ElPanel, persona: Asesor, escrito: Annotated[Escrita, Form()]) -> Response:
    """Make the case and show it live, or the form again with every fault in its place."""
    revision = review(escrito.model_dump(), formats_of(panel.settings))
    if revision.solicitud is None:
        return _page(request, panel, persona, revision, status=422)
    try:
        cuarentena.check(panel.archivo(persona))
        _check_user(panel, persona)
        check_room(panel.settings)
        caso = register(
            panel.archivo(persona), revision.solicitud, asesor=persona.usuario, para_usuario=persona.serviweb
        )
    except Rejected as refused:
        return _page(request, panel, persona, revision, status=422, refused=refused)
    except Quarantined as stopped:
        told = Rejected(stopped.reason, remedy="Avise a quien administra el robot; no se creó ningún caso.")
        return _page(request, panel, persona, revision, status=409, refused=told)
    anotar(request, "crea_caso", caso, nueva_ocasion=bool(revision.solicitud.nueva_ocasion))
    panel.robot.iniciar()
    return ir_a(request, f"/casos/{caso}/en-vivo")


def _check_user(panel: Panel, persona: Persona) -> None:
    """Raise `Rejected` when somebody's cases must run under a user whose password nobody has."""
    if persona.serviweb and credenciales.where(panel.settings, panel.store, persona.serviweb) is None:
        raise Rejected(
            f"Falta su contraseña de Serviweb (usuario «{persona.serviweb}»)",
            remedy="Guárdela en «Mi cuenta» y envíe de nuevo: sus casos se trabajan con su propio usuario.",
        )


def _known(panel: Panel, codigo: str, referencia: str) -> Antecedentes:
    dias = panel.settings.dias_duplicado
    return known_of(panel.store, codigo, referencia=referencia, dias_duplicado=dias)


def _about(persona: Persona, known: Antecedentes) -> dict[str, Any]:
    """Return what the template tells of a subscriber; advisors open only their own cases."""
    return {
        "known": known,
        "casos": known.casos[:_SHOWN],
        "otros": max(0, len(known.casos) - _SHOWN),
        "abre": lambda row: ve_el_caso(persona, row["asesor"]),
    }


def _page(
    request: Request,
    panel: Panel,
    persona: Persona,
    revision: Revision,
    *,
    status: int = 200,
    refused: Rejected | None = None,
    corrige: dict[str, str] | None = None,
) -> Response:
    datos = revision.datos
    known = _known(panel, plain(datos["codigo"]), plain(datos["solicitud"]))
    missing = persona.serviweb and credenciales.where(panel.settings, panel.store, persona.serviweb) is None
    return page(
        request,
        "solicitud.html",
        status,
        revision=revision,
        rotulos=ROTULOS,
        rechazo=refused,
        corrige=corrige,
        enviada=status != 200,
        sin_contrasena=bool(missing),
        detenida=why_held(panel.archivo(persona)),
        codigo=plain(datos["codigo"]),
        nueva_ocasion=datos["nueva_ocasion"],
        error_ocasion="",
        **_about(persona, known),
    )
