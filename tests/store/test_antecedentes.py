"""What is said of a request before it is sent is what becomes of it when it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from a_request import request
from some_cases import new, run

from robot.records.store import en_espera
from robot.records.store.engine import Store, stamp
from robot.records.store.requests import Batch, NewCase, take
from robot.records.store.schema import ESTADOS
from robot.work.antecedentes import known_of

OLD = stamp(datetime(2026, 1, 1, tzinfo=UTC))


def in_state(store: Store, estado: str, **changed: str) -> str:
    """Make a case and put it into a state that no path need lead to."""
    case = new(store, **changed)
    worker = {"trabajador": "uno", "vence": "2999-01-01T00:00:00.000000Z"} if estado == "en_curso" else {}
    run(
        store,
        "UPDATE casos SET estado = :estado, trabajador = :trabajador, vence_arriendo = :vence WHERE id = :id",
        estado=estado,
        id=case,
        **({"trabajador": None, "vence": None} | worker),
    )
    return case


@pytest.mark.parametrize("motivo", ["", "le cortaron otra vez"])
@pytest.mark.parametrize("estado", ESTADOS)
def test_the_form_foretells_what_becomes_of_a_request(store: Store, estado: str, motivo: str) -> None:
    """A case in each state, with a reason and without: refused exactly where the form says so."""
    case = in_state(store, estado)
    known = known_of(store, "100234", dias_duplicado=25).repetida
    (taken,) = take(store, [NewCase(solicitud=request(nueva_ocasion=motivo))], Batch())
    refused = known is not None and not (motivo and known.cabe_nueva_ocasion)
    assert (taken.resultado != "nuevo") is refused
    if refused:
        assert known is not None
        assert known.caso["id"] == taken.caso == case


def test_a_case_that_ended_long_ago_forbids_nothing(store: Store) -> None:
    """It is listed, and the request is new."""
    case = in_state(store, "terminado")
    run(store, "UPDATE casos SET cambiado = :old WHERE id = :id", old=OLD, id=case)
    known = known_of(store, "100234", dias_duplicado=25)
    assert ([row["id"] for row in known.casos], known.repetida) == ([case], None)


def test_an_equal_reference_is_told_whoever_its_subscriber_is(store: Store) -> None:
    """No reason makes another request of it."""
    case = new(store, codigo="100300", solicitud="S-1")
    known = known_of(store, "100234", referencia="S-1", dias_duplicado=25).repetida
    assert known is not None
    assert (known.caso["id"], known.clase, known.cabe_nueva_ocasion) == (case, "referencia", False)


def test_what_waits_for_its_payment_is_found_by_advisor_name_code_and_mark(store: Store) -> None:
    """A «%» is a letter like others."""
    mine = in_state(store, "esperando_pago", codigo="100300", suscriptor="ROSA 100% CHAUX")
    other = in_state(store, "esperando_pago", codigo="100301", suscriptor="PEDRO PÁEZ")
    in_state(store, "en_cola", codigo="100302")
    run(store, "UPDATE casos SET asesor = 'ana' WHERE id = :id", id=mine)

    def found(**wanted: str) -> list[str]:
        return sorted(row["id"] for row in en_espera.waiting(store, **wanted)[0])

    assert found() == sorted([mine, other])
    assert found(asesor="ana") == [mine]
    assert found(texto="rosa") == found(texto="100300") == found(texto=mine.lower()) == found(texto="0%") == [mine]
    rows, number = en_espera.waiting(store, most=1)
    assert (len(rows), number) == (1, 2)
