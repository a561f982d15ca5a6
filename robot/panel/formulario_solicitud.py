"""The form of a request: what was typed, what is wrong with it, field by field, and what is only odd."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from robot.records.solicitud import Formats, Solicitud, problems
from robot.text import sentence


class Escrita(BaseModel):
    """The fields of the form, each as it was typed."""

    codigo: str = ""
    ruta: str = ""
    suscriptor: str = ""
    tipo_documento: str = ""
    documento: str = ""
    nombres: str = ""
    apellidos: str = ""
    celular: str = ""
    forma_pago: str = ""
    concepto: str = ""
    medidor: str = ""
    arreglo: str = ""
    arreglo_ref: str = ""
    solicitud: str = ""
    nueva_ocasion: str = ""


class EnCurso(Escrita):
    """The form while somebody types: `tocados` names the fields that they have been at.

    `enviada` says that it was sent once, with faults: its summary is on the page.
    """

    tocados: str = ""
    enviada: str = ""


CAMPOS: Final = tuple(Escrita.model_fields)
ROTULOS: Final = {
    "codigo": "Código",
    "ruta": "Ruta",
    "suscriptor": "Nombre del suscriptor",
    "tipo_documento": "Tipo de documento",
    "documento": "Número de documento",
    "nombres": "Nombres",
    "apellidos": "Apellidos",
    "celular": "Celular o fijo",
    "forma_pago": "Forma de pago",
    "medidor": "¿Tiene medidor?",
    "concepto": "Concepto",
    "arreglo": "Arreglo de la deuda",
    "arreglo_ref": "Referencia del arreglo",
    "solicitud": "Referencia de la solicitud",
    "nueva_ocasion": "Es una nueva ocasión",
}
"""The fields in the order of the page, by the words of their labels."""
_TOLD_OF: Final = (
    ("ruta", r"\bruta\b"),
    ("suscriptor", r"es en Serviweb de|nombre del suscriptor"),
    ("documento", r"\bdocumento\b|c[ée]dula|\bNIT\b"),
    ("celular", r"celular|tel[ée]fono"),
    ("nombres", r"\bnombres?\b"),
)
"""The field that a refusal of Serviweb, or of the robot that compared with it, tells of; the first that fits."""
_CHOSEN: Final = frozenset({"forma_pago", "medidor", "arreglo", "tipo_documento"})
_LONGEST: Final = 200
_IN_FORM: Final[dict[Any, str]] = {True: "si", False: "no", "Contado": "contado", "Crédito": "credito"}
_ARREGLOS: Final = {
    "acuerdo de pago": "acuerdo",
    "diligencia de arreglo": "diligencia",
    "sin deuda": "sin-deuda",
}


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A request as typed: the request when it is good, else every field's fault; notes on what is odd."""

    datos: dict[str, str]
    solicitud: Solicitud | None = None
    errores: dict[str, str] = field(default_factory=dict)
    avisos: dict[str, str] = field(default_factory=dict)
    foco: str = "codigo"
    """The field that the page begins at."""


def as_typed(solicitud: Mapping[str, Any]) -> dict[str, str]:
    """Return a stored request as somebody would type it again; its reference and occasion are of that case alone."""
    shown = {name: solicitud.get(name, "") for name in CAMPOS}
    for name in ("forma_pago", "medidor"):
        shown[name] = _IN_FORM.get(shown[name], "")
    shown["arreglo"] = _ARREGLOS.get(str(shown["arreglo"]), "")
    return {**{name: str(value) for name, value in shown.items()}, "solicitud": "", "nueva_ocasion": ""}


def told_of(motivo: str) -> str:
    """Return the field that the reason of a refusal tells of, else the first one."""
    return next((name for name, words in _TOLD_OF if re.search(words, motivo, re.IGNORECASE)), "codigo")


def review(datos: Mapping[str, str], formats: Formats) -> Revision:
    """Validate what was typed as intake does."""
    datos = dict(datos)
    solicitud, wrong = problems(datos, formats)
    errores: dict[str, str] = {}
    for problem in wrong:
        errores.setdefault(problem.field, _said(problem.field, problem.message))
    for name in CAMPOS:
        if len(datos.get(name, "")) > _LONGEST:
            errores[name] = f"Es demasiado largo: caben {_LONGEST} letras."
    errores = {name: errores[name] for name in sorted(errores, key=list(ROTULOS).index)}
    avisos = {} if "documento" in errores or not datos.get("documento") else _odd(datos)
    return Revision(datos=datos, solicitud=None if errores else solicitud, errores=errores, avisos=avisos)


def _said(name: str, message: str) -> str:
    if message == "falta":
        return "Elija una opción." if name in _CHOSEN else "Falta este dato."
    if name == "celular" and message.startswith("debe ser un celular"):
        message = "debe ser un celular, como 3124567890, o un fijo, como 6084351234"
    told = sentence(message)
    return told if told.endswith(".") else f"{told}."


def _odd(datos: Mapping[str, str]) -> dict[str, str]:
    """Return the notes of a document that may be right; the rest of the request need not be good yet."""
    digits = "".join(c for c in datos["documento"] if c.isalnum())
    values: dict[str, Any] = {"tipo_documento": datos.get("tipo_documento") or "CC", "documento": digits}
    told = Solicitud.model_construct(**values).warnings()
    return {name: f"{sentence(text.strip())}." for name, _, text in (warning.partition(":") for warning in told)}
