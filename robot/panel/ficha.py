"""What the page of a case shows, gathered from the database, its journal and its recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from robot.errors import RobotError
from robot.panel.contexto import Panel
from robot.panel.del_caso import diario_de
from robot.panel.palabras import en_pantalla
from robot.recording import Recording, read
from robot.records import plazos
from robot.records.caso import Caso
from robot.records.gestos import Gesto, gestos
from robot.records.journal import Entry
from robot.records.linea import linea_de
from robot.records.plazos import Plazo
from robot.records.store import cases, encargos
from robot.records.store.cases import Row
from robot.records.story import DOCUMENTS, Story, tell
from robot.work.archivo import Archivo
from robot.work.en_vivo import OVER, may_cancel, may_continue
from robot.work.expediente import Turn, turn

EFECTO: Final[dict[str, tuple[str, str]]] = {
    "intencion": ("Sin enviar", "neutro"),
    "enviado": ("Enviado, sin respuesta", "duda"),
    "respondido": ("Respondido, sin confirmar", "duda"),
    "confirmado": ("Confirmado", "bien"),
    "rechazado": ("Rechazado por Serviweb", "mal"),
    "no_enviado": ("No se guardó", "neutro"),
    "en_duda": ("En duda", "duda"),
    "anulado": ("Anulado", "neutro"),
}
"""Each state of an effect in words, and its tone."""
MOMENTO: Final[dict[str, str]] = {
    "effect.intent": "Intención",
    "effect.passed": "Salió",
    "effect.sent": "Enviado",
    "effect.answered": "Respondido",
    "effect.unanswered": "Sin respuesta",
    "effect.confirmed": "Confirmado",
    "effect.rejected": "Rechazado",
    "effect.in_doubt": "En duda",
    "effect.not_sent": "No se envió",
    "effect.repeated": "Repetición detenida",
    "effect.lookup": "Consultado",
    "effect.decided": "Decisión de una persona",
    "effect.annulled": "Anulado",
}
_CLOSABLE: Final = frozenset({"incompleto", "esperando_pago"})


@dataclass(frozen=True, kw_only=True)
class Efecto:
    """One attempt to save something: its row, and what the journal says of it, entry by entry."""

    row: Row
    entradas: list[Entry]
    que: dict[str, Any]

    @property
    def nombre(self) -> str:
        """The document's name."""
        return DOCUMENTS.get(self.row["tipo"], str(self.row["tipo"]))


@dataclass(frozen=True, kw_only=True)
class Ficha:
    """Everything of one case."""

    row: Row
    caso: Caso
    story: Story
    aviso: str
    """Why its journal isn't to be trusted; «» if it is."""
    turno: Turn | None
    efectos: list[Efecto]
    gestos: dict[tuple[str, int], list[Gesto]]
    capitulos: frozenset[tuple[str, int]]
    faltas: list[str]
    reconexion: Plazo | None
    respuesta: Plazo | None
    encargo: Row | None
    ahora: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def empezado(self) -> bool:
        """Say whether it has a journal."""
        return bool(self.caso.entries)

    @property
    def estado(self) -> str:
        """The state as the database has it."""
        return str(self.row["estado"])

    @property
    def suscriptor(self) -> str:
        """The subscriber's name, wherever it is known from."""
        return str(self.row["suscriptor"] or (self.story.subscriber if self.empezado else ""))

    @property
    def total(self) -> int | None:
        """What was billed, in whole pesos."""
        total = self.caso.what("factura").get("total")
        return int(total) if self.caso.number("factura") and isinstance(total, int) else None

    @property
    def motivo(self) -> str:
        """Why it is as it is."""
        return en_pantalla(str(self.row["motivo"]))

    @property
    def que_hacer(self) -> str:
        """What a person does about it, without commands."""
        return en_pantalla(str(self.row["que_hacer"]))

    @property
    def por_anular(self) -> list[str]:
        """The numbers that may be told to be annulled: what stands in Serviweb, and second documents."""
        own = list(self.caso.documents().values()) if self.estado in _CLOSABLE else []
        return [*own, *self.caso.to_annul()]

    @property
    def se_continua(self) -> bool:
        """Say whether the robot may go on with it where it stopped."""
        return may_continue(self.row, self.caso)

    @property
    def se_corrige(self) -> bool:
        """Say whether its request may be sent again, corrected: it is closed and nothing of it stands in Serviweb."""
        return self.estado in ("rechazado", "fallido", "cancelado") and not self.caso.documents()

    @property
    def sin_papeles(self) -> str:
        """Say why no paper is shown: none is to come, or none came yet."""
        return "Este caso no tiene papeles." if self.estado in OVER else "Todavía no hay papeles."

    @property
    def se_cancela(self) -> bool:
        """Say whether it may be asked to stop before its next document."""
        return may_cancel(self.row, self.caso)

    @property
    def se_consulta(self) -> bool:
        """Say whether the robot may be asked to look it up in Serviweb."""
        return self.estado == "en_duda" and self.encargo is None and bool(self.caso.open_effects())

    @property
    def cambio(self) -> str:
        """Return what the page shows anew when it changes."""
        return cambio(self.row, self.encargo)


def cambio(row: Row, encargo: Row | None) -> str:
    """Return a text that changes with what a case's page shows beside its steps."""
    errand = f"{encargo['id']}-{encargo['estado']}" if encargo else "-"
    return f"{row['estado']}.{row['etapa']}.{'x' if row['cancelar_por'] else ''}.{errand}"


def ficha(panel: Panel, row: Row) -> Ficha:
    """Gather a case."""
    archivo = panel.archivo()
    caso, aviso = diario_de(archivo, row["id"])
    recording = _recording(archivo, row["id"])
    reconexion, respuesta = _clocks(panel, caso)
    return Ficha(
        row=row,
        caso=caso,
        story=tell(caso.entries),
        aviso=aviso,
        turno=turn(panel.store, row) if row["estado"] == "en_cola" else None,
        efectos=_effects(cases.effects(panel.store, row["id"]), caso.entries),
        gestos=_touches(recording),
        capitulos=frozenset((chapter.number, chapter.visit) for chapter in recording.chapters()),
        faltas=recording.gaps,
        reconexion=reconexion,
        respuesta=respuesta,
        encargo=encargos.open_of(panel.store, row["id"]),
    )


def _recording(archivo: Archivo, marca: str) -> Recording:
    try:
        return read(archivo.settings.casos / marca)
    except (OSError, ValueError, KeyError, TypeError):
        return Recording(gaps=["el archivo de la grabación está dañado"])


def _touches(recording: Recording) -> dict[tuple[str, int], list[Gesto]]:
    try:
        return gestos(recording)
    except (ValueError, KeyError, TypeError):
        return {}


def _effects(rows: Sequence[Row], entries: Sequence[Entry]) -> list[Efecto]:
    """Return each effect with the entries of its kind from its intent on to the next one's."""
    found = []
    for row in rows:
        later = [other["n"] for other in rows if other["tipo"] == row["tipo"] and other["n"] > row["n"]]
        until = min(later, default=len(entries) + 1)
        own = [
            e for e in entries if e["event"] in MOMENTO and e.get("kind") == row["tipo"] and row["n"] <= e["n"] < until
        ]
        found.append(Efecto(row=row, entradas=own, que=dict(own[0].get("what") or {}) if own else {}))
    return found


def _clocks(panel: Panel, caso: Caso) -> tuple[Plazo | None, Plazo | None]:
    """Return the clocks of the law that run: reconnect until the trámite is filed, then answer it."""
    if not caso.entries:
        return None, None
    horas, dias = panel.settings.horas_reconexion, panel.settings.dias_pqr
    try:
        linea = linea_de(caso, horas=horas, dias=dias)
    except (RobotError, KeyError, ValueError):
        return None, None
    reconexion = plazos.reconexion(linea.pagado, horas=horas) if linea.pagado else None
    respuesta = plazos.respuesta(linea.radicado_en, dias=dias) if linea.radicado_en else None
    return reconexion, respuesta
