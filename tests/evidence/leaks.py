"""Look for private values in everything a case leaves behind: the checker that the evidence tests trust.

Reads with code of its own, not with the masker's: every file, gunzipped if need be, every string of every JSON line,
with URL- and HTML-encoding undone, without accents, case and separators; texts of a recorded page also joined, since
a value may be cut over nodes; pictures by OCR where tesseract is installed.
"""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import os
import re
import shutil
import subprocess
import unicodedata
import zlib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

_BASE64 = re.compile(r"[A-Za-z0-9+/]{400,}=*")


def leaks(folder: Path, private: list[str], *, skip: tuple[str, ...] = ("papeles",), ocr: bool = True) -> list[str]:
    """Return where a private value stands in a case folder, as `file: value`."""
    found: list[str] = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if name.startswith(skip):
            continue
        texts = _forms("\n".join([name, *_texts(path, ocr=ocr)]))
        found += [f"{name}: {value}" for value in private if any(_bare(value) in text for text in texts)]
    return found


def _texts(path: Path, *, ocr: bool) -> list[str]:
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = _gunzip(data)
    if path.suffix == ".png":
        return [data.decode("latin-1"), *([read_picture(data)] if ocr else [])]
    text = _BASE64.sub(lambda match: _packed(match[0]), data.decode("utf-8", errors="replace"))
    joined: list[str] = []
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        nodes: list[str] = []
        _collect(value, nodes)
        joined += ["".join(nodes), *_last_letters(value)]
    return [text, *joined]


def _collect(value: Any, into: list[str]) -> None:
    if isinstance(value, dict):
        if isinstance(value.get("textContent"), str):
            into.append(value["textContent"].strip())
        for item in value.values():
            _collect(item, into)
    elif isinstance(value, list):
        for item in value:
            _collect(item, into)


def _last_letters(event: Any) -> list[str]:
    """Return what was typed into a field, as far as the recording shows it."""
    data = event.get("data", {}) if isinstance(event, dict) else {}
    return [data["text"]] if isinstance(data, dict) and isinstance(data.get("text"), str) else []


def _gunzip(data: bytes) -> bytes:
    try:
        return gzip.GzipFile(fileobj=io.BytesIO(data)).read()
    except EOFError:
        return zlib.decompressobj(31).decompress(data)


def _bare(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    return re.sub(r"[\s.,\-_/()#'’]+", "", plain)


def _packed(letters: str) -> str:
    """Return what stands in base64: a film, gunzipped; pictures and papers are looked at as files."""
    data = base64.b64decode(letters + "=" * (-len(letters) % 4))
    return _gunzip(data).decode("utf-8") if data[:2] == b"\x1f\x8b" else ""


def _forms(text: str) -> list[str]:
    """Return the text as it stands and with its encodings undone, bare."""
    ways = (text, unquote_plus(text, errors="replace"), unquote_plus(text, encoding="cp1252", errors="replace"))
    return [_bare(way) for way in {*ways, html.unescape(text)}]


@cache
def read_picture(data: bytes) -> str:
    """Return what tesseract reads in a picture, enlarged; nothing where tesseract isn't installed."""
    tesseract = shutil.which("tesseract")
    if tesseract is None:
        return ""
    from PIL import Image

    image = Image.open(io.BytesIO(data)).convert("L")
    big = io.BytesIO()
    image.resize((image.width * 2, image.height * 2)).save(big, "PNG")
    command, one = [tesseract, "-", "-", "--psm", "11"], {**os.environ, "OMP_THREAD_LIMIT": "1"}
    return subprocess.run(command, input=big.getvalue(), capture_output=True, check=True, env=one).stdout.decode()
