"""Suscriptor → Factura: pasos 4 a 15."""

from asyncio import gather
from functools import partial
from typing import Any

from playwright.async_api import expect

from flows.consulta import partir
from flows.datos import Factura, Trabajo
from flows.observacion import escribir
from flows.suscriptor import comprobar
from flows.tercero import crear_tercero
from robot.browser.run import Run, Step
from robot.browser.screen import texts
from robot.errors import Rejected, StepFailed
from robot.records.nombres import shares_surname
from robot.text import fold, in_pesos, pesos, plain


async def facturar(run: Run, trabajo: Trabajo) -> Factura:
    """Bill one reconnection and print it. Nothing is saved before step 14 but, if need be, the tercero of step 7."""
    await partir(run, trabajo, "factura")
    ui = run.screen("factura")
    solicitud = trabajo.solicitud
    async with run.step(4, "SUSCRIPTOR → FACTURA"):
        await run.menu(ui["menu_suscriptor"], ui["opcion_factura"])
        await run.appear(ui["titulo"])
        if await ui["producto_de_linea"].count():
            raise StepFailed("Serviweb guarda en la sesión una factura a medio llenar")
    async with run.step(5, f"Forma de pago: {solicitud.forma_pago}") as paso:
        paso.read("Forma de pago", await run.choose(ui["forma_pago"], solicitud.forma_pago))
    async with run.step(6, "Código del suscriptor y Enter") as paso:
        await ui["codigo"].fill(solicitud.codigo)
        await ui["codigo"].press("Enter")
        if await run.either(ui["suscriptor"], ui["aviso"]) == "aviso":
            await run.refuse(ui["aviso"])
        nombre, ruta = await gather(ui["suscriptor"].inner_text(), ui.text("ruta"))
        await comprobar(run, paso, trabajo, nombre=nombre, ruta=ruta)
    async with run.step(7, "Tercero por documento; si no aparece, botón +") as paso:
        await run.choose(ui["tipo_documento"], solicitud.tipo_documento)
        await ui["documento"].fill(solicitud.documento)
        await ui["documento"].press("Enter")
        if await run.either(ui["tercero"], ui["tercero_no_existe"]) == "tercero_no_existe":
            paso.read("Tercero creado", await crear_tercero(run, solicitud))
        tercero = paso.read("Tercero", await ui["tercero"].inner_text())
        if not shares_surname(tercero, surnames=solicitud.apellidos, names=solicitud.nombres):
            raise Rejected(
                f"El documento de la solicitud pertenece en Serviweb a {tercero}, no a {solicitud.quien_solicita}",
                remedy="Compruebe el documento de quien solicita.",
            )

    async with run.step(8, f"Producto {trabajo.productos[0]}"):
        await run.choose(ui["producto"], trabajo.productos[0])
    async with run.step(9, "Agregar"):
        await ui["agregar"].click()
        await run.appear(ui["producto_de_linea"], 1)
    async with run.step(10, f"Producto {trabajo.productos[1]}" if trabajo.productos[1:] else "No aplica"):
        for producto in trabajo.productos[1:2]:
            await run.choose(ui["producto"], producto)
    async with run.step(11, "Agregar" if trabajo.productos[1:] else "No aplica"):
        for _ in trabajo.productos[1:2]:
            await ui["agregar"].click()
            await run.appear(ui["producto_de_linea"], 2)
    async with run.step(12, " y ".join(trabajo.productos[2:]) or "No aplica"):
        for lineas, producto in enumerate(trabajo.productos[2:], start=3):
            await run.choose(ui["producto"], producto)
            await ui["agregar"].click()  # the document omits this click (D2)
            await run.appear(ui["producto_de_linea"], lineas)
    async with run.step(13, "Observación: código, ruta y concepto") as paso:
        await escribir(paso, ui["observacion"], trabajo.observacion_factura)

    async with run.effect("factura", number=ui["numero"], refusal=ui["rechazo"]), run.step(14, "Guardar") as paso:
        guarda = await run.commit(ui["guardar"], reads=partial(leer_factura, run, paso, trabajo))
        numero = paso.read("Factura", await run.confirm())
    async with run.step(15, "Imprimir la solicitud de trámite"):
        await run.printed("solicitud-factura", ui["imprimir"], symbol=ui["simbolo_imprimir"], number=numero)
    return Factura(numero=numero, total=guarda["total"])


async def leer_factura(run: Run, paso: Step, trabajo: Trabajo) -> dict[str, Any]:
    """Read the whole form back right before *Guardar*: exactly our products, amounts above zero, sum equal to total.

    The robot never computes an amount: both are only compared and recorded. Raises `StepFailed`.
    """
    ui = run.screen("factura")
    solicitud = trabajo.solicitud
    lineas = gather(texts(ui["producto_de_linea"]), texts(ui["valor_de_linea"]), ui["total"].inner_text())
    partes = gather(ui["suscriptor"].inner_text(), ui["tercero"].inner_text(), run.chosen(ui["forma_pago"]))
    (productos, importes, total_mostrado), (suscriptor, tercero, forma), *_ = await gather(
        lineas,
        partes,
        expect(ui["codigo"]).to_have_value(solicitud.codigo),
        expect(ui["documento"]).to_have_value(solicitud.documento),
        expect(ui["observacion"]).to_have_value(trabajo.observacion_factura),
    )
    if sorted(map(fold, productos)) != sorted(map(fold, trabajo.productos)):
        raise StepFailed(
            f"La factura tiene los productos {', '.join(productos) or '(ninguno)'} y no los de la solicitud"
        )
    try:
        valores = [pesos(text) for text in importes]
        total = pesos(total_mostrado)
    except ValueError as error:
        raise StepFailed(f"No se puede leer un valor de la factura: {error}") from error
    if len(valores) != len(productos) or min(valores) <= 0 or sum(valores) != total:
        raise StepFailed(
            f"Los valores no cuadran: {', '.join(map(in_pesos, valores))}; Serviweb muestra {in_pesos(total)}"
        )
    if fold(forma) != fold(solicitud.forma_pago):
        raise StepFailed(f"La forma de pago quedó en «{forma}»")
    for producto, valor in zip(productos, valores, strict=True):
        paso.read(producto, in_pesos(valor))
    paso.read("Total", in_pesos(total))
    return {
        "codigo": solicitud.codigo,
        "suscriptor": plain(suscriptor),
        "tercero": plain(tercero),
        "forma_pago": forma,
        "productos": productos,
        "valores": valores,
        "total": total,
        "observacion": trabajo.observacion_factura,
    }
