"""The documented clicks from login to radicado, judged by Serviweb's own ledger and by the files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from flows.pasos import pasos
from robot.records.journal import read

if TYPE_CHECKING:
    from desk import Desk

PRODUCTS = ["CORTE", "RECONEXIÓN DEL SERVICIO", "RECUPERACIÓN ACUEDUCTO CARTERA"]


@pytest.fixture(autouse=True)
def recorded(desk: Desk) -> None:
    """Keep what a case leaves behind as an office does."""
    desk.set(evidencia="grabacion")


def test_both_stages_leave_one_document_of_each_kind(desk: Desk) -> None:
    """One factura with the three products, one abono of it, one trámite: as the procedure says, and nothing else."""
    solicitud = desk.request()
    before = desk.control.ledger()
    outcome = desk.cobro(solicitud)
    assert outcome.error is None
    caso = outcome.caso
    assert caso.estado == "esperando_pago"
    desk.paid(caso)
    outcome = desk.tramite(caso, solicitud)
    assert outcome.error is None
    assert outcome.caso.estado == "terminado"

    [factura] = desk.new("facturas", before)
    assert factura["codigo"] == "100234"
    assert factura["productos"] == PRODUCTS
    assert factura["forma_pago"] == "Contado"
    assert factura["tercero"]["documento"] == "40781234"
    assert factura["observation"] == f"100234 01-383 RECONEXION {caso.id}"
    assert factura["number"] == caso.number("factura")
    [abono] = desk.new("abonos", before)
    assert abono["factura"] == factura["number"]
    assert abono["facturas"] == [factura["number"]]
    assert abono["amount"] == factura["amount"] == caso.what("factura")["total"]
    assert abono["number"] == caso.number("abono")
    [tramite] = desk.new("tramites", before)
    assert tramite["observation"] == f"100234 01-383 RECONEXION 3124567890 CON MEDIDOR {caso.id}"
    assert (tramite["zona"], tramite["medio"], tramite["servicio"]) == ("FLORENCIA", "PERSONAL", "ACUEDUCTO")
    assert (tramite["tipo"], tramite["causal"]) == ("PETICIÓN", "RECONEXIÓN DEL SERVICIO")
    assert tramite["notificacion"] is False
    assert tramite["number"] == caso.number("tramite")
    assert desk.new("terceros", before) == []
    for route in ("factura.guardar", "abono.generar", "tramite.guardar"):
        assert desk.posts(route) == 1


def test_every_documented_step_is_in_the_journal_once(desk: Desk) -> None:
    """The journal tells the robot's steps of the procedure, in order, with the document's own words."""
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    desk.paid(caso)
    desk.tramite(caso, solicitud)
    entries = read(caso.folder)
    done = [e["number"] for e in entries if e["event"] == "step.finished"]
    documented = [p.paso for p in pasos() if p.hace == "robot"]
    assert done == [*documented[: documented.index("24")], "3", *documented[documented.index("24") :]]
    texts = {p.paso: p.texto for p in pasos()}
    assert all(e["text"] == texts[e["number"]] for e in entries if e["event"] == "step.started")
    order = [e["event"] for e in entries if e.get("kind") == "factura" and e["event"].startswith("effect.")]
    assert order == ["effect.baseline", "effect.intent", "effect.sent", "effect.answered", "effect.confirmed"]


def test_three_papers_are_kept_with_their_two_copies(desk: Desk) -> None:
    """Each paper is a PDF with its number, its original bytes hashed, and a PDF with a copy for each side."""
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    desk.paid(caso)
    caso = desk.tramite(caso, solicitud).caso
    numbers = {"solicitud-factura": "factura", "recibo-abono": "abono", "solicitud-tramite": "tramite"}
    assert caso.papers().keys() == numbers.keys()
    for kind, entry in caso.papers().items():
        data = (caso.folder / entry["file"]).read_bytes()
        assert data.startswith(b"%PDF")
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        number = caso.number(numbers[kind])
        assert number in PdfReader(caso.folder / entry["file"]).pages[0].extract_text()
        copies = PdfReader(caso.folder / entry["copies_file"])
        assert len(copies.pages) == 2 * entry["pages"]
        for page, mark, signer in zip(
            copies.pages, ("Copia cliente", "Copia soporte"), ("Asesor", "usuario"), strict=True
        ):
            text = page.extract_text()
            assert mark in text
            assert signer in text
            assert caso.id in text
            assert number in text


def test_a_tercero_who_is_not_there_is_created_once(desk: Desk) -> None:
    """Step 7: the + adds the person who asks, whose name and celular are the request's."""
    outcome = desk.cobro(desk.request("100310"))
    assert outcome.error is None
    [tercero] = [t for t in desk.ledger("terceros") if t["documento"] == "17634567"]
    assert (tercero["nombres"], tercero["apellidos"]) == ("JOSÉ ÁNGEL", "ÑÁÑEZ MUÑOZ")
    assert tercero["celular"] == "3124567890"
    assert desk.posts("tercero.guardar") == 1
    assert outcome.caso.number("tercero") == tercero["number"]


@pytest.mark.parametrize("codigo", ["000789", "100600"])
def test_leading_zeros_and_companies(desk: Desk, codigo: str) -> None:
    """A code keeps its zeros; a company is a tercero with its NIT."""
    outcome = desk.cobro(desk.request(codigo))
    assert outcome.error is None
    [factura] = [f for f in desk.ledger("facturas") if f["number"] == outcome.caso.number("factura")]
    assert factura["codigo"] == codigo
    assert factura["tercero"]["documento"] == desk.request(codigo).documento


def test_somebody_else_may_ask(desk: Desk) -> None:
    """D12: the person who asks need not be the subscriber; the factura is the subscriber's, the tercero who asks."""
    solicitud = desk.request(documento="1117499001", nombres="Pedro", apellidos="Páez Lozano")
    outcome = desk.cobro(solicitud)
    assert outcome.error is None
    [factura] = [f for f in desk.ledger("facturas") if f["number"] == outcome.caso.number("factura")]
    assert factura["codigo"] == "100234"
    assert factura["tercero"]["nombre"] == "PEDRO PÁEZ LOZANO"


def test_credito_runs_the_same_clicks(desk: Desk) -> None:
    """D11: crédito is chosen at step 5 and the rest is the same."""
    outcome = desk.cobro(desk.request(forma_pago="crédito"))
    assert outcome.error is None
    assert desk.ledger("facturas")[-1]["forma_pago"] == "Crédito"


@pytest.mark.parametrize("products", [PRODUCTS[:1], PRODUCTS[:2], [*PRODUCTS, "CORTE Y SELLO"]])
def test_products_are_configuration(desk: Desk, products: list[str]) -> None:
    """D2: a utility may bill fewer or more products; exactly those stand on the factura."""
    desk.set(productos=tuple(products))
    outcome = desk.cobro()
    assert outcome.error is None, outcome.error
    [factura] = [f for f in desk.ledger("facturas") if f["number"] == outcome.caso.number("factura")]
    assert factura["productos"] == products


def test_without_the_mark_the_observation_is_the_template_alone(desk: Desk) -> None:
    """Settings may forbid the case's mark in the Observación."""
    desk.set(marca_en_observacion=False)
    outcome = desk.cobro()
    assert outcome.error is None
    assert desk.ledger("facturas")[-1]["observation"] == "100234 01-383 RECONEXION"


@pytest.mark.parametrize("mode", ["ninguna", "imagenes", "grabacion"])
def test_evidence_changes_nothing_in_serviweb(desk: Desk, mode: str) -> None:
    """Recording, screenshots or nothing: Serviweb sees the same."""
    desk.set(evidencia=mode)
    outcome = desk.cobro()
    assert outcome.error is None
    factura = desk.ledger("facturas")[-1]
    assert factura["productos"] == PRODUCTS
    assert desk.posts("factura.guardar") == 1
    assert (outcome.caso.folder / "imagenes").is_dir() is (mode != "ninguna")
    assert (outcome.caso.folder / "grabacion").is_dir() is (mode == "grabacion")
