"""Heads are read from what was printed, as printed; what is no paper of ours is refused with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from a_line import line

from robot.errors import Rejected
from robot.records.impresos import heads_in, typed
from robot.records.resultados import escribir_csv
from robot.records.store.audit import Head


def test_each_line_s_head_is_found(tmp_path: Path) -> None:
    """A sheet of results gives case, number and the hash's beginning; a case that hasn't begun has none."""
    begun = [line(n, cabeza=f"{n:x}" * 64, entradas=40 + n) for n in (1, 2)]
    path = escribir_csv([*begun, line(3, cabeza="")], tmp_path / "L.csv")
    assert heads_in(path) == [Head(caso=one.caso, n=one.entradas, huella=one.cabeza[:16]) for one in begun]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("lista.docx", "R-7K3QF2M · 41 · a1b2c3d4e5f60718", "no es un PDF"),
        ("no_hay.pdf", None, "no existe"),
        ("vacia.csv", "Caso;Estado", "no trae huellas"),
        ("corta.html", "<b>R-7K3QF2M</b> · 41 · a1b2c3d4e5f", "no trae huellas"),
        ("rota.pdf", "nada", "está dañado"),
        ("rota.xlsx", "nada", "está dañado"),
    ],
)
def test_what_is_no_paper_of_ours(tmp_path: Path, name: str, text: str | None, told: str) -> None:
    """A strange, missing, damaged or headless file is refused."""
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Rejected, match=told):
        heads_in(tmp_path / name)


def test_a_head_that_a_person_copies() -> None:
    """As printed, or as case and hash; half a hash proves nothing."""
    whole = Head(caso="R-7K3QF2M", n=41, huella="a1b2c3d4e5f60718")
    assert typed("R-7K3QF2M · 41 · a1b2c3d4e5f60718") == whole
    assert typed(" R-7K3QF2M=A1B2C3D4E5F60718") == Head(caso=whole.caso, n=0, huella=whole.huella)
    for wrong in ("R-7K3QF2M=a1b2c3", "R-7K3QF2M", "a1b2c3d4e5f60718", "R-7K3QF2M=zzzzzzzzzzzzzzzz"):
        with pytest.raises(Rejected, match="huella"):
            typed(wrong)
