"""A batch of subscribers, and what must hold of it whatever happened: judged by Serviweb's ledger and both journals."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lote import FIXTURES, good_rows, today

from robot.records.caso import Caso
from robot.records.store import cases
from robot.records.store.audit import verify
from robot.records.store.engine import open_store
from robot.records.store.schema import ESTADOS, NOTHING

if TYPE_CHECKING:
    from conftest import Office

LEDGER = {"factura": "facturas", "abono": "abonos", "tramite": "tramites"}
DONE = {"esperando_pago": ("factura", "abono"), "terminado": ("factura", "abono", "tramite")}


def people(number: int, *, known: bool) -> list[dict[str, str]]:
    """Return subscribers who owe nothing older, with or without a tercero in Serviweb's directory."""

    def table(name: str) -> list[dict[str, str]]:
        with (FIXTURES / f"{name}.csv").open(encoding="utf-8-sig", newline="") as source:
            return list(csv.DictReader(source, delimiter=";"))

    directory = {row["documento"]: row for row in table("terceros")}
    owing = {row["codigo"] for row in table("facturas_pendientes")}
    found = [
        {**row, **directory.get(row["documento"], {"nombres": "ANA LUCÍA", "apellidos": "PARRA SOTO"})}
        for row in table("suscriptores")
        if row["estado"] == "cortado" and row["tipo_documento"] == "CC" and row["codigo"] not in owing
        if (row["documento"] in directory) == known
    ]
    assert len(found) >= number
    return found[:number]


def requests(office: Office, whom: list[dict[str, str]]) -> Path:
    """Write a file with one request of each."""
    model = good_rows()[0]
    path = office.folder / "lote.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, model.keys(), delimiter=";")
        writer.writeheader()
        for n, one in enumerate(whom):
            own = {"Código": one["codigo"], "Ruta": one["ruta"], "Suscriptor": "", "Documento": one["documento"]}
            own |= {"Nombres": one["nombres"], "Apellidos": one["apellidos"], "Solicitud": f"S-{n}"}
            writer.writerow({**model, **own})
    return path


class Judge:
    """What became of a batch."""

    def __init__(self, office: Office, whom: list[dict[str, str]], database: str | Path = "") -> None:
        self.office = office
        self.documents = {one["codigo"]: one["documento"] for one in whom}
        self.database = database or office.folder / "datos" / "serviweb.sqlite3"

    def rows(self) -> dict[str, Any]:
        """Return each subscriber's row of the database."""
        with open_store(self.database) as store:
            return {row["codigo"]: row for estado in ESTADOS for row in cases.find_in(store, estado)}

    def states(self) -> dict[str, int]:
        """Return how many cases are in each state."""
        with open_store(self.database) as store:
            return cases.counts(store)

    def pay_all(self) -> int:
        """Pay every case that waits for it, at the caja, and record it; return how many."""
        paid = {pago["abono"] for pago in self.office.control.ledger()["pagos"]}
        waiting = [abono for abono in self.office.control.ledger()["abonos"] if abono["number"] not in paid]
        told = {codigo for codigo, row in self.rows().items() if row["estado"] == "esperando_pago"}
        chosen = [abono for abono in waiting if abono["codigo"] in told]
        for abono in chosen:
            self.office.pay(abono["number"])
            said = self.office.run("pago", abono["codigo"], "--recibo", abono["number"], "--fecha", today())
            assert said.code == 0, said.err
        return len(chosen)

    def nobody_twice(self) -> None:
        """Serviweb has at most one document of each kind for each subscriber and one tercero for each person."""
        ledger = self.office.control.ledger()
        for name in LEDGER.values():
            count = Counter(one["codigo"] for one in ledger[name])
            assert not {codigo: n for codigo, n in count.items() if n > 1}, (name, count)
        assert max(Counter(one["documento"] for one in ledger["terceros"]).values(), default=0) <= 1

    def no_state_lies(self) -> None:
        """Each case is done, proved not sent, or in doubt; *done*, *nothing* and *in doubt* are as the ledger says."""
        ledger = self.office.control.ledger()
        has = {kind: {one["codigo"] for one in ledger[name]} for kind, name in LEDGER.items()}
        for codigo, row in self.rows().items():
            estado = row["estado"]
            assert estado in (*DONE, *NOTHING, "en_duda"), (codigo, dict(row))
            for kind in DONE.get(estado, ()):
                assert codigo in has[kind], (codigo, estado, kind)
            if estado in NOTHING:
                assert not any(codigo in codes for codes in has.values()), (codigo, estado)
            if estado == "en_duda":
                with open_store(self.database) as store:
                    caso = Caso(Path(row["id"]), cases.diary(store, row["id"]))
                [kind] = caso.open_effects()
                assert kind == "tercero" or codigo not in has[kind], f"{codigo}: {kind} is there and wasn't found"

    def journals_agree(self, *offices: Office) -> None:
        """The audit finds nothing wrong between the database and the folders."""
        with open_store(self.database) as store:
            found = [
                fault
                for one in offices or (self.office,)
                for fault in verify(
                    store, one.folder / "datos" / "casos", machine=one.environment.get("SERVIWEB_EQUIPO", "")
                )
            ]
        assert [fault for fault in found if not fault.nota] == []
