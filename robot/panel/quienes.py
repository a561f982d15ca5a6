"""Who somebody is, where a table has a user's name or a program's mark: as people call them."""

from __future__ import annotations

from functools import cached_property

from robot.records.store import clientes, personas
from robot.records.store.engine import Store


class Quienes:
    """Names by user; they are read once, when a page first shows one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _names(self) -> dict[str, str]:
        people = {str(row["usuario"]): str(row["nombre"]) for row in personas.everybody(self._store)}
        programs = {
            f"{clientes.PREFIX}{row['id']}": f"{row['nombre']} (programa)" for row in clientes.everybody(self._store)
        }
        return people | programs

    def __call__(self, usuario: str | None) -> str:
        """Return a person's or a program's name, what stands there for others, «» for nobody."""
        return self._names.get(usuario, usuario) if usuario else ""
