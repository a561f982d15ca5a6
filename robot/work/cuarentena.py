"""Is the database younger than what this machine's folders know? If not, nothing commits (design: *Restored backups*).

Asked at the start of whatever may commit, and now and then by the queue. What each look catches: the counter file, an
old copy of the database put back by itself; the folders, an old copy of the database and of the counter under living
folders. An old copy of the whole data folder agrees with itself: only Serviweb's own lists betray it (baseline).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, insert, select

from robot.errors import Quarantined
from robot.records.contador import Contador, Salida
from robot.records.store import cases
from robot.records.store.behind import Behind, behind, compared, heads_of, unknown
from robot.records.store.engine import Store
from robot.records.store.schema import casos, control
from robot.work.archivo import Archivo, machine, this_host

_MINE: Final = f"{cases.QUARANTINE}:"
_SLACK_SECONDS: Final = 300
"""A folder written this long before the database's newest change is compared too: clocks of files are coarse."""


def check(archivo: Archivo, *, folders: bool = False) -> None:
    """Raise `Quarantined` when the installation is in quarantine, or belongs there: then it is put there first.

    With *folders* those written since the database's newest change are compared too; without a counter file, all.
    """
    if reason := _reason(archivo, folders=folders):
        put(archivo, reason)
    row = cases.switches(archivo.store).get(cases.QUARANTINE)
    if row is not None:
        raise Quarantined(f"La instalación está en cuarentena desde el equipo «{row['por']}»: {row['valor']}")


def is_behind(archivo: Archivo) -> bool:
    """Look at the counter alone, and put the installation in quarantine if it betrays an old database."""
    reason = _reason(archivo, folders=False)
    if reason:
        put(archivo, reason)
    return bool(reason)


def _reason(archivo: Archivo, *, folders: bool) -> str:
    """Return in Spanish what shows that the database is old, or "" where nothing does."""
    counter = Contador(archivo.settings.carpeta)
    if not counter.exists():
        if reason := _said(archivo, since=None):
            return reason
        counter.create()
        return ""
    lost = unexplained(archivo)
    if lost:
        marks = ", ".join(dict.fromkeys(salida.caso for salida in lost[:3]))
        return f"la base de datos no conoce lo último que se envió ({marks}): es una copia vieja"
    return _said(archivo, since=_newest(archivo.store) - _SLACK_SECONDS) if folders else ""


def _said(archivo: Archivo, *, since: float | None) -> str:
    found = [case.caso for case in behind(archivo.store, archivo.settings.casos, since=since) if _alarms(case)]
    if not found:
        return ""
    more = f" y {len(found) - 3} más" if len(found) > 3 else ""
    return f"las carpetas saben de envíos que la base de datos no conoce ({', '.join(found[:3])}{more})"


def _alarms(case: Behind) -> bool:
    """Say whether a case shows that the database is old: an altered journal of a known case is the audit's matter."""
    return case.harmful and (case.como != "roto" or case.known == 0)


def unexplained(archivo: Archivo) -> list[Salida]:
    """Return the requests of the counter file that the database should know and doesn't.

    Asked twice: a request of another process may be on its way into the database at this very moment.
    """
    counter = Contador(archivo.settings.carpeta)

    def ask() -> list[Salida]:
        return [salida for salida in unknown(archivo.store, counter.salidas()) if not _was_killed(archivo, salida)]

    return ask() and ask()


def _was_killed(archivo: Archivo, salida: Salida) -> bool:
    """Say whether its process was killed before the database had it: its case is known, and *sent* its last line."""
    head = heads_of(archivo.store, salida.caso)
    folder = archivo.settings.casos / salida.caso
    try:
        case = compared(folder, head) if head else None
    except OSError:
        return False
    return bool(case and case.como == "atrasado" and case.entries[-1]["hash"] == salida.huella and not case.harmful)


def _newest(store: Store) -> float:
    """Return when the newest case of the database changed (seconds since 1970)."""
    with store.read() as connection:
        found = connection.execute(select(func.max(casos.c.cambiado))).scalar_one_or_none()
    return datetime.fromisoformat(found).astimezone(UTC).timestamp() if found else 0.0


# The switch: one row that stops everything, and one per machine that has still to recover.


def _key(archivo: Archivo) -> str:
    return _MINE + hashlib.sha256(this_host(archivo.settings).encode()).hexdigest()[:16]


def put(archivo: Archivo, reason: str) -> None:
    """Put the installation in quarantine, on behalf of this machine."""
    who = machine(archivo.settings)
    cases.switch_on(archivo.store, _key(archivo), who, reason)
    if cases.QUARANTINE not in cases.switches(archivo.store):
        cases.switch_on(archivo.store, cases.QUARANTINE, who, reason)


def lift(archivo: Archivo, record: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> list[str]:
    """Lift this machine's quarantine, keeping *record* of who did; return the machines that have still to recover."""
    with archivo.store.write() as connection:
        connection.execute(control.delete().where(control.c.clave == _key(archivo)))
        left = select(control.c.por).where(control.c.clave.startswith(_MINE))
        others = [str(name) for name in connection.execute(left).scalars()]
        if not others:
            connection.execute(control.delete().where(control.c.clave == cases.QUARANTINE))
        moment = archivo.store.now(connection)
        row = {"clave": f"recuperado:{now():%Y%m%dT%H%M%S%f}", "valor": record, "cuando": moment}
        connection.execute(insert(control), {**row, "por": machine(archivo.settings)})
    return others
