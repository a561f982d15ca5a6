"""`serviweb` from the outside: results, exit codes, words."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from maria import MARIA

from robot.settings import BOGOTA

if TYPE_CHECKING:
    from conftest import Office


def test_both_stages_by_hand(office: Office) -> None:
    """Reconexion ends with what to pay, tramite with the radicado; --json prints one object and nothing else."""
    first = office.run("reconexion", *MARIA, "--json")
    assert first.code == 0, first.err
    assert first.err == ""
    cobro = first.json
    assert cobro["estado"] == "esperando_pago"
    assert cobro["total"] == 98700
    office.pay(cobro["recibo"])
    today = f"{datetime.now(BOGOTA):%d/%m/%Y}"
    second = office.run("tramite", cobro["recibo"], "--recibo", cobro["recibo"], "--fecha", today, "--valor", "98.700")
    assert second.code == 0, second.err
    [tramite] = office.control.ledger()["tramites"]
    assert tramite["number"] in second.out
    assert "terminado" in second.out
    shown = office.run("caso", tramite["number"], "--autocontenido", "--json").json
    page = Path(shown["pagina"]).read_text(encoding="utf-8")
    assert cobro["factura"] in page
    assert "40781234" not in page
    assert all(Path(paper).read_bytes().startswith(b"%PDF") for paper in shown["papeles"])
    assert len(shown["papeles"]) == 3


def test_every_fault_of_a_request_is_said_at_once(office: Office) -> None:
    """Five bad fields, five sentences, exit 3, no case and no browser."""
    said = office.run(
        "reconexion", "12", "--ruta", "01-dic", "--documento", "CC:40a", "--nombres", "Ana 3", "--celular",
        "12", "--forma-pago", "contado", "--concepto", "X", "--medidor", "--arreglo", "acuerdo",
    )  # fmt: skip
    assert said.code == 3
    for field in ("codigo", "ruta", "documento", "nombres", "celular", "arreglo_ref"):
        assert f"{field}: " in said.err
    assert not (office.folder / "datos" / "casos").exists()


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "words"),
    [
        ([*MARIA[:2], "01-384", *MARIA[3:]], {}, 3, "ruta 01-383"),
        (MARIA, {"SERVIWEB_CLAVE": "otra"}, 3, "no dejó entrar al usuario asesor1"),
        (MARIA, {"SERVIWEB_URL": "http://127.0.0.1:9"}, 8, "Serviweb no responde"),
        (MARIA, {"SERVIWEB_MAPA": "no-hay"}, 2, "No hay un mapa de pantallas"),
        (MARIA, {"SERVIWEB_MINIMO_DISCO_MB": "999999999"}, 2, "MB libres"),
        (MARIA, {"SERVIWEB_NAVEGADOR": "/no/hay/navegador"}, 2, "navegador"),
        (MARIA, {"SERVIWEB_URL": ""}, 2, "SERVIWEB_URL"),
        (MARIA, {"SERVIWEB_ESPERA_SEGUNDO": "3"}, 2, "SERVIWEB_ESPERA_SEGUNDO: no es un ajuste conocido"),
        (MARIA[:5], {}, 64, "Falta"),
    ],
)
def test_what_goes_wrong_has_a_sentence_a_remedy_and_a_code(
    office: Office, arguments: list[str], environment: dict[str, str], code: int, words: str
) -> None:
    """Each fault ends with its documented exit code and says what happened and what to do; nothing is billed."""
    office.environment |= environment
    said = office.run("reconexion", *arguments)
    assert said.code == code, said.err
    assert words in " ".join(said.err.split())
    assert "Qué hacer" in said.err or code == 64
    assert "Traceback" not in said.err
    assert office.control.ledger()["facturas"] == []


def test_a_broken_map_names_every_fault(office: Office) -> None:
    """A map with three faults is refused whole, each with its file and key."""
    folder = office.folder / "mapa"
    folder.mkdir()
    for path in (Path(__file__).parents[2] / "selectors" / "mock").glob("*.toml"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "tramite.toml").write_text(
        '[zona]\nrole = "combobox"\nlabel = "Zona"\n[medio]\ncolor = "azul"\n', encoding="utf-8"
    )
    office.environment["SERVIWEB_MAPA"] = str(folder)
    said = office.run("diagnostico")
    assert said.code == 2
    for words in ("tramite.toml [zona]", "«color» no es una clave conocida", "falta el control [guardar]"):
        assert words in " ".join(said.out.split())


def test_a_repeated_request_is_refused(office: Office) -> None:
    """The same subscriber again: the case that exists is named, and Serviweb has one factura."""
    assert office.run("reconexion", *MARIA, "--json").code == 0
    said = office.run("reconexion", *MARIA)
    assert said.code == 3
    assert "ya tiene el caso R-" in said.err
    assert len(office.control.ledger()["facturas"]) == 1


def test_a_rehearsal_says_what_it_would_save(office: Office) -> None:
    """--ensayo lists what would be saved and what could not be rehearsed; Serviweb has nothing."""
    said = office.run("reconexion", *MARIA, "--ensayo")
    assert said.code == 0, said.err
    assert "RECONEXIÓN DEL SERVICIO" in said.out
    assert "No se pudo ensayar" in said.out
    assert office.control.ledger()["facturas"] == []
    assert office.posts("factura.guardar") == 0


def test_diagnostico_says_what_to_do(office: Office) -> None:
    """All is well with the bundled Serviweb; without an address it says which setting is missing."""
    said = office.run("diagnostico", "--json")
    assert said.code == 0, said.out
    assert {c["que"] for c in said.json["revisiones"]} >= {
        "Ajustes",
        "Navegador",
        "Mapa de pantallas",
        "Serviweb",
        "Disco",
        "Base de datos",
    }
    office.environment |= {"SERVIWEB_URL": "", "SERVIWEB_CLAVE": ""}
    said = office.run("diagnostico")
    assert said.code == 2
    assert "SERVIWEB_URL" in said.out


def test_help_answers_at_once() -> None:
    """--help takes less than 0.2 s of work (the machine may be busy) and loads neither rich nor Playwright."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "robot", "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert min(times) < 0.2, times
    heavy = "'rich', 'playwright', 'pydantic', 'tenacity'"
    code = f"import sys; import robot.cli; print([m for m in ({heavy}) if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert loaded.stdout.strip() == "[]"


def test_the_demo_shows_the_whole_job(office: Office) -> None:
    """`serviweb demo` needs no settings: three numbers, the papers, the case page, and a batch that meets trouble.

    Of the batch one row is bad, one is rejected by Serviweb, one lost answer is found again and one stays in doubt.
    """
    office.environment = {}
    with office.start("demo") as process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    for words in ("F-0", "RC-0", "2026-0", "hace de cajero", "está retirado", "diarios íntegros", "Casos en duda"):
        assert words in out + err, words
    [data] = (office.folder / "serviweb-demo").iterdir()
    [radicado] = data.rglob("papeles/solicitud-tramite-dos-copias.pdf")
    assert (radicado.parent.parent / "caso.html").exists()
    assert len(list(radicado.parent.glob("*-dos-copias.pdf"))) == 3
    with sqlite3.connect(data / "serviweb.sqlite3") as database:
        states = dict(database.execute("SELECT codigo, estado FROM casos").fetchall())
        facturas = dict(database.execute(FACTURAS).fetchall())
    assert states == {
        "100310": "terminado",
        "100713": "esperando_pago",
        "100500": "rechazado",
        "100717": "esperando_pago",
        "100718": "en_duda",
    }
    assert facturas == {"100310": 1, "100713": 1, "100717": 1, "100718": 0}
    [errors] = data.glob("*.errores.csv")
    assert "100714" in errors.read_text(encoding="utf-8-sig")


FACTURAS = "SELECT codigo, count(numero) FROM casos JOIN efectos ON caso = id AND tipo = 'factura' GROUP BY codigo"
