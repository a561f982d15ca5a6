"""Real pictures of a page in which everything private is covered.

The page is only read: where its words, fields and private controls stand is asked before and after the pixels are
taken, Python decides what is private, and Pillow paints opaque boxes over it. A box is one colour, so nothing can be
computed back from it.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from playwright.async_api import Error as PlaywrightError

from robot.masking import CUT, Masker, Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from playwright.async_api import CDPSession, Frame, Page

    from robot.browser.private import PrivateControl

_FILL, _EDGE, _MARK = "#ccd5e0", "#aebbca", "#7f8fa3"
_OFFSET = '"offset":['  # a frame that knows its own corner; quotes in a page's words are escaped
_LOST = "?"  # what a script says instead, before the names of private controls that it can't look for
_MARGIN = 2
_SAME_LINE, _WORD_GAP = 3, 8  # pixels
_SMALLEST_MARKED = 26  # pixels; a narrower box has no dots painted on it


class PictureError(PlaywrightError):
    """No se pudo tomar la imagen de la pantalla."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class Rect(NamedTuple):
    """A rectangle in CSS pixels of the page's viewport."""

    left: float
    top: float
    width: float
    height: float


class Look(NamedTuple):
    """What one frame's script said of its words, fields and private controls, as it came, and the frame's corner."""

    said: str
    corner: tuple[float, float]


Looks = list[Look | Rect]  # a frame that can't be read is covered whole


class Shot(NamedTuple):
    """Pixels of a page as a PNG, and the two looks at what stands in it; the second may still be under way.

    It stays in memory until it is painted. Awaiting `after` raises PictureError when the page is gone.
    """

    pixels: bytes
    before: Looks
    after: asyncio.Future[Looks]


async def capture(
    page: Page,
    private: Sequence[PrivateControl],
    *,
    every_word: bool,
    channel: CDPSession | None = None,
    timeout_seconds: float = 5.0,
) -> Shot:
    """Take the page's viewport, and look before and after it where private things may stand.

    *every_word*: measure words without digits too (`Masker.has_words`). *channel*, a CDP session of the page, is
    quicker and adds nothing to the page; Playwright's own screenshot adds a style sheet while it works.
    Raises PictureError, as while a native dialog is open, or if a private control can't be looked for (private.py).
    """
    with _refusing():
        async with asyncio.timeout(timeout_seconds):
            # Both are asked at once, in this order: the page answers the first while it draws for the second.
            before, pixels = await asyncio.gather(
                _look(page, private, every_word=every_word), _pixels(page, channel, timeout_seconds)
            )

    async def again() -> Looks:
        with _refusing():
            async with asyncio.timeout(timeout_seconds):
                return await _look(page, private, every_word=every_word)

    # Asked now, awaited later: the page answers before it is told of the next click.
    after = asyncio.ensure_future(again())
    after.add_done_callback(_noticed)
    return Shot(pixels, before, after)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except PictureError:
        raise
    except (PlaywrightError, TimeoutError) as error:
        raise PictureError(
            "No se pudo tomar la imagen de la pantalla; puede haber un aviso del navegador abierto."
        ) from error


def _noticed(look: asyncio.Future[Looks]) -> None:
    """Fetch the exception of a shot that nobody keeps."""
    if not look.cancelled():
        look.exception()


async def _pixels(page: Page, channel: CDPSession | None, timeout_seconds: float) -> bytes:
    if channel is None:
        return await page.screenshot(scale="css", caret="initial", timeout=timeout_seconds * 1000)
    answer = await channel.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
    return base64.b64decode(answer["data"])


def paint(pixels: bytes, before: Looks, after: Looks, values: Values, path: Path) -> Path:
    """Write the picture to *path*, covered; *values* as `Masker.values`. Raises PictureError on a full disk."""
    masker = _masker(values)
    places = {place for looks in ([before] if before == after else [before, after]) for place in _places(looks, masker)}
    try:
        _paint(pixels, joined(places), path)
    except OSError as error:
        raise PictureError(f"No se pudo guardar la imagen de la pantalla ({error.strerror}).") from error
    return path


@lru_cache(maxsize=4)
def _masker(values: Values) -> Masker:
    return Masker(*values)


async def _look(page: Page, private: Sequence[PrivateControl], *, every_word: bool) -> Looks:
    """Return what the script of each frame says, with the frame's corner; a frame that can't be read, as its box."""
    found: Looks = []
    for frame in page.frames:
        try:
            said = await frame.evaluate(_script(tuple(private)), every_word)
            corner = (0.0, 0.0) if frame is page.main_frame or _OFFSET in said else await _frame_corner(frame)
        except PlaywrightError:
            if frame is page.main_frame:
                raise
            if (box := await _frame_box(frame)) is not None:
                found.append(box)
            continue
        if said.startswith(_LOST):
            raise PictureError(
                "No se toman imágenes: no se entiende cómo buscar un control privado; corrija su «css» en el mapa "
                f"({said.removeprefix(_LOST)})."
            )
        found.append(Look(said, corner))
    return found


def _places(looks: Looks, masker: Masker) -> Iterator[Rect]:
    for look in looks:
        if isinstance(look, Rect):
            yield look
            continue
        raw = json.loads(look.said)
        left, top = raw["offset"] or look.corner
        for rect in _private_places(raw, masker):
            yield rect._replace(left=rect.left + left, top=rect.top + top)


async def _frame_box(frame: Frame) -> Rect | None:
    try:
        box = await (await frame.frame_element()).bounding_box()
    except PlaywrightError:
        return None  # gone
    return Rect(box["x"], box["y"], box["width"], box["height"]) if box else None


async def _frame_corner(frame: Frame) -> tuple[float, float]:
    box = await _frame_box(frame)
    return (box.left, box.top) if box else (0.0, 0.0)


def _private_places(raw: dict[str, Any], masker: Masker) -> Iterator[Rect]:
    """Yield what is private in one frame, from what its script says."""
    yield from (Rect(*rect) for rect in raw["whole"])
    yield from (Rect(*row["rect"]) for row in raw["rows"] if not row["header"] and not masker.own_code(row["text"]))
    yield from _private_words(raw["texts"], masker)
    for field in raw["fields"]:
        spans = masker.spans(field["text"], growing=True)
        if field["secret"] or masker.typing(field["text"]) or (spans and field["words"] is None):
            yield Rect(*field["rect"])
        elif spans:
            yield from _touched(field["words"], spans)


def _private_words(texts: list[dict[str, Any]], masker: Masker) -> Iterator[Rect]:
    """Yield the words to cover; all texts are looked at as one, so that a value cut over several nodes is found."""
    spans = masker.spans(CUT.join(text["text"] for text in texts), growing=True)
    at = 0
    for text in texts if spans else ():
        end = at + len(text["text"])
        inside = [(max(first, at) - at, min(last, end) - at) for first, last in spans if first < end and at < last]
        yield from _touched(text["words"], inside)
        at = end + 1


def _touched(words: Iterable[Any], spans: list[tuple[int, int]]) -> Iterator[Rect]:
    for start, end, rects in words:
        if any(first < end and start < last for first, last in spans):
            yield from (Rect(*rect) for rect in rects)


def joined(places: Iterable[Rect]) -> list[Rect]:
    """Join boxes that stand side by side on a line: the words of one address. What was covered stays covered."""
    boxes: list[Rect] = []
    for rect in sorted(places, key=lambda place: (round(place.top), place.left)):
        last = boxes[-1] if boxes else None
        if last and _are_beside(last, rect):
            top = min(last.top, rect.top)
            right = max(last.left + last.width, rect.left + rect.width)
            bottom = max(last.top + last.height, rect.top + rect.height)
            boxes[-1] = Rect(last.left, top, right - last.left, bottom - top)
        else:
            boxes.append(rect)
    return boxes


def _are_beside(one: Rect, next_one: Rect) -> bool:
    same_line = abs(one.top - next_one.top) < _SAME_LINE and abs(one.height - next_one.height) < _SAME_LINE
    return same_line and one.left <= next_one.left <= one.left + one.width + _WORD_GAP


def _paint(pixels: bytes, places: Iterable[Rect], path: Path) -> None:
    from PIL import Image, ImageDraw

    image = Image.open(io.BytesIO(pixels)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for left, top, width, height in places:
        right, bottom = left + width + _MARGIN, top + height + _MARGIN
        left, top = left - _MARGIN, top - _MARGIN  # noqa: PLW2901 — the box itself grows
        draw.rounded_rectangle((left, top, right, bottom), radius=min(5, (bottom - top) / 4), fill=_FILL, outline=_EDGE)
        if right - left >= _SMALLEST_MARKED:
            middle, center = (left + right) / 2, (top + bottom) / 2
            for shift in (-7, 0, 7):
                draw.ellipse((middle + shift - 1.5, center - 1.5, middle + shift + 1.5, center + 1.5), fill=_MARK)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".parte")
    image.save(half, "PNG", compress_level=1)  # half the time for a sixth more bytes
    half.replace(path)


@cache
def _script(private: tuple[PrivateControl, ...]) -> str:
    folder = files("robot.browser")
    head = f"const PRIVATE = {json.dumps([control.fields() for control in private], ensure_ascii=False)};"
    finding, looking = (folder.joinpath(name).read_text("utf-8") for name in ("private.js", "pixels.js"))
    refusal = f'if (lost().length) return "{_LOST}" + lost().join(", ");'
    return f"(EVERY_WORD) => {{ {head}\n{finding}\n{refusal}\n{looking} }}"
