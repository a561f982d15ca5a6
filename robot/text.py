"""Compare and read Spanish text as a person does: case, accents, spaces, pesos."""

from __future__ import annotations

import re
import unicodedata

_COMBINING_TILDE = "\u0303"


def plain(text: str) -> str:
    """Collapse white space (also no-break) to single spaces and trim."""
    return " ".join(text.split())


def sentence(text: str) -> str:
    """Begin with a capital and leave the rest: «no se sabe si Serviweb guardó» keeps its name."""
    return text[:1].upper() + text[1:]


def fold(text: str) -> str:
    """Return *text* in lower case, without accents (ñ becomes n) and with single spaces (D9)."""
    return plain(without_accents(text)).casefold()


def without_accents(text: str) -> str:
    """Drop accents and tildes: «RECONEXIÓN, ÑÁÑEZ» becomes «RECONEXION, NANEZ»."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Return the folded words of *text*: letters and digits only."""
    return re.findall(r"[a-z0-9]+", fold(text))


_VARIANTS = {"a": "aáàâä", "e": "eéèêë", "i": "iíìîï", "o": "oóòôö", "u": "uúùûü", "n": "nñ"}


def loose_pattern(text: str) -> re.Pattern[str]:
    """Return a pattern that matches all of *text* without regard to case, accents and doubled spaces (D9).

    It is written with character classes, not inline flags, since Playwright hands it to JavaScript.
    """
    parts: list[str] = []
    for char in plain(text):
        base = without_accents(char).lower()
        if char == " ":
            parts.append(r"\s+")
        elif base in _VARIANTS:
            parts.append(f"[{_VARIANTS[base]}]")
        else:
            parts.append(re.escape(char))
    return re.compile(rf"^\s*{''.join(parts)}\s*$", re.IGNORECASE)


def pesos(text: str) -> int:
    """Read whole pesos as Colombia writes them: «$ 98.700» is 98700. Raises `ValueError` for anything else.

    Decimals are accepted only as «,00»: a fraction of a peso is no amount that Serviweb bills.
    """
    found = re.fullmatch(
        r"\$?\s*([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,00?)?(?:\s*(?:COP|pesos))?", plain(text), re.IGNORECASE
    )
    if not found:
        raise ValueError(f"«{plain(text)}» no es un valor en pesos")
    return int(found[1].replace(".", ""))


def in_pesos(amount: int) -> str:
    """Write whole pesos as Colombia does: 98700 becomes «$ 98.700»."""
    return f"$ {amount:,}".replace(",", ".")
