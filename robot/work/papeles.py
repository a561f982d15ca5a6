"""The papers of a case as a person gets them: which there are, which are missing, and their files, checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot.errors import Rejected
from robot.records.caso import Caso
from robot.records.story import PAPERS
from robot.work.adjunto import KINDS


@dataclass(frozen=True, kw_only=True)
class Papel:
    """One paper of a case: printed, or missing though its document was saved."""

    tipo: str
    titulo: str
    numero: str
    hojas: int = 0
    falta: bool = False
    equipo: str = ""
    """The machine that has the file, where this one hasn't."""


def papers_of(caso: Caso) -> list[Papel]:
    """Return the papers that a case has or should have, in the order of the procedure."""
    if not caso.entries:
        return []
    printed, missing, documents = caso.papers(), caso.missing_papers(), caso.documents()
    found = []
    for kind, document in KINDS.items():
        number = documents.get(document, "")
        if kind in printed:
            here = _path(caso, printed[kind]["file"]).is_file()
            pages = int(printed[kind].get("pages") or 0)
            elsewhere = "" if here else caso.printed_on(kind) or "que lo trabajó"
            found.append(Papel(tipo=kind, titulo=PAPERS[kind], numero=number, hojas=pages, equipo=elsewhere))
        elif kind in missing:
            found.append(Papel(tipo=kind, titulo=PAPERS[kind], numero=number, falta=True))
    return found


def file_of(caso: Caso, kind: str, *, copies: bool = False) -> Path:
    """Return a paper's file, or that of its two copies, as the journal names it. Raises `Rejected`."""
    entry: dict[str, Any] | None = caso.papers().get(kind) if kind in KINDS else None
    if entry is None:
        raise Rejected("Ese papel no está en el caso", remedy="Vea en la página del caso qué papeles tiene.")
    name, digest = ("copies_file", "copies_sha256") if copies else ("file", "sha256")
    path = _path(caso, entry[name])
    if not path.is_file():
        machine = caso.printed_on(kind)
        where = f" «{machine}»" if machine else " que trabajó el caso"
        raise Rejected(f"{PAPERS[kind]}: el archivo está en el equipo{where}", remedy="Ábralo en ese equipo.")
    if hashlib.sha256(path.read_bytes()).hexdigest() != entry[digest]:
        raise Rejected(
            f"{PAPERS[kind]}: el archivo cambió desde que se imprimió",
            remedy="No lo entregue; imprímalo otra vez en Serviweb y avise a un supervisor.",
        )
    return path


def _path(caso: Caso, name: str) -> Path:
    """Return a file of the case's folder. Raises `Rejected` for a name that leads out of it."""
    folder = caso.folder.resolve()
    path = (folder / name).resolve()
    if folder not in path.parents:
        raise Rejected("Ese papel no está en el caso", remedy="Avise a un supervisor: su diario nombra otra carpeta.")
    return path
