"""The check of a paper, and its two signed copies."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from reportlab.pdfgen.canvas import Canvas

from robot.browser.documents import PaperError, check, two_copies

CARTA = (612.0, 792.0)
NUMBER = "900123"


def _paper(*sizes: tuple[float, float], text: str = f"Factura {NUMBER}", field: str = "") -> bytes:
    """Make a PDF with a frame at its very edge, a text at the top left and the page's number below it."""
    file = io.BytesIO()
    canvas = Canvas(file, invariant=1)
    for n, (width, height) in enumerate(sizes or (CARTA,), start=1):
        canvas.setPageSize((width, height))
        canvas.setLineWidth(4)
        canvas.rect(2, 2, width - 4, height - 4)
        if text:
            canvas.setFont("Helvetica", 18)
            canvas.drawString(40, height - 60, text)
            canvas.drawString(40, height - 90, f"hoja {n}")
        if field:
            canvas.acroForm.textfield(name=f"campo{n}", value=field, x=40, y=height - 140, width=160, height=24)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _changed(data: bytes, change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    change(writer)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _copies(data: bytes) -> PdfReader:
    made = two_copies(data, case="R-7K3QF2M", kind_title="Solicitud de trámite", number=NUMBER)
    return PdfReader(io.BytesIO(made))


def _texts(reader: PdfReader) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def _sizes(reader: PdfReader) -> Iterable[tuple[float, float]]:
    return [(float(page.mediabox.width), float(page.mediabox.height)) for page in reader.pages]


def test_pages_of_a_good_paper() -> None:
    """Count the pages of a PDF that shows its number."""
    assert check(_paper(CARTA, CARTA, CARTA), NUMBER) == 3


@pytest.mark.parametrize(
    "printed",
    ["900 123", "N.º900123.", "Factura:\n000900123", "900\u00ad123", "(900123)", "900123, 15/03/2026"],
)
def test_a_number_as_prints_break_it(printed: str) -> None:
    """Find the number among spaces, soft hyphens, leading zeros and punctuation."""
    assert check(_paper(text=printed), NUMBER) == 1


@pytest.mark.parametrize("printed", ["8900123", "9001234", "$ 1.900123", "900123.50", "Factura 900124", "90012"])
def test_a_number_inside_another(printed: str) -> None:
    """Do not take a longer number, or an amount, for the document's own."""
    with pytest.raises(PaperError, match="no contiene el número 900123"):
        check(_paper(text=printed), NUMBER)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "llegó vacío"),
        (b"\n<!DOCTYPE html><title>Sesi\xc3\xb3n vencida</title>", r"una página web \(«Sesión vencida»\)"),
        (b"<html>", "una página web en lugar de un PDF"),
        (b"PK\x03\x04", "un archivo desconocido"),
        (_paper()[:-400], r"incompleto \(\d+ bytes"),
        (b"%PDF-1.7\nnada\n%%EOF", "dañado"),
        (_changed(_paper(), lambda writer: writer.encrypt("clave")), "pide una contraseña"),
        (_changed(_paper(), lambda writer: writer.remove_page(0)), "no tiene páginas"),
    ],
)
def test_what_is_no_paper(data: bytes, said: str) -> None:
    """Say in Spanish what came instead of a whole PDF, and what to do."""
    with pytest.raises(PaperError, match=said) as raised:
        check(data, NUMBER)
    assert "adjúntelo al caso" in str(raised.value)


def test_a_print_that_is_a_picture() -> None:
    """Skip only the text where the map says that there is none; otherwise name that remedy."""
    assert check(_paper(text=""), NUMBER, has_text=False) == 1
    with pytest.raises(PaperError, match="text = false"):
        check(_paper(text=""), NUMBER)
    with pytest.raises(PaperError, match="incompleto"):
        check(_paper(text="")[:-400], NUMBER, has_text=False)


def test_two_copies_of_three_pages() -> None:
    """Make twice the pages on Carta, the mark on each, the signature on each copy's last."""
    made = _copies(_paper(CARTA, CARTA, CARTA))
    texts = _texts(made)
    assert _sizes(made) == [CARTA] * 6
    assert ["Copia cliente" in text for text in texts] == [True] * 3 + [False] * 3
    assert ["Copia soporte" in text for text in texts] == [False] * 3 + [True] * 3
    assert [n for n, text in enumerate(texts) if "Firma del Asesor" in text] == [2]
    assert [n for n, text in enumerate(texts) if "Firma del usuario" in text] == [5]
    assert all(f"Solicitud de trámite {NUMBER}" in text and "Caso R-7K3QF2M" in text for text in texts)
    assert [f"Página {n} de 3" in text for text, n in zip(texts, (1, 2, 3, 1, 2, 3), strict=True)] == [True] * 6
    assert [f"hoja {n}" in text for text, n in zip(texts, (1, 2, 3, 1, 2, 3), strict=True)] == [True] * 6


@pytest.mark.parametrize(
    ("size", "sheet"),
    [
        (CARTA, CARTA),
        ((595.28, 841.89), CARTA),
        ((612.0, 1008.0), CARTA),
        ((226.0, 420.0), CARTA),
        ((1191.0, 1684.0), CARTA),
        ((792.0, 612.0), (792.0, 612.0)),
    ],
    ids=["carta", "a4", "oficio", "tiquete", "a2", "apaisada"],
)
def test_a_page_of_any_size(size: tuple[float, float], sheet: tuple[float, float]) -> None:
    """Fit a page of any size, with its proportions, above the strip; enlarge none."""
    page = _copies(_paper(size)).pages[0]
    assert (float(page.mediabox.width), float(page.mediabox.height)) == sheet
    a, b, c, d, e, f = _matrix(page)
    assert a == d <= 1
    assert b == c == 0
    assert e >= 0
    assert e + size[0] * a <= sheet[0] + 0.01
    assert f >= 91.99
    assert f + size[1] * d <= sheet[1] + 0.01


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [CARTA, (792.0, 612.0)])
def test_a_turned_page(turn: int, size: tuple[float, float]) -> None:
    """Show a turned and cropped page as a viewer does."""

    def crop(writer: PdfWriter) -> None:
        writer.pages[0].cropbox = RectangleObject((20, 30, size[0] - 10, size[1] - 40))
        writer.pages[0].rotate(turn)

    page = _copies(_changed(_paper(size), crop)).pages[0]
    width, height = size[0] - 30, size[1] - 70
    seen = (width, height) if turn in (0, 180) else (height, width)
    sheet = float(page.mediabox.width), float(page.mediabox.height)
    assert (sheet[0] > sheet[1]) == (seen[0] > seen[1])
    a, b, c, d, e, f = _matrix(page)
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (20, size[0] - 10) for y in (30, size[1] - 40)]
    assert min(x for x, _ in corners) >= -0.01
    assert max(x for x, _ in corners) <= sheet[0] + 0.01
    assert min(y for _, y in corners) >= 91.99
    assert max(y for _, y in corners) <= sheet[1] + 0.01
    up = {0: (0, 1), 90: (1, 0), 180: (0, -1), 270: (-1, 0)}[turn]  # which way the original's top points on the sheet
    assert (round(c, 6) > 0) - (round(c, 6) < 0) == up[0]
    assert (round(d, 6) > 0) - (round(d, 6) < 0) == up[1]


def _matrix(page: object) -> list[float]:
    words = page.get_contents().get_data().split()[:8]  # type: ignore[attr-defined]  # a pypdf page
    assert words[0] == b"q"
    assert words[7] == b"cm"
    return [float(word) for word in words[1:7]]


def test_locked_with_an_empty_password() -> None:
    """Open an original that anybody may read, old cipher or new, and lock nothing."""
    for algorithm in ("RC4-128", "AES-128", "AES-256"):
        locked = _changed(
            _paper(), lambda writer, how=algorithm: writer.encrypt("", owner_password="dueño", algorithm=how)
        )
        assert check(locked, NUMBER) == 1
        made = _copies(locked)
        assert not made.is_encrypted
        assert f"Factura {NUMBER}" in _texts(made)[0]


def test_fields_are_drawn() -> None:
    """Keep what stands in a form's fields, as ink: nothing is left to fill in."""
    made = _copies(_paper(field="PEREZ ROJAS"))
    for page in made.pages:
        original = page["/Resources"]["/XObject"]["/Original"]
        (look,) = original["/Resources"]["/XObject"].values()
        assert b"PEREZ ROJAS" in look.get_object().get_data()
        assert b"/Anotacion0 Do" in original.get_data()
        assert "/Annots" not in page
    assert "/AcroForm" not in made.trailer["/Root"]


def test_vectors_stay_and_are_kept_once() -> None:
    """Draw each original page from one shared drawing: letters stay letters, and the file hardly grows."""
    data = _paper(CARTA, CARTA, text=f"Factura {NUMBER} " * 3)
    made = _copies(data)
    shown = [page["/Resources"]["/XObject"].raw_get("/Original").idnum for page in made.pages]
    assert shown == shown[:2] * 2
    assert not [image for page in made.pages for image in page.images]


def test_the_same_input_gives_the_same_bytes() -> None:
    """Make the copies again and get the same file."""
    papers = [two_copies(_paper(), case="R-7K3QF2M", kind_title="Recibo", number="55") for _ in range(2)]
    assert papers[0] == papers[1]


def test_fonts_travel_in_the_file() -> None:
    """Embed the strip's fonts: accents are right on a machine without fonts."""
    fonts = _copies(_paper()).pages[0]["/Resources"]["/Font"].values()
    embedded = [font.get_object() for font in fonts if "/FontDescriptor" in font.get_object()]
    assert len(embedded) >= 2
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)


def test_copies_of_no_pdf() -> None:
    """Refuse what isn't a PDF with the same sentence as the check."""
    with pytest.raises(PaperError, match="una página web"):
        two_copies(b"<html>", case="R-7K3QF2M", kind_title="Recibo", number="55")
