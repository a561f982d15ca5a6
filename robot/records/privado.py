"""The requests themselves: one small file a case, outside the evidence, readable by the owner alone, erasable.

The journal holds only a salted hash of a request, so erasing its file (Ley 1581 de 2012) leaves the audit chain whole.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from robot.errors import Rejected
from robot.records.solicitud import Solicitud


def save(folder: Path, case: str, solicitud: Solicitud) -> str:
    """Store the request of *case* and return its salted SHA-256.

    Call it while the case's journal is open and still empty: what a process left that was killed before its first entry
    is replaced, whole, since no journal vouches for it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    salt = secrets.token_hex(16)
    path = folder / f"{case}.json"
    unfinished = path.with_suffix(".nuevo")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"sal": salt, "solicitud": solicitud.model_dump(mode="json")}, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return solicitud.fingerprint(salt)


def load(folder: Path, case: str) -> tuple[Solicitud, str]:
    """Return the request of *case* and its salted SHA-256. Raises `Rejected` when it was erased or is unreadable."""
    path = folder / f"{case}.json"
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        # What was validated once is not judged by today's formats again.
        solicitud = Solicitud.model_construct(**stored["solicitud"])
        return solicitud, solicitud.fingerprint(stored["sal"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected(
            f"Los datos de la solicitud del caso {case} ya no están en esta instalación",
            remedy="Si fueron borrados por la política de datos, el caso solo puede consultarse.",
        ) from error
