"""A reason without names of people, for who may know why a case stopped but not whose a code or a document is."""

from __future__ import annotations

import re
from typing import Final

_TOLD: Final = (
    (
        re.compile(r"pertenece en Serviweb a .+?, no a .+?(?=$|[.;] )"),
        "no es en Serviweb de quien solicita: no tienen ningún apellido en común",
    ),
    (
        re.compile(r"es en Serviweb de .+? y la solicitud dice .+?(?=$|[.;] )"),
        "es en Serviweb de un suscriptor con otro nombre que el de la solicitud",
    ),
)
"""What the flows say of two names that differ (flows/factura.py, flows/suscriptor.py)."""
_LINKED: Final = r"(?:\s+(?:de|del|la|las|los|y|DE|DEL|LA|LAS|LOS|Y))*\s+"
_SHOUTED: Final = r"[A-ZÁÉÍÓÚÜÑ]{2,}"
_WRITTEN: Final = r"[A-ZÁÉÍÓÚÜÑ][a-záéíóúüñ]+"
_NAMES: Final = re.compile(
    rf"\b(?:{_SHOUTED}(?:{_LINKED}{_SHOUTED})+|{_WRITTEN}(?:\s+{_WRITTEN})(?:{_LINKED}{_WRITTEN})*)\b"
)


def sin_nombres(motivo: str) -> str:
    """Return a reason in which no person is named; what Serviweb quotes in capitals goes with the names."""
    told = motivo
    for form, said in _TOLD:
        told = form.sub(said, told)
    return _NAMES.sub("…", told)
