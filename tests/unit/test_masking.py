"""The masker: private values are gone in any shape and surrounding, legible ones stay."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from robot.masking import CUT, DOT, Masker

CEDULA, CELULAR, ADDRESS, EMAIL = (
    "1117512345",
    "3101234567",
    "Calle 10 # 5-20 Barrio Ñandú",
    "maria.perez@correo.com.co",
)
LEGIBLE = ("1020304", "01-383", "MARÍA PÉREZ", "$ 1.250.000", "FV-3001234567")

digits = st.text("0123456789", min_size=6, max_size=12).filter(lambda value: value[0] != "0")
words = st.text("abcdefghijklmnñopqrstuvwxyzáéíóúABC 0123456789#-.", min_size=6, max_size=30).map(str.strip)
around = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Co")), max_size=30)


@pytest.fixture
def masker() -> Masker:
    """Give the masker of one case."""
    return Masker((CEDULA, CELULAR, ADDRESS, EMAIL, "s3creta!"), LEGIBLE)


def thousands(value: str) -> str:
    """Write digits with thousands points."""
    return f"{int(value):,}".replace(",", ".")


@settings(deadline=None, max_examples=60)
@given(value=digits, before=around, after=around)
def test_digits_are_gone_in_any_surrounding(value: str, before: str, after: str) -> None:
    """A private number is found whatever stands before and behind it, plain and with points, spaces and hyphens."""
    masker = Masker([value])
    for shape in (value, thousands(value), " ".join(value), f"{value[:3]}-{value[3:]}", f"{value[:4]}{CUT}{value[4:]}"):
        assert shape not in masker.text(before + shape + after)


@settings(deadline=None, max_examples=60)
@given(value=words, before=around, after=around)
def test_words_are_gone_in_any_surrounding(value: str, before: str, after: str) -> None:
    """A private text is found URL-encoded, HTML-escaped and in capitals too."""
    assume(sum(char.isalnum() for char in value) >= 6 and any(char.isalpha() for char in value))
    masker = Masker([value])
    for shape in (value, value.upper(), quote(value), quote_plus(value), html.escape(value)):
        assert shape not in masker.text(before + shape + after)


@settings(deadline=None, max_examples=60)
@given(value=digits, legible=st.text("0123456789", min_size=4, max_size=8), before=around, after=around)
def test_legible_stays(value: str, legible: str, before: str, after: str) -> None:
    """A legible number stays where it stands alone, whatever else the text holds."""
    assume(value not in legible and not any(char.isdigit() for char in before + after))
    text = f"{before} | {legible} | {after}"
    assert f"| {legible} |" in Masker([value], [legible]).text(text)


@settings(deadline=None, max_examples=60)
@given(text=around, value=digits)
def test_masking_twice_changes_nothing_more(text: str, value: str) -> None:
    """What is masked stays as it is."""
    masker = Masker([value])
    once = masker.text(f"{text} CC {value} clave={text}")
    assert masker.text(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "CC 1.117.512.345",
        "/t?doc=1117512345",
        "celular +57 310 123 4567",
        "calle 10 # 5-20 BARRIO nandu",
        "Calle%2010%20%23%205-20%20Barrio%20%C3%91and%C3%BA",
        "CALLE+10+%23+5-20+BARRIO+%D1AND%DA",
        "Calle 10 # 5-20 Barrio &Ntilde;and&uacute;",
        "MARIA.PEREZ%40CORREO.COM.CO",
        "clave: s3creta!",
    ],
)
def test_own_values_in_the_shapes_they_take(masker: Masker, text: str) -> None:
    """The case's own values are found as pages, addresses and forms write them."""
    assert masker.finds_value(text)
    assert DOT in masker.text(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("otro@x.com.co", DOT * 13),
        ("password=hunter2&x=1", "password=•••••••&x=1"),
        ('{"clave": "abc def"}', '{"clave": "••• def"}'),
        ("Tel 608 435 1234", "Tel ••••••••••••"),
        ("cel 3159998877", "cel ••••••••••"),
        ("NIT 892.000.265-1", "NIT •••••••••••••"),
        ("cédula de ciudadanía No. 79.456.123", "cédula de ciudadanía No. ••••••••••"),
        (f"Cédula{CUT}79456123", f"Cédula{CUT}••••••••"),
        ("79456123 (CC)", "•••••••• (CC)"),
        ("documento=79456123", "documento=••••••••"),
    ],
)
def test_by_form_everybodys(masker: Masker, text: str, masked: str) -> None:
    """Other people's e-mails, phones, secrets and document numbers are hidden by their form."""
    assert masker.text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "1020304 01-383 MARÍA PÉREZ $ 1.250.000",
        "Factura FV-3001234567",
        "Factura No. 3001234567",
        "Recibo 12345678",
        "radicado 2026-0001234567",
        "valor $ 3101239999",
        "$ 3.123.456.789",
        "2026-11-24 13:40:47 · 24/11/2026",
        "Documento: FV-1234567",
        "Contraseña:",
        "Código 1020304 ruta 01-383",
    ],
)
def test_what_a_supervisor_reviews_stays(masker: Masker, text: str) -> None:
    """Codes, names, amounts, dates and Serviweb's own numbers stay readable."""
    assert masker.text(text) == text


def test_a_number_is_legible_from_the_moment_it_is_known() -> None:
    """A number that looks like a phone stays once it is known to be Serviweb's."""
    masker = Masker()
    assert masker.finds("3001234567")
    masker.add_legible("3001234567")
    assert not masker.finds("3001234567")


def test_a_value_both_private_and_legible_stays_legible() -> None:
    """A subscriber's code may be somebody's document number: the case needs the code."""
    assert Masker(["1117512345"], ["1117512345"]).text("código 1117512345") == "código 1117512345"


def test_short_values_are_whole_words() -> None:
    """A document number of five digits doesn't blank the amounts that contain it."""
    masker = Masker(["12345", "7"])
    assert masker.text("CC 12345, $ 912.345, 123456, 7") == "CC •••••, $ 912.345, 123456, 7"


def test_data_masks_keys_values_and_numbers(masker: Masker) -> None:
    """Dictionaries and lists are masked through and through; a copy is returned."""
    data = {
        "clave": "abc",
        "documento": "79456123",
        "n": 1117512345,
        CEDULA: [1, True, None, (EMAIL,)],
        "numero": "79456123",
    }
    masked = masker.data(data)
    assert masked == {
        "clave": "•••",
        "documento": "••••••••",
        "n": "••••••••••",
        "••••••••••": [1, True, None, (DOT * 25,)],
        "numero": "79456123",
    }
    assert data["clave"] == "abc"


def test_what_is_being_typed(masker: Masker) -> None:
    """A value is hidden while it is typed, unless it may as well be the subscriber's code."""
    assert [masker.typing(text) for text in ("11", "111", "11175", "102", "1020304", "CALLE 10")] == [
        False, True, True, False, False, True,
    ]  # fmt: skip


def test_a_row_is_the_cases_own_by_its_code() -> None:
    """A neighbour on the same ruta, a namesake and somebody who owes as much are other people."""
    masker = Masker((), ("A-1020", "01-383", "MARÍA PÉREZ", "$ 1.250.000", "1.250.000", "F-000124", "1020304"))
    for row in ("A-1020 MARÍA PÉREZ", "factura F-000124 $ 1", "código: 1020304."):
        assert masker.own_code(row)
    for row in ("A-10205 01-383", "MARÍA PÉREZ $ 1.250.000", "XF-000124", "31020304"):
        assert not masker.own_code(row)


def test_repr_tells_nothing(masker: Masker) -> None:
    """A masker in a traceback shows no value."""
    assert CEDULA not in repr(masker)


def test_masking_is_quick(masker: Masker, record_property: Callable[[str, object], None]) -> None:
    """A long page or style sheet takes no time that anybody notices: below a microsecond a character."""
    text = "Suscriptor 1020304 ruta 01-383 paga $ 1.250.000 por reconexión; " * 2000
    started = time.perf_counter()
    masker.text(text)
    seconds = time.perf_counter() - started
    record_property("masking_microseconds_per_character", round(seconds / len(text) * 1e6, 3))
    assert seconds / len(text) < 5e-6


def test_a_hash_is_left_as_it_is() -> None:
    """A paper's SHA-256 may hold ten digits in a row; only a whole hash under its own name is let through."""
    digest = "5f036f2c3112345678" + "a" * 46
    masker = Masker()
    assert masker.data({"sha256": digest, "copies_sha256": digest}) == {"sha256": digest, "copies_sha256": digest}
    assert masker.data({"sha256": "cel 3112345678"})["sha256"] != "cel 3112345678"
    assert masker.data({"texto": "cel 3112345678"})["texto"] != "cel 3112345678"
