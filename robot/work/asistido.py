"""The first cases on a newly learned map: a person approves each save, and the queue waits until they are done.

The two stages are counted apart, since days lie between them: the first trámite is watched as the first cobro was.
"""

from __future__ import annotations

import getpass
import hashlib
from typing import Final

from robot.browser.maps import Map
from robot.errors import SettingsError
from robot.records.caso import Etapa
from robot.records.store import control
from robot.records.store.engine import Store
from robot.settings import Settings

ETAPAS: Final[tuple[Etapa, ...]] = ("cobro", "tramite")
_NAMES: Final = {"cobro": ("cobro", "cobros"), "tramite": ("trámite", "trámites")}
_LONGEST_KEY: Final = 40


def _key(maps: Map, etapa: Etapa) -> str:
    """Return under which key a map's assisted stages are counted: taught anew, it is another one."""
    key = f"mapa:{maps.name}:{maps.learned}:{etapa}"
    if len(key) <= _LONGEST_KEY:
        return key
    return f"mapa:{hashlib.sha256(key.encode()).hexdigest()}"[:_LONGEST_KEY]


def quedan(store: Store, maps: Map, settings: Settings, etapa: Etapa) -> int:
    """Return how often this stage must still be assisted on the map; never on one that was not learned here."""
    if not maps.learned:
        return 0
    key = _key(maps, etapa)
    return max(0, settings.casos_asistidos - int(control.kept(store, key).get(key, 0)))


def contar(store: Store, maps: Map, etapa: Etapa) -> None:
    """Count one assisted stage that ended well on a learned map."""
    if maps.learned:
        by = getpass.getuser()
        control.exchange(store, _key(maps, etapa), lambda kept, _now: (str(int(kept or 0) + 1), None), by=by)


def tell(maps: Map, left: int, etapa: Etapa) -> str:
    """Return the sentence that says how many stages of a new map are left to be assisted."""
    one, many = _NAMES[etapa]
    return (
        f"El mapa {maps.name} es nuevo: {f'queda 1 {one} asistido' if left == 1 else f'quedan {left} {many} asistidos'}"
    )


def check_queue(store: Store, maps: Map, settings: Settings) -> None:
    """Raise `SettingsError` while a map is too new for cases that nobody watches."""
    for etapa, command in zip(ETAPAS, ("reconexion", "tramite"), strict=True):
        if left := quedan(store, maps, settings, etapa):
            raise SettingsError(
                f"{tell(maps, left, etapa)}, y la cola no comienza",
                remedy=f"Hágalos con «serviweb {command} …», que muestra cada guardado y pregunta; o, si el supervisor "
                "lo decide, ponga SERVIWEB_CASOS_ASISTIDOS=0.",
            )
