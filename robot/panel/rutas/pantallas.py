"""Drift: the checks of the screens' map, with their pictures, and how an administrator accepts a candidate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.maps import load as load_map
from robot.errors import Rejected
from robot.panel.acceso import Administrador, ElPanel, Supervisor, anotar, may
from robot.panel.contexto import Panel
from robot.panel.formulario import Formulario, ir_a
from robot.panel.paginas import page
from robot.records import revision_mapa
from robot.records.revision_mapa import MALOS, VEREDICTOS
from robot.records.store import cases
from robot.work import aceptacion, asistido
from robot.work.revisor import DERIVA

router = APIRouter()
accepting = APIRouter(route_class=Formulario)
TONO: Final = {"falta": "mal", "ambiguo": "mal", "cambiado": "duda", "encontrado": "bien"}
_LONGEST_REASON: Final = 300


@router.get("/pantallas")
def pantallas(request: Request, panel: ElPanel, _quien: Supervisor) -> Response:
    """Show the map, whether it stops the queue, and its checks."""
    maps = panel.maps
    pause = cases.switches(panel.store).get(cases.PAUSE)
    told = cases.why(pause) if pause else ""
    return page(
        request,
        "pantallas.html",
        maps=maps,
        revisado=_checked(panel),
        del_programa=aceptacion.es_del_programa(maps.folder),
        pausa=told.partition(". Informe:")[0],
        pausada=pause,
        por_deriva=told.startswith(DERIVA),
        asistidos={e: asistido.quedan(panel.store, maps, panel.settings, e) for e in asistido.ETAPAS},
        revisiones=[(name, data, _bad(data)) for name, data in revision_mapa.todas(panel.settings.revisiones)],
        historia=list(reversed(revision_mapa.historia(maps.folder)))[:20],
        VEREDICTOS=VEREDICTOS,
    )


def _bad(revision: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in revision["controles"] if entry["veredicto"] in MALOS]


def _checked(panel: Panel) -> str:
    """Return when the map in use was last checked, as the tables hold it; «» for never."""
    try:
        _, revision = revision_mapa.ultima(panel.settings.revisiones, panel.maps.folder.resolve())
    except Rejected:
        return ""
    return str(revision["cuando"])


def _found(panel: Panel, nombre: str) -> dict[str, Any]:
    revision = revision_mapa.una(panel.settings.revisiones, nombre)
    if revision is None:
        raise HTTPException(404, "Esa revisión no está en este equipo.")
    return revision


@router.get("/pantallas/{nombre}")
def pantalla(request: Request, panel: ElPanel, quien: Supervisor, nombre: str) -> Response:
    """Show one check: what is to be corrected, then every control with its pictures."""
    return _page(request, panel, nombre, administra=may(quien, "administrador"))


def _page(
    request: Request, panel: Panel, nombre: str, *, administra: bool, error: Rejected | None = None, control: str = ""
) -> Response:
    revision = _found(panel, nombre)
    folder = panel.maps.folder.resolve()
    mine = Path(revision["carpeta_mapa"]).resolve() == folder
    newest = mine and revision_mapa.ultima(panel.settings.revisiones, folder)[0].name == nombre
    accepted = {
        line["control"]: line for line in revision_mapa.historia(folder) if line.get("revision") == nombre and mine
    }
    pictures = revision["imagenes"]
    return page(
        request,
        "pantalla.html",
        422 if error else 200,
        r=revision,
        nombre=nombre,
        malos=_bad(revision),
        por_pantalla=revision_mapa.por_pantalla(revision["controles"]),
        imagenes=revision_mapa.por_pantalla(pictures),
        vista={title: picture["archivo"] for picture in pictures for title in picture["controles"]},
        VEREDICTOS=VEREDICTOS,
        TONO_DE=TONO,
        MALOS=MALOS,
        administra=administra,
        puede_aceptar=newest and not aceptacion.es_del_programa(folder),
        porque_no=_why_not(mine=mine, newest=newest, bundled=aceptacion.es_del_programa(folder)),
        aceptados=accepted,
        error=error,
        control_error=control,
    )


def _why_not(*, mine: bool, newest: bool, bundled: bool) -> str:
    """Return why nothing of a check can be accepted here; «» where it can."""
    if not mine:
        return "Esta revisión es de otro mapa, no del que se usa ahora."
    if bundled:
        return "Este mapa viene con el programa y no se cambia; para corregirlo hace falta una copia propia."
    return "" if newest else "Hay una revisión más nueva: los candidatos que valen son los de esa."


@router.get("/pantallas/{nombre}/{archivo}")
def imagen(panel: ElPanel, _quien: Supervisor, nombre: str, archivo: str) -> Response:
    """Give a picture of a check, one that its report names."""
    named = {picture["archivo"] for picture in _found(panel, nombre)["imagenes"]}
    path = panel.settings.revisiones / nombre / archivo
    if archivo not in named or Path(archivo).name != archivo or not path.is_file():
        raise HTTPException(404, "Esa imagen no está en este equipo.")
    return FileResponse(path, headers={"Cache-Control": "private, max-age=3600"})


@accepting.post("/pantallas/{nombre}/aceptar")
def aceptar(
    request: Request,
    panel: ElPanel,
    quien: Administrador,
    nombre: str,
    control: Annotated[str, Form(max_length=120)] = "",
    candidato: Annotated[int, Form()] = 0,
    motivo: Annotated[str, Form(max_length=_LONGEST_REASON)] = "",
) -> Response:
    """Write a candidate into the map, as an administrator decided, and use the map from now on."""
    _found(panel, nombre)
    if not motivo.strip():
        refused = Rejected("Escriba por qué lo acepta", remedy="Queda en la historia del mapa.")
        return _page(request, panel, nombre, administra=True, error=refused, control=control)
    line, _ = aceptacion.aceptar(
        panel.settings.revisiones,
        panel.maps.folder,
        control,
        candidato,
        quien=f"{quien.nombre} ({quien.usuario})",
        motivo=motivo,
        revision=nombre,
    )
    panel.maps = load_map(panel.maps.folder, REQUIRED, OPTIONAL)
    changed = {"control": control, "candidato": candidato, "mapa_antes": line["mapa_antes"][:16]}
    anotar(request, "mapa_aceptado", revision=nombre, **changed, mapa_despues=line["mapa_despues"][:16])
    return ir_a(request, f"/pantallas/{nombre}#{control}")


router.include_router(accepting)
