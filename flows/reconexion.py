"""Join the documents of a case into its two stages (D4): cobro, the wait at step 23, trámite."""

from flows.abono import abonar
from flows.consulta import comprobar_pago
from flows.datos import Abono, Factura, Trabajo
from flows.factura import facturar
from flows.ingreso import ingresar
from flows.tramite import radicar
from robot.browser.run import Run


async def cobrar(run: Run, trabajo: Trabajo, password: str, *, factura: Factura | None = None) -> tuple[Factura, Abono]:
    """Bill and generate the abono: pasos 3–22 bis. A *factura* that the case already has is not saved again."""
    await ingresar(run, password)
    if factura is None:
        factura = await facturar(run, trabajo)
    return factura, await abonar(run, trabajo, factura)


async def tramitar(run: Run, trabajo: Trabajo, password: str) -> str:
    """File the trámite once the payment is recorded: pasos 3 and 24–31. Return the radicado.

    Where the map has the lists the payment is read again in Serviweb first; raises `PaymentUnconfirmed`.
    """
    await ingresar(run, password)
    await comprobar_pago(run, trabajo)
    return await radicar(run, trabajo)
