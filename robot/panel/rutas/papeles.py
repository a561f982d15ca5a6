"""The papers of a case: to view, to download, to print with two copies, and to attach when one is missing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import FileResponse

from robot.errors import Rejected
from robot.panel.acceso import Asesor, ElPanel, anotar
from robot.panel.caso_visible import visible_case
from robot.panel.formulario import Formulario, ir_a
from robot.panel.impresion import print_paper
from robot.panel.paginas import page
from robot.panel.palabras import en_pantalla
from robot.records.story import PAPERS
from robot.work import cuarentena
from robot.work.adjunto import KINDS, attach
from robot.work.apertura import check_room
from robot.work.expediente import caso_of
from robot.work.papeles import file_of

router = APIRouter(route_class=Formulario)
_PDF: Final = {
    # The browser's own viewer draws with styles of its own.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; "
    "frame-ancestors 'self'",
    "Cache-Control": "no-store",
}


@router.get("/casos/{caso}/papeles/{tipo}")
def papel(
    request: Request,
    panel: ElPanel,
    persona: Asesor,
    caso: str,
    tipo: str,
    *,
    copias: bool = False,
    descargar: bool = False,
) -> Response:
    """Give a paper, or its two copies, to be seen or kept."""
    mark = str(visible_case(request, caso)["id"])
    path = file_of(caso_of(panel.archivo(persona), mark), tipo, copies=copias)
    anotar(request, "descarga_papel" if descargar else "ve_papel", mark, papel=tipo, copias=copias)
    how = "attachment" if descargar else "inline"
    return FileResponse(
        path,
        media_type="application/pdf",
        filename=f"{mark}-{path.name}",
        content_disposition_type=how,
        headers=_PDF,
    )


@router.post("/casos/{caso}/papeles/{tipo}/imprimir")
def imprimir(request: Request, panel: ElPanel, persona: Asesor, caso: str, tipo: str) -> Response:
    """Print the two copies of a paper on the printer of the panel's machine."""
    mark = str(visible_case(request, caso)["id"])
    path = file_of(caso_of(panel.archivo(persona), mark), tipo, copies=True)
    printer = print_paper(panel.settings, path, title=f"{mark} {tipo}")
    anotar(request, "imprime_papel", mark, papel=tipo)
    if "HX-Request" not in request.headers:
        return ir_a(request, f"/casos/{mark}/en-vivo")
    return page(request, "_impreso.html", titulo=PAPERS[tipo], impresora=printer)


@router.post("/casos/{caso}/papeles/{tipo}/adjuntar")
def adjuntar(
    request: Request,
    panel: ElPanel,
    persona: Asesor,
    caso: str,
    tipo: str,
    archivo: Annotated[UploadFile, File()],
    sin_texto: Annotated[str, Form()] = "",
) -> Response:
    """Make a PDF that somebody printed by hand the case's paper."""
    mark = str(visible_case(request, caso)["id"])
    if tipo not in KINDS:
        raise Rejected("Ese papel no está en el caso", remedy="Vea en la página del caso qué papeles tiene.")
    check_room(panel.settings)
    store = panel.archivo(persona)
    cuarentena.check(store)
    with tempfile.TemporaryDirectory(prefix="serviweb-papel-") as folder:
        path = Path(folder) / "papel.pdf"
        with path.open("wb") as file:
            shutil.copyfileobj(archivo.file, file)
        try:
            attach(store, caso_of(store, mark), tipo, path, persona=persona.usuario, sin_texto=sin_texto.strip())
        except Rejected as refused:
            told = refused.reason.replace(f"«{path.name}»", "El archivo")
            raise Rejected(told, remedy=en_pantalla(refused.advice)) from refused
    anotar(request, "adjunta_papel", mark, papel=tipo)
    return ir_a(request, f"/casos/{mark}/en-vivo")
