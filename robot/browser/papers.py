"""The papers of a case on disk: original bytes with their SHA-256, and the two-copy PDF made of them."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from robot.browser import documents

TITLES = {
    "solicitud-factura": "Solicitud de trámite (factura)",
    "recibo-abono": "Recibo de pago",
    "solicitud-tramite": "Solicitud de trámite",
}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One printed paper: the files of its original and of its two copies, each with its SHA-256."""

    file: str
    sha256: str
    pages: int
    copies_file: str
    copies_sha256: str

    def entry(self) -> dict[str, Any]:
        """Return what the journal's `document.printed` tells of it."""
        return asdict(self)


def store(folder: Path, kind: str, data: bytes) -> Path:
    """Keep the original bytes under a name that never overwrites an earlier print, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = len([path for path in folder.glob(f"{kind}*.pdf") if not path.stem.endswith("-dos-copias")])
    original = folder / f"{kind}{f'-{taken + 1}' if taken else ''}.pdf"
    original.write_bytes(data)
    return original


def checked(original: Path, data: bytes, *, case: str, kind: str, number: str, has_text: bool) -> Paper:
    """Check the PDF and make the two-copy PDF beside it (D3). Raises `PaperError`, or `OSError` without room."""
    pages = documents.check(data, number, has_text=has_text)
    copies = documents.two_copies(data, case=case, kind_title=TITLES[kind], number=number)
    doubled = original.with_name(f"{original.stem}-dos-copias.pdf")
    doubled.write_bytes(copies)
    return Paper(
        file=f"papeles/{original.name}",
        sha256=hashlib.sha256(data).hexdigest(),
        pages=pages,
        copies_file=f"papeles/{doubled.name}",
        copies_sha256=hashlib.sha256(copies).hexdigest(),
    )
