"""Consultas: the facturas, recibos and trámites of a subscriber, read only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mock_serviweb import listings
from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.moderno.view import page
from mock_serviweb.rules import consultas

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from starlette.responses import Response


PAGE_ROWS = 10


@dataclass(frozen=True)
class Listing:
    """One consultation: where its rows come from and what its columns show."""

    at: str
    menu: str
    what: str
    query: Callable[..., list[sqlite3.Row]]
    columns: tuple[str, ...]
    cells: Callable[[sqlite3.Row], tuple[str, ...]]

    def screen(self, visit: Visit) -> Response:
        """Show the form, and the subscriber's rows once a code was typed."""
        codigo = visit.text("codigo")
        found = visit.store.one("SELECT * FROM suscriptores WHERE codigo = ?", codigo) if codigo else None
        rows = self.query(visit.store, codigo, lag_seconds=visit.lag_seconds) if found else []
        pages = max(1, -(-len(rows) // PAGE_ROWS))
        number = min(pages, max(1, int(visit.text("pagina")))) if visit.text("pagina").isdigit() else 1
        rows = rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
        return page(
            visit,
            "consulta.html",
            title=f"Consulta de {self.what.lower()}",
            alert=f"No existe el suscriptor {codigo}." if codigo and not found else "",
            menu=self.menu,
            what=self.what,
            codigo=codigo,
            found=found,
            columns=self.columns,
            rows=[self.cells(row) for row in rows],
            number=number,
            pages=pages,
        )


FACTURAS = Listing(
    at="consulta.facturas",
    menu="SUSCRIPTOR",
    what="Facturas",
    query=consultas.facturas,
    columns=listings.FACTURA,
    cells=listings.factura,
)
RECIBOS = Listing(
    at="consulta.recibos",
    menu="RECAUDO",
    what="Recibos",
    query=consultas.recibos,
    columns=listings.RECIBO,
    cells=listings.recibo,
)
TRAMITES = Listing(
    at="consulta.tramites",
    menu="PQR",
    what="Trámites",
    query=consultas.tramites,
    columns=listings.TRAMITE,
    cells=listings.tramite,
)

SCREENS: Sequence[Screen] = tuple(
    Screen(listing.at, f"/{listing.at.replace('.', '/')}", listing.screen, only_with="codigo")
    for listing in (FACTURAS, RECIBOS, TRAMITES)
)
