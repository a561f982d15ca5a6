"""A case as its journal tells it, after a death at any moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from robot.errors import BrokenJournal, Rejected
from robot.masking import Masker
from robot.records.caso import NOTHING_IN_SERVIWEB, Caso, load, new_mark
from robot.records.journal import FILE, Entry, Journal

Events = list[tuple[str, dict[str, Any]]]
OPENED: Events = [
    ("case.opened", {"codigo": "100234", "productos": ["CORTE"]}),
    ("case.state", {"etapa": "cobro", "estado": "en_curso"}),
    ("run.started", {"run": 1, "etapa": "cobro"}),
]


def effect(kind: str, number: str, *more: str, end: str = "confirmed") -> Events:
    """Return what an effect writes from its intent to its end, with its pictures."""
    return [
        ("picture.taken", {"kind": kind, "moment": "antes"}),
        ("effect.intent", {"kind": kind, "control": f"{kind}.guardar", "what": {"total": 98700}, "gated": True}),
        ("effect.sent", {"kind": kind, "method": "POST"}),
        ("effect.answered", {"kind": kind, "status": 200}),
        *((f"effect.{event}", {"kind": kind}) for event in more),
        (f"effect.{end}", {"kind": kind, "number": number}),
        ("effect.picture_missing", {"kind": kind, "moment": "despues", "reason": "Timeout"}),
    ]


WHOLE: Events = [
    *OPENED,
    *effect("tercero", "901"),
    *effect("factura", "F-1", "repeated"),
    ("document.printed", {"kind": "solicitud-factura"}),
    *effect("abono", "RC-1"),
    ("document.missing", {"kind": "recibo-abono"}),
    ("case.state", {"etapa": "cobro", "estado": "esperando_pago"}),
    ("payment.recorded", {"recibo": "RC-1"}),
    ("case.state", {"etapa": "tramite", "estado": "en_curso"}),
    *effect("tramite", "2026-1"),
    ("case.state", {"etapa": "tramite", "estado": "terminado"}),
]


def written(casos: Path, events: Events, mark: str = "R-AAAAAAA") -> Caso:
    """Write a case with the real journal and read it back."""
    with Journal(casos / mark, Masker()) as journal:
        for event, data in events:
            journal.write(event, **data)
    return load(casos / mark)


def truth(entries: list[Entry]) -> str:
    """Say, by a rule of its own, what a death after these entries may have left in Serviweb."""
    last = {e["kind"]: e["event"] for e in entries if e["event"] in ("effect.sent", "effect.confirmed")}
    if "effect.sent" in last.values():
        return "en_duda"
    return "incompleto" if last.keys() & {"factura", "abono", "tramite"} else "fallido"


def test_a_death_at_any_moment_is_judged_by_what_was_sent(tmp_path: Path) -> None:
    """For every prefix of a whole case: in doubt from `sent` to `confirmed`, incomplete while a document stands."""
    entries = written(tmp_path, WHOLE).entries
    for end in range(1, len(entries) + 1):
        caso = Caso(tmp_path / "R-AAAAAAA", entries[:end])
        assert caso.after_death() == truth(entries[:end]), entries[end - 1]


@pytest.mark.parametrize("last", ["answered", "unanswered", "repeated", "in_doubt", "picture_missing"])
@pytest.mark.parametrize("kind", ["tercero", "factura", "abono", "tramite"])
def test_nothing_but_an_outcome_closes_what_was_sent(tmp_path: Path, kind: str, last: str) -> None:
    """After `sent` a case is never *nothing saved*, whatever was noted next, until it is confirmed or rejected."""
    events = [*OPENED, *effect(kind, "1", last, end="in_doubt")]
    caso = written(tmp_path, events)
    assert caso.open_effects() == [kind]
    assert caso.after_death() == "en_duda"
    assert caso.after_death() not in NOTHING_IN_SERVIWEB


@pytest.mark.parametrize("end", ["not_sent", "rejected"])
def test_a_proven_no_closes_the_effect(tmp_path: Path, end: str) -> None:
    """`not_sent` and `rejected` prove that nothing was saved: the next death is no doubt."""
    caso = written(tmp_path, [*OPENED, *effect("factura", "1", end=end)])
    assert caso.open_effects() == []
    assert caso.after_death() == "fallido"
    assert caso.number("factura") is None


def test_an_effect_tried_again_is_judged_by_its_last_try(tmp_path: Path) -> None:
    """A first try that wasn't sent doesn't hide the second that was; a rejected abono leaves the factura standing."""
    again = [*OPENED, *effect("factura", "1", end="not_sent"), *effect("factura", "1", end="in_doubt")]
    assert written(tmp_path / "a", again).after_death() == "en_duda"
    rejected = [*OPENED, *effect("factura", "F-1"), *effect("abono", "1", end="rejected")]
    assert written(tmp_path / "b", rejected).after_death() == "incompleto"


def test_an_intent_without_a_gate_goes_to_a_person(tmp_path: Path) -> None:
    """Where the map says `gate = false` nothing proves what left: an open intent is a doubt; with a gate it isn't."""
    intent = {"kind": "factura", "control": "factura.guardar", "what": {}}
    ungated = written(tmp_path / "a", [*OPENED, ("effect.intent", intent | {"gated": False})])
    assert ungated.after_death() == "en_duda"
    gated = written(tmp_path / "b", [*OPENED, ("effect.intent", intent | {"gated": True})])
    assert gated.after_death() == "fallido"


def test_a_whole_case_tells_its_story(tmp_path: Path) -> None:
    """Stage, state, numbers, papers, payment and runs are those of the journal."""
    caso = written(tmp_path, WHOLE)
    assert (caso.id, caso.codigo, caso.etapa, caso.estado) == ("R-AAAAAAA", "100234", "tramite", "terminado")
    assert caso.documents() == {"factura": "F-1", "abono": "RC-1", "tramite": "2026-1"}
    assert caso.what("factura") == {"total": 98700}
    assert list(caso.papers()) == ["solicitud-factura"]
    assert caso.missing_papers() == ["recibo-abono"]
    assert caso.payment()["recibo"] == "RC-1"
    assert caso.runs() == 1
    assert caso.changed().tzinfo is not None


def test_a_paper_printed_later_is_no_longer_missing(tmp_path: Path) -> None:
    """A paper that was missing and then printed is not missing."""
    printed = ("document.printed", {"kind": "recibo-abono"})
    assert written(tmp_path, [*WHOLE, printed]).missing_papers() == []


def test_marks_are_random_crockford() -> None:
    """A mark is R- and seven letters without I, L, O and U, never a counter."""
    marks = {new_mark() for _ in range(500)}
    assert len(marks) == 500
    assert all(len(mark) == 9 and not set(mark[2:]) & set("ILOU") for mark in marks)


@pytest.mark.parametrize(
    ("events", "reached"),
    [
        (WHOLE, ("tramite", "terminado")),
        (WHOLE[: WHOLE.index(("payment.recorded", {"recibo": "RC-1"}))], ("cobro", "esperando_pago")),
        (WHOLE[: WHOLE.index(("payment.recorded", {"recibo": "RC-1"})) + 1], ("cobro", "incompleto")),
        ([*OPENED, *effect("factura", "F-1")], ("cobro", "incompleto")),
    ],
)
def test_saved_documents_say_how_far_a_case_came(tmp_path: Path, events: Events, reached: tuple[str, str]) -> None:
    """The radicado ends it, the abono without a payment makes it wait, anything less is incomplete."""
    assert written(tmp_path, events).reached() == reached


def test_a_folder_without_a_case_is_none(tmp_path: Path) -> None:
    """A folder with no opened case is refused, an altered one is broken."""
    (tmp_path / "R-AAAAAAA").mkdir()
    with pytest.raises(Rejected):
        load(tmp_path / "R-AAAAAAA")
    written(tmp_path, OPENED, "R-BBBBBBB")
    path = tmp_path / "R-BBBBBBB" / FILE
    path.write_bytes(path.read_bytes().replace(b"100234", b"100235"))
    with pytest.raises(BrokenJournal):
        load(tmp_path / "R-BBBBBBB")
