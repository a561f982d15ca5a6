"""The subscriber's lists: read whole, kept before each document, and heeded."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from flows.consulta import consultar
from robot.errors import Rejected
from robot.records.journal import Journal, read
from robot.records.report import case_page
from robot.work.apertura import masker_for

if TYPE_CHECKING:
    from desk import Desk

    from robot.browser.run import Run
    from robot.records.busqueda import Documento

PRODUCTS = ("CORTE", "RECONEXIÓN DEL SERVICIO", "RECUPERACIÓN ACUEDUCTO CARTERA")


def lists(desk: Desk, *kinds: str, codigo: str = "100234") -> list[list[Documento]]:
    """Return what the robot reads of these lists, in one session."""
    solicitud = desk.request(codigo)
    caso = desk.opened(solicitud, rehearsal=True)
    found: list[list[Documento]] = []

    async def flow(run: Run, _trabajo: Any) -> None:
        found.extend([await consultar(run, kind, codigo) for kind in kinds])

    async def work() -> None:
        async with desk.worker() as worker:
            with Journal(caso.folder, masker_for(solicitud)) as journal:
                await worker.consulta(caso, solicitud, flow, journal)

    desk.do(work())
    return found


def billed(desk: Desk, codigo: str = "100234", *, paid: bool = False) -> str:
    """Let another advisor bill the subscriber by hand; return the factura's number."""
    numero = desk.control.bill(codigo)
    if paid:
        desk.control.pay(desk.control.generate(codigo))
    return numero


def test_each_list_is_read_as_serviweb_shows_it(desk: Desk) -> None:
    """Number, day, user, products or causal, total, state, factura: those of the ledger."""
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    desk.paid(caso)
    assert desk.tramite(caso, solicitud).error is None
    [factura], [abono], [tramite] = lists(desk, "factura", "abono", "tramite")
    assert factura.numero == caso.number("factura")
    assert factura.productos == PRODUCTS
    assert (factura.total, factura.usuario, factura.abierto, factura.estado) == (98700, "asesor1", False, "Pagada")
    assert factura.carries(caso.id)
    assert factura.fecha is not None
    assert factura.fecha.utcoffset() is not None
    assert abono.numero == caso.number("abono")
    assert (abono.facturas, abono.total) == ((factura.numero,), 98700)
    assert tramite.numero == caso.number("tramite")
    assert tramite.causal == "RECONEXIÓN DEL SERVICIO"
    assert tramite.carries(caso.id)


def test_a_subscriber_without_documents_and_one_that_is_not_there(desk: Desk) -> None:
    """An empty list is empty; the steps themselves say that a subscriber doesn't exist."""
    assert lists(desk, "factura", "tramite") == [[], []]
    assert lists(desk, "abono", codigo="999999") == [[]]


def test_every_page_of_a_list_is_read(desk: Desk) -> None:
    """Ten stand on a page: half a list would make an old document look new."""
    made = [billed(desk) for _ in range(23)]
    [[*rows], again] = lists(desk, "factura", "factura")
    assert [row.numero for row in rows] == made[::-1]
    assert again == rows
    assert all(row.abierto for row in rows)


def test_the_lists_are_kept_before_each_document_is_meant(desk: Desk) -> None:
    """The baseline stands in the journal before the screen is opened; a consultation is no documented step."""
    old = billed(desk, paid=True)
    solicitud = desk.request(nueva_ocasion="otra reconexión")
    caso = desk.cobro(solicitud).caso
    desk.paid(caso)
    desk.tramite(caso, solicitud)
    entries = read(caso.folder)
    for kind, step in (("factura", "4"), ("abono", "16"), ("tramite", "24")):
        [kept] = [i for i, e in enumerate(entries) if e["event"] == "effect.baseline" and e["kind"] == kind]
        opened = next(i for i, e in enumerate(entries) if e["event"] == "step.started" and e["number"] == step)
        meant = next(i for i, e in enumerate(entries) if e["event"] == "effect.intent" and e["kind"] == kind)
        assert kept < opened < meant
    assert caso.baseline("factura") == {old}
    [row] = next(e for e in entries if e["event"] == "effect.baseline")["documentos"]
    assert (row["numero"], row["total"], row["marca"], row["usuario"]) == (old, 98700, False, "asesor2")
    titles = [e["title"] for e in entries if e["event"] == "lookup.started"]
    paid = ["Consulta de recibos"]  # the payment is read again before its trámite
    assert titles == ["Consulta de facturas", "Consulta de recibos", *paid, "Consulta de trámites"]
    page = case_page(caso.folder).read_text("utf-8")
    assert '<h2 id="consultas">Consultas</h2>' in page
    assert all(title in page for title in titles)
    assert old in page


@pytest.mark.parametrize("paid", [False, True])
def test_a_factura_like_ours_stops_the_case_before_billing(desk: Desk, paid: bool) -> None:
    """Another advisor billed her already: *rechazado*, with number and user, and nothing of this case saved."""
    theirs = billed(desk, paid=paid)
    before = desk.control.ledger()
    outcome = desk.cobro()
    assert isinstance(outcome.error, Rejected)
    assert f"ya existe la factura {theirs} de asesor2" in str(outcome.error)
    assert outcome.caso.estado == "rechazado"
    assert desk.new("facturas", before) == []


def test_a_person_may_say_that_it_is_another_occasion(desk: Desk) -> None:
    """Paid and recent, but a reason was given."""
    billed(desk, paid=True)
    before = desk.control.ledger()
    outcome = desk.cobro(desk.request(nueva_ocasion="la cortaron de nuevo"))
    assert outcome.error is None, outcome.error
    assert len(desk.new("facturas", before)) == 1


@pytest.mark.parametrize(("codigo", "older"), [("100411", 1), ("100412", 2)])
def test_an_older_unpaid_factura_stops_the_case_before_billing(desk: Desk, codigo: str, older: int) -> None:
    """D13, and earlier: nothing is billed that could not be paid alone; each factura is named."""
    before = desk.control.ledger()
    outcome = desk.cobro(desk.request(codigo, nueva_ocasion="no cambia nada"))
    assert isinstance(outcome.error, Rejected)
    assert outcome.caso.estado == "rechazado"
    assert str(outcome.error).count("F-") == older
    assert desk.new("facturas", before) == []


@pytest.mark.parametrize("without", ["setting", "map"])
def test_without_the_consultation_the_case_runs_as_before(desk: Desk, without: str) -> None:
    """The setting turns it off, and a map need not have the screen."""
    if without == "setting":
        desk.set(consulta_previa=False)
    else:
        screens = {name: controls for name, controls in desk.maps.screens.items() if name != "consulta"}
        desk.maps = dataclasses.replace(desk.maps, screens=screens)
    outcome = desk.cobro()
    assert outcome.error is None
    events = {e["event"] for e in read(outcome.caso.folder)}
    assert not events & {"lookup.started", "effect.baseline"}


@pytest.mark.parametrize("fault", ["expired_session", "slow"])
def test_trouble_while_a_list_is_read_costs_another_try(desk: Desk, fault: str) -> None:
    """Nothing was sent: the document's flow begins again, with a new login."""
    desk.control.faults({"at": "consulta.facturas", "fault": fault, "seconds": 1})
    outcome = desk.cobro()
    assert outcome.error is None, outcome.error
    assert desk.posts("factura.guardar") == 1


def test_a_site_in_trouble_is_said_without_a_step(desk: Desk) -> None:
    """No list, no billing."""
    desk.control.faults({"at": "consulta.facturas", "fault": "error_500", "times": 9})
    outcome = desk.cobro()
    assert outcome.error is not None
    assert "500" in str(outcome.error)
    assert not str(outcome.error).startswith("Paso")
    assert outcome.caso.estado == "fallido"
    assert desk.posts("factura.guardar") == 0
