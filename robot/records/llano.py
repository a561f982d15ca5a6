"""Fields and values of the journal as a person would write them: in the case's page, and in the panel."""

from __future__ import annotations

from typing import Any, Final

_TITULOS: Final = {
    "codigo": "Código",
    "forma_pago": "Forma de pago",
    "observacion": "Observación",
    "tipo_tramite": "Tipo de trámite",
    "numero": "Número",
}


def titulo(name: str) -> str:
    """Return a field's name as words: `forma_pago` → `Forma de pago`."""
    if name in _TITULOS:
        return _TITULOS[name]
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def llano(value: Any) -> str:
    """Return any value of the journal as a person would write it."""
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, list | tuple):
        return " · ".join(llano(item) for item in value) or "—"
    if isinstance(value, dict):
        return " · ".join(f"{titulo(str(key))}: {llano(item)}" for key, item in value.items()) or "—"
    return str(value) if value not in (None, "") else "—"
