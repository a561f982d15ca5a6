"""A real Run on a real Session and Journal, before a small site: what a flow would do, one verb at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from small_site import Site, html

from robot.browser.evidence import Recorder
from robot.browser.maps import load
from robot.browser.run import Run
from robot.browser.session import Session, session
from robot.masking import Masker
from robot.records.journal import Journal, read
from robot.settings import Settings

MAP = {
    "mapa": r"""
        nombre = "banco"
        ocupado = "#velo"
        [[avisos]]
        pattern = "su clave vence"
        dialog = "native"
        [[avisos]]
        pattern = "nueva versión"
        cuadro = "#novedad"
        cerrar = "button"
    """,
    "ingreso": '[usuario]\nlabel = "Usuario"',
    "forma": r"""
        [guardar]
        role = "button"
        name = "Guardar"
        writes = "**/guardar"
        [sin_compuerta]
        css = "#guardar"
        gate = false
        [sin_direccion]
        css = "#guardar"
        [numero]
        role = "status"
        name = "Número"
        pattern = '^(F-\d+)$'
        [rechazo]
        role = "alert"
        pattern = '^No se guardó: (.+)$'
        [cuadro]
        css = "dialog"
        dialog = "native"
        pattern = 'la factura (F-\d+)'
        [ok]
        role = "button"
        name = "OK"
        [lista]
        role = "combobox"
        name = "Lista"
        [lista_suelta]
        role = "combobox"
        name = "Lista"
        loose = true
        [aviso]
        test_id = "aviso"
        [falta]
        role = "button"
        name = "Falta"
        [doble]
        role = "button"
        name = "Doble"
        [abrir]
        role = "button"
        name = "Abrir"
        [lupa]
        role = "button"
        name = "Lupa"
        opens = "popup"
        [buscado]
        window = "lupa"
        frame = "iframe"
        role = "button"
        name = "María"
        [caja]
        role = "dialog"
        name = "Caja"
        fades = true
        [aceptar]
        within = "caja"
        role = "button"
        name = "Aceptar"
        [ciudad]
        label = "Ciudad"
        widget = "typeahead"
        options = "ciudades"
        [ciudad_suelta]
        label = "Ciudad"
        widget = "typeahead"
        options = "ciudades"
        loose = true
        [ciudades]
        css = "li"
        many = true
        [no_existe]
        in = "dialog"
        pattern = '^(No existe .+)$'
        [radicado]
        in = "dialog"
        pattern = 'radicado (F-\d+)'
        [lista_larga]
        css = "#larga"
        virtual = true
        [celda]
        css = "#larga .c"
        many = true
        [valor]
        css = "#larga .v"
        many = true
        [siguiente]
        role = "button"
        name = "Siguiente"
    """,
}
# What a page shows after a save, and how it saves.
SHOWN = '<output role="status" aria-label="Número" id="n"></output><p role="alert" id="r"></p>'
FETCH = """<script>
const enviar = (body = "a=1") => fetch("/guardar", {method: "POST", body}).then(a => a.text());
</script>"""
SAVES = f'{SHOWN}{FETCH}<button id="guardar" onclick="enviar().then(t => n.textContent = t)">Guardar</button>'


async def read_form() -> dict[str, int]:
    """Read back what the small site's form would save."""
    return {"total": 98700}


@dataclass
class Bench:
    """One run, its site and its case."""

    site: Site
    session: Session
    run: Run
    folder: Path

    async def open(self, body: str) -> None:
        """Show a page."""
        self.site.pages["GET /"] = html(body)
        await self.session.page.goto(self.site.url)

    async def save(self, button: str = "guardar", *, names: str = "", number: str = "numero") -> str:
        """Commit as a flow does: one effect, one step, one click; with *names*, a native box is answered."""
        ui = self.run.screen("forma")
        box = ui["cuadro"] if names else None
        async with (
            self.run.effect("factura", number=ui[number], refusal=ui["rechazo"], box=box),
            self.run.step(14, "Guardar"),
        ):
            await self.run.commit(ui[button], reads=read_form)
            if names:
                await self.run.answer(ui["ok"], names=names)
            return await self.run.confirm()

    @property
    def effects(self) -> list[str]:
        """Return what the journal on disk says of the effect, in order."""
        events = [entry["event"] for entry in read(self.folder)]
        return [event.removeprefix("effect.") for event in events if event.startswith("effect.")]

    @property
    def posts(self) -> int:
        """Return how often the site was asked to save."""
        return len(self.site.writes())


@asynccontextmanager
async def bench(browser: Browser, site: Site, folder: Path, **changed: Any) -> AsyncIterator[Bench]:
    """Open a session and a journal, and a run between them."""
    (folder / "mapa").mkdir()
    for name, text in MAP.items():
        (folder / "mapa" / f"{name}.toml").write_text(text, encoding="utf-8")
    settings = Settings(url=site.url, usuario="asesor1", carpeta=folder, espera_segundos=2, evidencia="ninguna")
    case = folder / "casos" / "R-AAAAAAA"
    with Journal(case, Masker()) as journal:
        async with session(settings, Recorder(mode="ninguna", private=[]), browser) as live:
            await live.recorder.start(case, journal.masker, live.page)
            options: dict[str, Any] = {"number": 1, "timeout_seconds": 2, "confirmation_seconds": 2, "pictures": False}
            maps = load(folder / "mapa")
            run = Run(session=live, maps=maps, journal=journal, texts={"14": "Guardar"}, **options | changed)
            yield Bench(site=site, session=live, run=run, folder=case)
