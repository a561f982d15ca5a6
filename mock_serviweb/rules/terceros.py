"""Terceros: Serviweb's own directory of people and companies, found by document."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from mock_serviweb.clock import stamp
from mock_serviweb.rules.answers import NotSaved

if TYPE_CHECKING:
    import sqlite3

    from mock_serviweb.store import Store

DOCUMENT_TYPES = ("CC", "NIT", "CE", "TI", "PP")
LENGTHS = {"Nombres": 60, "Apellidos": 60, "Celular": 10, "Dirección": 80}
NIT_WEIGHTS = (3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71)


@dataclass(frozen=True)
class NewTercero:
    """The form of a new tercero as typed."""

    tipo_documento: str
    documento: str
    nombres: str
    apellidos: str
    celular: str
    direccion: str = ""

    @classmethod
    def typed(cls, form: dict[str, str]) -> NewTercero:
        """Take the form's fields: upper case, no spaces around."""
        return cls(**{f.name: " ".join(form.get(f.name, "").upper().split()) for f in fields(cls)})


def check_digit(nit: str) -> int:
    """Compute the check digit of a NIT (DIAN's weights, from the right)."""
    rest = sum(int(digit) * weight for digit, weight in zip(reversed(nit), NIT_WEIGHTS, strict=False)) % 11
    return rest if rest < 2 else 11 - rest


def document_as_stored(kind: str, number: str) -> str:
    """Write a document without points and spaces; a NIT as `900123456-8`."""
    bare = re.sub(r"[.\s]", "", number).upper()
    if kind == "NIT" and re.fullmatch(r"\d{9}", bare):
        return f"{bare}-{check_digit(bare)}"
    if kind == "NIT" and re.fullmatch(r"\d{10}", bare):
        return f"{bare[:9]}-{bare[9]}"
    return bare


def by_document(store: Store, kind: str, number: str) -> sqlite3.Row | None:
    """Find a tercero, or nothing."""
    return store.one(
        "SELECT * FROM terceros WHERE tipo_documento = ? AND documento = ?", kind, document_as_stored(kind, number)
    )


def full_name(row: sqlite3.Row) -> str:
    """Write a tercero's name as screens show it."""
    return f"{row['nombres']} {row['apellidos']}".strip()


def save(store: Store, new: NewTercero, user: str) -> str:
    """Put a new tercero into the directory; answer its number."""
    document = document_as_stored(new.tipo_documento, new.documento)
    _check_fields(new)
    _check_document(new.tipo_documento, document)
    if by_document(store, new.tipo_documento, document):
        raise NotSaved(f"el documento {new.tipo_documento} {document} ya existe.")
    with store.transaction():
        number = f"{store.next_number('tercero'):05d}"
        store.run(
            "INSERT INTO terceros VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            *(number, new.tipo_documento, document, new.nombres, new.apellidos, new.celular, new.direccion),
            *(user, stamp()),
        )
    return number


def _check_fields(new: NewTercero) -> None:
    needed = {"Tipo de documento": new.tipo_documento, "Número de documento": new.documento, "Nombres": new.nombres}
    if new.tipo_documento != "NIT":  # a company has no surname
        needed["Apellidos"] = new.apellidos
    needed["Celular"] = new.celular
    for label, value in needed.items():
        if not value:
            raise NotSaved(f"falta el campo {label}.")
    typed = {"Nombres": new.nombres, "Apellidos": new.apellidos, "Dirección": new.direccion, "Celular": new.celular}
    for label, value in typed.items():
        if len(value) > LENGTHS[label]:
            raise NotSaved(f"el campo {label} supera {LENGTHS[label]} caracteres.")
    if not re.fullmatch(r"3\d{9}", new.celular):
        raise NotSaved("el celular no es válido.")


def _check_document(kind: str, document: str) -> None:
    if kind not in DOCUMENT_TYPES:
        raise NotSaved("el tipo de documento no es válido.")
    if kind == "NIT":
        if not re.fullmatch(r"\d{9}-\d", document):
            raise NotSaved("el NIT debe tener nueve dígitos y el de verificación.")
        if int(document[-1]) != check_digit(document[:9]):
            raise NotSaved("el dígito de verificación del NIT no es correcto.")
    elif not re.fullmatch(r"[A-Z0-9]{5,15}" if kind == "PP" else r"[1-9]\d{2,9}", document):
        raise NotSaved(f"el número de documento {kind} no es válido.")
