"""Every fault of Serviweb at every document, met by the queue; a soak with faults at random; and what would go wrong.

The same batch is worked by a robot, by a script that tries again, and by a robot whose gate is open: only the first
bills nobody twice, so these tests can fail.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bare
import pytest
from a_request import settings
from apart import run_apart
from juicio import Judge, people, requests
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import expect

from robot.browser.session import browser_of

if TYPE_CHECKING:
    from conftest import Office

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
SELECTORS = Path(__file__).parents[2] / "selectors"
ROUTE = {
    "tercero": "tercero.guardar",
    "factura": "factura.guardar",
    "abono": "abono.generar",
    "tramite": "tramite.guardar",
}
LIST = {"factura": "consulta.facturas", "abono": "consulta.recibos", "tramite": "consulta.tramites"}
# What each fault leaves in Serviweb; the waits of the robot are shorter than all of them.
SAVES: dict[str, dict[str, Any]] = {
    "lost_answer": {},
    "error_500_after_commit": {},
    "late_commit": {"seconds": 6},
    "stale_list": {"seconds": 4},
}
# A slow request is still waiting when its user logs in again for the look-up: that ends the session it came with.
SAVES_NOT: dict[str, dict[str, Any]] = {"closed_before_commit": {}, "expired_session": {}, "slow": {"seconds": 4}}


@pytest.fixture
def short(office: Office) -> Office:
    """Give an installation that waits shorter than the faults last, and looks again soon."""
    office.environment |= {
        "SERVIWEB_EVIDENCIA": "ninguna",
        "SERVIWEB_ESPERA_CONFIRMACION_SEGUNDOS": "1.5",
        "SERVIWEB_CONSULTA_INTERVALOS": "1|4|600",
        "SERVIWEB_ESPERA_COLA_SEGUNDOS": "0.2",
        "SERVIWEB_REINTENTO_SEGUNDOS": "0.1",
        "SERVIWEB_REINTENTO_MAXIMO_SEGUNDOS": "0.2",
        "SERVIWEB_TOMAS": "50",
        "SERVIWEB_CIRCUITO_FALLOS": "50",
    }
    return office


def fault(name: str, kind: str, of: str) -> list[dict[str, Any]]:
    """Return the faults that make one at the document of that subscriber, or of that person for a tercero."""
    if name == "stale_list":  # the answer is lost, and the list doesn't show the document at first
        lost = {"at": ROUTE[kind], "fault": "lost_answer", "of": of}
        if kind == "tercero":
            return [lost]  # no list shows a tercero
        return [lost, {"at": LIST[kind], "fault": "stale_list", "of": of, "times": 2, **SAVES[name]}]
    return [{"at": ROUTE[kind], "fault": name, "of": of, **(SAVES | SAVES_NOT)[name]}]


def drained(office: Office, *options: str) -> None:
    """Let the queue do all that it can, and look again for what Serviweb saved late."""
    for _ in range(2):
        time.sleep(4)  # until the look-up after next is due
        said = office.run("cola", "trabajar", *options)
        assert said.code == 0, said.err


def test_every_fault_at_every_document(short: Office) -> None:
    """Saved and unanswered is found and goes on; not saved stays in doubt; the ledger has nobody twice."""
    strangers, known = (
        people(len(SAVES) + len(SAVES_NOT), known=False),
        people(len(SAVES) + len(SAVES_NOT) * len(LIST), known=True),
    )
    whom = [*strangers, *known]
    judge = Judge(short, whom)
    faults: list[dict[str, Any]] = []
    for name, one in zip((*SAVES, *SAVES_NOT), strangers, strict=True):
        faults += fault(name, "tercero", one["documento"])
    left = iter(known)
    for name in SAVES:  # found each time, so one subscriber meets it at each document
        one = next(left)["codigo"]
        for kind in LIST:
            faults += fault(name, kind, one)
    absent: list[tuple[str, str]] = []
    for name in SAVES_NOT:
        for kind in LIST:
            absent.append((next(left)["codigo"], kind))
            faults += fault(name, kind, absent[-1][0])
    short.control.faults(*faults)
    assert short.run("cola", "cargar", str(requests(short, whom))).code == 0
    said = short.run("cola", "trabajar")
    assert said.code == 0, said.err
    drained(short)
    assert judge.pay_all() > 0
    drained(short)
    left_over = [one for one in short.control.left() if one["fault"] != "stale_list"]
    assert left_over == [], "some fault was never met"
    judge.nobody_twice()
    judge.no_state_lies()
    judge.journals_agree()
    ledger = short.control.ledger()
    rows = judge.rows()
    for codigo, kind in absent:
        assert (rows[codigo]["estado"], rows[codigo]["motivo"] != "") == ("en_duda", True), (codigo, kind)
        names = {"factura": "facturas", "abono": "abonos", "tramite": "tramites"}
        assert codigo not in {one["codigo"] for one in ledger[names[kind]]}
    assert judge.states() == {"terminado": len(SAVES), "en_duda": len(strangers) + len(absent)}
    sent = Counter({route: short.posts(route) for route in ROUTE.values()})
    assert sent[ROUTE["tercero"]] == len(strangers)
    assert sent[ROUTE["factura"]] == len(known)


class Naive:
    """Another way to do it: the documented clicks, and once more when they fail."""

    def __init__(self, office: Office, one: dict[str, str]) -> None:
        self.office = office
        self.case = {
            "user": "asesor1",
            "password": "clave-asesor1",
            "request": {"codigo": one["codigo"], "documento": one["documento"]},
            "observacion_factura": "reconexión",
        }

    async def work(self) -> None:
        """Try twice, each time in a context of its own."""
        expect.set_options(timeout=2000)
        async with browser_of(settings(self.office.folder, url=self.office.url)) as browser:
            for _ in range(2):
                context = await browser.new_context()
                try:
                    await bare.cobro(
                        await context.new_page(), self.office.url, self.case, self.office.folder, bare.Laps()
                    )
                except (PlaywrightError, AssertionError):
                    continue
                finally:
                    await context.close()
                return


def test_control_a_naive_retry_bills_twice(short: Office) -> None:
    """An error after the commit, and the script that tries again: two facturas of one subscriber."""
    [one] = people(1, known=True)
    short.control.faults({"at": ROUTE["factura"], "fault": "error_500_after_commit", "of": one["codigo"]})
    run_apart(Naive(short, one).work())
    assert [factura["codigo"] for factura in short.control.ledger()["facturas"]] == [one["codigo"]] * 2


def test_control_a_click_without_the_gate_bills_twice(short: Office) -> None:
    """The same robot with the gate open: the browser itself repeats a request whose answer was lost."""
    [one] = people(1, known=True)
    folder = short.folder / "mapa"
    shutil.copytree(SELECTORS / "mock", folder)
    path = folder / "factura.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^(\[guardar\]\n)", r"\1gate = false\n", text, flags=re.MULTILINE), encoding="utf-8")
    short.environment["SERVIWEB_MAPA"] = str(folder)
    short.control.faults({"at": ROUTE["factura"], "fault": "lost_answer", "of": one["codigo"]})
    assert short.run("cola", "cargar", str(requests(short, [one]))).code == 0
    short.run("cola", "trabajar")
    assert short.posts(ROUTE["factura"]) == 2
    assert [factura["codigo"] for factura in short.control.ledger()["facturas"]] == [one["codigo"]] * 2


# A soak.

_OFTEN = 0.05
_ANYWHERE = ("slow", "error_500", "lost_answer", "closed_before_commit", "expired_session")
_WRITES = (*_ANYWHERE, "error_500_after_commit", "late_commit")


def at_random(chance: random.Random, whom: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return a fault at one in twenty of the places that each subscriber comes by."""
    places = dict.fromkeys(ROUTE.values(), _WRITES)
    places |= {
        f"{screen}.{what}": _ANYWHERE for screen in ("factura", "tramite") for what in ("suscriptor", "imprimir")
    }
    places |= {f"abono.{what}": _ANYWHERE for what in ("buscar", "pendientes", "imprimir")}
    places |= dict.fromkeys(LIST.values(), _ANYWHERE)
    return [
        {
            "at": at,
            "fault": chance.choice(names),
            "of": one["documento" if at == ROUTE["tercero"] else "codigo"],
            "seconds": 3,
        }
        for one in whom
        for at, names in places.items()
        if chance.random() < _OFTEN
    ]


def soak(office: Office, number: int, seed: int) -> None:
    """Work a batch through both stages while one in twenty things goes wrong, with two workers."""
    office.environment |= {"SERVIWEB_USUARIOS": "asesor1|asesor2", "SERVIWEB_CLAVES": "clave-asesor1|clave-asesor2"}
    whom = [*people(number // 3, known=False), *people(number - number // 3, known=True)]
    judge = Judge(office, whom)
    faults = at_random(random.Random(seed), whom)
    assert len(faults) >= number / 4
    office.control.faults(*faults)
    assert office.run("cola", "cargar", str(requests(office, whom))).code == 0
    for _ in range(2):
        drained(office, "--trabajadores", "2")
        judge.pay_all()
    drained(office, "--trabajadores", "2")
    for row in judge.rows().values():
        if row["estado"] == "incompleto":  # what a person finishes
            office.run("continuar", row["id"])
    judge.nobody_twice()
    judge.no_state_lies()
    judge.journals_agree()
    assert judge.states()["terminado"] >= number * 0.7


def test_a_soak(short: Office) -> None:
    """A small one."""
    soak(short, 18, seed=1)


@pytest.mark.full
def test_a_long_soak(short: Office) -> None:
    """Three hundred cases: as many batches of the subscribers that the fixtures have."""
    for seed in range(2, 7):
        soak(short, 60, seed=seed)
        short.control.reset()
        shutil.rmtree(short.folder / "datos")
