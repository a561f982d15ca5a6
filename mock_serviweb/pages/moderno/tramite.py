"""Trámite: file a request under PQR, get its radicado, print the solicitud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.moderno.view import data, for_person, for_script, page
from mock_serviweb.rules import suscriptores, tramites
from mock_serviweb.rules.tramites import NewTramite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

ADVISERS = frozenset({"asesor", "supervisor"})


def screen(visit: Visit) -> Response:
    return page(
        visit,
        "tramite.html",
        title="Trámite",
        zones=tramites.ZONES,
        media=tramites.MEDIA,
        kinds=list(tramites.CAUSES),
        number=tramites.last_number(visit.store, visit.user),
    )


@for_script
def subscriber(visit: Visit) -> Response:
    found = suscriptores.by_code(visit.store, visit.text("codigo"))
    return data(visit, **{key: found[key] for key in ("codigo", "nombre", "ruta")}, servicios=tramites.SERVICES)


@for_script
def causes(visit: Visit) -> Response:
    return data(visit, causales=tramites.causes(visit.text("tipo")))


@for_script
def save(visit: Visit) -> Response:
    new = NewTramite.typed(visit.typed)
    radicado = tramites.save(visit.store, new, visit.user, copies=visit.copies)
    return data(visit, numero=radicado, mensaje="Trámite radicado.")


@for_person
def printed(visit: Visit) -> Response:
    found = tramites.by_number(visit.store, visit.path["radicado"])
    return page(
        visit,
        "solicitud_tramite.html",
        title=f"Solicitud de trámite {found['radicado']}",
        tramite=found,
        preview=visit.text("vista") == "previa",
    )


SCREENS: Sequence[Screen] = (
    Screen("tramite.pantalla", "/tramite", screen, profiles=ADVISERS),
    Screen(
        "tramite.suscriptor",
        "/tramite/suscriptor",
        subscriber,
        answers="data",
        profiles=ADVISERS,
        delay_seconds=0.15,
    ),
    Screen("", "/tramite/causales", causes, answers="data", profiles=ADVISERS),
    Screen("tramite.guardar", "/tramite/guardar", save, "POST", "data", ADVISERS),
    Screen("tramite.imprimir", "/tramite/{radicado}/solicitud", printed, answers="paper"),
)
