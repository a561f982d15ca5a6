"""What is news to somebody who watches a case, and the form's own rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from robot.panel.formulario_solicitud import CAMPOS, ROTULOS, as_typed, review, told_of
from robot.panel.palabras import en_pantalla
from robot.records.caso import Caso
from robot.records.solicitud import Formats, Solicitud, validate
from robot.records.store.cases import Row
from robot.records.story import tell
from robot.work.en_vivo import may_cancel, progress, touched
from robot.work.pago import _CLOSED, _WHAT_TO_DO

ENTRIES: list[dict[str, Any]] = [
    {"event": "run.started", "run": 1, "etapa": "cobro", "t": "2026-11-28T12:00:00+00:00"},
    {"event": "step.started", "number": "3", "t": "2026-11-28T12:00:00+00:00"},
    {"event": "step.finished", "number": "3", "seconds": 0.2, "t": "2026-11-28T12:00:00+00:00"},
    {"event": "step.started", "number": "4", "t": "2026-11-28T12:00:00+00:00"},
    {"event": "picture.taken", "step": "3", "file": "x.png", "t": "2026-11-28T12:00:00+00:00"},
    {"event": "step.failed", "number": "4", "seconds": 0.2, "error": "StepFailed", "t": "2026-11-28T12:00:00+00:00"},
    {"event": "step.started", "number": "3", "t": "2026-11-28T12:00:00+00:00"},
]


def test_a_step_is_new_once_and_changed_after() -> None:
    """Wherever somebody left off: every step is new exactly once, also where a number comes twice."""
    assert touched(ENTRIES, 0) == {0: True, 1: True, 2: True}
    assert touched(ENTRIES, 2) == {0: False, 1: True, 2: True}
    assert touched(ENTRIES, 5) == {1: False, 2: True}
    assert touched(ENTRIES, len(ENTRIES)) == {}


@pytest.mark.parametrize("cut", range(len(ENTRIES) + 1))
def test_two_looks_tell_what_one_would(cut: int) -> None:
    """No step is missed or told twice as new, wherever the stream was cut."""
    first, second = touched(ENTRIES[:cut], 0), touched(ENTRIES, cut)
    new = [place for some in (first, second) for place, is_new in some.items() if is_new]
    assert sorted(new) == list(range(len(tell(ENTRIES).steps)))


def test_progress_counts_the_stages_documented_steps() -> None:
    """A failed step isn't done; each stage has its own steps."""
    assert progress(tell(ENTRIES[:3]), "cobro") == (1, 21)
    assert progress(tell(ENTRIES), "cobro")[0] == 1
    assert progress(tell(ENTRIES), "tramite") == (0, 8)


def typed(**changed: str) -> dict[str, str]:
    """Return a good request as it is typed."""
    good = {
        "codigo": "100234",
        "ruta": "01-383",
        "tipo_documento": "CC",
        "documento": "40.781.234",
        "nombres": "Ana María",
        "apellidos": "Ñáñez",
        "celular": "310 456 7890",
        "forma_pago": "credito",
        "concepto": "RECONEXION",
        "medidor": "no",
        "arreglo": "acuerdo",
        "arreglo_ref": "AP-1",
    }
    return dict.fromkeys(CAMPOS, "") | good | changed


def test_an_empty_form_names_every_field_that_is_needed() -> None:
    """With a sentence for what is written and another for what is chosen; the document's type is CC unless told."""
    found = review(dict.fromkeys(CAMPOS, ""), Formats()).errores
    assert found["codigo"] == "Falta este dato."
    assert found["medidor"] == "Elija una opción."
    assert set(found) == set(CAMPOS) - {"suscriptor", "tipo_documento", "arreglo_ref", "solicitud", "nueva_ocasion"}


def test_faults_come_in_the_order_of_the_page_with_an_example() -> None:
    """The meter stands above the concept, as on the page; a phone that is none is told what one looks like."""
    found = review(typed(concepto="", medidor="", celular="12", codigo=""), Formats()).errores
    assert list(found) == [name for name in ROTULOS if name in found] == ["codigo", "celular", "medidor", "concepto"]
    assert "3124567890" in found["celular"]


@pytest.mark.parametrize(
    ("motivo", "field"),
    [
        ("El código 100234 tiene en Serviweb la ruta 01-383 y la solicitud dice 07-112", "ruta"),
        ("El código 100234 es en Serviweb de ANA y la solicitud dice LUZ", "suscriptor"),
        ("El documento de la solicitud pertenece en Serviweb a ANA, no a LUZ", "documento"),
        ("Serviweb dice: suscriptor no existe", "codigo"),
        ("", "codigo"),
    ],
)
def test_a_refusal_leads_to_the_field_that_it_tells_of(motivo: str, field: str) -> None:
    """The first field is where nothing is known."""
    assert told_of(motivo) == field


@pytest.mark.parametrize(
    ("etapa", "kind", "left"),
    [("cobro", "", True), ("cobro", "factura", True), ("cobro", "abono", False), ("tramite", "tramite", False)],
)
def test_nothing_is_cancelled_once_the_last_document_is_saved(etapa: str, kind: str, left: bool) -> None:
    """Before it, a case that runs may be; one that was asked already may not be again."""
    saved = [{"event": "effect.confirmed", "kind": kind, "number": "1"}] if kind else []
    caso = Caso(Path("R-7K3QF2M"), saved)
    row = {"estado": "en_curso", "etapa": etapa, "cancelar_por": None}
    assert may_cancel(cast("Row", row), caso) is left
    assert not may_cancel(cast("Row", row | {"cancelar_por": "ana"}), caso)


def test_a_short_document_is_odd_and_allowed() -> None:
    """The note is there before the rest of the form is good, and gone when the document is wrong."""
    assert review(typed(documento="1234"), Formats()).avisos.keys() == {"documento"}
    assert review(typed(documento="1234", celular=""), Formats()).avisos.keys() == {"documento"}
    assert review(typed(documento="01"), Formats()).avisos == {}
    assert review(typed(concepto="x" * 201), Formats()).solicitud is None


def test_a_stored_request_is_typed_again_as_it_was() -> None:
    """What comes back from a case that was refused gives the same request, but its reference and occasion."""
    once = validate(typed(solicitud="S-1", nueva_ocasion="otra"))
    again = review(as_typed(once.model_dump(mode="json")), Formats()).solicitud
    assert isinstance(again, Solicitud)
    assert again == once.model_copy(update={"solicitud": "", "nueva_ocasion": ""})


@pytest.mark.parametrize("told", [_CLOSED, *_WHAT_TO_DO.values()])
def test_no_command_is_told_in_the_panel(told: str) -> None:
    """What the rules of payments say to do has its button, and stays a sentence."""
    shown = en_pantalla(told)
    assert "serviweb " not in shown
    assert "--" not in shown
    assert len(shown) > 30
