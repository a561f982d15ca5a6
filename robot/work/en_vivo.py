"""A case as somebody watches it: its journal so far, what it waits for, and which steps are news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from flows.pasos import pasos
from robot.records.caso import ULTIMO, Caso
from robot.records.journal import FILE, Entry
from robot.records.store import cases, hoy, ledger
from robot.records.store.cases import Row
from robot.records.story import Story, tell
from robot.work.archivo import Archivo
from robot.work.expediente import caso_of, turn
from robot.work.seguir import held_back

OVER: Final = frozenset({"esperando_pago", "terminado", "rechazado", "fallido", "cancelado"})
"""States in which the robot does nothing more of a case by itself."""
_TRAMITE_BEGINS: Final = "24"
_PROMPT_SECONDS: Final = 3
"""Within which a robot that is ready takes the next case."""
CHECKING: Final = "El robot revisa las pantallas de Serviweb antes de empezar (unos segundos)"


@dataclass(frozen=True, kw_only=True)
class Vista:
    """One look at a case."""

    row: Row
    caso: Caso
    story: Story
    espera: str = ""
    """What a case of the queue waits for, in Spanish."""
    parado: bool = False
    """Nobody works the queue on this machine."""

    @property
    def estado(self) -> str:
        """The state as the database has it."""
        return str(self.row["estado"])

    @property
    def over(self) -> bool:
        """Say whether there is nothing more to watch."""
        return self.estado in OVER

    @property
    def sin_radicar(self) -> bool:
        """Say whether a recorded payment came to no trámite: Serviweb doesn't show it paid, or refused."""
        return self.estado == "esperando_pago" and self.caso.payment() is not None

    @property
    def se_cancela(self) -> bool:
        """Say whether it may be asked to stop before its next document."""
        return may_cancel(self.row, self.caso)

    @property
    def avance(self) -> tuple[int, int]:
        """Return how many of the stage's documented steps are done, and how many there are."""
        return progress(self.story, self.row["etapa"])

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what must be shown again when it changes."""
        row = self.row
        seen = (row["estado"], row["etapa"], row["motivo"], row["cancelar_por"], row["vence"])
        return (*seen, self.espera, self.parado, len(self.caso.entries))


@dataclass
class Mirada:
    """Looks at one case again and again; its journal is read only when it has grown."""

    archivo: Archivo
    mark: str
    _pulse: tuple[Any, ...] = ()
    _caso: Caso | None = field(default=None)

    def look(self, *, parado: bool) -> Vista:
        """Return the case as it is now; *parado* says that nobody works the queue on this machine."""
        row = cases.case(self.archivo.store, self.mark)
        pulse = (ledger.head(self.archivo.store, self.mark), _size(self.archivo, self.mark))
        if self._caso is None or pulse != self._pulse:
            self._caso, self._pulse = caso_of(self.archivo, self.mark), pulse
        waits = waiting_for(self.archivo, row, parado=parado) if row["estado"] in ("en_cola", "en_duda") else ""
        stopped = parado and row["estado"] == "en_cola"
        return Vista(row=row, caso=self._caso, story=tell(self._caso.entries), espera=waits, parado=stopped)


def _size(archivo: Archivo, mark: str) -> int:
    path = archivo.settings.casos / mark / FILE
    return path.stat().st_size if path.exists() else 0


def waiting_for(archivo: Archivo, row: Row, *, parado: bool) -> str:
    """Return what a case of the queue, or one in doubt, waits for."""
    if row["estado"] == "en_duda":
        return "El robot busca en Serviweb si el documento quedó guardado"
    place = turn(archivo.store, row)
    if reason := why_held(archivo):
        return f"En la cola: {reason}"
    if place.waits_for:
        return f"Espera al caso {place.waits_for['id']} del mismo suscriptor, que va primero"
    if parado:
        return "El robot está detenido"
    if row["motivo"]:
        return str(row["motivo"])
    if place.not_before:
        return f"El robot lo intenta otra vez en {_seconds(place.not_before)} s"
    if _is_checked_first(archivo, row, place.ahead):
        return CHECKING
    before = {0: "es el próximo", 1: "hay un caso antes"}.get(place.ahead, f"hay {place.ahead} casos antes")
    return f"En la cola: {before}"


def _is_checked_first(archivo: Archivo, row: Row, ahead: int) -> bool:
    """Say whether the next case isn't begun though nobody works another: the map is checked before the first one."""
    since = (datetime.now(UTC) - datetime.fromisoformat(row["cambiado"])).total_seconds()
    if ahead or since <= _PROMPT_SECONDS or not archivo.settings.revisar_antes:
        return False
    return hoy.in_state(archivo.store, "en_curso") == 0


def may_cancel(row: Row, caso: Caso) -> bool:
    """Say whether a case may be asked to stop: not when its stage has saved its last document."""
    asked = row["estado"] not in ("en_cola", "en_curso") or row["cancelar_por"]
    return not asked and ULTIMO[row["etapa"]] not in caso.documents()


def may_continue(row: Row, caso: Caso) -> bool:
    """Say whether the robot may go on with a case: an unfinished one, or one whose payment came to no trámite."""
    paid = row["estado"] == "esperando_pago" and caso.payment() is not None
    return bool(caso.entries) and not caso.voided() and (row["estado"] == "incompleto" or paid)


def why_held(archivo: Archivo) -> str:
    """Return why the queue takes no case now, without what only a terminal offers."""
    return held_back(archivo).partition("; sigue con «")[0]


def _seconds(moment: datetime) -> int:
    return max(1, round((moment - datetime.now(UTC)).total_seconds()))


def touched(entries: Sequence[Entry], since: int) -> dict[int, bool]:
    """Return the steps that the entries from *since* on tell of, by their place in the story; True for a new one."""
    numbers: list[str] = []
    found: dict[int, bool] = {}
    for n, entry in enumerate(entries):
        place = _place(numbers, entry)
        if place is None:
            continue
        if n >= since:
            found[place] = found.get(place, False) or entry["event"] == "step.started"
    return dict(sorted(found.items()))


def _place(numbers: list[str], entry: Entry) -> int | None:
    """Return which step an entry tells of, and note the numbers of those begun."""
    event = entry["event"]
    if event == "step.started":
        numbers.append(str(entry["number"]))
        return len(numbers) - 1
    number = str(entry.get("number" if event.startswith("step.") else "step") or "")
    if not numbers or event not in ("step.finished", "step.failed", "picture.taken", "commit.approved"):
        return None
    last = (place for place in reversed(range(len(numbers))) if numbers[place] == number)
    return next(last, len(numbers) - 1)


def progress(story: Story, etapa: str) -> tuple[int, int]:
    """Return how many of a stage's documented steps are done, and how many the robot does in it."""
    documented = [paso.paso for paso in pasos() if paso.hace == "robot"]
    cut = documented.index(_TRAMITE_BEGINS)
    mine = documented[cut:] if etapa == "tramite" else documented[:cut]
    done = {step.number for step in story.steps if step.seconds is not None and not step.error}
    return len(done & set(mine)), len(mine)
