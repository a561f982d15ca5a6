"""A control's lines in a map change, and nothing else: comments, other controls and how it behaves stay."""

from __future__ import annotations

import tomllib

import pytest

from robot.errors import SettingsError
from robot.records.mapa_toml import changed

TEXT = """screen = "Suscriptor → Factura"        # pasos 4–15

# Guardar, beside Guardar y nuevo. Paso 14: it writes.
[guardar]
role = "button"      # seen by Ana
name = "Guardar"
text = false
writes = "**/factura/guardar"

# The lines already added.
[tabla]
role = "table"
"""


def test_only_the_lines_that_find_it_change() -> None:
    """Comments above and below, `text = false` and what it writes to stand as before."""
    now = changed(TEXT, "guardar", {"css": 'button[id="g"]', "within": "tabla"})
    before, after = tomllib.loads(TEXT), tomllib.loads(now)
    assert after["guardar"] == {
        "within": "tabla",
        "css": 'button[id="g"]',
        "text": False,
        "writes": "**/factura/guardar",
    }
    assert {**after, "guardar": 0} == {**before, "guardar": 0}
    assert "css = 'button[id=\"g\"]'" in now
    assert [line for line in TEXT.splitlines() if line.startswith("#")] == [
        line for line in now.splitlines() if line.startswith("#")
    ]


@pytest.mark.parametrize("key", ["numero", "screen"])
def test_a_control_that_is_not_there_is_not_written(key: str) -> None:
    """A map gets no control by accident."""
    with pytest.raises(SettingsError, match="no tiene el control"):
        changed(TEXT, key, {"label": "Número"})


def test_what_can_not_be_changed_alone_is_left_to_a_person() -> None:
    """A value of several lines is no line to be replaced: nothing is written by half."""
    text = TEXT.replace('name = "Guardar"', 'name = """Guardar\ny ya"""')
    with pytest.raises((SettingsError, tomllib.TOMLDecodeError)):
        changed(text, "guardar", {"label": "Grabar"})
