"""Batches: many requests in one call, as JSON or as the CSV that people load in the panel."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import ValidationError

from robot.errors import Rejected
from robot.panel.acceso import ElPanel
from robot.panel.api.acceso import Carga, anotar
from robot.panel.api.descripcion import respuestas
from robot.panel.api.fallas import FallaError, campos_of
from robot.panel.api.modelos import Campo, FilaLote, Lote, LoteNuevo, Texto
from robot.panel.api.una_vez import Llave, answer, once
from robot.panel.api.vista import checked
from robot.panel.contexto import Panel
from robot.records.filas import BadRow
from robot.records.intake import RequestFile
from robot.records.solicitud import Formats
from robot.records.store import cases
from robot.records.store.clientes import Cliente
from robot.records.store.fichas import lot
from robot.records.store.requests import Batch, NewCase, Taken, open_lot, take
from robot.work import cuarentena

router = APIRouter(tags=["Lotes"])
Id = Annotated[str, Path(pattern=r"^L-[0-9A-HJKMNP-TV-Z]{7}$", description="Nombre del lote", examples=["L-7K3QF2M"])]
_CSV: Final = "codigo;ruta;documento;nombres;apellidos;celular;forma_pago;concepto;medidor;arreglo\n"


@dataclass(kw_only=True)
class _Given:
    """What a call brought: good requests, and the faults of the others by row."""

    nombre: str
    todo_o_nada: bool
    good: list[NewCase] = field(default_factory=list)
    bad: dict[int, list[Campo]] = field(default_factory=dict)


async def _body(request: Request) -> bytes:
    return await request.body()


@router.post(
    "/lotes",
    status_code=201,
    response_model=Lote,
    summary="Cargar un lote",
    responses=respuestas(409, 413, 415, 422, 429, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": LoteNuevo.model_json_schema(ref_template="#/components/schemas/{model}")
                },
                "text/csv": {"schema": {"type": "string"}, "example": _CSV},
            },
        }
    },
)
def cargar(
    request: Request,
    panel: ElPanel,
    cliente: Carga,
    cuerpo: Annotated[bytes, Depends(_body)],
    nombre: Annotated[
        Texto, Query(min_length=1, max_length=80, description="Con CSV: cómo se ve el lote en el panel")
    ] = "API",
    todo_o_nada: Annotated[bool, Query(description="Con CSV: con un error en una fila, no se toma ninguna")] = False,
    llave: Llave = None,
) -> Response:
    """Pone varias solicitudes en la cola; dice de cada una qué fue de ella. Permiso: `lotes:crear`.

    En CSV valen las columnas de la plantilla del panel. Cuando no sirve ninguna, o con `todo_o_nada` y algún error, se
    responde 422, y `campos` dice la fila de cada problema.
    """
    given = _read(panel, request.headers.get("content-type", ""), cuerpo, nombre, todo_o_nada=todo_o_nada)
    sent = [hashlib.sha256(cuerpo).hexdigest(), str(request.query_params)]
    return once(request, cliente, llave, sent, lambda: _load(request, panel, cliente, given, cuerpo))


def _read(panel: Panel, kind: str, body: bytes, nombre: str, *, todo_o_nada: bool) -> _Given:
    kind = kind.partition(";")[0].strip().lower()
    if kind == "text/csv":
        return _from_csv(panel, body, _Given(nombre=nombre, todo_o_nada=todo_o_nada))
    if kind != "application/json":
        raise FallaError(415, "El cuerpo debe ser application/json o text/csv", "Diga cuál es en Content-Type.")
    try:
        asked = LoteNuevo.model_validate(json.loads(body), strict=True)
    except ValidationError as error:
        raise FallaError(
            422, "El lote no tiene la forma esperada", "Corrija lo indicado.", campos=campos_of(error.errors())
        ) from error
    except (ValueError, RecursionError) as error:
        wrong = [Campo(campo="cuerpo", problema="no es JSON")]
        raise FallaError(422, "El lote no tiene la forma esperada", "Corrija lo indicado.", campos=wrong) from error
    given = _Given(nombre=asked.nombre, todo_o_nada=asked.todo_o_nada)
    for number, data in enumerate(asked.solicitudes, 1):
        solicitud, wrong = checked(panel, data)
        if solicitud is None:
            given.bad[number] = wrong
        else:
            given.good.append(NewCase(solicitud=solicitud, fila=number))
    return given


def _from_csv(panel: Panel, body: bytes, given: _Given) -> _Given:
    settings = panel.settings
    with tempfile.TemporaryDirectory() as folder:
        path = File(folder) / "lote.csv"
        path.write_bytes(body)
        try:
            for row in RequestFile(path, Formats(codigo=settings.patron_codigo, ruta=settings.patron_ruta)).rows():
                if isinstance(row, BadRow):
                    given.bad[row.number] = [Campo(campo=one.column, problema=one.message) for one in row.problems]
                else:
                    given.good.append(NewCase(solicitud=row.solicitud, fila=row.number))
        except Rejected as error:
            raise FallaError(422, error.reason, error.advice) from error
    return given


def _load(request: Request, panel: Panel, cliente: Cliente, given: _Given, body: bytes) -> Response:
    if given.bad and (given.todo_o_nada or not given.good):
        raise _none_taken(given.bad)
    cuarentena.check(panel.archivo())
    name = open_lot(panel.store, given.nombre, hashlib.sha256(body).hexdigest(), cliente.quien)
    batch = Batch(
        lote=name,
        asesor=cliente.quien,
        dias_duplicado=panel.settings.dias_duplicado,
        todo_o_nada=given.todo_o_nada,
    )
    taken = take(panel.store, given.good, batch)
    refused = {one.fila: [Campo(campo=one.campo, problema=one.mensaje)] for one in taken if one.resultado == "error"}
    anotar(request, cliente, "api_lote", lote=name, filas=len(taken) + len(given.bad), errores=len(refused))
    if given.todo_o_nada and refused:
        raise _none_taken(refused)
    row = lot(panel.store, name)
    return answer(201, _lote(row, _rows(taken, given.bad)), f"/api/lotes/{name}")


def _none_taken(bad: dict[int, list[Campo]]) -> FallaError:
    campos = [campo.model_copy(update={"fila": number}) for number, some in sorted(bad.items()) for campo in some]
    return FallaError(422, "No se tomó ninguna solicitud", "Corrija las filas indicadas y repita.", campos=campos)


def _rows(taken: Sequence[Taken], bad: dict[int, list[Campo]]) -> list[FilaLote]:
    rows = [_row(one.fila, one.resultado, one.caso, one.estado or "en_cola", one.campo, one.mensaje) for one in taken]
    rows += [
        FilaLote(fila=number, resultado="error", caso=None, estado=None, mensaje=None, campos=campos)
        for number, campos in bad.items()
    ]
    return sorted(rows, key=lambda row: row.fila)


def _row(fila: int, resultado: Any, caso: str | None, estado: str | None, campo: str, mensaje: str) -> FilaLote:
    wrong = resultado == "error"
    return FilaLote(
        fila=fila,
        resultado=resultado,
        caso=caso or None,
        estado=None if wrong else estado,
        mensaje=mensaje or None,
        campos=[Campo(campo=campo, problema=mensaje)] if wrong else [],
    )


def _lote(row: cases.Row | None, filas: list[FilaLote]) -> Lote:
    if row is None:
        raise FallaError(404, "No existe el lote", "Revise su nombre, por ejemplo L-7K3QF2M.")
    counted = {what: sum(one.resultado == what for one in filas) for what in ("nuevo", "ya_atendido", "error")}
    return Lote(
        id=row["id"],
        nombre=row["archivo"],
        creado=row["creado"],
        nuevas=counted["nuevo"],
        ya_atendidas=counted["ya_atendido"],
        con_error=counted["error"],
        filas=filas,
    )


@router.get("/lotes/{lote}", response_model=Lote, summary="Ver un lote", responses=respuestas(404, 422, 429, 503))
def ver(request: Request, panel: ElPanel, cliente: Carga, lote: Id) -> Lote:
    """Devuelve las filas que se tomaron de un lote y cómo va cada caso. Permiso: `lotes:crear`."""
    row = lot(panel.store, lote)
    if row is None or not cliente.may_see(row["asesor"]):
        raise FallaError(404, f"No existe el lote {lote}", "Revise su nombre, por ejemplo L-7K3QF2M.")
    anotar(request, cliente, "api_lote_ver", lote=lote)
    rows = cases.by_lot(panel.store, lote)
    shown = [_row(r["fila"], r["resultado"], r["caso"], r["estado"], r["campo"], r["mensaje"]) for r in rows]
    return _lote(row, shown)
