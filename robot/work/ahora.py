"""The queue at this moment, as any process can tell it: from the database alone, whoever works it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from robot.records.store import cases, leases, turnos
from robot.records.store.cases import Row
from robot.work.archivo import Archivo, machine_of, this_host
from robot.work.circuito import Circuito
from robot.work.cola import is_worked_here
from robot.work.horario import Horario
from robot.work.sitio import Sitio
from robot.work.tablero import RECENT
from robot.work.usuarios import is_queue_worker

LISTED: Final = 10
_FEWEST: Final = 3
"""Fewer ends than this say nothing about a rate."""
_SHORTEST: Final = timedelta(seconds=20)
_SILENCE: Final = timedelta(minutes=2)
"""How long a case may be in hand before its worker is asked whether it lives: to ask takes its folder's lock."""


@dataclass(frozen=True, kw_only=True)
class EnMano:
    """A case that somebody works or looks up."""

    caso: str
    codigo: str
    usuario: str
    equipo: str
    de_la_cola: bool
    consulta: bool
    paso: str
    titulo: str
    desde: str
    muerto: bool


@dataclass(frozen=True, kw_only=True)
class Ahora:
    """The queue at one moment; a rate and the time left are None where nobody knows."""

    cuando: datetime
    trabaja_aqui: bool
    con_usuario: bool
    """Whether the queue of this machine has a Serviweb user: without one it is on and takes nothing."""
    en_otros: tuple[str, ...]
    """Other machines whose workers have a Serviweb user for the queue."""
    por_estado: dict[str, int]
    en_manos: tuple[EnMano, ...]
    siguen: Sequence[Row]
    esperan: int
    proximos: Sequence[Row]
    pausa: Row | None
    cuarentena: Row | None
    circuito: Circuito
    horario: str
    abierto: bool
    bloqueados: Sequence[Row]
    rechazados: Sequence[Row]
    """Serviweb users whose last login failed and that aren't blocked yet."""
    por_hora: float | None
    falta: timedelta | None

    @property
    def trabajada(self) -> bool:
        """Say whether somebody works the queue, here or on another machine."""
        return self.trabaja_aqui or bool(self.en_otros)

    @property
    def detenida(self) -> bool:
        """Say whether no case begins now, whoever works."""
        return bool(self.pausa or self.cuarentena or not self.abierto or self.circuito.fase != "cerrado")


def ahora(archivo: Archivo) -> Ahora:
    """Return the queue as it is now."""
    store, settings = archivo.store, archivo.settings
    now, hours, switches = datetime.now(UTC), Horario.de_ajustes(settings), cases.switches(store)
    here, counts, users = is_worked_here(settings), cases.counts(store), leases.users(store)
    waiting, soonest = turnos.waiting_for_their_time(store, LISTED)
    held = tuple(_in_hand(archivo, row, now, here=here) for row in turnos.in_hand(store))
    rate = _per_hour(*turnos.ended_since(store, RECENT.total_seconds()), now)
    found = Ahora(
        cuando=now,
        trabaja_aqui=here,
        con_usuario=here and any(_of_queue(row, ours=this_host(settings)) for row in users),
        en_otros=_elsewhere(users, this_host(settings), now),
        por_estado=counts,
        en_manos=held,
        siguen=turnos.next_of_queue(store, LISTED),
        esperan=waiting,
        proximos=soonest,
        pausa=switches.get(cases.PAUSE),
        cuarentena=switches.get(cases.QUARANTINE),
        circuito=Sitio.de(store, settings).circuito(),
        horario=hours.texto(now) if settings.horario else "",
        abierto=hours.abierto(now),
        bloqueados=[row for row in users if row["bloqueado"]],
        rechazados=[row for row in users if row["fallos"] and not row["bloqueado"]],
        por_hora=rate,
        falta=None,
    )
    if found.detenida or not found.trabajada:
        return found
    return Ahora(**{**vars(found), "falta": _left(counts, rate)})


def _in_hand(archivo: Archivo, row: Row, now: datetime, *, here: bool) -> EnMano:
    worker = str(row["trabajador"])
    of_queue, ours = is_queue_worker(worker), worker.startswith(this_host(archivo.settings))
    dead = ours and of_queue and not here
    if not dead and ours and now - datetime.fromisoformat(row["cambiado"]) > _SILENCE:
        dead = archivo.is_dead(row["id"], worker)
    return EnMano(
        caso=row["id"],
        codigo=row["codigo"],
        usuario=row["usuario"] or "" if row["estado"] == "en_curso" else "",
        equipo=machine_of(worker),
        de_la_cola=of_queue,
        consulta=row["estado"] == "en_duda",
        paso=row["paso"] or "",
        titulo=row["titulo"] or "",
        desde=row["cambiado"],
        muerto=dead,
    )


def _of_queue(row: Row, *, ours: str) -> bool:
    worker = row["trabajador"] or ""
    return worker.startswith(ours) and is_queue_worker(worker)


def _elsewhere(users: Sequence[Row], ours: str, now: datetime) -> tuple[str, ...]:
    """Return the names of other machines at work for the queue."""
    return tuple(
        sorted(
            {
                machine_of(row["trabajador"])
                for row in users
                if row["trabajador"]
                and is_queue_worker(row["trabajador"])
                and not row["trabajador"].startswith(ours)
                and datetime.fromisoformat(row["vence_arriendo"]) > now
            }
        )
    )


def _per_hour(ends: int, first: str | None, now: datetime) -> float | None:
    """Return ends per hour since the first of them, or None while there are too few to tell."""
    if ends < _FEWEST or first is None:
        return None
    during = max(now - datetime.fromisoformat(first), _SHORTEST)
    return (ends - 1) / (during / timedelta(hours=1))


def _left(counts: dict[str, int], rate: float | None) -> timedelta | None:
    rest = counts.get("en_cola", 0) + counts.get("en_curso", 0)
    if not rest:
        return timedelta(0)
    return timedelta(hours=rest / rate) if rate else None
