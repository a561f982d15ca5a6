"""`serviweb demo`: one subscriber through both stages on the bundled Serviweb; the demo itself plays the caja."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from playwright.async_api import Browser, expect
from rich.console import Console

from robot.browser import pictures
from robot.browser.maps import Map
from robot.console import LiveSteps, near, show_case
from robot.demo_lote import ASESOR, run_batch
from robot.mock import mock_running
from robot.office import settings_and_map, worker_for
from robot.records import caso as cases
from robot.records.report import case_page
from robot.records.solicitud import Pago, validate
from robot.settings import BOGOTA, Settings
from robot.work import pago as payments
from robot.work.apertura import open_case

REQUEST = {
    "codigo": "100310",
    "ruta": "02-115",
    "documento": "17634567",
    "nombres": "José Ángel",
    "apellidos": "Ñáñez Muñoz",
    "celular": "312 456 7890",
    "forma_pago": "contado",
    "concepto": "RECONEXIÓN POR PAGO",
    "medidor": True,
    "arreglo": "acuerdo",
    "arreglo_ref": "AP-2026-118",
}


def run_demo(folder: Path, *, visible: bool, then: Callable[[str, Path], None]) -> None:
    """Run the demo, print where everything is, and call *then* with Serviweb's address and the folder.

    Raises `RobotError`.
    """
    console = Console(stderr=True, highlight=False)
    console.print("[bold]Demostración[/bold]: un Serviweb de prueba en este equipo; nada sale de él.")
    # Each demonstration starts a new Serviweb, whose numbers begin again: a folder of its own for each.
    folder = folder / f"{datetime.now(BOGOTA):%Y-%m-%d-%H%M%S}"
    with mock_running(control=True) as url:
        settings, maps = settings_and_map(
            url=url, usuario="asesor1", clave="clave-asesor1", carpeta=folder, mapa="mock", visible=visible or None
        )
        caso = asyncio.run(_both_stages(settings, maps, console))
        console.print()
        show_case(Console(highlight=False), caso)
        run_batch(console, url, folder)
        page = near(caso.folder / "caso.html")
        console.print(f"\nAbra [bold]{page}[/bold] en el navegador: cada paso con su imagen, y la película.")
        then(url, folder)
    console.print("El Serviweb de prueba ya se detuvo; «serviweb mock» lo inicia para usarlo a mano.")


async def _both_stages(settings: Settings, maps: Map, console: Console) -> cases.Caso:
    solicitud = validate(REQUEST)
    steps = LiveSteps(console)
    async with worker_for(settings, maps) as worker:
        browser = worker.browser
        caso = open_case(worker.archivo, maps, solicitud, asesor=ASESOR)
        outcome = await worker.cobro(caso, solicitud, listener=steps)
        if outcome.error:
            raise outcome.error
        caso = outcome.caso
        recibo = caso.number("abono") or ""
        console.print(
            f"\n[bold]Paso 23[/bold]: lo hace el usuario en la caja. La demostración hace de cajero y paga {recibo}."
        )
        await _pay(browser, settings.url, recibo)
        pago = Pago(
            recibo=recibo,
            fecha=_today(),
            valor=caso.what("abono")["total"],
            confirmado_por="demostración",
        )
        payments.paid(worker.archivo, caso, pago)
        outcome = await worker.tramite(caso, solicitud, listener=steps)
        if outcome.error:
            raise outcome.error
        with console.status("Preparando la imagen de cada paso…"):
            await pictures.render(caso.folder, browser)
        case_page(caso.folder)
        return outcome.caso


def _today() -> date:
    return datetime.now(BOGOTA).date()


async def _pay(browser: Browser, url: str, recibo: str) -> None:
    """Do what the cashier of the bundled Serviweb does with a customer's receipt."""
    page = await browser.new_page(locale="es-CO")
    await page.goto(url)
    await page.get_by_label("Usuario", exact=True).fill("cajero1")
    await page.get_by_label("Contraseña", exact=True).fill("clave-cajero1")
    await page.get_by_role("button", name="Ingresar", exact=True).click()
    await page.get_by_role("button", name="RECAUDO", exact=True).click()
    await page.get_by_role("menuitem", name="CAJA", exact=True).click()
    await page.get_by_label("Número de recibo", exact=True).fill(recibo)
    await page.get_by_role("button", name="Buscar", exact=True).click()
    await page.get_by_role("button", name="Registrar pago", exact=True).click()
    await expect(page.get_by_text("Pago registrado.")).to_be_visible()
    await page.context.close()
