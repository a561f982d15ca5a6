"""What a terminal shows: live steps on stderr, results on stdout, errors with their remedy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from robot.errors import RobotError
from robot.records.caso import NOMBRE_ESTADO, Caso
from robot.records.journal import Entry
from robot.text import in_pesos

if TYPE_CHECKING:
    from rich.progress import Progress

    from robot.records.filas import Report

KIND = {"factura": "Factura", "abono": "Recibo", "tramite": "Radicado", "tercero": "Tercero"}
PAPER = {
    "solicitud-factura": "Solicitud de trámite (factura)",
    "recibo-abono": "Recibo de pago",
    "solicitud-tramite": "Solicitud de trámite con radicado",
}


class LiveSteps:
    """Show each documented step as it happens. Used as a journal listener."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("") if console.is_terminal else None
        self._title = ""

    def __call__(self, entry: Entry) -> None:
        """Show one journal entry."""
        show = {
            "run.started": self._run,
            "step.started": self._started,
            "step.finished": self._finished,
            "step.failed": self._failed,
            "lookup.started": self._started,
            "lookup.finished": self._finished,
            "lookup.failed": self._failed,
            "run.finished": self._ended,
            "run.retried": self._retried,
        }.get(entry["event"])
        if show:
            show(entry)

    def _run(self, entry: Entry) -> None:
        stage = {
            "cobro": "Cobro (pasos 3 a 22 bis)",
            "tramite": "Trámite (pasos 3 y 24 a 31)",
            "consulta": "Consulta: ¿qué quedó guardado?",
        }[entry["etapa"]]
        self._console.print(Text(f"\n{stage}{' — ENSAYO, no se guarda nada' if entry['ensayo'] else ''}", style="bold"))

    def _started(self, entry: Entry) -> None:
        self._title = entry["title"]
        if self._status:
            self._status.update(f"Paso {entry['number']}: {entry['title']}" if "number" in entry else entry["title"])
            self._status.start()

    def _finished(self, entry: Entry) -> None:
        read = " · ".join(f"{label}: {value}" for label, value in entry["read"].items())
        self._line("✔", "green", entry, read)

    def _failed(self, entry: Entry) -> None:
        self._line("✘", "red", entry, entry["reason"])

    def _line(self, sign: str, style: str, entry: Entry, detail: str) -> None:
        self._ended(entry)
        line = Text.assemble(
            (f" {sign} ", style),
            (f"{entry.get('number', '—'):>6}  ", "bold"),
            (f"{_clock(entry['seconds']):>7}  ", "dim"),
            self._title,
            (f"  {detail}" if detail else "", "dim" if sign == "✔" else style),
        )
        self._console.print(line, soft_wrap=not self._console.is_terminal)

    def pause(self) -> None:
        """Let the line of the step that runs stand still until the next step: somebody is asked."""
        if self._status:
            self._status.stop()

    def _ended(self, _entry: Entry) -> None:
        self.pause()

    def _retried(self, entry: Entry) -> None:
        self._console.print(f"   Se intenta de nuevo (intento {entry['attempt']}): no se había enviado nada.")


def _clock(seconds: float) -> str:
    return f"{seconds:.2f} s".replace(".", ",")


def show_error(console: Console, error: RobotError) -> None:
    """Print an error: what happened, where, and what to do."""
    console.print(Text(f"✘ {error}", style="bold red"), soft_wrap=True)
    if error.control:
        console.print(f"  Control: {error.control}", highlight=False, soft_wrap=True)
    console.print(f"  Qué hacer: {error.advice}", highlight=False, soft_wrap=True)


def result(caso: Caso, error: RobotError | None = None) -> dict[str, Any]:
    """Return a case's result as `--json` prints it."""
    return {
        "caso": caso.id,
        "codigo": caso.codigo,
        "etapa": caso.etapa,
        "estado": caso.estado,
        "factura": caso.number("factura"),
        "recibo": caso.number("abono"),
        "total": caso.what("factura").get("total") if caso.number("factura") else None,
        "radicado": caso.number("tramite"),
        "papeles": [str(caso.folder / e["copies_file"]) for e in caso.papers().values()],
        "papeles_pendientes": caso.missing_papers(),
        "pagina": str(caso.folder / "caso.html"),
        "error": error.as_dict() if error else None,
    }


def show_case(console: Console, caso: Caso) -> None:
    """Print a case's result for a person."""
    rows: list[tuple[str, str | Text]] = [
        ("Caso", Text(caso.id, style="bold")),
        ("Estado", NOMBRE_ESTADO[caso.estado]),
        ("Suscriptor", f"{caso.codigo} · ruta {caso.opened['ruta']}"),
    ]
    show_rows(console, [*rows, *rows_of(caso, caso.estado)])


def rows_of(caso: Caso, estado: str) -> list[tuple[str, str | Text]]:
    """Return what is shown of a case in this state: its documents, what is to be paid, its papers and its place."""
    rows: list[tuple[str, str | Text]] = [
        (KIND[kind], Text(number, style="bold")) for kind, number in caso.documents().items()
    ]
    if estado == "esperando_pago":
        rows.append(("Para pagar en caja", Text(in_pesos(caso.what("abono")["total"]), style="bold")))
    rows += [(PAPER[kind], _place(caso, kind)) for kind in caso.papers()]
    for kind in caso.missing_papers():
        todo = f"pendiente: imprímalo en Serviweb y use «serviweb adjuntar {caso.id} {kind} ARCHIVO.pdf»"
        rows.append((PAPER[kind], Text(todo, style="yellow")))
    if caso.folder.is_dir():
        rows += [("Página del caso", "caso.html"), ("Carpeta", near(caso.folder))]
    return rows


def _place(caso: Caso, kind: str) -> str:
    """Return where a paper stands: in the case's folder here, or on the machine that printed it."""
    file = str(caso.papers()[kind]["copies_file"])
    if (caso.folder / file).exists():
        return file
    machine = caso.printed_on(kind)
    return f"en el equipo {machine}: carpeta de datos, casos/{caso.id}/{file}" if machine else f"{file} (no está aquí)"


def show_rows(console: Console, rows: Sequence[tuple[str, str | Text]]) -> None:
    """Print labelled values, one below the other."""
    width = max(len(label) for label, _ in rows) + 2
    for label, value in rows:
        console.print(Text.assemble((label.ljust(width), "dim"), value), soft_wrap=True, highlight=False)


def progress_bar(console: Console) -> Progress:
    """Return the bar that shows how much of a file was read."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=True)


def report_as_dict(report: Report) -> dict[str, Any]:
    """Return what is to be corrected in a file, as `--json` prints it."""
    return {
        "errores": str(report.errors) if report.errors else None,
        "problemas": [
            {"fila": row, "columna": problem.column, "valor": problem.value, "mensaje": problem.message}
            for row, problem in report.problems
        ],
        "notas": report.notes,
    }


def show_problems(console: Console, report: Report) -> None:
    """Print the notes on a file and what is wrong with its rows."""
    for note in report.notes:
        console.print(f"Nota: {note}", soft_wrap=True, markup=False)
    for row, problem in report.problems:
        console.print(f"Fila {row}, {problem}", style="yellow", soft_wrap=True, markup=False)


def show_errors_file(console: Console, report: Report) -> None:
    """Print where the rows to correct are, if there are any."""
    if report.errors:
        console.print(
            f"Corrija las filas con error en {near(report.errors)} y cargue ese mismo archivo.", soft_wrap=True
        )


def near(path: Path) -> str:
    """Return a path as a person would type it: from the current folder where it lies below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def print_json(data: dict[str, Any]) -> None:
    """Print one JSON object on stdout and nothing else."""
    print(json.dumps(data, ensure_ascii=False, indent=2))  # noqa: T201 — this is what --json is for
