"""An office with something of everything, and each page of the panel as whoever uses it sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from oficina import Oficina, oficina_con
from playwright.sync_api import Browser, Page, expect
from solicitudes import abierto, datos, facturado

from robot.records.solicitud import Pago, validate
from robot.records.store import payments
from robot.records.store.requests import Batch, NewCase, open_lot, take
from robot.settings import BOGOTA
from robot.work.apertura import register
from robot.work.pago import register as register_payment

ROOT: Final = Path(__file__).parents[2]
TERMINADO, ESPERA, DUDA, RECHAZADO, LOTE = "100701", "100702", "100703", "100704", "100705"
PAGINAS: Final[dict[str, tuple[str, str]]] = {
    "ingresar": ("", "/ingresar"),
    "solicitud": ("ana", "/solicitud"),
    "mis-casos": ("ana", "/mis-casos"),
    "caso-asesor": ("beto", "/casos/{terminado}"),
    "en-vivo": ("beto", "/casos/{espera}/en-vivo"),
    "esperando-pago": ("beto", "/esperando-pago"),
    "mi-cuenta": ("ana", "/mi-cuenta"),
    "hoy": ("sofia", "/hoy"),
    "casos": ("sofia", "/casos"),
    "caso": ("sofia", "/casos/{terminado}"),
    "caso-en-duda": ("sofia", "/casos/{duda}"),
    "pelicula": ("sofia", "/casos/{terminado}/pelicula"),
    "dudas": ("sofia", "/dudas"),
    "duda": ("sofia", "/dudas/{duda}"),
    "plazos": ("sofia", "/plazos"),
    "revision": ("sofia", "/revision"),
    "revision-caso": ("sofia", "/revision/{terminado}"),
    "cola": ("sofia", "/cola"),
    "archivos": ("sofia", "/cola/archivos"),
    "borrador": ("sofia", "/cola/archivos/{borrador}"),
    "lotes": ("sofia", "/cola/lotes"),
    "lote": ("sofia", "/cola/lotes/{lote}"),
    "tablero": ("sofia", "/tablero"),
    "pantallas": ("sofia", "/pantallas"),
    "pantalla": ("sofia", "/pantallas/{pantalla}"),
    "informes": ("sofia", "/informes"),
    "auditoria": ("sofia", "/auditoria"),
    "avisos": ("sofia", "/avisos"),
    "personas": ("admin", "/personas"),
    "persona": ("admin", "/personas/ana"),
    "clientes": ("admin", "/clientes"),
}
"""Who sees which page; in braces the cases of `Vitrina`."""


@dataclass
class Vitrina:
    """The office, and its cases by what they show."""

    oficina: Oficina
    casos: dict[str, str] = field(default_factory=dict)
    _paginas: dict[tuple[str, str], Page] = field(default_factory=dict)

    def pagina(self, name: str, *, ancho: int = 1366, alto: int = 768, oscuro: bool = False) -> Page:
        """Return a page of the panel at a size and theme."""
        usuario, path = PAGINAS[name]
        page = self._of(usuario)
        page.set_viewport_size({"width": ancho, "height": alto})
        page.emulate_media(color_scheme="dark" if oscuro else "light", reduced_motion="reduce")
        page.goto(self.oficina.url + path.format_map(self.casos))
        expect(page.locator("h1").first).to_be_visible()
        return page

    def _of(self, usuario: str) -> Page:
        if ("", usuario) not in self._paginas:
            page = self.oficina.como(usuario) if usuario else self.oficina.abrir().new_page()
            self._paginas["", usuario] = page
        return self._paginas["", usuario]


@contextmanager
def vitrina_en(browser: Browser, folder: Path) -> Iterator[Vitrina]:
    """Open the office and fill it: a finished case, one that waits, one in doubt, a rejected one, a bad file."""
    with oficina_con(browser, folder, muestra_porcentaje=100, revisar_antes=True) as oficina:
        shown = Vitrina(oficina)
        oficina.control.faults({"at": "factura.guardar", "fault": "closed_before_commit", "of": DUDA})
        shown.casos["duda"] = abierto(oficina, DUDA)
        wrong = validate(datos(RECHAZADO) | {"ruta": "99-999"})
        shown.casos["rechazado"] = register(oficina.panel.archivo(), wrong, asesor="ana")
        shown.casos["terminado"] = facturado(oficina, TERMINADO)
        shown.casos["espera"] = facturado(oficina, ESPERA)
        _pay(oficina, shown.casos["terminado"])
        oficina.espera_estado(shown.casos["terminado"], "terminado")
        oficina.espera_estado(shown.casos["duda"], "en_duda")
        oficina.espera_estado(shown.casos["rechazado"], "rechazado", "fallido")
        shown.casos["lote"] = open_lot(oficina.panel.store, "lunes.csv", "0" * 64, "sofia")
        row = NewCase(solicitud=validate(datos(LOTE)), fila=2)
        take(oficina.panel.store, [row], Batch(lote=shown.casos["lote"], asesor="sofia"))
        shown.casos["borrador"] = _draft(oficina)
        shown.casos["pantalla"] = next(oficina.panel.settings.revisiones.iterdir()).name
        yield shown


def _pay(oficina: Oficina, caso: str) -> None:
    facts = payments.facts(oficina.panel.store, caso)
    assert facts is not None
    oficina.pagar(facts.recibo)
    today = facts.generado.astimezone(BOGOTA).date()
    register_payment(oficina.panel.archivo(), caso, Pago(recibo=facts.recibo, fecha=today, confirmado_por="beto"))


def _draft(oficina: Oficina) -> str:
    """Upload the demonstration's file, one row of which is damaged, and return the draft's name."""
    page = oficina.como("sofia", "/cola/archivos")
    page.locator("input[type=file]").set_input_files(ROOT / "fixtures" / "lote-de-demostracion.csv")
    page.get_by_role("button", name="Subir", exact=True).click()
    page.wait_for_url("**/cola/archivos/*")
    return page.url.rsplit("/", 1)[1]
