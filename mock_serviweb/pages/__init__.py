"""The sets of pages: the same rules and the same ledger behind very different screens."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from mock_serviweb.door import PageSet

# The first is the default. Each is a package here with a class `Pages`.
VARIANTS = ("moderno", "clasico", "spa", "cambiado")


def page_set(variant: str) -> PageSet:
    """Return the set of pages of a variant."""
    return cast("PageSet", import_module(f"{__name__}.{variant}").Pages())
