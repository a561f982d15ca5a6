"""Terceros: the + of paso 7, which adds a person or company to Serviweb's directory."""

from playwright.async_api import expect

from robot.browser.run import Run
from robot.errors import StepFailed
from robot.records.solicitud import Solicitud


async def crear_tercero(run: Run, solicitud: Solicitud) -> str:
    """Create the tercero who asks, in the box that + opens; return Serviweb's number of it. Part of paso 7."""
    ui = run.screen("tercero")
    await ui["nuevo_tercero"].click()
    await run.choose(ui["tipo_documento"], solicitud.tipo_documento)
    await ui["documento"].fill(solicitud.documento)
    await ui["nombres"].fill(solicitud.nombres)
    await ui["apellidos"].fill(solicitud.apellidos)
    await ui["celular"].fill(solicitud.celular)
    async with run.effect("tercero", number=ui["numero"], refusal=ui["rechazo"]):
        for control, value in (
            (ui["documento"], solicitud.documento),
            (ui["nombres"], solicitud.nombres),
            (ui["apellidos"], solicitud.apellidos),
            (ui["celular"], solicitud.celular),
        ):
            if await control.input_value() != value:
                raise StepFailed("El formulario de tercero no conservó lo escrito", control=control.description or "")
        await run.commit(
            ui["guardar"], saves={"tipo_documento": solicitud.tipo_documento, "nombre": solicitud.quien_solicita}
        )
        numero = await run.confirm()
    await expect(run.screen("factura")["tercero"]).not_to_be_empty()
    return numero
