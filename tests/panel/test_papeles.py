"""The papers of a case: seen, downloaded, printed with two copies, and attached by hand."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from mock_client import User
from oficina import Oficina, oficina_con
from playwright.sync_api import Browser, expect
from solicitudes import estado_vivo, facturado

from robot.panel.impresion import print_paper
from robot.records.store import cases
from robot.work.expediente import caso_of

LP = """#!/bin/sh
printf '%s\\n' "$@" > "$(dirname "$0")/pedido"
for last in "$@"; do :; done
cat "$last" > "$(dirname "$0")/impreso.pdf"
test ! -e "$(dirname "$0")/averiada" || { echo 'lp: The printer or class does not exist.' >&2; exit 1; }
"""


@pytest.fixture(scope="module")
def impresora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with an `lp` that keeps what it was asked to print."""
    folder = tmp_path_factory.mktemp("lp")
    program = folder / "lp"
    program.write_text(LP, encoding="utf-8")
    program.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def oficina(browser: Browser, impresora: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oficina]:
    """Give an office with a printer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{impresora}{os.pathsep}{os.environ['PATH']}")
        folder = tmp_path_factory.mktemp("oficina")
        with oficina_con(browser, folder, imprimir=True, impresora="Caja2") as oficina:
            yield oficina


@pytest.fixture(scope="module")
def caso(oficina: Oficina) -> str:
    """Give a case of beto's that waits for its payment."""
    return facturado(oficina, "100701")


def test_papers_are_seen_and_downloaded_as_they_were_printed(oficina: Oficina, caso: str) -> None:
    """The bytes are the journal's, inline to look at and as a file to keep."""
    page = oficina.como("beto", f"/casos/{caso}/en-vivo")
    expect(estado_vivo(page).get_by_role("link", name="Ver Recibo de pago")).to_be_visible()
    printed = caso_of(oficina.panel.archivo(), caso).papers()["recibo-abono"]
    address = f"{oficina.url}/casos/{caso}/papeles/recibo-abono"
    seen = page.request.get(address)
    assert seen.headers["content-type"] == "application/pdf"
    assert seen.headers["content-disposition"].startswith("inline")
    assert seen.headers["cache-control"] == "no-store"
    assert hashlib.sha256(seen.body()).hexdigest() == printed["sha256"]
    with page.expect_download() as download:
        estado_vivo(page).get_by_role("link", name="Descargar Recibo de pago").click()
    assert download.value.suggested_filename == f"{caso}-recibo-abono-dos-copias.pdf"
    assert hashlib.sha256(download.value.path().read_bytes()).hexdigest() == printed["copies_sha256"]


def test_two_copies_go_to_the_printer_once(oficina: Oficina, caso: str, impresora: Path) -> None:
    """A double click is one print, of the two-copy PDF, on the printer of the settings; the audit journal has it."""
    page = oficina.como("beto", f"/casos/{caso}/en-vivo")
    estado_vivo(page).get_by_role("button", name="Imprimir dos copias de Recibo de pago").dblclick()
    expect(page.get_by_text("Recibo de pago: enviado a Caja2")).to_be_visible()
    printed = caso_of(oficina.panel.archivo(), caso).papers()["recibo-abono"]
    assert hashlib.sha256((impresora / "impreso.pdf").read_bytes()).hexdigest() == printed["copies_sha256"]
    asked = (impresora / "pedido").read_text(encoding="utf-8").splitlines()
    assert asked[:2] == ["-d", "Caja2"]
    assert actions(oficina, "imprime_papel") == [{"papel": "recibo-abono"}]


def actions(oficina: Oficina, accion: str) -> list[dict[str, str]]:
    """Return the details of these acts in the audit journal."""
    from sqlalchemy import select

    from robot.records.store.schema_panel import acciones

    with oficina.panel.store.read() as connection:
        found = connection.execute(select(acciones.c.detalle).where(acciones.c.accion == accion)).scalars()
        return [json.loads(detail) for detail in found]


def test_a_printer_that_fails_is_told_in_plain_words(oficina: Oficina, caso: str, impresora: Path) -> None:
    """What the printer said, and how to print by hand."""
    (impresora / "averiada").touch()
    page = oficina.como("beto", f"/casos/{caso}/en-vivo")
    estado_vivo(page).get_by_role("button", name="Imprimir dos copias de Recibo de pago").click()
    expect(page.get_by_text("La impresora no recibió el papel: The printer or class does not exist.")).to_be_visible()
    (impresora / "averiada").unlink()


def test_only_the_cases_own_papers_have_an_address(oficina: Oficina, caso: str) -> None:
    """Another kind, or a path, is no paper."""
    page = oficina.como("beto", f"/casos/{caso}/en-vivo")
    for kind in ("solicitud-tramite", "journal.jsonl", "..%2Fjournal.jsonl", "%2e%2e%2f%2e%2e%2fserviweb.sqlite3"):
        answer = page.request.get(f"{oficina.url}/casos/{caso}/papeles/{kind}")
        assert answer.status in (404, 422), kind
        assert "application/pdf" not in answer.headers["content-type"]


def test_a_paper_that_was_changed_is_not_given(oficina: Oficina, caso: str) -> None:
    """The journal's hash vouches for the file."""
    found = caso_of(oficina.panel.archivo(), caso)
    path = found.folder / found.papers()["solicitud-factura"]["file"]
    kept = path.read_bytes()
    path.write_bytes(kept + b"\n")
    page = oficina.como("beto", f"/casos/{caso}/papeles/solicitud-factura")
    expect(page.get_by_text("el archivo cambió desde que se imprimió")).to_be_visible()
    path.write_bytes(kept)


def test_a_missing_paper_is_attached_by_hand(oficina: Oficina, tmp_path: Path) -> None:
    """Serviweb's print failed: the panel says so, refuses another document's PDF, and takes the right one."""
    oficina.control.faults({"at": "factura.imprimir", "fault": "error_500", "times": 9})
    mark = facturado(oficina, "100702")
    oficina.control.faults()
    assert caso_of(oficina.panel.archivo(), mark).missing_papers() == ["solicitud-factura"]
    page = oficina.como("beto", f"/casos/{mark}/en-vivo")
    situacion = estado_vivo(page)
    situacion.get_by_text("Adjuntar el PDF").click()
    wrong = tmp_path / "otro.pdf"
    wrong.write_bytes(b"no es un PDF")
    situacion.get_by_label("Archivo PDF").set_input_files(wrong)
    situacion.get_by_role("button", name="Adjuntar").click()
    expect(page.get_by_text("Serviweb entregó un archivo desconocido")).to_be_visible()
    situacion.get_by_label("Archivo PDF").set_input_files(right_paper(oficina, mark, tmp_path))
    situacion.get_by_role("button", name="Adjuntar").click()
    expect(situacion.get_by_role("link", name="Ver Solicitud de trámite de la factura")).to_be_visible()
    assert cases.diary(oficina.panel.store, mark)[-1]["adjuntado_por"] == "beto"


def right_paper(oficina: Oficina, mark: str, folder: Path) -> Path:
    """Print the case's factura to PDF, as an advisor would from Serviweb."""
    number = caso_of(oficina.panel.archivo(), mark).documents()["factura"]
    with User(oficina.serviweb, "asesor1") as user:
        shown = user.get(f"/factura/{number}/solicitud").text
    paper = oficina.abrir().new_page()
    paper.set_content(shown)
    paper.pdf(path=folder / "factura.pdf")
    return folder / "factura.pdf"


def test_without_a_printer_the_panel_says_what_to_do(oficina: Oficina, tmp_path: Path) -> None:
    """Off by default, and no `lp` on the machine: two sentences of their own."""
    from robot.errors import Rejected

    off = oficina.panel.settings.model_copy(update={"imprimir": False})
    with pytest.raises(Rejected, match="no tiene permitido imprimir"):
        print_paper(off, tmp_path / "x.pdf", title="x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        with pytest.raises(Rejected, match="no tiene con qué imprimir"):
            print_paper(oficina.panel.settings, tmp_path / "x.pdf", title="x")
