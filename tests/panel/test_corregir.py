"""What did not go well, at the advisor's desk: a refusal is corrected, an unpaid receipt is told, a form is mended."""

from __future__ import annotations

import re
from datetime import datetime

from oficina import Oficina
from playwright.sync_api import expect
from solicitudes import abierto, datos, escribir, estado_vivo, facturado

from robot.records.solicitud import validate
from robot.records.store import cases
from robot.settings import BOGOTA
from robot.work.apertura import register


def test_an_unpaid_receipt_is_told_in_amber_with_what_to_do(oficina: Oficina) -> None:
    """Serviweb shows «Sin pagar»: live and after a fresh load; when it is paid, «Continuar» files the trámite."""
    mark = facturado(oficina, "100701")
    [recibo] = [row["number"] for row in oficina.ledger()["abonos"] if row["codigo"] == "100701"]
    total = cases.effects(oficina.panel.store, mark)[-1]["total"]
    page = oficina.como("beto", f"/casos/{mark}/pago")
    page.get_by_label("Fecha del pago").fill(f"{datetime.now(BOGOTA):%Y-%m-%d}")
    page.get_by_label("Valor pagado").fill(str(total))
    page.get_by_role("button", name="Registrar el pago").click()
    situacion = estado_vivo(page)
    for fresh in (False, True):
        if fresh:
            page.reload()
        expect(situacion.get_by_text("El trámite no se ha radicado")).to_be_visible(timeout=60_000)
        expect(situacion.get_by_text(re.compile("Compruébelo en la caja.*«Continuar»"))).to_be_visible()
        expect(situacion.get_by_text("Facturado: ahora el usuario paga en caja")).to_have_count(0)
    expect(situacion.get_by_text(re.compile("serviweb [a-z]"))).to_have_count(0)
    page.goto(f"{oficina.url}/casos/{mark}")
    expect(page.get_by_role("link", name="Registrar pago")).to_have_class(re.compile("principal"))
    oficina.pagar(recibo)
    page.get_by_role("button", name="Continuar", exact=True).click()
    page.wait_for_url(re.compile("/en-vivo$"))
    expect(estado_vivo(page).get_by_text("Terminado: radicado")).to_be_visible(timeout=60_000)


def test_a_refused_request_is_corrected_from_its_page(oficina: Oficina) -> None:
    """The reason stands on top, the field that was refused is where one types, and the refused data isn't offered."""
    wrong = validate(datos("100703") | {"ruta": "07-112"})
    mark = register(oficina.panel.archivo(), wrong, asesor="beto")
    assert oficina.espera_estado(mark, "rechazado", "fallido", "esperando_pago") == "rechazado"
    page = oficina.como("beto", f"/casos/{mark}")
    expect(page.get_by_text("Este caso no tiene papeles.")).to_be_visible()
    page.get_by_role("link", name="Corregir y enviar de nuevo").click()
    expect(page.get_by_role("alert").get_by_text("la solicitud dice 07-112")).to_be_visible()
    expect(page.get_by_label("Ruta", exact=True)).to_be_focused()
    expect(page.get_by_role("button", name=re.compile("Usar la ruta"))).to_have_count(0)


def test_what_serviweb_confirmed_is_offered(oficina: Oficina) -> None:
    """A subscriber with a factura has its route and name offered."""
    facturado(oficina, "100704")
    page = oficina.como("beto", "/solicitud?codigo=100704")
    page.get_by_role("button", name=f"Usar la ruta {datos('100704')['ruta']}").click()
    expect(page.get_by_label("Ruta", exact=True)).to_have_value(datos("100704")["ruta"])


def test_the_summary_goes_with_the_fields(oficina_quieta: Oficina) -> None:
    """A mended field leaves it; when none is left it says that the request may be sent."""
    page = oficina_quieta.como("beto", "/solicitud")
    escribir(page, "100702", celular="12", documento="ABC")
    page.get_by_role("button", name="Enviar al robot").click()
    summary = page.locator("#resumen")
    expect(summary.get_by_role("link")).to_have_text(["Número de documento", "Celular o fijo"])
    page.get_by_label("Celular o fijo").fill("3124567890")
    expect(summary.get_by_role("link")).to_have_text(["Número de documento"])
    page.get_by_label("Número de documento").fill(datos("100702")["documento"])
    expect(summary).to_contain_text("Ya está corregido")


def test_a_case_that_waits_for_the_check_of_the_map_says_so(oficina_quieta: Oficina) -> None:
    """The next case, nobody at another, and the robot at work: it looks at the screens first."""
    from robot.work.en_vivo import CHECKING, waiting_for

    mark = abierto(oficina_quieta, "100705")
    archivo = oficina_quieta.panel.archivo()
    checks = archivo.settings.model_copy(update={"revisar_antes": True})
    object.__setattr__(archivo, "settings", checks)

    def told() -> str:
        return waiting_for(archivo, cases.case(archivo.store, mark), parado=False)

    assert told() == "En la cola: es el próximo"
    assert oficina_quieta.espera(lambda: told() == CHECKING, seconds=15)
