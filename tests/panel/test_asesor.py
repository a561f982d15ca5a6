"""The advisor at her desk: a request typed and checked, its case live, its payment, and what she may not see."""

from __future__ import annotations

import re
from datetime import datetime

from oficina import Oficina
from playwright.sync_api import Page, expect
from solicitudes import abierto, datos, escribir, estado_vivo, facturado

from robot.records.store import cases
from robot.settings import BOGOTA

LIVE = re.compile(r"/casos/R-[0-9A-Z]{7}/en-vivo$")


def mark_of(page: Page) -> str:
    """Return the case that the page shows."""
    return page.url.split("/casos/")[1].split("/")[0]


def test_a_case_is_typed_sent_and_seen_live_to_the_payment(oficina: Oficina) -> None:
    """The steps appear by themselves, each once and with its documented sentence; Serviweb has one of each document."""
    page = oficina.como("ana", "/solicitud")
    expect(page.get_by_label("Código", exact=True)).to_be_focused()
    escribir(page, "100701")
    page.get_by_label("Concepto").press("Control+Enter")
    page.wait_for_url(LIVE)
    situacion = estado_vivo(page)
    expect(situacion.get_by_text("Facturado: ahora el usuario paga en caja")).to_be_visible(timeout=60_000)
    mark = mark_of(page)
    saved = oficina.ledger()
    mine = [row for kind in ("facturas", "abonos", "tramites") for row in saved[kind] if row["codigo"] == "100701"]
    assert [row["user"] for row in mine] == ["asesor1", "asesor1"]  # one factura, one abono, and nothing else
    for row in mine:
        expect(situacion.get_by_text(row["number"], exact=True).first).to_be_visible()
    expect(page.get_by_text("Luego se da clic en Guardar")).to_be_visible()
    shown = page.locator("#pasos > li").evaluate_all("all => all.map(one => one.id)")
    told = [entry["number"] for entry in cases.diary(oficina.panel.store, mark) if entry["event"] == "step.started"]
    assert len(shown) == len(set(shown)) == len(told)
    expect(page.locator("#pasos > li.curso")).to_have_count(0)
    expect(page.get_by_role("img", name="Pantalla al terminar el paso 22 bis")).to_be_visible()
    expect(situacion.get_by_role("link", name="Registrar pago")).to_be_visible()
    assert cases.case(oficina.panel.store, mark)["asesor"] == "ana"


def test_nothing_is_said_of_a_field_before_somebody_was_at_it(oficina_quieta: Oficina) -> None:
    """A wrong code is told in place when one leaves it; the others stay quiet until the form is sent."""
    page = oficina_quieta.como("beto", "/solicitud")
    page.get_by_label("Código", exact=True).fill("12x")
    page.get_by_label("Código", exact=True).press("Enter")
    expect(page.get_by_label("Ruta", exact=True)).to_be_focused()
    expect(page.locator("#codigo-nota")).to_contain_text("no tiene la forma de un código")
    expect(page.get_by_label("Código", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".error")).to_have_count(1)
    page.get_by_label("Código", exact=True).fill("100234")
    expect(page.locator("#codigo-nota")).to_have_text("Como aparece en la factura")
    expect(page.get_by_label("Código", exact=True)).not_to_have_attribute("aria-invalid", "true")
    page.get_by_label("Número de documento").fill("1234")
    page.get_by_label("Nombres", exact=True).focus()
    expect(page.locator("#documento-nota")).to_contain_text("Tiene solo 4 dígitos")


def test_a_form_with_faults_is_shown_again_whole(oficina_quieta: Oficina) -> None:
    """What was typed stays, every fault stands in its place, and nothing was made."""
    page = oficina_quieta.como("beto", "/solicitud")
    escribir(page, "100702", celular="12", documento="ABC")
    page.get_by_label("Acuerdo de pago", exact=True).check()
    page.get_by_label("Referencia del arreglo").fill("")
    page.get_by_role("button", name="Enviar al robot").click()
    expect(page.get_by_role("alert").get_by_text("Falta corregir 3 datos")).to_be_visible()
    for name in ("celular", "documento", "arreglo_ref"):
        expect(page.locator(f"#{name}-nota .error")).to_be_visible()
    expect(page.get_by_label("Número de documento")).to_be_focused()
    expect(page.get_by_label("Apellidos", exact=True)).to_have_value(datos("100702")["apellidos"])
    expect(page.get_by_label("Acuerdo de pago", exact=True)).to_be_checked()
    assert cases.counts(oficina_quieta.panel.store) == {}


def test_a_double_click_makes_one_case_and_the_next_request_is_known(oficina: Oficina) -> None:
    """Two clicks on the button are one case; the same subscriber again is told before and after one sends."""
    page = oficina.como("beto", "/solicitud")
    escribir(page, "100703")
    page.get_by_role("button", name="Enviar al robot").dblclick()
    page.wait_for_url(LIVE)
    mark = mark_of(page)
    assert oficina.espera_estado(mark, "esperando_pago", "fallido", "rechazado") == "esperando_pago"
    assert [row["id"] for row in cases.find(oficina.panel.store, "100703")] == [mark]
    page.goto(f"{oficina.url}/solicitud")
    escribir(page, "100703")
    conocido = page.get_by_role("complementary", name="Lo que se sabe del suscriptor")
    expect(conocido.get_by_text(f"Ya tiene un caso sin terminar: {mark}")).to_be_visible()
    expect(conocido.get_by_role("link", name=f"Ver el caso {mark}")).to_be_visible()
    page.get_by_role("button", name="Enviar al robot").click()
    expect(page.get_by_role("alert").get_by_text(f"El suscriptor 100703 ya tiene el caso {mark}")).to_be_visible()
    expect(page.get_by_label("Es una nueva ocasión")).to_be_visible()
    assert len(cases.find(oficina.panel.store, "100703")) == 1


def test_an_advisor_does_not_open_anothers_case(oficina: Oficina) -> None:
    """Neither its live page, nor its stream, nor a button of it; a supervisor sees it."""
    mark = abierto(oficina, "100704", asesor="beto")
    page = oficina.como("ana", f"/casos/{mark}/en-vivo")
    expect(page.get_by_text("Ese caso es de otro asesor")).to_be_visible()
    for path in (f"/casos/{mark}/en-vivo/eventos", f"/casos/{mark}/papeles/recibo-abono", f"/solicitud?como={mark}"):
        assert page.request.get(f"{oficina.url}{path}").status == 403
    csrf = page.evaluate("JSON.parse(document.body.getAttribute('hx-headers'))['X-CSRF-Token']")
    form = {"csrf": csrf, "marca": "m" * 24}
    assert page.request.post(f"{oficina.url}/casos/{mark}/en-vivo/cancelar", form=form).status == 403
    assert cases.case(oficina.panel.store, mark)["cancelar_por"] is None
    expect(oficina.como("sofia", f"/casos/{mark}/en-vivo").get_by_role("heading", name=mark)).to_be_visible()
    oficina.espera_estado(mark, "esperando_pago", "fallido", "rechazado")


def test_a_payment_is_checked_recorded_and_its_tramite_filed(oficina: Oficina) -> None:
    """Wrong data is told in its field; the right one makes the robot file the trámite, which is seen live."""
    mark = facturado(oficina, "100705")
    [recibo] = [row["number"] for row in oficina.ledger()["abonos"] if row["codigo"] == "100705"]
    oficina.pagar(recibo)
    page = oficina.como("beto", "/esperando-pago")
    page.get_by_role("link", name=f"Registrar pago de {mark}").click()
    form = page.get_by_role("form", name=f"Pago del caso {mark}")
    expect(form.get_by_label("Número del recibo cancelado")).to_have_value(recibo)
    expect(form.get_by_label("Valor pagado")).to_be_focused()
    form.get_by_label("Fecha del pago").fill("2031-01-01")
    form.get_by_label("Valor pagado").fill("1.000")
    form.get_by_role("button", name="Registrar el pago").click()
    expect(form.get_by_text("está en el futuro")).to_be_visible()
    form.get_by_label("Fecha del pago").fill(f"{datetime.now(BOGOTA):%Y-%m-%d}")
    form.get_by_role("button", name="Registrar el pago").click()
    expect(form.get_by_text(re.compile(r"El abono es por \$ .* y se indicó \$ 1\.000\."))).to_be_visible()
    assert oficina.estado(mark) == "esperando_pago"
    total = cases.effects(oficina.panel.store, mark)[-1]["total"]
    form.get_by_label("Valor pagado").fill(f"{total:,}".replace(",", "."))
    form.get_by_role("button", name="Registrar el pago").dblclick()
    page.wait_for_url(LIVE)
    expect(estado_vivo(page).get_by_text("Terminado: radicado")).to_be_visible(timeout=60_000)
    [tramite] = [row for row in oficina.ledger()["tramites"] if row["codigo"] == "100705"]
    expect(estado_vivo(page).get_by_text(tramite["number"], exact=True).first).to_be_visible()


def test_a_payment_that_nobody_expects_is_told_and_attended(oficina: Oficina) -> None:
    """Paid when the case is closed: it is kept, told clearly, and a supervisor writes what was done with it."""
    mark = facturado(oficina, "100706")
    page = oficina.como("beto", f"/casos/{mark}/pago")
    cases.change(oficina.panel.store, mark, "incompleto", motivo="prueba")
    page.get_by_label("Valor pagado").fill("1.000")
    page.get_by_role("button", name="Registrar el pago").click()
    expect(page.get_by_text(re.compile("quedó anotado en el caso .* pero nadie lo esperaba"))).to_be_visible()
    expect(page.get_by_text("«serviweb")).to_have_count(0)
    page = oficina.como("sofia", "/esperando-pago")
    page.get_by_label("Qué se hizo").fill("Se devolvió el dinero")
    page.get_by_role("button", name="Marcar atendido").click()
    expect(page.get_by_text("Pagos por atender")).to_have_count(0)
    assert cases.diary(oficina.panel.store, mark)[-1]["motivo"] == "Se devolvió el dinero"


def test_the_whole_offices_payments_are_at_every_desk(oficina: Oficina) -> None:
    """Hers by default; with the switch the office's, of which she opens only her own."""
    mark = facturado(oficina, "100707")
    page = oficina.como("ana", "/esperando-pago?q=100707")
    expect(page.get_by_text("Ninguno corresponde a «100707»")).to_be_visible()
    page.get_by_role("link", name="Toda la oficina").click()
    expect(page.get_by_role("link", name=f"Registrar pago de {mark}")).to_be_visible()
    expect(page.get_by_role("link", name=mark, exact=True)).to_have_count(0)


def test_a_case_of_the_queue_says_what_it_waits_for_and_is_cancelled(oficina_quieta: Oficina) -> None:
    """With nobody at work the page says so and offers to begin; the cancel button ends it before anything is saved."""
    mark = abierto(oficina_quieta, "100708")
    page = oficina_quieta.como("beto", f"/casos/{mark}/en-vivo")
    expect(estado_vivo(page).get_by_text("El robot está detenido")).to_be_visible()
    expect(estado_vivo(page).get_by_role("button", name="Iniciar el robot")).to_be_visible()
    cases.switch_on(oficina_quieta.panel.store, cases.PAUSE, "Sofía", "inventario")
    expect(estado_vivo(page).get_by_text("la cola está en pausa, por Sofía (inventario)")).to_be_visible()
    cases.switch_off(oficina_quieta.panel.store, cases.PAUSE)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancelar el caso").click()
    expect(estado_vivo(page).get_by_text("Cancelado: no queda nada en Serviweb")).to_be_visible()
    assert oficina_quieta.estado(mark) == "cancelado"
    page.get_by_role("link", name="Corregir y enviar de nuevo").click()
    expect(page.get_by_label("Número de documento")).to_have_value(datos("100708")["documento"])
    expect(page.get_by_label("Crédito", exact=True)).to_be_checked()


def test_a_stream_that_is_opened_again_repeats_no_step(oficina: Oficina) -> None:
    """The server sends from what the browser says it has, whichever way it says so."""
    mark = facturado(oficina, "100709")
    page = oficina.como("beto", f"/casos/{mark}/en-vivo")
    address = f"{oficina.url}/casos/{mark}/en-vivo/eventos"
    accept = {"Accept": "text/event-stream"}
    whole = page.request.get(address, headers=accept).text()
    last = re.findall(r"^id: (\d+)\r?$", whole, re.MULTILINE)[-1]
    assert "event: paso" in whole
    for again in (
        page.request.get(f"{address}?desde={last}", headers=accept).text(),
        page.request.get(address, headers=accept | {"Last-Event-ID": last}).text(),
    ):
        assert "event: paso" not in again
        assert "event: fin" in again


def test_a_password_that_nobody_has_is_said_before_the_case_is_made(oficina_quieta: Oficina) -> None:
    """Whose cases run under a Serviweb user of their own is told where to keep its password."""
    from robot.work import credenciales

    panel = oficina_quieta.panel
    credenciales.forget(panel.settings, panel.store, "asesor1")
    page = oficina_quieta.como("ana", "/solicitud")
    expect(page.get_by_text("Falta su contraseña de Serviweb (usuario «asesor1»)")).to_be_visible()
    expect(page.get_by_role("link", name="Ir a «Mi cuenta»")).to_be_visible()
    escribir(page, "100710")
    page.get_by_role("button", name="Enviar al robot").click()
    expect(page.get_by_role("alert").get_by_text("Falta su contraseña de Serviweb")).to_be_visible()
    assert list(cases.find(panel.store, "100710")) == []


def test_a_running_case_is_cancelled_and_continued_with_buttons(oficina: Oficina) -> None:
    """Cancelled once its factura is saved, it ends before the abono and says what is missing; then the robot does it.

    Serviweb has one factura and one abono of it in the end.
    """
    oficina.control.faults({"at": "abono.pantalla", "fault": "slow", "seconds": 6})
    mark = abierto(oficina, "100711")
    page = oficina.como("beto", f"/casos/{mark}/en-vivo")
    page.on("dialog", lambda dialog: dialog.accept())
    situacion = estado_vivo(page)
    expect(situacion.get_by_text("Factura", exact=True)).to_be_visible(timeout=60_000)
    situacion.get_by_role("button", name="Cancelar el caso").click()
    expect(situacion.get_by_text("Algo quedó guardado y falta el resto")).to_be_visible(timeout=60_000)
    assert [row for row in oficina.ledger()["abonos"] if row["codigo"] == "100711"] == []
    situacion.get_by_role("button", name="Continuar").dblclick()
    expect(situacion.get_by_text("Facturado: ahora el usuario paga en caja")).to_be_visible(timeout=60_000)
    saved = oficina.ledger()
    assert [len([row for row in saved[kind] if row["codigo"] == "100711"]) for kind in ("facturas", "abonos")] == [1, 1]
