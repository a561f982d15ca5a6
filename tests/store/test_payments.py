"""Payments on both databases: whose a receipt is, what is recorded once, what is raised, and the caja's list."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from a_request import request, settings
from some_cases import begun, journal, new, one, saved

from robot.errors import Fenced, Rejected
from robot.records.journal import read
from robot.records.solicitud import Pago
from robot.records.store import cases, payments
from robot.records.store.audit import verify
from robot.records.store.engine import Store, stamp
from robot.settings import BOGOTA
from robot.work.archivo import Archivo
from robot.work.caja import load_payments
from robot.work.pago import attend, register

TITLES = ("Fecha y hora", "No. de recibo", "Valor pagado", "Caso", "Cód. suscriptor", "Motivo", "Cajero")


@pytest.fixture
def archivo(store: Store, tmp_path: Path) -> Archivo:
    """Give the two witnesses of an installation without cases."""
    office = settings(tmp_path / "datos")
    office.casos.mkdir(parents=True)
    return Archivo(office, store)


def waiting(archivo: Archivo, recibo: str = "RC-0000001", *, estado: str = "esperando_pago", **changed: Any) -> str:
    """Take a request's case through its abono, to the wait for its payment or to another state."""
    store = archivo.store
    case = new(store, **changed)
    with journal(archivo.settings.casos, store, begun(store, case)) as book:
        book.write("case.opened", durable=True, caso=case, codigo=request(**changed).codigo, ruta="01-383")
        saved(book, "factura", f"F-{recibo}")
        saved(book, "abono", recibo)
        book.write("case.state", durable=True, etapa="cobro", estado=estado)
    return case


def today() -> Any:
    """Return the day in Colombia."""
    return datetime.now(BOGOTA).date()


def paid(recibo: str = "RC-0000001", **changed: Any) -> Pago:
    """Return a payment of today."""
    return Pago(**{"recibo": recibo, "fecha": today(), "valor": 98700, "confirmado_por": "asesor1"} | changed)


def events(archivo: Archivo, case: str) -> list[str]:
    """Return the payment's events of a case's folder."""
    return [e["event"] for e in read(archivo.settings.casos / case) if e["event"].startswith("payment.")]


def whole(archivo: Archivo) -> None:
    """Assert that both witnesses agree."""
    assert [fault for fault in verify(archivo.store, archivo.settings.casos) if not fault.nota] == []


def a_list(folder: Path, *rows: dict[str, str], titles: tuple[str, ...] = TITLES, name: str = "caja.csv") -> Path:
    """Write the caja's list as an office makes it: letterhead, own titles, day with hour, a sum below."""
    keys = ("fecha", "recibo", "valor", "caso", "codigo", "motivo", "cajero")
    with (folder / name).open("w", encoding="cp1252", newline="") as file:
        out = csv.writer(file, delimiter=";", lineterminator="\r\n")
        out.writerows([["Recaudos de la caja 2"], [], titles])
        good = {"fecha": f"{today():%d/%m/%Y} 10:35", "valor": "$ 98.700", "cajero": "cajero1"}
        out.writerows([(good | row).get(key, "") for key in keys] for row in rows)
        out.writerow(["", "", "$ 1.234.567"])
    return folder / name


def test_a_payment_is_recorded_once_and_its_case_goes_first(archivo: Archivo) -> None:
    """Both witnesses have it, the trámite waits in the queue by its due time; told again it is the same one."""
    case = waiting(archivo)
    done = register(archivo, case, paid("rc-0000001"))
    assert (done.verdict.kind, done.vence is None) == ("nuevo", False)
    row = cases.case(archivo.store, case)
    assert (row["estado"], row["etapa"], row["prioridad"]) == ("en_cola", "tramite", cases.PAID)
    again = register(archivo, case, paid())
    assert (again.verdict.kind, again.vence) == ("igual", None)
    assert events(archivo, case) == ["payment.recorded"]
    assert one(archivo.store, "SELECT recibo FROM pagos") == "RC-0000001"
    whole(archivo)


def test_a_crash_before_the_release_is_healed_by_the_same_command(archivo: Archivo) -> None:
    """Recorded but not in the queue: the same payment again lets the trámite begin and records nothing."""
    case = waiting(archivo)
    due = register(archivo, case, paid(), release=False).vence
    row = cases.case(archivo.store, case)
    assert (row["estado"], row["vence"]) == ("esperando_pago", stamp(due))
    later = datetime.now(BOGOTA) + timedelta(hours=3)
    again = register(archivo, case, paid(), now=later).vence
    assert abs(again - due) < timedelta(minutes=1)  # the clock runs since it was recorded
    assert cases.case(archivo.store, case)["estado"] == "en_cola"
    assert events(archivo, case) == ["payment.recorded"]


def test_a_receipt_pays_one_case(archivo: Archivo) -> None:
    """The receipt that paid a case, or that is another's abono, pays no second one, motive or not."""
    first = waiting(archivo)
    second = waiting(archivo, "RC-0000002", codigo="100235")
    register(archivo, first, paid(recibo="RC-77", otro_recibo="reimpreso"))
    for taken in ("RC-0000001", "rc-77"):
        with pytest.raises(Rejected, match=f"del caso {first}"):
            register(archivo, second, paid(taken, otro_recibo="motivo"))
    assert events(archivo, second) == []


def test_a_refuted_payment_is_corrected(archivo: Archivo) -> None:
    """Serviweb didn't show it: the right one takes its place in the table, and the journal keeps both."""
    store = archivo.store
    case = waiting(archivo)
    register(archivo, case, paid(), release=False)
    with archivo.idle(archivo.settings.casos / case, _nothing()) as book:
        told = "Serviweb muestra el recibo RC-0000001 como «Sin pagar»"
        book.write("payment.checked", durable=True, recibo="RC-0000001", pagado=False, reason=told)
    [unread] = payments.unconfirmed(store)
    assert (unread["caso"], unread["confirmado_motivo"]) == (case, told)
    done = register(archivo, case, paid("RC-88", otro_recibo="pagó con el de la otra caja"))
    assert done.verdict.kind == "corregido"
    assert (one(store, "SELECT recibo FROM pagos"), payments.unconfirmed(store)) == ("RC-88", [])
    assert cases.case(store, case)["estado"] == "en_cola"
    assert events(archivo, case) == ["payment.recorded", "payment.checked", "payment.recorded"]
    whole(archivo)


def _nothing() -> Any:
    from robot.masking import Masker

    return Masker()


@pytest.mark.parametrize("estado", ["incompleto", "terminado"])
def test_a_payment_that_no_case_waits_for_stands_until_somebody_attends(archivo: Archivo, estado: str) -> None:
    """It is in both witnesses and on the list; attended to, with who and why, it leaves the list only."""
    store = archivo.store
    case = waiting(archivo, estado=estado)
    assert register(archivo, case, paid()).verdict.kind == "inesperado"
    assert register(archivo, case, paid()).verdict.kind == "igual"
    [odd] = payments.unattended(store)
    assert (odd["caso"], odd["recibo"], odd["estado"]) == (case, "RC-0000001", estado)
    assert cases.case(store, case)["estado"] == estado
    with pytest.raises(Rejected, match="motivo"):
        attend(archivo, case, recibo="", persona="Ana", motivo=" ")
    assert attend(archivo, case, recibo="rc-0000001", persona="Ana", motivo="se devolvió el dinero") == ["RC-0000001"]
    assert payments.unattended(store) == []
    assert one(store, "SELECT atendido_por FROM pagos_inesperados") == "Ana"
    with pytest.raises(Rejected, match="no tiene pagos por atender"):
        attend(archivo, case, recibo="", persona="Ana", motivo="otra vez")
    assert events(archivo, case) == ["payment.unexpected", "payment.attended"]
    whole(archivo)


def test_an_early_payment_is_attended_to_by_its_right_record(archivo: Archivo) -> None:
    """Paid while the case was incomplete; recorded again once it waits, nobody has to attend to it any more."""
    case = waiting(archivo, estado="incompleto")
    register(archivo, case, paid())
    cases.change(archivo.store, case, "esperando_pago")
    assert register(archivo, case, paid()).verdict.kind == "nuevo"
    assert payments.unattended(archivo.store) == []
    assert events(archivo, case) == ["payment.unexpected", "payment.recorded", "payment.attended"]
    whole(archivo)


def test_a_case_that_never_ran_gets_its_journal_with_the_payment(archivo: Archivo) -> None:
    """Cancelled in the queue it has no folder: the payment opens one, and the state stays."""
    case = new(archivo.store)
    cases.request_cancel(archivo.store, case, "ana")
    assert register(archivo, case, paid("RC-5")).verdict.kind == "inesperado"
    assert [e["event"] for e in read(archivo.settings.casos / case)] == [
        "case.opened",
        "case.state",
        "payment.unexpected",
    ]
    row = cases.case(archivo.store, case)
    assert (row["estado"], row["motivo"]) == ("cancelado", "lo canceló ana")
    whole(archivo)


def test_nothing_is_written_into_a_case_that_is_worked(archivo: Archivo) -> None:
    """Whoever works it has it: the payment waits until then."""
    case = waiting(archivo)
    register(archivo, case, paid())
    begun(archivo.store, case)
    with pytest.raises(Fenced):
        register(archivo, case, paid("RC-9"))
    assert payments.unattended(archivo.store) == []


def test_a_voided_receipt_still_finds_its_case(archivo: Archivo) -> None:
    """Its annulment was recorded and somebody paid it all the same: it is that case's, and raised."""
    case = waiting(archivo)
    with archivo.idle(archivo.settings.casos / case, _nothing()) as book:
        for kind, number in (("abono", "RC-0000001"), ("factura", "F-RC-0000001")):
            book.write("effect.annulled", durable=True, kind=kind, number=number, persona="ana", motivo="error")
        book.write("case.state", durable=True, etapa="cobro", estado="cancelado")
    assert payments.cases_of(archivo.store, ["rc-0000001"]) == {"RC-0000001": case}
    assert register(archivo, case, paid()).verdict.kind == "inesperado"


def test_the_caja_s_list(archivo: Archivo, tmp_path: Path) -> None:
    """Ours are recorded, others' counted, a known one is told apart from one that differs; the sum is passed over."""
    ours = [waiting(archivo, f"RC-000000{n}", codigo=str(100234 + n)) for n in range(1, 6)]
    closed = waiting(archivo, "RC-0000009", codigo="100999", estado="terminado")
    register(archivo, ours[0], paid())
    register(archivo, ours[1], paid("RC-0000002"))
    path = a_list(
        tmp_path,
        {"recibo": "RC-0000001"},
        {"recibo": "RC-0000002", "valor": "98.701"},
        {"recibo": "rc-0000003", "codigo": "100237"},
        {"recibo": "RC-0000004", "codigo": "999999"},
        {"recibo": "RC-777", "codigo": "100239", "motivo": "se reimprimió"},
        {"recibo": "RC-0000009"},
        {"recibo": "ACUEDUCTO-5555", "valor": "-3"},
        {"recibo": "ACUEDUCTO-5556", "fecha": "ayer"},
    )
    loaded = load_payments(archivo, path, by="cajero1")
    counts = (loaded.leidas, loaded.registrados, loaded.ya_registrados, loaded.de_otros, loaded.inesperados)
    assert counts == (9, 2, 1, 2, 1)
    assert loaded.con_error == 2
    assert [(row, problem.column) for row, problem in loaded.problems] == [(5, "Valor pagado"), (7, "Cód. suscriptor")]
    assert [row for row, _, _ in loaded.raised] == [9]
    assert closed in loaded.raised[0][2]
    assert loaded.notes == [
        "No se usan estas columnas: «Cajero».",
        "Filas sin recibo ni fecha, que no se usan (totales): 1.",
    ]
    states = [cases.case(archivo.store, case)["estado"] for case in ours]
    assert states == ["en_cola", "en_cola", "en_cola", "esperando_pago", "en_cola"]
    assert one(archivo.store, "SELECT otro_recibo FROM pagos WHERE recibo = 'RC-777'") == "se reimprimió"
    assert one(archivo.store, "SELECT registrado_por FROM pagos WHERE recibo = 'RC-777'") == "cajero1"
    written = loaded.errors.read_text("utf-8-sig").splitlines()
    assert written[0] == "fila;error;Fecha y hora;No. de recibo;Valor pagado;Caso;Cód. suscriptor;Motivo;Cajero"
    assert len(written) == 3
    again = load_payments(archivo, path, by="cajero1")
    assert (again.registrados, again.ya_registrados, again.inesperados, again.con_error) == (0, 4, 0, 2)
    whole(archivo)


def test_all_or_nothing_records_nothing_beside_an_error(archivo: Archivo, tmp_path: Path) -> None:
    """One bad row of ours, or one receipt with two values, and no payment is recorded; others' rows don't count."""
    case = waiting(archivo)
    for second in ({"recibo": "RC-0000001", "valor": "5"}, {"recibo": "RC-0000001", "caso": "R-0000000"}):
        path = a_list(tmp_path, {"recibo": "RC-0000001"}, second, {"recibo": "OTRO-1", "valor": "x"})
        with pytest.raises(Rejected, match="1 fila tiene errores"):
            load_payments(archivo, path, by="cajero1", all_or_nothing=True)
    assert events(archivo, case) == []
    path = a_list(tmp_path, {"recibo": "RC-0000001"}, {"recibo": "OTRO-1", "valor": "x"})
    assert load_payments(archivo, path, by="cajero1", all_or_nothing=True).registrados == 1


def test_a_workbook_s_dates_and_numbers(archivo: Archivo, tmp_path: Path) -> None:
    """In a workbook a date is a date and a value a number; a hidden row of ours is refused, nobody saw it."""
    from openpyxl import Workbook

    case, hidden = waiting(archivo), waiting(archivo, "RC-0000002", codigo="100235")
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Recibo", "Fecha", "Valor"])
    for recibo in ("RC-0000001", "RC-0000002", "AJENO-1"):
        sheet.append([recibo, datetime.now(BOGOTA).replace(tzinfo=None), 98700])
    sheet.row_dimensions[3].hidden = sheet.row_dimensions[4].hidden = True
    book.save(tmp_path / "caja.xlsx")
    loaded = load_payments(archivo, tmp_path / "caja.xlsx", by="cajero1")
    assert (loaded.registrados, loaded.de_otros, loaded.con_error) == (1, 1, 1)
    assert "oculta" in loaded.problems[0][1].message
    assert [cases.case(archivo.store, mark)["estado"] for mark in (case, hidden)] == ["en_cola", "esperando_pago"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"recibo": "1,23E+09"}, "recibo"),
        ({"recibo": ""}, "recibo"),
        ({"recibo": "RC-0000001", "fecha": "31/02/2026"}, "fecha"),
        ({"recibo": "RC-0000001", "fecha": f"{today() + timedelta(days=2):%d/%m/%Y}"}, "fecha"),
        ({"recibo": "RC-0000001", "valor": "98,700.00"}, "valor"),
        ({"recibo": "RC-0000001", "valor": ""}, "valor"),
        ({"recibo": "RC-1", "caso": "R-0000000"}, "caso"),
        ({"recibo": "RC-1", "codigo": "100299", "motivo": "reimpreso"}, "codigo"),
    ],
)
def test_what_can_t_be_a_payment_is_told_by_its_column(
    archivo: Archivo, tmp_path: Path, row: dict[str, str], told: str
) -> None:
    """A damaged receipt, an impossible day, a value in another country's form, a case that isn't there."""
    waiting(archivo)
    columns = {"recibo": "No. de recibo", "fecha": "Fecha y hora", "valor": "Valor pagado", "caso": "Caso"}
    loaded = load_payments(archivo, a_list(tmp_path, row), by="cajero1")
    assert [problem.column for _, problem in loaded.problems] == [{**columns, "codigo": "Cód. suscriptor"}[told]]
    assert loaded.registrados == 0


def test_a_row_of_a_case_that_is_worked_is_loaded_later(archivo: Archivo, tmp_path: Path) -> None:
    """It goes to the errors file, which can be loaded again."""
    case = waiting(archivo)
    with archivo.idle(archivo.settings.casos / case, _nothing()):
        loaded = load_payments(archivo, a_list(tmp_path, {"recibo": "RC-0000001"}), by="cajero1")
    assert "otro proceso" in loaded.problems[0][1].message
    later = load_payments(archivo, loaded.errors, by="cajero1")
    assert (later.registrados, later.errors) == (1, None)


def test_the_facts_say_what_the_rules_ask(archivo: Archivo) -> None:
    """Abono, total and when it was generated, the payment, and whether a trámite was refused since."""
    case = waiting(archivo)
    facts = payments.facts(archivo.store, case)
    assert facts is not None
    assert (facts.recibo, facts.total, facts.pago, facts.inesperados) == ("RC-0000001", 98700, None, frozenset())
    assert facts.generado is not None
    assert facts.generado.astimezone(BOGOTA).date() == today()
    register(archivo, case, paid(), release=False)
    with journal(archivo.settings.casos, archivo.store, begun(archivo.store, case)) as book:
        book.write("effect.intent", durable=True, kind="tramite", what={}, gated=True)
        book.sent("tramite", method="POST", url="http://serviweb/guardar")
        book.write("effect.rejected", durable=True, kind="tramite", reason="no está pagado")
        book.write("case.state", durable=True, etapa="tramite", estado="esperando_pago")
    now = payments.facts(archivo.store, case)
    assert now is not None
    assert now.pago is not None
    assert now.pago == replace(now.pago, refutado=True)
    assert payments.facts(archivo.store, "R-0000000") is None
