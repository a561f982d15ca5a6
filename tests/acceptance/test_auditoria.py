"""`serviweb auditoria verificar` from the outside: what is on paper betrays a chain that was cut everywhere else."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from some_cases import begun, journal, new
from test_revision import FILED, OPENED, serviweb

from robot.records.journal import FILE
from robot.records.store.audit import Head, heads
from robot.records.store.engine import open_store
from robot.work.archivo import DATABASE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a data folder with two cases that were filed today."""
    with open_store(tmp_path / DATABASE) as store:
        for number, codigo in enumerate(("100234", "100235")):
            with journal(tmp_path / "casos", store, begun(store, new(store, codigo=codigo))) as book:
                book.write("case.opened", durable=True, **OPENED | {"codigo": codigo})
                for event, data in FILED:
                    own = {k: f"{v}{number}" if k == "number" else v for k, v in data.items()}
                    book.write(event, durable=True, **own)
    return tmp_path


def cut(folder: Path, *, lines: int) -> Head:
    """Take the last lines of one case away, in its folder and in the database; return the head that it had."""
    with open_store(folder / DATABASE) as store:
        head = heads(store)[0]
    path = folder / "casos" / head.caso / FILE
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-lines]))
    with closing(sqlite3.connect(folder / DATABASE)) as database, database:
        database.execute("DROP TRIGGER diario_no_se_borra")
        database.execute("DELETE FROM diario WHERE caso = ? AND n > ?", (head.caso, head.n - lines))
    return head


def test_a_chain_cut_everywhere_is_betrayed_by_paper(folder: Path) -> None:
    """Planilla, report, workbook and a typed head each find it; without paper the two witnesses agree."""
    written = [json.loads(serviweb(folder, name, "--json").stdout) for name in ("planilla", "informe")]
    papers = (written[0]["archivo"], written[1]["pagina"], written[1]["libro"])
    options = [word for paper in papers for word in ("--impreso", paper)]
    good = serviweb(folder, "auditoria", "verificar", *options)
    assert (good.returncode, "Las 6 huellas impresas están en su diario" in good.stdout) == (0, True), good.stdout
    head = cut(folder, lines=1)
    assert serviweb(folder, "auditoria", "--json").returncode == 0
    options += ["--huella", f"{head.caso}={head.huella[:16]}"]
    said = serviweb(folder, "auditoria", "verificar", *options, "--json")
    assert said.returncode == 10, said.stdout
    told = json.loads(said.stdout)
    assert (told["faltas"], told["huellas_impresas"]) == (4, 7)
    found = [(fault["caso"], fault["donde"], fault["entrada"]) for fault in told["detalle"]]
    assert sorted(found, key=str) == sorted([(head.caso, "sello", head.n)] * 3 + [(head.caso, "sello", None)], key=str)
