"""Ingreso: paso 3."""

from playwright.async_api import expect

from robot.browser.run import Run
from robot.errors import LoginRefused, SiteDown


async def ingresar(run: Run, password: str) -> None:
    """Log the session's user in, once per session: paso 3. A live session is recorded as *sesión vigente*."""
    ui = run.screen("ingreso")
    async with run.step(3, "Ingreso a Serviweb") as paso:
        paso.read("Usuario", run.session.user)
        if run.session.logged_in:
            await expect(ui["sesion"]).to_be_visible()
            paso.read("Sesión", "sesión vigente")
            return
        answer = await run.page.goto(run.session.url)
        if answer and answer.status >= 500:
            raise SiteDown(f"Serviweb respondió con un error {answer.status}")
        await ui["usuario"].fill(run.session.user)
        await ui["clave"].fill(password)
        await ui["ingresar"].click()
        if await run.either(ui["sesion"], ui["aviso"], bare=True) == "aviso":
            raise LoginRefused(f"Serviweb no dejó entrar al usuario {run.session.user}: {await run.text(ui['aviso'])}")
        run.session.logged_in = True
        paso.read("Sesión", "sesión nueva")
