"""One change of the world: intent on disk, wire gate, one click, number read back (design: *Effects*)."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page, expect

from robot.browser.covered import Shot
from robot.browser.gate import WireGate, cause, form_fields
from robot.browser.maps import Control, Map
from robot.browser.screen import count, still, texts, veil
from robot.browser.session import Session
from robot.errors import OutcomeUnknown, Rejected, RobotError, StepFailed, UnexpectedDialog
from robot.masking import Masker
from robot.text import plain

_POLL_SECONDS = 0.02
_CALM_SECONDS = 1.0
_GLANCE_SECONDS = 0.5  # how often the page is looked at while the write is on its way
# The documented steps of each effect's commit and of its confirmation.
_STEPS = {"tercero": ("7", "7"), "factura": ("14", "14"), "abono": ("21", "22"), "tramite": ("30", "30")}


class Journal(Protocol):
    """Where a run writes what it does (robot/records/journal.py, handed in)."""

    folder: Path
    masker: Masker

    def write(self, event: str, *, durable: bool = False, **data: Any) -> Any:
        """Append one entry; *durable* waits for the disk."""

    def sent(self, kind: str, **data: Any) -> None:
        """Write durably that a request is about to leave. Raises `Fenced` when the case is no longer ours."""


@dataclass
class Effect:
    """The effect that is open in a run. Between `arm` and `release` nothing leaves the browser unseen."""

    kind: str
    number: Locator
    refusal: Locator
    box: Locator | None
    box_native: bool
    logged_out: Locator
    session: Session
    maps: Map
    journal: Journal
    gate: WireGate | None = None
    confirmed: bool = False
    rejected: bool = False
    _gated: bool = True
    _intended: bool = False
    _stale: set[str] = field(default_factory=set)
    _click: asyncio.Task[None] | None = None
    _over: bool = False
    _disk: list[OSError] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """Return the page or window where the document's number will show."""
        return self.session.page_of(self.maps.control(self.number.description or ""))

    # -- the gate's witness

    def sent(self, **data: Any) -> None:
        """Write durably that the request is about to leave."""
        self.journal.sent(self.kind, **data)

    def note(self, event: str, **data: Any) -> None:
        """Write what happened to a request; a full disk here must not keep its answer from the page.

        What an abandoned request still comes to, after the effect was judged, belongs to nobody's journal.
        """
        if self._over:
            return
        try:
            self.journal.write(f"effect.{event}", durable=True, kind=self.kind, **data)
        except OSError as error:
            self._disk.append(error)

    async def before_answer(self) -> None:
        """Remember every number that shows before the page has our answer: it is another document's.

        What was read while another held request was answered may be ours already, and is not remembered.
        """
        numbers = await self._numbers()
        if not self._answered:
            self._stale.update(numbers)

    # -- before

    async def read_before(self) -> None:
        """Remember the number that stands on the screen: it is not ours. Raises `StepFailed` on a standing refusal."""
        numbers, refusals = await asyncio.gather(self._numbers(), self._shown(self.refusal))
        self._stale.update(numbers)
        for text in refusals:
            raise StepFailed(f"Antes de guardar, Serviweb muestra un aviso: «{plain(text)}»")

    async def arm(self, control: Control, saves: Mapping[str, Any], *, rehearsal: bool) -> None:
        """Write the intent and close the gate around what comes. Raises `OSError` when the disk is full."""
        self._gated = control.gate
        if not rehearsal:
            self.journal.write(
                "effect.intent",
                durable=True,
                kind=self.kind,
                control=control.title,
                what=dict(saves),
                gated=control.gate,
            )
            self._intended = True
        if control.gate:
            self.gate = WireGate(self.session.context, self, writes=control.writes, refuse=rehearsal)
            await self.gate.arm()
        self.session.dialogs.expected = self.box_native

    async def click(self, button: Locator, timeout_seconds: float) -> None:
        """Click once; return when the click ended, its request left, or a native dialog (which blocks it) appeared.

        From the request on, the click's own end says nothing: a time-out may have been sent.
        """
        self._click = asyncio.create_task(button.click(timeout=timeout_seconds * 1000))
        while not (self._click.done() or self.session.dialogs.pending or (self.gate and self.gate.sent)):
            await asyncio.wait({self._click}, timeout=_POLL_SECONDS)
        if self._click.done() and not (self.gate and self.gate.sent):
            await self._click

    async def answer(self, ok: Locator, names: str, timeout_seconds: float) -> None:
        """Accept the box if its text is the one that the map expects and names *names*; else refuse it."""
        box = self.box
        if box is None:
            raise RuntimeError("answer() needs run.effect(…, box=…)")
        control = self.maps.control(box.description or "")
        native = self.box_native
        text = await self._box_text(box, timeout_seconds=timeout_seconds)
        found = control.pattern.search(text) if control.pattern else None
        accepted = found is not None and found[1] == names
        self.journal.write("dialog", text=text, expected=found is not None, accepted=accepted)
        self.session.recorder.event("dialogo", {"texto": text, "aceptado": accepted})
        dialog = self.session.dialogs.pending
        if not accepted:
            if native and dialog:
                await dialog.dismiss()
            raise UnexpectedDialog(
                f"El cuadro de confirmación dice «{text}» y no nombra {names}: no se aceptó", control=control.title
            )
        if native and dialog:
            self.session.dialogs.pending, self.session.dialogs.expected = None, False
            await dialog.accept()
        else:
            await ok.click(timeout=timeout_seconds * 1000)

    async def _box_text(self, box: Locator, *, timeout_seconds: float) -> str:
        if not self.box_native:
            await expect(box).to_be_visible()
            if self.maps.control(box.description or "").fades:
                await still(box)
            return plain(await box.inner_text())
        deadline = time.monotonic() + timeout_seconds
        while self.session.dialogs.pending is None:
            if time.monotonic() > deadline:
                raise StepFailed("No apareció el cuadro de confirmación", control=box.description or "")
            await asyncio.sleep(_POLL_SECONDS)
        return plain(self.session.dialogs.pending.message)

    async def rehearsed(self, saves: Mapping[str, Any], timeout_seconds: float) -> None:
        """Wait for the request that the gate refused and write what it would have saved.

        Raises `StepFailed` when the click led to no write: the map names another address, or the form was refused.
        """
        gate = self.gate
        if gate is None or not await gate.settled(min(timeout_seconds, 10)) or gate.refused is None:
            said = await self._shown(self.refusal)
            raise StepFailed("El clic no produjo el envío que el mapa indica" + "".join(f": «{t}»" for t in said))
        request = gate.refused
        self.journal.write(
            "effect.rehearsed", kind=self.kind, what=dict(saves), method=request.method, fields=form_fields(request)
        )

    # -- after

    async def confirm(self, timeout_seconds: float, owner: Callable[[str, str], str | None], *, picture: bool) -> str:
        """Wait for the number, a refusal, a dead wire or the end of patience, and write down which."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            if self.gate and not self.gate.answered:
                await self.gate.settled(_GLANCE_SECONDS)
            answered = self._answered
            numbers, refusals = await asyncio.gather(self._numbers(), self._shown(self.refusal))
            fresh = [n for n in numbers if n not in self._stale]
            if answered and fresh:
                return await self._adopted(fresh, owner, picture=picture)
            self._refused(refusals)
            await self._lost(look=time.monotonic() > deadline - timeout_seconds + _GLANCE_SECONDS)
            if time.monotonic() > deadline and not self.undecided:
                raise StepFailed("El clic no produjo ningún envío")
            if time.monotonic() > deadline:
                raise OutcomeUnknown(f"Serviweb no mostró el número en {timeout_seconds:g} segundos")
            await asyncio.sleep(_POLL_SECONDS / 4)

    async def _adopted(self, fresh: list[str], owner: Callable[[str, str], str | None], *, picture: bool) -> str:
        """Write the number down while the browser draws its picture, and open the gate."""
        looking = asyncio.ensure_future(self._look_after()) if picture else None
        try:
            if looking:
                await _begun()
            number = self._confirmed(fresh, owner)
            if self.gate:
                with suppress(PlaywrightError):
                    await self.gate.disarm()
        finally:
            shot = await looking if looking else None
        if shot is not None:
            self.keep(shot, "despues")
        return number

    async def _look_after(self) -> Shot | PlaywrightError | OSError:
        """Take the pixels once the number can be seen: below a veil, or in a toast that fades in, it can't yet."""
        toast = self.maps.control(self.number.description or "").where == "toast"
        with suppress(PlaywrightError, AssertionError, TimeoutError):
            async with asyncio.timeout(_CALM_SECONDS):
                if over := veil(self.session.page, self.maps.busy):
                    await expect(over).to_have_count(0)
                if toast:
                    await still(self.number)
        return await self.look()

    def _confirmed(self, fresh: list[str], owner: Callable[[str, str], str | None]) -> str:
        if len(set(fresh)) > 1:
            raise OutcomeUnknown(f"Serviweb muestra varios números: {', '.join(fresh)}")
        number = fresh[0]
        other = owner(self.kind, number)
        if other:
            raise OutcomeUnknown(f"El número {number} ya es del caso {other}")
        self.confirmed = True
        self.journal.write("effect.confirmed", durable=True, kind=self.kind, number=number)
        return number

    @property
    def _answered(self) -> bool:
        return self.gate is None or self.gate.answered

    def _refused(self, refusals: list[str]) -> None:
        """Raise `Rejected` for a refusal that the map knows to mean *nothing saved*, `OutcomeUnknown` for any other."""
        pattern = self.maps.control(self.refusal.description or "").pattern
        for text in refusals:
            found = pattern.search(text) if pattern else None
            if found and self._plain_answer:
                self.rejected = True
                self.journal.write("effect.rejected", durable=True, kind=self.kind, reason=found[1])
                raise Rejected(f"Serviweb no guardó: {found[1]}")
            if not self.undecided:
                raise StepFailed(f"Serviweb dice «{text}» y no se envió nada")
            raise OutcomeUnknown(f"Serviweb respondió «{text}»")

    @property
    def _plain_answer(self) -> bool:
        """Say whether the site itself answered the one write (no server error, no dead wire), or refused before it.

        Without the gate the browser may have posted twice, and the second answer refuse what the first one saved.
        """
        gate = self.gate
        return gate is not None and (not gate.sent or (gate.status is not None and gate.status < 500))

    async def _lost(self, *, look: bool) -> None:
        """Raise what makes a number impossible; *look* asks the page itself, which an answer in time needs not."""
        gate = self.gate
        if self._disk:
            raise OutcomeUnknown(f"No se pudo escribir el diario: {self._disk[0].strerror}")
        if gate and gate.fenced:
            raise gate.fenced
        if gate and gate.failure:
            if not gate.sent:
                raise StepFailed(f"No se envió: {gate.failure}", remedy="Libere espacio en disco y ejecute de nuevo.")
            raise OutcomeUnknown(f"La conexión se cortó sin respuesta ({gate.failure})")
        if gate and (gate.status or 0) >= 500:
            raise OutcomeUnknown(f"Serviweb respondió con un error {gate.status}")
        if look and await count(self.logged_out):
            raise OutcomeUnknown("Serviweb cerró la sesión al guardar")

    async def _shown(self, locator: Locator) -> list[str]:
        control = self.maps.control(locator.description or "")
        if control.where == "dialog":
            return self.session.dialogs.said(control)
        return [text for text in await texts(locator) if text]

    async def _numbers(self) -> list[str]:
        pattern = self.maps.control(self.number.description or "").pattern or re.compile(r"^\s*(\S+)\s*$")
        return [found[1] for text in await self._shown(self.number) if (found := pattern.search(text))]

    @property
    def undecided(self) -> bool:
        """Say whether something may have been saved and it is not known."""
        if self.confirmed or self.rejected:
            return False
        if self.gate:
            return self.gate.sent or self.gate.strays
        return self._intended and not self._gated

    async def failed(self, error: BaseException, *, picture: bool) -> None:
        """Write how the effect ended. What wasn't sent is made impossible to send: the gate shuts, the page goes."""
        reason = error.reason if isinstance(error, RobotError) else "la ejecución se interrumpió"
        if self.undecided:
            self.note("in_doubt", reason=reason)
            if picture and isinstance(error, RobotError):
                await self.picture("despues")
        elif self._intended and not self.confirmed and not self.rejected:
            if self.gate:
                self.gate.shut()
            with suppress(PlaywrightError):
                await self.session.context.close()
            self._settle(reason)

    def _settle(self, reason: str) -> None:
        """Write what is known once the page is gone: a request may have been let out up to then."""
        self.note("in_doubt" if self.undecided else "not_sent", reason=reason)

    async def release(self) -> None:
        """Leave it: the gate opens only behind a confirmed document, else it stays shut until the page is gone."""
        self.session.dialogs.expected = False
        self._over = True
        if self._click and not self._click.done():
            self._click.cancel()
        with suppress(asyncio.CancelledError, PlaywrightError):
            if self._click:
                await self._click
        if self.gate and self.confirmed:
            with suppress(PlaywrightError):
                await self.gate.disarm()
        elif self.gate:
            self.gate.shut()

    async def picture(self, moment: str) -> None:
        """Take real pixels, private things covered: proof of what stood on the screen. A failure is noted only.

        The pixels are taken now; painting goes on beside the commit, and the journal says when the file is there.
        """
        self.keep(await self.look(), moment)

    async def look(self) -> Shot | PlaywrightError | OSError:
        """Take the pixels now, or return why there are none."""
        try:
            return await self.session.recorder.capture(self.page)
        except (PlaywrightError, OSError) as error:
            return error

    def keep(self, shot: Shot | PlaywrightError | OSError, moment: str) -> None:
        """Have a captured picture painted, and note it."""
        step = _STEPS[self.kind][moment == "despues"]
        if isinstance(shot, Exception):
            self._tell("effect.picture_missing", moment=moment, step=step, reason=cause(shot))
            return
        painting = self.session.recorder.keep(shot, self._free_name(step, moment))
        painting.add_done_callback(lambda done: self._painted(done, step, moment))

    def _free_name(self, step: str, moment: str) -> str:
        """Return a name that no earlier try of this effect has: its picture is evidence too."""
        digits = step.zfill(2)
        taken = len(list((self.journal.folder / "imagenes").glob(f"paso-{digits}-{moment}*.png")))
        return f"paso-{digits}-{moment}" + (f"-vez-{taken + 1}" if taken else "")

    def _painted(self, done: asyncio.Future[Path], step: str, moment: str) -> None:
        if done.cancelled():
            return
        if error := done.exception():
            self._tell("effect.picture_missing", moment=moment, step=step, reason=cause(error))
        else:
            self._tell("picture.taken", moment=moment, step=step, file=f"imagenes/{done.result().name}")

    def _tell(self, event: str, **data: Any) -> None:
        with suppress(OSError):  # no picture stops a run, nor does a disk without room for its line
            self.journal.write(event, kind=self.kind, **data)


async def _begun() -> None:
    """Let what was just started ask its first questions, without waiting for an answer."""
    for _ in range(3):  # a task within a task within a task
        await asyncio.sleep(0)
