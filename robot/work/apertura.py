"""Open a case: is it a new request, is there room for it, and its first entries on disk."""

from __future__ import annotations

import getpass
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from robot import __version__
from robot.browser.maps import Map
from robot.errors import Rejected, SettingsError
from robot.masking import Masker
from robot.records import privado
from robot.records.caso import NOMBRE_ESTADO, Caso, new_mark
from robot.records.journal import Journal
from robot.records.solicitud import Solicitud
from robot.records.store.cases import FOREGROUND
from robot.records.store.requests import Batch, NewCase, Taken, take
from robot.settings import Settings
from robot.work.archivo import Archivo, machine


def check_room(settings: Settings) -> None:
    """Raise `SettingsError` when the data folder can't be written or has too little room."""
    try:
        settings.casos.mkdir(parents=True, exist_ok=True)
        probe = settings.carpeta / ".prueba"
        probe.write_bytes(b"x")
        probe.unlink()
        free = shutil.disk_usage(settings.carpeta).free // 2**20
    except OSError as error:
        raise SettingsError(f"No se puede escribir en {settings.carpeta}: {error.strerror}") from error
    if free < settings.minimo_disco_mb:
        raise SettingsError(
            f"Quedan {free} MB libres en {settings.carpeta} y hacen falta {settings.minimo_disco_mb} MB",
            remedy="Libere espacio en disco; no se inició ningún caso.",
        )


def masker_for(solicitud: Solicitud, *secrets: str) -> Masker:
    """Return the masker of a case: what is private of its request and what must stay legible."""
    private = (*solicitud.private_values(), *(secret for secret in secrets if secret))
    shown = (solicitud.codigo, solicitud.ruta, solicitud.suscriptor, solicitud.nombres, solicitud.apellidos)
    return Masker(private=private, legible=[value for value in shown if value and value not in private])


def open_case(archivo: Archivo, maps: Map, solicitud: Solicitud, *, asesor: str = "") -> Caso:
    """Make an advisor's case, ahead of any batch: its row in the database, its folder, its first entry on disk.

    *asesor* is who asks for it, else who runs this process. Raises `Rejected` for a repeated request, `SettingsError`
    when there is no room.
    """
    settings = archivo.settings
    check_room(settings)
    mark = register(archivo, solicitud, reserved_seconds=settings.arriendo_segundos, asesor=asesor)
    try:
        return _open(settings, maps, solicitud, settings.casos / mark, archivo.idle, pedido_por=asesor)
    except BaseException:
        archivo.withdraw(mark)
        raise


def open_rehearsal(settings: Settings, maps: Map, solicitud: Solicitud) -> Caso:
    """Make the folder of a rehearsal, which is no case: it repeats nothing and forbids nothing."""
    check_room(settings)
    return _open(settings, maps, solicitud, settings.ensayos / new_mark(), Journal)


def register(
    archivo: Archivo, solicitud: Solicitud, *, reserved_seconds: float = 0, asesor: str = "", para_usuario: str = ""
) -> str:
    """Make the case's row at the head of the queue, which leaves it to its maker that long; return its mark.

    *asesor* is who asks for it, else who runs this process; *para_usuario* the Serviweb user under which it runs.
    Raises `Rejected` for a request that is one already.
    """
    batch = Batch(
        asesor=asesor or getpass.getuser(),
        para_usuario=para_usuario,
        prioridad=FOREGROUND,
        dias_duplicado=archivo.settings.dias_duplicado,
        espera_segundos=reserved_seconds,
    )
    (taken,) = take(archivo.store, [NewCase(solicitud=solicitud)], batch)
    if taken.resultado != "nuevo":
        raise _repeated(solicitud, taken)
    return taken.caso


_REMEDIES = {
    "en_cola": "Lo trabaja «serviweb cola trabajar»; para quitarlo de la cola, «serviweb cola cancelar {caso}».",
    "esperando_pago": "Cuando pague, registre el recibo con «serviweb tramite {caso} …».",
    "incompleto": "Continúelo con «serviweb continuar {caso}».",
    "en_duda": "Vea «serviweb dudas»: no se repite hasta saber si Serviweb guardó el documento.",
    "en_curso": "Si otro proceso lo trabaja, espere; si se interrumpió, use «serviweb continuar {caso}».",
    "terminado": "Si de verdad es otra reconexión, indique --nueva-ocasion con el motivo.",
}


def _repeated(solicitud: Solicitud, taken: Taken) -> Rejected:
    """Return the refusal of a request that is one already: which case, in which state, and what to do with it."""
    whose = f"El suscriptor {solicitud.codigo} ya tiene el caso {taken.caso}"
    if taken.por_referencia:
        whose = f"La solicitud {solicitud.solicitud} ya es del caso {taken.caso}"
    differs = taken.campo if taken.campo != "nueva_ocasion" else ""
    said = f" (y no es igual: {differs})" if differs else ""
    return Rejected(
        f"{whose}{said}: {NOMBRE_ESTADO[taken.estado]}", remedy=_REMEDIES[taken.estado].format(caso=taken.caso)
    )


def _open(
    settings: Settings,
    maps: Map,
    solicitud: Solicitud,
    folder: Path,
    journal_of: Callable[[Path, Masker], AbstractContextManager[Journal]],
    *,
    pedido_por: str = "",
) -> Caso:
    with journal_of(folder, masker_for(solicitud)) as journal:
        write_opening(settings, maps, solicitud, journal, pedido_por=pedido_por)
        return Caso(folder, journal.entries)


def write_opening(
    settings: Settings, maps: Map, solicitud: Solicitud, journal: Journal, *, pedido_por: str = ""
) -> None:
    """Write a case's first entry, and keep its request outside the case's folder.

    *pedido_por* is who asked for it, else who runs this process.
    """
    mark = journal.folder.name
    fingerprint = privado.save(settings.privado, mark, solicitud)
    journal.write(
        "case.opened",
        durable=True,
        caso=mark,
        codigo=solicitud.codigo,
        ruta=solicitud.ruta,
        suscriptor=solicitud.suscriptor or None,
        quien_solicita=solicitud.quien_solicita,
        forma_pago=solicitud.forma_pago,
        concepto=solicitud.concepto,
        productos=list(settings.productos),
        arreglo=solicitud.arreglo,
        arreglo_ref=solicitud.arreglo_ref or None,
        solicitud=solicitud.solicitud or None,
        nueva_ocasion=solicitud.nueva_ocasion or None,
        version=__version__,
        mapa=maps.name,
        mapa_sha256=maps.sha256,
        ajustes_sha256=settings.fingerprint(),
        solicitud_sha256=fingerprint,
        pedido_por=pedido_por or getpass.getuser(),
        equipo=machine(settings),
    )
