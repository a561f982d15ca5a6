"""Trámites: requests filed under PQR; one for a reconnection needs its paid abono."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from mock_serviweb.clock import stamp, year
from mock_serviweb.rules import suscriptores
from mock_serviweb.rules.answers import NotFound, NotSaved

if TYPE_CHECKING:
    import sqlite3

    from mock_serviweb.store import Store

ZONES = ("FLORENCIA", "MORELIA", "BELÉN DE LOS ANDAQUÍES", "EL DONCELLO", "EL PAUJIL", "LA MONTAÑITA")
MEDIA = ("PERSONAL", "TELEFÓNICO", "ESCRITO", "WEB")
SERVICES = ("ACUEDUCTO", "ALCANTARILLADO", "ASEO")
RECONNECTION = "RECONEXIÓN DEL SERVICIO"
CAUSES = {
    "PETICIÓN": (
        "CAMBIO DE MEDIDOR",
        "CAMBIO DE NOMBRE",
        "ESTADO DE CUENTA",
        "INSTALACIÓN DE MEDIDOR",
        RECONNECTION,
        "RECONEXIÓN POR ERROR",
        "REVISIÓN DE INSTALACIONES",
        "TRASLADO DE ACOMETIDA",
    ),
    "QUEJA": ("ATENCIÓN AL USUARIO", "DEMORA EN LA ATENCIÓN", "RECONEXIÓN POR ERROR"),
    "RECLAMO": ("ALTO CONSUMO", "COBRO DE RECONEXIÓN", "CORTE INJUSTIFICADO", "ERROR DE LECTURA"),
    "RECURSO": ("REPOSICIÓN", "REPOSICIÓN Y EN SUBSIDIO APELACIÓN"),
}
LONGEST_OBSERVATION = 300


@dataclass(frozen=True)
class NewTramite:
    """The form of a trámite as typed."""

    zona: str
    medio: str
    codigo: str
    servicio: str
    tipo: str
    causal: str
    observacion: str
    notificacion: bool

    @classmethod
    def typed(cls, form: dict[str, str]) -> NewTramite:
        """Take the form's fields without spaces around; absent is empty, or no."""
        words = {f.name: form.get(f.name, "").strip() for f in fields(cls)}
        return cls(**{**words, "notificacion": bool(words["notificacion"])})  # type: ignore[arg-type]  # one bool


def causes(kind: str) -> tuple[str, ...]:
    """List the causales of a type of trámite."""
    if kind not in CAUSES:
        raise NotFound("Escoja el tipo de trámite.")
    return CAUSES[kind]


def last_number(store: Store, user: str) -> str:
    """Say which radicado this user got last: it still stands on the screen."""
    return str(
        store.value("SELECT radicado FROM tramites WHERE usuario = ? ORDER BY momento DESC, radicado DESC", user) or ""
    )


def save(store: Store, new: NewTramite, user: str, *, copies: int = 1) -> str:
    """File a trámite; answer the last radicado."""
    _check(store, new)
    abono = None
    if new.causal == RECONNECTION:
        abono = _paid_abono(store, new.codigo)
        if abono is None:
            raise NotSaved("el suscriptor no tiene un abono pagado de reconexión.")
    radicado = ""
    with store.transaction():
        for _ in range(copies):
            radicado = f"{year()}-{store.next_number('tramite'):06d}"
            store.run(
                "INSERT INTO tramites VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'Radicado', ?, ?)",
                *(radicado, new.codigo, new.zona, new.medio, new.servicio, new.tipo, new.causal, new.observacion),
                *(int(new.notificacion), abono, user, stamp()),
            )
    return radicado


def by_number(store: Store, radicado: str) -> sqlite3.Row:
    """Find a trámite with its subscriber."""
    row = store.one(
        "SELECT t.*, s.nombre, s.ruta, s.direccion FROM tramites t JOIN suscriptores s USING (codigo)"
        " WHERE radicado = ?",
        radicado,
    )
    if row is None:
        raise NotFound(f"No existe el trámite {radicado}.")
    return row


def _check(store: Store, new: NewTramite) -> None:
    if new.zona not in ZONES:
        raise NotSaved("escoja la zona.")
    if new.medio not in MEDIA:
        raise NotSaved("escoja el medio.")
    try:
        suscriptores.by_code(store, new.codigo)
    except NotFound as refusal:
        raise NotSaved.because(refusal) from None
    if new.servicio not in SERVICES:
        raise NotSaved("escoja el servicio.")
    if new.causal not in CAUSES.get(new.tipo, ()):
        raise NotSaved("escoja el tipo de trámite y la causal.")
    if not new.observacion:
        raise NotSaved("falta la observación.")
    if len(new.observacion) > LONGEST_OBSERVATION:
        raise NotSaved(f"la observación supera {LONGEST_OBSERVATION} caracteres.")


def _paid_abono(store: Store, codigo: str) -> str | None:
    """Find the oldest paid abono of a reconexión factura that no trámite has used yet."""
    number = store.value(
        "SELECT a.numero FROM abonos a JOIN abonos_facturas j ON j.abono = a.numero"
        " JOIN lineas l ON l.factura = j.factura JOIN productos p ON p.codigo = l.producto"
        " WHERE a.codigo = ? AND a.estado = 'pagado' AND p.reconexion = 1"
        " AND a.numero NOT IN (SELECT abono FROM tramites WHERE abono IS NOT NULL) ORDER BY a.numero",
        codigo,
    )
    return None if number is None else str(number)
