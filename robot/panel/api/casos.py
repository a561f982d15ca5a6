"""Cases: make them, look at them, pay them, cancel them, fetch their papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import FileResponse

from robot.errors import Rejected
from robot.panel.acceso import ElPanel
from robot.panel.api.acceso import Crea, Lee, Paga, anotar
from robot.panel.api.descripcion import NO_HAY, respuestas
from robot.panel.api.fallas import FallaError
from robot.panel.api.modelos import Campo, Caso, Casos, PagoAnotado, PagoNuevo, SolicitudCruda
from robot.panel.api.una_vez import Llave, answer, once
from robot.panel.api.vista import caso_of, checked, own, visible
from robot.panel.contexto import Panel
from robot.panel.palabras import en_pantalla
from robot.records.caso import Estado
from robot.records.reserva import sin_nombres
from robot.records.solicitud import Pago, Problem, Solicitud, parse_date
from robot.records.store import cases, payments
from robot.records.store.clientes import Cliente
from robot.records.store.engine import stamp
from robot.records.store.fichas import fichas
from robot.records.store.listado import Filtro, page
from robot.records.store.requests import Batch, NewCase, take
from robot.work import cuarentena, expediente, pago
from robot.work.papeles import file_of

router = APIRouter(tags=["Casos"])
Id = Annotated[str, Path(pattern=r"^R-[0-9A-HJKMNP-TV-Z]{7}$", description="Marca del caso", examples=["R-7K3QF2M"])]


@router.post(
    "/casos",
    status_code=201,
    response_model=Caso,
    summary="Crear un caso",
    responses={
        200: {"model": Caso, "description": "Es la misma solicitud de un caso que ya existe"},
        **respuestas(409, 413, 422, 429, 503),
    },
)
def crear(
    request: Request, panel: ElPanel, cliente: Crea, cuerpo: Annotated[SolicitudCruda, Body()], llave: Llave = None
) -> Any:
    """Pone una solicitud en la cola. Permiso: `casos:crear`.

    Una solicitud igual a una que ya existe no crea otro caso: se responde 200 con el que hay. Con datos distintos de
    los de un caso abierto del mismo suscriptor se responde 409 y se nombra el campo que difiere.
    """
    solicitud, wrong = checked(panel, cuerpo)
    if solicitud is None:
        raise FallaError(
            422,
            "La solicitud tiene datos por corregir",
            "Corríjalos y envíela de nuevo; no se creó nada.",
            campos=wrong,
        )
    return once(request, cliente, llave, cuerpo, lambda: _create(request, panel, cliente, solicitud))


def _create(request: Request, panel: Panel, cliente: Cliente, solicitud: Solicitud) -> Response:
    cuarentena.check(panel.archivo())
    batch = Batch(asesor=cliente.quien, dias_duplicado=panel.settings.dias_duplicado)
    (taken,) = take(panel.store, [NewCase(solicitud=solicitud)], batch)
    anotar(request, cliente, "api_caso_crear", taken.caso or None, resultado=taken.resultado)
    (ficha,) = fichas(panel.store, [taken.caso])
    mine = cliente.may_see(ficha.row["asesor"])
    if taken.resultado == "error" or not mine:
        what = f"{taken.campo}: {taken.mensaje}" if taken.resultado == "error" else taken.mensaje
        raise FallaError(
            409,
            f"El suscriptor ya tiene un caso: {what}",
            "Siga ese caso, o indique nueva_ocasion con el motivo si de verdad es otra reconexión.",
            campos=[Campo(campo=taken.campo, problema=taken.mensaje)] if taken.campo else [],
        )
    return answer(201 if taken.resultado == "nuevo" else 200, caso_of(ficha), f"/api/casos/{taken.caso}")


@router.get("/casos", response_model=Casos, summary="Listar casos", responses=respuestas(422, 429, 503))
def listar(
    request: Request,
    panel: ElPanel,
    cliente: Lee,
    estado: Annotated[Estado | None, Query(description="Solo los que están en este estado")] = None,
    desde: Annotated[
        str | None,
        Query(
            pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            description="Solo los creados desde este día (Colombia)",
            examples=["2026-11-24"],
            json_schema_extra={"format": "date"},
        ),
    ] = None,
    codigo: Annotated[
        str | None, Query(pattern=r"^[0-9A-Za-z-]{1,40}$", description="Solo los de este suscriptor")
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=100, pattern=r"^[\x21-\x7e]+$", description="El de la página anterior")
    ] = None,
) -> Casos:
    """Devuelve los casos del programa (con `casos:leer:todos`, los de todos), 50 por página. Permiso: `casos:leer`."""
    whose = "" if "casos:leer:todos" in cliente.permisos else cliente.quien
    filtro = Filtro(
        asesor=whose, estados=(estado,) if estado else (), desde=_day(desde) if desde else None, codigo=codigo or ""
    )
    found = page(panel.store, filtro, after=cursor or "")
    anotar(request, cliente, "api_casos_listar", cuantos=len(found.filas))
    marks = [str(row["id"]) for row in found.filas]
    return Casos(casos=[caso_of(one) for one in fichas(panel.store, marks)], cursor=found.siguiente or None)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        wrong = [Campo(campo="desde", problema=f"{text} no es un día")]
        raise FallaError(
            422, "La lista no se puede pedir así", "Escriba el día como 2026-11-24.", campos=wrong
        ) from error


@router.get("/casos/{caso}", response_model=Caso, summary="Ver un caso", responses=respuestas(404, 422, 429, 503))
def ver(request: Request, panel: ElPanel, cliente: Lee, caso: Id) -> Caso:
    """Devuelve un caso. Permiso: `casos:leer`."""
    found = visible(panel, cliente, caso)
    anotar(request, cliente, "api_caso_ver", caso)
    return found


@router.post(
    "/casos/{caso}/pago",
    response_model=PagoAnotado,
    summary="Registrar el pago",
    responses=respuestas(404, 409, 413, 422, 429, 503),
)
def pagar(request: Request, panel: ElPanel, cliente: Paga, caso: Id, cuerpo: PagoNuevo, llave: Llave = None) -> Any:
    """Anota el recibo cancelado (paso 23) y pone el trámite en la cola. Permiso: `pagos:registrar`.

    Solo de los casos del programa. Registrar dos veces el mismo pago no cambia nada (`igual`).
    """
    own(panel, cliente, caso)
    try:
        day = parse_date(cuerpo.fecha)
    except Rejected as error:
        wrong = [Campo(campo="fecha", problema=error.reason.removeprefix("fecha: "))]
        raise FallaError(422, "El pago no se registró", "Corrija la fecha.", campos=wrong) from error
    paid = Pago(
        recibo=cuerpo.recibo,
        fecha=day,
        valor=cuerpo.valor,
        otro_recibo=cuerpo.otro_recibo or "",
        confirmado_por=cliente.quien,
    )
    return once(request, cliente, llave, cuerpo.model_dump(), lambda: _pay(request, panel, cliente, caso, paid))


def _pay(request: Request, panel: Panel, cliente: Cliente, caso: str, paid: Pago) -> Response:
    cuarentena.check(panel.archivo())
    facts = payments.facts(panel.store, caso)
    owner = payments.cases_of(panel.store, [paid.recibo]).get(paid.recibo.upper())
    weighed = pago.weigh(facts, paid, owner=owner) if facts else []
    if isinstance(weighed, list):
        raise FallaError(422, "El pago no se registró", "Compruebe el recibo cancelado.", campos=_wrong(weighed))
    done = pago.register(panel.archivo(), caso, paid)
    anotar(request, cliente, "api_pago", caso, resultado=done.verdict.kind)
    said = PagoAnotado(
        resultado=done.verdict.kind,
        caso=visible(panel, cliente, caso),
        reconectar_antes=stamp(done.vence) if done.vence else None,
        motivo=sin_nombres(en_pantalla(done.verdict.motivo)) or None,
        que_hacer=en_pantalla(done.verdict.que_hacer) or None,
    )
    return answer(200, said)


def _wrong(problems: Sequence[Problem]) -> list[Campo]:
    return [
        Campo(campo=one.field, problema=one.message.replace("con --otro-recibo", "en otro_recibo")) for one in problems
    ]


@router.post(
    "/casos/{caso}/cancelar",
    response_model=Caso,
    summary="Cancelar un caso",
    responses=respuestas(404, 409, 422, 429, 503),
)
def cancelar(request: Request, panel: ElPanel, cliente: Crea, caso: Id) -> Caso:
    """Pide que el caso no siga: se quita de la cola, o termina antes del próximo guardado. Permiso: `casos:crear`.

    Solo de los casos del programa.
    """
    found = own(panel, cliente, caso)
    if found.estado == "cancelado":
        return found
    try:
        cases.request_cancel(panel.store, caso, cliente.quien)
    except Rejected as error:
        raise FallaError(409, error.reason, error.advice) from error
    anotar(request, cliente, "api_caso_cancelar", caso)
    return visible(panel, cliente, caso)


@router.get(
    "/casos/{caso}/papeles/{tipo}",
    response_class=FileResponse,
    summary="Un papel del caso (PDF)",
    responses={
        200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
        **respuestas(422, 429, 503),
        404: NO_HAY,
    },
)
def papel(
    request: Request,
    panel: ElPanel,
    cliente: Lee,
    caso: Id,
    tipo: Literal["solicitud-factura", "recibo-abono", "solicitud-tramite"],
    copias: Annotated[bool, Query(description="Las dos copias para firmar, en vez del original")] = False,
) -> Response:
    """Devuelve el papel tal como lo imprimió Serviweb, o sus dos copias para firmar. Permiso: `casos:leer`."""
    visible(panel, cliente, caso)
    try:
        path = file_of(expediente.caso_of(panel.archivo(), caso), tipo, copies=copias)
    except Rejected as error:
        raise FallaError(404, error.reason, error.advice) from error
    anotar(request, cliente, "api_papel", caso, tipo=tipo, copias=copias)
    return FileResponse(path, media_type="application/pdf", filename=f"{caso}-{tipo}.pdf")
