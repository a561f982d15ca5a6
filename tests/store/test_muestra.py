"""The sample: drawn without anybody's hand, each case once, signed by somebody else than its advisor."""

from __future__ import annotations

import json
from datetime import date

import pytest
from some_cases import new, one, run
from some_figures import a_payment

from robot.errors import Rejected
from robot.records.boveda import Boveda
from robot.records.store import encargos, muestra
from robot.records.store.engine import Store
from robot.work import muestreo

BOVEDA = Boveda(b"z" * 32)


def finished(store: Store, number: int) -> list[str]:
    """Make finished cases of ana's, the oldest first."""
    made = [new(store, codigo=str(300000 + n)) for n in range(number)]
    run(store, "UPDATE casos SET estado = 'terminado', asesor = 'ana'")
    return made


def test_each_finished_case_is_drawn_from_once(store: Store) -> None:
    """All with 100 %, none with 0 %, and a share later changed leaves the past as it was."""
    finished(store, 5)
    new(store, codigo="399999")
    assert muestreo.choose(store, BOVEDA, 100) == 5
    assert muestreo.choose(store, BOVEDA, 100) == 0
    assert muestra.unsigned(store) == 5


def test_a_case_that_a_person_decided_is_always_drawn(store: Store) -> None:
    """Whatever the share, a doubt that a person settled is looked at by another one."""
    decided, _ = finished(store, 2)
    run(store, "INSERT INTO diario VALUES (:c, 1, 'effect.decided', '{}', 'x', 'y')", c=decided)
    assert muestreo.choose(store, BOVEDA, 0) == 1
    assert [row["id"] for row in muestra.pending(store)] == [decided]


def test_pages_of_one_instant_are_gone_through(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole lot that finished at one moment does not hold the drawing up."""
    finished(store, 6)
    run(store, "UPDATE casos SET cambiado = '2026-11-01T00:00:00.000000Z'")
    whole = muestra.draw
    monkeypatch.setattr(muestra, "draw", lambda *given: whole(*given, limit=2))
    assert muestreo.choose(store, BOVEDA, 100) == 6
    last = new(store, codigo="399999")
    run(store, "UPDATE casos SET estado = 'terminado' WHERE id = :c", c=last)
    assert muestreo.choose(store, BOVEDA, 100) == 1


def test_the_share_is_about_what_was_asked_and_another_key_draws_others() -> None:
    """Five in a hundred, and who doesn't have the key can't tell which."""
    names = [f"R-{n:07d}" for n in range(4000)]
    mine = {name for name in names if muestreo.drawn(BOVEDA, name, 5)}
    theirs = {name for name in names if muestreo.drawn(Boveda(b"q" * 32), name, 5)}
    assert 140 <= len(mine) <= 260
    assert len(mine & theirs) < 40


def test_signing(store: Store) -> None:
    """Not one's own case, not twice, not with remarks that say nothing."""
    case, other = finished(store, 2)
    muestreo.choose(store, BOVEDA, 100)
    for how in (
        {"revisor": "ana", "dictamen": "conforme"},
        {"revisor": "sofia", "dictamen": "bien"},
        {"revisor": "sofia", "dictamen": "con_observaciones", "nota": "  "},
    ):
        with pytest.raises(Rejected):
            muestra.sign(store, case, **how)
    muestra.sign(store, case, revisor="sofia", dictamen="con_observaciones", nota="Falta la firma")
    with pytest.raises(Rejected, match="ya está revisado"):
        muestra.sign(store, case, revisor="marta", dictamen="conforme")
    review = muestra.of(store, case)
    assert review is not None
    assert (review["revisor"], review["nota"]) == ("sofia", "Falta la firma")
    assert [row["caso"] for row in muestra.signed(store)] == [case]
    assert [row["id"] for row in muestra.pending(store)] == [other]
    (month,) = muestra.months(store)
    assert (month.elegidos, month.vistos, month.con_observaciones) == (2, 1, 1)
    assert one(store, "SELECT count(*) FROM muestra WHERE revisor IS NULL") == 1


def test_nobody_reviews_what_she_had_a_hand_in(store: Store) -> None:
    """Who decided, confirmed or recorded the payment doesn't sign, whether the errands, the journal or the rows say."""
    errand, told, paid = finished(store, 3)
    muestreo.choose(store, BOVEDA, 100)
    sofia = "Sofía Restrepo (sofia)"
    number = encargos.ask(store, errand, "no_existe", datos={}, persona=sofia, motivo="x", segunda=True)
    encargos.confirm(store, number, "Marta Quintero (marta)")
    entry = json.dumps({"persona": "Sofía Restrepo", "confirma": "marta"})
    run(store, "INSERT INTO diario VALUES (:c, 1, 'effect.decided', :e, 'x', 'y')", c=told, e=entry)
    a_payment(store, paid, date(2026, 11, 20), por="marta")
    cases = [errand, told, paid]
    assert set(muestra.own_hand(store, cases, "sofia", "Sofía Restrepo")) == {errand, told}
    assert set(muestra.own_hand(store, cases, "marta", "Marta Quintero")) == {errand, told, paid}
    assert set(muestra.own_hand(store, cases, "ana", "Ana Gómez")) == set(cases)  # her own
    assert muestra.own_hand(store, cases, "pedro", "Pedro Sofía") == {}
    for case in cases:
        with pytest.raises(Rejected, match="No puede revisar este caso: usted"):
            muestra.sign(store, case, revisor="marta", nombre="Marta Quintero", dictamen="conforme")
        muestra.sign(store, case, revisor="pedro", nombre="Pedro", dictamen="conforme")
