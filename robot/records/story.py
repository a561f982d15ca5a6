"""What a case's journal tells, ordered for a page: runs with their steps, effects, papers, dialogs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from robot import errors
from robot.recording import picture_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Entry = dict[str, Any]

BOGOTA = timezone(timedelta(hours=-5), "hora de Colombia")  # no daylight saving time since 1993
DOCUMENTS = {"tercero": "Tercero", "factura": "Factura", "abono": "Abono (recibo)", "tramite": "Trámite (radicado)"}
PAPERS = {
    "solicitud-factura": "Solicitud de trámite de la factura",
    "recibo-abono": "Recibo de pago",
    "solicitud-tramite": "Solicitud de trámite con radicado",
}
STAGES = {"cobro": "Cobro", "tramite": "Trámite", "consulta": "Consulta"}
ENDINGS = {
    "intent": ("Sin enviar", "neutro"),
    "sent": ("Enviado, sin respuesta", "duda"),
    "answered": ("Respondido, sin confirmar", "duda"),
    "unanswered": ("Sin respuesta", "duda"),
    "confirmed": ("Confirmado", "bien"),
    "rejected": ("Rechazado por Serviweb", "mal"),
    "in_doubt": ("En duda", "duda"),
    "rehearsed": ("Ensayo: no se envió", "neutro"),
    "not_sent": ("No se envió", "neutro"),
}


@dataclass
class Picture:
    """A picture of a step: its file in the case's folder and what it shows."""

    file: str
    caption: str
    label: str = "Al terminar"


@dataclass
class Step:
    """One documented step as it was done."""

    number: str
    visit: int
    title: str
    text: str
    url: str
    started: datetime
    seconds: float | None = None
    read: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    reason: str = ""
    control: str = ""
    told: str = ""
    answers: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)

    @property
    def picture_file(self) -> str:
        """Return where the picture of this step's end is, once it has been rendered."""
        return f"imagenes/{picture_name(self.number, self.visit)}"

    @property
    def key(self) -> str:
        """Return the step's name in addresses of the page."""
        return f"paso-{self.number.replace(' ', '-')}-{self.visit}"

    @property
    def advice(self) -> str:
        """Return what to do about its error."""
        return self.told or str(
            getattr(getattr(errors, self.error, errors.RobotError), "remedy", errors.RobotError.remedy)
        )


@dataclass
class Run:
    """One run of the robot: its stage, its steps, how it ended."""

    number: int
    stage: str
    started: datetime
    about: Entry
    steps: list[Step] = field(default_factory=list)
    seconds: float | None = None
    outcome: str = ""


@dataclass
class Effect:
    """One attempt to save something in Serviweb, with the time of every stage."""

    kind: str
    run: int
    ending: str = "intent"
    number: str = ""
    status: str = ""
    reason: str = ""
    what: dict[str, Any] = field(default_factory=dict)
    times: dict[str, datetime] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the document's name."""
        return DOCUMENTS.get(self.kind, self.kind)

    @property
    def label(self) -> str:
        """Return how it ended, in words."""
        return ENDINGS.get(self.ending, (self.ending, "neutro"))[0]

    @property
    def tone(self) -> str:
        """Return how it ended, as a colour."""
        return ENDINGS.get(self.ending, (self.ending, "neutro"))[1]


@dataclass
class Lookup:
    """One consultation in Serviweb, or what it decided, or what a person decided: a time, a title and what was read."""

    at: datetime
    title: str
    read: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass
class Story:
    """Everything the page shows of a journal."""

    opened: Entry
    runs: list[Run] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    papers: list[Entry] = field(default_factory=list)
    missing: list[Entry] = field(default_factory=list)
    dialogs: list[Entry] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    payment: Entry | None = None
    checked: Entry | None = None
    unexpected: list[Entry] = field(default_factory=list)
    attended: dict[int, Entry] = field(default_factory=dict)
    state: Entry = field(default_factory=dict)
    seal: str = ""

    @property
    def steps(self) -> list[Step]:
        """Return the steps of every run, in order."""
        return [step for run in self.runs for step in run.steps]

    @property
    def subscriber(self) -> str:
        """Return the subscriber's name: the request's, else the one that Serviweb showed."""
        shown = (str(step.read["Suscriptor"]) for step in self.steps if step.read.get("Suscriptor"))
        return str(self.opened.get("suscriptor") or next(shown, ""))

    @property
    def failures(self) -> list[Step]:
        """Return the steps that failed."""
        return [step for step in self.steps if step.error]

    @property
    def saved(self) -> list[Effect]:
        """Return what is known to be in Serviweb."""
        return [effect for effect in self.effects if effect.ending == "confirmed"]


def when(text: str) -> datetime:
    """Return a journal's time in the time of Colombia."""
    return datetime.fromisoformat(text).astimezone(BOGOTA)


def tell(entries: Iterable[Entry]) -> Story:
    """Order a journal's entries. Unknown events are left out: the journal itself stands beside the page."""
    story = Story(opened={})
    visits: dict[str, int] = {}
    for entry in entries:
        event = entry["event"]
        story.seal = entry.get("hash", story.seal)
        if event == "step.started":
            number = str(entry["number"])
            visits[number] = visits.get(number, 0) + 1
        if event in _LOOKUPS:
            _tell_lookup(story, event, entry)
        else:
            _tell(story, event, entry, visits)
    return story


def _tell(story: Story, event: str, entry: Entry, visits: Mapping[str, int]) -> None:
    match event.split("."):
        case ["step", _]:
            _tell_step(story, event, entry, visits)
        case ["effect", stage]:
            _tell_effect(story, stage, entry)
        case ["run", _] | ["picture", _] | ["commit", _]:
            _tell_run(story, event, entry)
        case ["case", "opened"]:
            story.opened = entry
        case ["case", "state"]:
            story.state = entry
        case ["document", "printed"]:
            story.papers.append(entry)
            story.missing = [paper for paper in story.missing if paper["kind"] != entry["kind"]]
        case ["document", "missing"]:
            story.missing.append(entry)
        case ["payment", _]:
            _tell_payment(story, event, entry)
        case ["dialog"]:
            story.dialogs.append(entry)
        case _:
            pass


def _answer(entry: Entry) -> str:
    """Return what a person answered, in assisted mode, before this document was saved."""
    name, who = DOCUMENTS.get(str(entry.get("kind")), "Documento"), entry.get("by") or "una persona"
    return f"{name}: {'aprobado por' if entry.get('approved') else 'no lo aprobó'} {who} antes de guardar"


def _tell_payment(story: Story, event: str, entry: Entry) -> None:
    match event:
        case "payment.recorded":
            story.payment, story.checked = entry, None
        case "payment.checked":
            story.checked = entry
        case "payment.unexpected":
            story.unexpected.append(entry)
        case "payment.attended":
            story.attended[int(entry["entrada"])] = entry
        case _:
            pass


_MOMENTS = {
    "antes": "antes de guardar",
    "despues": "después de guardar",
    "ventana": "en la ventana que se abrió",
    "aviso": "la ventana que nadie esperaba",
}


def _tell_run(story: Story, event: str, entry: Entry) -> None:
    if event == "run.started":
        story.runs.append(Run(entry["run"], entry.get("etapa", ""), when(entry["t"]), entry))
    elif event == "run.finished" and story.runs:
        story.runs[-1].seconds, story.runs[-1].outcome = entry.get("seconds"), str(entry.get("outcome", ""))
    elif event == "commit.approved" and story.steps:
        story.steps[-1].answers.append(_answer(entry))
    elif event == "picture.taken" and story.steps:
        moment = _MOMENTS.get(entry.get("moment", ""), "al guardar")
        file = str(entry["file"])
        path = file if "/" in file else f"imagenes/{file}"
        step = next((s for s in reversed(story.steps) if s.number == entry.get("step")), story.steps[-1])
        step.pictures.append(Picture(path, f"Pantalla real, {moment}", moment.capitalize()))


def _tell_step(story: Story, event: str, entry: Entry, visits: Mapping[str, int]) -> None:
    number = str(entry["number"])
    if event == "step.started":
        if not story.runs:
            story.runs.append(Run(entry.get("run", 1), "", when(entry["t"]), {}))
        text, title, url = (str(entry.get(name) or "") for name in ("text", "title", "url"))
        story.runs[-1].steps.append(Step(number, visits[number], title, text, url, when(entry["t"])))
        return
    step = next((s for s in reversed(story.steps) if s.number == number), None)
    if step is None:
        return
    step.seconds = entry.get("seconds")
    step.read = entry.get("read") or {}
    if event == "step.failed":
        step.error, step.reason = str(entry.get("error") or "RobotError"), str(entry.get("reason") or "")
        step.control = str(entry.get("control") or "")
        step.told = str(entry.get("que_hacer") or "")


_LOOKUPS = frozenset(
    {"lookup.started", "lookup.finished", "lookup.failed"}
    | {f"effect.{stage}" for stage in ("baseline", "lookup", "decided", "annulled")}
)
DECISIONS = {"existe": "existe", "no_existe": "no existe", "doble": "existen dos"}


def _tell_lookup(story: Story, event: str, entry: Entry) -> None:
    name = DOCUMENTS.get(str(entry.get("kind")), "")
    reason = str(entry.get("reason") or entry.get("motivo") or "")
    read: dict[str, Any]
    match event:
        case "lookup.started":
            story.lookups.append(Lookup(when(entry["t"]), str(entry.get("title") or "Consulta")))
        case "lookup.finished" | "lookup.failed" if story.lookups:
            story.lookups[-1].read = entry.get("read") or {}
            story.lookups[-1].reason = reason
        case "effect.baseline":
            read = {d["numero"]: {k: v for k, v in d.items() if k != "numero"} for d in entry["documentos"]}
            story.lookups.append(Lookup(when(entry["t"]), f"Lo que había antes de guardar: {name}", read))
        case "effect.lookup":
            read = {"Documentos en la lista": entry.get("cuantos"), "Resultado": entry.get("resultado")}
            story.lookups.append(Lookup(when(entry["t"]), f"Búsqueda de lo que quedó en duda: {name}", read, reason))
        case "effect.decided":
            who = {"Decide": entry.get("persona"), "Confirma": entry.get("confirma"), "Número": entry.get("number")}
            read = {k: v for k, v in {**who, "Por anular": entry.get("por_anular")}.items() if v}
            title = f"Decisión de una persona: {name} {DECISIONS.get(entry['decision'], entry['decision'])}"
            story.lookups.append(Lookup(when(entry["t"]), title, read, reason))
        case "effect.annulled":
            read = {"Número": entry.get("number"), "Registra": entry.get("persona")}
            story.lookups.append(Lookup(when(entry["t"]), f"Anulado en Serviweb: {name}", read, reason))


def _tell_effect(story: Story, stage: str, entry: Entry) -> None:
    kind = str(entry["kind"])
    if stage == "intent" or not any(effect.kind == kind for effect in story.effects):
        story.effects.append(Effect(kind, story.runs[-1].number if story.runs else 1))
    effect = next(effect for effect in reversed(story.effects) if effect.kind == kind)
    effect.times.setdefault(stage, when(entry["t"]))
    if stage in ENDINGS and effect.ending != "confirmed":
        effect.ending = stage
    effect.number = str(entry.get("number") or effect.number)
    effect.status = str(entry.get("status") or effect.status)
    effect.reason = str(entry.get("reason") or effect.reason)
    effect.what = entry.get("what") or effect.what
