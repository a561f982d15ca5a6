"""Check whose data the screen shows (design: *Whose data*): a code has no check digit."""

from flows.datos import Trabajo
from robot.browser.run import Run, Step
from robot.errors import Rejected
from robot.records.nombres import same_name
from robot.text import plain


async def comprobar(run: Run, paso: Step, trabajo: Trabajo, *, nombre: str, ruta: str) -> None:
    """Compare the subscriber on the screen with the request: ruta if shown, else the name; neither: ask a person.

    A name in the request must agree too where the screen shows one. Raises `Rejected`.
    """
    solicitud = trabajo.solicitud
    nombre, ruta = plain(nombre), plain(ruta)
    if nombre:
        paso.read("Suscriptor", nombre)
    if ruta:
        paso.read("Ruta", ruta)
    if ruta and ruta != solicitud.ruta:
        raise Rejected(
            f"El código {solicitud.codigo} tiene en Serviweb la ruta {ruta} y la solicitud dice {solicitud.ruta}",
            remedy="Compruebe código y ruta en una factura del usuario.",
        )
    if nombre and solicitud.suscriptor and not same_name(nombre, solicitud.suscriptor):
        raise Rejected(
            f"El código {solicitud.codigo} es en Serviweb de {nombre} y la solicitud dice {solicitud.suscriptor}",
            remedy="Compruebe el código y el nombre del suscriptor.",
        )
    agreed = bool(ruta) or bool(nombre and solicitud.suscriptor)
    if not agreed and not await run.ask(f"¿El suscriptor {solicitud.codigo} es {nombre or 'el de la solicitud'}?"):
        raise Rejected(
            f"La pantalla no muestra la ruta del suscriptor {solicitud.codigo} y no hay otro dato para comprobarlo",
            remedy="Indique el nombre con --suscriptor.",
        )
