"""The supervisor's commands from the outside: `serviweb informe` and `serviweb planilla` over the cases of a day."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lanzador import start
from pypdf import PdfReader
from some_cases import begun, journal, new

from robot.records.journal import FILE
from robot.records.store.audit import heads
from robot.records.store.engine import open_store
from robot.settings import BOGOTA
from robot.work.archivo import DATABASE

TODAY = datetime.now(BOGOTA)


OPENED = {"codigo": "100234", "ruta": "01-383", "suscriptor": "ROSALBA CUÉLLAR", "pedido_por": "lperez"}
FILED: list[tuple[str, dict[str, Any]]] = [
    *(
        entry
        for kind, number in (("factura", "F-1"), ("abono", "RC-1"), ("tramite", "2026-77"))
        for entry in (
            ("effect.intent", {"kind": kind, "what": {"total": 98700}, "gated": True}),
            ("effect.confirmed", {"kind": kind, "number": number}),
        )
    ),
    ("case.state", {"etapa": "tramite", "estado": "terminado"}),
]
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("case.state", {"etapa": "cobro", "estado": "rechazado", "reason": "El código no existe"})
]


@dataclass
class Day:
    """A data folder, and its cases by what became of them."""

    folder: Path
    filed: str
    refused: str
    altered: str
    queued: str


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """Return a case that was filed today, one refused, one whose folder was altered, and one in the queue."""
    with open_store(tmp_path / DATABASE) as store:

        def a_case(codigo: str, events: list[tuple[str, dict[str, Any]]]) -> str:
            mark = new(store, codigo=codigo)
            with journal(tmp_path / "casos", store, begun(store, mark)) as book:
                book.write("case.opened", durable=True, **OPENED | {"codigo": codigo})
                for event, data in events:
                    book.write(event, durable=True, **data)
            return mark

        given = {
            "filed": a_case("100234", FILED),
            "refused": a_case("100235", REFUSED),
            "altered": a_case("100236", REFUSED),
            "queued": new(store, codigo="100237", ruta="01-384"),
        }
    altered = tmp_path / "casos" / given["altered"] / FILE
    altered.write_text(altered.read_text("utf-8").replace("100236", "100299"), "utf-8")
    return Day(tmp_path, **given)


def serviweb(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a data folder."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SERVIWEB_")}
    env |= {"SERVIWEB_CARPETA": str(folder), "COLUMNS": "200"}
    with start(words, folder=Path(__file__).parents[2], environment=env) as process:
        out, err = process.communicate(60)
        return subprocess.CompletedProcess(words, process.wait(), out, err)


def test_the_report_is_written_and_told(day: Day) -> None:
    """`informe --json` counts the day's cases as the database has them, names the altered folder, and leads on."""
    done = serviweb(day.folder, "informe", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["casos"], told["vencidos"], told["alterados"]) == (4, 0, [day.altered])
    assert told["por_estado"] == {"Rechazado": 2, "En cola": 1, "Terminado": 1}
    html = Path(told["pagina"]).read_text("utf-8")
    assert f"El diario en la carpeta de {day.altered} no es el de la base de datos" in html
    for mark in (day.filed, day.refused):
        assert f'href="../../casos/{mark}/caso.html"' in html
        assert (day.folder / "casos" / mark / "caso.html").is_file()
    assert day.queued in html
    assert "Código 100237" in html
    assert "100299" not in html
    with open_store(day.folder / DATABASE) as store:
        for head in heads(store):
            assert head.huella[:12] in html
    assert Path(told["libro"]).is_file()


def test_the_report_speaks_spanish(day: Day) -> None:
    """Without `--json` a person reads how many, in which states, and where; the altered folder is a warning."""
    done = serviweb(day.folder, "informe", "--dia", f"{TODAY:%d/%m/%Y}")
    assert done.returncode == 0
    assert f"{TODAY:%d/%m/%Y}: 4 casos (rechazado 2, en cola 1, terminado 1); vencidos: 0" in done.stdout
    assert "informe.html" in done.stdout
    assert f"el diario en la carpeta de {day.altered} no es el de la base de datos" in done.stderr


def test_the_planilla_is_written(day: Day) -> None:
    """`planilla` makes the PDF with the radicado of the day, and `--json` tells its chain head."""
    told = json.loads(serviweb(day.folder, "planilla", "--json").stdout)
    assert told["radicados"] == ["2026-77"]
    text = PdfReader(told["archivo"]).pages[0].extract_text()
    assert "2026-77" in text
    assert told["huella"] in text
    with open_store(day.folder / DATABASE) as store:
        [head] = [head for head in heads(store) if head.caso == day.filed]
    assert f"{day.filed} · {head.n} · {head.huella[:16]}" in text
    assert "1 radicado" in serviweb(day.folder, "planilla").stdout


def test_a_day_without_radicados_has_a_planilla_too(day: Day) -> None:
    """Of yesterday there is none, and the paper says so."""
    yesterday = f"{TODAY - timedelta(days=1):%d/%m/%Y}"
    done = serviweb(day.folder, "planilla", "--dia", yesterday)
    assert (done.returncode, f"{yesterday}: ningún radicado" in done.stdout) == (0, True)


@pytest.mark.parametrize("when", ["31/02/2026", "ayer", f"{TODAY + timedelta(days=2):%d/%m/%Y}"])
def test_a_wrong_day_is_refused(tmp_path: Path, when: str) -> None:
    """What is no date, or lies ahead, ends with exit code 3 and the remedy."""
    done = serviweb(tmp_path, "informe", "--dia", when)
    assert done.returncode == 3
    assert when in done.stderr
    assert "Qué hacer:" in done.stderr
    assert not (tmp_path / "informes").exists()
