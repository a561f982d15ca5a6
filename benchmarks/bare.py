"""The same documented clicks as a bare Playwright script: no evidence, no gate, no journal, no comparison.

It is what the robot is measured against, so it is neither crippled nor favoured: the controls are those of
`selectors/mock`, each wait is for the outcome that the next click needs, and of a number it waits for a new one, as any
script must that means to report it. Steps 3–22 bis and 24–31; the papers' bytes are kept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playwright.async_api import Locator, Page, Route, expect

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Laps:
    """Seconds of each step, by its number."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def end(self, step: str) -> None:
        """End a step, and begin the next."""
        now = time.perf_counter()
        self.seconds[step] = now - self._since
        self._since = now


async def cobro(page: Page, url: str, case: dict[str, Any], papers: Path, laps: Laps) -> str:
    """Log in, bill and generate the abono: steps 3–22 bis. Return the receipt's number."""
    await page.goto(url)
    await page.get_by_label("Usuario", exact=True).fill(case["user"])
    await page.get_by_label("Contraseña", exact=True).fill(case["password"])
    await page.get_by_role("button", name="Ingresar", exact=True).click()
    await expect(page.get_by_role("button", name="Cerrar sesión", exact=True)).to_be_visible()
    laps.end("3")
    await _factura(page, case, papers, laps)
    return await _abono(page, case, papers, laps)


async def _factura(page: Page, case: dict[str, Any], papers: Path, laps: Laps) -> None:
    request = case["request"]
    await page.get_by_role("button", name="SUSCRIPTOR", exact=True).click()
    await page.get_by_role("menuitem", name="FACTURA", exact=True).click()
    await expect(page.get_by_role("heading", name="Factura", exact=True)).to_be_visible()
    laps.end("4")
    await page.get_by_role("combobox", name="Forma de pago", exact=True).select_option("Contado")
    laps.end("5")
    codigo = page.get_by_label("Código del suscriptor", exact=True)
    await codigo.fill(request["codigo"])
    await codigo.press("Enter")
    await expect(page.get_by_role("status", name="Suscriptor", exact=True)).not_to_be_empty()
    laps.end("6")
    terceros = page.get_by_role("group", name="Terceros", exact=True)
    documento = terceros.get_by_label("Número de documento", exact=True)
    await terceros.get_by_role("combobox", name="Tipo de documento", exact=True).select_option("CC")
    await documento.fill(request["documento"])
    await documento.press("Enter")
    await expect(terceros.get_by_role("status", name="Tercero", exact=True)).not_to_be_empty()
    laps.end("7")
    producto = page.get_by_role("combobox", name="Producto", exact=True)
    agregar = page.get_by_role("button", name="Agregar", exact=True)
    table = page.get_by_role("table", name="Productos de la factura", exact=True)
    lines = table.locator("tbody tr:has(td:nth-child(3))")
    await producto.select_option("CORTE")
    laps.end("8")
    await agregar.click()
    await expect(lines).to_have_count(1)
    laps.end("9")
    await producto.select_option("RECONEXION DEL SERVICIO")
    laps.end("10")
    await agregar.click()
    await expect(lines).to_have_count(2)
    laps.end("11")
    await producto.select_option("RECUPERACION ACUEDUCTO CARTERA")
    await agregar.click()
    await expect(lines).to_have_count(3)
    laps.end("12")
    await page.get_by_label("Observación", exact=True).fill(case["observacion_factura"])
    laps.end("13")
    numero = page.get_by_role("status", name="Número de factura", exact=True)
    before = await numero.inner_text()
    await page.get_by_role("button", name="Guardar", exact=True).click()
    await expect(numero).not_to_have_text(before)
    laps.end("14")
    (papers / "solicitud-factura.pdf").write_bytes(await _from_window(page))
    laps.end("15")


async def _abono(page: Page, case: dict[str, Any], papers: Path, laps: Laps) -> str:
    codigo = case["request"]["codigo"]
    await page.get_by_role("button", name="RECAUDO", exact=True).click()
    await page.get_by_role("menuitem", name="ABONO A FACTURA O FINANCIACIÓN", exact=True).click()
    await expect(page.get_by_role("heading", name="Abono a factura o financiación", exact=True)).to_be_visible()
    laps.end("16")
    await page.get_by_role("button", name="Buscar abono facturas", exact=True).click()
    box = page.get_by_role("dialog", name="Buscar suscriptor", exact=True)
    await expect(box).to_be_visible()
    laps.end("17")
    await box.get_by_role("combobox", name="Tipo de búsqueda", exact=True).select_option("Código")
    laps.end("18")
    await box.get_by_label("Texto a buscar", exact=True).fill(codigo)
    await box.get_by_role("button", name="BUSCAR SUSCRIPTORES", exact=True).click()
    found = box.get_by_role("table", name="Suscriptores encontrados", exact=True).locator("tbody tr")
    ours = found.filter(has=page.get_by_role("cell", name=codigo, exact=True))
    await expect(ours).to_be_visible()
    laps.end("19")
    await ours.locator("td:nth-child(2) button").click()
    pending = page.get_by_role("table", name="Facturas pendientes", exact=True).locator("tbody tr:has(td:nth-child(3))")
    await expect(pending).to_have_count(1)
    laps.end("20")
    numero = page.get_by_role("status", name="Número de recibo", exact=True)
    before = await numero.inner_text()
    await page.get_by_role("button", name="GENERAR", exact=True).click()
    laps.end("21")
    await page.get_by_role("dialog", name="Confirmación", exact=True).get_by_role("button", name="OK").click()
    await expect(numero).not_to_have_text(before)
    recibo = await numero.inner_text()
    laps.end("22")
    (papers / "recibo-abono.pdf").write_bytes(await _from_server(page))
    laps.end("22 bis")
    return recibo


async def tramite(page: Page, case: dict[str, Any], papers: Path, laps: Laps) -> str:
    """File the trámite on the page that is logged in: steps 24–31. Return the radicado."""
    await page.get_by_role("button", name="PQR", exact=True).click()
    await page.get_by_role("menuitem", name="TRÁMITE", exact=True).click()
    await expect(page.get_by_role("heading", name="Trámite", exact=True)).to_be_visible()
    laps.end("24")
    await page.get_by_role("combobox", name="Zona", exact=True).select_option("FLORENCIA")
    await page.get_by_role("combobox", name="Medio", exact=True).select_option("PERSONAL")
    laps.end("25")
    codigo = page.get_by_label("Código del suscriptor", exact=True)
    await codigo.fill(case["request"]["codigo"])
    await codigo.press("Enter")
    await expect(page.get_by_role("status", name="Suscriptor", exact=True)).not_to_be_empty()
    laps.end("26")
    await page.get_by_role("combobox", name="Servicio", exact=True).select_option("ACUEDUCTO")
    await page.get_by_role("combobox", name="Tipo de trámite", exact=True).select_option("PETICIÓN")
    laps.end("27")
    await page.get_by_role("combobox", name="Causal", exact=True).select_option("RECONEXIÓN DEL SERVICIO")
    laps.end("28")
    await page.get_by_label("Observación", exact=True).fill(case["observacion_tramite"])
    laps.end("29")
    numero = page.get_by_role("status", name="Radicado", exact=True)
    before = await numero.inner_text()
    await page.get_by_role("button", name="Guardar", exact=True).click()
    await expect(numero).not_to_have_text(before)
    radicado = await numero.inner_text()
    laps.end("30")
    (papers / "solicitud-tramite.pdf").write_bytes(await _from_window(page))
    laps.end("31")
    return radicado


async def _option(page: Page) -> Locator:
    """Click the printing symbol; return its option Imprimir."""
    await page.get_by_role("button", name="Opciones de impresión", exact=True).click()
    return page.get_by_role("menuitem", name="Imprimir", exact=True)


async def _from_window(page: Page) -> bytes:
    """Print the window that Imprimir opens (steps 15 and 31)."""
    option = await _option(page)
    async with page.expect_popup() as opening:
        await option.click()
    window = await opening.value
    await window.wait_for_load_state()
    data = await window.pdf(format="Letter", print_background=True, prefer_css_page_size=True)
    await window.close()
    return data


async def _from_server(page: Page) -> bytes:
    """Take the PDF that Imprimir opens in a tab (22 bis) on its way: a viewer keeps it, a headless shell has none."""
    kept: list[bytes] = []

    async def keep(route: Route) -> None:
        response = await route.fetch()
        kept.append(await response.body())
        await route.fulfill(body="", content_type="text/html")

    await page.context.route("**/recibo.pdf", keep)
    option = await _option(page)
    async with page.expect_popup() as opening:
        await option.click()
    window = await opening.value
    await window.wait_for_load_state()
    await window.close()
    await page.context.unroute("**/recibo.pdf", keep)
    return kept[0]
