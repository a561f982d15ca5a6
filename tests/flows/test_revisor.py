"""The queue and its map: one check before the first case, and another when a case misses a control."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from robot.errors import SelectorDrift, SiteDown
from robot.records.store import cases, requests
from robot.work.cola import Cola
from robot.work.navegador import Navegador
from robot.work.senales import Stop
from robot.work.tablero import Tablero

if TYPE_CHECKING:
    from desk import Desk
    from playwright.async_api import Browser

    from robot.browser.maps import Map
    from robot.work.archivo import Archivo

HOLDS: dict[str, Any] = {"hay_cambios": False, "controles": [], "avisos": []}
DRIFTED: dict[str, Any] = {
    "hay_cambios": True,
    "controles": [
        {"control": "factura.titulo", "veredicto": "falta"},
        {"control": "factura.guardar", "veredicto": "x"},
    ],
    "avisos": [],
}


@dataclass
class Checks:
    """What each check of the map finds, in order; an error is raised. The last one is found again and again."""

    finds: list[dict[str, Any] | Exception]
    made: list[str] = field(default_factory=list)

    async def __call__(self, archivo: Archivo, browser: Browser) -> tuple[Path, Mapping[str, Any]]:
        """Find what comes next."""
        assert browser.is_connected()
        self.made.append(archivo.settings.usuario)
        found = self.finds.pop(0) if len(self.finds) > 1 else self.finds[0]
        await asyncio.sleep(0)
        if isinstance(found, Exception):
            raise found
        return Path("revision.html"), found


def queued(desk: Desk, *codes: str) -> None:
    """Put a case for each of these subscribers into the queue."""
    lot = requests.open_lot(desk.store, "lote.csv", "0" * 64, "prueba")
    batch = requests.Batch(lote=lot, asesor="prueba", dias_duplicado=25, todo_o_nada=False)
    rows = [requests.NewCase(solicitud=desk.request(code), fila=n) for n, code in enumerate(codes, start=1)]
    requests.take(desk.store, rows, batch)


def work(desk: Desk, checks: Checks, maps: Map | None = None) -> None:
    """Work the queue with one worker to its end."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Browser]:
        yield desk.browser

    async def run() -> None:
        async with Navegador(opened) as navegador:
            tablero = Tablero(ahora=lambda: datetime.now(UTC))
            cola = Cola(desk.settings, maps or desk.maps, navegador, desk.store, Stop(), tablero, revisa=checks)
            await asyncio.wait_for(cola.work(["asesor1"]), 60)

    desk.do(run())


def without(maps: Map, screen: str, key: str) -> Map:
    """Return a map that names a control as no page does."""
    controls = {**maps.screens[screen], key: replace(maps.screens[screen][key], name="Nada se llama así")}
    return replace(maps, screens={**maps.screens, screen: controls})


def why_paused(desk: Desk) -> str:
    """Return why the queue is paused."""
    return cases.why(cases.switches(desk.store)[cases.PAUSE])


def test_the_map_is_checked_once_before_the_first_case(desk: Desk) -> None:
    """Where it holds all cases run after one check; an empty queue is not worth one."""
    checks = Checks([HOLDS])
    work(desk, checks)
    assert checks.made == []
    queued(desk, "100234", "100600")
    work(desk, checks)
    assert checks.made == ["asesor1"]
    assert cases.counts(desk.store) == {"esperando_pago": 2}


def test_no_case_begins_on_a_map_that_drifted(desk: Desk) -> None:
    """The queue is paused for all machines, with the control named and what to do; the batch ends with it."""
    queued(desk, "100234", "100600")
    with pytest.raises(SelectorDrift, match=r"factura\.titulo \(falta\)") as drift:
        work(desk, Checks([DRIFTED]))
    assert "selectores aceptar" in drift.value.advice
    assert "factura.guardar" not in drift.value.reason
    assert cases.counts(desk.store) == {"en_cola": 2}
    assert desk.posts("ingreso.entrar") == 0
    assert "factura.titulo (falta)" in why_paused(desk)


def test_a_case_that_misses_a_control_stops_the_batch_if_the_check_confirms_it(desk: Desk) -> None:
    """The first drift ends its case, not the next ones': the check comes between, in a session of its own."""
    queued(desk, "100234", "100600")
    checks = Checks([HOLDS, DRIFTED])
    with pytest.raises(SelectorDrift):
        work(desk, checks, without(desk.maps, "factura", "opcion_factura"))
    assert checks.made == ["asesor1", "asesor1"]
    assert cases.counts(desk.store) == {"en_cola": 1, "fallido": 1}
    assert desk.posts("factura.guardar") == 0
    assert "factura.titulo (falta)" in why_paused(desk)


def test_a_drift_that_is_not_confirmed_stops_its_case_alone(desk: Desk) -> None:
    """Only the second case in a row that misses the same control pauses the queue then (issue 3)."""
    queued(desk, "100234")
    checks = Checks([HOLDS])
    work(desk, checks, without(desk.maps, "factura", "opcion_factura"))
    assert len(checks.made) == 2
    assert cases.counts(desk.store) == {"fallido": 1}
    assert cases.PAUSE not in cases.switches(desk.store)


def test_a_serviweb_that_is_down_is_no_drift(desk: Desk) -> None:
    """The check is made again once Serviweb answers; no case begins before."""
    desk.set(espera_cola_segundos=0.05, circuito_pausa_segundos=0.1)
    queued(desk, "100234")
    checks = Checks([SiteDown("Serviweb no responde"), HOLDS])
    work(desk, checks)
    assert len(checks.made) == 2
    assert cases.counts(desk.store) == {"esperando_pago": 1}
