"""What each command of an advisor does: settings, map and browser put together, the work, and what is shown of it."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Error as PlaywrightError
from rich.console import Console

from flows.controles import REQUIRED
from robot.browser import pictures as rendered
from robot.browser.gate import cause
from robot.browser.screen import Map
from robot.browser.screen import load as load_map
from robot.browser.session import browser_of
from robot.console import LiveSteps, near, print_json, result, show_case, show_error
from robot.errors import OutcomeUnknown, Rehearsed, Rejected, SettingsError
from robot.records import caso as cases
from robot.records.journal import Journal
from robot.records.report import case_page
from robot.records.solicitud import Formats, Pago, Solicitud, parse_date, validate
from robot.resources import map_folder
from robot.settings import Settings, load
from robot.text import in_pesos, pesos
from robot.work import pago as payments
from robot.work.apertura import check_room, masker_for, open_case, refuse_repeated, stored_request
from robot.work.worker import Outcome, Worker


def settings_and_map(**given: Any) -> tuple[Settings, Map]:
    """Load what every run needs. Raises `SettingsError`."""
    settings = load(**given)
    if not settings.url or not settings.usuario:
        missing = [n for n, v in (("SERVIWEB_URL", settings.url), ("SERVIWEB_USUARIO", settings.usuario)) if not v]
        raise SettingsError(
            f"Faltan ajustes: {', '.join(missing)}",
            remedy="Defínalos en el entorno o en un archivo .env; «serviweb demo» no los necesita.",
        )
    return settings, load_map(map_folder(settings.mapa), REQUIRED)


@asynccontextmanager
async def worker_for(settings: Settings, maps: Map) -> AsyncIterator[Worker]:
    """Open a browser and a worker on it."""
    async with browser_of(settings) as browser, Worker(settings, maps, browser, ask=ask_advisor) as worker:
        yield worker


async def ask_advisor(question: str) -> bool:
    """Ask on the terminal; without one nobody answers, which counts as no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    from rich.prompt import Confirm

    ask = Confirm(question, choices=["s", "n"], console=Console(stderr=True))
    ask.validate_error_message = "Responda s (sí) o n (no)"
    ask.response_type = str  # type: ignore[assignment]  # so that «s» is the answer, not True
    return await asyncio.to_thread(lambda: str(ask()) == "s")


def reconexion(data: dict[str, Any], *, rehearsal: bool, visible: bool, json: bool) -> int:
    """Run the cobro stage of a new case, or rehearse its first document."""
    settings, maps = settings_and_map(visible=visible or None)
    solicitud = validate(data, Formats(codigo=settings.patron_codigo, ruta=settings.patron_ruta))
    console = _console(json)
    for warning in solicitud.warnings():
        console.print(f"Atención: {warning}", style="yellow")
    settings.password()
    if not rehearsal:
        refuse_repeated(settings, solicitud)

    async def work() -> int:
        async with worker_for(settings, maps) as worker:
            caso = open_case(settings, maps, solicitud, rehearsal=rehearsal)
            outcome = await worker.cobro(caso, solicitud, listener=LiveSteps(console), rehearsal=rehearsal)
            await write_page(worker, outcome)
        if outcome.rehearsed:
            return _show_rehearsal(console, outcome, outcome.rehearsed, json=json)
        return _show(console, outcome, json=json)

    return _run(work)


def tramite(name: str, *, recibo: str, fecha: str, valor: str, otro_recibo: str, visible: bool, json: bool) -> int:
    """Record the payment that a person saw, then run the trámite stage."""
    settings, maps = settings_and_map(visible=visible or None)
    caso = cases.find(settings.casos, name)
    solicitud = stored_request(settings, caso)
    try:
        value = pesos(valor) if valor else None
    except ValueError as error:
        raise Rejected(f"valor: {error}", remedy="Escríbalo en pesos, por ejemplo 98.700.") from error
    pago = Pago(
        recibo=recibo, fecha=parse_date(fecha), valor=value, otro_recibo=otro_recibo, confirmado_por=getpass.getuser()
    )
    settings.password()
    check_room(settings)
    payments.check(settings, caso, pago)
    payments.record(caso, solicitud, pago)
    return _run(lambda: _tramite(settings, maps, caso, solicitud, json=json))


async def _tramite(settings: Settings, maps: Map, caso: cases.Caso, solicitud: Solicitud, *, json: bool) -> int:
    console = _console(json)
    async with worker_for(settings, maps) as worker:
        outcome = await worker.tramite(caso, solicitud, listener=LiveSteps(console))
        await write_page(worker, outcome)
    return _show(console, outcome, json=json)


def continuar(name: str, *, visible: bool, json: bool) -> int:
    """Go on with an incomplete case, or with one whose process died, from its first unconfirmed document."""
    settings, maps = settings_and_map(visible=visible or None)
    caso = cases.find(settings.casos, name, waiting=False)
    solicitud = stored_request(settings, caso)
    console = _console(json)
    settle(caso, solicitud)
    if caso.estado == "en_duda":
        raise OutcomeUnknown(f"El caso {caso.id} está en duda: no se continúa hasta saber qué pasó")
    if caso.estado != "incompleto":
        raise Rejected(f"El caso {caso.id} no está incompleto: {cases.NOMBRE_ESTADO[caso.estado]}")
    if caso.number("abono") is None:

        async def cobro() -> int:
            async with worker_for(settings, maps) as worker:
                outcome = await worker.cobro(caso, solicitud, listener=LiveSteps(console))
                await write_page(worker, outcome)
            return _show(console, outcome, json=json)

        return _run(cobro)
    if caso.payment() and caso.number("tramite") is None:
        return _run(lambda: _tramite(settings, maps, caso, solicitud, json=json))
    with Journal(caso.folder, masker_for(solicitud)) as journal:
        done = caso.number("tramite") is not None
        estado, etapa = ("terminado", "tramite") if done else ("esperando_pago", "cobro")
        journal.write("case.state", durable=True, etapa=etapa, estado=estado)
        caso.entries[:] = journal.entries
    case_page(caso.folder)
    return _show(console, Outcome(caso=caso), json=json)


def settle(caso: cases.Caso, solicitud: Solicitud) -> None:
    """Write the state of a case whose process died; raise `Fenced` when it is alive."""
    if caso.estado != "en_curso":
        return
    with Journal(caso.folder, masker_for(solicitud)) as journal:
        caso.entries[:] = journal.entries
        estado = caso.after_death()
        journal.write("case.state", durable=True, etapa=caso.etapa, estado=estado, reason="el proceso se interrumpió")
        caso.entries[:] = journal.entries


def caso(name: str, *, pictures: bool, self_contained: bool, json: bool) -> int:
    """Show a case and write its page, with the picture of every step if asked."""
    settings = load()
    found = cases.find(settings.casos, name, waiting=False)

    async def render() -> int:
        async with browser_of(settings) as browser:
            await rendered.render(found.folder, browser)
        return 0

    if pictures or self_contained:
        _run(render)
    page = case_page(found.folder)
    if self_contained:
        # A file of its own: the next look at the case writes caso.html again.
        page = case_page(found.folder, self_contained=True).replace(found.folder / "caso-autocontenido.html")
        case_page(found.folder)
    if json:
        print_json({**result(found), "pagina": str(page)})
    else:
        show_case(Console(), found)
        if self_contained:
            Console().print(f"\nEn un solo archivo: {near(page)}", soft_wrap=True, highlight=False)
        elif pictures:
            Console().print("\nLa imagen de cada paso está en la página.")
    return 0


async def write_page(worker: Worker, outcome: Outcome) -> None:
    """Write the case page; of a failed step the picture is rendered at once. Without it the case is what it is."""
    failed = [e["number"] for e in outcome.caso.entries if e["event"] == "step.failed"][-1:]
    try:
        if failed and worker.browser.is_connected():
            await rendered.render(outcome.caso.folder, worker.browser, steps=failed)
        case_page(outcome.caso.folder)
    except (OSError, PlaywrightError) as error:
        _console(json=False).print(f"No se pudo escribir la página del caso: {cause(error)}", style="yellow")


def _console(json: bool) -> Console:
    return Console(stderr=True, quiet=json, highlight=False)


def _run(work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    return asyncio.run(work())


def _show(console: Console, outcome: Outcome, *, json: bool) -> int:
    if json:
        print_json(result(outcome.caso, outcome.error))
    else:
        console.print()
        if outcome.error:
            show_error(console, outcome.error)
        show_case(Console(), outcome.caso)
        if outcome.caso.estado == "esperando_pago":
            recibo = outcome.caso.number("abono")
            console.print(
                f"\nCuando el usuario presente el recibo cancelado:\n"
                f"  serviweb tramite {outcome.caso.id} --recibo {recibo} --fecha dd/mm/aaaa"
            )
    return outcome.error.exit_code if outcome.error else 0


def _show_rehearsal(console: Console, outcome: Outcome, rehearsed: Rehearsed, *, json: bool) -> int:
    what = dict(rehearsed.what)
    missing = (
        "los pasos 8 a 22 bis: el tercero no existe y no se creó"
        if rehearsed.kind == "tercero"
        else "los pasos 15 a 22 bis: dependen de la factura, que no se guardó"
    )
    if json:
        print_json({"ensayo": rehearsed.kind, "guardaria": what, "no_ensayado": missing, "error": None})
        return 0
    console.print()
    show = Console(highlight=False)
    show.print(f"Ensayo completo: no se guardó nada. Se habría guardado ({rehearsed.kind}):")
    for key, value in what.items():
        if key == "valores":
            continue
        shown = ", ".join(value) if isinstance(value, list) else value
        shown = in_pesos(value) if key == "total" else shown
        show.print(f"  {key.replace('_', ' ')}: {shown}")
    show.print(f"No se pudo ensayar: {missing}.")
    show.print(f"Página del ensayo: {outcome.caso.folder / 'caso.html'}")
    return 0
