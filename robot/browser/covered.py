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
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from playwright.async_api import Error as PlaywrightError

from robot.masking import CUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from playwright.async_api import CDPSession, Frame, Page

    from robot.browser.private import PrivateControl
    from robot.masking import Masker

_FILL, _EDGE, _MARK = "#ccd5e0", "#aebbca", "#7f8fa3"
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


class Shot(NamedTuple):
    """Pixels of a page as a PNG and what must be covered in them. It stays in memory until it is painted."""

    pixels: bytes
    places: tuple[Rect, ...]


async def capture(
    page: Page,
    masker: Masker,
    private: Sequence[PrivateControl],
    *,
    channel: CDPSession | None = None,
    timeout_seconds: float = 5.0,
) -> Shot:
    """Take the page's viewport, and before and after it where private things stand.

    *channel*, a CDP session of the page, is quicker and adds nothing to the page; Playwright's own screenshot adds a
    style sheet while it works. Raises PictureError, as while a native dialog is open.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            # Both are asked at once, in this order: the page answers the first while it draws for the second.
            before, pixels = await asyncio.gather(
                _said(page, private, every_word=masker.has_words), _pixels(page, channel, timeout_seconds)
            )
            after = await _said(page, private, every_word=masker.has_words)
    except (PlaywrightError, TimeoutError) as error:
        raise PictureError(
            "No se pudo tomar la imagen de la pantalla; puede haber un aviso del navegador abierto."
        ) from error
    places = {place for said in ([before] if before == after else [before, after]) for place in _covering(said, masker)}
    return Shot(pixels, tuple(places))


async def _pixels(page: Page, channel: CDPSession | None, timeout_seconds: float) -> bytes:
    if channel is None:
        return await page.screenshot(scale="css", caret="initial", timeout=timeout_seconds * 1000)
    answer = await channel.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
    return base64.b64decode(answer["data"])


def paint(shot: Shot, path: Path) -> Path:
    """Write the picture to *path*, covered. Raises PictureError when the disk has no room."""
    try:
        _paint(shot.pixels, joined(shot.places), path)
    except OSError as error:
        raise PictureError(f"No se pudo guardar la imagen de la pantalla ({error.strerror}).") from error
    return path


Said = list[tuple[dict[str, Any], float, float] | Rect]


async def _said(page: Page, private: Sequence[PrivateControl], *, every_word: bool) -> Said:
    """Return what the script of each frame says, with the frame's corner; a frame that can't be read, as its box."""
    found: Said = []
    for frame in page.frames:
        try:
            raw = json.loads(await frame.evaluate(_script(tuple(private)), every_word))
            left, top = raw["offset"] or await _frame_corner(frame)
        except PlaywrightError:
            if frame is page.main_frame:
                raise
            if (corner := await _frame_box(frame)) is not None:
                found.append(corner)  # what can't be read is covered whole
            continue
        found.append((raw, left, top))
    return found


def _covering(said: Said, masker: Masker) -> Iterator[Rect]:
    for item in said:
        if isinstance(item, Rect):
            yield item
            continue
        raw, left, top = item
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
    scripts = "\n".join(folder.joinpath(name).read_text("utf-8") for name in ("private.js", "pixels.js"))
    return f"(EVERY_WORD) => {{ {head}\n{scripts} }}"
