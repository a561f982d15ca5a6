"""The variant `spa` as a person meets it: fading boxes, lists that filter, tables of the visible rows, toasts, PDFs."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import httpx
import pytest
from mock_client import Control, Plain, started
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

if TYPE_CHECKING:
    from collections.abc import Iterator

# pytest-base-url, which pytest-playwright brings, defines a session fixture in a way that pytest 10 will refuse.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods:pytest.PytestRemovedIn10Warning"
)

PRODUCTS = ("CORTE", "RECONEXION DEL SERVICIO", "RECUPERACION ACUEDUCTO CARTERA")
AS_ADVISER = {"usuario": "asesor1", "clave": "clave-asesor1"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Run this variant with its control surface."""
    with started("--variant", "spa", "--control") as url:
        yield url


@pytest.fixture(scope="module")
def surface(server: str) -> Iterator[Control]:
    """Keep one client for its control surface."""
    with Control(server) as control:
        yield control


@pytest.fixture
def desk(page: Page, control: Control) -> Page:
    """Give a page where asesor1 has logged in."""
    page.goto(str(control.base_url))
    page.get_by_placeholder("Usuario", exact=True).fill("asesor1")
    page.get_by_placeholder("Contraseña", exact=True).fill("clave-asesor1")
    page.get_by_role("button", name="Ingresar", exact=True).click()
    expect(page.get_by_role("heading", name="Inicio", exact=True)).to_be_visible()
    return page


def quiet(page: Page) -> None:
    """Wait until the veil is gone, as a person does."""
    expect(page.get_by_role("progressbar", name="Cargando", exact=True)).to_have_count(0)


def go(page: Page, menu: str, option: str) -> None:
    """Choose an option of a menu."""
    page.get_by_role("button", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=option, exact=True).click()
    quiet(page)


def field(page: Page, placeholder: str) -> Locator:
    """Find the visible field with that placeholder; hidden twins have it too."""
    return page.get_by_placeholder(placeholder, exact=True).filter(visible=True)


def pick(page: Page, name: str, text: str) -> None:
    """Choose an option of a type-ahead list."""
    page.get_by_role("combobox", name=name, exact=True).click()
    page.get_by_role("option", name=text, exact=True).click()
    quiet(page)


def enter(page: Page, place: Locator, text: str) -> None:
    """Type and press Enter; under the veil no key is heard."""
    place.fill(text)
    quiet(page)
    place.press("Enter")
    quiet(page)


def press(page: Page, name: str) -> None:
    """Click a button by its exact name."""
    page.get_by_role("button", name=name, exact=True).click()
    quiet(page)


def save_factura(page: Page) -> None:
    """Fill the Factura screen and save it."""
    go(page, "SUSCRIPTOR", "FACTURA")
    pick(page, "Forma de pago", "Contado")
    enter(page, field(page, "Código del suscriptor"), "100234")
    enter(page, field(page, "Número de documento"), "40781234")
    for product in PRODUCTS:
        pick(page, "Producto", product)
        press(page, "Agregar")
    page.get_by_label("Observación", exact=True).fill("Código 100234, ruta 01-383. Reconexión.")
    press(page, "Guardar")


def still(box: Locator) -> Locator:
    """Wait until a box stands still: until then it swallows what is clicked."""
    box.evaluate("(box) => Promise.all(box.getAnimations().map((animation) => animation.finished))")
    return box


@pytest.fixture
def behind(control: Control) -> Iterator[httpx.Client]:
    """Give a client logged in as asesor1, who speaks the pages' own JSON."""
    with Plain(str(control.base_url)) as client:
        client.post("/api/v1/sesion", json=AS_ADVISER).raise_for_status()
        yield client


def bill(client: httpx.Client, times: int = 1) -> str:
    """Save facturas of subscriber 100234; return the last number."""
    number = ""
    client.get("/api/v1/facturas/suscriptor", params={"codigo": "100234"})
    for _ in range(times):  # after Guardar the next lines begin a factura of the same subscriber
        draft = client.post("/api/v1/facturas/lineas", json={"producto": "P01"}).json()["datos"]["borrador"]
        form = {"forma_pago": "Contado", "codigo": "100234", "tipo_documento": "CC", "documento": "40781234"}
        saved = client.post("/api/v1/facturas", json={**form, "borrador": draft, "observacion": "Reconexión."})
        number = saved.json()["datos"]["numero"]
    return number


def text_of(pdf: bytes) -> str:
    """Return a PDF's text."""
    assert pdf.startswith(b"%PDF")
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_factura_abono_and_the_number_in_a_toast(desk: Page, control: Control) -> None:
    """The factura's number stands in a chip; the recibo's only in a toast, which goes away."""
    save_factura(desk)
    expect(desk.get_by_test_id("ficha-factura")).to_have_text("Factura F-000124")
    go(desk, "RECAUDO", "ABONO A FACTURA O FINANCIACIÓN")
    press(desk, "Buscar abono facturas")
    box = still(desk.get_by_role("dialog", name="Buscar suscriptor", exact=True))
    pick(desk, "Tipo de búsqueda", "Código")
    box.get_by_label("Texto a buscar", exact=True).fill("100234")
    press(desk, "BUSCAR SUSCRIPTORES")
    row = box.get_by_role("row").filter(has=desk.get_by_role("cell", name="100234", exact=True))
    row.get_by_role("button").click()
    expect(box).to_be_hidden()
    quiet(desk)
    press(desk, "GENERAR")
    question = still(desk.get_by_role("dialog", name="Confirmación", exact=True))
    expect(question).to_contain_text(
        "¿Desea generar el abono por $ 98.700 a la factura F-000124 del suscriptor 100234?"
    )
    question.get_by_role("button", name="OK", exact=True).click()
    expect(desk.get_by_text("RC-0004521")).to_have_text("Abono generado. Recibo RC-0004521")
    expect(desk.get_by_text("RC-0004521")).to_have_count(0)
    assert [(f["number"], f["amount"]) for f in control.ledger()["facturas"]] == [("F-000124", 98700)]
    assert [a["facturas"] for a in control.ledger()["abonos"]] == [["F-000124"]]


def test_an_early_click_in_a_fading_box_is_swallowed(desk: Page, control: Control) -> None:
    """Guardar in a box that is still fading in does nothing; once it stands, the same click is heard."""
    go(desk, "SUSCRIPTOR", "FACTURA")
    enter(desk, field(desk, "Código del suscriptor"), "100234")
    early = """() => {
        document.querySelector('button[title="Nuevo tercero"]').click();
        const buttons = [...document.querySelectorAll('[role="dialog"] button')];
        buttons.find((button) => button.textContent === "Guardar").click();
    }"""
    desk.evaluate(early)
    box = still(desk.get_by_role("dialog", name="Nuevo tercero", exact=True))
    expect(box.get_by_role("alert")).to_have_count(0)
    assert control.ledger()["posts"]["tercero.guardar"] == 0
    box.get_by_role("button", name="Guardar", exact=True).click()
    expect(box.get_by_role("alert")).to_have_text("No se guardó: falta el campo Número de documento.")
    assert control.ledger()["posts"]["tercero.guardar"] == 1


def test_class_names_differ_at_each_load(desk: Page) -> None:
    """No class name of one load is there at the next."""
    names = "() => [...document.querySelectorAll('[class]')].flatMap((element) => [...element.classList])"
    first = set(desk.evaluate(names))
    desk.reload()
    expect(desk.get_by_role("heading", name="Inicio", exact=True)).to_be_visible()
    second = set(desk.evaluate(names))
    assert len(first) > 10
    assert all(re.fullmatch(r"css-[0-9a-z]{6}", name) for name in first | second)
    assert not first & second


def test_a_list_keeps_only_its_own_options(desk: Page) -> None:
    """Accents count among the products; a text that is no option is cleared; Enter takes what is marked."""
    go(desk, "SUSCRIPTOR", "FACTURA")
    product = desk.get_by_role("combobox", name="Producto", exact=True)
    product.fill("reconexión")
    expect(desk.get_by_text("Sin coincidencias", exact=True)).to_be_visible()
    product.fill("reconexion d")
    expect(desk.get_by_role("option")).to_have_text(["RECONEXION DEL SERVICIO"])
    product.press("Enter")
    expect(product).to_have_value("RECONEXION DEL SERVICIO")
    product.fill("CORT")
    product.blur()
    expect(product).to_have_value("")
    payment = desk.get_by_role("combobox", name="Forma de pago", exact=True)
    payment.fill("credito")
    desk.get_by_role("option", name="Crédito", exact=True).click()
    expect(payment).to_have_value("Crédito")


def test_results_come_five_a_page(desk: Page) -> None:
    """A search of a name goes on behind «Siguiente», which the last page hasn't."""
    go(desk, "RECAUDO", "ABONO A FACTURA O FINANCIACIÓN")
    press(desk, "Buscar abono facturas")
    box = still(desk.get_by_role("dialog", name="Buscar suscriptor", exact=True))
    box.get_by_label("Texto a buscar", exact=True).fill("trujillo ortiz")
    press(desk, "BUSCAR SUSCRIPTORES")
    names = (
        box.get_by_role("table", name="Suscriptores encontrados", exact=True).get_by_role("cell").get_by_role("button")
    )
    expect(names).to_have_count(5)
    while box.get_by_role("button", name="Siguiente", exact=True).count():
        press(desk, "Siguiente")
        assert 1 <= names.count() <= 5
    expect(box.get_by_role("button", name="Anterior", exact=True)).to_be_visible()


def test_a_long_list_renders_few_rows(page: Page, behind: httpx.Client) -> None:
    """Of 45 facturas about a dozen are there; scrolling brings the others."""
    bill(behind, 45)
    session = {"name": "SERVIWEBSESION", "value": behind.cookies["SERVIWEBSESION"], "url": str(behind.base_url)}
    page.context.add_cookies([session])
    page.goto(f"{behind.base_url}/consulta/facturas")
    enter(page, field(page, "Código del suscriptor"), "100234")
    table = page.get_by_role("table", name="Facturas del suscriptor", exact=True)
    expect(table).to_have_attribute("aria-rowcount", "45")
    rows = table.get_by_role("rowgroup").get_by_role("row")
    expect(rows.first).to_contain_text("F-000168")
    assert rows.count() <= 14
    table.evaluate("(table) => { table.scrollTop = table.scrollHeight; }")
    expect(rows.last).to_contain_text("F-000124")
    assert rows.count() <= 14


def test_a_pdf_is_made_in_the_page_beside_the_menus(desk: Page) -> None:
    """Imprimir shows a blob in a frame; the menus stay free, and the next screen closes it."""
    save_factura(desk)
    press(desk, "Opciones de impresión")
    desk.get_by_role("menuitem", name="Imprimir", exact=True).click()
    quiet(desk)
    shown = desk.get_by_role("dialog", name="Documento", exact=True)
    expect(shown.locator("iframe")).to_have_attribute("src", re.compile("^blob:"))
    go(desk, "PQR", "TRÁMITE")
    expect(desk.get_by_role("heading", name="Trámite", exact=True)).to_be_visible()
    expect(shown).to_have_count(0)


def test_papers_carry_their_number(behind: httpx.Client) -> None:
    """The three PDFs of the server show their number as text."""
    number = bill(behind)
    assert number in text_of(behind.get(f"/api/v1/facturas/{number}/solicitud.pdf").content)
    recibo = behind.post("/api/v1/abonos", json={"codigo": "100234", "facturas": [number]}).json()["datos"]["recibo"]
    answer = behind.get(f"/api/v1/abonos/{recibo}/recibo.pdf")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert recibo in text_of(answer.content)
    form = {"zona": "FLORENCIA", "medio": "PERSONAL", "codigo": "100234", "servicio": "ACUEDUCTO"}
    what = {"tipo": "PETICIÓN", "causal": "ESTADO DE CUENTA", "observacion": "Ñandú.", "notificacion": False}
    filed = behind.post("/api/v1/tramites", json=form | what).json()["datos"]["radicado"]
    assert filed in text_of(behind.get(f"/api/v1/tramites/{filed}/solicitud.pdf").content)


def test_a_lost_session_leads_to_the_login(desk: Page, control: Control) -> None:
    """A look-up that meets an ended session shows the login with the reason; a server's error says to look first."""
    go(desk, "SUSCRIPTOR", "FACTURA")
    control.faults(
        {"at": "factura.suscriptor", "fault": "error_500"}, {"at": "factura.suscriptor", "fault": "expired_session"}
    )
    enter(desk, field(desk, "Código del suscriptor"), "100234")
    expect(desk.get_by_role("alert")).to_have_text("Error de comunicación con el servidor. Consulte antes de repetir.")
    enter(desk, field(desk, "Código del suscriptor"), "100234")
    expect(desk).to_have_url(re.compile("/ingreso"))
    expect(desk.get_by_role("alert")).to_have_text("Su sesión ha expirado. Ingrese de nuevo.")


def test_the_box_that_nobody_expects(desk: Page, control: Control) -> None:
    """With native false it is a box over the page, also over a PDF, until it is accepted."""
    save_factura(desk)
    control.faults({"at": "factura.imprimir", "fault": "unknown_dialog", "native": False})
    press(desk, "Opciones de impresión")
    desk.get_by_role("menuitem", name="Imprimir", exact=True).click()
    quiet(desk)
    box = still(desk.get_by_role("dialog", name="Aviso", exact=True))
    expect(box).to_contain_text("su clave vence en 3 días")
    box.get_by_role("button", name="Aceptar", exact=True).click()
    expect(box).to_be_hidden()
