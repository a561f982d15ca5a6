"""The variant clasico in a real browser: frames, generated names, whole pages posted back, windows, native boxes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from mock_client import Control, started
from playwright.sync_api import Dialog, Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Iterator

# pytest-base-url, which pytest-playwright brings, defines a session fixture in a way that pytest 10 will refuse.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Session-scoped fixtures defined as instance methods:pytest.PytestRemovedIn10Warning"
)

PRODUCTS = ("CORTE", "RECONEXION DEL SERVICIO", "RECUPERACION ACUEDUCTO CARTERA")


@pytest.fixture(scope="module")
def classic() -> Iterator[Control]:
    """Run the imitation with these pages."""
    with started("--control", "--variant", "clasico") as url, Control(url) as control:
        yield control


class Desk:
    """What a person at the screen sees: the frame where the screens live, captions, and the boxes that popped up."""

    def __init__(self, page: Page, control: Control) -> None:
        self.page = page
        self.control = control
        self.says: list[tuple[str, str]] = []
        page.context.on("dialog", self._dialog)

    def _dialog(self, dialog: Dialog) -> None:
        self.says.append((dialog.type, dialog.message))
        dialog.accept()

    def enter(self, user: str) -> None:
        """Log a user in."""
        self.page.goto(str(self.control.base_url))
        self.page.locator('td:text-is("Usuario:") + td input').fill(user)
        self.page.locator('td:text-is("Contraseña:") + td input').fill(f"clave-{user}")
        self.page.locator('input[value="Ingresar"]').click()

    def go(self, menu: str, option: str, title: str) -> None:
        """Move the pointer over a menu and click one of its options."""
        self.page.locator(f'td.menu > span:text-is("{menu}")').hover()
        self.page.locator(f'a:text-is("{option}")').click()
        expect(self.see(f'td.titulo:text-is("{title}")')).to_be_visible()

    def see(self, css: str) -> Locator:
        """Find what is visible in the innermost frame."""
        inner = self.page.frame_locator("iframe[name=marco]").frame_locator("iframe[name=trabajo]")
        return inner.locator(css).filter(visible=True)

    def cell(self, caption: str) -> Locator:
        """Find the cell beside a caption."""
        return self.see(f'td:text-is("{caption}") + td')

    def choose(self, caption: str, option: str) -> None:
        """Choose from the list beside a caption."""
        self.cell(caption).locator("select").select_option(label=option)

    def ask(self, caption: str, text: str) -> None:
        """Type beside a caption and press Enter."""
        field = self.cell(caption).locator("input[type=text]")
        field.fill(text)
        field.press("Enter")

    def press(self, name: str) -> None:
        """Press a button."""
        self.see(f'input[value="{name}"]').click()

    def half_bill(self, codigo: str = "100234", documento: str = "40781234") -> None:
        """Fill the Factura screen up to its lines."""
        self.go("SUSCRIPTOR", "FACTURA", "Factura")
        self.choose("Forma de pago:", "Contado")
        self.ask("Código:", codigo)
        expect(self.cell("Ruta:")).not_to_be_empty()
        self.ask("Número de documento:", documento)
        expect(self.cell("Nombre:")).to_have_text(re.compile(r"\w"))
        for count, product in enumerate(PRODUCTS, start=1):
            self.choose("Producto:", product)
            self.press("Agregar")
            expect(self.see('a:text-is("Quitar")')).to_have_count(count)

    def bill(self, codigo: str = "100234") -> None:
        """Save a factura."""
        self.half_bill(codigo)
        self.cell("Observación:").locator("textarea").fill(f"Código {codigo}. Reconexión.")
        self.press("Guardar")

    def search(self, codigo: str) -> None:
        """Find a subscriber in the lupa's window, and choose its name there."""
        with self.page.expect_popup() as opened:
            self.cell("Abono facturas:").locator("input").click()
        window = opened.value
        window.locator('td:text-is("Tipo de búsqueda:") + td select').select_option(label="Código")
        window.locator('td:text-is("Texto a buscar:") + td input').fill(codigo)
        window.locator('input[value="BUSCAR SUSCRIPTORES"]').click()
        with window.expect_event("close"):
            window.locator(f'tr:has(> td:text-is("{codigo}")) a').click()

    def print_out(self) -> str:
        """Print what was just saved; return the text of the paper in its window."""
        self.see('img[title="Opciones de impresión"]').click()
        with self.page.expect_popup() as opened:
            self.see('a:text-is("Imprimir")').click()
        text = opened.value.locator("body").inner_text()
        opened.value.close()
        return text


@pytest.fixture
def desk(page: Page, classic: Control) -> Desk:
    """Give asesor1 a desk on an imitation at its fixtures."""
    classic.reset()
    desk = Desk(page, classic)
    desk.enter("asesor1")
    return desk


def test_from_factura_to_tramite(desk: Desk) -> None:
    """One of each document, with its paper; the radicado stands in a native box and nowhere on the page."""
    desk.bill()
    expect(desk.cell("Factura No.:")).to_have_text("F-000124")
    assert "Factura F-000124" in desk.print_out()
    desk.go("RECAUDO", "ABONO A FACTURA O FINANCIACIÓN", "Abono a factura o financiación")
    desk.search("100234")
    expect(desk.cell("Total a pagar:")).to_have_text("$ 98.700")
    desk.press("GENERAR")
    expect(desk.cell("Recibo No.:")).to_have_text("RC-0004521")
    assert "No. RC-0004521" in desk.print_out()
    desk.control.pay("RC-0004521")
    desk.go("PQR", "TRÁMITE", "Trámite")
    for caption, option in {"Zona:": "FLORENCIA", "Medio:": "PERSONAL"}.items():
        desk.choose(caption, option)
    desk.ask("Código:", "100234")
    expect(desk.cell("Ruta:")).to_have_text("01-383")
    desk.choose("Servicio:", "ACUEDUCTO")
    desk.choose("Tipo de trámite:", "PETICIÓN")
    desk.choose("Causal:", "RECONEXIÓN DEL SERVICIO")
    desk.cell("Observación:").locator("textarea").fill("Código 100234, con medidor.")
    with desk.page.expect_event("dialog"):
        desk.press("Guardar")
    ledger = desk.control.ledger()
    radicado = ledger["tramites"][0]["number"]
    assert desk.says == [
        ("confirm", "¿Desea generar el abono por $ 98.700 a la factura F-000124 del suscriptor 100234?"),
        ("alert", f"Trámite radicado con el número {radicado}"),
    ]
    expect(desk.cell("Último radicado No.:")).to_have_text("")
    assert f"Radicado {radicado}" in desk.print_out()
    assert [len(ledger[kind]) for kind in ("terceros", "facturas", "abonos", "pagos", "tramites")] == [0, 1, 1, 1, 1]
    assert ledger["posts"] == {
        "abono.generar": 1,
        "caja.pagar": 0,
        "factura.agregar": 3,
        "factura.guardar": 1,
        "ingreso.entrar": 1,
        "tercero.guardar": 0,
        "tramite.guardar": 1,
    }


def test_names_are_new_on_each_load(desk: Desk) -> None:
    """Ids and names are generated, and others after each post-back; what was typed stays."""
    desk.go("SUSCRIPTOR", "FACTURA", "Factura")
    field = desk.cell("Código:").locator("input")
    seen = []
    for codigo in ("100234", "100310"):
        desk.ask("Código:", codigo)
        expect(desk.cell("Ruta:")).to_have_text({"100234": "01-383", "100310": "02-115"}[codigo])
        expect(field).to_have_value(codigo)
        seen.append((field.get_attribute("id"), field.get_attribute("name")))
    (one, first), (other, second) = seen
    assert re.fullmatch(r"ctl00_ContentPlaceHolder1_ctl\d\d_txt\d{3}", str(one))
    assert one != other
    assert first != second
    expect(desk.see("label")).to_have_count(0)


def test_accents_come_back_as_they_were_typed(desk: Desk) -> None:
    """The new tercero's window posts windows-1252; what that can't write comes back as it does from such systems."""
    desk.go("SUSCRIPTOR", "FACTURA", "Factura")
    desk.ask("Número de documento:", "99887766")
    expect(desk.see('span:text-is("El tercero no aparece en el sistema.")')).to_be_visible()
    with desk.page.expect_popup() as opened:
        desk.see('input[title="Nuevo tercero"]').click()
    window = opened.value
    typed = {"Número de documento:": "99887766", "Nombres:": "José Ángel", "Apellidos:": "Ñáñez Muñoz"}
    for caption, text in typed.items():
        window.locator(f'td:text-is("{caption}") + td input').fill(text)
    window.locator('input[value="Guardar"]').click()
    expect(window.locator("td.error")).to_have_text("No se guardó: falta el campo Celular.")
    expect(window.locator('td:text-is("Apellidos:") + td input')).to_have_value("Ñáñez Muñoz")
    window.locator('td:text-is("Celular:") + td input').fill("3104567890")
    window.locator('input[value="Guardar"]').click()
    expect(window.locator("td.exito")).to_have_text("Tercero creado: 00123")
    expect(desk.cell("Nombre:")).to_have_text("JOSÉ ÁNGEL ÑÁÑEZ MUÑOZ")
    with window.expect_event("close"):
        window.locator('a:text-is("Cerrar ventana")').click()
    assert desk.control.ledger()["terceros"][0]["apellidos"] == "ÑÁÑEZ MUÑOZ"
    answer = desk.page.request.get(f"{desk.control.base_url}/Factura.aspx")
    assert answer.headers["content-type"] == "text/html; charset=windows-1252"
    assert "Código:".encode("windows-1252") in answer.body()


def test_refusals_are_native_or_red(desk: Desk) -> None:
    """A look-up and a trámite say no in a native box, a factura in red."""
    desk.go("SUSCRIPTOR", "FACTURA", "Factura")
    with desk.page.expect_event("dialog"):
        desk.ask("Código:", "999")
    expect(desk.cell("Suscriptor:")).to_have_text("")
    desk.press("Agregar")
    expect(desk.see("td.error")).to_have_text("Busque primero el suscriptor.")
    assert desk.says == [("alert", "No existe el suscriptor 999.")]


def test_guardar_waits_for_a_complete_form(desk: Desk) -> None:
    """Guardar is disabled until the last field is there, the Observación is cut in silence, twins stay hidden."""
    desk.half_bill()
    expect(desk.see('input[value="Guardar"]')).to_be_disabled()
    field = desk.cell("Observación:").locator("textarea")
    field.press_sequentially("x" * 185)
    expect(field).to_have_value("x" * 180)
    expect(desk.see('input[value="Guardar"]')).to_be_enabled()
    expect(desk.see('input[value="Guardar y nuevo"]')).to_be_enabled()


def test_menus_open_under_the_pointer_only(desk: Desk) -> None:
    """A click opens nothing; the options stay while the pointer goes down to them, and go once one is chosen."""
    options = desk.page.locator("table.opciones").filter(visible=True)
    desk.page.locator('td.menu > span:text-is("PQR")').dispatch_event("click")
    expect(options).to_have_count(0)
    desk.page.locator('td.menu > span:text-is("PQR")').hover()
    expect(options).to_have_count(1)
    desk.page.locator('a:text-is("CONSULTA DE TRÁMITES")').click()
    expect(options).to_have_count(0)


def test_lost_session_breaks_out_of_the_frames(desk: Desk) -> None:
    """A post-back that meets an expired session ends at the login, in the whole window."""
    desk.go("SUSCRIPTOR", "FACTURA", "Factura")
    desk.control.faults({"at": "factura.suscriptor", "fault": "expired_session", "of": "100234"})
    desk.ask("Código:", "100234")
    expect(desk.page.locator("td.error")).to_have_text("Su sesión ha expirado. Ingrese de nuevo.")
    assert desk.page.frames == [desk.page.main_frame]


def test_an_error_stays_inside_the_frame(desk: Desk) -> None:
    """The server's error takes the place of the screen; the menus around it go on working."""
    desk.control.faults(
        {"at": "factura.guardar", "fault": "error_500_after_commit"},
        {"at": "abono.pantalla", "fault": "unknown_dialog", "native": False},
    )
    desk.bill()
    expect(desk.see("h1")).to_contain_text("Error de servidor")
    assert len(desk.control.ledger()["facturas"]) == 1
    desk.go("RECAUDO", "ABONO A FACTURA O FINANCIACIÓN", "Abono a factura o financiación")
    expect(desk.see("table.cuadro")).to_contain_text("su clave vence en 3 días")
    desk.press("Aceptar")
    expect(desk.see("table.cuadro")).to_have_count(0)


def test_lists_turn_their_pages_by_post_back(desk: Desk) -> None:
    """Ten rows a page; the last page has no «Siguiente»."""
    desk.half_bill()
    desk.cell("Observación:").locator("textarea").fill("Código 100234.")
    desk.control.faults({"at": "factura.guardar", "fault": "double_click_creates_two", "times": 9})
    for extra in range(6):
        desk.press("Guardar")
        expect(desk.cell("Factura No.:")).to_have_text(f"F-{125 + 2 * extra:06}")
        desk.cell("Observación:").locator("textarea").fill(f"Código 100234, {extra}.")
    desk.go("SUSCRIPTOR", "CONSULTA DE FACTURAS", "Consulta de facturas")
    desk.ask("Código:", "100234")
    rows = desk.see('table:has(> tbody > tr > th:text-is("Productos")) tr:has(> td)')
    expect(rows).to_have_count(10)
    desk.see('a:text-is("Siguiente")').click()
    expect(desk.see('td:text-is("Página 2 de 2")')).to_be_visible()
    expect(rows).to_have_count(2)
    expect(desk.see('a:text-is("Siguiente")')).to_have_count(0)


def test_the_cashier_takes_the_money(desk: Desk) -> None:
    """The caja finds a recibo and registers its payment; an adviser may not."""
    desk.bill()
    expect(desk.cell("Factura No.:")).to_have_text("F-000124")
    desk.go("RECAUDO", "ABONO A FACTURA O FINANCIACIÓN", "Abono a factura o financiación")
    desk.search("100234")
    desk.press("GENERAR")
    expect(desk.cell("Recibo No.:")).to_have_text("RC-0004521")
    desk.go("RECAUDO", "CAJA", "Módulo no habilitado")
    desk.page.locator('a:text-is("Cerrar sesión")').click()
    expect(desk.page.locator('input[value="Ingresar"]')).to_be_visible()
    desk.enter("cajero1")
    desk.go("RECAUDO", "CAJA", "Caja")
    desk.ask("Recibo:", "RC-0004521")
    expect(desk.cell("Estado del recibo:")).to_have_text("Sin pagar")
    desk.press("Registrar pago")
    expect(desk.cell("Pago No.:")).to_have_text("PG-000001")
    assert desk.control.ledger()["pagos"][0]["abono"] == "RC-0004521"
