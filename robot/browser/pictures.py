"""Render the picture of each step's end from the recording, when somebody opens or exports the case.

The recording is replayed by rrweb's own replayer in a page of its own: no network, a strict content security policy,
and no script of Serviweb runs. The pictures are kept beside the real ones and rendered once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from robot.browser.evidence import web_file
from robot.recording import DIALOG, Chapter, Recording, read

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from playwright.async_api import Browser, Page, ViewportSize

_FALLBACK: ViewportSize = {"width": 1280, "height": 800}
_PAGE = """<!doctype html><html lang="es"><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-src 'none'">
<title>Repetición</title><style>
html,body{margin:0;overflow:hidden;background:#fff}
.replayer-wrapper{position:absolute;left:0;top:0}
.replayer-wrapper iframe{border:0;display:block}.replayer-mouse,.replayer-mouse-tail{display:none}
#aviso{position:fixed;left:50%;top:24px;transform:translateX(-50%);max-width:460px;min-width:300px;padding:18px 22px;
 font:15px/1.5 system-ui,sans-serif;color:#1f2937;background:#fff;border:1px solid #c3cad4;border-radius:10px;
 box-shadow:0 12px 40px #0f172a55;white-space:pre-wrap;z-index:9}
#aviso small{display:block;margin-bottom:6px;color:#64748b}#aviso[hidden]{display:none}
</style><body><div id="pelicula"></div><div id="aviso" hidden></div>"""
_LOAD = """(events) => {
  const { Replayer } = window.rrwebReplay;
  const still = "*,*::before,*::after{animation:none!important;transition:none!important;caret-color:transparent}";
  window.film = new Replayer(events, {
    root: document.querySelector("#pelicula"), mouseTail: false, showWarning: false, skipInactive: false,
    triggerFocus: true, insertStyleRules: [still],
  });
  window.first = events[0].timestamp;
}"""
_SEEK = """async ([at, notice]) => {
  window.film.pause(at - window.first + 0.5);
  const box = document.querySelector("#aviso");
  box.hidden = !notice;
  box.replaceChildren();
  if (notice) {
    const head = document.createElement("small");
    head.textContent = "Aviso de la página";
    box.append(head, notice);
  }
  const view = document.querySelector("iframe");
  await Promise.all([...(view.contentDocument?.images ?? [])].map((image) => image.decode().catch(() => 0)));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [Math.round(view.clientWidth), Math.round(view.clientHeight)];
}"""


async def render(folder: Path, browser: Browser, steps: Collection[str] | None = None) -> dict[str, Path]:
    """Write `imagenes/paso-NN.png` of every finished step, or of these, and return the files by the step's number.

    A step that ran again has its number with the visit (`3 (2)`). What was rendered before is not rendered again. Empty
    without a recording.
    """
    recording = read(folder)
    if not recording.shows_something:
        return {}
    wanted = [c for c in recording.chapters() if c.finished is not None and (steps is None or c.number in steps)]
    files = {_key(chapter): folder / "imagenes" / chapter.file for chapter in wanted}
    missing = [chapter for chapter in wanted if not files[_key(chapter)].exists() and _shown(recording, chapter)]
    if missing:
        (folder / "imagenes").mkdir(exist_ok=True)
        await _replay(recording, missing, files, browser)
    return {key: path for key, path in files.items() if path.exists()}


async def _replay(recording: Recording, chapters: list[Chapter], files: dict[str, Path], browser: Browser) -> None:
    context = await browser.new_context(viewport=_FALLBACK, offline=True, service_workers="block")
    try:
        await context.route("**/*", lambda route: route.abort())
        page = await context.new_page()
        await page.set_content(_PAGE)
        await page.evaluate(f"() => {{ {_library()} }}")
        await page.evaluate(_LOAD, _film(recording))
        for chapter in sorted(chapters, key=_end):
            await _picture(page, recording, chapter, files[_key(chapter)])
    finally:
        await context.close()


async def _picture(page: Page, recording: Recording, chapter: Chapter, path: Path) -> None:
    width, height = await page.evaluate(_SEEK, [_end(chapter), _notice(recording, chapter)])
    size: ViewportSize = {"width": width or _FALLBACK["width"], "height": height or _FALLBACK["height"]}
    if page.viewport_size != size:
        await page.set_viewport_size(size)
    half = path.with_suffix(".parte")
    half.write_bytes(await page.screenshot(animations="disabled"))
    half.replace(path)


def _film(recording: Recording) -> list[dict[str, Any]]:
    """Return what the replayer needs: it begins with a page, and our own marks are no part of it."""
    events = [event for event in recording.whole() if event["type"] != 5]
    start = next(index for index, event in enumerate(events) if event["type"] == 4)
    return events[start:]


def _shown(recording: Recording, chapter: Chapter) -> bool:
    """Tell whether a page had been recorded when the step ended."""
    return any(event["type"] == 2 and event["timestamp"] <= _end(chapter) for event in recording.events)


def _notice(recording: Recording, chapter: Chapter) -> str:
    """Return the text of the native dialog under which the step ended: nothing on the page changed after it."""
    text = ""
    for event in recording.events:
        if not chapter.started <= event["timestamp"] <= _end(chapter):
            continue
        if event["type"] == 5:
            if event["data"]["tag"] == DIALOG:
                text = str(event["data"]["payload"].get("texto", ""))
        elif event["type"] != 3 or event["data"]["source"] == 0:
            text = ""
    return text


def _end(chapter: Chapter) -> int:
    return chapter.finished or chapter.started


def _key(chapter: Chapter) -> str:
    return chapter.number if chapter.visit == 1 else f"{chapter.number} ({chapter.visit})"


def _library() -> str:
    scope = "const scope = {};"
    call = f"(function (define, module, exports) {{ {web_file('replay.min.js')}\n }}).call(scope)"
    return f"{scope} {call}; window.rrwebReplay = scope.rrwebReplay;"
