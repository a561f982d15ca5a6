"""What the commands `serviweb usuarios …` do: people of the panel, their roles and passwords, from the console."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.prompt import Prompt
from rich.table import Table

from robot.console import print_json
from robot.errors import Rejected
from robot.records.store import acciones, intentos, personas
from robot.records.store.engine import Store
from robot.settings import load
from robot.work.archivo import archivo_of

Note = Callable[..., None]


def crear(
    usuario: str, *, nombre: str, rol: str, serviweb: str, temporal: bool, desde_entrada: bool, json: bool
) -> int:
    """Add somebody to the panel; a temporary password is printed once."""
    name = personas.nombre_usuario(usuario)
    clave = _password(temporal=temporal, desde_entrada=desde_entrada)
    with _audited() as (store, note):
        made = personas.create(
            store, name, nombre=nombre, rol=rol, clave=clave, serviweb=serviweb, cambiar_clave=temporal
        )
        note("usuario_creado", usuario=made.usuario, rol_nuevo=made.rol, serviweb=made.serviweb)
    return _told(f"{made.usuario} entra al panel como {made.rol}.", made.usuario, clave if temporal else "", json=json)


def rol(usuario: str, nuevo: str, *, json: bool) -> int:
    """Change somebody's role."""
    with _audited() as (store, note):
        before = personas.found(store, usuario)
        after = personas.change(store, usuario, rol=nuevo)
        note("rol_cambiado", usuario=after.usuario, antes=before.rol, ahora=after.rol)
    return _told(f"{after.usuario} es ahora {after.rol}; sus sesiones se cerraron.", after.usuario, json=json)


def clave(usuario: str, *, temporal: bool, desde_entrada: bool, json: bool) -> int:
    """Give somebody another password; it ends their sessions and a lock-out."""
    with _audited() as (store, note):
        known = personas.found(store, usuario)
        given = _password(temporal=temporal, desde_entrada=desde_entrada)
        personas.set_password(store, known.usuario, given, cambiar_clave=temporal)
        note("clave_temporal" if temporal else "clave_puesta", usuario=known.usuario)
    return _told(f"La clave de {known.usuario} quedó cambiada.", known.usuario, given if temporal else "", json=json)


def activar(usuario: str, *, activa: bool, json: bool) -> int:
    """Let somebody enter again, or never more."""
    with _audited() as (store, note):
        after = personas.change(store, usuario, activa=activa)
        note("usuario_activado" if activa else "usuario_desactivado", usuario=after.usuario)
    said = "puede entrar otra vez" if activa else "ya no puede entrar; sus sesiones se cerraron"
    return _told(f"{after.usuario} {said}.", after.usuario, json=json)


def lista(*, json: bool) -> int:
    """Show everybody of the panel."""
    with archivo_of(load()) as archivo:
        rows = personas.everybody(archivo.store)
        locked = intentos.locked(archivo.store, [row["usuario"] for row in rows])
    if json:
        names = ("usuario", "nombre", "rol", "serviweb", "activa", "cambiar_clave")
        print_json({"usuarios": [{n: row[n] for n in names} | {"bloqueada": row["usuario"] in locked} for row in rows]})
        return 0
    if not rows:
        Console(highlight=False).print("Todavía no hay usuarios: serviweb usuarios crear NOMBRE --rol administrador")
        return 0
    table = Table("Usuario", "Nombre", "Rol", "Serviweb", "Estado", box=None, pad_edge=False)
    for row in rows:
        state = "desactivado" if not row["activa"] else "bloqueado" if row["usuario"] in locked else "activo"
        state += ", clave temporal" if row["cambiar_clave"] else ""
        table.add_row(row["usuario"], row["nombre"], row["rol"], row["serviweb"] or "—", state)
    Console(highlight=False).print(table)
    return 0


@contextmanager
def _audited() -> Iterator[tuple[Store, Note]]:
    """Open the database; what is noted bears the name of who uses this console."""
    with archivo_of(load()) as archivo:

        def note(accion: str, **detalle: Any) -> None:
            acciones.note(archivo.store, accion, quien=f"consola:{getpass.getuser()}", **detalle)

        yield archivo.store, note


def _password(*, temporal: bool, desde_entrada: bool) -> str:
    """Return a password: made here, read from the standard input, or asked for twice without showing it."""
    if temporal and desde_entrada:
        raise Rejected("Use --temporal o --clave-desde-entrada, no los dos")
    if temporal:
        return personas.temporary()
    if desde_entrada:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Rejected(
            "Sin terminal no se puede preguntar la clave",
            remedy="Use --temporal, o --clave-desde-entrada y un archivo.",
        )
    console = Console(stderr=True)
    asked = Prompt.ask(f"Clave ({personas.SHORTEST} letras o más)", console=console, password=True)
    if asked != Prompt.ask("Otra vez la clave", console=console, password=True):
        raise Rejected("Las dos claves no son iguales", remedy="Repita la orden.")
    return asked


def _told(said: str, usuario: str, temporal: str = "", *, json: bool) -> int:
    if json:
        print_json({"usuario": usuario, "mensaje": said} | ({"clave_temporal": temporal} if temporal else {}))
        return 0
    console = Console(highlight=False)
    console.print(said, soft_wrap=True, markup=False)
    if temporal:
        console.print(f"Clave temporal: {temporal}", style="bold", soft_wrap=True)
        console.print("Díctesela: no queda escrita en ninguna parte, y al entrar elige la suya.", soft_wrap=True)
    return 0
