"""The case page: journal, pictures, papers and recording as one Spanish page that works offline, from the disk."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import mimetypes
import secrets
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment
from markupsafe import Markup

from robot.errors import RobotError
from robot.recording import Recording, read
from robot.records import journal, plantilla
from robot.records.caso import NOMBRE_ESTADO
from robot.records.llano import llano, titulo
from robot.records.story import PAPERS, STAGES, Picture, Story, tell, when

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

PAGE = "caso.html"
_FILM = "grabacion/pelicula.js"
_PLAYER = ("rrweb-player.min.js", "LICENSES.txt")
_LONGEST_PAUSE_MS = 4_000  # a longer one (a wait, the days between two stages) is cut to this in the film
_TONES = {
    "terminado": "bien",
    "esperando_pago": "espera",
    "en_duda": "duda",
    "incompleto": "duda",
    "en_curso": "espera",
}


def case_page(folder: Path, *, self_contained: bool = False) -> Path:
    """Write the case's `caso.html` and return it; self-contained: with pictures, papers, player and film inside.

    Pictures that were not rendered yet (robot.browser.pictures) and a missing or broken recording only leave their
    place empty.
    """
    entries, warning = _entries(folder)
    story = tell(entries)
    recording = _recording(folder)
    for step in story.steps:
        if (folder / step.picture_file).exists():
            step.pictures.append(Picture(step.picture_file, "Así quedó la pantalla al terminar el paso"))
        step.pictures = [picture for picture in step.pictures if (folder / picture.file).exists()]
    player = _player(folder, self_contained=self_contained) if recording.shows_something else None
    html = (
        _environment(folder, self_contained=self_contained)
        .get_template("caso.html.j2")
        .render(
            case=story.opened.get("caso") or folder.name,
            story=story,
            state=_state(story),
            warning=warning,
            gaps=recording.gaps,
            player=player,
            film=_film(folder, recording, self_contained=self_contained) if player else None,
            recorded=recording.shows_something,
            chapters={(chapter.number, chapter.visit) for chapter in recording.chapters()},
            nonce=secrets.token_urlsafe(16),
        )
    )
    page = folder / PAGE
    half = page.with_suffix(".parte")
    half.write_text(html, "utf-8")
    half.replace(page)
    return page


def _entries(folder: Path) -> tuple[list[dict[str, Any]], str]:
    """Return the journal; if it doesn't hold together, what can be read of it and the sentence that says so."""
    try:
        return journal.read(folder), ""
    except RobotError as error:
        entries = []
        for line in (folder / journal.FILE).read_text("utf-8", errors="replace").splitlines():
            try:
                entries.append(json.loads(line))
            except ValueError:
                continue
        return [entry for entry in entries if isinstance(entry, dict) and {"event", "t"} <= entry.keys()], str(error)


def _recording(folder: Path) -> Recording:
    try:
        return read(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return Recording(gaps=["el archivo de la grabación está dañado"])


def _state(story: Story) -> dict[str, str]:
    estado = str(story.state.get("estado", "en_curso"))
    name = NOMBRE_ESTADO.get(estado, estado)
    return {
        "name": name[:1].upper() + name[1:],
        "tone": _TONES.get(estado, "mal"),
        "reason": str(story.state.get("reason") or ""),
        "stage": STAGES.get(str(story.state.get("etapa", "")), ""),
    }


def _environment(folder: Path, *, self_contained: bool) -> Environment:
    environment = plantilla.environment()
    environment.globals.update(papers=PAPERS, stages=STAGES, when=when)
    environment.globals["alone"] = self_contained
    environment.globals["source"] = lambda file: _inlined(folder / file) if self_contained else file
    environment.globals["exists"] = lambda file: bool(file) and (folder / file).is_file()
    environment.globals["part"] = lambda name: Markup(_template_text(name))  # noqa: S704 — our own files, no data in them
    environment.filters.update(
        pesos=_pesos, date=_date, clock=_clock, day=_day, seconds=seconds, words=titulo, plain=llano
    )
    return environment


def _template_text(name: str) -> str:
    if name == "rrweb-player.min.css":
        return files("robot").joinpath("web", name).read_text("utf-8")
    return files("robot.records").joinpath("plantillas", name).read_text("utf-8")


def _inlined(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


# ── the film ────────────────────────────────────────────────────────────────────────────────────


def _player(folder: Path, *, self_contained: bool) -> dict[str, Any] | None:
    """Return the player's script inlined, or its address: one copy beside the cases, named by its content."""
    web = files("robot").joinpath("web")
    if not web.joinpath(_PLAYER[0]).is_file():
        return None
    script = web.joinpath(_PLAYER[0]).read_text("utf-8").replace("//# sourceMappingURL", "// source map")
    if self_contained:
        return {"inline": Markup(script.replace("</script", "<\\/script")), "src": ""}  # noqa: S704 — the packed library
    version = hashlib.sha256(script.encode("utf-8")).hexdigest()[:12]
    shared = folder.parent / "visor" / version
    for name in _PLAYER:
        if not (shared / name).exists():
            shared.mkdir(parents=True, exist_ok=True)
            half = shared / f"{name}.parte"
            half.write_text(script if name == _PLAYER[0] else web.joinpath(name).read_text("utf-8"), "utf-8")
            half.replace(shared / name)
    return {"inline": "", "src": f"../visor/{version}/{_PLAYER[0]}"}


def _film(folder: Path, recording: Recording, *, self_contained: bool) -> dict[str, Any]:
    """Return the recording as a script, inlined or as a file: a page from the file system can't fetch."""
    data = json.dumps(film(recording), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    script = f'window.PELICULA="{base64.b64encode(gzip.compress(data, mtime=0)).decode("ascii")}";\n'
    if self_contained:
        return {"inline": Markup(script), "src": ""}  # noqa: S704 — base64
    (folder / _FILM).write_text(script, "ascii")
    return {"inline": "", "src": _FILM}


def film(recording: Recording) -> dict[str, Any]:
    """Return events, style sheets and chapters, long pauses cut; chapters in milliseconds from the start."""
    first = next(i for i, event in enumerate(recording.events) if event["type"] == 4)
    moved: list[dict[str, Any]] = []
    shift = 0
    start: int = recording.events[first]["timestamp"]
    last = start
    at: list[tuple[int, int]] = []
    for event in recording.events[first:]:
        pause = event["timestamp"] - last
        if pause > _LONGEST_PAUSE_MS:
            shift += pause - _LONGEST_PAUSE_MS
        last = event["timestamp"]
        at.append((last, shift))
        if event["type"] != 5:
            moved.append({**event, "timestamp": last - shift})

    def place(moment: int) -> int:
        before = [cut for time, cut in at if time <= moment]
        return max(0, moment - (before[-1] if before else 0) - start)

    chapters = [
        {
            "numero": chapter.number,
            "vez": chapter.visit,
            "titulo": chapter.title,
            "desde": place(chapter.started),
            "hasta": place(chapter.finished or chapter.started),
        }
        for chapter in recording.chapters()
    ]
    return {"eventos": moved, "hojas": recording.sheets, "capitulos": chapters}


# ── words ───────────────────────────────────────────────────────────────────────────────────────


def _clock(moment: datetime) -> str:
    return moment.strftime("%H:%M:%S")


def _day(moment: datetime) -> str:
    return moment.strftime("%d/%m/%Y")


def seconds(value: float | None) -> str:
    """Return a length of time: `0,35 s`, `12,4 s`, `2 min 5 s`."""
    if value is None:
        return "—"
    if value < 60:
        return f"{value:.{1 if value >= 1 else 2}f} s".replace(".", ",")
    return f"{int(value // 60)} min {int(value % 60)} s"


def _pesos(value: Any) -> str:
    """Return an amount as Colombia writes it: `$ 98.700`."""
    text = str(value)
    return f"$ {int(text):,}".replace(",", ".") if text.isdigit() else text


def _date(value: Any) -> str:
    """Return an ISO date as dd/mm/aaaa; anything else as it stands."""
    text = str(value)
    year, _, rest = text.partition("-")
    month, _, day = rest.partition("-")
    return f"{day[:2]}/{month}/{year}" if year.isdigit() and month.isdigit() and day[:2].isdigit() else text
