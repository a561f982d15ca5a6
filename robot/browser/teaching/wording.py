"""From a text that a Serviweb shows to the `pattern` of a map: what is always so stays, what changes is left open."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[A-ZÁÉÍÓÚÑ]{0,6}-?\d[\d-]*\d|\d+")
_VALUE = re.compile(r"[\"«»'(¿¡]*[\w./$-]*\d[\w.,/-]*")


def number_in(text: str) -> str:
    """Return what looks like a document's number in a text: the last token with a digit, or nothing."""
    found = _NUMBER.findall(text)
    return found[-1] if found else ""


def form_of(number: str) -> str:
    """Return the form of a number: its letters and signs as they are, `2026-` as any year, other digits as any."""
    parts = re.split(r"(\d+)", number)
    return _tidy(
        "".join(_digits(part, index, parts) if part.isdigit() else re.escape(part) for index, part in enumerate(parts))
    )


def _digits(part: str, index: int, parts: list[str]) -> str:
    year = len(part) == 4 and part.startswith(("19", "20")) and len(parts) > index + 2
    return r"\d{4}" if year else r"\d+"


def number_pattern(text: str, number: str) -> str:
    r"""Return the pattern of a text that shows a document's number: `Recibo RC-0001` becomes `Recibo (RC-\d+)`."""
    if text == number:
        return f"^({form_of(number)})$"
    before, _, _ = text.rpartition(number)
    return f"{_open(before)}({form_of(number)})"


def question_pattern(text: str, number: str) -> str:
    """Return the pattern of the box that asks before saving; its group is the document that it names."""
    before, _, after = text.partition(number)
    return f"{_open(before)}({form_of(number)}){_open(after)}"


def notice_pattern(text: str, value: str) -> str:
    """Return the pattern of a notice about a value: `No existe el suscriptor 9.` becomes `^(No existe … .+)$`."""
    before, found, after = text.partition(value) if value else (text, "", "")
    opened = f"{re.escape(before)}.+{re.escape(after)}" if found else _open(text)
    return f"^({_tidy(opened)})$"


def either_pattern(one: str, other: str) -> str:
    """Return the pattern of a notice that has two wordings."""
    return one if one == other else f"{one[:-2]}|{other[2:-2]})$"


def refusal_pattern(text: str, reason: str) -> str:
    """Return the pattern of a refusal; its group is the reason."""
    before, _, _ = text.rpartition(reason)
    return f"^{_tidy(re.escape(before))}(.+)$"


def word_pattern(word: str) -> str:
    """Return the pattern of a word that stands alone, as `Pagado`."""
    return f"^({_tidy(re.escape(word))})$"


def page_pattern(text: str) -> str:
    r"""Return the pattern of a page's number: `Página 1 de 3` becomes `^Página (\d+) de \d+$`."""
    first, *rest = re.split(r"\d+", text)
    after = "\0".join(rest)
    return f"^{_tidy(re.escape(first))}(\\d+){_tidy(re.escape(after)).replace(chr(0), '.+')}$".replace(".+", r"\d+")


def _open(text: str) -> str:
    """Escape a text and leave its values (what has digits, and a currency sign) open."""
    opened = _VALUE.sub("\0", text.replace("$", "\0"))
    opened = re.sub(r"\0(?:\s*\0)*", "\0", opened)
    return _tidy(re.escape(opened)).replace("\0", ".+").replace("\\\0", ".+")


def _tidy(escaped: str) -> str:
    return escaped.replace(r"\ ", " ").replace(r"\-", "-")
