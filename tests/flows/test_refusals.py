"""What Serviweb or the data say no to: a clear word, an exit code, nothing half-written."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from mock_client import User

from robot.errors import Rejected, SiteDown, StepFailed, Unfinished
from robot.records.journal import read

if TYPE_CHECKING:
    from desk import Desk

    from robot.work.worker import Outcome


def refused(desk: Desk, codigo: str = "100234", **changes: Any) -> tuple[Outcome, str]:
    """Run a cobro that must not save anything, and return its outcome and what it says."""
    before = desk.control.ledger()
    outcome = desk.cobro(desk.request(codigo, **changes))
    after = desk.control.ledger()
    for name in ("terceros", "facturas", "abonos", "tramites"):
        assert after[name] == before[name]
    assert outcome.error is not None
    return outcome, str(outcome.error)


@pytest.mark.parametrize(
    ("codigo", "changes", "words"),
    [
        ("999999", {}, "No existe el suscriptor 999999"),
        ("100500", {}, "retirado"),
        ("100234", {"ruta": "01-384"}, "ruta 01-383"),
        ("100234", {"suscriptor": "María Fernanda Rojas"}, "MARÍA FERNANDA ROJAS VARGAS"),
        ("100234", {"documento": "1117499001"}, "PEDRO PÁEZ LOZANO"),
    ],
)
def test_data_that_does_not_agree_is_rejected_before_anything_is_saved(
    desk: Desk, codigo: str, changes: dict[str, str], words: str
) -> None:
    """Unknown or retired subscriber, another ruta or name, somebody else's cédula: *rechazado*, with the fact."""
    outcome, text = refused(desk, codigo, **changes)
    assert isinstance(outcome.error, Rejected)
    assert words in text
    assert outcome.caso.estado == "rechazado"
    assert outcome.error.exit_code == 3


def test_the_name_may_be_written_in_another_order(desk: Desk) -> None:
    """Names agree by their words, without case, accents and order."""
    outcome = desk.cobro(desk.request(suscriptor="rojas vargas maria fernanda"))
    assert outcome.error is None


@pytest.mark.parametrize(("codigo", "older"), [("100411", 1), ("100412", 2)])
def test_an_older_unpaid_factura_stops_the_abono(desk: Desk, codigo: str, older: int) -> None:
    """D13: GENERAR would pay the others too, so it is never pressed; the sentence names each of them."""
    desk.set(consulta_previa=False)  # where the map has no consultation, the abono's screen shows it first
    before = desk.control.ledger()
    outcome = desk.cobro(desk.request(codigo))
    assert isinstance(outcome.error, Unfinished)
    assert outcome.caso.estado == "incompleto"
    assert str(outcome.error).count("F-") == older + 1
    assert desk.new("abonos", before) == []
    assert desk.posts("abono.generar") == 0


def test_an_observation_that_would_be_cut_stops_before_guardar(desk: Desk) -> None:
    """The field holds 180 characters and truncates without a word; reading it back finds that."""
    desk.set(observacion_factura="{codigo} {ruta} {concepto} " + "X" * 170, intentos=1)
    outcome, text = refused(desk)
    assert isinstance(outcome.error, StepFailed)
    assert "cortada" in text
    assert outcome.error.step == "13"


def test_a_wrong_password_is_tried_once(desk: Desk) -> None:
    """Accounts lock: a refused login is *rechazado*, not tried again."""
    from pydantic import SecretStr

    desk.set(clave=SecretStr("no-es"))
    outcome, text = refused(desk)
    assert isinstance(outcome.error, Rejected)
    assert "asesor1" in text
    assert desk.posts("ingreso.entrar") == 1
    assert all("no-es" not in str(entry) for entry in read(outcome.caso.folder))


def test_a_closed_serviweb_is_said(desk: Desk) -> None:
    """Nobody listens at the address: *Serviweb no responde*, exit code 8, nothing tried again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        desk.set(url=f"http://127.0.0.1:{free.getsockname()[1]}/")
    outcome, _ = refused(desk)
    assert isinstance(outcome.error, SiteDown)
    assert outcome.caso.estado == "fallido"
    assert outcome.caso.runs() == 1


def test_a_half_filled_factura_of_the_same_user_is_not_billed(desk: Desk) -> None:
    """A second login ends the other session, so its lines are gone; the factura has exactly ours."""
    with User(desk.settings.url, "asesor1") as other:
        other.look_up("100234")
        other.post("/factura/agregar", data={"producto": "P02"})
        outcome = desk.cobro()
    assert outcome.error is None
    assert desk.ledger("facturas")[-1]["productos"] == list(desk.settings.productos)


def test_serviweb_refuses_a_tramite_without_a_paid_abono(desk: Desk) -> None:
    """A person said paid, nobody reads it again, Serviweb says no: its reason is shown, and the case waits again."""
    from datetime import datetime

    from robot.records.solicitud import Pago
    from robot.settings import BOGOTA
    from robot.work import pago as payments

    desk.set(consulta_previa=False)
    solicitud = desk.request()
    caso = desk.cobro(solicitud).caso
    pago = Pago(recibo=caso.number("abono"), fecha=datetime.now(BOGOTA).date(), confirmado_por="prueba")
    payments.paid(desk.archivo, caso, pago)
    before = desk.control.ledger()
    outcome = desk.tramite(caso, solicitud)
    assert isinstance(outcome.error, Unfinished)
    assert "no tiene un abono pagado" in str(outcome.error)
    assert desk.new("tramites", before) == []
    assert desk.posts("tramite.guardar") == 1
    assert outcome.caso.estado == "esperando_pago"
    assert "en la caja" in outcome.error.advice
    assert outcome.caso.open_effects() == []
    desk.do_pay(caso)
    outcome = desk.tramite(caso, solicitud)
    assert outcome.error is None
    assert len(desk.new("tramites", before)) == 1


def test_a_rehearsal_saves_nothing_and_says_what_it_would(desk: Desk) -> None:
    """--ensayo reaches Guardar, the gate refuses its request, and Serviweb never sees it."""
    before = desk.control.ledger()
    outcome = desk.cobro(rehearsal=True)
    assert outcome.rehearsed is not None
    assert outcome.rehearsed.kind == "factura"
    assert outcome.rehearsed.what["total"] == 98700
    after = desk.control.ledger()
    assert after["facturas"] == before["facturas"]
    assert desk.posts("factura.guardar") == 0
    [entry] = [e for e in read(outcome.caso.folder) if e["event"] == "effect.rehearsed"]
    # Not every Serviweb calls its fields by the same names each time.
    assert list(entry["fields"].values()).count(outcome.rehearsed.what["observacion"]) == 1
    assert not list(desk.settings.casos.glob("R-*"))


def test_a_rehearsal_stops_at_a_new_tercero(desk: Desk) -> None:
    """The person is not in the directory: the rehearsal says so and creates nobody."""
    outcome = desk.cobro(desk.request("100310"), rehearsal=True)
    assert outcome.rehearsed is not None
    assert outcome.rehearsed.kind == "tercero"
    assert all(t["documento"] != "17634567" for t in desk.ledger("terceros"))
    assert desk.posts("tercero.guardar") == 0
