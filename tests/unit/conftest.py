"""An environment without the settings of the machine that runs the tests."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# The disk of a busy machine decides how long an example takes; it proves nothing.
hypothesis.settings.register_profile("unit", deadline=None)
hypothesis.settings.load_profile("unit")


@pytest.fixture(autouse=True)
def no_settings_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drop SERVIWEB_ variables, and work in a folder without a `.env`."""
    for name in os.environ:
        if name.upper().startswith("SERVIWEB_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
