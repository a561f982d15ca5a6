"""Facturas: the price list, the half-filled factura, and saving it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from mock_serviweb.clock import stamp
from mock_serviweb.rules import suscriptores, terceros
from mock_serviweb.rules.answers import NotFound, NotSaved

if TYPE_CHECKING:
    import sqlite3

    from mock_serviweb.store import Store

PAYMENT_FORMS = ("Contado", "Crédito")
LONGEST_OBSERVATION = 200


@dataclass
class Draft:
    """The half-filled factura: lives in the server's session until it is saved or emptied."""

    id: str = field(default_factory=lambda: secrets.token_hex(4))
    codigo: str = ""
    products: list[str] = field(default_factory=list)
    saved: bool = False


@dataclass(frozen=True)
class Line:
    """One row of the table of products."""

    producto: str
    valor: int
    cantidad: int = 1


@dataclass(frozen=True)
class NewFactura:
    """The form of a factura as typed."""

    forma_pago: str
    codigo: str
    tipo_documento: str
    documento: str
    observacion: str

    @classmethod
    def typed(cls, form: dict[str, str]) -> NewFactura:
        """Take the form's fields without spaces around; absent is empty."""
        return cls(**{f.name: form.get(f.name, "").strip() for f in fields(cls)})


def price_list(store: Store) -> list[sqlite3.Row]:
    """List the products in the order of the price list."""
    return store.all("SELECT * FROM productos ORDER BY codigo")


def add_line(store: Store, draft: Draft, product: str) -> None:
    """Add a product to the half-filled factura; its price depends on the subscriber's estrato."""
    if not draft.codigo:
        raise NotFound("Busque primero el suscriptor.")
    if store.one("SELECT 1 FROM productos WHERE codigo = ?", product) is None:
        raise NotFound("Escoja el producto.")
    draft.products.append(product)


def take_line(draft: Draft, place: str) -> None:
    """Take the line at a place, counted from 0, out of the half-filled factura, if there is one."""
    if place.isdigit() and int(place) < len(draft.products) and not draft.saved:
        del draft.products[int(place)]


def lines_of(store: Store, draft: Draft) -> list[Line]:
    """Price the lines of a half-filled factura."""
    return [
        Line(producto=row["nombre"], valor=row["valor"])
        for product in draft.products
        if (
            row := store.one(
                "SELECT p.nombre, v.valor FROM productos p JOIN precios v ON v.producto = p.codigo"
                " JOIN suscriptores s ON s.estrato = v.estrato WHERE p.codigo = ? AND s.codigo = ?",
                *(product, draft.codigo),
            )
        )
    ]


def check_draft(draft: Draft, shown: str) -> None:
    """Refuse to save when the screen shows another half-filled factura than the session holds."""
    if draft.id != shown:
        raise NotSaved("la factura de esta pantalla ya no está en la sesión.")


def last_number(store: Store, user: str) -> str:
    """Say which factura this user saved last: its number still stands on the screen."""
    number = store.value(
        "SELECT numero FROM facturas WHERE usuario = ? AND inicial = 0 ORDER BY momento DESC, numero DESC", user
    )
    return str(number or "")


def save(store: Store, draft: Draft, new: NewFactura, user: str, *, copies: int = 1) -> str:
    """Save a factura (or, for a double click, `copies` of it) and answer the last number.

    Nothing here refuses the same request a second time: that is how these systems bill people twice.
    """
    tercero = _check(store, draft, new)
    lines = lines_of(store, draft)
    number = ""
    with store.transaction():
        for _ in range(copies):
            number = f"F-{store.next_number('factura'):06d}"
            total = sum(line.valor for line in lines)
            store.run(
                "INSERT INTO facturas VALUES (?, ?, ?, ?, ?, ?, 'pendiente', ?, ?, 0)",
                *(number, new.codigo, new.forma_pago, tercero, new.observacion, total, user, stamp()),
            )
            for order, (product, line) in enumerate(zip(draft.products, lines, strict=True), start=1):
                store.run("INSERT INTO lineas VALUES (?, ?, ?, ?)", number, order, product, line.valor)
    draft.saved = True
    return number


def by_number(store: Store, number: str) -> sqlite3.Row:
    """Find a factura with its subscriber."""
    row = store.one(
        "SELECT f.*, s.nombre, s.ruta, s.direccion FROM facturas f JOIN suscriptores s USING (codigo) WHERE numero = ?",
        number,
    )
    if row is None:
        raise NotFound(f"No existe la factura {number}.")
    return row


def lines_saved(store: Store, number: str) -> list[Line]:
    """List the lines of a saved factura."""
    return [
        Line(producto=row["nombre"], valor=row["valor"])
        for row in store.all(
            "SELECT p.nombre, l.valor FROM lineas l JOIN productos p ON p.codigo = l.producto"
            " WHERE l.factura = ? ORDER BY l.orden",
            number,
        )
    ]


def _check(store: Store, draft: Draft, new: NewFactura) -> str:
    """Refuse an incomplete form; answer the tercero's number."""
    if new.forma_pago not in PAYMENT_FORMS:
        raise NotSaved("escoja la forma de pago.")
    try:
        suscriptores.by_code(store, new.codigo)
    except NotFound as refusal:
        raise NotSaved.because(refusal) from None
    if draft.codigo != new.codigo:
        raise NotSaved("el suscriptor no es el de los productos agregados.")
    tercero = terceros.by_document(store, new.tipo_documento, new.documento)
    if tercero is None:
        raise NotSaved("el tercero no aparece en el sistema.")
    if not draft.products:
        raise NotSaved("la factura no tiene productos.")
    if not new.observacion:
        raise NotSaved("falta la observación.")
    if len(new.observacion) > LONGEST_OBSERVATION:
        raise NotSaved(f"la observación supera {LONGEST_OBSERVATION} caracteres.")
    return str(tercero["numero"])
