"""Every field of a request in its good and bad forms (domain: *Data formats*), before any browser opens."""

from __future__ import annotations

from typing import Any

import pytest
from a_request import GOOD, request

from robot.errors import Rejected
from robot.records.solicitud import Formats, nit_check_digit, parse_date, problems, validate

NITS = [
    "892000265-1",
    "809004436-0",
    "800126880-9",
    "860069804-2",
    "890321567-0",
    "900791342-1",
    "890700906-0",
    "900123456-8",
]
COMPANY = {"tipo_documento": "NIT", "documento": "900123456-8", "nombres": "Surtigas SAS", "apellidos": ""}


def wrong(**changed: Any) -> list[str]:
    """Return the names of the fields that are refused once these are changed."""
    return [fault.field for fault in problems(GOOD | changed)[1]]


@pytest.mark.parametrize("nit", NITS)
def test_nit_check_digit(nit: str) -> None:
    """The published vectors have their check digit, and no other digit passes."""
    number, digit = nit.split("-")
    assert nit_check_digit(number) == int(digit)
    for other in set(range(10)) - {int(digit)}:
        assert wrong(**COMPANY | {"documento": f"{number}-{other}"}) == ["documento"]
    assert request(**COMPANY | {"documento": nit}).documento == nit


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("codigo", " 100234 ", "100234"),
        ("codigo", "0012", "0012"),
        ("ruta", "01-383", "01-383"),
        ("documento", "40.781.234", "40781234"),
        ("documento", "1.006.500.123", "1006500123"),
        ("documento", "123", "123"),
        ("documento", " 40 781 234 ", "40781234"),
        ("tipo_documento", "c.c.", "CC"),
        ("celular", "+57 310 456-7890", "3104567890"),
        ("celular", "573104567890", "3104567890"),
        ("celular", "(608) 435 1234", "6084351234"),
        ("nombres", "  ana   maría ", "ANA MARÍA"),
        ("forma_pago", "CRÉDITO", "Crédito"),
        ("forma_pago", "credito", "Crédito"),
        ("arreglo", "sin-deuda", "sin deuda"),
        ("medidor", "sí", True),
        ("medidor", "No", False),
        ("concepto", "a" * 100, "a" * 100),
    ],
)
def test_what_people_type_is_cleaned(field: str, typed: object, kept: object) -> None:
    """A good form of a field is taken, in the one shape that is then used everywhere."""
    assert getattr(request(**{field: typed}), field) == kept


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("codigo", "12"),
        ("codigo", "12345678901"),
        ("codigo", "1002a4"),
        ("codigo", "100234 100235"),
        ("codigo", "٣٣٣٣٣"),
        ("ruta", "1-383"),
        ("ruta", "01383"),
        ("ruta", "01-3834"),
        ("documento", "12"),
        ("documento", "0781234"),
        ("documento", "12345678901"),
        ("documento", "4٠781234"),
        ("documento", "-40781234"),
        ("documento", "CC 40781234"),
        ("documento", "900123456-8"),
        ("tipo_documento", "RUT"),
        ("celular", "2104567890"),
        ("celular", "310456789"),
        ("celular", "31045678901"),
        ("celular", "3104567890 / 3114567890"),
        ("celular", "3١٠4567890"),
        ("nombres", "Ana 2"),
        ("nombres", "a" * 81),
        ("nombres", "  "),
        ("apellidos", ""),
        ("apellidos", "   "),
        ("concepto", "a" * 101),
        ("concepto", "  "),
        ("forma_pago", "cheque"),
        ("arreglo", "tal vez"),
        ("medidor", "quizás"),
    ],
)
def test_what_cannot_be_right_is_refused(field: str, typed: object) -> None:
    """A bad form of a field names that field, and no other."""
    assert wrong(**{field: typed}) == [field]


@pytest.mark.parametrize(
    ("field", "damaged", "remedy"),
    [
        ("codigo", "1,12E+09", "Excel"),
        ("documento", "4,07E+07", "Excel"),
        ("celular", "3,10E+09", "Excel"),
        ("ruta", "01-dic", "Excel"),
        ("ruta", "1/ene", "Excel"),
        ("ruta", "1-sept.", "Excel"),
        ("documento", "40781234\n40781235", "saltos de línea"),
        ("celular", "3104567890\r\n3114567890", "saltos de línea"),
        ("codigo", 100234, "texto"),
    ],
)
def test_damage_by_a_sheet_is_named_and_never_guessed(field: str, damaged: object, remedy: str) -> None:
    """What Excel does to numbers, routes and cells is refused with its remedy."""
    (fault,) = problems(GOOD | {field: damaged})[1]
    assert fault.field == field
    assert remedy in fault.message


@pytest.mark.parametrize("sheet", ["40781234.0", "40.781.234,0", "40,781,234.00", "40.78.1234", "4.0781234"])
def test_a_decimal_point_never_becomes_a_digit(sheet: str) -> None:
    """A cédula that a sheet wrote as a decimal number is refused: its zero would make it another person's."""
    assert wrong(documento=sheet) == ["documento"]


def test_a_company_has_a_nit_and_no_surnames() -> None:
    """A NIT needs its hyphen and check digit, takes points, and frees the request of surnames."""
    assert request(**COMPANY | {"documento": "900.123.456-8"}).documento == "900123456-8"
    assert wrong(**COMPANY | {"documento": "9001234568"}) == ["documento"]
    assert wrong(**COMPANY | {"documento": "900123456-"}) == ["documento"]
    assert wrong(**COMPANY | {"tipo_documento": " nit "}) == []
    assert wrong(**COMPANY | {"tipo_documento": "N.I.T."}) == []


def test_a_passport_has_letters() -> None:
    """CE and PP take letters and digits, without points and spaces."""
    assert request(tipo_documento="PP", documento="ab 123-456").documento == "AB123456"
    assert wrong(tipo_documento="CE", documento="ab*123") == ["documento"]
    assert wrong(tipo_documento="CE", documento="123") == ["documento"]


def test_an_arrangement_has_its_reference() -> None:
    """Acuerdo and diligencia name their paper (paso 2, D1); blanks are no reference; no debt needs none."""
    for arreglo in ("acuerdo", "diligencia", "Diligencia de arreglo de deuda"):
        assert wrong(arreglo=arreglo) == ["arreglo_ref"]
        assert wrong(arreglo=arreglo, arreglo_ref="  ") == ["arreglo_ref"]
        assert wrong(arreglo=arreglo, arreglo_ref="AP-12") == []


def test_all_faults_come_at_once() -> None:
    """One refusal names every fault, in the order of the fields, and says that Serviweb wasn't opened."""
    bad = {"codigo": "x", "ruta": "01-dic", "celular": "1", "arreglo": "acuerdo", "apellidos": "", "otro": "1"}
    with pytest.raises(Rejected) as refused:
        validate({key: value for key, value in (GOOD | bad).items() if key != "concepto"})
    lines = [line.strip().split(":")[0] for line in refused.value.reason.splitlines()[1:]]
    assert sorted(lines) == sorted(["codigo", "ruta", "celular", "concepto", "otro", "apellidos", "arreglo_ref"])
    assert lines[:3] == ["codigo", "ruta", "celular"]
    assert "no se abrió Serviweb" in refused.value.advice
    assert refused.value.exit_code == 3


def test_a_utility_has_its_own_shapes() -> None:
    """The shapes of código and ruta are those of the settings, for the whole value."""
    formats = Formats(codigo=r"[A-Z]\d{3}", ruta=r"\d{4}")
    assert validate(GOOD | {"codigo": "A123", "ruta": "0123"}, formats).codigo == "A123"
    faults = problems(GOOD | {"codigo": "A1234", "ruta": "01-383"}, formats)[1]
    assert [fault.field for fault in faults] == ["codigo", "ruta"]


def test_private_values_are_document_and_phone() -> None:
    """Document and celular are private, a NIT also without its check digit; names and codes are not."""
    assert set(request().private_values()) == {"40781234", "3104567890"}
    assert set(request(**COMPANY).private_values()) == {"900123456-8", "900123456", "3104567890"}


def test_a_short_cedula_is_a_warning() -> None:
    """Below six digits a cédula is allowed and odd."""
    assert len(request(documento="12345").warnings()) == 1
    assert request(documento="123456").warnings() == []
    assert request(tipo_documento="CE", documento="12345").warnings() == []


def test_dates_are_read_as_colombia_writes_them() -> None:
    """Day comes first; a date that doesn't exist, or in another order, is refused."""
    assert parse_date("02/11/2026").isoformat() == "2026-11-02"
    assert parse_date(" 2026-11-02 ").isoformat() == "2026-11-02"
    for bad in ("31/02/2026", "11/24/2026", "2/11/26", "ayer", "", "2026-13-01"):
        with pytest.raises(Rejected, match="fecha"):
            parse_date(bad)


def test_a_company_may_have_digits_in_its_name() -> None:
    """INVERSIONES 2000 is a company; a person's name with digits is a mistake."""
    company = {"tipo_documento": "NIT", "documento": "900123456-8", "nombres": "Inversiones 2000 S.A.S."}
    assert problems(GOOD | company | {"suscriptor": "Inversiones 2000"})[1] == []
    assert [p.field for p in problems(GOOD | {"nombres": "Ana 2000"})[1]] == ["nombres"]
