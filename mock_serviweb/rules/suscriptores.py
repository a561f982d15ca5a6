"""Subscribers: looked up by code, searched in four ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_serviweb.rules.answers import NotFound
from mock_serviweb.store import plain

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from mock_serviweb.store import Store

SEARCHES: dict[str, tuple[str, Callable[[str], str]]] = {
    "Nombre": ("nombre_llano LIKE '%' || ? || '%'", plain),
    "Código": ("codigo LIKE ? || '%'", str.strip),
    "Documento": ("documento LIKE ? || '%'", str.strip),
    "Ruta": ("ruta LIKE ? || '%'", str.strip),
}
MOST = 50


def by_code(store: Store, codigo: str) -> sqlite3.Row:
    """Find a subscriber who may be served."""
    row = store.one("SELECT * FROM suscriptores WHERE codigo = ?", codigo.strip())
    if row is None:
        raise NotFound(f"No existe el suscriptor {codigo.strip()}.")
    if row["estado"] == "retirado":
        raise NotFound(f"El suscriptor {row['codigo']} está retirado.")
    return row


def search(store: Store, way: str, text: str) -> list[sqlite3.Row]:
    """Search as the box of the Abono screen does: a code, document or route by its beginning, a name by any part."""
    if not text.strip():
        raise NotFound("Escriba el texto a buscar.")
    if way not in SEARCHES:
        raise NotFound("Escoja el tipo de búsqueda.")
    where, clean = SEARCHES[way]
    found = store.all(
        f"SELECT * FROM suscriptores WHERE {where} ORDER BY nombre_llano, codigo LIMIT {MOST}",  # noqa: S608 — constants
        clean(text).replace("%", "").replace("_", ""),
    )
    if not found:
        raise NotFound("No se encontraron suscriptores.")
    return found
