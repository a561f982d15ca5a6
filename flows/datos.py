"""What the flows hand on: the work to do, and what Serviweb answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from robot.records.busqueda import Expected
from robot.records.pagado import Visto
from robot.records.solicitud import Solicitud


@dataclass(frozen=True, kw_only=True)
class Trabajo:
    """One case's work: the request, its mark, and what the installation decides."""

    caso: str
    solicitud: Solicitud
    productos: tuple[str, ...]
    observacion_factura: str
    observacion_tramite: str
    zona: str
    medio: str
    servicio: str
    tipo_tramite: str
    causal: str
    marca: str = ""  # "" where the Observación carries none
    consulta_previa: bool = False
    dias_duplicado: int = 25
    numeros: Mapping[str, str] = field(default_factory=dict)  # confirmed before, by kind
    partidas: Mapping[str, Collection[str]] = field(default_factory=dict)  # the numbers listed before an earlier try
    pago: Visto | None = None  # the recorded payment, until Serviweb has shown it

    def esperado(self, kind: str, *, factura: str = "") -> Expected:
        """Return what a document of this case looks like on Serviweb's lists."""
        return Expected(kind=kind, mark=self.marca, factura=factura, productos=self.productos, causal=self.causal)


@dataclass(frozen=True, kw_only=True)
class Factura:
    """A saved factura: Serviweb's number, and its lines as the page showed them before *Guardar* (whole pesos)."""

    numero: str
    total: int


@dataclass(frozen=True, kw_only=True)
class Abono:
    """A generated abono: the receipt number, and what the customer must pay (whole pesos)."""

    recibo: str
    total: int
