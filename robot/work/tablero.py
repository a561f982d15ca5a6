"""The numbers of a queue at work: events in, snapshots out. The terminal and the panel show the same ones."""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from robot.records.journal import Entry, Listener

RECENT: Final = timedelta(minutes=10)
_FEWEST: Final = 3
"""Fewer ends than this say nothing about a rate."""
_SHORTEST: Final = timedelta(minutes=1)
_KEPT_EVENTS: Final = 5
_PAPEL: Final = {"factura": "factura", "abono": "recibo", "tramite": "radicado", "tercero": "tercero"}
Tono = Literal["", "bien", "mal", "aviso"]
_TONO: Final[dict[str, Tono]] = {
    "terminado": "bien",
    "esperando_pago": "bien",
    "rechazado": "mal",
    "fallido": "mal",
    "en_duda": "aviso",
    "incompleto": "aviso",
}
_FALLO: Final = frozenset({"rechazado", "fallido", "en_duda", "incompleto", "en_cola"})


@dataclass(frozen=True, kw_only=True)
class Evento:
    """Something a person wants to have seen."""

    cuando: datetime
    texto: str
    caso: str = ""
    usuario: str = ""
    tono: Tono = ""


@dataclass(kw_only=True)
class Puesto:
    """What one worker does: nothing while *caso* is empty. *desde* is when its step, or its waiting, began."""

    usuario: str
    desde: datetime
    caso: str = ""
    codigo: str = ""
    paso: str = ""
    titulo: str = ""


@dataclass(frozen=True, kw_only=True)
class Foto:
    """The queue at one moment. A rate, or the time left, that is not known yet is None."""

    cuando: datetime
    desde: datetime
    por_estado: Mapping[str, int]
    puestos: tuple[Puesto, ...]
    proxima: datetime | None
    """When the first case of the queue may begin, if it waits for its time."""
    pausa: str
    base: str
    sitio: str
    sitio_caido: bool
    horario: str
    cerrado: bool
    deteniendo: str
    por_hora_reciente: float | None
    por_hora: float | None
    falta: timedelta | None
    atendidos: int
    fallos: tuple[tuple[str, int], ...]
    eventos: tuple[Evento, ...]

    @property
    def parada(self) -> bool:
        """Say whether no case begins now, so that nobody can say when the queue ends."""
        return bool(self.pausa or self.base or self.sitio_caido or self.cerrado or self.deteniendo)


@dataclass(kw_only=True)
class Tablero:
    """Takes what happens, from any thread. *ahora* is the clock; *escuchas* are told of each event."""

    ahora: Callable[[], datetime]
    escuchas: list[Callable[[Evento], None]] = field(default_factory=list)
    _pausa: str = ""
    _base: str = ""
    _sitio: str = "Serviweb responde"
    _sitio_caido: bool = False
    _horario: str = ""
    _cerrado: bool = False
    _deteniendo: str = ""

    def __post_init__(self) -> None:
        """Begin to count now."""
        self._lock = threading.RLock()
        self._desde = self.ahora()
        self._por_estado: dict[str, int] = {}
        self._proxima: datetime | None = None
        self._puestos: dict[str, Puesto] = {}
        self._finales: deque[datetime] = deque()
        self._atendidos = 0
        self._fallos: Counter[str] = Counter()
        self._eventos: deque[Evento] = deque(maxlen=_KEPT_EVENTS)

    def cola(self, por_estado: Mapping[str, int], proxima: str | None = None) -> None:
        """Take how many cases are in each state, as the database counts them, and when the next one may begin."""
        with self._lock:
            self._por_estado = dict(por_estado)
            self._proxima = datetime.fromisoformat(proxima) if proxima else None

    def pausa(self, motivo: str) -> None:
        """Take why the queue is paused, or «» when it isn't: a change is an event."""
        self._change("_pausa", motivo, f"Cola en pausa: {motivo}" if motivo else "La cola sigue")

    def base(self, fallo: str) -> None:
        """Take that the database doesn't answer, and why, or «» when it does: a change is an event."""
        told = f"Se espera a la base de datos: {fallo}" if fallo else "La base de datos responde otra vez: se sigue"
        if bool(fallo) != bool(self._base):
            self._change("_base", fallo, told, "mal" if fallo else "bien")

    @property
    def sitio_caido(self) -> bool:
        """Say whether the last that was heard of Serviweb is that it doesn't answer."""
        return self._sitio_caido

    def sitio(self, texto: str, *, caido: bool) -> None:
        """Take what the circuit says of Serviweb: a change is an event."""
        self._sitio_caido = caido
        self._change("_sitio", texto, texto, "mal" if caido else "bien")

    def horario(self, texto: str, *, cerrado: bool) -> None:
        """Take what the working hours say: an opening or a closing is an event."""
        if cerrado != self._cerrado:
            self._cerrado = cerrado
            self._tell(f"Fuera de horario, {texto}" if cerrado else "Comienza el horario de trabajo")
        self._horario = texto

    def deteniendo(self, texto: str) -> None:
        """Take that somebody asked to stop, in the words that were shown."""
        self._change("_deteniendo", texto, texto, "aviso")

    def puesto(self, usuario: str) -> None:
        """Take that a worker, named by its Serviweb user, is there and waits for a case."""
        with self._lock:
            self._puestos[usuario] = Puesto(usuario=usuario, desde=self.ahora())

    def sin_puesto(self, usuario: str, motivo: str) -> None:
        """Take that a worker ended before the others, and why; «» for one that has nothing more to do."""
        with self._lock:
            self._puestos.pop(usuario, None)
        if motivo:
            self._tell(f"Este trabajador no sigue. {motivo}", usuario=usuario, tono="mal")

    def tomado(self, usuario: str, caso: str, codigo: str, *, consulta: bool = False) -> Listener:
        """Take that a worker began a case, or looks its doubt up; return the listener for the case's journal."""
        with self._lock:
            self._puestos[usuario] = Puesto(usuario=usuario, desde=self.ahora(), caso=caso, codigo=codigo)
        # The worker's own line shows it: among the last events it would push out what matters.
        self._tell(
            f"{'Consulta' if consulta else 'Comienza'} el suscriptor {codigo}", keep=False, caso=caso, usuario=usuario
        )
        return lambda entry: self._entry(usuario, caso, entry)

    def soltado(self, usuario: str, caso: str, estado: str, nombre: str, motivo: str = "", sigue: str = "") -> None:
        """Take that a worker's case ended in a state, how people call it, why, and what follows.

        Back in the queue is no end.
        """
        with self._lock:
            self._puestos[usuario] = Puesto(usuario=usuario, desde=self.ahora())
            if estado != "en_cola":
                self._atendidos += 1
                self._finales.append(self.ahora())
            if motivo and estado in _FALLO:
                self._fallos[common_reason(motivo)] += 1
        said = ". ".join(part.rstrip(".") if part != sigue else part for part in (nombre, motivo, sigue) if part)
        self._tell(said, caso=caso, usuario=usuario, tono=_TONO.get(estado, ""))

    def foto(self) -> Foto:
        """Return the queue as it is now."""
        with self._lock:
            now = self.ahora()
            while self._finales and self._finales[0] <= now - RECENT:
                self._finales.popleft()
            foto = Foto(
                cuando=now,
                desde=self._desde,
                por_estado=dict(self._por_estado),
                puestos=tuple(Puesto(**vars(p)) for _, p in sorted(self._puestos.items())),
                proxima=self._proxima,
                pausa=self._pausa,
                base=self._base,
                sitio=self._sitio,
                sitio_caido=self._sitio_caido,
                horario=self._horario,
                cerrado=self._cerrado,
                deteniendo=self._deteniendo,
                por_hora_reciente=_rate(len(self._finales), min(RECENT, now - self._desde)),
                por_hora=_rate(self._atendidos, now - self._desde),
                falta=None,
                atendidos=self._atendidos,
                fallos=tuple(self._fallos.most_common()),
                eventos=tuple(self._eventos),
            )
        return Foto(**{**vars(foto), "falta": _left(foto)})

    def _entry(self, usuario: str, caso: str, entry: Entry) -> None:
        match entry["event"]:
            case "step.started" | "lookup.started":
                with self._lock:
                    puesto = self._puestos[usuario]
                    puesto.paso, puesto.titulo = str(entry.get("number", "")), str(entry["title"])
                    puesto.desde = self.ahora()
            case "effect.confirmed" if entry["kind"] in _PAPEL:
                text = f"{_PAPEL[entry['kind']].capitalize()} {entry['number']}"
                self._tell(text, caso=caso, usuario=usuario, tono="bien")
            case "run.retried":
                text = f"Intento {entry['attempt']}: no se había enviado nada"
                self._tell(text, caso=caso, usuario=usuario, tono="aviso")

    def _change(self, name: str, value: str, text: str, tono: Tono = "aviso") -> None:
        if value != getattr(self, name):
            setattr(self, name, value)
            self._tell(text, tono=tono)

    def _tell(self, texto: str, *, keep: bool = True, **about: Any) -> None:
        evento = Evento(cuando=self.ahora(), texto=texto, **about)
        if keep:
            with self._lock:
                self._eventos.append(evento)
        for escucha in self.escuchas:
            escucha(evento)


def common_reason(motivo: str) -> str:
    """Return a reason without what differs from case to case: marks, codes, numbers of documents, amounts."""
    return re.sub(r"\bR-[0-9A-Z]{7}\b|\b(?:[A-Z]{1,4}-)?\d[\d.,-]*\d\d\b", "…", " ".join(motivo.split()))


def _rate(ends: int, during: timedelta) -> float | None:
    """Return ends per hour, or None while there are too few to tell."""
    return ends / (during / timedelta(hours=1)) if ends >= _FEWEST and during >= _SHORTEST else None


def _left(foto: Foto) -> timedelta | None:
    """Return how long the queue will take at the recent rate, or at the overall one; None when nobody knows."""
    rest = foto.por_estado.get("en_cola", 0) + foto.por_estado.get("en_curso", 0)
    if not foto.por_estado or foto.parada:
        return None
    if rest == 0:
        return timedelta(0)
    rate = foto.por_hora_reciente or foto.por_hora
    return timedelta(hours=rest / rate) if rate else None
