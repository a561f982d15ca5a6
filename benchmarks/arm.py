"""One arm of the bench as a process of its own: it keeps one browser and carries out one case at a time on command.

Commands come as JSON lines on stdin, answers leave as JSON lines on stdout; `bench.py` holds the other end. The clock
runs here, around each stage: a new context, the stage with all that the command of an advisor does for it, and after
the trámite the context's end; the case page has a clock of its own. Starting Python, the browser and the maps is no
part of a case.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import bare
from playwright.async_api import Browser, BrowserContext, Page

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.maps import load as load_map
from robot.browser.session import VIEWPORT, browser_of
from robot.records.report import case_page
from robot.records.solicitud import Pago, parse_date, validate
from robot.resources import map_folder
from robot.settings import Settings, load
from robot.work import pago as payments
from robot.work.apertura import open_case
from robot.work.archivo import Archivo, archivo_of
from robot.work.worker import Outcome, Worker

if TYPE_CHECKING:
    from robot.browser.maps import Map
    from robot.records.caso import Caso
    from robot.records.solicitud import Solicitud

Answer = dict[str, Any]


class Arm(Protocol):
    """Who carries out a case: both stages in one session, logged in once."""

    def prepare(self, case: dict[str, Any]) -> None:
        """Make what an installation has before its first case; off the clock."""

    async def cobro(self, case: dict[str, Any]) -> Answer:
        """Do steps 3–22 bis; answer the `recibo` and each step's seconds."""

    async def tramite(self, case: dict[str, Any]) -> Answer:
        """Do steps 24–31; answer the `radicado` and each step's seconds."""


class Bare:
    """The bare script."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._context: BrowserContext | None = None
        self._page: Page | None = None

    def prepare(self, case: dict[str, Any]) -> None:
        """Need nothing."""

    async def cobro(self, case: dict[str, Any]) -> Answer:
        """Do steps 3–22 bis in a fresh context."""
        papers = Path(case["folder"]) / "papeles"
        papers.mkdir(parents=True)
        self._context = await self._browser.new_context(
            viewport=VIEWPORT,  # type: ignore[arg-type]  # a ViewportSize
            locale="es-CO",
            timezone_id="America/Bogota",
        )
        self._page = await self._context.new_page()
        laps = bare.Laps()
        recibo = await bare.cobro(self._page, case["url"], case, papers, laps)
        return {"recibo": recibo, "steps": laps.seconds}

    async def tramite(self, case: dict[str, Any]) -> Answer:
        """Do steps 24–31 and close the context."""
        assert self._page
        assert self._context
        laps = bare.Laps()
        radicado = await bare.tramite(self._page, case, Path(case["folder"]) / "papeles", laps)
        await self._context.close()
        return {"radicado": radicado, "steps": laps.seconds}


class Robot:
    """The robot as the commands `reconexion` and `tramite` run it, with one kind of evidence."""

    def __init__(self, browser: Browser, maps: Map, evidence: str) -> None:
        self._browser = browser
        self._maps = maps
        self._evidence = evidence
        self._worker: Worker | None = None
        self._caso: Caso | None = None
        self._solicitud: Solicitud | None = None
        self._page_seconds = 0.0
        self._archivo: Archivo | None = None
        self._open = ExitStack()

    def prepare(self, case: dict[str, Any]) -> None:
        """Make the data folder and its database."""
        self._open.close()
        # The numbers of a reset Serviweb begin again: each case has a data folder of its own.
        self._archivo = self._open.enter_context(archivo_of(self._settings(case)))

    def _settings(self, case: dict[str, Any]) -> Settings:
        return load(
            url=case["url"],
            usuario=case["user"],
            clave=case["password"],
            carpeta=Path(case["folder"]),
            evidencia=self._evidence,
            consulta_previa=False,  # the bare script looks nothing up
        )

    async def cobro(self, case: dict[str, Any]) -> Answer:
        """Open the case and do steps 3–22 bis in a fresh context."""
        assert self._archivo
        settings = self._archivo.settings
        self._solicitud = validate(case["request"])
        self._worker = Worker(settings, self._maps, self._browser, archivo=self._archivo)
        caso = open_case(self._archivo, self._maps, self._solicitud)
        outcome = await self._worker.cobro(caso, self._solicitud)
        return self._answer(outcome, "abono", "recibo", since=0)

    async def tramite(self, case: dict[str, Any]) -> Answer:
        """Record the payment, do steps 3 and 24–31 and close the context."""
        assert self._worker
        assert self._caso
        assert self._solicitud
        since = len(self._caso.entries)
        pago = Pago(recibo=case["recibo"], fecha=parse_date(case["today"]), confirmado_por="bench")
        payments.paid(self._worker.archivo, self._caso, pago)
        outcome = await self._worker.tramite(self._caso, self._solicitud)
        answer = self._answer(outcome, "tramite", "radicado", since=since)
        await self._worker.drop_session()
        return answer

    def _answer(self, outcome: Outcome, kind: str, name: str, *, since: int) -> Answer:
        if outcome.error:
            raise outcome.error
        self._caso = outcome.caso
        started = time.perf_counter()
        case_page(outcome.caso.folder)
        page_seconds = time.perf_counter() - started
        ended = [e for e in outcome.caso.entries[since:] if e["event"] == "step.finished"]
        steps = {e["number"]: e["seconds"] for e in ended}
        return {name: outcome.caso.number(kind), "steps": steps, "page_seconds": page_seconds}


async def serve(name: str) -> None:
    """Answer commands until stdin ends."""
    async with browser_of(load(url="http://127.0.0.1/")) as browser:
        maps = load_map(map_folder("mock"), REQUIRED, OPTIONAL)
        arm: Arm = Bare(browser) if name == "guion" else Robot(browser, maps, name)
        _say({"browser": browser.version})
        while line := await asyncio.to_thread(sys.stdin.readline):
            command = json.loads(line)
            do = arm.cobro if command["do"] == "cobro" else arm.tramite
            if command["do"] == "cobro":
                arm.prepare(command)
            started = time.perf_counter()
            answer = await do(command)
            seconds = time.perf_counter() - started
            _say({**answer, "seconds": seconds - answer.get("page_seconds", 0.0)})


def _say(answer: Answer) -> None:
    print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
