"""Recaudo → Abono a factura o financiación: pasos 16 a 22 bis."""

from asyncio import gather
from functools import partial
from typing import Any

from flows.consulta import partir
from flows.datos import Abono, Factura, Trabajo
from robot.browser.run import Run, Step
from robot.browser.screen import texts
from robot.errors import Rejected, StepFailed
from robot.text import in_pesos, pesos, plain

_MOST_PAGES = 100


async def abonar(run: Run, trabajo: Trabajo, factura: Factura) -> Abono:
    """Generate the payment order of *our* factura (D13) and print its receipt. Nothing is saved before step 21."""
    await partir(run, trabajo, "abono", factura=factura.numero)
    ui = run.screen("abono")
    codigo = trabajo.solicitud.codigo
    async with run.step(16, "RECAUDO → ABONO A FACTURA O FINANCIACIÓN"):
        await run.menu(ui["menu_recaudo"], ui["opcion_abono"])
        await run.appear(ui["titulo"])
    async with run.step(17, "Lupa de abono facturas"):
        await run.open(ui, "lupa_facturas", "buscador")
    async with run.step(18, "Tipo de búsqueda: código"):
        await run.choose(ui["tipo_busqueda"], "Código")
    async with run.step(19, "Código y BUSCAR SUSCRIPTORES") as paso:
        await ui["texto_a_buscar"].fill(codigo)
        await ui["buscar_suscriptores"].click()
        await run.appear(ui["codigo_encontrado"])
        fila = await encontrar(run, paso, codigo)
    async with run.step(20, "Clic en el nombre del suscriptor") as paso:
        await run.pick(ui["nombre_encontrado"].nth(fila))
        await run.reads(ui["codigo_elegido"], lambda text: text == codigo)
        await run.close(ui, "lupa_facturas")  # not before: closing it at once can cut off what the choice does
        paso.read("Suscriptor", await ui["nombre_elegido"].inner_text())
        await run.appear(ui["factura_pendiente"])
        paso.read("Facturas pendientes", ", ".join(await texts(ui["factura_pendiente"])))

    async with run.effect("abono", number=ui["numero"], refusal=ui["rechazo"], box=ui["confirmacion"]):
        async with run.step(21, "GENERAR") as paso:
            genera = await run.commit(ui["generar"], reads=partial(leer_pendientes, run, paso, trabajo, factura))
        async with run.step(22, "OK") as paso:
            await run.answer(ui["ok"], names=factura.numero)
            recibo = paso.read("Recibo", await run.confirm())
    async with run.step("22 bis", "Imprimir el recibo de pago"):
        await run.printed("recibo-abono", ui["imprimir"], symbol=ui["simbolo_imprimir"], number=recibo)
    return Abono(recibo=recibo, total=genera["total"])


async def encontrar(run: Run, paso: Step, codigo: str) -> int:
    """Return the row of the subscriber in the page of results that shows; a page without it is turned.

    A search finds every code that begins so. Raises `StepFailed` unless exactly one result has the code.
    """
    ui = run.screen("abono")
    codigos: list[str] = []
    vistos: list[str] = []
    for _ in range(_MOST_PAGES):
        codigos = await texts(ui["codigo_encontrado"])
        vistos += codigos
        if codigo in codigos or not await run.turn(ui, "siguiente_resultados", ui["codigo_encontrado"]):
            break
    paso.read("Suscriptores encontrados", str(len(vistos)))
    if codigos.count(codigo) != 1 or await ui["nombre_encontrado"].count() != len(codigos):
        raise StepFailed(f"La búsqueda por código mostró {codigos.count(codigo)} veces el suscriptor {codigo}")
    return codigos.index(codigo)


async def leer_pendientes(run: Run, paso: Step, trabajo: Trabajo, factura: Factura) -> dict[str, Any]:
    """Read what GENERAR would pay: our factura alone, with its total. An older unpaid one stops the case (D13)."""
    ui = run.screen("abono")
    pendientes, total_mostrado, suscriptor, elegido = await gather(
        texts(ui["factura_pendiente"]),
        ui["total"].inner_text(),
        ui["nombre_elegido"].inner_text(),
        ui["codigo_elegido"].inner_text(),
    )
    if plain(elegido) != trabajo.solicitud.codigo:
        raise StepFailed(f"El abono quedó para el suscriptor {plain(elegido)} y no para {trabajo.solicitud.codigo}")
    otras = [numero for numero in pendientes if numero != factura.numero]
    if otras:
        raise Rejected(
            f"El suscriptor {trabajo.solicitud.codigo} tiene otra factura pendiente: {', '.join(otras)}",
            remedy=f"La factura {factura.numero} ya existe. Resuelva las otras en Serviweb (pago o financiación) "
            "y continúe el caso con «serviweb continuar».",
        )
    total = pesos(total_mostrado)
    paso.read("Total a pagar", in_pesos(total))
    if total != factura.total:
        raise StepFailed(
            f"El abono sería por {in_pesos(total)} y la factura {factura.numero} es por {in_pesos(factura.total)}"
        )
    return {
        "codigo": trabajo.solicitud.codigo,
        "suscriptor": plain(suscriptor),
        "factura": factura.numero,
        "total": total,
    }
