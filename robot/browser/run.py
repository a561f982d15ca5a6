"""One run of one case: the few verbs that the flows are written with.

`step`, `lookup`, `screen`, `menu`, `choose`, `either`, `ask`, `effect`, `commit`, `answer`, `confirm`, `printed`.
Everything else in a flow is Playwright's own `Locator` and `expect`.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, Protocol

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, expect

from robot.browser import documents
from robot.browser.approval import Approve, Reads, approved
from robot.browser.copies import Copies
from robot.browser.effect import Effect, Journal
from robot.browser.gate import without_query
from robot.browser.judge import NotThereError, drift, judge, lost, trouble
from robot.browser.maps import Control, Map
from robot.browser.papers import store
from robot.browser.screen import Screen, count, still, texts, veil
from robot.browser.session import Session
from robot.browser.surprises import Surprises
from robot.browser.widgets import SelectList, TypeAhead, rows, scrolled_rows, shown_option, shown_value
from robot.errors import OutcomeUnknown, Rehearsed, Rejected, RobotError, SessionLost, StepFailed
from robot.text import plain

_LOOK_SECONDS = 0.015
_SESSION_SECONDS = 0.25
_SOME_TEXT = re.compile(r"\S")


class Ask(Protocol):
    """Ask the advisor something; a batch has nobody to ask."""

    def __call__(self, question: str) -> Awaitable[bool]:
        """Return the person's yes or no."""


@dataclass
class Step:
    """One documented step while it runs."""

    number: str
    title: str
    values: dict[str, str] = field(default_factory=dict)

    def read(self, label: str, value: str) -> str:
        """Note a value that the page showed; it stands in the journal and on the case page. Return it."""
        self.values[label] = plain(value)
        return self.values[label]


class Run:
    """Carry out one run of one case on one session, with its journal and its evidence handed in."""

    def __init__(
        self,
        *,
        session: Session,
        maps: Map,
        journal: Journal,
        texts: Mapping[str, str],
        number: int,
        timeout_seconds: float,
        confirmation_seconds: float,
        rehearsal: bool = False,
        pictures: bool = True,
        ask: Ask | None = None,
        approve: Approve | None = None,
        owner: Callable[[str, str], str | None] | None = None,
        allowed: Callable[[], None] | None = None,
    ) -> None:
        self.session = session
        self.page = session.page
        self.user = session.user
        self.maps = maps
        self.journal = journal
        self.rehearsal = rehearsal
        self._texts = texts
        self._number = number
        self._timeout_seconds = timeout_seconds
        self._confirmation_seconds = confirmation_seconds
        self._pictures = pictures
        self._ask = ask
        self._approve = None if rehearsal else approve
        self._allowed = allowed or (lambda: None)
        self.owner = owner or (lambda _kind, _number: None)
        self._effect: Effect | None = None
        self._step: Step | None = None
        self._touched: list[Locator] = []
        self._unasked = Surprises(session=session, maps=maps, journal=journal, pictures=pictures)
        self._copies = Copies(journal)
        self._login = Screen(self.page, "ingreso", maps.screens["ingreso"])["usuario"]
        session.dialogs.learn(maps.controls(), maps.advisories)
        expect.set_options(timeout=timeout_seconds * 1000)

    # -- screens and steps

    def screen(self, name: str) -> Screen:
        """Return the controls of a screen of the map, bound to the page."""
        opened = self.session.opened
        return Screen(self.page, name, self.maps.screens[name], touched=self._touched.append, windows=opened)

    def control(self, locator: Locator) -> Control:
        """Return how the map declares the control that a locator describes."""
        return self.maps.control(locator.description or "")

    @asynccontextmanager
    async def step(self, number: int | str, title: str) -> AsyncIterator[Step]:
        """Run the block as documented step *number*: journal, chapter of the recording, judgement of its failure."""
        step = Step(str(number), title)
        async with self._block("step", step, number=step.number, text=self._texts.get(step.number, "")):
            yield step

    @asynccontextmanager
    async def lookup(self, title: str) -> AsyncIterator[Step]:
        """Run the block as a consultation: it only reads, and is no step of the procedure."""
        step = Step("", title)
        async with self._block("lookup", step):
            yield step

    @asynccontextmanager
    async def _block(self, what: str, step: Step, **about: Any) -> AsyncIterator[None]:
        self._step = step
        chapter = step.number or "consulta"
        self._touched.clear()
        self.session.site_error, self.session.printing = "", False
        self.session.dialogs.heard.clear()
        started = time.perf_counter()
        text = {k: v for k, v in about.items() if k == "text"}
        facts: dict[str, Any] = {"run": self._number, **{k: v for k, v in about.items() if k != "text"}}
        url = without_query(self.page.url)
        self.journal.write(f"{what}.started", **facts, title=step.title, **text, url=url)
        self.session.recorder.step_started(chapter, step.title)
        try:
            await self._unasked.watch()
            await self.quiet()
            yield
            await self.quiet()  # a step's picture shows what the step did, not the veil over it
            await self._unasked.check()
        except Rehearsed:
            await self._end(what, step, facts, started)
            raise
        except BaseException as error:
            judged = await self._judged(error, step)
            with suppress(OSError):  # a full disk must not hide what failed
                await self.session.recorder.step_finished(chapter)
                self.journal.write(
                    f"{what}.failed",
                    **facts,
                    seconds=round(time.perf_counter() - started, 3),
                    error=type(judged).__name__,
                    reason=judged.reason if isinstance(judged, RobotError) else "la ejecución se interrumpió",
                    control=getattr(judged, "control", "") or None,
                    que_hacer=judged.advice if isinstance(judged, RobotError) else None,
                )
            if judged is error:
                raise
            raise judged from error
        else:
            await self._end(what, step, facts, started)

    async def _end(self, what: str, step: Step, facts: Mapping[str, Any], started: float) -> None:
        self._unasked.note_known()
        await self._unasked.picture_windows()
        await self.session.recorder.step_finished(step.number or "consulta")
        seconds = round(time.perf_counter() - started, 3)
        self.journal.write(f"{what}.finished", **facts, seconds=seconds, read=step.values)

    async def quiet(self) -> None:
        """Wait until the veil that the site spreads while it works is gone, where the map names one."""
        if over := veil(self.page, self.maps.busy):
            await self.appear(over, 0)

    async def _judged(self, error: BaseException, step: Step) -> BaseException:
        """Return the error that says how this failure is treated."""
        if not isinstance(error, Exception):
            return error
        effect = self._effect
        if effect and effect.gate and not effect.confirmed:
            effect.gate.shut()  # while the failure is being judged, a script of the page may still try to send
        judged: RobotError
        if effect and effect.gate and effect.gate.fenced:
            judged = effect.gate.fenced
        elif surprise := await self._unasked.found():
            judged = surprise
        elif type(error) is StepFailed and (wrong := await trouble(self.session, self._login)):
            judged = wrong
        elif isinstance(error, RobotError):
            judged = error
        else:
            judged = await judge(error, self.session, self._login, self._touched)
        if effect and effect.undecided and not isinstance(judged, OutcomeUnknown):
            judged = OutcomeUnknown(judged.reason, control=judged.control)
        judged.step = judged.step or step.number
        return judged

    # -- what people do on a page

    async def menu(self, heading: Locator, option: Locator) -> None:
        """Open a menu as the map says (click or hover) and click one of its options."""
        if self.control(heading).menu == "hover":
            await heading.hover()
        else:
            await heading.click()
        await option.click()

    async def open(self, ui: Screen, opener: str, shows: str) -> None:
        """Click what opens a box or a window, as the map says which, and wait until its control *shows* is there."""
        control = ui[opener]
        if self.control(control).opens == "popup":
            self.session.opening = True
            try:
                async with self.page.expect_popup(timeout=self._timeout_seconds * 1000) as coming:
                    await control.click()
                self.session.opened[control.description or ""] = await coming.value
            finally:
                self.session.opening = False
        else:
            await control.click()
        await self.appear(ui[shows])
        if self.control(ui[shows]).fades:
            await still(ui[shows])

    async def pick(self, choice: Locator) -> None:
        """Click a choice; the window that it stands in may close by that very click."""
        try:
            await choice.click()
        except PlaywrightError as error:
            if "closed" not in str(error) or self.page.is_closed():
                raise

    async def close(self, ui: Screen, opener: str) -> None:
        """Close the window that a control opened, if it opened one and it is still there."""
        await self.session.close_opened(ui[opener].description or "")

    async def choose(self, control: Locator, wanted: str) -> str:
        """Choose an option by its text, from a list or a type-ahead; return the text that the page shows for it.

        With `loose` in the map, case, accents and doubled spaces don't count (D9). Raises `SelectorDrift` unless
        exactly one option matches.
        """
        declared = self.control(control)
        widget = (
            TypeAhead(control, self.screen(declared.screen)[declared.options], loose=declared.loose)
            if declared.options
            else SelectList(control, loose=declared.loose)
        )
        return await widget.choose(wanted, self._timeout_seconds)

    async def chosen(self, control: Locator) -> str:
        """Return the text of the option that a list shows as chosen."""
        return await (shown_value(control) if self.control(control).options else shown_option(control))

    async def appear(self, control: Locator, times: int | None = None, *, at_least: int = 1) -> None:
        """Wait until the control is on the screen, exactly *times* where given.

        `expect` looks at 0, 100, 250, 500 ms …; this looks every 15 ms, which makes a case a quarter of a second
        shorter. Raises `AssertionError` after the time of a control, as `expect` does.
        """
        count = 0

        async def there() -> bool:
            nonlocal count
            count = await self._count(control)
            return count == times if times is not None else count >= at_least

        if not await self._until(there):
            named = control.description or ""  # one of two outcomes has no name
            missing = named and times is None and not count and not self.control(control).many
            raise (NotThereError if missing else AssertionError)(f"expected to be there: {control.description}")

    async def _until(self, seen: Callable[[], Awaitable[bool]]) -> bool:
        """Look until something is seen, for a control's time at most; say whether it was.

        Raises `SessionLost` as soon as the login stands there instead: what is waited for will not come.
        """
        looked = time.monotonic()
        deadline = looked + self._timeout_seconds
        while not await seen():
            now = time.monotonic()
            if now > deadline or self.page.is_closed():
                return False
            if now - looked > _SESSION_SECONDS:
                looked = now
                if gone := await lost(self.session, self._login):
                    raise gone
            await asyncio.sleep(_LOOK_SECONDS)
        return True

    async def reads(self, control: Locator, right: Callable[[str], bool]) -> None:
        """Wait until the control alone shows a text that is *right*, for a control's time.

        Raises `SelectorDrift` when it is there several times, else `AssertionError`.
        """
        read: list[str] = []

        async def shown() -> bool:
            read[:] = await texts(control)
            return len(read) == 1 and right(read[0])

        if not await self._until(shown):
            if len(read) > 1:
                raise drift(control.description or "", len(read))
            raise AssertionError(f"expected another text: {control.description}")

    @staticmethod
    async def _count(control: Locator) -> int:
        try:
            return await control.count()
        except PlaywrightError as error:
            if "closed" in str(error) or "crashed" in str(error):
                raise
            return 0  # on its way from one document to the next, a page just doesn't answer

    async def either(self, one: Locator, other: Locator, *, bare: bool = False) -> str:
        """Wait until one of two named outcomes shows some text, and return the name of its control (step 7).

        With *bare* the first one needs no text: it is an icon, or is there only then.
        """
        spoken = [c for c in (self.control(one), self.control(other)) if c.where == "dialog"]
        some = one if bare else one.filter(has_text=_SOME_TEXT)
        both = some.or_(other.filter(has_text=_SOME_TEXT))
        said: list[Control] = []

        async def shown() -> bool:
            said[:] = [control for control in spoken if self.session.dialogs.said(control)]
            return bool(said) or bool(await self._count(both))

        if not await self._until(shown):
            raise AssertionError(f"expected to be there: {one.description}, {other.description}")
        return said[0].key if said else self.control(one if await some.count() else other).key

    async def text(self, control: Locator) -> str:
        """Return the text that a control shows, or that its native alert said."""
        declared = self.control(control)
        if declared.where == "dialog":
            return (self.session.dialogs.said(declared) or [""])[-1]
        return plain(await control.inner_text())

    async def refuse(self, notice: Locator) -> NoReturn:
        """Raise what a notice before a commit means: `Rejected` with the reason if the map knows its text.

        Any other text is no answer to the request: the session ended, or the site is in trouble.
        """
        text = await self.text(notice)
        pattern = self.control(notice).pattern
        if found := pattern.search(text) if pattern else None:
            raise Rejected(f"Serviweb dice: {found[1]}")
        raise StepFailed(f"Serviweb muestra el aviso «{text}»", control=notice.description or "")

    async def turn(self, ui: Screen, following: str, cells: Locator) -> bool:
        """Turn to a list's next page, where the map has such a button and it can be used; say whether it was turned.

        The list must then show something else. Raises `AssertionError` after a control's time.
        """
        if ui.declared(following) is None or not await count(ui[following]) or not await ui[following].is_enabled():
            return False
        before = await texts(cells)
        await ui[following].click()

        async def turned() -> bool:
            return (await texts(cells) or before) != before

        if not await self._until(turned):
            raise AssertionError(f"expected another page: {cells.description}")
        return True

    async def rows(self, table: Locator, *columns: Locator) -> list[tuple[str, ...]]:
        """Return the rows of a list as tuples of these columns' texts; a virtual list is scrolled through (D10).

        Raises `StepFailed` when the columns differ in length: the map reads another table.
        """
        if not self.control(table).virtual or not await count(columns[0]):
            return await rows(columns)
        return await scrolled_rows(table, columns)

    async def loaded(self) -> None:
        """Wait until every frame of the page has been read to its end: half a list would make an old document new."""
        waiting = [frame.wait_for_load_state("domcontentloaded") for frame in self.page.frames]
        for error in await asyncio.gather(*waiting, return_exceptions=True):
            if isinstance(error, BaseException) and "detached" not in str(error):
                raise error

    async def ask(self, question: str) -> bool:
        """Ask the advisor; in a batch nobody answers, which counts as no."""
        return bool(self._ask) and await self._ask(question)  # type: ignore[misc]  # checked by bool()

    # -- effects

    @asynccontextmanager
    async def effect(
        self, kind: str, *, number: Locator, refusal: Locator, box: Locator | None = None
    ) -> AsyncIterator[None]:
        """Hold one change of the world: intent → sent → confirmed, not sent, rejected or in doubt.

        *number* will show the document's number, *refusal* what Serviweb says when it doesn't save; *box* is the
        confirmation box that the commit opens, if it opens one (step 22).
        """
        effect = self._effect = Effect(
            kind=kind,
            number=number,
            refusal=refusal,
            box=box,
            box_native=box is not None and self.control(box).dialog == "native",
            logged_out=self._login,
            session=self.session,
            maps=self.maps,
            journal=self.journal,
        )
        try:
            yield
        except Rehearsed:
            raise
        except BaseException as error:
            await effect.failed(error, picture=self._pictures)
            raise
        finally:
            self._effect = None
            await effect.release()

    @property
    def _open(self) -> Effect:
        if self._effect is None:
            raise RuntimeError("commit, answer and confirm stand inside `run.effect(…)`")
        return self._effect

    async def commit(self, button: Locator, reads: Reads) -> dict[str, Any]:
        """Click the button that writes to Serviweb, once: the point of no return. Return what it saved.

        *reads* reads the whole form back and says what will be saved, or raises; that, the trial click and the picture
        only look at the page, and are asked for at once. In assisted mode a person is asked first, and the form is read
        twice. Raises `Rehearsed` in a rehearsal, `Rejected` when the person says no, `Stopped` when somebody asked
        meanwhile that nothing more be saved.
        """
        effect = self._open
        control = self.control(button)
        await self.quiet()
        where: dict[str, Any] = {"context": self.session.context, "maps": self.maps, "to": self.journal}
        async with approved(self._approve, effect.kind, control, reads, **where) as again:
            looking = asyncio.ensure_future(effect.look() if self._pictures else _nothing())
            try:
                saves, *_ = await _all(again(), button.click(trial=True), effect.read_before())
                await self._unasked.check()
                self._allowed()
                await effect.arm(control, saves, rehearsal=self.rehearsal)
            finally:
                shot = await looking  # nothing is clicked, and nothing judged, before its picture is there
        if shot is not None:
            effect.keep(shot, "antes")
        if self.rehearsal and not control.gate:
            raise Rehearsed(effect.kind, dict(saves))
        await effect.click(button, self._timeout_seconds)
        if self.rehearsal:
            await effect.rehearsed(saves, self._timeout_seconds)
            raise Rehearsed(effect.kind, dict(saves))
        return dict(saves)

    async def answer(self, ok: Locator, *, names: str) -> None:
        """Answer the box that the commit opened, only if its text is the map's and names *names* (step 22, D8)."""
        await self._open.answer(ok, names, self._timeout_seconds)

    async def confirm(self) -> str:
        """Wait for the document's number, write it down at once and return it.

        Raises `Rejected` when Serviweb says that it saved nothing, `OutcomeUnknown` when it isn't known.
        """
        effect = self._open
        return await effect.confirm(self._confirmation_seconds, self.owner, picture=self._pictures)

    def baseline(self, kind: str, documents: Sequence[Mapping[str, Any]]) -> None:
        """Keep, durably, the documents of this kind that Serviweb listed before one is meant to be saved."""
        self.journal.masker.add_legible(*(str(document["numero"]) for document in documents))
        self.journal.write("effect.baseline", durable=True, kind=kind, documentos=[dict(d) for d in documents])

    def doubt(self, kind: str, reason: str, *, number: str) -> None:
        """Write, durably, that a document of this kind may be this case's, though none is known to have been saved."""
        self.journal.masker.add_legible(number)
        self.journal.write("effect.in_doubt", durable=True, kind=kind, reason=reason)

    def payment(self, recibo: str, *, pagado: bool, estado: str, valor: int | None, reason: str) -> None:
        """Keep, durably, whether Serviweb shows a receipt as paid."""
        self.journal.masker.add_legible(recibo)
        seen = {"recibo": recibo, "estado": estado or None, "valor": valor, "reason": reason or None}
        self.journal.write("payment.checked", durable=True, pagado=pagado, **seen)

    # -- papers

    async def printed(
        self,
        kind: Literal["solicitud-factura", "recibo-abono", "solicitud-tramite"],
        control: Locator,
        *,
        symbol: Locator,
        number: str,
    ) -> None:
        """Click the printing *symbol* and its option, and keep the checked PDF and its two-copy PDF (D3).

        A paper that can't be had is noted, not raised: the document stands in Serviweb and can be printed again. So
        is one that a lost session kept back: whoever goes on meets the login again, before anything is sent.
        Raises `SelectorDrift` where the symbol or its option isn't there: they exist only after a save, so this is
        where it is found that the screen changed (`appears = "after_save"`).
        """
        declared = self.control(control)
        self.session.printing = True
        try:
            await self._there(symbol)
            await symbol.click()
            await self._there(control)
            data = await documents.printed(
                self.page,
                control,
                opens=declared.opens or "popup",  # type: ignore[arg-type]  # the loader allows these values only
                timeout_seconds=self._timeout_seconds,
                shows=number if declared.has_text else None,
            )
        except (documents.PaperError, PlaywrightError, SessionLost) as error:
            reason = "Serviweb no entregó el papel"
            if isinstance(error, SessionLost):
                reason, self.session.logged_in = error.reason, True
            elif isinstance(error, documents.PaperError):
                reason = str(error)
            self.journal.write("document.missing", durable=True, kind=kind, reason=reason)
            if self._step:
                self._step.read("Papel pendiente", reason)
            return
        finally:
            await self.session.close_prints()
        original = store(self.journal.folder / "papeles", kind, data)
        if self._step:
            self._step.read("Papel", f"papeles/{original.name}")
        self._copies.make(original, data, kind=kind, number=number, has_text=declared.has_text)

    async def _there(self, control: Locator) -> None:
        """Wait until a control is there, alone. Raises `SelectorDrift` with its name."""
        try:
            await self.appear(control, 1)
        except AssertionError:
            raise drift(control.description or "", await count(control)) from None

    async def settle(self) -> None:
        """Wait for the papers' copies. Raises `OSError` when the disk has no room for one."""
        await self._copies.settle()


async def _nothing() -> None:
    return None


async def _all(*asked: Awaitable[Any]) -> list[Any]:
    """Await all of these at once. The first failure in the order given is raised, once none is under way any more."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return answers
