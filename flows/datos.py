"""What the flows hand on: the work to do, and what Serviweb answered."""

from __future__ import annotations

from dataclasses import dataclass

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
