"""Attach a paper that a person printed by hand: checked as printed ones are, with its two copies (D3)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from robot.browser import documents, papers
from robot.browser.paper import has_text
from robot.errors import Rejected
from robot.records.caso import Caso
from robot.work.archivo import Archivo, machine
from robot.work.pago import opened

KINDS: Final[dict[str, str]] = {"solicitud-factura": "factura", "recibo-abono": "abono", "solicitud-tramite": "tramite"}
"""Each paper's name, and the document that it prints (pasos 15, 22 bis, 31)."""
_MOST_BYTES: Final = 20 << 20


def attach(archivo: Archivo, caso: Caso, kind: str, source: Path, *, persona: str, sin_texto: str = "") -> papers.Paper:
    """Keep the PDF and its two copies as the case's paper of that kind, and write who attached it.

    *sin_texto* is the reason of a paper that is a picture: a person has compared its number. Raises `Rejected` for a
    file that isn't the paper, and `Fenced` while the case is worked.
    """
    data = _read(source)
    with opened(archivo, caso.id) as journal:
        number = _needed(Caso(caso.folder, journal.entries), kind)
        shown = _checked(data, number, sin_texto)
        original = papers.store(caso.folder / "papeles", kind, data)
        try:
            paper = papers.checked(original, data, case=caso.id, kind=kind, number=number, has_text=shown)
            journal.write(
                "document.printed",
                durable=True,
                kind=kind,
                **paper.entry(),
                equipo=machine(archivo.settings),
                adjuntado_por=persona,
                sin_texto=sin_texto if not shown else None,
            )
        except BaseException as error:
            for left in (original, original.with_name(f"{original.stem}-dos-copias.pdf")):
                left.unlink(missing_ok=True)
            if isinstance(error, documents.PaperError):
                raise _refused(error) from error
            raise
        caso.entries[:] = journal.entries
    return paper


def _read(source: Path) -> bytes:
    try:
        if source.stat().st_size > _MOST_BYTES:
            raise Rejected(f"«{source.name}» es demasiado grande para ser un papel", remedy="Imprímalo otra vez a PDF.")
        return source.read_bytes()
    except OSError as error:
        why = {FileNotFoundError: "no existe", IsADirectoryError: "es una carpeta"}.get(type(error), error.strerror)
        raise Rejected(f"No se puede leer «{source.name}»: {why}", remedy="Revise el nombre y la carpeta.") from None


def _needed(caso: Caso, kind: str) -> str:
    """Return the number that the paper must show. Raises `Rejected` when the case needs no such paper."""
    name = papers.TITLES[kind]
    number = caso.documents().get(KINDS[kind])
    if number is None:
        raise Rejected(
            f"El caso {caso.id} no tiene el documento de ese papel ({name})", remedy=f"Vea «serviweb caso {caso.id}»."
        )
    if kind in caso.papers():
        raise Rejected(
            f"El caso {caso.id} ya tiene ese papel ({name} {number})",
            remedy=f"Está en {caso.folder / str(caso.papers()[kind]['copies_file'])}.",
        )
    return number


def _checked(data: bytes, number: str, sin_texto: str) -> bool:
    """Say whether the number was read in the PDF's text. Raises `Rejected` when it isn't that document's paper."""
    try:
        documents.check(data, number)
    except documents.PaperError as error:
        if has_text(data) is not False:
            raise _refused(error) from error
        if not sin_texto.strip():
            raise Rejected(
                f"El PDF no tiene texto (es una imagen): no se puede comprobar el número {number}",
                remedy=f"Compruebe a la vista que sea {number} y agregue --sin-texto con el motivo, por ejemplo "
                "--sin-texto «escaneado».",
            ) from error
        return False
    return True


def _refused(error: documents.PaperError) -> Rejected:
    reason, _, _ = str(error).partition(f" {documents.REMEDY}")
    return Rejected(reason, remedy="Imprima el documento a PDF desde Serviweb y adjunte ese archivo.")
