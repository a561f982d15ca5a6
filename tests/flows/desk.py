"""An advisor's desk for the tests: the real robot, a real browser, the bundled Serviweb, and its ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from robot.records.solicitud import Pago, Solicitud, validate
from robot.settings import BOGOTA, Settings
from robot.work import pago as payments
from robot.work.apertura import open_case, open_rehearsal
from robot.work.archivo import Archivo
from robot.work.worker import Outcome, Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_client import Control
    from playwright.async_api import Browser

    from robot.browser.maps import Map
    from robot.records.caso import Caso
    from robot.records.store.engine import Store

PEOPLE: dict[str, dict[str, str]] = {
    "100234": {"ruta": "01-383", "documento": "40781234", "nombres": "María Fernanda", "apellidos": "Rojas Vargas"},
    "100310": {"ruta": "02-115", "documento": "17634567", "nombres": "José Ángel", "apellidos": "Ñáñez Muñoz"},
    "100411": {"ruta": "03-020", "documento": "26615478", "nombres": "Luz Dary", "apellidos": "Cuéllar Ospina"},
    "100412": {"ruta": "03-021", "documento": "17655321", "nombres": "Hernán", "apellidos": "Gasca Trujillo"},
    "100500": {"ruta": "04-001", "documento": "40781234", "nombres": "Ana Lucía", "apellidos": "Perdomo"},
    "000789": {"ruta": "01-007", "documento": "40755001", "nombres": "Rosa Elvira", "apellidos": "Chaux"},
    "100600": {
        "ruta": "05-210",
        "tipo_documento": "NIT",
        "documento": "900123456-8",
        "nombres": "Ferretería El Puerto S.A.S.",
    },
    "999999": {"ruta": "09-999", "documento": "40781234", "nombres": "María Fernanda", "apellidos": "Rojas Vargas"},
}


@dataclass
class Desk:
    """Run stages as the command line does, and look at what Serviweb has afterwards."""

    control: Control
    settings: Settings
    maps: Map
    browser: Browser
    do: Callable[..., Any]
    store: Store
    seen: list[dict[str, Any]] = field(default_factory=list)

    def set(self, **changes: Any) -> None:
        """Change settings for this test."""
        self.settings = self.settings.model_copy(update=changes)

    @property
    def archivo(self) -> Archivo:
        """Return the two witnesses of each case, under the settings of now."""
        return Archivo(self.settings, self.store)

    def worker(self) -> Worker:
        """Return a worker of this desk."""
        return Worker(self.settings, self.maps, self.browser, archivo=self.archivo)

    def opened(self, solicitud: Solicitud, *, rehearsal: bool = False) -> Caso:
        """Open a case, or a rehearsal."""
        if rehearsal:
            return open_rehearsal(self.settings, self.maps, solicitud)
        return open_case(self.archivo, self.maps, solicitud)

    def request(self, codigo: str = "100234", **changes: Any) -> Solicitud:
        """Return a valid request of one of the people above."""
        data: dict[str, Any] = {
            "codigo": codigo,
            "celular": "312 456 7890",
            "forma_pago": "contado",
            "concepto": "RECONEXION",
            "medidor": True,
            "arreglo": "sin-deuda",
        }
        return validate(data | PEOPLE[codigo] | changes)

    def cobro(self, solicitud: Solicitud | None = None, *, rehearsal: bool = False) -> Outcome:
        """Open a case and run its cobro stage."""
        solicitud = solicitud or self.request()
        return self._stage(self.opened(solicitud, rehearsal=rehearsal), solicitud, rehearsal)

    def cobro_again(self, caso: Caso, solicitud: Solicitud) -> Outcome:
        """Go on with a case's cobro stage."""
        return self._stage(caso, solicitud, rehearsal=False)

    def _stage(self, caso: Caso, solicitud: Solicitud, rehearsal: bool) -> Outcome:
        async def work() -> Outcome:
            async with self.worker() as worker:
                return await worker.cobro(caso, solicitud, listener=self.seen.append, rehearsal=rehearsal)

        return self.do(work())

    def paid(self, caso: Caso) -> None:
        """Let the customer pay at the caja, and record that a person saw it."""
        self.do_pay(caso)
        pago = Pago(recibo=caso.number("abono"), fecha=datetime.now(BOGOTA).date(), confirmado_por="prueba")
        payments.paid(self.archivo, caso, pago)

    def do_pay(self, caso: Caso) -> None:
        """Let the customer pay at the caja."""
        self.control.pay(caso.number("abono"))

    def tramite(self, caso: Caso, solicitud: Solicitud) -> Outcome:
        """Run a case's trámite stage."""

        async def work() -> Outcome:
            async with self.worker() as worker:
                return await worker.tramite(caso, solicitud, listener=self.seen.append)

        return self.do(work())

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """Return Serviweb's own list: terceros, facturas, abonos, pagos, tramites."""
        return self.control.ledger()[kind]

    def new(self, kind: str, before: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what Serviweb has more of than *before* (an earlier ledger)."""
        known = {entry["number"] for entry in before[kind]}
        return [entry for entry in self.ledger(kind) if entry["number"] not in known]

    def posts(self, route: str) -> int:
        """Return how many requests reached a write route."""
        return int(self.control.ledger()["posts"].get(route, 0))
