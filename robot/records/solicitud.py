"""The request: who asks, for which subscriber, and how it is paid. Validated before any browser opens."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from robot.errors import Rejected
from robot.text import fold, plain

TipoDocumento = Literal["CC", "NIT", "CE", "TI", "PP"]
FormaPago = Literal["Contado", "Crédito"]
Arreglo = Literal["acuerdo de pago", "diligencia de arreglo", "sin deuda"]

# Weights of the NIT check digit, from the right (DIAN; docs/decisiones.md, *NIT*).
_NIT_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)
_DAMAGED_NUMBER = re.compile(r"^\d+(?:[.,]\d+)?[eE][+-]?\d+$")
_DAMAGED_ROUTE = re.compile(r"^\d{1,2}[-/ ](?:ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic)\w*\.?", re.IGNORECASE)
_CELLS_OF_ONE = re.compile(r"[\r\n]")

_ARREGLOS: dict[str, Arreglo] = {
    "acuerdo": "acuerdo de pago",
    "acuerdo de pago": "acuerdo de pago",
    "diligencia": "diligencia de arreglo",
    "diligencia de arreglo": "diligencia de arreglo",
    "diligencia de arreglo de deuda": "diligencia de arreglo",
    "sin-deuda": "sin deuda",
    "sin deuda": "sin deuda",
    "ninguno": "sin deuda",
}
_SI_NO = dict.fromkeys(("si", "s", "true", "verdadero", "1"), True)
_SI_NO |= dict.fromkeys(("no", "n", "false", "falso", "0"), False)


@dataclass(frozen=True, kw_only=True)
class Formats:
    """Shapes that each utility sets for itself."""

    codigo: str = r"\d{3,10}"
    ruta: str = r"\d{2}-\d{3}"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with one field, with the remedy in its sentence."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def nit_check_digit(number: str) -> int:
    """Return the check digit of a NIT, given its digits without it."""
    rest = sum(int(d) * w for d, w in zip(reversed(number), _NIT_WEIGHTS, strict=False)) % 11
    return rest if rest < 2 else 11 - rest


class Solicitud(BaseModel):
    """One request for reconnection. Build it with `validate`, which reports every fault in Spanish."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    codigo: str
    ruta: str
    suscriptor: str = ""
    tipo_documento: TipoDocumento = "CC"
    documento: str
    nombres: str
    apellidos: str = ""
    celular: str
    forma_pago: FormaPago
    concepto: str
    medidor: bool
    arreglo: Arreglo
    arreglo_ref: str = ""
    solicitud: str = ""
    nueva_ocasion: str = ""

    @field_validator("*", mode="before")
    @classmethod
    def _clean(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if _CELLS_OF_ONE.search(value.strip()):
            raise ValueError("trae varios valores separados por saltos de línea; deje uno solo")
        return plain(value)

    @field_validator("codigo")
    @classmethod
    def _codigo(cls, value: str, info: ValidationInfo) -> str:
        _undamaged(value)
        if not re.fullmatch(_formats(info).codigo, value, re.ASCII):
            raise ValueError(
                f"«{value}» no tiene la forma de un código de suscriptor; escríbalo como aparece en la factura"
            )
        return value

    @field_validator("ruta")
    @classmethod
    def _ruta(cls, value: str, info: ValidationInfo) -> str:
        if _DAMAGED_ROUTE.match(value):
            raise ValueError(f"«{value}» es una fecha que puso Excel; escriba la ruta como texto, por ejemplo 01-383")
        if not re.fullmatch(_formats(info).ruta, value, re.ASCII):
            raise ValueError(f"«{value}» no tiene la forma de una ruta; escríbala como 01-383")
        return value

    @field_validator("tipo_documento", mode="before")
    @classmethod
    def _tipo(cls, value: Any) -> Any:
        value = _document_type(value)
        if value not in get_args(TipoDocumento):
            raise ValueError(f"«{value}» no es un tipo de documento; use CC, NIT, CE, TI o PP")
        return value

    @field_validator("documento")
    @classmethod
    def _documento(cls, value: str, info: ValidationInfo) -> str:
        _undamaged(value)
        kind = info.data.get("tipo_documento", "CC")
        if kind == "NIT":
            return _nit(value)
        if kind in ("CE", "PP"):
            value = re.sub(r"[.\s-]", "", value).upper()
            if not re.fullmatch(r"[A-Z0-9]{4,16}", value):
                raise ValueError("debe tener de 4 a 16 letras y números")
            return value
        grouped = re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+", value)
        digits = re.sub(r"[. ]", "", value) if grouped else ""
        if not re.fullmatch(r"[1-9][0-9]{2,9}", digits):
            raise ValueError("debe tener de 3 a 10 dígitos y no empezar por cero; escríbalo sin letras ni guiones")
        return digits

    @field_validator("nombres", "apellidos", "suscriptor")
    @classmethod
    def _name(cls, value: str, info: ValidationInfo) -> str:
        of_a_person = info.field_name != "suscriptor" and info.data.get("tipo_documento") != "NIT"
        if of_a_person and re.search(r"\d", value):
            raise ValueError(f"«{value}» tiene números; escriba solo el nombre")
        if len(value) > 80:
            raise ValueError("supera 80 caracteres")
        return value.upper()

    @field_validator("celular")
    @classmethod
    def _celular(cls, value: str) -> str:
        _undamaged(value)
        digits = re.sub(r"[\s().-]", "", value).removeprefix("+57")
        digits = digits[2:] if len(digits) == 12 and digits.startswith("57") else digits
        if not re.fullmatch(r"3[0-9]{9}|60[0-9]{8}", digits):
            raise ValueError("debe ser un celular (3 y nueve dígitos más) o un fijo (60 y ocho dígitos más)")
        return digits

    @field_validator("forma_pago", mode="before")
    @classmethod
    def _forma_pago(cls, value: Any) -> Any:
        found = {"contado": "Contado", "credito": "Crédito"}.get(fold(str(value)))
        if not found:
            raise ValueError(f"«{value}» no es una forma de pago; use contado o crédito")
        return found

    @field_validator("arreglo", mode="before")
    @classmethod
    def _arreglo(cls, value: Any) -> Any:
        found = _ARREGLOS.get(fold(str(value)))
        if not found:
            raise ValueError(f"«{value}» no es un arreglo; use acuerdo, diligencia o sin-deuda (paso 2)")
        return found

    @field_validator("medidor", mode="before")
    @classmethod
    def _medidor(cls, value: Any) -> Any:
        found = value if isinstance(value, bool) else _SI_NO.get(fold(str(value)))
        if found is None:
            raise ValueError(f"«{value}» no dice si hay medidor; use sí o no")
        return found

    @field_validator("concepto")
    @classmethod
    def _concepto(cls, value: str) -> str:
        if len(value) > 100:
            raise ValueError(f"tiene {len(value)} caracteres y caben 100")
        return value

    @property
    def quien_solicita(self) -> str:
        """Nombres y apellidos of the person who asks (D12), as one string."""
        return plain(f"{self.nombres} {self.apellidos}")

    @property
    def texto_medidor(self) -> str:
        """What step 29 writes about the meter."""
        return "CON MEDIDOR" if self.medidor else "SIN MEDIDOR"

    def private_values(self) -> tuple[str, ...]:
        """Values that must not be legible in any evidence (Ley 1581 de 2012)."""
        bare = self.documento.partition("-")[0] if self.tipo_documento == "NIT" else self.documento
        return tuple(dict.fromkeys((self.documento, bare, self.celular)))

    def fingerprint(self, salt: str) -> str:
        """Return the salted SHA-256 of the request: what the journal may hold of it."""
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()

    def warnings(self) -> list[str]:
        """Return what is allowed but odd."""
        if self.tipo_documento in ("CC", "TI") and len(self.documento) < 6:
            return [f"documento: tiene solo {len(self.documento)} dígitos; compruebe que esté completo"]
        return []


def _document_type(value: Any) -> str:
    return re.sub(r"[.\s]", "", str(value)).upper()


def _formats(info: ValidationInfo) -> Formats:
    return info.context if isinstance(info.context, Formats) else Formats()


def _undamaged(value: str) -> None:
    if _DAMAGED_NUMBER.match(value):
        raise ValueError(
            f"«{value}» es un número que dañó Excel; dé formato de texto a la columna y escríbalo completo"
        )


def _nit(value: str) -> str:
    found = re.fullmatch(r"([0-9]{6,15})-?([0-9])?", re.sub(r"[.\s]", "", value))
    if not found or "-" not in value:
        raise ValueError("escriba el NIT con guion y dígito de verificación, por ejemplo 900123456-8")
    number, digit = found[1], found[2]
    if digit is None or int(digit) != nit_check_digit(number):
        raise ValueError(
            f"el dígito de verificación no corresponde (para {number} sería {nit_check_digit(number)}); revíselo"
        )
    return f"{number}-{digit}"


def problems(data: Mapping[str, Any], formats: Formats | None = None) -> tuple[Solicitud | None, list[Problem]]:
    """Validate *data* and return the request or every fault of it, in the order of the fields."""
    given = {k: v for k, v in data.items() if v is not None and (not isinstance(v, str) or v.strip())}
    together = _together(given)
    try:
        solicitud = Solicitud.model_validate(given, context=formats or Formats())
    except ValidationError as error:
        return None, [_problem(fault) for fault in error.errors()] + together
    return (None, together) if together else (solicitud, [])


def _problem(fault: Any) -> Problem:
    text = {
        "missing": "falta",
        "string_type": "debe ser texto",
        "extra_forbidden": "no es un campo de la solicitud",
    }.get(fault["type"], str(fault["msg"]).removeprefix("Value error, "))
    return Problem(field=str(fault["loc"][0]), message=text)


def _together(given: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong between fields, whatever is wrong within them."""
    wrong = []
    if not given.get("apellidos") and _document_type(given.get("tipo_documento", "CC")) != "NIT":
        wrong.append(
            Problem(field="apellidos", message="faltan: con ellos se comprueba de quién es el documento (paso 7)")
        )
    arreglo = _ARREGLOS.get(fold(str(given.get("arreglo", ""))), "sin deuda")
    if arreglo != "sin deuda" and not given.get("arreglo_ref"):
        wrong.append(Problem(field="arreglo_ref", message=f"falta la referencia del {arreglo} (paso 2)"))
    return wrong


def validate(data: Mapping[str, Any], formats: Formats | None = None) -> Solicitud:
    """Return the request. Raises `Rejected` with all faults at once."""
    solicitud, wrong = problems(data, formats)
    if solicitud is None:
        raise Rejected(
            "La solicitud tiene datos por corregir:\n  " + "\n  ".join(map(str, wrong)),
            remedy="Corrija los datos indicados y ejecute de nuevo; no se abrió Serviweb.",
        )
    return solicitud


class Pago(BaseModel):
    """The payment that a person saw at step 23 (D4): receipt number, date, value in pesos, who confirmed it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    recibo: str
    fecha: date
    valor: int | None = None
    otro_recibo: str = ""
    confirmado_por: str


def parse_date(text: str) -> date:
    """Read a date as Colombia writes it (dd/mm/aaaa), or ISO. Raises `Rejected`."""
    for pattern, order in (
        (r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", (3, 2, 1)),
        (r"([0-9]{4})-([0-9]{2})-([0-9]{2})", (1, 2, 3)),
    ):
        found = re.fullmatch(pattern, text.strip())
        if found:
            try:
                return date(*(int(found[i]) for i in order))
            except ValueError:
                break
    raise Rejected(f"fecha: «{text}» no es una fecha; escríbala como 24/11/2026")
