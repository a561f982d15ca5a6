"""Cases taken over from their folders by a database that is younger than they are: each story ends where it ended."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from a_request import MAP, request, settings
from some_cases import intended, saved

from robot.errors import Quarantined
from robot.masking import Masker
from robot.records.contador import Contador
from robot.records.journal import FILE, Journal, read
from robot.records.store import cases, leases, requests
from robot.records.store.audit import verify
from robot.records.store.engine import Store, open_store
from robot.records.store.ledger import Mirror
from robot.records.store.schema import NEVER
from robot.work import cuarentena, recuperacion
from robot.work.apertura import write_opening
from robot.work.archivo import Archivo
from robot.work.recuperacion import Who

WHO = Who(persona="Ana", motivo="se dañó el disco")


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Archivo]:
    """Give the installation as it was, on a SQLite of its own, which is lost afterwards."""
    with open_store(tmp_path / "perdida.sqlite3") as lost:
        yield Archivo(settings(tmp_path / "datos"), lost)


@pytest.fixture
def young(living: Archivo, store: Store) -> Archivo:
    """Give the same folders under another database, which knows nothing of them."""
    return Archivo(living.settings, store)


def begin(archivo: Archivo, codigo: str = "100234", **changed: str) -> tuple[leases.Claim, Journal]:
    """Open a case as the queue does, and return it with its journal."""
    solicitud = request(codigo=codigo, **changed)
    batch = requests.Batch(prioridad=cases.BATCH)
    (taken,) = requests.take(archivo.store, [requests.NewCase(solicitud=solicitud)], batch)
    claim = leases.claim_case(archivo.store, taken.caso, "uno")
    assert claim is not None
    counter = Contador(archivo.settings.carpeta)
    mirror = Mirror(archivo.store, claim, counter)
    journal = Journal(archivo.settings.casos / claim.case, Masker(private=(), legible=()), mirror)
    write_opening(archivo.settings, MAP, solicitud, journal)
    journal.write("case.state", durable=True, etapa="cobro", estado="en_curso")
    return claim, journal


def ended(journal: Journal, estado: str, etapa: str = "cobro") -> None:
    """End a stage."""
    journal.write("case.state", durable=True, etapa=etapa, estado=estado)
    journal.close()


def recovered(archivo: Archivo) -> dict[str, str]:
    """Recover, and return each case's state in the database; nothing is left to recover, and all agrees."""
    with pytest.raises(Quarantined):
        cuarentena.check(archivo, folders=True)
    found = recuperacion.recover(archivo, WHO)
    assert found.problems == []
    again = recuperacion.recover(archivo, WHO)
    assert (again.taken, again.problems) == ([], [])
    cuarentena.lift(archivo, "{}")
    cuarentena.check(archivo, folders=True)
    assert [fault for fault in verify(archivo.store, archivo.settings.casos) if not fault.nota] == []
    for taken in found.taken:
        entries = read(archivo.settings.casos / taken.caso)
        assert cases.diary(archivo.store, taken.caso) == entries
        [told] = [entry for entry in entries if entry["event"] == recuperacion.EVENT]
        assert (told["persona"], told["motivo"]) == ("Ana", "se dañó el disco")
        last = [entry for entry in entries if entry["event"] == "case.state"][-1]
        assert last["estado"] == cases.case(archivo.store, taken.caso)["estado"]
    return {taken.caso: str(cases.case(archivo.store, taken.caso)["estado"]) for taken in found.taken}


def test_every_ending_is_taken_over(living: Archivo, young: Archivo) -> None:
    """Waiting, finished, doubtful, interrupted and refused cases: each is what its folder says, with its numbers."""
    told: dict[str, str] = {}
    waiting, journal = begin(living, "100001")
    saved(journal, "factura", "F-1")
    saved(journal, "abono", "RC-1")
    ended(journal, "esperando_pago")
    told[waiting.case] = "esperando_pago"
    doubtful, journal = begin(living, "100002")
    intended(journal, "factura")
    journal.sent("factura")
    journal.close()
    told[doubtful.case] = "en_duda"
    half, journal = begin(living, "100003")
    saved(journal, "factura", "F-3")
    intended(journal, "abono")
    journal.close()
    told[half.case] = "incompleto"
    untouched, journal = begin(living, "100004")
    journal.close()
    refused, journal = begin(living, "100005")
    ended(journal, "rechazado")
    told |= {untouched.case: "fallido", refused.case: "rechazado"}
    assert recovered(young) == told
    store = young.store
    assert [effect["numero"] for effect in cases.effects(store, waiting.case)] == ["F-1", "RC-1"]
    assert [effect["estado"] for effect in cases.effects(store, half.case)] == ["confirmado", "no_enviado"]
    assert cases.request(store, waiting.case) == request(codigo="100001").model_dump(mode="json")
    again = requests.NewCase(solicitud=request(codigo="100001"))
    (same,) = requests.take(store, [again], requests.Batch(prioridad=cases.BATCH))
    assert (same.resultado, same.caso) == ("ya_atendido", waiting.case)


def test_a_case_that_ran_several_times(living: Archivo, young: Archivo) -> None:
    """An intent that a killed run never sent, then a second run: the key was free again, and is in the new database."""
    claim, journal = begin(living)
    intended(journal, "factura")
    journal.close()
    leases.sweep(living.store, workers=("uno",))
    again = leases.claim_case(living.store, claim.case, "dos")
    assert again is not None
    counter = Contador(living.settings.carpeta)
    with Journal(journal.folder, Masker(), Mirror(living.store, again, counter)) as journal:
        saved(journal, "factura", "F-1")
        saved(journal, "abono", "RC-1")
        journal.write("case.state", durable=True, etapa="cobro", estado="esperando_pago")
    assert recovered(young) == {claim.case: "esperando_pago"}
    states = [effect["estado"] for effect in cases.effects(young.store, claim.case)]
    assert states == ["no_enviado", "confirmado", "confirmado"]


def test_a_recorded_payment_lets_the_tramite_begin(living: Archivo, young: Archivo) -> None:
    """The release of a paid case stands in no journal: it follows from the payment, with its due time."""
    claim, journal = begin(living)
    saved(journal, "factura", "F-1")
    saved(journal, "abono", "RC-1")
    ended(journal, "esperando_pago")
    paid = {"recibo": "RC-1", "fecha": "2026-11-24", "valor": 98700, "registrado_por": "Ana"}
    with living.idle(journal.folder, Masker()) as book:
        book.write("payment.recorded", durable=True, **paid)
    assert recovered(young) == {claim.case: "en_cola"}
    row = cases.case(young.store, claim.case)
    assert (row["etapa"], row["prioridad"], row["vence"] < NEVER) == ("tramite", cases.PAID, True)


def test_a_copy_from_the_middle_of_a_case(living: Archivo, tmp_path: Path) -> None:
    """The database as it stood after each durable entry: the folder always wins, whatever state the copy was in."""
    copies: list[Path] = []

    def copy(_entry: object) -> None:
        copies.append(tmp_path / f"copia-{len(copies)}.sqlite3")
        with (
            closing(sqlite3.connect(tmp_path / "perdida.sqlite3")) as source,
            closing(sqlite3.connect(copies[-1])) as to,
        ):
            source.backup(to)

    claim, journal = begin(living)
    journal.listeners.append(copy)
    saved(journal, "factura", "F-1")
    saved(journal, "abono", "RC-1")
    ended(journal, "esperando_pago")
    pristine = tmp_path / "prueba"
    shutil.copytree(living.settings.carpeta, pristine)
    assert len(copies) == 9
    for number, path in enumerate(copies[:-1]):
        shutil.rmtree(living.settings.carpeta)
        shutil.copytree(pristine, living.settings.carpeta)
        with open_store(path) as old:
            archivo = Archivo(living.settings, old)
            behind = cuarentena.is_behind(archivo)  # *sent* of the abono is the last that was counted
            assert behind == (number < 5)
            assert (leases.claim_case(old, claim.case, "dos") is None) or not behind
            found = recuperacion.recover(archivo, WHO)
            assert (found.problems, len(found.taken)) == ([], 1)
            assert cases.case(old, claim.case)["estado"] == "esperando_pago"
            assert [fault for fault in verify(old, living.settings.casos) if not fault.nota] == []


def test_one_case_in_anothers_way(living: Archivo, young: Archivo) -> None:
    """A subscriber's finished case and a later one in doubt, taken over in whatever order their names stand."""
    states: dict[str, str] = {}
    for number in range(3):
        claim, journal = begin(living, nueva_ocasion="otra vez" if number else "")
        saved(journal, "factura", f"F-{number}")
        saved(journal, "abono", f"RC-{number}")
        journal.write("case.state", durable=True, etapa="cobro", estado="esperando_pago")
        states[claim.case] = "esperando_pago"
        journal.close()
    claim, journal = begin(living, nueva_ocasion="la última")
    intended(journal, "factura")
    journal.sent("factura")
    journal.close()
    states[claim.case] = "en_duda"
    assert recovered(young) == states


def test_an_erased_request_and_one_that_is_not_the_case_s(living: Archivo, young: Archivo) -> None:
    """Without its request (Ley 1581 de 2012), or with another one in its file, the case is taken over without it."""
    marks = []
    for codigo in ("100001", "100002"):
        claim, journal = begin(living, codigo)
        saved(journal, "factura", f"F-{codigo}")
        saved(journal, "abono", f"RC-{codigo}")
        ended(journal, "esperando_pago")
        marks.append(claim.case)
    private = living.settings.privado
    (private / f"{marks[0]}.json").unlink()
    other = private / f"{marks[1]}.json"
    other.write_text(other.read_text(encoding="utf-8").replace("100002", "100009"), encoding="utf-8")
    assert set(recovered(young)) == set(marks)
    assert [cases.request(young.store, mark) for mark in marks] == [None, None]


def test_an_altered_journal_keeps_the_quarantine_until_a_person_sets_it_apart(living: Archivo, young: Archivo) -> None:
    """It is named; set apart, it holds its subscriber, and put right, it is taken over like any other."""
    claim, journal = begin(living)
    saved(journal, "factura", "F-1")
    saved(journal, "abono", "RC-1")
    ended(journal, "esperando_pago")
    path = living.settings.casos / claim.case / FILE
    good = path.read_bytes()
    path.write_bytes(good.replace(b'"F-1"', b'"F-2"'))
    with pytest.raises(Quarantined):
        cuarentena.check(young, folders=True)
    found = recuperacion.recover(young, WHO)
    assert found.taken == []
    [problem] = found.problems
    assert (problem.caso, "alterado en la línea" in problem.mensaje) == (claim.case, True)
    recuperacion.set_apart(young, found.problems)
    cuarentena.lift(young, "{}")
    cuarentena.check(young)
    assert cases.case(young.store, claim.case)["estado"] == "incompleto"
    (again,) = requests.take(
        young.store, [requests.NewCase(solicitud=request())], requests.Batch(prioridad=cases.BATCH)
    )
    assert again.resultado != "nuevo"
    path.write_bytes(good)
    cuarentena.put(young, "prueba")
    assert recuperacion.recover(young, WHO).problems == []
    assert cases.case(young.store, claim.case)["estado"] == "esperando_pago"


def test_a_request_without_any_witness_is_named(living: Archivo, young: Archivo) -> None:
    """Folder and database both gone, the counter file left: somebody must look into Serviweb."""
    claim, journal = begin(living)
    saved(journal, "factura", "F-1")
    journal.close()
    shutil.rmtree(journal.folder)
    with pytest.raises(Quarantined):
        cuarentena.check(young)
    found = recuperacion.recover(young, WHO)
    assert [problem.caso for problem in found.problems] == [claim.case]
    recuperacion.set_apart(young, found.problems)
    cuarentena.lift(young, "{}")
    cuarentena.check(young, folders=True)


def test_a_lost_request_of_a_known_case_is_in_doubt(living: Archivo, tmp_path: Path) -> None:
    """Database and folder from before a factura was sent, the counter from after: set apart, it isn't sent again."""
    claim, journal = begin(living)
    intended(journal, "factura")
    before = (journal.folder / FILE).read_bytes()
    copy = tmp_path / "copia.sqlite3"
    with closing(sqlite3.connect(tmp_path / "perdida.sqlite3")) as source, closing(sqlite3.connect(copy)) as to:
        source.backup(to)
    journal.sent("factura")
    journal.close()
    (journal.folder / FILE).write_bytes(before)
    with open_store(copy) as old:
        archivo = Archivo(living.settings, old)
        with pytest.raises(Quarantined):
            cuarentena.check(archivo)
        found = recuperacion.recover(archivo, WHO)
        assert [problem.caso for problem in found.problems] == [claim.case]
        recuperacion.set_apart(archivo, found.problems)
        cuarentena.lift(archivo, "{}")
        cuarentena.check(archivo, folders=True)
        assert cases.case(old, claim.case)["estado"] == "en_duda"
        assert [(one["id"], one["tipo"]) for one in cases.doubts(old)] == [(claim.case, "factura")]
        assert leases.claim_case(old, claim.case, "dos") is None
        assert [fault for fault in verify(old, living.settings.casos) if not fault.nota] == []


def test_a_number_that_another_case_has_is_a_problem(living: Archivo, young: Archivo) -> None:
    """The restored database gave F-1 to another case: nothing of the folder's goes in, and the reason is told."""
    claim, journal = begin(living)
    saved(journal, "factura", "F-1")
    saved(journal, "abono", "RC-1")
    ended(journal, "esperando_pago")
    folder = young.settings.casos
    there = Archivo(young.settings.model_copy(update={"carpeta": folder.parent.parent / "otra"}), young.store)
    _, other = begin(there, "100500")
    saved(other, "factura", "F-1")
    other.close()
    found = recuperacion.recover(young, WHO)
    assert [(problem.caso, "ya es de otro caso" in problem.mensaje) for problem in found.problems] == [
        (claim.case, True)
    ]
    assert cases.find(young.store, claim.case) == []
