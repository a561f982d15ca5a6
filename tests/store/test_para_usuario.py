"""Cases that must run under one Serviweb user: nobody else takes them, and what they wait for is told."""

from __future__ import annotations

from a_request import request
from some_cases import new, one, run

from robot.records.store import encargos, leases
from robot.records.store.engine import Store
from robot.records.store.requests import Batch, NewCase, take


def for_user(store: Store, user: str, codigo: str) -> str:
    """Make a case that must run under a user."""
    return take(store, [NewCase(solicitud=request(codigo=codigo))], Batch(para_usuario=user))[0].caso


def test_only_its_user_takes_it(store: Store) -> None:
    """Another user passes it by and takes the next one; a user's own seat takes its own alone."""
    hers, any_ones = for_user(store, "asesor1", "100234"), new(store, codigo="100310")
    assert leases.claim(store, "uno", user="asesor1", only_own=True).case == hers
    assert leases.claim(store, "dos", user="asesor9", only_own=True) is None
    assert leases.claim(store, "tres", user="asesor2").case == any_ones
    assert leases.claim(store, "tres", user="asesor2") is None


def test_the_robots_own_user_takes_both(store: Store) -> None:
    """A worker of the queue under that very user takes its cases too."""
    hers, any_ones = for_user(store, "asesor1", "100234"), new(store, codigo="100310")
    assert [leases.claim(store, name, user="asesor1").case for name in ("uno", "dos")] == [hers, any_ones]


def test_who_is_wanted_is_told(store: Store) -> None:
    """The users of waiting cases are told but for those that have a seat; without a password theirs count no more."""
    hers = for_user(store, "asesor1", "100234")
    for_user(store, "asesor3", "100310")
    assert leases.wanted_users(store, {"asesor9"}) == ["asesor1", "asesor3"]
    assert leases.wanted_users(store, {"asesor1"}) == ["asesor3"]
    assert leases.to_come(store)[0] == 2
    assert leases.to_come(store, without=["asesor1"])[0] == 1
    leases.tell_user(store, "asesor1", "Falta la contraseña")
    assert one(store, "SELECT motivo FROM casos WHERE id = :caso", caso=hers) == "Falta la contraseña"
    assert leases.own_to_come(store, "asesor1")
    claim = leases.claim(store, "uno", user="asesor1")
    assert leases.wanted_users(store, set()) == ["asesor3"]
    leases.finish(store, claim, "rechazado")
    assert not leases.own_to_come(store, "asesor1")


def test_an_errand_calls_its_user_and_a_case_that_waits_for_a_person_does_not(store: Store) -> None:
    """Who has a decision to prove gets a seat; who only has a case behind a doubt keeps none."""
    done = for_user(store, "asesor1", "100234")
    claim = leases.claim(store, "uno", user="asesor1")
    assert leases.own_to_come(store, "asesor1")
    leases.finish(store, claim, "fallido")
    assert not leases.own_to_come(store, "asesor1")
    encargos.ask(store, done, "consultar", datos={}, persona="sofia", motivo="", segunda=False)
    assert leases.wanted_users(store, set()) == ["asesor1"]
    assert leases.own_to_come(store, "asesor1")
    later = for_user(store, "asesor3", "100310")
    run(store, "UPDATE casos SET disponible = '2999-01-01T00:00:00.000000Z' WHERE id = :caso", caso=later)
    assert not leases.own_to_come(store, "asesor3")
