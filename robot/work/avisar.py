"""What people are told: what wants one of them, as long as it lasts.

All of it is asked of the database, so that a restart loses nothing, and each matter has a name, so that two processes
that look at once tell it once.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from robot.masking import Masker
from robot.records import plazos
from robot.records.store import avisos, cases, control, envios
from robot.records.store.avisos import Asunto
from robot.records.store.engine import Store, later
from robot.settings import BOGOTA, Settings
from robot.work import relojes
from robot.work.archivo import machine
from robot.work.mensajeria import Destino
from robot.work.sitio import ROBOT, Sitio

DOWN_SECONDS: Final = 60
"""How long Serviweb may be silent before somebody is told."""
_DOWN: Final = "aviso_sitio"
_CLOCKS: Final = 200
"""How many clocks of a kind are looked at, those that are due first."""
_TOGETHER: Final = 3
"""More new notices of one kind than this are one message."""
_MASKER: Final = Masker()
PLURAL: Final = {
    "duda": "casos en duda",
    "plazo": "plazos vencidos o por vencer",
    "pantalla": "pantallas que cambiaron",
    "sitio": "caídas de Serviweb",
    "robot": "paradas del robot",
    "disco": "discos casi llenos",
}


def notice(store: Store, settings: Settings, destinos: Sequence[Destino], *, robot_dicho: str = "") -> int:
    """Make and resolve the notices of what lasts now, and put the new ones into the outbox; return how many are new."""
    here = machine(settings)
    robot, disk = f"robot:{here}:", f"disco:{here}:"
    begins = ("duda:", "pantalla:", "sitio:", "plazo:", robot, disk)
    asuntos = [
        *_doubts(store),
        *_changed_screens(store),
        *_site_down(store, settings),
        *_due(store, settings),
        *_stopped(robot, here, robot_dicho),
        *_full_disk(store, settings, disk, here),
    ]

    def told(connection: Connection, fresh: Sequence[tuple[int, Asunto]]) -> None:
        for titulo, texto, name in _messages(fresh):
            body = json.dumps({"titulo": titulo, "texto": texto}, ensure_ascii=False)
            for destino in destinos:
                envios.enqueue(store, connection, "aviso", f"{name}:{destino.huella}", destino.huella, body)

    return avisos.keep(store, begins, asuntos, told)


def _messages(fresh: Sequence[tuple[int, Asunto]]) -> Iterator[tuple[str, str, str]]:
    """Yield title, text and name of each message; many of one kind at once are one."""
    by_kind: dict[str, list[tuple[int, Asunto]]] = {}
    for number, asunto in fresh:
        by_kind.setdefault(asunto.tipo, []).append((number, asunto))
    for tipo, some in by_kind.items():
        if len(some) <= _TOGETHER:
            for number, asunto in some:
                yield asunto.titulo, _text(asunto.texto), f"aviso:{number}"
            continue
        lines = "\n".join(f"- {asunto.titulo}" for _, asunto in some[:20])
        rest = f"\n… y {len(some) - 20} más." if len(some) > 20 else ""
        yield f"{len(some)} {PLURAL[tipo]}", _text(lines + rest), f"aviso:{some[0][0]}-{some[-1][0]}"


def _text(texto: str) -> str:
    return f"{texto}\n\nEstá en el panel, en «Avisos».".lstrip()


def _doubts(store: Store) -> Iterator[Asunto]:
    for row in cases.find_in(store, "en_duda"):
        yield Asunto(
            que=f"duda:{row['id']}",
            tipo="duda",
            nivel="urgente",
            titulo=f"El caso {row['id']} quedó en duda",
            texto=f"Suscriptor {row['codigo']}. No se sabe si Serviweb guardó el documento: hay que mirarlo y decidir.",
            caso=row["id"],
            enlace=f"/dudas/{row['id']}",
        )


def _changed_screens(store: Store) -> Iterator[Asunto]:
    pause = cases.switches(store).get(cases.PAUSE)
    if pause and pause["por"] == ROBOT:
        yield Asunto(
            que=f"pantalla:{pause['cuando']}",
            tipo="pantalla",
            nivel="urgente",
            titulo="La cola está en pausa: cambió una pantalla de Serviweb",
            texto=_MASKER.text(cases.why(pause)).partition("; luego, ")[0].rstrip(".") + ".",
            enlace="/pantallas",
        )


def _site_down(store: Store, settings: Settings) -> Iterator[Asunto]:
    """Yield that Serviweb is down once it has been for a while; since when is kept, over restarts too."""
    circuit = Sitio.de(store, settings).circuito()
    if circuit.fase == "cerrado":
        if _DOWN in control.kept(store, _DOWN):
            control.forget(store, [_DOWN])
        return
    since, now = control.exchange(store, _DOWN, lambda kept, now: (kept or now, (kept or now, now)))
    if later(since, DOWN_SECONDS) <= now:
        yield Asunto(
            que=f"sitio:{since}",
            tipo="sitio",
            nivel="urgente",
            titulo="Serviweb no responde",
            texto=f"Desde {_moment(since)}. El robot espera y prueba por su cuenta; los casos siguen solos al volver.",
            enlace="/cola",
        )


def _due(store: Store, settings: Settings) -> Iterator[Asunto]:
    """Yield the legal clocks that ran out or soon will; an answer, which is due by the day, a day before."""
    now = datetime.now(UTC)
    hours = settings.aviso_plazo_horas
    soon = {"reconectar": timedelta(hours=hours), "responder": timedelta(hours=max(24, hours))}
    for que in relojes.KINDS:
        for reloj in relojes.lista(store, settings, que, limit=_CLOCKS):
            if not (tono := reloj.tono(now, soon[que])):
                break  # they come by due time
            mark, late = reloj.fila["id"], tono == "vencido"
            what = "el plazo de reconexión" if que == "reconectar" else "el plazo para responder el trámite"
            yield Asunto(
                que=f"plazo:{mark}:{que}:{tono}",
                tipo="plazo",
                nivel="urgente" if late else "aviso",
                titulo=f"{'Venció' if late else 'Está por vencer'} {what} del caso {mark}",
                texto=f"Suscriptor {reloj.fila['codigo']}: {reloj.plazo.texto(now).rstrip('.')}.",
                caso=mark,
                enlace="/plazos",
            )


def _stopped(que: str, here: str, said: str) -> Iterator[Asunto]:
    if said:
        yield Asunto(
            que=que,
            tipo="robot",
            nivel="urgente",
            titulo=f"El robot se detuvo con un error en el equipo {here}",
            texto="Ningún caso avanza hasta que se inicie otra vez. El detalle está en la página de la cola.",
            enlace="/cola",
        )


def _full_disk(store: Store, settings: Settings, que: str, here: str) -> Iterator[Asunto]:
    """Yield that the disk is full; it lasts until there is a fourth more room, lest it be told again and again."""
    try:
        free = shutil.disk_usage(settings.carpeta).free // 2**20
    except OSError:
        return
    least = settings.minimo_disco_mb
    if free < least or (free < least * 1.25 and avisos.living(store, [que])):
        yield Asunto(
            que=que,
            tipo="disco",
            nivel="urgente",
            titulo=f"Queda poco espacio en el disco del equipo {here}",
            texto=f"Hacen falta {least} MB libres para empezar casos. Libere espacio.",
            enlace="/cola",
        )


def _moment(value: str) -> str:
    there = datetime.fromisoformat(value).astimezone(BOGOTA)
    return f"el {there:%d/%m/%Y} a las {plazos.hora(there)}"
