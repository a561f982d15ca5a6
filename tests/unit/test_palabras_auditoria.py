"""The audit journal in words: every act that the program writes has its phrase."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from robot.panel.palabras_auditoria import ACCIONES, dato, nombre_accion, nombre_dato

ROBOT = Path(__file__).parents[2] / "robot"
NOTING = {"anotar", "note", "vio", "anotar_mirada"}


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the texts that an argument may be; of one with a hole its beginning."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body)
            yield from _texts(orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield f"{text}*"


def used() -> set[str]:
    """Return every act that is written: the first text among the arguments of a call that notes."""
    found: set[str] = set()
    for path in [*ROBOT.glob("panel/**/*.py"), *ROBOT.glob("*.py")]:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in NOTING:
                texts = [list(_texts(argument)) for argument in call.args]
                found |= set(next(filter(None, texts), []))
    return found


def test_every_act_has_its_words() -> None:
    """None is shown raw; of `decidir_…` each decision has them."""
    acts = used()
    assert len(acts) > 60
    assert {act for act in acts if act not in ACCIONES and not act.endswith("*")} == set()
    for start in (act.rstrip("*") for act in acts if act.endswith("*")):
        assert [act for act in ACCIONES if act.startswith(start)], start


def test_words_of_acts_and_details() -> None:
    """Unknown ones are readable, yes and no are words, and lists have no brackets."""
    assert nombre_accion("ver_caso") == "Vio el caso"
    assert nombre_accion("otra_cosa") == "Otra cosa"
    assert nombre_dato("nueva_ocasion") == "nueva ocasión"
    assert [dato(True), dato(["F-1", "RC-2"]), dato("igual"), dato("conforme_todo")] == [
        "sí",
        "F-1, RC-2",
        "pago ya registrado",
        "conforme todo",
    ]
