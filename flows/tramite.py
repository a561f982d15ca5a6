"""PQR → Trámite: pasos 24 a 31, once the payment is recorded (paso 23)."""

from asyncio import gather
from functools import partial
from typing import Any

from playwright.async_api import expect

from flows.consulta import partir
from flows.datos import Trabajo
from flows.observacion import escribir
from flows.suscriptor import comprobar
from robot.browser.run import Run
from robot.errors import StepFailed
from robot.text import fold, plain


async def radicar(run: Run, trabajo: Trabajo) -> str:
    """File the reconnection as a petition, print it and return its radicado. Nothing is saved before step 30."""
    await partir(run, trabajo, "tramite")
    ui = run.screen("tramite")
    solicitud = trabajo.solicitud
    async with run.step(24, "PQR → TRÁMITE"):
        await run.menu(ui["menu_pqr"], ui["opcion_tramite"])
        await run.appear(ui["titulo"])
    async with run.step(25, f"Zona {trabajo.zona} y medio {trabajo.medio}") as paso:
        paso.read("Zona", await run.choose(ui["zona"], trabajo.zona))
        paso.read("Medio", await run.choose(ui["medio"], trabajo.medio))
    async with run.step(26, "Código del suscriptor y Enter") as paso:
        await ui["codigo"].fill(solicitud.codigo)
        await ui["codigo"].press("Enter")
        if await run.either(ui["suscriptor"], ui["aviso"]) == "aviso":
            await run.refuse(ui["aviso"])
        nombre, ruta = await gather(ui["suscriptor"].inner_text(), ui.text("ruta"))
        await comprobar(run, paso, trabajo, nombre=nombre, ruta=ruta)
    async with run.step(27, f"Servicio {trabajo.servicio} y tipo {trabajo.tipo_tramite}") as paso:
        paso.read("Servicio", await run.choose(ui["servicio"], trabajo.servicio))
        paso.read("Tipo de trámite", await run.choose(ui["tipo_tramite"], trabajo.tipo_tramite))
    async with run.step(28, f"Causal {trabajo.causal}") as paso:
        paso.read("Causal", await run.choose(ui["causal"], trabajo.causal))
    async with run.step(29, "Observación: código, ruta, concepto, celular y medidor") as paso:
        await escribir(paso, ui["observacion"], trabajo.observacion_tramite)

    async with run.effect("tramite", number=ui["numero"], refusal=ui["rechazo"]), run.step(30, "Guardar") as paso:
        await run.commit(ui["guardar"], reads=partial(leer_tramite, run, trabajo))
        radicado = paso.read("Radicado", await run.confirm())
    async with run.step(31, "Imprimir la solicitud con su radicado"):
        await run.printed("solicitud-tramite", ui["imprimir"], symbol=ui["simbolo_imprimir"], number=radicado)
    return radicado


async def leer_tramite(run: Run, trabajo: Trabajo) -> dict[str, Any]:
    """Read the whole form back right before *Guardar*. Raises `StepFailed` naming what differs."""
    ui = run.screen("tramite")
    elegidas = gather(
        run.chosen(ui["zona"]),
        run.chosen(ui["medio"]),
        run.chosen(ui["servicio"]),
        run.chosen(ui["tipo_tramite"]),
        run.chosen(ui["causal"]),
    )
    (zona, medio, servicio, tipo, causal), suscriptor, *_ = await gather(
        elegidas,
        ui["suscriptor"].inner_text(),
        expect(ui["codigo"]).to_have_value(trabajo.solicitud.codigo),
        expect(ui["observacion"]).to_have_value(trabajo.observacion_tramite),
    )
    chosen = {"zona": zona, "medio": medio, "servicio": servicio, "tipo_tramite": tipo, "causal": causal}
    read: dict[str, Any] = {
        "codigo": trabajo.solicitud.codigo,
        "suscriptor": plain(suscriptor),
        "observacion": trabajo.observacion_tramite,
        **chosen,
    }
    for key in chosen:
        if fold(read[key]) != fold(getattr(trabajo, key)):
            raise StepFailed(f"El campo «{key}» quedó en «{read[key]}» y debía ser «{getattr(trabajo, key)}»")
    return read
