"""What cases are found by: names as text, documents and phones only by their exact value, and nothing once erased."""

from __future__ import annotations

import pytest
from some_cases import new, one, run

from robot.records.boveda import Boveda
from robot.records.store import buscador, cases, listado
from robot.records.store.buscador import buscar, clase_de, mezcla_privado, parece_privado
from robot.records.store.engine import Store
from robot.records.store.listado import Filtro

BOVEDA = Boveda(b"y" * 32)


def found(store: Store, texto: str) -> set[str]:
    """Return the cases that a text finds."""
    while buscador.index_pending(store, BOVEDA, 2):
        pass
    asked = buscar(store, BOVEDA, texto)
    filtro = Filtro(ids=asked.ids, palabras=asked.palabras, prefijo=asked.prefijo, huellas=asked.huellas)
    return {row["id"] for row in listado.page(store, filtro).filas}


def test_what_finds_a_case(store: Store) -> None:
    """Its mark, code, numbers, words of both names in any order and case, and its exact document and phone do."""
    ana = new(store, codigo="111111", suscriptor="Zoraida Peña", documento="40.781.234", celular="310 456 7890")
    company = new(
        store,
        codigo="222222",
        tipo_documento="NIT",
        documento="900123456-8",
        nombres="Acueducto Dos S.A.",
        apellidos="",
    )
    run(store, "INSERT INTO pagos VALUES ('RC-77', :c, '2026-01-05', 1, '', 'x', 'x', NULL, NULL, '')", c=ana)
    for texto in (
        ana,
        ana.lower(),
        "111111",
        "rc-77",
        "zoraida",
        "peña zor",
        "PENA",
        "nañez",
        "ruiz maría ana",
        "40781234",
        "40.781.234",
        "40 781 234",
        "3104567890",
        "+57 310-456-7890",
        "111111 zorai",
        "peña 111111",
    ):
        assert ana in found(store, texto), texto
    for texto in ("900123456-8", "900.123.456", "9001234568", "acueducto"):
        assert found(store, texto) == {company}, texto
    for texto in ("4078123", "781234", "310456789", "zoraid peña", "pe zoraida x", "111111 acueducto", "", "%", "'"):
        assert found(store, texto) == set(), texto


def test_documents_are_in_no_table_of_the_search(store: Store) -> None:
    """Neither a document nor a phone stands there, only what a key makes of it."""
    new(store, documento="40781234", celular="3104567890")
    found(store, "ana")
    with store.read() as connection:
        rows = connection.exec_driver_sql("SELECT palabra FROM palabras UNION ALL SELECT huella FROM exactas").all()
    assert rows
    assert not [row for row in rows if "40781234" in row[0] or "3104567890" in row[0]]


def test_a_case_is_indexed_again_when_it_changes(store: Store) -> None:
    """A subscriber's name that Serviweb showed later is found, and a new reason has its kind."""
    case = new(store)
    assert found(store, "quiñones") == set()
    run(store, "UPDATE casos SET suscriptor = 'ELVIRA QUIÑONES', motivo = 'La factura F-1 no es de PEPE RUIZ: otra'")
    assert found(store, "quiñones") == {case}
    assert one(store, "SELECT clase FROM casos") == "La factura … no es de …"
    assert buscador.index_pending(store, BOVEDA) == 0


def test_an_erased_request_is_found_no_more(store: Store) -> None:
    """Erasing takes what the case was searched by, and another change does not bring it back."""
    case = new(store, suscriptor="Zoraida Peña")
    assert found(store, "zoraida") == {case}
    cases.erase(store, case)
    run(store, "UPDATE casos SET motivo = 'otro'")
    assert found(store, "zoraida") == found(store, "40781234") == set()
    assert one(store, "SELECT (SELECT count(*) FROM palabras) + (SELECT count(*) FROM exactas)") == 0
    assert found(store, case) == {case}


@pytest.mark.parametrize("texto", ["40781234", "40.781.234", "+57 310 456 7890", "900123456-8", "AB1234567", "123"])
def test_what_may_be_private(texto: str) -> None:
    """A text that may be a document or a phone is told from names and from words with a number."""
    assert parece_privado(texto)


@pytest.mark.parametrize("texto", ["maria", "edificio 45", "ana maria ruiz", "R-7K3QF2M x", ""])
def test_what_is_not_private(texto: str) -> None:
    """Names are text."""
    assert not parece_privado(texto)
    assert not mezcla_privado(texto)


def test_a_document_among_words_is_noticed() -> None:
    """It must be searched alone, so that it never stands in an address."""
    assert mezcla_privado("maria 40781234")
    assert mezcla_privado("cc 40.781.234")


@pytest.mark.parametrize(
    ("motivo", "clase"),
    [
        (
            "El suscriptor 100234: ya existe la factura F-000123 de ASESOR1",
            "El suscriptor … ya existe la factura … de …",
        ),
        ("Serviweb dice: El suscriptor no tiene saldo.", "Serviweb dice: El suscriptor no tiene saldo"),
        ("Serviweb no respondió.", "Serviweb no respondió"),
        ("Paso 22 bis: Falta el control abono.imprimir", "Falta el control abono.imprimir"),
        (
            "El documento de la solicitud pertenece en Serviweb a ANA LÓPEZ, no a LUZ GIL",
            "El documento de la solicitud pertenece en Serviweb a …, no a …",
        ),
        ("", ""),
    ],
)
def test_the_kind_of_a_reason(motivo: str, clase: str) -> None:
    """What differs from case to case is left out."""
    assert clase_de(motivo) == clase
