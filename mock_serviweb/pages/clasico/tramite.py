"""Trámite: file a request under PQR; its radicado is told in a native box and nowhere else on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.clasico.postback import Event, Form
from mock_serviweb.pages.clasico.view import for_person, page
from mock_serviweb.rules import suscriptores, tramites
from mock_serviweb.rules.answers import NotFound, NotSaved
from mock_serviweb.rules.tramites import NewTramite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

ADVISERS = frozenset({"asesor", "supervisor"})


def show(visit: Visit, *, says: str = "", printable: str = "") -> Response:
    """Render the form; the radicado on it is the one of before, *printable* the one just filed."""
    codigo = visit.text("suscriptor") if visit.text("suscriptor") == visit.text("codigo") else ""
    return page(
        visit,
        "tramite.html",
        title="Trámite",
        action="/Tramite.aspx",
        kept={"suscriptor": codigo, "anterior": visit.text("anterior")},
        says=says,
        found=visit.store.one("SELECT * FROM suscriptores WHERE codigo = ?", codigo) if codigo else None,
        number=visit.text("anterior"),
        printable=printable,
        paper="/ImprimirTramite.aspx",
        zones=tramites.ZONES,
        media=tramites.MEDIA,
        services=tramites.SERVICES if codigo else (),
        kinds=list(tramites.CAUSES),
        causes=tramites.CAUSES.get(visit.text("tipo"), ()),
    )


def opened(visit: Visit) -> Response:
    visit.typed["anterior"] = tramites.last_number(visit.store, visit.user)
    return show(visit)


def subscriber(visit: Visit) -> Response:
    visit.typed["suscriptor"] = ""
    try:
        found = suscriptores.by_code(visit.store, visit.text("codigo"))
    except NotFound as no:
        return show(visit, says=str(no))
    visit.typed["suscriptor"] = visit.typed["codigo"] = found["codigo"]
    return show(visit)


def kind(visit: Visit) -> Response:
    visit.typed["causal"] = ""
    return show(visit)


def save(visit: Visit) -> Response:
    try:
        radicado = _saved(visit)
    except NotSaved as no:
        return show(visit, says=str(no))
    return show(visit, says=f"Trámite radicado con el número {radicado}", printable=radicado)


def save_and_new(visit: Visit) -> Response:
    try:
        radicado = _saved(visit)
    except NotSaved as no:
        return show(visit, says=str(no))
    visit.typed = {"anterior": visit.text("anterior")}
    return show(visit, says=f"Trámite radicado con el número {radicado}")


def _saved(visit: Visit) -> str:
    new = NewTramite.typed(visit.typed)
    return tramites.save(visit.store, new, visit.user, copies=visit.copies)


@for_person
def printed(visit: Visit) -> Response:
    found = tramites.by_number(visit.store, visit.text("n"))
    return page(
        visit,
        "papel_tramite.html",
        title=f"Solicitud de trámite {found['radicado']}",
        tramite=found,
        preview=visit.text("vista") == "previa",
    )


FORM = Form(
    Screen("tramite.pantalla", "/Tramite.aspx", opened, profiles=ADVISERS),
    {
        "codigo": Event("tramite.suscriptor", subscriber, delay_seconds=0.15),
        "tipo": Event("", kind),
        "guardar": Event("tramite.guardar", save, writes=True),
        "guardar_nuevo": Event("tramite.guardar", save_and_new, writes=True),
    },
)
SCREENS: Sequence[Screen] = (
    *FORM.screens(),
    Screen("tramite.imprimir", "/ImprimirTramite.aspx", printed, answers="paper"),
)
