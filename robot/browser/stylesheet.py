"""Style sheets of a recording: no comments, no remote sources, nothing private in what they print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from robot.masking import DOT

if TYPE_CHECKING:
    from robot.masking import Masker

_SPLIT = "/* rr_split */"  # rrweb's own mark between the texts of one <style>; its replayer needs it
_COMMENT = re.compile(r"/\*(?! rr_split \*/).*?(?:\*/|\Z)", re.DOTALL)
_IMPORT = re.compile(r"@import\b[^;]*;?", re.IGNORECASE)
_URL = re.compile(r"url\(\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^)\"']*))\s*\)", re.IGNORECASE)
_IMAGE_SET = re.compile(r"image-set\([^)]*\)", re.IGNORECASE)
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?|\\(.)", re.IGNORECASE | re.DOTALL)
_NOTHING = 'url("data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")'
_KEPT = (
    "data:image/png",
    "data:image/jpeg",
    "data:image/gif",
    "data:image/webp",
    "data:font/",
    "data:application/font",
    "data:application/x-font",
    "#",
)


def clean(css: str, masker: Masker) -> str:
    """Return the style sheet as it may be kept."""
    css = _IMPORT.sub("", _COMMENT.sub("", css))
    css = _URL.sub(lambda match: _source(match, masker), css)
    css = _IMAGE_SET.sub(_NOTHING, css) if "image-set" in css else css
    css = _STRING.sub(lambda match: _printed(match[0], masker), css)
    return masker.text(css) if masker.finds_value(css) else css


def _source(match: re.Match[str], masker: Masker) -> str:
    address = (match["double"] or match["single"] or match["bare"] or "").strip()
    if address.startswith("data:image/svg+xml") and not masker.finds(_unquoted(address)):
        return match[0]
    return match[0] if address.startswith(_KEPT) and not masker.finds_value(address[:200]) else _NOTHING


def _unquoted(address: str) -> str:
    """Return the text of an SVG that stands in a style sheet."""
    import base64
    from urllib.parse import unquote

    head, _, body = address.partition(",")
    return (
        base64.b64decode(body + "==").decode("utf-8", errors="replace") if head.endswith(";base64") else unquote(body)
    )


def _printed(literal: str, masker: Masker) -> str:
    """Mask a quoted string, also one that is written in CSS escapes."""
    if len(literal) > 2_000 or literal[1:].startswith("data:"):
        return literal
    body = _ESCAPE.sub(lambda m: chr(min(int(m[1], 16), 0x10FFFF)) if m[1] else m[2], literal[1:-1])
    masked = masker.text(body)
    if masked == body:
        return literal
    return literal[0] + re.sub(r"[\"'\\\n]", DOT, masked) + literal[0]
