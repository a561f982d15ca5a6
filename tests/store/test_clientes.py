"""Programs of the API: their token is kept as a hash, and revoked for good."""

from __future__ import annotations

import hashlib

import pytest
from some_cases import one, run

from robot.errors import Rejected
from robot.records.store import clientes
from robot.records.store.engine import Store


def test_only_the_hash_of_a_token_is_kept(store: Store) -> None:
    """What the table holds finds the program again and lets nobody in."""
    made, token = clientes.create(store, "  Caja   en línea ", ["pagos:registrar", "casos:leer"], por="admin")
    kept = one(store, "SELECT huella FROM clientes")
    assert token not in str(dict(clientes.everybody(store)[0]))
    assert kept == hashlib.sha256(token.encode()).hexdigest()
    assert clientes.of_token(store, token) == made
    assert clientes.of_token(store, kept) is None
    assert (made.nombre, made.permisos) == ("Caja en línea", {"casos:leer", "pagos:registrar"})


def test_a_revoked_token_lets_nobody_in(store: Store) -> None:
    """Revoking is for good, and revoking twice is no fault."""
    made, token = clientes.create(store, "Web", ["casos:leer"], por="admin")
    for _ in range(2):
        clientes.revoke(store, made.id)
    assert clientes.of_token(store, token) is None
    with pytest.raises(Rejected, match="No hay un programa"):
        clientes.revoke(store, "C-00000000")


def test_the_last_use_is_noted_once_a_minute(store: Store) -> None:
    """A busy program does not write at each call."""
    _, token = clientes.create(store, "Web", ["casos:leer"], por="admin")
    assert one(store, "SELECT usado FROM clientes") is None
    clientes.of_token(store, token)
    first = one(store, "SELECT usado FROM clientes")
    clientes.of_token(store, token)
    assert one(store, "SELECT usado FROM clientes") == first
    run(store, "UPDATE clientes SET usado = '2026-01-01T00:00:00.000000Z'")
    clientes.of_token(store, token)
    assert one(store, "SELECT usado FROM clientes") > first


@pytest.mark.parametrize(("nombre", "permisos"), [(" ", ["casos:leer"]), ("Web", []), ("Web", ["todo"])])
def test_a_program_has_a_name_and_permissions(store: Store, nombre: str, permisos: list[str]) -> None:
    """Without either, nothing is made."""
    with pytest.raises(Rejected):
        clientes.create(store, nombre, permisos, por="admin")
    assert one(store, "SELECT count(*) FROM clientes") == 0
