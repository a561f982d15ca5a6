"""Annotated pictures: a covered screenshot with a box around each control, in the colour of its verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from robot.browser import covered
from robot.masking import Values

COLOURS: Final = {
    "encontrado": "#1b8a4b",
    "falta": "#c62828",
    "ambiguo": "#b26a00",
    "cambiado": "#7b3fb0",
}
_PLAIN: Final = "#5f6f82"
_SIZE: Final = 12
_PAD: Final = 3
_BELOW: Final = 70
"""What is kept of a picture below its lowest mark: the rest of a page is often empty."""


class Mark(NamedTuple):
    """A box to draw, in pixels of the picture. *ghost*: nothing stands there any more, it did once."""

    text: str
    verdict: str
    left: float
    top: float
    width: float
    height: float
    ghost: bool = False


def paint(
    pixels: bytes, before: covered.Looks, after: covered.Looks, values: Values, path: Path, marks: list[Mark]
) -> Path:
    """Write the picture to *path*: what is private covered first, then the marks drawn over it."""
    covered.paint(pixels, before, after, values, path)
    _draw(path, marks)
    return path


def _draw(path: Path, marks: list[Mark]) -> None:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.open(path).convert("RGB")
    draw = ImageDraw.Draw(image, "RGBA")
    font = ImageFont.load_default(size=_SIZE)
    taken: list[tuple[float, ...]] = []
    for mark in sorted(marks, key=lambda one: (-one.width * one.height, one.text)):
        colour = COLOURS.get(mark.verdict, _PLAIN)
        right, bottom = mark.left + mark.width + 2, mark.top + mark.height + 2
        box = (mark.left - 2, mark.top - 2, right, bottom)
        if mark.ghost:
            _dashed(draw, box, colour)
        else:
            draw.rounded_rectangle(box, radius=4, outline=colour, width=2)
    for mark in sorted(marks, key=lambda one: (one.verdict == "encontrado", one.top, one.left)):
        _label(draw, font, mark, image.size, taken)
    lowest = max((mark.top + mark.height for mark in marks), default=image.height) + _BELOW
    image.crop((0, 0, image.width, min(image.height, int(lowest)))).save(path, "PNG", compress_level=6)


def _dashed(draw: object, box: tuple[float, float, float, float], colour: str) -> None:
    from PIL.ImageDraw import ImageDraw

    assert isinstance(draw, ImageDraw)  # noqa: S101 — Pillow is only loaded where it is needed
    left, top, right, bottom = box
    draw.rectangle(box, fill=f"{colour}22")
    for x in range(int(left), int(right), 9):
        for y in (top, bottom):
            draw.line((x, y, min(x + 5, right), y), fill=colour, width=2)
    for y in range(int(top), int(bottom), 9):
        for x in (left, right):  # type: ignore[assignment]
            draw.line((x, y, x, min(y + 5, bottom)), fill=colour, width=2)


def _label(draw: object, font: object, mark: Mark, size: tuple[int, int], taken: list[tuple[float, ...]]) -> None:
    """Write a mark's name on a little flag at its box, where no other flag stands."""
    from PIL.ImageDraw import ImageDraw

    assert isinstance(draw, ImageDraw)  # noqa: S101 — as above
    text = mark.text
    width = draw.textlength(text, font=font) + 2 * _PAD  # type: ignore[arg-type]
    height = _SIZE + 2 * _PAD
    places = [
        (mark.left - 2, mark.top - 2 - height),
        (mark.left + mark.width + 2 - width, mark.top - 2 - height),
        (mark.left - 2, mark.top + mark.height + 2),
        (mark.left + mark.width + 2 - width, mark.top + mark.height + 2),
        (mark.left + mark.width + 4, mark.top + mark.height / 2 - height / 2),
        (mark.left - 4 - width, mark.top + mark.height / 2 - height / 2),
        (mark.left, mark.top),
    ]
    flag: tuple[float, ...] = ()
    for left, top in places:
        flag = (left, top, left + width, top + height)
        inside = left >= 0 and top >= 0 and flag[2] <= size[0] and flag[3] <= size[1]
        if inside and not any(_meet(flag, other) for other in taken):
            break
    taken.append(flag)
    draw.rounded_rectangle(flag, radius=3, fill=COLOURS.get(mark.verdict, _PLAIN))
    draw.text((flag[0] + _PAD, flag[1] + 1), text, fill="#ffffff", font=font)  # type: ignore[arg-type]


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
