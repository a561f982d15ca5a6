"""What each command of an advisor does: settings, map and browser put together, the work, and what is shown of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import Error as PlaywrightError
from rich.console import Console

from flows.controles import OPTIONAL, REQUIRED
from robot.aprobacion import Aprobacion, asistida
from robot.browser import pictures as rendered
from robot.browser.approval import Approve
from robot.browser.gate import cause
from robot.browser.maps import Map
from robot.browser.maps import load as load_map
from robot.browser.run import Ask
from robot.browser.session import browser_of
from robot.console import LiveSteps, near, print_json, result, show_case, show_error
from robot.errors import OutcomeUnknown, Rehearsed, Rejected, SelectorDrift, SettingsError
from robot.expedientes import show_found, told
from robot.records.caso import NOMBRE_ESTADO, Caso, Etapa
from robot.records.journal import FILE
from robot.records.report import case_page
from robot.records.solicitud import Formats, Solicitud, validate
from robot.records.store import cases
from robot.resources import map_folder
from robot.seguimiento import enqueued, followed
from robot.settings import Settings, load
from robot.text import in_pesos
from robot.work import asistido as nuevos
from robot.work import cuarentena, expediente
from robot.work.apertura import masker_for, open_case, open_rehearsal
from robot.work.archivo import Archivo, archivo_of
from robot.work.duda import follow, look_up, settle_doubt, settled
from robot.work.expediente import Expediente
from robot.work.sitio import ROBOT
from robot.work.usuarios import turno_de
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
    return settings, load_map(map_folder(settings.mapa), REQUIRED, OPTIONAL)


@asynccontextmanager
async def worker_for(settings: Settings, maps: Map, *, approve: Approve | None = None) -> AsyncIterator[Worker]:
    """Open the database, a browser, and a worker on them. Raises `Quarantined`, `UserBusy`, `LoginRefused`."""
    with archivo_of(settings) as archivo:
        cuarentena.check(archivo)
        async with worker_on(archivo, maps, ask=ask_advisor, approve=approve) as worker:
            yield worker


@asynccontextmanager
async def worker_on(
    archivo: Archivo, maps: Map, *, ask: Ask | None = None, approve: Approve | None = None
) -> AsyncIterator[Worker]:
    """Open a browser and a worker on an open database. Raises `UserBusy`, `LoginRefused`."""
    settings = archivo.settings
    async with (
        turno_de(archivo) as turno,
        browser_of(settings) as browser,
        Worker(settings, maps, browser, ask=ask, approve=approve, archivo=archivo, allowed=turno.may_save) as worker,
    ):
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


def reconexion(data: dict[str, Any], *, rehearsal: bool, asistido: bool, visible: bool, json: bool) -> int:
    """Run the cobro stage of a new case, or rehearse its first document."""
    settings, maps = settings_and_map(visible=visible or None)
    solicitud = validate(data, Formats(codigo=settings.patron_codigo, ruta=settings.patron_ruta))
    console = _console(json)
    for warning in solicitud.warnings():
        console.print(f"Atención: {warning}", style="yellow")
    settings.password()
    approve: Aprobacion | None = None
    if not rehearsal:
        settings, approve = asistida(settings, maps, "cobro", asked=asistido, json=json)
        check_screens(settings, console, assisted=approve is not None)

    async def work() -> int:
        if not rehearsal and (waiting := enqueued(settings, solicitud)):
            return _show(console, await _attended(settings, maps, waiting, solicitud, "cobro", console), json=json)
        async with worker_for(settings, maps, approve=approve) as worker:
            open_one = partial(open_rehearsal, settings) if rehearsal else partial(open_case, worker.archivo)
            caso = open_one(maps, solicitud)
            steps = approve.steps if approve else LiveSteps(console)
            outcome = await worker.cobro(caso, solicitud, listener=steps, rehearsal=rehearsal)
            outcome = await settle_doubt(worker, outcome, solicitud, listener=steps)
            if approve and outcome.error is None:
                nuevos.contar(worker.archivo.store, maps, "cobro")
            await write_page(worker, outcome)
        if outcome.rehearsed:
            return _show_rehearsal(console, outcome, outcome.rehearsed, json=json)
        return _show(console, outcome, json=json)

    return _run(work)


def check_screens(settings: Settings, console: Console, *, assisted: bool) -> None:
    """Warn where somebody paused the queue. Raises `SelectorDrift` where the robot did since the screens changed.

    What the queue must not begin, a run at the desk may only with a person who sees each save.
    """
    with archivo_of(settings) as archivo:
        row = cases.switches(archivo.store).get(cases.PAUSE)
    if row is None:
        return
    if row["por"] == ROBOT and not assisted:
        raise SelectorDrift(
            f"La cola está en pausa porque las pantallas cambiaron: {cases.why(row)}",
            remedy="Corrija el mapa y use «serviweb cola reanudar». Mientras tanto, --asistido muestra cada guardado.",
        )
    console.print(
        f"Atención: la cola está en pausa, por {row['por']}: {cases.why(row)}", style="yellow", soft_wrap=True
    )


def radicar(
    settings: Settings, maps: Map, caso: Caso, solicitud: Solicitud, *, approve: Aprobacion | None = None, json: bool
) -> int:
    """Run the trámite stage of a paid case in the foreground, and show how it ended."""

    async def work() -> int:
        console = _console(json)
        outcome = await _attended(settings, maps, caso, solicitud, "tramite", console, approve=approve)
        return _show(console, outcome, json=json)

    return _run(work)


async def _attended(
    settings: Settings,
    maps: Map,
    caso: Caso,
    solicitud: Solicitud,
    etapa: Etapa,
    console: Console,
    *,
    approve: Aprobacion | None = None,
) -> Outcome:
    """Run a stage of a case that exists; where the queue is at work it does, and the advisor sees it live.

    Not in assisted mode, whose browser is shown: that runs here.
    """
    steps = approve.steps if approve else LiveSteps(console)
    if outcome := await followed(settings, caso, steps, console):
        return outcome
    async with worker_for(settings, maps, approve=approve) as worker:
        stage = worker.tramite if etapa == "tramite" else worker.cobro
        outcome = await stage(caso, solicitud, listener=steps)
        outcome = await settle_doubt(worker, outcome, solicitud, listener=steps)
        if approve and outcome.error is None:
            nuevos.contar(worker.archivo.store, maps, etapa)
        await write_page(worker, outcome)
    return outcome


def continuar(name: str, *, asistido: bool, visible: bool, json: bool) -> int:
    """Go on with an incomplete case, or with one whose process died, from its first unconfirmed document."""
    settings, maps = settings_and_map(visible=visible or None)
    settings, approve = asistida(settings, maps, "cobro", "tramite", asked=asistido, json=json)
    found, solicitud = opened(settings, name)
    caso = found.caso
    console = _console(json)
    settle(settings, found, solicitud)
    if caso.estado == "en_duda":
        _run(lambda: _looked_up(settings, maps, caso, solicitud, console))
        if caso.estado in ("terminado", "esperando_pago"):
            return _show(console, Outcome(caso=caso), json=json)
    if voided := caso.voided():
        raise Rejected(
            f"El caso {caso.id} tiene documentos anulados ({', '.join(voided)}): no se continúa",
            remedy=f"Anule los demás y use «serviweb cerrar {caso.id} --anulada …».",
        )
    if caso.estado != "incompleto" and found.estado != "en_cola":
        raise Rejected(f"El caso {caso.id} no está incompleto: {NOMBRE_ESTADO[caso.estado]}")
    with archivo_of(settings) as archivo:
        cases.overrule(archivo.store, caso.id)
    if caso.number("abono") is None:

        async def cobro() -> int:
            outcome = await _attended(settings, maps, caso, solicitud, "cobro", console, approve=approve)
            return _show(console, outcome, json=json)

        return _run(cobro)
    if caso.payment() and caso.number("tramite") is None:
        return radicar(settings, maps, caso, solicitud, approve=approve, json=json)
    asyncio.run(_closed(settings, caso, solicitud))
    case_page(caso.folder)
    return _show(console, Outcome(caso=caso), json=json)


def opened(settings: Settings, name: str, *, waiting: bool = False) -> tuple[Expediente, Solicitud]:
    """Return the case that a person names, begun, and its request. Raises `Rejected`, `BrokenJournal`."""
    with archivo_of(settings) as archivo:
        found = expediente.begun(archivo, name, waiting=waiting)
        return found, expediente.request_of(archivo.store, found.id)


async def _closed(settings: Settings, caso: Caso, solicitud: Solicitud) -> None:
    """Write the state of a case whose documents are all there: its process died before it said so."""
    with archivo_of(settings) as archivo:
        async with archivo.working(caso.folder, masker_for(solicitud)) as journal:
            follow(caso, journal)
            settled(journal, caso, "sus documentos ya estaban guardados")


async def _looked_up(settings: Settings, maps: Map, caso: Caso, solicitud: Solicitud, console: Console) -> int:
    """Look up what is in doubt before going on. Raises `OutcomeUnknown` while it isn't known."""
    doubtful = caso.open_effects()
    if settings.espera_consulta_segundos:
        async with worker_for(settings, maps) as worker:
            doubtful = await look_up(worker, caso, solicitud, listener=LiveSteps(console))
        case_page(caso.folder)
    if doubtful:
        last = next((e.get("reason") for e in reversed(caso.entries) if e["event"] == "effect.lookup"), None)
        raise OutcomeUnknown(
            f"El caso {caso.id} está en duda: no se continúa hasta saber qué pasó" + (f". {last}" if last else ""),
            remedy="Búsquelo en Serviweb y vea «serviweb dudas»; una persona decide con «serviweb resolver».",
        )
    return 0


def settle(settings: Settings, found: Expediente, solicitud: Solicitud) -> None:
    """Write the state of a case whose process died, unless it is in the queue. Raises `Fenced` when it is alive."""
    caso = found.caso
    if caso.estado == "en_curso" and found.estado != "en_cola":
        asyncio.run(_settle(settings, caso, solicitud))


async def _settle(settings: Settings, caso: Caso, solicitud: Solicitud) -> None:
    with archivo_of(settings) as archivo:
        with suppress(OutcomeUnknown):
            await _judge(archivo, caso, solicitud)
            return
        await _judge(archivo, caso, solicitud)  # only its folder knew what was sent: now the database has it in doubt


async def _judge(archivo: Archivo, caso: Caso, solicitud: Solicitud) -> None:
    async with archivo.working(caso.folder, masker_for(solicitud)) as journal:
        follow(caso, journal)
        if caso.estado == "en_curso":
            estado, reason = caso.after_death(), "el proceso se interrumpió"
            journal.write("case.state", durable=True, etapa=caso.etapa, estado=estado, reason=reason)


def caso(name: str, *, pictures: bool, self_contained: bool, json: bool) -> int:
    """Show a case, also one that waits in the queue, and write its page, with the picture of every step if asked."""
    settings = load()
    with archivo_of(settings) as archivo:
        found = expediente.find(archivo, name)
        turn = expediente.turn(archivo.store, found.row) if found.estado == "en_cola" else None
    page = None
    if (found.caso.folder / FILE).exists():
        page = _page(settings, found.caso, pictures=pictures, self_contained=self_contained)
    if json:
        print_json(told(found, turn, page))
        return 0
    console = Console(highlight=False)
    show_found(console, found, turn)
    if page and self_contained:
        console.print(f"\nEn un solo archivo: {near(page)}", soft_wrap=True)
    elif page and pictures:
        console.print("\nLa imagen de cada paso está en la página.")
    return 0


def _page(settings: Settings, caso: Caso, *, pictures: bool, self_contained: bool) -> Path:
    async def render() -> int:
        async with browser_of(settings) as browser:
            await rendered.render(caso.folder, browser)
        return 0

    if pictures or self_contained:
        _run(render)
    page = case_page(caso.folder)
    if self_contained:
        # A file of its own: the next look at the case writes caso.html again.
        page = case_page(caso.folder, self_contained=True).replace(caso.folder / "caso-autocontenido.html")
        case_page(caso.folder)
    return page


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
