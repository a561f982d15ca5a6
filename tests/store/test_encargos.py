"""Errands: one open one a case, a second person where it is asked for, each carried out by one worker."""

from __future__ import annotations

import pytest
from some_cases import begun, new, run

from robot.errors import Rejected
from robot.records.store import cases, encargos, leases
from robot.records.store.engine import Store


def asked(store: Store, caso: str, *, segunda: bool = False) -> int:
    """Ask for a look-up."""
    return encargos.ask(store, caso, "consultar", datos={}, persona="sofia", motivo="prueba", segunda=segunda)


def test_a_case_has_one_open_errand(store: Store) -> None:
    """A second one is refused until the first is over."""
    caso = new(store)
    first = asked(store, caso)
    with pytest.raises(Rejected, match="decisión en camino"):
        asked(store, caso)
    encargos.withdraw(store, first, "sofia")
    assert asked(store, caso) != first
    assert [row["estado"] for row in encargos.of_case(store, caso)] == ["retirado", "pendiente"]


def test_the_second_person_is_another_one(store: Store) -> None:
    """Whoever decided can't confirm, whatever the case of the letters; a second yes is refused."""
    number = asked(store, new(store), segunda=True)
    assert encargos.take(store, "uno") is None
    with pytest.raises(Rejected, match="otra persona"):
        encargos.confirm(store, number, " SOFIA ")
    encargos.confirm(store, number, "marta")
    with pytest.raises(Rejected, match="ya no espera"):
        encargos.confirm(store, number, "pedro")
    row = encargos.take(store, "uno")
    assert row is not None
    assert (row["confirma"], row["estado"], row["trabajador"]) == ("marta", "en_curso", "uno")


def test_the_same_account_is_one_person_under_any_name(store: Store) -> None:
    """A name that was corrected, or changed on purpose, makes nobody a second person."""
    caso = new(store)
    number = encargos.ask(store, caso, "no_existe", datos={}, persona="Sofia R (sofia)", motivo="no está", segunda=True)
    with pytest.raises(Rejected, match="otra persona"):
        encargos.confirm(store, number, "Sofía Restrepo (sofia)")
    encargos.confirm(store, number, "Sofia R (sofia2)")


def test_what_was_put_back_rests_and_nothing_is_taken_in_quarantine(store: Store) -> None:
    """Serviweb that is down is not asked without end; an old database decides nothing."""
    number = asked(store, new(store))
    cases.switch_on(store, cases.QUARANTINE, "pc1")
    assert encargos.take(store, "uno") is None
    cases.switch_off(store, cases.QUARANTINE)
    assert encargos.take(store, "uno")["id"] == number
    encargos.end(store, number, "uno", "pendiente", "Serviweb no responde")
    assert encargos.take(store, "uno") is None
    run(store, "UPDATE encargos SET cambiado = '2020-01-01T00:00:00.000000Z'")
    assert encargos.take(store, "uno")["id"] == number


def test_an_errand_is_taken_once_and_not_beside_a_worker(store: Store) -> None:
    """Nobody carries it out while somebody works its case, and then one worker does."""
    caso = new(store)
    claim = begun(store, caso)
    number = asked(store, caso)
    assert encargos.take(store, "uno") is None
    leases.release(store, claim)
    assert encargos.take(store, "uno")["id"] == number
    assert encargos.take(store, "dos") is None
    with pytest.raises(Rejected, match="retirar"):
        encargos.withdraw(store, number, "sofia")
    encargos.end(store, number, "dos", "hecho", "no era suyo")
    assert encargos.errand(store, number)["estado"] == "en_curso"
    encargos.end(store, number, "uno", "rechazado", "no está", "vea Serviweb")
    assert encargos.open_of(store, caso) is None


def test_what_a_dead_worker_left_is_carried_out_again(store: Store) -> None:
    """Errands of this machine's workers go back; another machine's stay where they are."""
    mine, other = asked(store, new(store, codigo="100234")), asked(store, new(store, codigo="100310"))
    assert encargos.take(store, "pc1:ab:1")["id"] == mine
    assert encargos.take(store, "pc2:cd:1")["id"] == other
    encargos.give_back(store, "pc1:ab:")
    assert encargos.errand(store, mine)["estado"] == "pendiente"
    assert encargos.errand(store, other)["estado"] == "en_curso"


def test_a_silent_workers_errand_is_carried_out_again(store: Store) -> None:
    """Another machine's too, once nobody works its case and the lease is over."""
    number = asked(store, new(store))
    encargos.take(store, "pc2:cd:1")
    encargos.sweep(store, 300)
    assert encargos.errand(store, number)["estado"] == "en_curso"
    encargos.sweep(store, -1)
    assert encargos.errand(store, number)["estado"] == "pendiente"
