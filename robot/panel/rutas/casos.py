"""The list of cases: search, filters, pages, saved filters, sheets; a supervisor's of all, an advisor's of her own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import QueryParams

from robot.errors import Rejected
from robot.masking import Masker
from robot.panel.acceso import Asesor, ElPanel, Supervisor, anotar
from robot.panel.bajar import CSV, XLSX, bajar
from robot.panel.busqueda import Consulta, filtro_de, leida, sin_datos
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a, sin_efecto
from robot.panel.paginas import page
from robot.panel.palabras import en_pantalla
from robot.records.linea import Linea
from robot.records.resultados import escribir_csv, escribir_xlsx
from robot.records.store import buscador, filtros, listado
from robot.records.store.cases import Row
from robot.records.store.fichas import applicants
from robot.records.store.listado import Filtro
from robot.records.store.personas import Persona
from robot.records.store.schema import NEVER
from robot.settings import BOGOTA

router = APIRouter(route_class=Formulario)
ROWS: Final = 50
MOST: Final = 10_000
"""Rows of a sheet."""
_MASKER: Final = Masker()  # by form: a reason quotes what Serviweb said


def _list(request: Request, panel: Panel, persona: Persona, base: str) -> Response:
    """Show a page of the list at *base*, of one's own cases or of all."""
    asked = leida(request.query_params)
    safe = sin_datos(panel, asked)
    if safe != asked:  # a document typed into the address itself
        return RedirectResponse(f"{base}?{safe.direccion}", 303)
    own = persona.usuario if base == "/mis-casos" else ""
    filtro, trouble = Filtro(ids=()), None
    mixed = _mixes(panel, asked.q)
    try:
        filtro = filtro_de(panel, asked, asesor=own) if not mixed else filtro
        after, before = request.query_params.get("despues", ""), request.query_params.get("antes", "")
        found = listado.page(panel.store, filtro, after=after, before=before, limit=ROWS)
    except Rejected as refused:
        trouble, found = refused, listado.Pagina(filas=())
    first = "despues" not in request.query_params and "antes" not in request.query_params
    total = listado.count(panel.store, filtro) if found.filas and not trouble else None
    if total is None and first and not found.siguiente:
        total = len(found.filas)
    anotar(request, "busqueda", lista=base.strip("/"), filas=len(found.filas), **asked.notas())
    return page(
        request,
        "casos.html",
        base=base,
        propia=bool(own),
        asked=asked,
        filas=[(row, en_pantalla(_MASKER.text(row["motivo"]))) for row in found.filas],
        solicitantes=applicants(panel.store, [row["id"] for row in found.filas if not row["suscriptor"]]),
        hallada=found,
        total=total,
        contados=listado.COUNTED,
        problema=trouble,
        mezcla=mixed,
        primera=first,
        guardados=[(row["nombre"], row["consulta"]) for row in filtros.saved(panel.store, persona.usuario)],
        asesores=[] if own else listado.choices(panel.store, "asesor"),
        clases=listado.choices(panel.store, "clase"),
        enlace=lambda **more: f"{base}?{urlencode([*parse_qsl(asked.direccion), *more.items()])}",
        sin=lambda **less: f"{base}?{replace(asked, **less).direccion}",
        hasta_donde=_reached(found),
    )


def _mixes(panel: Panel, texto: str) -> bool:
    """Say whether a text has a number among words that may be a document: none is one that is a subscriber's code."""
    return buscador.mezcla_privado(texto) and buscador.con_codigo(panel.store, texto) is None


def _reached(found: listado.Pagina) -> datetime | None:
    """Return how far back a page that stopped early has looked."""
    return datetime.fromisoformat(found.siguiente.partition("~")[0]) if found.corta and found.siguiente else None


@router.get("/casos")
def casos(request: Request, panel: ElPanel, persona: Supervisor) -> Response:
    """Show all cases."""
    return _list(request, panel, persona, "/casos")


@router.get("/mis-casos")
def mis_casos(request: Request, panel: ElPanel, persona: Asesor) -> Response:
    """Show an advisor her own cases."""
    return _list(request, panel, persona, "/mis-casos")


def _to(request: Request, base: str, asked: Consulta) -> Response:
    return ir_a(request, f"{base}?{asked.direccion}" if asked.direccion else base)


@router.post("/casos/buscar")
@sin_efecto
async def buscar(request: Request, panel: ElPanel, _persona: Supervisor) -> Response:
    """Turn a form into an address without documents or phones."""
    return await _search(request, panel, "/casos")


@router.post("/mis-casos/buscar")
@sin_efecto
async def buscar_mios(request: Request, panel: ElPanel, _persona: Asesor) -> Response:
    """Turn a form into an address without documents or phones."""
    return await _search(request, panel, "/mis-casos")


async def _search(request: Request, panel: Panel, base: str) -> Response:
    asked = leida(await request.form())
    if await asyncio.to_thread(_mixes, panel, asked.q):
        raise _alone()
    return _to(request, base, await asyncio.to_thread(sin_datos, panel, asked))


def _alone() -> Rejected:
    return Rejected(
        "El texto mezcla palabras con un número que puede ser un documento o un celular",
        remedy="Busque el documento o el celular solo, o solo el nombre.",
    )


# Saved filters.


@router.post("/casos/filtros")
@router.post("/mis-casos/filtros")
def guardar(
    request: Request,
    panel: ElPanel,
    persona: Asesor,
    nombre: Annotated[str, Form()] = "",
    consulta: Annotated[str, Form()] = "",
) -> Response:
    """Keep the filter that is shown."""
    asked = sin_datos(panel, leida(QueryParams(consulta)))
    if _mixes(panel, asked.q):
        raise _alone()
    kept = filtros.save(panel.store, persona.usuario, nombre, asked.direccion)
    anotar(request, "filtro_guardado", nombre=kept)
    return _to(request, _base(request), asked)


@router.post("/casos/filtros/quitar")
@router.post("/mis-casos/filtros/quitar")
def quitar(
    request: Request,
    panel: ElPanel,
    persona: Asesor,
    nombre: Annotated[str, Form()] = "",
    consulta: Annotated[str, Form()] = "",
) -> Response:
    """Forget a filter."""
    filtros.remove(panel.store, persona.usuario, nombre)
    anotar(request, "filtro_borrado", nombre=nombre)
    return _to(request, _base(request), sin_datos(panel, leida(QueryParams(consulta))))


def _base(request: Request) -> str:
    return "/" + request.url.path.split("/")[1]


# Sheets.


@router.get("/casos/exportar/{tipo}")
def exportar(request: Request, panel: ElPanel, _persona: Supervisor, tipo: Literal["csv", "xlsx"]) -> Response:
    """Send what the list shows, all its pages."""
    return _sheet(request, panel, tipo)


@router.get("/mis-casos/exportar/{tipo}")
def exportar_mios(request: Request, panel: ElPanel, persona: Asesor, tipo: Literal["csv", "xlsx"]) -> Response:
    """Send what the list shows, all its pages."""
    return _sheet(request, panel, tipo, asesor=persona.usuario)


def _sheet(request: Request, panel: Panel, tipo: str, *, asesor: str = "") -> Response:
    asked = leida(request.query_params)
    rows = list(listado.everything(panel.store, filtro_de(panel, asked, asesor=asesor), MOST))
    numbers = listado.documents(panel.store, [row["id"] for row in rows])
    lines = [linea_de_lista(row, numbers.get(row["id"], {})) for row in rows]
    anotar(request, "exportacion", lista="casos", formato=tipo, filas=len(lines), **asked.notas())
    write: Any = escribir_csv if tipo == "csv" else escribir_xlsx
    name = f"casos-{datetime.now(BOGOTA):%Y-%m-%d-%H%M}.{tipo}"
    return bajar(panel, CSV if tipo == "csv" else XLSX, lambda folder: write(lines, folder / name))


def linea_de_lista(row: Row, numbers: dict[str, str], **clocks: datetime) -> Linea:
    """Return a case as sheets have it, from what the database knows."""
    if row["vence"] != NEVER:
        clocks = {"reconectar": datetime.fromisoformat(row["vence"]), **clocks}
    return Linea(
        caso=row["id"],
        codigo=row["codigo"],
        ruta=row["ruta"],
        suscriptor=row["suscriptor"],
        estado=row["estado"],
        etapa=row["etapa"],
        asesor=row["asesor"],
        factura=numbers.get("factura", ""),
        recibo=numbers.get("abono", ""),
        radicado=numbers.get("tramite", ""),
        creado=datetime.fromisoformat(row["creado"]),
        cambiado=datetime.fromisoformat(row["cambiado"]),
        motivo=_MASKER.text(row["motivo"]),
        que_hacer=en_pantalla(_MASKER.text(row["que_hacer"])),
        **clocks,  # type: ignore[arg-type]
    )
