"""Nuevo tercero: the box behind the + button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.spa.answers import data, plainly
from mock_serviweb.rules import terceros
from mock_serviweb.rules.terceros import NewTercero

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response


@plainly
def save(visit: Visit) -> Response:
    new = NewTercero.typed(visit.typed)
    number = terceros.save(visit.store, new, visit.user)
    return data(
        visit,
        numero=number,
        tipo_documento=new.tipo_documento,
        documento=terceros.document_as_stored(new.tipo_documento, new.documento),
        nombre=f"{new.nombres} {new.apellidos}".strip(),
    )


SCREENS: Sequence[Screen] = (
    Screen("tercero.guardar", "/api/v1/terceros", save, "POST", "data", frozenset({"asesor", "supervisor"})),
)
