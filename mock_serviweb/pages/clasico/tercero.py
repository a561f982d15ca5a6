"""Nuevo tercero: the window behind the + button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.clasico.postback import Event, Form
from mock_serviweb.pages.clasico.view import page
from mock_serviweb.rules import terceros
from mock_serviweb.rules.answers import NotSaved
from mock_serviweb.rules.terceros import NewTercero

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response


def show(
    visit: Visit, *, error: str = "", done: str = "", created: NewTercero | None = None, blank: bool = False
) -> Response:
    """Render the form or, once a tercero is *created*, what the window says to whom opened it."""
    document = terceros.document_as_stored(created.tipo_documento, created.documento) if created else ""
    return page(
        visit,
        "tercero.html",
        title="Nuevo tercero",
        typed={} if blank else None,
        action="/NuevoTercero.aspx",
        error=error,
        done=done,
        created=created,
        document=document,
        document_types=terceros.DOCUMENT_TYPES,
    )


def opened(visit: Visit) -> Response:
    return show(visit)


def save(visit: Visit) -> Response:
    new = NewTercero.typed(visit.typed)
    try:
        number = terceros.save(visit.store, new, visit.user)
    except NotSaved as no:
        return show(visit, error=str(no))
    return show(visit, done=f"Tercero creado: {number}", created=new)


def save_and_new(visit: Visit) -> Response:
    try:
        number = terceros.save(visit.store, NewTercero.typed(visit.typed), visit.user)
    except NotSaved as no:
        return show(visit, error=str(no))
    return show(visit, done=f"Tercero creado: {number}", blank=True)


FORM = Form(
    Screen("", "/NuevoTercero.aspx", opened, profiles=frozenset({"asesor", "supervisor"})),
    {
        "guardar": Event("tercero.guardar", save, writes=True),
        "guardar_nuevo": Event("tercero.guardar", save_and_new, writes=True),
    },
)
SCREENS: Sequence[Screen] = FORM.screens()
