"""The inspector: walk through Serviweb, look at each control of the map, and say what has become of it. It only reads.

A control that isn't found is only called missing when everything that leads to it worked; else it is *no alcanzado*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import FrameLocator, Locator, Page

from robot.browser.checking.album import Album, Picture
from robot.browser.checking.candidates import Candidate, Sought, as_it_is, candidates
from robot.browser.checking.finding import (
    AMBIGUO,
    CAMBIADO,
    ENCONTRADO,
    FALTA,
    NO_ALCANZADO,
    NO_COMPROBABLE,
    SIN_DATOS,
    SIN_GUARDAR,
    Finding,
)
from robot.browser.checking.fingerprint import Fingerprint, fingerprint
from robot.browser.checking.hands import Cause, Hands, Stop
from robot.browser.checking.reach import Reach
from robot.browser.eyes import Eyes
from robot.browser.guard import Guard
from robot.browser.judge import trouble
from robot.browser.maps import Control, Map
from robot.browser.run import Run
from robot.browser.screen import count, texts
from robot.browser.session import Session
from robot.masking import Masker

_PEOPLE: Final = ("suscriptor", "tercero", "nombre_elegido")
"""Controls that read the name of the test subscriber or tercero."""
_FIXED: Final = frozenset({"button", "link", "menuitem", "heading", "table", "dialog", "group", "img", "alert"})
"""Roles whose text is the screen's own, the same for everybody."""
_PATIENCE_SECONDS: Final = 1.0
_SHORT_SECONDS: Final = 0.3
_EXCUSED_SECONDS: Final = 0.1
_SOME_OPTIONS: Final = 2


@dataclass
class Inspection:
    """The whole visit."""

    findings: dict[str, Finding]
    pictures: list[Picture]
    surprises: list[str]
    """Boxes and windows that nobody expected: a case would stop at them."""
    stumbles: list[str]
    """Controls that are there and could not be used: a case might stop at them, or Serviweb was slow."""

    @property
    def drifted(self) -> bool:
        """Say whether a control of the map is missing, ambiguous or changed."""
        return any(finding.drifted for finding in self.findings.values())


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a visit needs besides the session."""

    maps: Map
    walk: Sequence[Stop]
    values: Mapping[str, str]
    needed: Mapping[str, Sequence[str]]
    """The options that the procedure needs, by the list's control."""
    known: Mapping[str, Fingerprint]
    folder: Path
    timeout_seconds: float = 15.0
    first: bool = False
    """Note which controls show as soon as their screen does: the fingerprints are being taken."""


class Inspector:
    """One visit of one session."""

    def __init__(self, session: Session, run: Run, guard: Guard, task: Task, masker: Masker) -> None:
        self._session = session
        self._page = session.page
        self._run = run
        self._task = task
        self._maps = task.maps
        self._masker = masker
        self._hands = Hands(run, guard, task.values)
        self._eyes = Eyes(session, run)
        self._login = run.screen("ingreso")["usuario"]
        self._album = Album(run, task.known, masker, task.folder)
        self._found: dict[str, Finding] = {}
        self._read: set[str] = set()
        self._always: set[str] = set()
        self._surprises: list[str] = []
        self._stumbles: list[str] = []
        self._reach = Reach()

    async def visit(self) -> Inspection:
        """Walk. Raises `LoginRefused`, `SessionLost`, `SiteDown`: then nothing is known about the map."""
        walk = [stop for stop in self._task.walk if self._declared(stop)]
        for stop, following in zip(walk, [*walk[1:], None], strict=True):
            await self._pass(stop, following)
        await self._album.shoot("al final", self._page)
        await self._hands.rest()
        self._leftovers()
        self._finish_fingerprints()
        return Inspection(self._found, await self._album.pictures(), self._surprises, self._stumbles)

    def _declared(self, stop: Stop) -> bool:
        return stop.control in self._maps.screens.get(stop.pantalla, {})

    # -- the walk

    async def _pass(self, stop: Stop, following: Stop | None) -> None:
        if stop.luego:
            self._session.dialogs.heard.clear()
        if stop.luego == "encima":
            await self._album.shoot("diligenciada", self._page)
        self._reach.begin(stop)
        if stop.titulo not in self._found:
            await self._look_at(stop)
        await self._shoot_before(stop, following)
        if stop.luego and not stop.efecto:
            await self._act(stop)
        await self._unexpected()

    async def _act(self, stop: Stop) -> None:
        found = self._found[stop.titulo]
        failed = self._reach.barred(stop) or _unusable(found) or await self._empty(stop, found)
        if failed is None:
            failed = await self._hands.use(stop)
            await self._judged(stop, found, failed)
        if failed and stop.luego == "escoger_fila":
            await self._hands.give_up(stop)
        self._reach.follow(stop, failed, typed=self._hands.typed(stop.titulo))

    async def _judged(self, stop: Stop, found: Finding, failed: Cause | None) -> None:
        """Let the outcome of a use count for the control itself: a list without its option, a type-ahead's options."""
        control = found.control
        if failed and failed.of == "map" and not failed.options:
            self._stumbles.append(failed.why)
        if failed and failed.options and not (self._reach.unwritten or self._reach.blind):
            found.verdict, found.why = CAMBIADO, failed.why
        elif failed is None and stop.luego == "escoger" and (lost := await self._lost_options(control, stop.paso)):
            found.verdict, found.why = CAMBIADO, lost
        if failed is None:
            self._options_seen(control, stop.paso)

    async def _empty(self, stop: Stop, found: Finding) -> Cause | None:
        """Return why a list has nothing to choose from: it is filled with what belongs to the subscriber."""
        blind = self._reach.blind if stop.luego == "escoger" and found.control.options is None else None
        return (
            blind
            if blind and await count(self._eyes.locator(found.control).locator("option")) < _SOME_OPTIONS
            else None
        )

    # -- one control

    async def _look_at(self, stop: Stop) -> None:
        control = self._maps.screens[stop.pantalla][stop.control]
        if stop.tras or control.appears == "after_save":
            self._found[control.title] = Finding(control, stop.paso, SIN_GUARDAR)
            return
        finding = await self._seen(stop, control)
        self._found[control.title] = finding
        await self._containers(stop, control, finding)
        if self._task.first and finding.verdict == ENCONTRADO and _opens_screen(stop):
            await self._note_always(stop.pantalla)
        for other in self._beside(stop, control):
            self._found[other.title] = await self._seen(stop, other)

    async def _seen(self, stop: Stop, control: Control) -> Finding:
        excuse = self._excuse(control)
        times = await self._eyes.times(control, self._patience(stop, excuse), read=not stop.luego)
        finding = Finding(control, stop.paso, ENCONTRADO, matches=times)
        if times == 0:
            await self._not_there(stop, control, finding, excuse)
        elif times > 1 and not control.many:
            finding.verdict, finding.why = AMBIGUO, f"está {times} veces y debe ser uno"
        elif control.where != "dialog":
            await self._compare(control, finding)
        if finding.drifted:
            finding.candidates = await self._candidates(finding)
        self._album.add(finding, self._session.page_of(control))
        return finding

    def _patience(self, stop: Stop, excuse: Cause | None) -> float:
        """Return how long to wait for a control while nothing moves; the columns of an empty list aren't waited for."""
        if stop.necesita and self._is_empty(stop.necesita):
            return 0.0
        if excuse:
            return _EXCUSED_SECONDS
        return _SHORT_SECONDS if stop.necesita else _PATIENCE_SECONDS

    def _is_empty(self, needs: str) -> bool:
        return any(f.verdict == SIN_DATOS for f in self._needing(needs))

    def _needing(self, needs: str) -> list[Finding]:
        """Return what was found of the controls that need the same data."""
        return [self._found[s.titulo] for s in self._task.walk if s.necesita == needs and s.titulo in self._found]

    async def _compare(self, control: Control, finding: Finding) -> None:
        """Hold a control that was found against its fingerprint, and its list against what the procedure needs."""
        try:
            seen, _ = await fingerprint(self._eyes.locator(control), many=control.many)
        except PlaywrightError:
            return  # a toast, gone again
        finding.fingerprint = seen
        await self._remember(control, seen)
        known = self._task.known.get(control.title)
        if known and (different := known.differs(seen)):
            finding.verdict, finding.why = CAMBIADO, "; ".join(different)
        elif not self._chosen_later(control) and (lost := await self._lost_options(control, finding.paso)):
            finding.verdict, finding.why = CAMBIADO, lost

    def _chosen_later(self, control: Control) -> bool:
        return any(stop.titulo == control.title and stop.luego == "escoger" for stop in self._task.walk)

    async def _lost_options(self, control: Control, paso: str) -> str:
        """Say in Spanish which options that the procedure needs a list lacks."""
        needed = self._task.needed.get(control.title, ())
        lost = await self._eyes.lost_options(control, needed) if needed else []
        if len(lost) < len(needed):
            self._options_seen(control, paso)
        return f"la lista ya no tiene {', '.join(f'«{option}»' for option in lost)}" if lost else ""

    def _options_seen(self, control: Control, paso: str) -> None:
        """Take that a type-ahead offered its options: they are a control of their own."""
        if control.options:
            options = self._maps.screens[control.screen][control.options]
            self._found.setdefault(options.title, Finding(options, paso, ENCONTRADO, "se vio al escoger", matches=1))

    async def _remember(self, control: Control, seen: Fingerprint) -> None:
        """Keep what the page reads of the subscriber, so that no picture and no fingerprint shows it."""
        reads = seen.tag not in ("input", "select", "textarea") and seen.role not in _FIXED
        if reads and not control.many:
            self._read.update(await texts(self._eyes.locator(control)))
        if control.key in _PEOPLE:
            shown = await texts(self._eyes.locator(control))
            self._read.update(shown)
            self._masker.add_private(*shown)

    # -- what isn't there

    def _excuse(self, control: Control) -> Cause | None:
        """Return why a control may well not be there, though nothing is wrong with it."""
        known = self._task.known.get(control.title)
        return self._reach.excuse(always=bool(known and known.always))

    async def _not_there(self, stop: Stop, control: Control, finding: Finding, excuse: Cause | None) -> None:
        if found_trouble := await trouble(self._session, self._login):
            raise found_trouble
        finding.verdict, finding.why = FALTA, "no está en la pantalla"
        if excuse is None and await self._refused(stop):
            excuse = self._reach.blind = Cause(
                NO_COMPROBABLE, "Serviweb no acepta el suscriptor de prueba: revise SERVIWEB_PRUEBA_CODIGO", of="value"
            )
        if excuse:
            finding.verdict, finding.why = excuse.verdict, excuse.why
        elif stop.necesita == "paginas":
            finding.verdict, finding.why = SIN_DATOS, "la lista cabe en una página"
        elif stop.opcional:
            where = f"[{stop.control}] de {stop.pantalla}.toml"
            finding.why = f"no está en la pantalla; si Serviweb ya no muestra ese dato, borre {where} en su mapa"
        elif stop.necesita == "fallo":
            finding.verdict = NO_COMPROBABLE
            finding.why = "solo se ve con una contraseña equivocada, y las cuentas se bloquean"
        elif stop.control == "sin_registros" and await self._eyes.some_rows(self._page):
            finding.verdict, finding.why = NO_COMPROBABLE, "el suscriptor de prueba tiene documentos"
        elif stop.necesita and await self._no_data(stop, control):
            finding.verdict, finding.why = SIN_DATOS, "el suscriptor de prueba no tiene ninguno"

    async def _refused(self, stop: Stop) -> bool:
        """Say whether the site answers the good code with its notice instead."""
        notice = self._maps.screens[stop.pantalla].get("aviso")
        last = self._hands.typed(f"{stop.pantalla}.codigo")
        return bool(notice and last in ("codigo", "codigo_con_documentos") and await self._eyes.count(notice))

    async def _no_data(self, stop: Stop, control: Control) -> bool:
        if any(found.matches for found in self._needing(stop.necesita)):
            return False
        empty = self._maps.screens[stop.pantalla].get("sin_registros")
        if empty and await self._eyes.count(empty):
            return True
        if control.within:
            container = self._maps.screens[stop.pantalla][control.within]
            return not await self._eyes.count(container) or not await self._eyes.some_rows(
                self._eyes.locator(container)
            )
        return not await self._eyes.some_rows(self._page) or stop.pantalla != "consulta"

    async def _containers(self, stop: Stop, control: Control, finding: Finding) -> None:
        """Judge what the control lies within, too; inside something that is missing nothing can be judged."""
        inner = finding
        while key := inner.control.within:
            outer = self._maps.screens[control.screen][key]
            if outer.title not in self._found:
                self._found[outer.title] = await self._seen(stop, outer)
            container = self._found[outer.title]
            if inner.verdict == FALTA and container.verdict in (FALTA, AMBIGUO, NO_ALCANZADO):
                inner.verdict, inner.why = NO_ALCANZADO, f"está dentro de «{outer.title}» ({container.verdict})"
                inner.candidates = []
            inner = container

    def _beside(self, stop: Stop, control: Control) -> list[Control]:
        """Return the controls that no step touches and that lie where this one does: rows to be covered."""
        titles = {other.titulo for other in self._task.walk} | self._found.keys()
        containers = {c.within for c in self._maps.screens[stop.pantalla].values()}
        return [
            other
            for other in self._maps.screens[stop.pantalla].values()
            if other.title not in titles and other.within == control.within and control.within
            if other.key not in containers and not _is_option(other, self._maps)
        ]

    def _leftovers(self) -> None:
        """Name what the walk did not come to: nothing of the map goes without a verdict."""
        for control in self._maps.controls():
            if control.title not in self._found:
                why = (self._reach.lost and self._reach.lost.why) or "el recorrido no pasa por él"
                self._found[control.title] = Finding(control, "", NO_ALCANZADO, why)

    # -- candidates and fingerprints

    async def _candidates(self, finding: Finding) -> list[Candidate]:
        control = finding.control
        if finding.verdict == CAMBIADO:
            return [as_it_is(control, finding.fingerprint)] if finding.fingerprint else []
        root = self._eyes.root(control)
        container: Page | FrameLocator | Locator | None = None
        if control.within:
            outer = self._maps.screens[control.screen][control.within]
            container = self._eyes.locator(outer) if await self._eyes.count(outer) == 1 else None
        taken = [f.fingerprint.place for f in self._found.values() if f.fingerprint and f is not finding]
        sought = Sought(control, self._task.known.get(control.title), root, container, taken)
        found = await candidates(sought, root, alike=finding.verdict == AMBIGUO)
        return [candidate for candidate in found if not self._masker.finds(candidate.told)]

    async def _note_always(self, screen: str) -> None:
        for control in self._maps.screens[screen].values():
            if control.appears == "always" and await self._eyes.count(control):
                self._always.add(control.title)

    def _finish_fingerprints(self) -> None:
        for title, finding in self._found.items():
            if finding.fingerprint:
                finding.fingerprint = replace(finding.fingerprint.without(self._read), always=title in self._always)

    # -- surprises, and pictures of what goes away

    async def _unexpected(self) -> None:
        dialogs = self._session.dialogs
        self._surprises += [f"apareció un aviso: «{self._masker.text(text)}»" for text in dialogs.unexpected]
        dialogs.unexpected.clear()
        while self._session.windows:
            window = self._session.windows.pop()
            self._surprises.append("se abrió una ventana que nadie esperaba")
            await window.close()

    async def _shoot_before(self, stop: Stop, following: Stop | None) -> None:
        """Take a picture before what is on the screen goes away."""
        if stop.titulo == "ingreso.ingresar":
            await self._album.shoot("antes de ingresar", self._page)
        elif stop.luego == "clic" and stop.control.startswith("opcion_"):
            await self._album.shoot("con el menú abierto", self._page)
        elif stop.luego in ("cerrar", "escoger_fila"):
            control = self._maps.screens[stop.pantalla][stop.control]
            await self._album.shoot("con el cuadro abierto", self._session.page_of(control))
        elif stop.luego == "abrir":
            await self._album.shoot("antes de abrir el cuadro", self._page)
        elif following and following.luego == "escribir" and following.titulo in self._found and not _acts(stop):
            await self._album.shoot("con la respuesta de Serviweb", self._page)


def _unusable(found: Finding) -> Cause | None:
    if found.verdict == NO_COMPROBABLE:
        return Cause(NO_COMPROBABLE, found.why, of="value")
    there = found.verdict in (ENCONTRADO, CAMBIADO)
    return None if there else Cause(NO_ALCANZADO, f"depende de «{found.control.title}» ({found.verdict})")


def _acts(stop: Stop) -> bool:
    return bool(stop.luego) or _opens_screen(stop)


def _opens_screen(stop: Stop) -> bool:
    return stop.control.startswith("titulo") or stop.control in ("usuario", "cuadro", "buscador")


def _is_option(control: Control, maps: Map) -> bool:
    return any(other.options == control.key for other in maps.screens[control.screen].values())
