"""Consultas: the facturas, recibos and trámites of a subscriber, read only, ten rows a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mock_serviweb import listings
from mock_serviweb.door import Screen, Visit
from mock_serviweb.pages.clasico.postback import Event, Form
from mock_serviweb.pages.clasico.view import page
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
    address: str
    title: str
    query: Callable[..., list[sqlite3.Row]]
    columns: tuple[str, ...]
    cells: Callable[[sqlite3.Row], tuple[str, ...]]

    def opened(self, visit: Visit) -> Response:
        return self._show(visit, "", 1)

    def asked(self, visit: Visit) -> Response:
        return self._show(visit, visit.text("codigo"), 1)

    def turned(self, visit: Visit) -> Response:
        """Show another page of the subscriber asked for: `Page$2`, as such grids say it."""
        number = visit.text("argumento").removeprefix("Page$")
        return self._show(visit, visit.text("consultado"), int(number) if number.isdigit() else 1)

    def form(self) -> Form:
        """Return the screen of this list and its two events."""
        return Form(
            Screen("", self.address, self.opened),
            {
                "consultar": Event(self.at, self.asked, only_with="codigo"),
                "pagina": Event(self.at, self.turned, only_with="codigo"),
            },
        )

    def _show(self, visit: Visit, codigo: str, number: int) -> Response:
        found = visit.store.one("SELECT * FROM suscriptores WHERE codigo = ?", codigo) if codigo else None
        rows = self.query(visit.store, codigo, lag_seconds=visit.lag_seconds) if found else []
        pages = max(1, -(-len(rows) // PAGE_ROWS))
        number = min(pages, max(1, number))
        return page(
            visit,
            "consulta.html",
            title=self.title,
            action=self.address,
            kept={"consultado": codigo},
            says=f"No existe el suscriptor {codigo}." if codigo and not found else "",
            found=found,
            columns=self.columns,
            rows=[self.cells(row) for row in rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]],
            records=len(rows),
            number=number,
            pages=pages,
        )


FACTURAS = Listing(
    at="consulta.facturas",
    address="/ConsultaFacturas.aspx",
    title="Consulta de facturas",
    query=consultas.facturas,
    columns=listings.FACTURA,
    cells=listings.factura,
)
RECIBOS = Listing(
    at="consulta.recibos",
    address="/ConsultaRecibos.aspx",
    title="Consulta de recibos",
    query=consultas.recibos,
    columns=listings.RECIBO,
    cells=listings.recibo,
)
TRAMITES = Listing(
    at="consulta.tramites",
    address="/ConsultaTramites.aspx",
    title="Consulta de trámites",
    query=consultas.tramites,
    columns=listings.TRAMITE,
    cells=listings.tramite,
)
SCREENS: Sequence[Screen] = [screen for listing in (FACTURAS, RECIBOS, TRAMITES) for screen in listing.form().screens()]
