"""What people of the utility do behind the advisors' backs: void a document, or change its amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_serviweb.store import Store

# Table, the column of its number, the column of its amount, and the word for void.
_DOCUMENTS = (
    ("facturas", "numero", "total", "anulada"),
    ("abonos", "numero", "valor", "anulado"),
    ("tramites", "radicado", "", "Anulado"),
)


def apply(store: Store, number: str, *, void: bool = False, amount: int | None = None) -> bool:
    """Void a document or change its amount; say whether there is one of that number."""
    for table, key, value, word in _DOCUMENTS:
        if store.one(f"SELECT 1 FROM {table} WHERE {key} = ?", number) is None:  # noqa: S608 — our own names
            continue
        with store.transaction():
            if void:
                store.run(f"UPDATE {table} SET estado = ? WHERE {key} = ?", word, number)  # noqa: S608 — our own names
            if amount is not None and value:
                store.run(f"UPDATE {table} SET {value} = ? WHERE {key} = ?", amount, number)  # noqa: S608 — our own names
        return True
    return False
