"""A case as its journal tells it: mark, stage, state, documents, payment."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from robot.errors import Rejected
from robot.records.journal import Entry, read

Etapa = Literal["cobro", "tramite"]
Estado = Literal[
    "en_cola", "en_curso", "esperando_pago", "terminado", "rechazado", "fallido", "en_duda", "incompleto", "cancelado"
]
NOTHING_IN_SERVIWEB: frozenset[str] = frozenset({"rechazado", "fallido", "cancelado"})

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

ULTIMO: dict[str, str] = {"cobro": "abono", "tramite": "tramite"}
"""The last document that each stage saves."""
NOMBRE_ESTADO: dict[str, str] = {
    "en_cola": "en cola",
    "en_curso": "en curso",
    "esperando_pago": "esperando el pago en caja",
    "terminado": "terminado",
    "rechazado": "rechazado: no se facturó nada",
    "fallido": "fallido: no se facturó nada",
    "en_duda": "EN DUDA: no se sabe si Serviweb guardó",
    "incompleto": "incompleto: algo quedó guardado y falta el resto",
    "cancelado": "cancelado: no queda nada en Serviweb",
}


def new_mark() -> str:
    """Return a random mark such as `R-7K3QF2M`: it names the case here and in Serviweb's Observación."""
    return "R-" + "".join(secrets.choice(_CROCKFORD) for _ in range(7))


@dataclass(frozen=True)
class Caso:
    """One case: where its folder is, or would be, and its journal."""

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

    def baseline(self, kind: str) -> frozenset[str] | None:
        """Return the numbers that Serviweb listed before the last intent of that kind; `None` if none were read."""
        intents = [i for i, e in enumerate(self.entries) if e["event"] == "effect.intent" and e["kind"] == kind]
        before = self.entries[: intents[-1]] if intents else []
        for entry in reversed(before):
            if entry["event"] == "effect.baseline" and entry["kind"] == kind:
                return frozenset(document["numero"] for document in entry["documentos"])
        return None

    def lookups(self, kind: str) -> list[Entry]:
        """Return the look-ups made since that effect came into doubt, oldest first."""
        found: list[Entry] = []
        for entry in self.entries:
            if entry.get("kind") == kind and entry["event"] in ("effect.intent", "effect.decided"):
                found = []
            elif entry.get("kind") == kind and entry["event"] == "effect.lookup":
                found.append(entry)
        return found

    def sent_at(self, kind: str) -> datetime | None:
        """Return when the last document of that kind may have left (UTC)."""
        for entry in reversed(self.entries):
            if entry.get("kind") == kind and (
                entry["event"] in _OPENS - {"effect.in_doubt"}
                or (entry["event"] == "effect.intent" and entry.get("gated") is False)
            ):
                return datetime.fromisoformat(entry["t"]).astimezone(UTC)
        found = self._last("effect.in_doubt", kind=kind)
        return datetime.fromisoformat(found["t"]).astimezone(UTC) if found else None

    def annulled(self) -> set[str]:
        """Return the numbers whose annulment in Serviweb was recorded."""
        return {str(e["number"]) for e in self.entries if e["event"] == "effect.annulled"}

    def voided(self) -> list[str]:
        """Return this case's own numbers whose annulment was recorded."""
        gone = self.annulled()
        return [str(e["number"]) for e in self.entries if e["event"] == "effect.confirmed" and e["number"] in gone]

    def to_annul(self) -> list[str]:
        """Return the second documents that a person decided to void and whose annulment isn't recorded yet."""
        doubles = [str(e["por_anular"]) for e in self.entries if e["event"] == "effect.decided" and "por_anular" in e]
        return [number for number in doubles if number not in self.annulled()]

    def open_effects(self) -> list[str]:
        """Return the kinds that were sent and whose outcome is not known."""
        is_open: dict[str, bool] = {}
        for entry in self.entries:
            event = entry["event"]
            if event in _OPENS or (event == "effect.intent" and entry.get("gated") is False):
                is_open[entry["kind"]] = True
            elif event in _CLOSES or (event == "effect.decided" and entry["decision"] == "no_existe"):
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
        """Return the confirmed factura, abono and trámite numbers by kind, without those annulled."""
        gone = self.annulled()
        numbers = {kind: self.number(kind) for kind in ("factura", "abono", "tramite")}
        return {kind: n for kind, n in numbers.items() if n and n not in gone}

    def saved(self) -> str:
        """Name the documents that stand in Serviweb: «factura F-000123, abono RC-0004521»; «» without any."""
        return ", ".join(f"{kind} {number}" for kind, number in self.documents().items())

    def papers(self) -> dict[str, Entry]:
        """Return the printed papers by kind."""
        return {e["kind"]: e for e in self.entries if e["event"] == "document.printed"}

    def printed_on(self, kind: str) -> str:
        """Return the machine on which a paper was printed, and where it stands; empty where the journal doesn't say."""
        machine = ""
        last = self.papers()[kind]
        for entry in self.entries:
            if entry["event"] == "run.started":
                machine = str(entry.get("equipo", ""))
            elif entry is last:
                return str(entry.get("equipo", machine))  # a person may have attached it on another one
        return machine

    def missing_papers(self) -> list[str]:
        """Return the kinds of paper that were saved in Serviweb but could not be printed."""
        return [e["kind"] for e in self.entries if e["event"] == "document.missing" and e["kind"] not in self.papers()]

    def payment(self) -> Entry | None:
        """Return the recorded payment of step 23."""
        return self._last("payment.recorded")

    def runs(self) -> int:
        """Return how many runs the case has had."""
        return sum(1 for e in self.entries if e["event"] == "run.started")

    def reached(self) -> tuple[Etapa, Estado]:
        """Return the stage and state that the documents make of a case of which nothing is in doubt, run or refused."""
        documents = self.documents()
        if "tramite" in documents:
            return "tramite", "terminado"
        if "abono" in documents and not self.payment():
            return "cobro", "esperando_pago"
        return self.etapa, "incompleto"

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
