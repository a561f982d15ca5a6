"""Webhooks of a program: where it is told of its cases' new states."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from robot.errors import Rejected
from robot.panel.acceso import ElPanel
from robot.panel.api.acceso import Engancha, anotar
from robot.panel.api.descripcion import respuestas
from robot.panel.api.fallas import FallaError
from robot.panel.api.modelos import Campo
from robot.panel.api.modelos_gancho import Entrega, Gancho, GanchoConEntregas, GanchoCreado, GanchoNuevo
from robot.panel.api.una_vez import answer
from robot.records.store import envios, ganchos
from robot.records.store.cases import Row
from robot.work.mensajeria import check_url, new_secret

router = APIRouter(tags=["Ganchos (webhooks)"])
Id = Annotated[str, Path(pattern=r"^G-[0-9A-F]{8}$", description="Nombre del gancho", examples=["G-1A2B3C4D"])]


def _facts(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "url": row["url"], "eventos": row["eventos"].split(), "creado": row["creado"]}


@router.get("/ganchos", response_model=list[Gancho], summary="Listar ganchos", responses=respuestas(429, 503))
def listar(panel: ElPanel, cliente: Engancha) -> list[Gancho]:
    """Devuelve los ganchos del programa. Permiso: `ganchos:administrar`."""
    return [Gancho(**_facts(row)) for row in ganchos.of_client(panel.store, cliente.id)]


@router.post(
    "/ganchos",
    status_code=201,
    response_model=GanchoCreado,
    summary="Crear un gancho",
    responses=respuestas(409, 413, 422, 429, 503),
)
def crear(request: Request, panel: ElPanel, cliente: Engancha, cuerpo: GanchoNuevo) -> Response:
    """Pide que se avise a una dirección. Permiso: `ganchos:administrar`.

    El secreto con el que se comprueba la firma de cada aviso se devuelve solo aquí. Cada aviso lleva `webhook-id`,
    igual en los reintentos: descarte el que ya recibió. Se acepta cualquier respuesta 2xx; no se siguen redirecciones.
    """
    try:
        check_url(cuerpo.url)
    except Rejected as error:
        wrong = [Campo(campo="url", problema=f"{error.reason}. {error.advice}")]
        raise FallaError(422, "El gancho no se creó", "Corrija la dirección.", campos=wrong) from error
    secret = new_secret()
    try:
        made = ganchos.create(panel.store, cliente.id, cuerpo.url, cuerpo.eventos, secreto=panel.boveda.cifrar(secret))
    except Rejected as error:
        raise FallaError(409, error.reason, error.advice) from error
    anotar(request, cliente, "api_gancho_crear", gancho=made["id"])
    return answer(201, GanchoCreado(**_facts(made), secreto=secret), f"/api/ganchos/{made['id']}")


@router.get(
    "/ganchos/{gancho}",
    response_model=GanchoConEntregas,
    summary="Ver un gancho y sus avisos",
    responses=respuestas(404, 422, 429, 503),
)
def ver(panel: ElPanel, cliente: Engancha, gancho: Id) -> GanchoConEntregas:
    """Devuelve un gancho y sus últimos avisos, con lo que falló. Permiso: `ganchos:administrar`."""
    for row in ganchos.of_client(panel.store, cliente.id):
        if row["id"] == gancho:
            sent = [_delivery(one) for one in envios.to_place(panel.store, gancho)]
            return GanchoConEntregas(**_facts(row), entregas=sent)
    raise _unknown(gancho)


def _delivery(row: Row) -> Entrega:
    body = json.loads(row["cuerpo"])
    return Entrega(
        evento=body["type"],
        caso=body["data"]["caso"],
        estado=row["estado"],
        intentos=row["intentos"],
        error=row["error"] or None,
        creado=row["creado"],
        enviado=row["enviado"],
    )


def _unknown(gancho: str) -> FallaError:
    return FallaError(404, f"No existe el gancho {gancho}", "Vea la lista en /api/ganchos.")


@router.delete(
    "/ganchos/{gancho}", status_code=204, summary="Borrar un gancho", responses=respuestas(404, 422, 429, 503)
)
def borrar(request: Request, panel: ElPanel, cliente: Engancha, gancho: Id) -> Response:
    """Deja de avisar a esa dirección. Permiso: `ganchos:administrar`."""
    if not ganchos.remove(panel.store, cliente.id, gancho):
        raise _unknown(gancho)
    anotar(request, cliente, "api_gancho_borrar", gancho=gancho)
    return Response(status_code=204)
