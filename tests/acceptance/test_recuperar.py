"""An old copy of the database put back under living folders: quarantine, `recuperar`, and no second effect."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from lote import a_file, at_step, billed, states, whole
from maria import MARIA
from waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Office

DATABASE = "serviweb.sqlite3"


def copied(office: Office, name: str) -> None:
    """Keep a copy of the database as a person who makes backups does, whatever is going on."""
    source = office.folder / "datos" / DATABASE
    with closing(sqlite3.connect(source)) as living, closing(sqlite3.connect(office.folder / name)) as copy:
        living.backup(copy)


def put_back(office: Office, name: str, folder: Path) -> None:
    """Give the installation its folders as in *folder*, and an old copy of the database."""
    data = office.folder / "datos"
    shutil.rmtree(data)
    shutil.copytree(folder, data)
    for path in data.glob(f"{DATABASE}*"):
        path.unlink()
    shutil.copy(office.folder / name, data / DATABASE)


def test_an_old_copy_at_every_point_of_a_case(office: Office) -> None:
    """Before the case existed, when opened, when sent, between factura and abono: never a second document."""
    office.run("cola", "estado")
    copied(office, "antes")
    path = a_file(office, 1)
    office.run("cola", "cargar", str(path))
    slow = [{"at": at, "fault": "slow", "seconds": 1.5} for at in ("factura.suscriptor", "factura.guardar")]
    office.control.faults(*slow, {"at": "abono.buscar", "fault": "slow", "seconds": 1.5})
    with office.start("cola", "trabajar") as process:
        until(lambda: at_step(office, "6"))
        copied(office, "abierto")
        until(lambda: office.posts("factura.guardar") == 1)
        copied(office, "enviado")
        until(lambda: at_step(office, "19"))
        copied(office, "entre")
        process.communicate(timeout=60)
    assert states(office) == {"esperando_pago": 1}
    before = office.control.ledger()
    folder = office.folder / "como_estaba"
    shutil.copytree(office.folder / "datos", folder)
    for name in ("antes", "abierto", "enviado", "entre"):
        put_back(office, name, folder)
        stopped = office.run("cola", *(("cargar", str(path)) if name == "antes" else ("trabajar",)))
        assert (stopped.code, "serviweb recuperar" in stopped.err) == (11, True), (name, stopped.err)
        said = office.run("recuperar", "--persona", "Ana", "--motivo", "se dañó el disco", "--json")
        assert (said.code, said.json["cuarentena"], said.json["problemas"]) == (0, False, []), (name, said.err)
        assert [case["estado"] for case in said.json["casos"]] == ["esperando_pago"]
        if name == "antes":
            assert office.run("cola", "cargar", str(path), "--json").json["ya_atendidas"] == 1
        assert office.run("cola", "trabajar").code == 0
        assert states(office) == {"esperando_pago": 1}, name
        assert whole(office) == []
    assert office.control.ledger() == before


def test_what_was_in_doubt_is_looked_up(office: Office) -> None:
    """Only the folder knows of a lost answer; nothing runs until a person lifts the quarantine, then one factura."""
    office.run("cola", "estado")
    copied(office, "antes")
    office.control.faults({"at": "factura.guardar", "fault": "lost_answer", "times": 1})
    assert office.run("reconexion", *MARIA).code == 6
    put_back(office, "antes", shutil.copytree(office.folder / "datos", office.folder / "como_estaba"))
    stopped = office.run("reconexion", *MARIA)
    assert (stopped.code, "serviweb recuperar" in stopped.err) == (11, True), stopped.err
    office.environment["SERVIWEB_ESPERA_CONSULTA_SEGUNDOS"] = "2"
    shown = office.run("recuperar")
    assert shown.code == 11, shown.err
    assert "La cuarentena sigue hasta que una persona la levante" in shown.out
    [factura] = office.control.ledger()["facturas"]
    assert factura["number"] in " ".join(shown.out.split())
    assert office.run("reconexion", *MARIA).code == 11
    lifted = office.run("recuperar", "--motivo", "se dañó el disco")
    assert (lifted.code, "Se levantó la cuarentena" in lifted.out) == (0, True), lifted.err
    went_on = office.run("continuar", "100234", "--json")
    assert (went_on.code, went_on.json["estado"]) == (0, "esperando_pago"), went_on.err
    assert billed(office) == {"100234": 1}
    assert len(office.control.ledger()["abonos"]) == 1
    assert whole(office) == []
