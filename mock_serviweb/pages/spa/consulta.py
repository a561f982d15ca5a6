"""Consultas: all facturas, recibos or trámites of a subscriber in one answer, read only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb import listings
from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.spa.answers import data, plainly
from mock_serviweb.rules import consultas
from mock_serviweb.rules.answers import NotFound

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from starlette.responses import Response

    Cells = Callable[[sqlite3.Row], tuple[str, ...]]
    Query = Callable[..., list[sqlite3.Row]]


def listing(at: str, query: Query, cells: Cells) -> Screen:
    """Make the address of one consultation."""

    @plainly
    def asked(visit: Visit) -> Response:
        codigo = visit.text("codigo")
        if not codigo:
            return data(visit)  # the empty form only asks whether one may be here
        found = visit.store.one("SELECT * FROM suscriptores WHERE codigo = ?", codigo)
        if found is None:
            raise NotFound(f"No existe el suscriptor {codigo}.")
        rows = query(visit.store, codigo, lag_seconds=visit.lag_seconds)
        shown = {key: found[key] for key in ("codigo", "nombre", "ruta")}
        return data(visit, suscriptor=shown, filas=[cells(row) for row in rows])

    address = f"/api/v1/consultas/{at.removeprefix('consulta.')}"
    return Screen(at, address, asked, answers="data", only_with="codigo")


SCREENS: Sequence[Screen] = (
    listing("consulta.facturas", consultas.facturas, listings.factura),
    listing("consulta.recibos", consultas.recibos, listings.recibo),
    listing("consulta.tramites", consultas.tramites, listings.tramite),
)
