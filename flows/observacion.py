"""Write an Observación and read it back (steps 13 and 29)."""

from playwright.async_api import Locator

from robot.browser.run import Step
from robot.errors import StepFailed
from robot.text import plain


async def escribir(paso: Step, control: Locator, text: str) -> None:
    """Fill the field and read it back: one that truncates stops the case before anything is saved."""
    await control.fill(text)
    shown = await control.input_value()
    if plain(shown) != plain(text):
        raise StepFailed(
            f"La observación quedó cortada en {len(shown)} caracteres de {len(text)}",
            control=control.description or "",
            remedy="Acorte el concepto de la solicitud o la plantilla de la observación.",
        )
    paso.read("Observación", shown)
