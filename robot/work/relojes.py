"""The legal clocks that run, as a supervisor sees them: what is due, when, by which rule, and how late it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from robot.errors import Rejected
from robot.records import plazos
from robot.records.plazos import Plazo
from robot.records.store import cases, relojes
from robot.records.store.cases import Row
from robot.records.store.engine import Store, stamp
from robot.settings import BOGOTA, Settings

Que = Literal["reconectar", "responder"]
KINDS: Final[tuple[Que, ...]] = ("reconectar", "responder")


@dataclass(frozen=True, kw_only=True)
class Reloj:
    """One clock of one case. `cursor` is its place in the list of its kind."""

    que: Que
    fila: Row
    plazo: Plazo
    cursor: str

    def tono(self, ahora: datetime, pronto: timedelta) -> str:
        """Return «vencido», «pronto», or «» for one that has time."""
        if self.plazo.vencido(ahora):
            return "vencido"
        return "pronto" if self.plazo.vence - ahora <= pronto else ""


def lista(store: Store, settings: Settings, que: Que, *, after: str = "", limit: int = 50) -> list[Reloj]:
    """Return the clocks of one kind by due time, what is overdue in front."""
    if que == "reconectar":
        rows = relojes.to_reconnect(store, after=after, limit=limit)
        hours = f"{settings.horas_reconexion:g}"
        source = plazos.FUENTE_RECONEXION.format(horas=hours)
        return [
            Reloj(
                que=que,
                fila=row,
                plazo=Plazo(vence=datetime.fromisoformat(row["vence"]), fuente=source),
                cursor=f"{row['vence']}~{row['id']}",
            )
            for row in rows
        ]
    rows = relojes.to_answer(store, after=after, limit=limit)
    return [
        Reloj(
            que=que,
            fila=row,
            plazo=plazos.respuesta(datetime.fromisoformat(row["por_responder"]), dias=settings.dias_pqr),
            cursor=f"{row['por_responder']}~{row['id']}",
        )
        for row in rows
    ]


def todos(store: Store, settings: Settings, que: Que, most: int) -> Iterator[Reloj]:
    """Yield the clocks of one kind, *most* at most."""
    after = ""
    while most > 0:
        some = lista(store, settings, que, after=after, limit=min(500, most))
        yield from some
        if not some:
            return
        most -= len(some)
        after = some[-1].cursor


@dataclass(frozen=True, kw_only=True)
class Cuenta:
    """How many clocks of a kind ran out, and how many will soon."""

    vencidos: int
    pronto: int


def cuenta(store: Store, settings: Settings, que: Que, ahora: datetime) -> Cuenta:
    """Count a kind's clocks without reading them."""
    if que == "reconectar":
        soon = ahora + timedelta(hours=settings.aviso_plazo_horas)
        late, both = (relojes.count_to_reconnect(store, stamp(moment)) for moment in (ahora, soon))
    else:
        today = ahora.astimezone(BOGOTA).date()
        late, both = (
            relojes.count_to_answer(store, stamp(datetime.combine(day, time.min, BOGOTA)))
            for day in (
                filed_until(today, settings.dias_pqr),
                filed_until(today + timedelta(days=1), settings.dias_pqr),
            )
        )
    return Cuenta(vencidos=late, pronto=both - late)


def filed_until(day: date, dias: int) -> date:
    """Return the first filing day whose answer isn't overdue on a day: all filed before it are."""
    filed = day - timedelta(days=2 * dias + 15)
    while plazos.sumar_habiles(filed, dias) < day:
        filed += timedelta(days=1)
    return filed


def respondido(store: Store, caso: str, *, fecha: date, como: str, hoy: date) -> str:
    """Take that a petition was answered, on a day and how; return when it was filed. Raises `Rejected`."""
    if not como.strip():
        raise Rejected("Falta con qué se respondió", remedy="Escriba el número del oficio, o cómo se respondió.")
    if fecha > hoy:
        raise Rejected("La fecha de la respuesta está en el futuro", remedy="Escriba el día en que se respondió.")
    filed = cases.case(store, caso)["por_responder"]
    if filed and fecha < datetime.fromisoformat(filed).astimezone(BOGOTA).date():
        raise Rejected("Esa fecha es anterior al radicado", remedy="Escriba el día en que se respondió.")
    return relojes.answered(store, caso)
