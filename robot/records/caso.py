"""A case as its folder tells it: mark, stage, state, documents, payment. The journal is the state."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from robot.errors import BrokenJournal, Rejected
from robot.records.journal import FILE, Entry, read
from robot.text import fold

Etapa = Literal["cobro", "tramite"]
Estado = Literal[
    "en_curso", "esperando_pago", "terminado", "rechazado", "fallido", "en_duda", "incompleto", "cancelado"
]
NOTHING_IN_SERVIWEB: frozenset[str] = frozenset({"rechazado", "fallido", "cancelado"})

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

NOMBRE_ESTADO: dict[str, str] = {
    "en_curso": "en curso",
    "esperando_pago": "esperando el pago en caja",
    "terminado": "terminado",
    "rechazado": "rechazado: no se facturó nada",
    "fallido": "fallido: no se facturó nada",
    "en_duda": "EN DUDA: no se sabe si Serviweb guardó",
    "incompleto": "incompleto: algo quedó guardado y falta el resto",
    "cancelado": "cancelado: no se facturó nada",
}


def new_mark() -> str:
    """Return a random mark such as `R-7K3QF2M`: it names the case here and in Serviweb's Observación."""
    return "R-" + "".join(secrets.choice(_CROCKFORD) for _ in range(7))


@dataclass(frozen=True)
class Caso:
    """One case read from its folder."""

    folder: Path
    entries: list[Entry]

    @property
    def id(self) -> str:
        """The mark, `R-…`."""
        return self.folder.name

    @property
    def opened(self) -> Entry:
        """The entry that opened the case: subscriber, concept, products."""
        return self.entries[0]

    def _last(self, event: str, **fields: Any) -> Entry | None:
        for entry in reversed(self.entries):
            if entry["event"] == event and all(entry.get(k) == v for k, v in fields.items()):
                return entry
        return None

    @property
    def codigo(self) -> str:
        """The subscriber's code."""
        return str(self.opened["codigo"])

    def number(self, kind: str) -> str | None:
        """Return Serviweb's number of the confirmed document of that kind."""
        found = self._last("effect.confirmed", kind=kind)
        return str(found["number"]) if found else None

    def what(self, kind: str) -> dict[str, Any]:
        """Return what the last intent of that kind was about to save (products, amounts, total)."""
        found = self._last("effect.intent", kind=kind)
        return dict(found.get("what", {})) if found else {}

    def open_effects(self) -> list[str]:
        """Return the kinds that were sent and whose outcome is not known."""
        is_open: dict[str, bool] = {}
        for entry in self.entries:
            event = entry["event"]
            if event in _OPENS or (event == "effect.intent" and entry.get("gated") is False):
                is_open[entry["kind"]] = True
            elif event in _CLOSES:
                is_open[entry["kind"]] = False
        return [kind for kind, still in is_open.items() if still]

    @property
    def etapa(self) -> Etapa:
        """Stage of the last recorded state."""
        found = self._last("case.state")
        return "tramite" if found and found["etapa"] == "tramite" else "cobro"

    @property
    def estado(self) -> Estado:
        """State as recorded; a run that died in the middle is judged by what it had sent."""
        found = self._last("case.state")
        recorded: Estado = found["estado"] if found else "en_curso"
        return recorded

    def after_death(self) -> Estado:
        """State of a case whose process died: never *nothing saved* when something may have been."""
        if self.open_effects():
            return "en_duda"
        return "incompleto" if self.documents() else "fallido"

    def documents(self) -> dict[str, str]:
        """Return the confirmed factura, abono and trámite numbers by kind."""
        return {kind: n for kind in ("factura", "abono", "tramite") if (n := self.number(kind))}

    def papers(self) -> dict[str, Entry]:
        """Return the printed papers by kind."""
        return {e["kind"]: e for e in self.entries if e["event"] == "document.printed"}

    def missing_papers(self) -> list[str]:
        """Return the kinds of paper that were saved in Serviweb but could not be printed."""
        return [e["kind"] for e in self.entries if e["event"] == "document.missing" and e["kind"] not in self.papers()]

    def payment(self) -> Entry | None:
        """Return the recorded payment of step 23."""
        return self._last("payment.recorded")

    def runs(self) -> int:
        """Return how many runs the case has had."""
        return sum(1 for e in self.entries if e["event"] == "run.started")

    def changed(self) -> datetime:
        """Return when the case last changed (UTC)."""
        return datetime.fromisoformat(self.entries[-1]["t"]).astimezone(UTC)


# Where the gate can't serve, an intent alone may have been sent: nobody saw what left.
_OPENS = frozenset({"effect.sent", "effect.passed", "effect.in_doubt"})
_CLOSES = frozenset({"effect.confirmed", "effect.rejected", "effect.not_sent"})


def load(folder: Path) -> Caso:
    """Return the case of one folder. Raises `Rejected` when there is none, `BrokenJournal` when it was altered."""
    entries = read(folder)
    if not entries or entries[0]["event"] != "case.opened":
        raise Rejected(f"No existe el caso {folder.name}", remedy="Revise la marca del caso, por ejemplo R-7K3QF2M.")
    return Caso(folder, entries)


def all_cases(casos: Path, *, of: str | None = None) -> Iterator[Caso]:
    """Yield every case whose journal is whole.

    An altered journal must not stop the whole office: it is passed over, but for *of*, a subscriber code: then
    `BrokenJournal` is raised where the altered one may be a case of that subscriber.
    """
    for folder in sorted(casos.glob("R-*")):
        try:
            entries = read(folder)
        except BrokenJournal:
            if of is not None and _may_be_of(folder, of):
                raise
            continue
        if entries and entries[0]["event"] == "case.opened":
            yield Caso(folder, entries)


def _may_be_of(folder: Path, codigo: str) -> bool:
    """Say whether an altered journal names this subscriber, or names none that can be read."""
    codes = re.findall(r'"codigo": "([^"]*)"', (folder / FILE).read_text(encoding="utf-8", errors="replace"))
    return codigo in codes or not codes


def find(casos: Path, text: str, *, waiting: bool = True) -> Caso:
    """Return the case that *text* names: its mark, one of its Serviweb numbers, or a subscriber code.

    A subscriber code must name exactly one case that waits for its payment, or without *waiting* exactly one case.
    Raises `Rejected` otherwise.
    """
    wanted = text.strip().upper()
    if wanted.startswith("R-") and (casos / wanted).is_dir():
        return load(casos / wanted)
    cases = list(all_cases(casos))
    by_number = [c for c in cases if fold(wanted) in {fold(n) for n in c.documents().values()}]
    if len(by_number) == 1:
        return by_number[0]
    named = [c for c in cases if c.codigo == wanted and (not waiting or c.estado == "esperando_pago")]
    if len(named) == 1:
        return named[0]
    if len(named) > 1 or len(by_number) > 1:
        marks = ", ".join(c.id for c in named or by_number)
        raise Rejected(f"«{text}» nombra varios casos: {marks}", remedy="Indique la marca del caso.")
    known = [c for c in cases if c.codigo == wanted]
    if known:
        states = "; ".join(f"{c.id} ({NOMBRE_ESTADO[c.estado]})" for c in known)
        raise Rejected(f"El suscriptor {wanted} no tiene casos esperando pago: {states}")
    raise Rejected(f"Ningún caso corresponde a «{text}»", remedy="Indique la marca del caso, el recibo o el código.")
