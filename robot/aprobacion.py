"""Assisted mode at the terminal: what will be saved, and the advisor's yes or no (`--asistido`)."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from robot.browser.maps import Map
from robot.console import LiveSteps
from robot.errors import SettingsError
from robot.records.caso import Etapa
from robot.settings import Settings
from robot.text import in_pesos
from robot.work import asistido
from robot.work.archivo import archivo_of

_TITLES: Final = {
    "tercero": "Tercero nuevo (paso 7)",
    "factura": "Factura (paso 14)",
    "abono": "Abono: recibo de pago (paso 21)",
    "tramite": "Trámite (paso 30)",
}
_LABELS: Final = {
    "suscriptor": "Suscriptor",
    "tipo_documento": "Tipo de documento",
    "nombre": "Nombre",
    "tercero": "Tercero",
    "forma_pago": "Forma de pago",
    "factura": "Factura",
    "productos": "Productos",
    "total": "Total",
    "zona": "Zona",
    "medio": "Medio",
    "servicio": "Servicio",
    "tipo_tramite": "Tipo de trámite",
    "causal": "Causal",
    "observacion": "Observación",
}
_BESIDE: Final = frozenset({"codigo", "valores"})
"""Shown beside another one: the code with the subscriber, each value with its product."""
_QUESTION: Final = "¿Guardar en Serviweb? [s/n] "
_ANSWERS: Final = {"s": True, "si": True, "sí": True, "n": False, "no": False}


def asistida(
    settings: Settings, maps: Map, *etapas: Etapa, asked: bool, json: bool
) -> tuple[Settings, Aprobacion | None]:
    """Return the settings of a run and who approves its saves: where it was *asked* for, or the map is that new.

    *etapas* are the stages that the run may carry out. The browser of an assisted run is shown. Raises
    `SettingsError` when there is no terminal to ask at.
    """
    left, etapa = 0, etapas[0]
    if maps.learned and settings.casos_asistidos:
        with archivo_of(settings) as archivo:
            left, etapa = max((asistido.quedan(archivo.store, maps, settings, etapa), etapa) for etapa in etapas)
    if not left and not asked:
        return settings, None
    why = asistido.tell(maps, left, etapa) if left else "--asistido pregunta antes de cada guardado"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise SettingsError(
            f"{why}, y aquí no hay una terminal donde preguntar",
            remedy="Ejecútelo en una terminal, sin redirigir la entrada ni los mensajes.",
        )
    console = Console(stderr=True, highlight=False)
    if left:
        console.print(f"{why}. Se muestra el navegador y se pregunta antes de cada guardado.", soft_wrap=True)
    steps = LiveSteps(Console(stderr=True, quiet=json, highlight=False))
    return settings.model_copy(update={"visible": True}), Aprobacion(console, steps)


class Aprobacion:
    """Show what will be saved and ask. *steps* is the live view, which stands still meanwhile."""

    def __init__(self, console: Console, steps: LiveSteps) -> None:
        self.steps = steps
        self._console = console

    async def __call__(self, kind: str, saves: Mapping[str, Any]) -> bool:
        """Return the advisor's answer; a terminal that is gone says no."""
        self.steps.pause()
        self._console.print(Text(f"Se va a guardar: {_TITLES.get(kind, kind)}", style="bold"))
        self._console.print(_table(saves))
        _forget_what_was_typed()  # an Enter too many must not approve what nobody has read
        while True:
            self._console.print(_QUESTION, end="", markup=False)
            line = await _line()
            answer = _ANSWERS.get(line.strip().lower())
            if answer is not None:
                return answer
            if not line:
                self._console.print("\nNadie respondió: no se guarda.")
                return False
            self._console.print("Responda s (sí) o n (no).")


def _table(saves: Mapping[str, Any]) -> Table:
    table = Table(show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for label, value in _rows(saves):
        table.add_row(label, value)
    return table


def _rows(saves: Mapping[str, Any]) -> list[tuple[str, Text]]:
    """Return every value that will be saved, labelled, in the order of the screens."""
    rows: list[tuple[str, Text]] = []
    for key in sorted(saves.keys() - _BESIDE, key=lambda key: ([*_LABELS, key].index(key), key)):
        label, value = _LABELS.get(key, key.replace("_", " ").capitalize()), saves[key]
        if key == "productos":
            rows += _lines(value, saves.get("valores", []))
        elif key == "suscriptor":
            rows.append((label, Text(f"{saves.get('codigo', '')} {value}".strip())))
        elif key == "total":
            rows.append((label, Text(in_pesos(value), style="bold")))
        else:
            rows.append((label, Text(str(value))))
    return rows


def _lines(products: list[str], values: list[int]) -> list[tuple[str, Text]]:
    """Return one row for each product with its value, in two columns of their own."""
    wide = max(map(len, products), default=0)
    amounts = [in_pesos(value) for value in values]
    tall = max(map(len, amounts), default=0)
    pairs = zip(products, amounts, strict=True)
    rows = [Text(f"{product.ljust(wide)}  {amount.rjust(tall)}") for product, amount in pairs]
    return [("" if number else _LABELS["productos"], row) for number, row in enumerate(rows)]


def _forget_what_was_typed() -> None:
    with suppress(OSError, ImportError):
        if sys.platform == "win32":
            import msvcrt

            while msvcrt.kbhit():
                msvcrt.getwch()
        else:
            import termios

            with suppress(termios.error):
                termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


async def _line() -> str:
    """Return the next line typed; «» when the terminal is gone.

    A thread of its own, which nobody waits for: in asyncio's pool a Ctrl-C would wait for an Enter.
    """
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()

    def tell(text: str) -> None:
        if not typed.done():
            typed.set_result(text)

    def read() -> None:
        text = ""
        with suppress(OSError):
            text = os.read(sys.stdin.fileno(), 1024).decode(errors="replace")
        with suppress(RuntimeError):  # the loop is over: nobody waits any more
            loop.call_soon_threadsafe(tell, text)

    threading.Thread(target=read, name="respuesta del asesor", daemon=True).start()
    return await typed
