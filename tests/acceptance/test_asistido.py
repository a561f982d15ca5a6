"""Assisted mode as an advisor meets it: a browser with a window, a terminal, a question before each save."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from maria import MARIA
from terminal import Terminal

from robot.records.store.control import kept
from robot.records.store.engine import open_store
from robot.settings import BOGOTA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Office
    from lanzador import Started

QUESTION = "¿Guardar en Serviweb? [s/n]"
LEARNED = "2026-11-28"
OTHER = [
    "100713", "--ruta", "07-125", "--documento", "40781234", "--nombres", "María Fernanda", "--apellidos",
    "Rojas Vargas", "--celular", "3124567890", "--forma-pago", "contado", "--concepto", "RECONEXION", "--sin-medidor",
    "--arreglo", "sin-deuda",
]  # fmt: skip


@pytest.fixture
def desk(office: Office, display: str) -> Office:
    """Give an installation on a machine with a screen."""
    office.environment["DISPLAY"] = display
    return office


@pytest.fixture
def new_map(desk: Office) -> Path:
    """Let the installation use a map that was learned just now, one assisted case to go."""
    folder = desk.folder / "nuestro"
    shutil.copytree(Path(__file__).parents[2] / "selectors" / "mock", folder)
    learned(folder, LEARNED)
    desk.environment |= {"SERVIWEB_MAPA": str(folder), "SERVIWEB_CASOS_ASISTIDOS": "1"}
    return folder


def learned(folder: Path, when: str) -> None:
    """Say in a map when it was learned, and give it a name of its own."""
    lines = (folder / "mapa.toml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("aprendido", "nombre"))]
    text = "\n".join([f'aprendido = "{when}"', 'nombre = "nuestro"', *kept])
    (folder / "mapa.toml").write_text(text + "\n", encoding="utf-8")


@contextmanager
def at_a_terminal(office: Office, *arguments: str) -> Iterator[tuple[Terminal, Started]]:
    """Start a command at a terminal of its own."""
    with Terminal() as terminal, office.start(*arguments, before=terminal.before) as process:
        try:
            yield terminal, process
        finally:
            process.kill()


def answered(office: Office, *arguments: str, answers: str = "") -> tuple[int, str, str]:
    """Run a command, give one of the *answers* to each question, and return how it ended, its words and its output."""
    with at_a_terminal(office, *arguments) as (terminal, process):
        for number, answer in enumerate(answers, start=1):
            terminal.until(QUESTION, times=number)
            terminal.type(f"{answer}\n")
        out, _ = process.communicate(timeout=120)
        return process.wait(), terminal.rest(), out


def saved(office: Office) -> dict[str, int]:
    """Return how many documents Serviweb has of each kind."""
    ledger = office.control.ledger()
    return {kind: len(ledger[kind]) for kind in ("facturas", "abonos", "tramites")}


def today() -> str:
    """Return the day as a person writes it."""
    return f"{datetime.now(BOGOTA):%d/%m/%Y}"


def test_yes_to_each_question_saves_each_document_once(desk: Office) -> None:
    """Both stages: the terminal lists what will be saved, each «s» saves one document, --json stays one object."""
    code, shown, out = answered(desk, "reconexion", *MARIA, "--asistido", "--json", answers="ss")
    assert code == 0, shown
    cobro = json.loads(out)
    assert saved(desk) == {"facturas": 1, "abonos": 1, "tramites": 0}
    for words in (
        "Se va a guardar: Factura (paso 14)", "100234 MARÍA FERNANDA ROJAS VARGAS", "RECONEXIÓN DEL SERVICIO",
        "$ 38.500", "$ 98.700", f"100234 01-383 RECONEXION {cobro['caso']}", "Se va a guardar: Abono", cobro["factura"],
    ):  # fmt: skip
        assert words in shown, words
    desk.pay(cobro["recibo"])
    paid = ("--recibo", cobro["recibo"], "--fecha", today())
    code, shown, _ = answered(desk, "tramite", cobro["caso"], *paid, "--asistido", answers="s")
    assert code == 0, shown
    assert "Se va a guardar: Trámite (paso 30)" in shown
    assert "PETICIÓN" in shown
    assert saved(desk) == {"facturas": 1, "abonos": 1, "tramites": 1}


def test_no_saves_nothing(desk: Office) -> None:
    """The first «n» ends the case: exit 3, what to do, and no document."""
    code, shown, _ = answered(desk, "reconexion", *MARIA, "--asistido", answers="n")
    assert code == 3, shown
    assert "Paso 14: El asesor no aprobó guardar la factura" in shown
    assert "Qué hacer: No se guardó" in shown
    assert saved(desk) == {"facturas": 0, "abonos": 0, "tramites": 0}
    assert desk.posts("factura.guardar") == 0


def test_what_was_left_is_asked_about_by_continuar(desk: Office) -> None:
    """«s», then «n»: the factura stands, exit 7; `continuar --asistido` asks about the abono and saves it."""
    code, shown, out = answered(desk, "reconexion", *MARIA, "--asistido", "--json", answers="sn")
    assert code == 7, shown
    assert saved(desk) == {"facturas": 1, "abonos": 0, "tramites": 0}
    code, shown, _ = answered(desk, "continuar", json.loads(out)["caso"], "--asistido", answers="s")
    assert code == 0, shown
    assert saved(desk) == {"facturas": 1, "abonos": 1, "tramites": 0}


def test_neither_a_slip_nor_an_early_enter_approves(desk: Office) -> None:
    """What is typed before the question counts for nothing; another letter is asked again; Ctrl-D is a no."""
    with at_a_terminal(desk, "reconexion", *MARIA, "--asistido") as (terminal, process):
        terminal.until("Tercero por documento")
        terminal.type("s\ns\ns\n")
        terminal.until(QUESTION)
        terminal.type("x\n")
        terminal.until("Responda s (sí) o n (no).")
        assert desk.posts("factura.guardar") == 0
        terminal.until(QUESTION, times=2)
        terminal.type("\x04")
        process.communicate(timeout=60)
        assert process.wait() == 3, terminal.rest()
    assert saved(desk)["facturas"] == 0


def test_ctrl_c_at_the_question_ends_at_once(desk: Office) -> None:
    """Ctrl-C is no answer: the command ends without waiting for an Enter, and nothing was sent."""
    with at_a_terminal(desk, "reconexion", *MARIA, "--asistido") as (terminal, process):
        terminal.until(QUESTION)
        terminal.type("\x03")
        process.communicate(timeout=30)
        assert process.wait() == 130, terminal.rest()
    assert desk.posts("factura.guardar") == 0


def test_without_a_terminal_nothing_begins(desk: Office) -> None:
    """Nobody could answer: a sentence, exit 2, no case."""
    said = desk.run("reconexion", *MARIA, "--asistido")
    assert said.code == 2
    assert "no hay una terminal donde preguntar" in " ".join(said.err.split())
    assert "Qué hacer" in said.err
    assert not list((desk.folder / "datos").glob("casos/R-*"))


def test_the_browser_is_shown(desk: Office) -> None:
    """An assisted case has a window: where there is no screen it does not begin."""
    desk.environment["DISPLAY"] = ""
    code, shown, _ = answered(desk, "reconexion", *MARIA, "--asistido")
    assert code == 2, shown
    assert "hace falta una pantalla" in " ".join(shown.split())
    assert not list((desk.folder / "datos").glob("casos/R-*"))


def test_a_rehearsal_is_not_assisted(desk: Office) -> None:
    """--ensayo with --asistido is mistyped: there is nothing to approve."""
    said = desk.run("reconexion", *MARIA, "--asistido", "--ensayo")
    assert said.code == 64
    assert "Use --ensayo o --asistido" in said.err
    assert "serviweb reconexion --help" in said.err


def test_the_first_case_on_a_new_map_is_assisted(desk: Office, new_map: Path) -> None:
    """Nobody asked for it: the map is new. The queue begins once both stages are done, until the map is taught anew."""
    refused = desk.run("cola", "trabajar")
    assert refused.code == 2
    assert "El mapa nuestro es nuevo: queda 1 cobro asistido" in " ".join(refused.err.split())
    assert "serviweb reconexion" in refused.err
    assert "SERVIWEB_CASOS_ASISTIDOS=0" in refused.err
    code, shown, _ = answered(desk, "reconexion", *MARIA, answers="n")
    assert code == 3, shown
    assert desk.run("cola", "trabajar").code == 2  # a case that did not end well is none
    code, shown, out = answered(desk, "reconexion", *MARIA, "--json", answers="ss")
    assert code == 0, shown
    assert "El mapa nuestro es nuevo: queda 1 cobro asistido" in shown
    refused = desk.run("cola", "trabajar")
    assert "El mapa nuestro es nuevo: queda 1 trámite asistido" in " ".join(refused.err.split())
    assert "serviweb tramite" in refused.err
    cobro = json.loads(out)
    desk.pay(cobro["recibo"])
    paid = ("--recibo", cobro["recibo"], "--fecha", today())
    code, shown, _ = answered(desk, "tramite", cobro["caso"], *paid, answers="s")
    assert code == 0, shown
    assert "El mapa nuestro es nuevo: queda 1 trámite asistido" in shown
    worked = desk.run("cola", "trabajar")
    assert worked.code == 0, worked.err
    alone = desk.run("reconexion", *OTHER, "--json")
    assert alone.code == 0, alone.err
    assert saved(desk) == {"facturas": 2, "abonos": 2, "tramites": 1}
    learned(new_map, "2026-12-01")
    assert desk.run("cola", "trabajar").code == 2


@pytest.mark.usefixtures("new_map")
def test_a_supervisor_may_do_without(desk: Office) -> None:
    """With SERVIWEB_CASOS_ASISTIDOS=0 a new map is as any other."""
    desk.environment["SERVIWEB_CASOS_ASISTIDOS"] = "0"
    assert desk.run("cola", "trabajar").code == 0
    assert desk.run("reconexion", *MARIA, "--json").code == 0


@pytest.mark.usefixtures("new_map")
def test_a_new_map_without_a_terminal(desk: Office) -> None:
    """A script cannot do the first cases on a new map, with --json or without; a rehearsal it can."""
    said = desk.run("reconexion", *MARIA, "--json")
    assert said.code == 2
    assert "El mapa nuestro es nuevo: queda 1 cobro asistido" in said.json["error"]["motivo"]
    assert desk.run("reconexion", *MARIA, "--ensayo", "--json").code == 0
    with open_store(desk.folder / "datos" / "serviweb.sqlite3") as store:
        assert kept(store, f"mapa:nuestro:{LEARNED}:cobro") == {}
