"""A visit to Serviweb that only looks: is the selector map still right? For `selectores revisar` and for the queue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from flows.recorrido import RECORRIDO
from robot.browser.checking import fingerprint
from robot.browser.checking.finding import Finding
from robot.browser.checking.inspector import Inspection, Inspector, Task
from robot.browser.evidence import Recorder
from robot.browser.gate import without_query
from robot.browser.guard import Blocked, Guard
from robot.browser.judge import judge
from robot.browser.maps import Map
from robot.browser.run import Run
from robot.browser.session import Session, session
from robot.errors import LoginRefused, RobotError, SiteDown
from robot.masking import Masker
from robot.records import revision_mapa
from robot.records.store import leases
from robot.settings import Settings
from robot.work.archivo import Archivo

_NOBODY: Final = "999999999"
"""A code and a document that nobody has, to see what Serviweb says then."""
_TEXT: Final = "REVISIÓN DEL MAPA: NO SE GUARDA"
_LONGEST_SECONDS: Final = 8.0
"""How long a control that is there may take to answer."""


async def visitar(archivo: Archivo, maps: Map, browser: Browser, *, fijar: bool = False) -> tuple[Path, dict[str, Any]]:
    """Check the whole map with the user of the settings, whose turn is ours; return the report's page and data.

    With *fijar* what was found becomes the map's fingerprints. Raises `LoginRefused`, `SessionLost`, `SiteDown`: then
    nothing is known about the map.
    """
    settings = archivo.settings
    begun, when = time.monotonic(), datetime.now(UTC)
    folder = revision_mapa.nueva_carpeta(settings.revisiones, when)
    try:
        seen = await _visit(archivo, maps, browser, folder, first=fijar)
        if seen.inspection.stumbles and not seen.inspection.drifted:  # Serviweb may have been slow: once more
            _emptied(folder)
            seen = await _visit(archivo, maps, browser, folder, first=fijar)
    except BaseException:
        with suppress(OSError):  # a picture may still be on its way there
            _emptied(folder)
            folder.rmdir()
        raise
    if fijar:
        _fix(maps, seen.inspection)
    revision = {
        "mapa": maps.name,
        "carpeta_mapa": str(maps.folder),
        "sha256": maps.sha256,
        "cuando": when.isoformat(timespec="seconds"),
        "segundos": round(time.monotonic() - begun, 1),
        "url": without_query(settings.url),
        "usuario": settings.usuario,
        "navegador": seen.browser,
        "guardado_bloqueado": "comprobado",
        "bloqueados": [asdict(blocked) for blocked in seen.blocked],
        **_told(seen.inspection, maps, seen.masker),
    }
    return revision_mapa.escribir(revision, folder), revision


def _emptied(folder: Path) -> None:
    for picture in folder.iterdir():
        picture.unlink()


def _fix(maps: Map, inspection: Inspection) -> None:
    """Keep what each control looks like now; what wasn't seen this time keeps what it has."""
    taken = {title: found.fingerprint for title, found in inspection.findings.items() if found.fingerprint}
    fingerprint.write(maps.folder, {**fingerprint.read(maps.folder), **taken})


@dataclass(frozen=True, kw_only=True)
class _Seen:
    inspection: Inspection
    blocked: Sequence[Blocked]
    masker: Masker
    browser: str


async def _visit(archivo: Archivo, maps: Map, browser: Browser, folder: Path, *, first: bool) -> _Seen:
    """Look at everything once, in a session of its own, whose half-filled forms die with it."""
    settings = archivo.settings
    password = settings.password()
    masker = Masker([password, _documento(settings)[1]], [settings.prueba_codigo])
    async with session(settings, Recorder(mode="ninguna", private=()), browser) as live:
        guard = Guard.of(live.context, maps)
        await guard.shut()
        run = _run(live, maps, settings)
        task = Task(
            maps=maps,
            walk=RECORRIDO,
            values=_values(settings, password),
            needed=_needed(settings),
            known=fingerprint.read(maps.folder),
            folder=folder,
            first=first,
        )
        inspection = await _walked(live, run, guard, task, masker, archivo)
        return _Seen(inspection=inspection, blocked=guard.blocked, masker=masker, browser=live.version)


async def _walked(live: Session, run: Run, guard: Guard, task: Task, masker: Masker, archivo: Archivo) -> Inspection:
    login = run.screen("ingreso")["usuario"]
    try:
        answer = await live.page.goto(live.url)
        if answer and answer.status >= 500:
            raise SiteDown(f"Serviweb respondió con un error {answer.status}")
        await guard.proved(live.page)
        inspection = await Inspector(live, run, guard, task, masker).visit()
    except LoginRefused:
        with suppress(OSError):
            await asyncio.to_thread(leases.login_failed, archivo.store, live.user)
        raise
    except RobotError:
        raise
    except (PlaywrightError, AssertionError) as error:
        raise await judge(error, live, login, []) from error
    if live.logged_in:
        with suppress(OSError):
            await asyncio.to_thread(leases.login_worked, archivo.store, live.user)
    return inspection


def _run(live: Session, maps: Map, settings: Settings) -> Run:
    """Return the verbs of a run that has no case: nothing is written down but the report."""
    seconds = min(settings.espera_segundos, _LONGEST_SECONDS)
    live.context.set_default_timeout(seconds * 1000)
    return Run(
        session=live,
        maps=maps,
        journal=_Nowhere(),
        texts={},
        number=0,
        timeout_seconds=seconds,
        confirmation_seconds=seconds,
        rehearsal=True,
        pictures=False,
    )


class _Nowhere:
    """The journal of a visit: it has no case."""

    folder = Path()
    masker = Masker()

    def write(self, event: str, *, durable: bool = False, **data: Any) -> None:
        """Write nothing."""

    def sent(self, kind: str, **data: Any) -> None:  # noqa: ARG002 — the interface's signature
        """Refuse: a visit sends nothing."""
        raise RuntimeError("a visit sends nothing")


def _documento(settings: Settings) -> tuple[str, str]:
    kind, _, number = settings.prueba_documento.rpartition(":")
    return kind or "CC", number


def _values(settings: Settings, password: str) -> Mapping[str, str]:
    """Return the test values by the names that the walk gives them; «» where the settings have none."""
    kind, number = _documento(settings)
    codes = dict.fromkeys(("codigo", "codigo_con_documentos", "codigo_sin_documentos"), settings.prueba_codigo)
    return {
        "usuario": settings.usuario,
        "clave": password,
        **codes,
        "codigo_malo": _NOBODY,
        "documento": number,
        "documento_nuevo": _NOBODY,
        "tipo_documento": kind,
        "texto": _TEXT,
        "forma_pago": "Contado",
        "producto": settings.productos[0],
        "tipo_busqueda": "Código",
        **{name: getattr(settings, name) for name in ("zona", "medio", "servicio", "tipo_tramite", "causal")},
    }


def _needed(settings: Settings) -> Mapping[str, Sequence[str]]:
    """Return the options that the procedure needs, by list; the one chosen last is the one that the walk needs."""
    kind = _documento(settings)[0]
    return {
        "factura.forma_pago": ("Contado", "Crédito"),
        "factura.tipo_documento": (kind,),
        "factura.producto": settings.productos,
        "tercero.tipo_documento": (kind,),
    }


def _told(inspection: Inspection, maps: Map, masker: Masker) -> dict[str, Any]:
    walk = {stop.titulo: place for place, stop in reversed(list(enumerate(RECORRIDO)))}
    findings = sorted(inspection.findings.values(), key=lambda found: _place(found, maps, walk))
    controls = [_entry(found, maps, masker) for found in findings]
    names = [entry["veredicto"] for entry in controls]
    return {
        "hay_cambios": bool(inspection.surprises or inspection.stumbles) or inspection.drifted,
        "resumen": {verdict: names.count(verdict) for verdict in revision_mapa.VEREDICTOS if verdict in names},
        "avisos": [*inspection.surprises, *inspection.stumbles],
        "controles": controls,
        "imagenes": [
            {"pantalla": p.screen, "titulo": p.title, "archivo": p.file, "controles": list(p.shows)}
            for p in inspection.pictures
        ],
    }


def _place(found: Finding, maps: Map, walk: Mapping[str, int]) -> tuple[int, int]:
    screens = [*dict.fromkeys(stop.pantalla for stop in RECORRIDO), *maps.screens]
    return screens.index(found.control.screen), walk.get(found.control.title, len(walk) + 1000)


def _entry(found: Finding, maps: Map, masker: Masker) -> dict[str, Any]:
    control = found.control
    return {
        "control": control.title,
        "pantalla": control.screen,
        "titulo_pantalla": maps.titles.get(control.screen, control.screen),
        "paso": found.paso,
        "veredicto": found.verdict,
        "detalle": masker.text(found.why),
        "coincidencias": found.matches,
        "candidatos": [
            {
                "candidato": number,
                "que": candidate.told,
                "parecido": candidate.likeness,
                "lineas": candidate.lines,
                "toml": candidate.toml,
                "huella": asdict(candidate.fingerprint),
            }
            for number, candidate in enumerate(found.candidates, start=1)
        ],
    }
