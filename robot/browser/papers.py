"""The papers of a case on disk: original bytes with their SHA-256, and the two-copy PDF made of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

TITLES = {
    "solicitud-factura": "Solicitud de trámite (factura)",
    "recibo-abono": "Recibo de pago",
    "solicitud-tramite": "Solicitud de trámite",
}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One printed paper: file names in `papeles/`, hash of the original bytes, pages."""

    kind: str
    file: str
    sha256: str
    pages: int
    copies_file: str
    copies_sha256: str


def store(folder: Path, kind: str, data: bytes, copies: bytes, pages: int) -> Paper:
    """Keep the original bytes and the two-copy PDF under names that never overwrite an earlier print."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = len(list(folder.glob(f"{kind}*-dos-copias.pdf")))
    stem = kind if not taken else f"{kind}-{taken + 1}"
    original, doubled = folder / f"{stem}.pdf", folder / f"{stem}-dos-copias.pdf"
    original.write_bytes(data)
    doubled.write_bytes(copies)
    return Paper(
        kind=kind,
        file=f"papeles/{original.name}",
        sha256=hashlib.sha256(data).hexdigest(),
        pages=pages,
        copies_file=f"papeles/{doubled.name}",
        copies_sha256=hashlib.sha256(copies).hexdigest(),
    )
