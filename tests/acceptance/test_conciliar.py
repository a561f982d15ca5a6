"""`serviweb conciliar` on the bundled Serviweb: what a person did the same day, and what was changed there."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lote import a_file
from mock_client import User

if TYPE_CHECKING:
    from conftest import Office


def saved(office: Office) -> dict[str, Any]:
    """Return Serviweb's ledger without the logins."""
    ledger = office.control.ledger()
    ledger["posts"].pop("ingreso.entrar", None)
    return ledger


def test_a_day_beside_serviweb_s_lists(office: Office) -> None:
    """Equal; then a person's factura, a voided one and another amount are found; an unread list proves nothing."""
    office.environment["SERVIWEB_EVIDENCIA"] = "ninguna"
    office.run("cola", "cargar", str(a_file(office, 2)))
    assert office.run("cola", "trabajar").code == 0
    equal = office.run("conciliar")
    assert (equal.code, "2 suscriptores, 4 documentos. Serviweb y el robot dicen lo mismo" in equal.out) == (0, True)
    facturas, abonos = (
        {document["codigo"]: document["number"] for document in office.control.ledger()[kind]}
        for kind in ("facturas", "abonos")
    )
    with User(office.url, "asesor2") as advisor:
        by_hand = advisor.billed("100701")
    office.control.change(facturas["100702"], void=True)
    office.control.change(abonos["100702"], amount=1)
    before = saved(office)
    said = office.run("conciliar", "--json")
    assert said.code == 12, said.err
    found = {one["numero"]: (one["clase"], one["codigo"]) for one in said.json["diferencias"]}
    assert found == {
        by_hand: ("solo_serviweb", "100701"),
        facturas["100702"]: ("distinto", "100702"),
        abonos["100702"]: ("distinto", "100702"),
    }
    with Path(said.json["csv"]).open(encoding="utf-8-sig", newline="") as file:
        assert {row["Número"] for row in csv.DictReader(file, delimiter=";")} == set(found)
    assert Path(said.json["libro"]).is_file()
    office.control.faults({"at": "consulta.recibos", "fault": "error_500", "times": 2, "of": "100702"})
    half = office.run("conciliar", "--json")
    assert (half.code, set(half.json["sin_leer"])) == (12, {"100702"}), half.err
    assert {one["numero"] for one in half.json["diferencias"]} == {by_hand}
    assert saved(office) == before


def test_a_map_without_the_lists_and_a_day_without_cases(office: Office) -> None:
    """Without cases Serviweb isn't asked; without the lists there is nothing to compare with, and that is said."""
    assert office.run("conciliar").out.strip().endswith("no hay qué conciliar.")
    maps = office.folder / "mapa"
    maps.mkdir()
    for path in (Path(__file__).parents[2] / "selectors" / "mock").glob("*.toml"):
        if path.name != "consulta.toml":
            (maps / path.name).write_bytes(path.read_bytes())
    office.environment["SERVIWEB_MAPA"] = str(maps)
    refused = office.run("conciliar")
    assert (refused.code, "no tiene las consultas" in refused.err) == (3, True), refused.err
