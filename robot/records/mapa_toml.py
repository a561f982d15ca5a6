"""Change how one control of a map is found, line by line: every comment and every other line stays as it was."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Final

from robot.errors import SettingsError

FINDS: Final = ("within", "role", "name", "label", "placeholder", "text", "test_id", "css")
"""The lines of a control that say where it is; all others say how it behaves."""


def finds(spec: Mapping[str, object]) -> dict[str, str]:
    """Return the lines of a control that say where it is (`text = false` is none of them)."""
    return {key: value for key in FINDS if isinstance(value := spec.get(key), str)}


def changed(text: str, key: str, lines: Mapping[str, str]) -> str:
    """Return a screen's TOML in which the control [key] is found by these lines. Raises `SettingsError`."""
    before = tomllib.loads(text)
    if not isinstance(before.get(key), dict):
        raise SettingsError(f"El mapa no tiene el control [{key}]")
    rows = text.splitlines(keepends=True)
    head = next((i for i, row in enumerate(rows) if re.match(rf"\s*\[\s*{re.escape(key)}\s*\]", row)), None)
    if head is None:
        raise SettingsError(f"El control [{key}] no está escrito como una tabla: cámbielo a mano")
    end = next((i for i in range(head + 1, len(rows)) if re.match(r"\s*\[", rows[i])), len(rows))
    gone = finds(before[key])
    body = [row for row in rows[head + 1 : end] if not _says(row, gone)]
    new = [f"{name} = {in_toml(lines[name])}\n" for name in FINDS if name in lines]
    changed_text = "".join([*rows[: head + 1], *new, *body, *rows[end:]])
    after = {name: value for name, value in before[key].items() if name not in gone} | dict(lines)
    if tomllib.loads(changed_text) != {**before, key: after}:
        raise SettingsError(f"El control [{key}] no se puede cambiar sin tocar otra cosa: cámbielo a mano")
    return changed_text


def in_toml(text: str) -> str:
    """Write a text as TOML, in single quotes where it holds double ones."""
    return f"'{text}'" if '"' in text and "'" not in text else json.dumps(text, ensure_ascii=False)


def _says(row: str, names: Mapping[str, str]) -> bool:
    found = re.match(r"\s*([A-Za-z_]+)\s*=", row)
    return bool(found and found[1] in names)
