"""The documented steps as data: what each says, and who carries it out."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Paso:
    """One documented step."""

    paso: str
    hace: str
    quien: str
    pantalla: str
    texto: str
    registro: str


@cache
def pasos() -> tuple[Paso, ...]:
    """Return the procedure's steps in order."""
    table = tomllib.loads((Path(__file__).parent / "pasos.toml").read_text(encoding="utf-8"))
    return tuple(Paso(**row) for row in table["pasos"])


def texts() -> dict[str, str]:
    """Return the documented text of each step by its number."""
    return {p.paso: p.texto for p in pasos()}
