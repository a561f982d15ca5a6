"""A PDF page kept as one drawing that several sheets can show."""

from __future__ import annotations

from typing import cast

from pypdf import PageObject, PdfWriter, Transformation
from pypdf.generic import (
    ArrayObject,
    ContentStream,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
)

UNSEEN = 0b10 | 0b100000  # annotation flags: hidden, no view (PDF 32000-1, 12.5.3)


def as_drawing(writer: PdfWriter, page: PageObject) -> IndirectObject:
    """Add a page to `writer` as a form XObject, cropped, unrotated; fields and stamps are drawn as they look."""
    content = page.get_contents()
    body = content.get_data() if content is not None else b""
    resources = _dictionary(page.get("/Resources"))
    drawing = StreamObject()
    drawing[NameObject("/Type")] = NameObject("/XObject")
    drawing[NameObject("/Subtype")] = NameObject("/Form")
    drawing[NameObject("/BBox")] = ArrayObject(FloatObject(side) for side in page.cropbox)
    if "/Group" in page:  # how transparency is blended
        drawing[NameObject("/Group")] = _dictionary(page["/Group"]).clone(writer)
    looks = DictionaryObject()
    marks = b"".join(
        _annotation(looks, _dictionary(note)) for note in cast("list[PdfObject]", page.get("/Annots") or ())
    )
    own = DictionaryObject(resources)
    own[NameObject("/XObject")] = DictionaryObject({**_dictionary(resources.get("/XObject")), **looks})
    drawing[NameObject("/Resources")] = own.clone(writer)
    drawing.set_data(b"q\n" + body + b"\nQ\n" + marks)
    return writer._add_object(drawing.flate_encode())  # pypdf has no public name for it


def place(sheet: PageObject, drawing: IndirectObject, where: Transformation) -> None:
    """Draw a kept page on a sheet of the same writer, under what the sheet shows already."""
    resources = _dictionary(sheet["/Resources"])
    drawings = _dictionary(resources.get("/XObject"))
    drawings[NameObject("/Original")] = drawing
    resources[NameObject("/XObject")] = drawings
    matrix = " ".join(f"{number:.6f}" for number in where.ctm)
    strip = sheet.get_contents()
    content = ContentStream(None, None)
    content.set_data(f"q {matrix} cm /Original Do Q\n".encode() + (strip.get_data() if strip is not None else b""))
    sheet.replace_contents(content)


def _annotation(looks: DictionaryObject, note: DictionaryObject) -> bytes:
    """Draw an annotation's look where it stands (PDF 32000-1, 12.5.5, algorithm 8.1)."""
    look = _look(note)
    if look is None or int(note.get("/F", 0)) & UNSEEN or note.get("/Subtype") == "/Popup":
        return b""
    a, b, c, d, e, f = _numbers(look.get("/Matrix")) or (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    left, bottom, right, top = _numbers(look["/BBox"])
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (bottom, top)]
    x, y = min(corner[0] for corner in corners), min(corner[1] for corner in corners)
    wide, high = max(corner[0] for corner in corners) - x, max(corner[1] for corner in corners) - y
    x1, y1, x2, y2 = _numbers(note["/Rect"])
    if not wide or not high:
        return b""
    across, up = abs(x2 - x1) / wide, abs(y2 - y1) / high
    name = f"/Anotacion{len(looks)}"
    looks[NameObject(name)] = look
    move = f"{across:.6f} 0 0 {up:.6f} {min(x1, x2) - x * across:.6f} {min(y1, y2) - y * up:.6f}"
    return f"q {move} cm {name} Do Q\n".encode()


def _look(note: DictionaryObject) -> StreamObject | None:
    """Return an annotation's normal appearance; a check box has one for each state."""
    look = _dictionary(note.get("/AP")).get("/N")
    look = look.get_object() if look is not None else None
    if isinstance(look, DictionaryObject) and not isinstance(look, StreamObject):
        look = look.get(note.get("/AS", "/Off"))
        look = look.get_object() if look is not None else None
    return look if isinstance(look, StreamObject) else None


def _dictionary(value: PdfObject | None) -> DictionaryObject:
    """Follow a reference to a dictionary; anything else counts as an empty one."""
    found = value.get_object() if value is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _numbers(value: PdfObject | None) -> list[float]:
    found = value.get_object() if value is not None else None
    return [float(number) for number in found] if isinstance(found, ArrayObject) else []
