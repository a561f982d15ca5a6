"""One cell of a file that people open in Excel: guarded, damaged, shown."""

from __future__ import annotations

import re

from robot.masking import DOT, Masker
from robot.records.solicitud import Formats
from robot.text import plain

PRIVATE = ("documento", "celular")
_LEGIBLE = ("solicitud", "recibo", "valor", "caso")

# What Excel would run as a formula, in any width of the sign.
_FORMULA = r"[=+\-@\t\r\n＝＋－＠]"
# What Excel would turn into a date or another number: 01-12, 1/5, 000789, 1.250, 4E7, 12 digits and more, 5-ene.
_CONVERTED = (
    r"[0-9]+[-/.,:][0-9]|0[0-9]+$|[0-9.,]+[eE][+-]?[0-9]+$|[0-9]{12,}$|[0-9]{1,2}[-/ .][A-Za-z]{3}|[A-Za-z]{3}[-/][0-9]"
)
_DANGEROUS = re.compile(rf"{_FORMULA}|{_CONVERTED}")
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')


def guard(text: str) -> str:
    """Return the cell so that Excel shows it as it is: neither a formula nor another number; `unguard` undoes it."""
    return f"'{text}" if _DANGEROUS.match(text) or unguard(text) != text else text


def unguard(text: str) -> str:
    """Return what a guarded cell says, in our way (`'000789`) or in Excel's (`="000789"`)."""
    if text.startswith("'"):
        rest = text[1:]
        return rest if rest[:1].isdigit() or _DANGEROUS.match(rest) or unguard(rest) != rest else text
    found = _AS_TEXT.fullmatch(text)
    return found[1].replace('""', '"') if found else text


_EXCEL_ERROR = re.compile(r"#(?:N/[AD]|[¡¿]?[A-ZÁÉÍÓÚ/0!?¿¡]{3,}[!?]|#+)", re.IGNORECASE)
_POWER = re.compile(r"\d+(?:[.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_CLOBBERED = re.compile("\ufffd|[ÃÂ][\u0080-\u00bf‘’“”‰š…†‡ˆŠŒŽœžŸ€‚ƒ„•–—˜™›‹]")
_CLOBBERED_NAME = re.compile("[?¤¥¢£§ƒ‡†‰]")
_NAMES = ("nombres", "apellidos", "suscriptor")


def damage(field: str, text: str) -> str | None:
    """Return what happened to a cell before it came to us, whatever its field would allow; None if nothing shows."""
    if _EXCEL_ERROR.fullmatch(text):
        return "es un error de una fórmula de Excel; escriba el dato"
    if _CLOBBERED.search(text) or (field in _NAMES and _CLOBBERED_NAME.search(text)):
        return "tiene letras dañadas (la ñ o las tildes); escríbalas de nuevo y guarde como «CSV UTF-8»"
    if field in ("solicitud", "arreglo_ref", "recibo") and _POWER.fullmatch(text):
        return "es un número que dañó Excel; dé formato de texto a la columna y escríbalo completo"
    if field == "suscriptor" and text.isdigit():
        return "es un número; aquí va el nombre del suscriptor, y el código en su columna"
    return None


_MONTH = r"(?:ene|jan|feb|mar|abr|apr|may|jun|jul|ago|aug|sep|oct|nov|dic|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"\d{{1,2}}[-/. ]{_MONTH}(?:[-/. ]\d{{2,4}})?|{_MONTH}[-/. ]\d{{2,4}}"
    r"|\d{1,2}[-/]\d{1,2}[-/]\d{4}(?: .*)?|\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T].*)?",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\d{3,}\W*(?:[/,;|]|\by\b|\s-\s|\s{2,})\W*\d{3,}")
_LOST_ZEROS = (
    "; parece que Excel quitó los ceros de la izquierda: dé formato de texto a la columna y escríbalo completo"
)


def explained(field: str, text: str, message: str, formats: Formats) -> str:
    """Return a refusal with the likelier cause in front: a date, several values in a cell, lost zeros."""
    if field == "ruta" and _DATE.fullmatch(text):
        return f"«{text}» es una fecha que puso Excel; escriba la ruta como texto, por ejemplo 01-383"
    if field in ("codigo", "documento", "celular") and _SEVERAL.search(text) and "Excel" not in message:
        return "trae varios valores en una celda; deje uno solo"
    pattern = {"codigo": formats.codigo, "ruta": formats.ruta}.get(field)
    if pattern and text[:1].isdigit() and "no tiene la forma" in message:
        zeros = ("0" * count + text for count in range(1, 10))
        if any(re.fullmatch(pattern, longer, re.ASCII) for longer in zeros):
            return message.partition(";")[0] + _LOST_ZEROS
    if ";" in message or ":" in message:
        return message
    return f"{message}; {'escriba el dato' if message.startswith('falta') else 'corríjalo'}"


_MASKER = Masker()  # by form: e-mails, and documents and phones beside their names
_DIGITS = re.compile(r"\d(?:[. ]?\d){5,}")


def last_two(text: str) -> str:
    """Return dots and the last two characters: a document or a phone that its owner's clerk still recognises."""
    return DOT * len(text) if len(text) <= 2 else DOT * (len(text) - 2) + text[-2:]


def shown(field: str, text: str, *, private: tuple[str, ...] = ()) -> str:
    """Return a cell as a message may show it: documents, phones and long numbers by their last two characters.

    A subscriber's code stays legible; *private* are the row's own document and phone, wherever else they stand.
    """
    text = plain(text)
    if field in PRIVATE:
        return last_two(text)
    for value in private:
        text = text.replace(value, last_two(value))
    if field in _LEGIBLE or (field == "codigo" and text.isdigit()):
        return text
    return _MASKER.text(_DIGITS.sub(lambda found: last_two(found[0]), text))


def safe(field: str, text: str, message: str, *, private: tuple[str, ...] = ()) -> str:
    """Return a message about a cell, with what it quotes of the row masked as `shown` does."""
    quoted = plain(text)
    if quoted:
        message = message.replace(f"«{quoted}»", f"«{shown(field, quoted, private=private)}»")
    for value in private:
        message = message.replace(value, last_two(value))
    return _DIGITS.sub(lambda found: last_two(found[0]), message) if field in PRIVATE else message
