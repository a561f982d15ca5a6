"""The chains' heads on what was printed: the planilla (PDF), the day's report (HTML) and its workbook or sheet.

A head stands there as `R-7K3QF2M · 41 · a1b2c3d4e5f60718`: the case, the number of its journal's last entry then, and
the beginning of that entry's hash, which vouches for all before it. Who shortens a chain can't shorten paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from robot.errors import Rejected
from robot.records.store.audit import Head

_LEAST: Final = 12
_MARK: Final = r"R-[0-9A-HJKMNP-TV-Z]{7}"
_SEAL: Final = re.compile(rf"\b({_MARK})[\s·]+(\d+)[\s·]+([0-9a-f]{{{_LEAST},64}})\b")
_TYPED: Final = re.compile(rf"({_MARK})\s*=\s*([0-9a-fA-F]{{{_LEAST},64}})")


def heads_in(path: Path) -> list[Head]:
    """Return the heads on a planilla, report or sheet that this program wrote. Raises `Rejected` where it has none."""
    readers: dict[str, Callable[[Path], Iterator[str]]] = {
        ".pdf": _pdf,
        ".html": _html,
        ".htm": _html,
        ".xlsx": _xlsx,
        ".csv": _csv,
    }
    read = readers.get(path.suffix.lower())
    if read is None or not path.is_file():
        raise Rejected(
            f"No se puede leer «{path.name}»: {'no es un PDF, HTML, XLSX ni CSV' if read is None else 'no existe'}",
            remedy="Indique la planilla (PDF), el informe (HTML o XLSX) o los resultados que escribió el robot.",
        )
    try:
        found = {head for text in read(path) for head in _found(text)}
    except Exception as error:  # a damaged file fails in as many ways as there are libraries
        raise Rejected(f"«{path.name}» está dañado y no se puede leer: {error}") from error
    if not found:
        raise Rejected(
            f"«{path.name}» no trae huellas de diarios", remedy="¿Es de una versión anterior del robot? Use --huella."
        )
    return sorted(found, key=lambda head: (head.caso, head.n))


def typed(text: str) -> Head:
    """Return a head that a person copies from paper: `R-…=HUELLA`, or the three parts as printed. Raises `Rejected`."""
    if found := _SEAL.search(text):
        return Head(caso=found[1], n=int(found[2]), huella=found[3])
    if found := _TYPED.fullmatch(text.strip()):
        return Head(caso=found[1].upper(), n=0, huella=found[2].lower())
    raise Rejected(
        f"No se entiende la huella «{text}»",
        remedy=f"Escríbala como R-7K3QF2M=a1b2c3d4e5f60718, con {_LEAST} cifras por lo menos.",
    )


def _found(text: str) -> Iterator[Head]:
    for mark, number, digest in _SEAL.findall(text):
        yield Head(caso=mark, n=int(number), huella=digest)


def _pdf(path: Path) -> Iterator[str]:
    from pypdf import PdfReader

    for page in PdfReader(path).pages:
        yield page.extract_text()


def _html(path: Path) -> Iterator[str]:
    yield re.sub(r"<[^>]*>", " ", path.read_text(encoding="utf-8"))


def _csv(path: Path) -> Iterator[str]:
    yield path.read_text(encoding="utf-8-sig")


def _xlsx(path: Path) -> Iterator[str]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    try:
        for sheet in book.worksheets:
            for row in sheet.iter_rows(values_only=True):
                yield "\n".join(str(value) for value in row if value is not None)
    finally:
        book.close()
