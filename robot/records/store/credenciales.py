"""Passwords of Serviweb's users as the database holds them: encrypted; «» where the system's keyring has it."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.records.store.schema_panel import credenciales


def keep(store: Store, usuario: str, cifrada: str, por: str) -> None:
    """Write a user's encrypted password over the one before; «» notes that the keyring has it since now."""
    with store.write() as connection:
        store.one_at_a_time(connection, "acciones")
        connection.execute(delete(credenciales).where(credenciales.c.usuario == usuario))
        row = {"usuario": usuario, "cifrada": cifrada, "por": por, "cuando": store.now(connection)}
        connection.execute(insert(credenciales), row)


def found(store: Store, usuario: str) -> Row | None:
    """Return what is kept of a user's password: when, by whom, and the encrypted text."""
    with store.read() as connection:
        query = select(credenciales).where(credenciales.c.usuario == usuario)
        return connection.execute(query).mappings().one_or_none()


def forget(store: Store, usuario: str) -> None:
    """Erase a user's password."""
    with store.write() as connection:
        connection.execute(delete(credenciales).where(credenciales.c.usuario == usuario))


def anybody(store: Store) -> bool:
    """Say whether somebody keeps a password of their own."""
    with store.read() as connection:
        return connection.execute(select(credenciales.c.usuario).limit(1)).first() is not None
