"""A paper's check: whether bytes are the PDF of a certain document."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader

INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
REMEDY = "Imprima el documento otra vez desde Serviweb y adjúntelo al caso."


class PaperError(Exception):
    """El papel no se obtuvo, o no es el que debía ser."""


def check(data: bytes, number: str, *, has_text: bool = True) -> int:
    """Return the number of pages of a PDF that shows `number`; raise `PaperError` saying what is wrong.

    The number must stand by itself: `123` is not found in `41234` nor in `$ 1.123`, but in `000123` and `1 2 3`.
    `has_text=False` (the map's `text = false`) is for prints that are pictures: only the text is not looked at.
    """
    reader = opened(data)
    try:
        pages = len(reader.pages)
        text = INVISIBLE.sub("", " ".join(page.extract_text() for page in reader.pages)) if has_text else ""
    except Exception as error:  # a damaged PDF makes pypdf raise nearly anything
        raise PaperError(f"El PDF está dañado y no se puede leer ({error}). {REMEDY}") from error
    if pages == 0:
        raise PaperError(f"El PDF no tiene páginas. {REMEDY}")
    if not has_text:
        return pages
    if not text.strip():
        raise PaperError(
            "El PDF no tiene texto (es una imagen), así que no se puede comprobar el número "
            f"{number}. Compruébelo a la vista; si Serviweb siempre imprime así, ponga «text = false» en el mapa."
        )
    if not _shows(text, number):
        raise PaperError(f"El PDF no contiene el número {number}: puede ser el papel de otro documento. {REMEDY}")
    return pages


def has_text(data: bytes) -> bool | None:
    """Say whether any text can be read in a PDF; None for what isn't one, or is damaged."""
    try:
        return any(page.extract_text().strip() for page in opened(data).pages)
    except Exception:  # noqa: BLE001 — a damaged PDF makes pypdf raise nearly anything
        return None


def opened(data: bytes) -> PdfReader:
    """Open a whole PDF, also one locked with an empty password; raise `PaperError` for anything else."""
    if not data:
        raise PaperError(f"El documento llegó vacío. {REMEDY}")
    if not data.startswith(b"%PDF"):
        raise PaperError(f"{_what_instead(data)} en lugar de un PDF. {REMEDY}")
    if b"%%EOF" not in data[-1024:]:
        raise PaperError(f"El PDF llegó incompleto ({len(data)} bytes, sin su final). {REMEDY}")
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
    except Exception as error:  # a damaged PDF makes pypdf raise nearly anything
        raise PaperError(f"El PDF está dañado y no se puede abrir ({error}). {REMEDY}") from error
    if locked:
        raise PaperError(f"El PDF pide una contraseña para abrirse. {REMEDY}")
    return reader


def _what_instead(data: bytes) -> str:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<"):
        return "Serviweb entregó un archivo desconocido"
    title = re.search(r"<title[^>]*>\s*(.*?)\s*</title>", start.decode("utf-8", "replace"), re.DOTALL | re.IGNORECASE)
    return f"Serviweb entregó una página web{f' («{title[1]}»)' if title else ''}"


def _shows(text: str, number: str) -> bool:
    """Find a number that stands by itself; a PDF may break it with spaces or fill it up with zeros."""
    signs = [re.escape(sign) for sign in INVISIBLE.sub("", number) if not sign.isspace()]
    if not signs:
        return False
    left = r"(?<!\d)(?<!\d[.,])0*" if signs[0].isdigit() else ""
    right = r"(?![.,]?\d)" if signs[-1].isdigit() else ""
    return re.search(left + r"\s*".join(signs) + right, text, re.IGNORECASE) is not None
