"""`make bench`: what the robot costs against a bare Playwright script, interleaved, on the bundled Serviweb.

A the bare script, B the robot with evidence «ninguna», C with «grabacion»: A B C A B C …, so that whatever else the
machine does meets all three alike. README.md says what is on the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from figures import ARMS, BARS, Case, Measured
from rich.console import Console
from rich.table import Table
from serviweb import ROOT, Serviweb, WrongCaseError, requests, running
from tree import Peak, Tree

TITLES = {"guion": "A guion", "ninguna": "B ninguna", "grabacion": "C grabación"}
KINDS = {
    "grabacion": "grabación",
    "imagenes": "imágenes",
    "papeles": "papeles",
    "pagina": "página del caso",
    "otros": "diario y solicitud",
}
USER = "asesor1"


class Child:
    """One arm's process, with its command line."""

    def __init__(self, arm: str, process: subprocess.Popen[str]) -> None:
        self.arm = arm
        self.tree = Tree(process.pid)
        self._process = process
        self.browser: str = self._read()["browser"]

    def do(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Send a command and return its answer."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise WrongCaseError(f"«{TITLES[self.arm]}» terminó antes de tiempo; vea el mensaje anterior")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def child(arm: str, environment: Mapping[str, str], folder: Path) -> Iterator[Child]:
    """Start an arm's process; its browser ends with it."""
    command = [sys.executable, str(Path(__file__).with_name("arm.py")), arm]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
        cwd=folder,  # where no .env is
    ) as process:
        yield Child(arm, process)
        assert process.stdin
        process.stdin.close()
        process.wait(30)


def environment() -> dict[str, str]:
    """Return the environment of all processes: the checkout's code, and no settings but which browser to take."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SERVIWEB_") or k == "SERVIWEB_NAVEGADOR"}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}


def run_case(serviweb: Serviweb, arm: Child, request: Mapping[str, Any], folder: Path, number: int) -> Case:
    """Carry out one case; the caja, Serviweb's reset and the look at its ledger are not on the clock."""
    serviweb.reset()
    short = f"{request['codigo']} {request['ruta']} {request['concepto']}"
    mark = " R-0000000"  # as long as the robot's
    case = {
        "url": serviweb.url,
        "user": USER,
        "password": f"clave-{USER}",
        "folder": str(folder),
        "request": request,
        "observacion_factura": short + mark,
        "observacion_tramite": f"{short} {request['celular']} CON MEDIDOR{mark}",
        "today": f"{datetime.now(ZoneInfo('America/Bogota')):%d/%m/%Y}",
    }
    cpu = arm.tree.cpu_seconds()
    cobro = arm.do({**case, "do": "cobro"})
    serviweb.pay(cobro["recibo"])
    tramite = arm.do({**case, "do": "tramite", "recibo": cobro["recibo"]})
    cpu = arm.tree.cpu_seconds() - cpu
    serviweb.check(request["codigo"], cobro["recibo"], tramite["radicado"])
    return Case(
        arm=arm.arm,
        round=number,
        seconds=cobro["seconds"] + tramite["seconds"],
        cobro_seconds=cobro["seconds"],
        tramite_seconds=tramite["seconds"],
        page_seconds=cobro.get("page_seconds", 0.0) + tramite.get("page_seconds", 0.0),
        cpu_seconds=cpu,
        steps={**tramite["steps"], **cobro["steps"]},
        sizes=sizes(folder),
    )


def sizes(folder: Path) -> dict[str, int]:
    """Return the bytes that a case left on disk, by kind. Raises `WrongCaseError` unless it left the three papers."""
    found = dict.fromkeys(KINDS, 0)
    papers = set()
    for file in folder.rglob("*"):
        if file.is_file():
            inside = file.relative_to(folder).parts
            if inside[0] == "casos" and not inside[1].startswith("R-"):
                continue  # the player, of which an installation has one
            kind = next((kind for kind in KINDS if kind in inside), "otros")
            found["pagina" if file.suffix in (".html", ".js") else kind] += file.stat().st_size
            if file.suffix == ".pdf" and file.read_bytes().startswith(b"%PDF"):
                papers.add(file.stem)
    if missing := {"solicitud-factura", "recibo-abono", "solicitud-tramite"} - papers:
        raise WrongCaseError(f"Faltan papeles en {folder}: {', '.join(sorted(missing))}")
    return found


def measure(
    console: Console, children: Sequence[Child], folder: Path, *, latency_ms: int, rounds: int
) -> Iterator[Measured]:
    """Yield what is measured at one latency: a warm-up, the rounds, and a last one, off the clock, for the memory."""
    result = Measured(latency_ms)
    people = requests()
    with running(environment(), latency_ms=latency_ms) as serviweb, console.status("") as status:
        for number in range(rounds + 2):
            warm_up, last = number == 0, number == rounds + 1
            name = "calentamiento" if warm_up else "memoria" if last else f"ronda {number} de {rounds}"
            for arm in children:
                status.update(f"{latency_ms} ms de demora, {name}: {TITLES[arm.arm]}")
                place = folder / f"{latency_ms}" / f"{number}" / arm.arm
                request = people[number % len(people)]
                if last:
                    with Peak(arm.tree) as peak:
                        run_case(serviweb, arm, request, place, number)
                    result.peaks[arm.arm] = {"pss": peak.pss, "rss": peak.rss}
                    continue
                case = run_case(serviweb, arm, request, place, number)
                if not warm_up:
                    result.cases.append(case)
    yield result


def number(value: float, digits: int = 2) -> str:
    """Write a number as in Colombia."""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def table(result: Measured) -> Table:
    """Return the table of one latency."""
    ratios, bars = result.ratios(), BARS.get(result.latency_ms, {})
    rows = len(result.of(ARMS[0]))
    made = Table(title=f"Un caso completo con {result.latency_ms} ms de demora por petición ({rows} rondas)")
    made.add_column("A: guion de Playwright; B y C: el robot y su evidencia")
    for arm in ARMS:
        made.add_column(TITLES[arm], justify="right")
    figures = {arm: result.figures(arm) for arm in ARMS}

    def row(title: str, *values: str) -> None:
        made.add_row(title, *values)

    def each(title: str, key: str, scale: float = 1.0, digits: int = 2) -> None:
        row(title, *(number(figures[arm][key] * scale, digits) for arm in ARMS))

    each("Segundos por caso, mediana", "median_seconds")
    each("Segundos por caso, p95", "p95_seconds")
    each("Aparte, la página del caso (ms)", "page_seconds", 1000, 0)
    each("CPU por caso, árbol de procesos (s)", "cpu_seconds")
    each("Memoria máxima, PSS (MB)", "peak_pss_bytes", 2**-20, 0)
    each("Memoria máxima, RSS (MB)", "peak_rss_bytes", 2**-20, 0)
    for kind, title in KINDS.items():
        row(f"Disco: {title} (kB)", *(number(figures[arm]["bytes"][kind] / 1000, 1) for arm in ARMS))
    made.add_section()
    for name, found in ratios.items():
        bar = bars.get(name)
        verdict = "" if bar is None else f"(meta {number(bar)}: {'cumple' if found['median'] <= bar else 'NO CUMPLE'})"
        spread = f"{number(found['lowest'])} a {number(found['highest'])}"
        row(f"{name}, mediana de las rondas {verdict}".strip(), number(found["median"], 3), spread, "")
    for name, found in result.ratios(page=True).items():
        row(f"{name} con la página del caso", number(found["median"], 3), "", "")
    return made


def machine(children: Sequence[Child]) -> dict[str, Any]:
    """Say what it was measured on."""
    return {
        "system": platform.platform(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "playwright": version("playwright"),
        "browser": children[0].browser,
    }


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    p = argparse.ArgumentParser(description="Mide el robot contra un guion de Playwright, en el Serviweb incluido.")
    p.add_argument("--rounds", type=int, default=7, metavar="N", help="rondas que cuentan, tras una de calentamiento")
    p.add_argument("--latency", type=int, action="append", metavar="MS", help="demora por petición; por omisión 0 y 50")
    p.add_argument("--json", type=Path, metavar="ARCHIVO", help="guarda todos los datos")
    return p


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and judge: 0 all bars met, 1 a bar missed, 2 a case that was not right."""
    chosen = parser().parse_args(arguments)
    console = Console(highlight=False)
    results: list[Measured] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="serviweb-bench-")))
        children = [stack.enter_context(child(arm, environment(), folder)) for arm in ARMS]
        about = machine(children)
        try:
            for latency_ms in chosen.latency or [0, 50]:
                for result in measure(console, children, folder, latency_ms=latency_ms, rounds=chosen.rounds):
                    results.append(result)
                    console.print(table(result))
        except WrongCaseError as error:
            console.print(f"[red]{error}[/red]")
            return 2
    if chosen.json:
        data = {"machine": about, "rounds": chosen.rounds, "latencies": [result.data() for result in results]}
        chosen.json.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    missed = [text for result in results for text in result.missed()]
    for text in missed:
        console.print(f"[red]Meta no cumplida[/red]: {text}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
