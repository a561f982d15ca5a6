"""A case as it is left behind: a journal of both stages, a recording of real pages, papers."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import leaky_site as site
from playwright.async_api import Browser, Dialog

from robot.browser.evidence import Recorder
from robot.browser.private import PrivateControl
from robot.masking import Masker
from robot.records.journal import Journal

Do = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a coroutine on the portal's loop and returns what it returns."""

LIST = PrivateControl(screen="factura", key="lista", css="#lista")
PRIVATE = [
    PrivateControl(screen="factura", key="cedula", label="Cédula"),
    PrivateControl(screen="factura", key="clave", label="Clave"),
    PrivateControl(screen="factura", key="direccion", role="textbox", name="Dirección"),
    PrivateControl(screen="factura", key="filas", role="row", within=LIST, many=True),
]
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
VIEWPORT = {"width": 1280, "height": 800}


def masker() -> Masker:
    """Return the masker of this case."""
    return Masker(site.PRIVATE, site.LEGIBLE)


async def recorded(folder: Path, browser: Browser, url: str, journal: Journal, mode: Any = "grabacion") -> Recorder:
    """Do a short case of two stages on the leaky pages, with its journal and its recording."""
    recorder = Recorder(mode=mode, private=PRIVATE)
    context = await browser.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
    await recorder.attach(context)
    page = await context.new_page()
    write = journal.write
    write("run.started", run=1, etapa="cobro", ensayo=False, navegador="Chromium 156", usuario_serviweb="asesor1")
    await recorder.start(folder, journal.masker, page)

    async def step(number: str, title: str, *actions: Any, **read: Any) -> None:
        text = {"6": "Se ingresa el código del suscriptor de quien realiza la solicitud y Enter"}.get(number, title)
        write("step.started", run=1, number=number, title=title, text=text, url=page.url.partition("?")[0])
        recorder.step_started(number, title)
        for action in actions:
            await action
        await recorder.step_finished(number)
        write("step.finished", run=1, number=number, seconds=1.25, read=read)

    async def saved(kind: str, number: str) -> None:
        write("effect.intent", kind=kind, what={"codigo": site.CODE, "valor": site.AMOUNT})
        write("effect.sent", kind=kind, method="POST", url="/factura/guardar")
        write("effect.answered", kind=kind, status=302)
        write("effect.confirmed", kind=kind, number=number)

    async def real(name: str, kind: str, moment: str) -> None:
        path = await recorder.picture(page, name)
        write("picture.taken", kind=kind, moment=moment, file=f"imagenes/{path.name}")

    await step("4", "SUSCRIPTOR → FACTURA", page.goto(f"{url}/factura?doc={site.CEDULA}"))
    code, cedula = page.locator("#codigo"), page.locator("#cedula")
    await step("6", "Código del suscriptor", code.press_sequentially(site.CODE), Suscriptor=site.NAME, Ruta=site.ROUTE)
    await step(
        "7",
        "Tercero por cédula",
        cedula.fill(""),
        cedula.press_sequentially(site.CEDULA),
        page.locator("#clave").press_sequentially(site.PASSWORD),
        page.locator("#consultar").click(),
        page.get_by_text("Tel 310").wait_for(),
        page.evaluate(f"for (const c of '{site.CEDULA}') nuevo.append(c)"),
        page.evaluate(f"nuevo.setAttribute('data-x', '{site.CEDULA}')"),
        Documento=site.CEDULA,
    )
    await step(
        "14",
        "Guardar",
        real("paso-14-antes", "factura", "antes"),
        saved("factura", site.INVOICE),
        real("paso-14-despues", "factura", "despues"),
        Factura=site.INVOICE,
        Total=site.AMOUNT,
    )
    await step("16", "RECAUDO → ABONO A FACTURA", page.goto(f"{url}/abono"))

    def answer(dialog: Dialog) -> None:
        write("dialog", text=dialog.message, expected=True, accepted=True)
        recorder.event("dialogo", {"texto": dialog.message})
        answers.append(asyncio.ensure_future(dialog.accept()))

    answers: list[asyncio.Future[None]] = []
    page.once("dialog", answer)
    await step("21", "GENERAR", page.get_by_role("button").click(), saved("abono", "RC-77"))
    await asyncio.gather(*answers)
    write("run.finished", run=1, seconds=9.5, outcome="esperando_pago")
    await recorder.stop()
    await context.close()
    return recorder


async def case(data: Path, browser: Browser, url: str, mode: Any = "grabacion") -> Path:
    """Leave a whole case below `data` and return its folder."""
    folder = data / "casos" / "R-7K3QF2M"
    with Journal(folder, masker()) as journal:
        journal.write(
            "case.opened", caso=folder.name, codigo=site.CODE, ruta=site.ROUTE, suscriptor=site.NAME,
            forma_pago="contado", concepto="Reconexión del servicio", arreglo="acuerdo de pago", version="0.1.0",
            productos=["CORTE", "RECONEXIÓN DEL SERVICIO", "RECUPERACIÓN ACUEDUCTO CARTERA"], mapa="mock",
            mapa_sha256="ab" * 32, ajustes_sha256="cd" * 32, solicitud_sha256="ef" * 32, pedido_por="ana",
        )  # fmt: skip
        await recorded(folder, browser, url, journal, mode)
        (folder / "papeles").mkdir()
        for name in ("solicitud-factura.pdf", "solicitud-factura-dos-copias.pdf"):
            (folder / "papeles" / name).write_bytes(PAPER)
        digest = hashlib.sha256(PAPER).hexdigest()
        journal.write(
            "document.printed", kind="solicitud-factura", file="solicitud-factura.pdf", sha256=digest, pages=1,
            copies_file="solicitud-factura-dos-copias.pdf", copies_sha256=digest,
        )  # fmt: skip
        journal.write("document.missing", kind="recibo-abono", reason="La impresora de Serviweb no respondió")
        journal.write("payment.recorded", recibo="RC-77", fecha="25/11/2026", valor=site.AMOUNT, registrado_por="ana")
        journal.write("run.started", run=2, etapa="tramite", ensayo=False, usuario_serviweb="asesor1")
        journal.write("step.started", run=2, number="30", title="Guardar", text="Luego se da clic en Guardar", url="/t")
        journal.write("effect.intent", kind="tramite", what={"causal": "RECONEXIÓN DEL SERVICIO", "medidor": True})
        journal.write("effect.sent", kind="tramite", method="POST", url="/tramite/guardar")
        journal.write("effect.in_doubt", kind="tramite", reason="Serviweb cerró la conexión sin responder")
        journal.write(
            "step.failed", run=2, number="30", seconds=31.2, error="OutcomeUnknown", control="tramite.guardar",
            reason="Se envió el trámite y Serviweb no respondió",
        )  # fmt: skip
        journal.write("case.state", etapa="tramite", estado="en_duda", reason="No se sabe si el trámite quedó guardado")
        journal.write("run.finished", run=2, seconds=44.0, outcome="en_duda")
    return folder
