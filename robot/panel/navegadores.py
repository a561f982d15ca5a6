"""What a browser calls itself, in two words that people know."""

from __future__ import annotations

from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def nombre_del_agente(agent: str) -> str:
    """Return browser and system of a User-Agent header, roughly: it is what the browser chooses to say."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "Un navegador")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{browser} en {system}" if system else browser
