"""A paper printed by hand becomes the case's: checked, in two copies, the flag gone, with who attached it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from a_request import request, settings
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas
from some_cases import begun, journal, new, saved

from robot.errors import Fenced, Rejected
from robot.records.caso import load
from robot.records.report import case_page
from robot.records.store import cases
from robot.records.store.audit import verify
from robot.records.store.engine import Store
from robot.work.adjunto import attach
from robot.work.archivo import Archivo


@pytest.fixture
def archivo(store: Store, tmp_path: Path) -> Archivo:
    """Give the two witnesses of an installation without cases."""
    office = settings(tmp_path / "datos")
    office.casos.mkdir(parents=True)
    return Archivo(office, store)


@pytest.fixture
def case(archivo: Archivo) -> str:
    """Give a case that waits for its payment and whose receipt could not be printed."""
    mark = new(archivo.store)
    with journal(archivo.settings.casos, archivo.store, begun(archivo.store, mark)) as book:
        book.write("case.opened", durable=True, caso=mark, codigo=request().codigo, ruta="01-383")
        saved(book, "factura", "F-0000812")
        saved(book, "abono", "RC-0004521")
        book.write("document.missing", durable=True, kind="recibo-abono", reason="no llegó el PDF")
        book.write("case.state", durable=True, etapa="cobro", estado="esperando_pago")
    assert cases.case(archivo.store, mark)["papel_pendiente"]
    return mark


def a_pdf(folder: Path, text: str = "Recibo de pago RC-0004521", name: str = "recibo.pdf") -> Path:
    """Write a page with that text, or with a drawing alone."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(612, 792))
    if text:
        canvas.drawString(72, 700, text)
    canvas.rect(72, 72, 100, 100)
    canvas.showPage()
    canvas.save()
    (folder / name).write_bytes(file.getvalue())
    return folder / name


def papers(archivo: Archivo, case: str) -> list[str]:
    """Return the files in the case's folder of papers."""
    return sorted(path.name for path in (archivo.settings.casos / case / "papeles").glob("*"))


def test_the_paper_is_the_case_s(archivo: Archivo, case: str, tmp_path: Path) -> None:
    """Original and two copies on disk, their hashes in the journal, nothing pending, and the page says who."""
    source = a_pdf(tmp_path)
    caso = load(archivo.settings.casos / case)
    assert "Falta un papel" in case_page(caso.folder).read_text("utf-8")
    paper = attach(archivo, caso, "recibo-abono", source, persona="Ana Gómez")
    assert papers(archivo, case) == ["recibo-abono-dos-copias.pdf", "recibo-abono.pdf"]
    original, copies = caso.folder / paper.file, caso.folder / paper.copies_file
    assert original.read_bytes() == source.read_bytes()
    assert paper.copies_sha256 == hashlib.sha256(copies.read_bytes()).hexdigest()
    pages = [page.extract_text() for page in PdfReader(copies).pages]
    assert ["Copia cliente" in pages[0], "Copia soporte" in pages[1], len(pages)] == [True, True, 2]
    assert caso.missing_papers() == []
    last = load(caso.folder).entries[-1]
    assert (last["event"], last["adjuntado_por"], "sin_texto" in last) == ("document.printed", "Ana Gómez", False)
    assert not cases.case(archivo.store, case)["papel_pendiente"]
    assert cases.case(archivo.store, case)["estado"] == "esperando_pago"
    page = case_page(caso.folder).read_text("utf-8")
    assert "lo adjuntó Ana Gómez" in page
    assert "Falta un papel" not in page
    assert [fault for fault in verify(archivo.store, archivo.settings.casos) if not fault.nota] == []


def test_a_picture_needs_a_person_s_word(archivo: Archivo, case: str, tmp_path: Path) -> None:
    """A scan has no text: it is refused until somebody says that the number was compared."""
    caso = load(archivo.settings.casos / case)
    scan = a_pdf(tmp_path, "")
    with pytest.raises(Rejected, match="no se puede comprobar el número RC-0004521") as refused:
        attach(archivo, caso, "recibo-abono", scan, persona="Ana")
    assert "--sin-texto" in refused.value.advice
    attach(archivo, caso, "recibo-abono", scan, persona="Ana", sin_texto="escaneado, lo comparé")
    assert caso.papers()["recibo-abono"]["sin_texto"] == "escaneado, lo comparé"


def test_another_document_s_paper_is_refused_whatever_is_said(archivo: Archivo, case: str, tmp_path: Path) -> None:
    """Its text can be read and has another number; nothing is kept of it."""
    caso = load(archivo.settings.casos / case)
    with pytest.raises(Rejected, match="no contiene el número RC-0004521"):
        attach(archivo, caso, "recibo-abono", a_pdf(tmp_path, "Recibo RC-0004520"), persona="Ana", sin_texto="sí es")
    assert papers(archivo, case) == []
    assert cases.case(archivo.store, case)["papel_pendiente"]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "vacío"), (b"<html><title>Entrar</title>", "página web"), (b"%PDF-1.4 cortado", "incompleto")],
)
def test_what_is_no_pdf_is_refused(archivo: Archivo, case: str, tmp_path: Path, content: bytes, told: str) -> None:
    """Empty, a page, cut off: with a reason for no text too."""
    caso = load(archivo.settings.casos / case)
    (tmp_path / "x.pdf").write_bytes(content)
    with pytest.raises(Rejected, match=told):
        attach(archivo, caso, "recibo-abono", tmp_path / "x.pdf", persona="Ana", sin_texto="es imagen")
    with pytest.raises(Rejected, match="no existe"):
        attach(archivo, caso, "recibo-abono", tmp_path / "nada.pdf", persona="Ana")
    assert papers(archivo, case) == []


def test_only_a_paper_that_the_case_lacks(archivo: Archivo, case: str, tmp_path: Path) -> None:
    """There is no trámite yet, and a receipt that is there is not replaced."""
    caso = load(archivo.settings.casos / case)
    with pytest.raises(Rejected, match="no tiene el documento"):
        attach(archivo, caso, "solicitud-tramite", a_pdf(tmp_path), persona="Ana")
    attach(archivo, caso, "recibo-abono", a_pdf(tmp_path), persona="Ana")
    with pytest.raises(Rejected, match="ya tiene ese papel"):
        attach(archivo, caso, "recibo-abono", a_pdf(tmp_path), persona="Ana")
    attach(archivo, caso, "solicitud-factura", a_pdf(tmp_path, "Factura F-0000812"), persona="Ana")
    assert papers(archivo, case) == [
        "recibo-abono-dos-copias.pdf",
        "recibo-abono.pdf",
        "solicitud-factura-dos-copias.pdf",
        "solicitud-factura.pdf",
    ]


def test_a_case_that_is_worked_is_left_alone(archivo: Archivo, case: str, tmp_path: Path) -> None:
    """Its worker may be printing that very paper."""
    begun(archivo.store, case)
    with pytest.raises(Fenced):
        attach(archivo, load(archivo.settings.casos / case), "recibo-abono", a_pdf(tmp_path), persona="Ana")
    assert papers(archivo, case) == []
