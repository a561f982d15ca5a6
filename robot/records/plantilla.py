"""The templates of the pages for people: one environment for all, and each style sheet with the hash that allows it."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment() -> Environment:
    """Return an environment of `plantillas/`: escaped, and strict about what a template names."""
    return Environment(
        loader=PackageLoader("robot.records", "plantillas"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style(name: str) -> tuple[str, str]:
    """Return a style sheet of `plantillas/` and its SHA-256 in base64, as a content security policy names it."""
    sheet = files("robot.records").joinpath("plantillas", name).read_text("utf-8")
    return sheet, base64.b64encode(hashlib.sha256(sheet.encode("utf-8")).digest()).decode("ascii")
