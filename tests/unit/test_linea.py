"""A case as one line: numbers, clocks, reason, and which lines belong to a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from a_line import AHORA, HOY, line, open_line

from robot.masking import Masker
from robot.records.caso import NOMBRE_ESTADO, Caso, load
from robot.records.journal import Journal
from robot.records.linea import DE_UNA_PERSONA, ESTADOS, TONOS, del_dia, linea_de, por_vencer, radicadas
from robot.records.store.schema import ESTADOS as STORED

Events = list[tuple[str, dict[str, Any]]]


def saved(kind: str, number: str) -> Events:
    """Return an effect from its intent to its confirmation."""
    return [
        ("effect.intent", {"kind": kind, "what": {"total": 98700}, "gated": True}),
        ("effect.sent", {"kind": kind}),
        ("effect.confirmed", {"kind": kind, "number": number}),
    ]


COBRO: Events = [
    ("case.opened", {"codigo": "100234", "ruta": "01-383", "suscriptor": "ROSALBA CUÉLLAR", "pedido_por": "lperez"}),
    ("case.state", {"etapa": "cobro", "estado": "en_curso"}),
    ("run.started", {"run": 1, "etapa": "cobro"}),
    *saved("factura", "F-1"),
    *saved("abono", "RC-1"),
    ("run.finished", {"run": 1, "seconds": 3.5, "outcome": "bien"}),
    ("case.state", {"etapa": "cobro", "estado": "esperando_pago"}),
]
PAID: Events = [*COBRO, ("payment.recorded", {"recibo": "RC-1"})]
WHOLE: Events = [
    *PAID,
    ("run.started", {"run": 2, "etapa": "tramite"}),
    *saved("tramite", "2026-77"),
    ("run.finished", {"run": 2, "seconds": 2.0, "outcome": "bien"}),
    ("case.state", {"etapa": "tramite", "estado": "terminado"}),
]


def written(casos: Path, events: Events) -> Caso:
    """Write a case with the real journal and read it back."""
    with Journal(casos / "R-AAAAAAA", Masker()) as journal:
        for event, data in events:
            journal.write(event, **data)
    return load(casos / "R-AAAAAAA")


def test_a_whole_case_gives_a_whole_line(tmp_path: Path) -> None:
    """Numbers, names, times and the journal's head stand in the line; nothing runs against the clock any more."""
    caso = written(tmp_path, WHOLE)
    found = linea_de(caso, fila=7)
    assert (found.caso, found.fila, found.codigo, found.ruta) == ("R-AAAAAAA", 7, "100234", "01-383")
    assert (found.suscriptor, found.asesor) == ("ROSALBA CUÉLLAR", "lperez")
    assert (found.factura, found.recibo, found.radicado, found.total) == ("F-1", "RC-1", "2026-77", 98700)
    assert (found.estado, found.etapa, found.segundos) == ("terminado", "tramite", 5.5)
    assert (found.cabeza, found.carpeta) == (caso.entries[-1]["hash"], caso.folder)
    filed = next(e for e in caso.entries if e["event"] == "effect.confirmed" and e["kind"] == "tramite")
    assert found.radicado_en == datetime.fromisoformat(filed["t"])
    assert found.responder is not None
    assert found.vence is None
    assert not found.abierto


def test_the_clock_starts_with_the_payment(tmp_path: Path) -> None:
    """A case that waits for its payment has no clock; a paid one has the hours that the office set."""
    assert linea_de(written(tmp_path / "a", COBRO)).vence is None
    paid = linea_de(written(tmp_path / "b", PAID), horas=10)
    assert paid.pagado is not None
    assert paid.vence == paid.pagado + timedelta(hours=10)
    assert paid.vencida(paid.vence + timedelta(seconds=1))
    assert not paid.vencida(paid.vence)


def test_a_failure_tells_its_reason_without_documents(tmp_path: Path) -> None:
    """Reason and advice are the recorded ones; a document or an e-mail that Serviweb quoted is masked."""
    said = "Serviweb dijo: la cédula 40.781.234 de ana@correo.co no existe"
    state = {"etapa": "cobro", "estado": "rechazado", "reason": said, "que_hacer": "Corrija."}
    caso = written(tmp_path, [*COBRO[:2], ("case.state", {"etapa": "cobro", "estado": "rechazado"})])
    caso.entries[-1].update(state)
    found = linea_de(caso)
    assert found.motivo.startswith("Serviweb dijo: la cédula ")
    assert "781" not in found.motivo
    assert "ana@" not in found.motivo
    assert found.que_hacer == "Corrija."


def test_a_reason_of_before_is_not_told_of_a_finished_case(tmp_path: Path) -> None:
    """A case that failed and was then finished has no reason any more."""
    failed = ("case.state", {"etapa": "tramite", "estado": "incompleto", "reason": "se cayó"})
    caso = written(tmp_path, [*PAID, failed, *WHOLE[len(PAID) :]])
    assert linea_de(caso).motivo == ""


def test_a_voided_document_is_not_in_the_line(tmp_path: Path) -> None:
    """A factura whose annulment was recorded isn't shown, and its total isn't counted."""
    gone = ("effect.annulled", {"kind": "factura", "number": "F-1"})
    found = linea_de(written(tmp_path, [*COBRO, gone]))
    assert (found.factura, found.total, found.recibo) == ("", None, "RC-1")


def test_every_state_has_a_name_and_a_colour() -> None:
    """The states of folder and database all have a word and a tone here."""
    assert set(ESTADOS) == set(TONOS) == set(NOMBRE_ESTADO) | set(STORED)
    assert list(ESTADOS)[: len(DE_UNA_PERSONA)] == [state for state in ESTADOS if state in DE_UNA_PERSONA]


def test_a_day_has_what_moved_and_today_what_is_open() -> None:
    """Yesterday's closed cases aren't today's; yesterday's open ones are, but only today."""
    before = {"creado": AHORA - timedelta(days=1), "cambiado": AHORA - timedelta(days=1)}
    still = open_line(1, pagado=None, **before)
    done = line(2, pagado=None, radicado_en=None, **before)
    paid_today = line(3, **before)
    lines = [still, done, paid_today, line(4)]
    assert [x.caso for x in del_dia(lines, HOY, AHORA)] == [still.caso, paid_today.caso, line(4).caso]
    assert [x.caso for x in del_dia(lines, HOY - timedelta(days=1), AHORA)] == [still.caso, done.caso, paid_today.caso]
    assert del_dia(lines, HOY - timedelta(days=2), AHORA) == []


def test_a_day_ends_at_midnight_of_colombia() -> None:
    """What was filed at 11:50 p. m. is of that day and not of the next."""
    late = line(1, radicado_en=AHORA.replace(hour=23, minute=50))
    assert radicadas([late], HOY) == [late]
    assert radicadas([late], HOY + timedelta(days=1)) == []


def test_radicados_stand_in_the_order_of_filing() -> None:
    """The planilla follows the hours; what has no radicado isn't in it."""
    lines = [line(3), open_line(4), line(1), line(2)]
    assert [found.caso for found in radicadas(lines, HOY)] == [line(n).caso for n in (1, 2, 3)]


def test_the_overdue_come_first() -> None:
    """By due time, then those that need a person, then the rest."""
    late = open_line(1, vence=AHORA - timedelta(hours=3))
    soon = open_line(2, vence=AHORA + timedelta(hours=1))
    doubt = open_line(3, estado="en_duda")
    waiting = open_line(4, estado="esperando_pago")
    done = line(5)
    assert por_vencer([done, waiting, doubt, soon, late]) == [late, soon, doubt, waiting, done]
