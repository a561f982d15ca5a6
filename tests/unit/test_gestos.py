"""What was touched in each step, from rrweb's events: controls by the words that a person sees."""

from __future__ import annotations

from typing import Any

from robot.recording import Recording
from robot.records.gestos import Gesto, gestos


def element(number: int, tag: str, *children: dict[str, Any], **attributes: str) -> dict[str, Any]:
    """Return an element of a snapshot."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return {"type": 2, "id": number, "tagName": tag, "attributes": named, "childNodes": list(children)}


def words(number: int, text: str) -> dict[str, Any]:
    """Return a text of a snapshot."""
    return {"type": 3, "id": number, "textContent": text}


PAGE = element(
    1,
    "body",
    element(2, "label", words(3, "Código"), for_="codigo"),
    element(4, "input", id="codigo"),
    element(5, "select", element(6, "option", words(7, "CORTE"), value="P01"), aria_label="Producto"),
    element(8, "button", element(9, "span", words(10, "Guardar"))),
    element(11, "input", type="hidden", name="borrador"),
    element(12, "label", element(13, "input", type="checkbox"), words(14, "Con medidor")),
)


def recorded(*events: tuple[int, dict[str, Any]]) -> Recording:
    """Return a recording of one page and these events, one a millisecond."""
    first = [(2, {"node": PAGE})]
    return Recording(
        [{"type": kind, "data": data, "timestamp": at} for at, (kind, data) in enumerate([*first, *events])]
    )


def step(number: str, moment: str) -> tuple[int, dict[str, Any]]:
    """Return a step's mark."""
    return 5, {"tag": "paso", "payload": {"number": number, "moment": moment}}


def typed(node: int, text: str, *, checked: bool = False) -> tuple[int, dict[str, Any]]:
    """Return an input."""
    return 3, {"source": 5, "id": node, "text": text, "isChecked": checked}


def clicked(node: int) -> tuple[int, dict[str, Any]]:
    """Return a click."""
    return 3, {"source": 2, "type": 2, "id": node}


def test_controls_have_the_names_that_a_person_sees() -> None:
    """A field its label, a list its option's words, a button its own; letter by letter is one; scripts' fields none."""
    recording = recorded(
        clicked(8),  # before any step
        step("6", "inicio"),
        typed(4, "1"),
        typed(4, "10"),
        typed(5, "P01"),
        typed(11, "x"),
        typed(13, "on", checked=True),
        step("6", "fin"),
        step("14", "inicio"),
        clicked(10),
        (5, {"tag": "dialogo", "payload": {"texto": "¿Seguro?"}}),
        step("14", "fin"),
    )
    assert gestos(recording) == {
        ("6", 1): [
            Gesto("escribe", "Código", "10"),
            Gesto("elige", "Producto", "CORTE"),
            Gesto("marca", "Con medidor", "sí"),
        ],
        ("14", 1): [Gesto("clic", "Guardar"), Gesto("aviso", "¿Seguro?")],
    }


def test_a_step_that_ran_again_has_its_own_and_the_page_may_have_changed() -> None:
    """Visits are counted apart; what a script added or renamed has its new words."""
    recording = recorded(
        step("9", "inicio"),
        clicked(8),
        step("9", "fin"),
        (3, {"source": 0, "adds": [{"parentId": 1, "node": element(20, "a", words(21, "Agregar"))}],
             "texts": [{"id": 10, "value": "Guardar y nuevo"}], "attributes": [], "removes": []}),
        step("9", "inicio"),
        clicked(21),
        clicked(9),
        step("9", "fin"),
    )  # fmt: skip
    assert gestos(recording) == {
        ("9", 1): [Gesto("clic", "Guardar")],
        ("9", 2): [Gesto("clic", "Agregar"), Gesto("clic", "Guardar y nuevo")],
    }
