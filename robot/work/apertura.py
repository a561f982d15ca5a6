"""Open a case: is it a new request, is there room for it, and its first entries on disk."""

from __future__ import annotations

import getpass
import shutil
from datetime import UTC, datetime, timedelta

from robot import __version__
from robot.browser.screen import Map
from robot.errors import BrokenJournal, Rejected, SettingsError
from robot.masking import Masker
from robot.records import candado, privado
from robot.records.caso import NOMBRE_ESTADO, NOTHING_IN_SERVIWEB, Caso, all_cases, new_mark
from robot.records.journal import Journal
from robot.records.solicitud import Solicitud
from robot.settings import Settings

_BLOCKS_ALWAYS = frozenset({"en_curso", "en_duda", "incompleto"})


def same_request(settings: Settings, solicitud: Solicitud, now: datetime | None = None) -> Caso | None:
    """Return the case that this request repeats, or that forbids another one for its subscriber; else None.

    The request's own reference (`solicitud`), where there is one, names it whatever else differs. Else an unfinished
    case of the subscriber, or one that ended within `dias_duplicado`, is the same request, unless a person says *nueva
    ocasión*; a case that is running, in doubt or incomplete forbids another one in any event.
    """
    now = now or datetime.now(UTC)
    found = None
    for caso in all_cases(settings.casos, of=solicitud.codigo):
        if caso.estado in NOTHING_IN_SERVIWEB:
            continue
        if solicitud.solicitud and caso.opened.get("solicitud") == solicitud.solicitud:
            return caso
        if caso.codigo != solicitud.codigo:
            continue
        if caso.estado in _BLOCKS_ALWAYS:
            return caso
        recent = now - caso.changed() < timedelta(days=settings.dias_duplicado)
        if not solicitud.nueva_ocasion and (caso.estado != "terminado" or recent):
            found = caso
    return found


def refuse_repeated(settings: Settings, solicitud: Solicitud) -> None:
    """Raise `Rejected` when the subscriber already has such a case: nobody is billed twice."""
    caso = same_request(settings, solicitud)
    if caso is None:
        return
    remedies = {
        "esperando_pago": f"Cuando pague, registre el recibo con «serviweb tramite {caso.id} …».",
        "incompleto": f"Continúelo con «serviweb continuar {caso.id}».",
        "en_duda": "Consulte en Serviweb si el documento existe; no se repite hasta que una persona decida.",
        "en_curso": f"Si otro proceso lo trabaja, espere; si se interrumpió, use «serviweb continuar {caso.id}».",
        "terminado": "Si de verdad es otra reconexión, indique --nueva-ocasion con el motivo.",
    }
    raise Rejected(
        f"El suscriptor {solicitud.codigo} ya tiene el caso {caso.id}: {NOMBRE_ESTADO[caso.estado]}",
        remedy=remedies[caso.estado],
    )


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


def open_case(settings: Settings, maps: Map, solicitud: Solicitud, *, rehearsal: bool = False) -> Caso:
    """Make the folder of a new case, with its first entry on disk; a rehearsal gets one that is no case.

    Raises `Rejected` for a repeated request, `SettingsError` when there is no room.
    """
    check_room(settings)
    with candado.held(settings.carpeta / ".apertura"):  # two advisors may ask for one subscriber at the same moment
        if not rehearsal:
            refuse_repeated(settings, solicitud)
        return _open(settings, maps, solicitud, rehearsal=rehearsal)


def _open(settings: Settings, maps: Map, solicitud: Solicitud, *, rehearsal: bool) -> Caso:
    mark = new_mark()
    folder = (settings.ensayos if rehearsal else settings.casos) / mark
    fingerprint = privado.save(settings.privado, mark, solicitud)
    with Journal(folder, masker_for(solicitud)) as journal:
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
            pedido_por=getpass.getuser(),
        )
        return Caso(folder, journal.entries)


def stored_request(settings: Settings, caso: Caso) -> Solicitud:
    """Return the request of a case. Raises `BrokenJournal` when it isn't the one that the journal vouches for."""
    solicitud, fingerprint = privado.load(settings.privado, caso.id)
    if fingerprint != caso.opened["solicitud_sha256"]:
        raise BrokenJournal(f"La solicitud guardada del caso {caso.id} no es la que se recibió")
    return solicitud
