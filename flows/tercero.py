"""Terceros: the + of paso 7, which adds a person or company to Serviweb's directory."""

from asyncio import gather
from functools import partial
from typing import Any

from robot.browser.run import Run
from robot.errors import StepFailed
from robot.records.solicitud import Solicitud


async def crear_tercero(run: Run, solicitud: Solicitud) -> str:
    """Create the tercero who asks, in what + opens; return Serviweb's number of it. Part of paso 7."""
    ui = run.screen("tercero")
    await run.open(ui, "nuevo_tercero", "cuadro")
    await run.choose(ui["tipo_documento"], solicitud.tipo_documento)
    await ui["documento"].fill(solicitud.documento)
    await ui["nombres"].fill(solicitud.nombres)
    await ui["apellidos"].fill(solicitud.apellidos)
    await ui["celular"].fill(solicitud.celular)
    async with run.effect("tercero", number=ui["numero"], refusal=ui["rechazo"]):
        await run.commit(ui["guardar"], reads=partial(leer_tercero, run, solicitud))
        numero = await run.confirm()
    await run.close(ui, "nuevo_tercero")
    await run.reads(run.screen("factura")["tercero"], bool)
    return numero


async def leer_tercero(run: Run, solicitud: Solicitud) -> dict[str, Any]:
    """Read the form back right before *Guardar*. Raises `StepFailed` naming the field that changed."""
    ui = run.screen("tercero")
    tipo, *shown = await gather(
        run.chosen(ui["tipo_documento"]),
        ui["documento"].input_value(),
        ui["nombres"].input_value(),
        ui["apellidos"].input_value(),
        ui["celular"].input_value(),
    )
    wanted = (solicitud.documento, solicitud.nombres, solicitud.apellidos, solicitud.celular)
    for key, value, typed in zip(("documento", "nombres", "apellidos", "celular"), shown, wanted, strict=True):
        if value != typed:
            raise StepFailed("El formulario de tercero no conservó lo escrito", control=f"tercero.{key}")
    return {"tipo_documento": tipo, "nombre": solicitud.quien_solicita}
