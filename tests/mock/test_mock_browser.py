"""The pages in a real browser: names, traps, prints, and what Chromium does when an answer is lost."""

from __future__ import annotations

import re

import pytest
from mock_client import Control
from playwright.sync_api import Dialog, Page, expect

# pytest-base-url, which pytest-playwright brings, defines a session fixture in a way that pytest 10 will refuse.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods:pytest.PytestRemovedIn10Warning"
)

PRODUCTS = ("CORTE", "RECONEXION DEL SERVICIO", "RECUPERACION ACUEDUCTO CARTERA")


@pytest.fixture
def desk(page: Page, control: Control) -> Page:
    """Give a page where asesor1 has logged in."""
    page.goto(str(control.base_url))
    page.get_by_label("Usuario", exact=True).fill("asesor1")
    page.get_by_label("Contraseña", exact=True).fill("clave-asesor1")
    page.get_by_role("button", name="Ingresar", exact=True).click()
    expect(page.get_by_role("heading", name="Inicio", exact=True)).to_be_visible()
    return page


def go(page: Page, menu: str, option: str) -> None:
    """Choose an option of a menu."""
    page.get_by_role("button", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=option, exact=True).click()


def fill_factura(page: Page, codigo: str = "100234", documento: str = "40781234") -> None:
    """Fill the Factura screen up to its Guardar."""
    go(page, "SUSCRIPTOR", "FACTURA")
    page.get_by_role("combobox", name="Forma de pago", exact=True).select_option(label="Contado")
    page.get_by_label("Código del suscriptor", exact=True).fill(codigo)
    page.get_by_label("Código del suscriptor", exact=True).press("Enter")
    expect(page.get_by_label("Ruta", exact=True)).not_to_be_empty()
    page.get_by_label("Número de documento", exact=True).and_(page.locator(":visible")).fill(documento)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Tercero", exact=True)).not_to_be_empty()
    lines = page.get_by_role("table", name="Productos de la factura", exact=True).get_by_role("button", name="Quitar")
    for count, product in enumerate(PRODUCTS, start=1):
        page.get_by_role("combobox", name="Producto", exact=True).select_option(label=product)
        page.get_by_role("button", name="Agregar", exact=True).click()
        expect(lines).to_have_count(count)
    page.get_by_label("Observación", exact=True).fill("Código 100234, ruta 01-383. Reconexión.")


def save(page: Page) -> None:
    """Click Guardar, not Guardar y nuevo."""
    page.get_by_role("button", name="Guardar", exact=True).click()


def test_factura_to_paper(desk: Page) -> None:
    """Guardar waits for a complete form; then the number stands and the solicitud opens in a window."""
    go(desk, "SUSCRIPTOR", "FACTURA")
    expect(desk).to_have_title("Factura — Serviweb")
    expect(desk.get_by_role("button", name="Guardar", exact=True)).to_be_disabled()
    expect(desk.get_by_role("button", name="Opciones de impresión", exact=True)).to_be_disabled()
    fill_factura(desk)
    expect(desk.get_by_label("Total", exact=True)).to_have_text("$ 98.700")
    save(desk)
    expect(desk.get_by_label("Número de factura", exact=True)).to_have_text("F-000124")
    expect(desk.get_by_role("status").filter(has_text="Factura guardada.")).to_be_visible()
    desk.get_by_role("button", name="Opciones de impresión", exact=True).click()
    with desk.expect_popup() as opened:
        desk.get_by_role("menuitem", name="Imprimir", exact=True).click()
    expect(opened.value.get_by_role("heading", name="Solicitud de trámite", exact=True)).to_be_visible()
    expect(opened.value.get_by_text("F-000124")).to_be_visible()


def test_new_tercero_in_its_box(desk: Page, control: Control) -> None:
    """An unknown document is said; the + opens the box, which refuses a gap and then fills the form."""
    go(desk, "SUSCRIPTOR", "FACTURA")
    group = desk.get_by_role("group", name="Terceros", exact=True)
    group.get_by_label("Número de documento", exact=True).fill("17634567")
    group.get_by_label("Número de documento", exact=True).press("Enter")
    expect(desk.get_by_test_id("tercero-no-existe")).to_be_visible()
    group.get_by_role("button", name="Nuevo tercero", exact=True).click()
    box = desk.get_by_role("dialog", name="Nuevo tercero", exact=True)
    for label, value in {"Número de documento": "17634567", "Nombres": "José", "Apellidos": "Ñáñez"}.items():
        box.get_by_label(label, exact=True).fill(value)
    box.get_by_role("button", name="Guardar", exact=True).click()
    expect(box.get_by_role("alert")).to_have_text("No se guardó: falta el campo Celular.")
    box.get_by_label("Celular", exact=True).fill("3104567890")
    box.get_by_role("button", name="Guardar", exact=True).click()
    expect(box).to_be_hidden()
    expect(desk.get_by_label("Tercero", exact=True)).to_have_text("JOSÉ ÑÁÑEZ")
    expect(desk.get_by_label("Tercero creado", exact=True)).to_have_text("Tercero creado: 00123")
    assert control.ledger()["posts"]["tercero.guardar"] == 2


def test_abono_asks_before_it_writes(desk: Page, control: Control) -> None:
    """The lupa's box lists similar people; GENERAR only asks, OK writes, and the recibo is there."""
    fill_factura(desk)
    save(desk)
    expect(desk.get_by_label("Número de factura", exact=True)).to_have_text("F-000124")
    go(desk, "RECAUDO", "ABONO A FACTURA O FINANCIACIÓN")
    desk.get_by_role("button", name="Buscar abono facturas", exact=True).click()
    box = desk.get_by_role("dialog", name="Buscar suscriptor", exact=True)
    box.get_by_role("combobox", name="Tipo de búsqueda", exact=True).select_option(label="Código")
    box.get_by_label("Texto a buscar", exact=True).fill("100234")
    box.get_by_role("button", name="BUSCAR SUSCRIPTORES", exact=True).click()
    found = box.get_by_role("table", name="Suscriptores encontrados", exact=True).get_by_role("row")
    expect(found).to_have_count(4)
    ours = found.filter(has=desk.get_by_role("cell", name="100234", exact=True))
    ours.get_by_role("button", name="MARÍA FERNANDA ROJAS VARGAS", exact=True).click()
    expect(desk.get_by_label("Código", exact=True)).to_have_text("100234")
    expect(desk.get_by_label("Total a pagar", exact=True)).to_have_text("$ 98.700")
    desk.get_by_role("button", name="GENERAR", exact=True).click()
    question = desk.get_by_role("dialog", name="Confirmación", exact=True)
    expect(question).to_contain_text(
        "¿Desea generar el abono por $ 98.700 a la factura F-000124 del suscriptor 100234?"
    )
    assert control.ledger()["posts"]["abono.generar"] == 0
    question.get_by_role("button", name="OK", exact=True).click()
    expect(desk.get_by_label("Número de recibo", exact=True)).to_have_text("RC-0004521")


def test_lists_fill_late_on_tramite(desk: Page) -> None:
    """Servicio fills after the look-up and Causal after the type; the consent stays unticked."""
    go(desk, "PQR", "TRÁMITE")
    service = desk.get_by_role("combobox", name="Servicio", exact=True)
    expect(service.locator("option")).to_have_count(1)
    desk.get_by_label("Código del suscriptor", exact=True).fill("100234")
    desk.get_by_label("Código del suscriptor", exact=True).press("Enter")
    expect(service.locator("option")).to_have_text(["Seleccione…", "ACUEDUCTO", "ALCANTARILLADO", "ASEO"])
    desk.get_by_role("combobox", name="Tipo de trámite", exact=True).select_option(label="PETICIÓN")
    cause = desk.get_by_role("combobox", name="Causal", exact=True)
    cause.select_option(label="RECONEXIÓN DEL SERVICIO")
    expect(desk.get_by_label("Acepto notificación electrónica", exact=True)).not_to_be_checked()


def test_chromium_posts_twice_when_the_answer_is_lost(desk: Page, control: Control) -> None:
    """One click, no gate: Chromium repeats the POST on a new connection, and the subscriber is billed twice."""
    fill_factura(desk)
    control.faults({"at": "factura.guardar", "fault": "lost_answer"})
    save(desk)
    expect(desk.get_by_label("Número de factura", exact=True)).to_have_text("F-000125")
    ledger = control.ledger()
    assert ledger["posts"]["factura.guardar"] == 2
    assert [f["number"] for f in ledger["facturas"]] == ["F-000124", "F-000125"]


def test_lost_twice_is_told(desk: Page, control: Control) -> None:
    """When the repeated POST dies too, the page says to look before repeating."""
    fill_factura(desk)
    control.faults({"at": "factura.guardar", "fault": "lost_answer", "times": 9})
    save(desk)
    expect(desk.get_by_role("alert")).to_have_text("Error de comunicación con el servidor. Consulte antes de repetir.")
    expect(desk.get_by_label("Número de factura", exact=True)).to_be_empty()


def test_expired_session_leads_to_the_login(desk: Page, control: Control) -> None:
    """A script that meets an expired session sends the page to the login."""
    go(desk, "SUSCRIPTOR", "FACTURA")
    control.faults({"at": "factura.suscriptor", "fault": "expired_session"})
    desk.get_by_label("Código del suscriptor", exact=True).fill("100234")
    desk.get_by_label("Código del suscriptor", exact=True).press("Enter")
    expect(desk).to_have_url(re.compile("/ingreso"))
    expect(desk.get_by_role("alert")).to_have_text("Su sesión ha expirado. Ingrese de nuevo.")


def test_unknown_native_dialog(desk: Page, control: Control) -> None:
    """The dialog that nobody expects is a real one."""
    texts: list[str] = []

    def seen(dialog: Dialog) -> None:
        texts.append(dialog.message)
        dialog.accept()

    desk.on("dialog", seen)
    control.faults({"at": "abono.pantalla", "fault": "unknown_dialog"})
    with desk.expect_event("dialog"):
        go(desk, "RECAUDO", "ABONO A FACTURA O FINANCIACIÓN")
    expect(desk.get_by_role("heading", name="Abono a factura o financiación", exact=True)).to_be_visible()
    assert texts == ["Aviso: su clave vence en 3 días"]


def test_unknown_box_over_the_page(desk: Page, control: Control) -> None:
    """With native false it is a box that covers the page until it is accepted."""
    control.faults({"at": "tramite.pantalla", "fault": "unknown_dialog", "native": False})
    go(desk, "PQR", "TRÁMITE")
    box = desk.get_by_role("dialog", name="Aviso", exact=True)
    expect(box).to_contain_text("su clave vence en 3 días")
    box.get_by_role("button", name="Aceptar", exact=True).click()
    expect(box).to_be_hidden()


def test_observation_is_cut_silently(desk: Page) -> None:
    """The textarea takes 180 characters and says nothing about the rest."""
    go(desk, "SUSCRIPTOR", "FACTURA")
    field = desk.get_by_label("Observación", exact=True)
    field.click()  # typing alone would not wait for a page that is still hidden
    field.press_sequentially("x" * 190)
    expect(field).to_have_value("x" * 180)


def test_hidden_twins(desk: Page) -> None:
    """The page holds hidden copies of its controls; only one of each is visible."""
    go(desk, "SUSCRIPTOR", "FACTURA")
    for name in ("Agregar", "Guardar"):
        assert desk.locator("button", has_text=re.compile(f"^{name}$")).count() > 1
        expect(desk.get_by_role("button", name=name, exact=True)).to_have_count(1)
