"""`serviweb selectores revisar` and `aceptar` from the outside, and the queue that checks its map before it begins."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lote import a_file, billed, states
from maria import MARIA
from mock_client import Control, User, started

from robot.records.store import cases
from robot.records.store.engine import open_store
from robot.resources import map_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Office

CHANGED = {
    "factura.tercero": "falta",  # it left the box Terceros
    "factura.agregar": "ambiguo",  # there are two now
    "factura.guardar": "falta",  # it is called Grabar now
    "tercero.celular": "cambiado",  # a field for numbers now
    "abono.lupa_facturas": "falta",  # a link now
    "tramite.zona": "cambiado",  # FLORENCIA has another name
    "tramite.ruta": "falta",  # not shown any more
}
"""What the update of `cambiado` changed, and how `revisar` must call it."""
WRITES = ("tercero.guardar", "factura.guardar", "abono.generar", "tramite.guardar", "caja.pagar")
PRIVATE = ("MARÍA", "ROJAS", "40781234", "clave-asesor1")


@pytest.fixture(scope="module")
def updated() -> Iterator[str]:
    """Run the Serviweb that was updated."""
    with started("--control", "--variant", "cambiado") as url:
        yield url


@pytest.fixture
def at(office: Office) -> Iterator[Callable[[str], Office]]:
    """Give an installation with a test subscriber, at one Serviweb or another."""
    controls: list[Control] = []

    def move(url: str) -> Office:
        control = Control(url)
        controls.append(control)
        control.reset()
        test = {"SERVIWEB_PRUEBA_CODIGO": "100234", "SERVIWEB_PRUEBA_DOCUMENTO": "40781234"}
        there = {**office.environment, "SERVIWEB_URL": f"{url}/", **test}
        return replace(office, control=control, url=url, environment=there)

    yield move
    for control in controls:
        control.close()


def verdicts(revision: dict[str, Any], *wanted: str) -> dict[str, str]:
    """Return the controls of these verdicts; of none, those for which no case may begin."""
    bad = wanted or ("falta", "ambiguo", "cambiado")
    return {c["control"]: c["veredicto"] for c in revision["controles"] if c["veredicto"] in bad}


def wrote(office: Office) -> dict[str, int]:
    """Return what reached the write routes of Serviweb."""
    return {route: n for route in WRITES if (n := office.posts(route))}


def copied_map(office: Office) -> Path:
    """Copy the bundled map to a place of the installation's own."""
    return Path(shutil.copytree(map_folder("mock"), office.folder / "mapa"))


def test_a_map_that_holds_is_found_whole_and_nothing_is_saved(at: Callable[[str], Office], server: str) -> None:
    """Every control has one verdict, none is a drift; the report has its pictures, and holds nobody's data."""
    office = at(server)
    with User(server, "asesor1") as user:  # so that the lists have rows to look at
        user.billed()
        user.generate()
    before = wrote(office)
    checked = office.run("selectores", "revisar", "--json")
    assert checked.code == 0, checked.out + checked.err
    revision = checked.json
    assert verdicts(revision) == {}
    assert verdicts(revision, "no alcanzado") == {}
    assert revision["guardado_bloqueado"] == "comprobado"
    assert revision["bloqueados"] == []
    assert wrote(office) == before
    assert {c["control"] for c in revision["controles"]} == {
        f"{path.stem}.{key}"
        for path in map_folder("mock").glob("*.toml")
        for key in re.findall(r"^\[(\w+)\]", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    only_after_a_save = verdicts(revision, "no comprobable sin guardar")
    assert {"factura.numero", "abono.ok", "abono.confirmacion", "tramite.imprimir"} <= only_after_a_save.keys()
    assert {"factura.guardar", "abono.generar"} <= verdicts(revision, "encontrado").keys()
    page = Path(revision["pagina"])
    html = page.read_text(encoding="utf-8")
    assert "El mapa corresponde a Serviweb" in html
    assert not [word for word in PRIVATE if word in html or word in checked.out]
    for picture in revision["imagenes"]:
        assert (page.parent / picture["archivo"]).read_bytes().startswith(b"\x89PNG")
        assert picture["archivo"] in html
    assert {picture["pantalla"] for picture in revision["imagenes"]} >= {"ingreso", "factura", "abono", "tramite"}
    assert revision["segundos"] < 60


def test_an_updated_serviweb_is_told_control_by_control_and_a_person_corrects_the_map(
    at: Callable[[str], Office], updated: str
) -> None:
    """Exactly what changed is named; what a person accepts is found then, and the map's history knows who and why."""
    office = at(updated)
    mapa = copied_map(office)
    checked = office.run("selectores", "revisar", "--mapa", "mapa", "--json")
    assert checked.code == 5, checked.err
    assert verdicts(checked.json) == CHANGED
    assert wrote(office) == {}
    behind = verdicts(checked.json, "no alcanzado")
    assert {"abono.buscador", "abono.codigo_encontrado", "factura.producto_de_linea"} <= behind.keys()
    first = {c["control"]: c["candidatos"][0]["toml"] for c in checked.json["controles"] if c["candidatos"]}
    assert first["factura.guardar"] == 'role = "button"\nname = "Grabar"'
    assert first["abono.lupa_facturas"] == 'role = "link"\nname = "Buscar abono facturas"'
    assert {path.name for path in mapa.glob("*.toml")} == {path.name for path in map_folder("mock").glob("*.toml")}
    assert (mapa / "factura.toml").read_bytes() == (map_folder("mock") / "factura.toml").read_bytes()

    yes = ("--candidato", "1", "--quien", "Ana Ruiz", "--motivo", "La vi en Serviweb", "--mapa", "mapa")
    for control in first:
        accepted = office.run("selectores", "aceptar", control, *yes)
        assert accepted.code == 0, accepted.err
    lines = [json.loads(line) for line in (mapa / "historia.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {(line["control"], line["quien"], line["motivo"]) for line in lines} == {
        (control, "Ana Ruiz", "La vi en Serviweb") for control in first
    }
    assert [line["mapa_antes"] for line in lines[1:]] == [line["mapa_despues"] for line in lines[:-1]]
    of_guardar = next(line for line in lines if line["control"] == "factura.guardar")
    assert of_guardar["antes"] == {"role": "button", "name": "Guardar"}
    assert of_guardar["despues"] == {"role": "button", "name": "Grabar"}

    again = office.run("selectores", "revisar", "--mapa", "mapa", "--json")
    assert again.code == 5
    assert verdicts(again.json) == {c: v for c, v in CHANGED.items() if c not in first}
    assert verdicts(again.json, "no alcanzado") == {}
    assert wrote(office) == {}


def test_the_queue_starts_no_case_on_screens_that_changed(at: Callable[[str], Office], updated: str) -> None:
    """Before the first case the map is checked: the queue is paused, what changed is named, Serviweb is as it was."""
    office = at(updated)
    office.environment["SERVIWEB_REVISAR_ANTES"] = "true"
    assert office.run("cola", "cargar", str(a_file(office, 2))).code == 0
    before = office.control.ledger()
    worked = office.run("cola", "trabajar")
    assert worked.code == 5, worked.err
    said = " ".join(worked.err.split())
    assert "factura.guardar (falta)" in said
    assert "serviweb selectores aceptar" in said
    assert states(office) == {"en_cola": 2}
    after = office.control.ledger()
    assert {kind: after[kind] for kind in ("terceros", "facturas", "abonos", "tramites")} == {
        kind: before[kind] for kind in ("terceros", "facturas", "abonos", "tramites")
    }
    assert wrote(office) == {}
    with open_store(office.folder / "datos" / "serviweb.sqlite3") as store:
        assert "abono.lupa_facturas (falta)" in cases.why(cases.switches(store)[cases.PAUSE])
    alone = office.run("reconexion", *MARIA)  # nor does one at the desk, where nobody would see what it saves
    assert alone.code == 5, alone.err
    assert "La cola está en pausa porque las pantallas cambiaron" in " ".join(alone.err.split())
    assert wrote(office) == {}


def test_the_queue_works_where_the_map_holds(at: Callable[[str], Office], server: str) -> None:
    """Where nothing changed the cases run; without a test subscriber what can be checked is checked."""
    office = at(server)
    office.environment |= {
        "SERVIWEB_REVISAR_ANTES": "true",
        "SERVIWEB_PRUEBA_CODIGO": "",
        "SERVIWEB_PRUEBA_DOCUMENTO": "",
    }
    assert office.run("cola", "cargar", str(a_file(office, 1))).code == 0
    worked = office.run("cola", "trabajar")
    assert worked.code == 0, worked.err
    assert states(office) == {"esperando_pago": 1}
    assert set(billed(office).values()) == {1}
    [report] = (office.folder / "datos" / "revisiones").glob("*/revision.json")
    revision = json.loads(report.read_text(encoding="utf-8"))
    assert verdicts(revision) == {}
    unknown = {c["control"]: c["detalle"] for c in revision["controles"] if c["veredicto"] == "no comprobable"}
    for control in ("factura.producto_de_linea", "abono.codigo_encontrado", "abono.nombre_encontrado"):
        assert "SERVIWEB_PRUEBA_CODIGO" in unknown[control]
    assert {"factura.guardar", "factura.producto", "abono.generar"} <= verdicts(revision, "encontrado").keys()


def test_only_a_person_writes_into_a_map_and_only_into_her_own(at: Callable[[str], Office], server: str) -> None:
    """A bundled map is not touched, nor one that nobody checked, nor without a name and a reason."""
    office = at(server)
    copied_map(office)
    yes = ("--candidato", "1", "--quien", "Ana", "--motivo", "La vi")
    bundled = office.run("selectores", "aceptar", "factura.guardar", *yes)
    assert (bundled.code, "--mapa CARPETA" in bundled.err) == (2, True), bundled.err
    unchecked = office.run("selectores", "aceptar", "factura.guardar", *yes, "--mapa", "mapa")
    assert (unchecked.code, "selectores revisar" in unchecked.err) == (3, True), unchecked.err
    nobody = office.run(
        "selectores", "aceptar", "factura.guardar", *yes[:2], "--quien", " ", "--motivo", "x", "--mapa", "mapa"
    )
    assert (nobody.code, "--quien" in nobody.err) == (3, True), nobody.err
    assert office.run("selectores", "aceptar", "factura.guardar", "--candidato", "1", "--mapa", "mapa").code == 64
