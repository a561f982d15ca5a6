"""Trámite: its screen, the look-ups, filing it, and the solicitud as a PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.spa import prints
from mock_serviweb.pages.spa.answers import data, paper, plainly
from mock_serviweb.rules import suscriptores, tramites
from mock_serviweb.rules.tramites import NewTramite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

ADVISERS = frozenset({"asesor", "supervisor"})


def screen(visit: Visit) -> Response:
    return data(
        visit,
        zonas=tramites.ZONES,
        medios=tramites.MEDIA,
        tipos=list(tramites.CAUSES),
        ultimo=tramites.last_number(visit.store, visit.user),
    )


@plainly
def subscriber(visit: Visit) -> Response:
    found = suscriptores.by_code(visit.store, visit.text("codigo"))
    shown = {key: found[key] for key in ("codigo", "nombre", "ruta")}
    return data(visit, suscriptor=shown, servicios=tramites.SERVICES)


@plainly
def causes(visit: Visit) -> Response:
    return data(visit, causales=tramites.causes(visit.text("tipo")))


@plainly
def save(visit: Visit) -> Response:
    new = NewTramite.typed(visit.typed)
    return data(visit, radicado=tramites.save(visit.store, new, visit.user, copies=visit.copies))


@plainly
def printed(visit: Visit) -> Response:
    found = tramites.by_number(visit.store, visit.path["radicado"])
    pdf = prints.tramite(found, preview=visit.text("vista") == "previa")
    return paper(visit, pdf, f"solicitud-{found['radicado']}")


SCREENS: Sequence[Screen] = (
    Screen("tramite.pantalla", "/api/v1/tramites/nuevo", screen, answers="data", profiles=ADVISERS),
    Screen(
        "tramite.suscriptor",
        "/api/v1/tramites/suscriptor",
        subscriber,
        answers="data",
        profiles=ADVISERS,
        delay_seconds=0.15,
    ),
    Screen("", "/api/v1/tramites/causales", causes, answers="data", profiles=ADVISERS),
    Screen("tramite.guardar", "/api/v1/tramites", save, "POST", "data", ADVISERS),
    Screen("tramite.imprimir", "/api/v1/tramites/{radicado}/solicitud.pdf", printed, answers="paper"),
)
