"""From what a person types to a case: its row in the database, which is the truth, and its journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from robot.errors import BrokenJournal, Rejected
from robot.records import fork
from robot.records.caso import NOMBRE_ESTADO, Caso
from robot.records.journal import Entry, read
from robot.records.solicitud import Solicitud
from robot.records.store import cases
from robot.records.store.cases import Row
from robot.records.store.engine import Store
from robot.settings import Settings
from robot.work.archivo import Archivo

_GROUP = 200  # cases whose journals are in memory at once


@dataclass(frozen=True, kw_only=True)
class Expediente:
    """One case. Its `caso` has no entries while it waits in the queue for its first run."""

    row: Row
    caso: Caso

    @property
    def id(self) -> str:
        """The mark, `R-…`."""
        return str(self.row["id"])

    @property
    def estado(self) -> str:
        """The state as the database has it: a case whose journal ends otherwise may be in the queue again."""
        return str(self.row["estado"])

    @property
    def begun(self) -> bool:
        """Say whether it has a journal yet."""
        return bool(self.caso.entries)


def find(archivo: Archivo, text: str, *, waiting: bool = False) -> Expediente:
    """Return the case that *text* names: its mark, a number of Serviweb, its receipt or reference, or a subscriber.

    A subscriber code must name exactly one case, with *waiting* exactly one that waits for its payment. Raises
    `Rejected` otherwise, and `BrokenJournal` where the folder here and the database contradict each other.
    """
    row = find_row(archivo, text, waiting=waiting)
    return Expediente(row=row, caso=caso_of(archivo, str(row["id"])))


def begun(archivo: Archivo, text: str, *, waiting: bool = False) -> Expediente:
    """Return what `find` does, of a case that has begun. Raises `Rejected` for one that only waits in the queue."""
    found = find(archivo, text, waiting=waiting)
    if not found.begun:
        remedy = f"Vea «serviweb caso {found.id}»."
        if found.estado == "en_cola":
            remedy = f"Lo comienza «serviweb cola trabajar»; «serviweb cola cancelar {found.id}» lo quita de la cola."
        raise Rejected(f"El caso {found.id} no ha comenzado: {NOMBRE_ESTADO[found.estado]}", remedy=remedy)
    return found


def find_row(archivo: Archivo, text: str, *, waiting: bool = False) -> Row:
    """Return the row of the one case that *text* names, as `find` does; its journal isn't read."""
    found = cases.find(archivo.store, text)
    by = {how: [row for row in found if row["por"] == how] for how in ("marca", "numero", "codigo")}
    named = by["marca"] or by["numero"]
    if not named:
        named = [row for row in by["codigo"] if not waiting or row["estado"] == "esperando_pago"]
    if len(named) == 1:
        return named[0]
    if named:
        listed = "; ".join(_shown(row) for row in named)
        raise Rejected(f"«{text}» nombra varios casos: {listed}", remedy="Indique la marca del caso.")
    if by["codigo"]:
        states = "; ".join(_shown(row) for row in by["codigo"])
        raise Rejected(
            f"El suscriptor {text.strip()} no tiene casos esperando pago: {states}", remedy="Indique la marca del caso."
        )
    _refuse_unknown_folder(archivo.settings, text)
    raise Rejected(
        f"Ningún caso corresponde a «{text}»",
        remedy="Indique la marca del caso (como R-7K3QF2M), el recibo, la factura, el radicado o el código.",
    )


def _shown(row: Row) -> str:
    return f"{row['id']} ({NOMBRE_ESTADO[row['estado']]})"


def _refuse_unknown_folder(settings: Settings, text: str) -> None:
    """Raise `Rejected` with what to do about a case folder of this machine that the database doesn't know."""
    mark = text.strip().upper()
    if mark.startswith("R-") and mark.isascii() and mark[2:].isalnum() and (settings.casos / mark).is_dir():
        raise Rejected(
            f"La carpeta del caso {mark} está en este equipo, pero la base de datos no lo conoce",
            remedy="La base de datos puede ser una copia vieja: avise a quien administra el robot.",
        )


def caso_of(archivo: Archivo, mark: str) -> Caso:
    """Return a case with its journal, from its folder or from the database, whichever has more of it.

    Raises `BrokenJournal` where the folder's was altered, or isn't the database's.
    """
    folder = archivo.settings.casos / mark
    return Caso(folder, _more(mark, read(folder), cases.diary(archivo.store, mark)))


def in_database(archivo: Archivo, rows: Sequence[Row]) -> Iterator[tuple[Row, Caso]]:
    """Yield each row with its case as the database has it, whatever its folder says; their journals come in groups."""
    for start in range(0, len(rows), _GROUP):
        group = rows[start : start + _GROUP]
        diaries = cases.diaries(archivo.store, [row["id"] for row in group])
        for row in group:
            yield row, Caso(archivo.settings.casos / row["id"], diaries.get(row["id"], []))


def is_altered(caso: Caso) -> bool:
    """Say whether a folder of this machine has another journal than the database, whose this case is."""
    try:
        _more(caso.id, read(caso.folder), caso.entries)
    except BrokenJournal:
        return True
    return False


def _more(mark: str, here: list[Entry], known: list[Entry]) -> list[Entry]:
    """Return the longer of two journals that agree as far as both go: a kill leaves the folder ahead, or behind."""
    same = fork.shared(here, known)
    if same < min(len(here), len(known)):
        if fork.may_be_set_aside(here[same:], known[same:]):
            return known  # another machine went on while this one was dead or frozen
        raise fork.contradiction(mark, known[same:])
    return here if len(here) > len(known) else known


def request_of(store: Store, mark: str) -> Solicitud:
    """Return a case's request. Raises `Rejected` when it was erased, `BrokenJournal` when it isn't what came in."""
    data = cases.request(store, mark)
    if data is None:
        raise Rejected(
            f"Los datos de la solicitud del caso {mark} ya no están en esta instalación",
            remedy="Si fueron borrados por la política de datos, el caso solo puede consultarse.",
        )
    salt, huella = cases.vouched(store, mark)
    solicitud = Solicitud.model_construct(**data)  # what was validated once is not judged by today's formats again
    if solicitud.fingerprint(salt) != huella:
        raise BrokenJournal(f"La solicitud guardada del caso {mark} no es la que se recibió")
    return solicitud


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Where a case stands in the queue. `waits_for` is the row of its subscriber's open case, which goes first."""

    since: datetime
    not_before: datetime | None
    ahead: int
    waits_for: Row | None


def turn(store: Store, row: Row) -> Turn:
    """Return the place of a case that is in the queue; times UTC."""
    later = datetime.fromisoformat(row["disponible"])
    return Turn(
        since=datetime.fromisoformat(row["cambiado"]),
        not_before=later if later > datetime.now(UTC) else None,
        ahead=cases.ahead(store, row),
        waits_for=cases.open_of(store, row["codigo"], but=row["id"]),
    )
