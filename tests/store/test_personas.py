"""People, their passwords, lock-out and sessions, on both databases."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from a_request import request
from some_cases import one, run
from sqlalchemy import select, update

from robot.errors import Rejected
from robot.records.store import intentos, personas, sesiones
from robot.records.store.engine import Store
from robot.records.store.intentos import Rules
from robot.records.store.personas import Persona
from robot.records.store.requests import Batch, NewCase, take
from robot.records.store.schema_panel import sesiones as rows

CLAVE = "una clave bien larga"
RULES = Rules(intentos=3)


@pytest.fixture
def ana(store: Store) -> Persona:
    """Give an advisor who chose her password."""
    return personas.create(store, "Ana", nombre=" Ana  Gómez ", rol="asesor", clave=CLAVE, cambiar_clave=False)


def refused(act: Callable[[], Any]) -> str:
    """Return what an act was refused with; «» where it wasn't."""
    try:
        act()
    except Rejected as no:
        return no.reason
    return ""


def enter(store: Store, usuario: str = "ana", clave: str = CLAVE, *, origen: str = "10.0.0.1", **rules: Any) -> Persona:
    """Log in."""
    return personas.login(store, usuario, clave, Rules(**({"intentos": 3} | rules)), origen=origen)


def test_names_are_one_however_written(store: Store, ana: Persona) -> None:
    """Capitals and spaces around are no other person; a name is taken once."""
    assert (ana.usuario, ana.nombre) == ("ana", "Ana Gómez")
    assert enter(store, "  ANA ") == ana
    assert "Ya hay" in refused(lambda: personas.create(store, "aNA", nombre="x", rol="asesor", clave=CLAVE))


@pytest.mark.parametrize("name", ["", "a", "á" * 5, "a b", "x" * 60, "../etc", "a\0b", "<b>"])
def test_odd_names_are_refused(store: Store, name: str) -> None:
    """A name fits into an address and a log."""
    assert "no sirve" in refused(lambda: personas.create(store, name, nombre="x", rol="asesor", clave=CLAVE))
    assert refused(lambda: enter(store, name)) == "El usuario o la clave no son correctos"


@pytest.mark.parametrize("poor", ["", "corta", "x" * 201, "ana-ana-ana12", "aaaaaaaaaaaa", "1234567890"])
def test_poor_passwords_are_refused(store: Store, ana: Persona, poor: str) -> None:
    """Short, endless, the name again, or the first that anybody tries."""
    assert refused(lambda: personas.set_password(store, ana.usuario, poor))
    assert enter(store)


def test_a_temporary_password_is_another_each_time() -> None:
    """It is long enough, easy to dictate, and made of chance."""
    made = {personas.temporary() for _ in range(200)}
    assert len(made) == 200
    for clave in made:
        personas.check_password(clave, usuario="ana")


def test_the_hash_is_argon2(store: Store, ana: Persona) -> None:
    """What is kept is an argon2id hash."""
    (row,) = personas.everybody(store)
    assert row["clave"].startswith("$argon2id$")
    assert CLAVE not in row["clave"]
    assert ana.usuario == row["usuario"]


# Lock-out.


@pytest.mark.parametrize("usuario", ["ana", "nadie", "inactiva"])
def test_wrong_passwords_lock_any_name_alike(store: Store, ana: Persona, usuario: str) -> None:
    """A lock-out says nothing of who exists, nor does any sentence before it."""
    personas.create(store, "inactiva", nombre="x", rol="asesor", clave=CLAVE)
    personas.change(store, "inactiva", activa=False)
    said = [refused(lambda n=n: enter(store, usuario, f"equivocada {n}")) for n in range(5)]
    assert said[:3] == ["El usuario o la clave no son correctos"] * 3
    assert {text[:18] for text in said[3:]} == {"Demasiados intento"}
    assert ana.usuario == "ana"


def test_the_right_password_does_not_open_a_locked_account(store: Store, ana: Persona) -> None:
    """While it is locked nobody learns whether they guessed it; an administrator, or time, unlocks it."""
    for n in range(3):
        refused(lambda n=n: enter(store, clave=f"equivocada {n}"))
    assert "bloqueada" in refused(lambda: enter(store))
    assert intentos.locked(store, ["ana", "otra"]) == {"ana"}
    personas.unlock(store, "ana")
    assert enter(store) == ana


def test_a_lock_ends_by_itself(store: Store, ana: Persona) -> None:
    """With a lock of next to no time the right password works at once."""
    for n in range(3):
        refused(lambda n=n: enter(store, clave=f"equivocada {n}", bloqueo_minutos=1e-7))
    assert enter(store) == ana


def test_a_success_begins_the_count_again(store: Store, ana: Persona) -> None:
    """Two errors, a success, two errors: nobody is locked."""
    for _ in range(3):
        for n in range(2):
            refused(lambda n=n: enter(store, clave=f"equivocada {n}"))
        assert enter(store) == ana


def test_as_many_guesses_at_once_are_no_more_guesses(store: Store, ana: Persona) -> None:
    """Of twenty guesses at the same moment three are looked at."""
    with ThreadPoolExecutor(10) as pool:
        said = list(pool.map(lambda n: refused(lambda: enter(store, clave=f"equivocada {n}")), range(20)))
    assert said.count("El usuario o la clave no son correctos") == 3
    assert "bloqueada" in refused(lambda: enter(store))
    assert ana.usuario == "ana"


def test_an_address_that_tries_many_names_waits(store: Store, ana: Persona) -> None:
    """Spraying one password over many names is slowed down; other addresses aren't."""
    for n in range(18):
        refused(lambda n=n: enter(store, f"nadie{n}", "equivocada", origen="10.0.0.9"))
    assert "este equipo" in refused(lambda: enter(store, origen="10.0.0.9"))
    assert enter(store, origen="10.0.0.8") == ana


def test_entering_well_does_not_wear_an_address_out(store: Store, ana: Persona) -> None:
    """An office behind one address enters as often as it likes."""
    for _ in range(20):
        assert enter(store) == ana


def test_both_wrong_answers_take_as_long(store: Store, ana: Persona) -> None:
    """A name that nobody has costs the same hash and the same writing."""
    enter(store)

    took: dict[str, list[float]] = {"ana": [], "nadie": []}
    for n in range(12):
        for usuario, times in took.items():  # by turns: what slows the machine for a second slows both
            began = time.perf_counter()
            refused(lambda usuario=usuario, n=n: enter(store, usuario, f"equivocada {n}", intentos=50))
            times.append(time.perf_counter() - began)
    known, unknown = (min(times) for times in took.values())
    assert max(known, unknown) / min(known, unknown) < 1.6, (known, unknown)
    assert ana.usuario == "ana"


# Sessions.


def opened(store: Store, persona: Persona, rules: Rules = RULES) -> str:
    """Begin a session."""
    return sesiones.begin(store, persona, rules, agente="Firefox")


def test_the_token_is_not_in_the_database(store: Store, ana: Persona) -> None:
    """Who reads the database can't enter with what stands there."""
    token = opened(store, ana)
    with store.read() as connection:
        kept = repr(connection.execute(select(rows)).all())
    assert token not in kept
    found = sesiones.found(store, token, RULES)
    assert found is not None
    assert found.persona == ana
    assert sesiones.found(store, found.huella, RULES) is None
    assert sesiones.found(store, "", RULES) is None
    assert sesiones.found(store, "ñ\ud800", RULES) is None


def test_a_session_ends_without_use_and_after_its_hours(store: Store, ana: Persona) -> None:
    """Either limit ends it, also for a token that is used all the time."""
    token = opened(store, ana)
    assert sesiones.found(store, token, Rules(sesion_minutos=1e-7)) is None
    short = opened(store, ana, Rules(sesion_horas=1e-8))
    assert sesiones.found(store, short, RULES) is None
    assert sesiones.found(store, token, RULES)


def test_looking_alone_keeps_no_session_alive(store: Store, ana: Persona) -> None:
    """Use prolongs it, a live page's own questions don't."""
    token, old = opened(store, ana), "2020-01-01T00:00:00.000000Z"
    with store.write() as connection:
        connection.execute(update(rows).values(vista=old))
    ages = Rules(sesion_minutos=60 * 24 * 365 * 900)
    assert sesiones.found(store, token, ages, touch=False)
    assert seen(store) == old
    assert sesiones.found(store, token, ages)
    assert seen(store) > old


def seen(store: Store) -> str:
    """Return when the only session was used last."""
    with store.read() as connection:
        return str(connection.execute(select(rows.c.vista)).scalar_one())


def test_the_browsers_session_before_ends(store: Store, ana: Persona) -> None:
    """Entering makes another token, and the one before is worth nothing."""
    first = opened(store, ana)
    sesion = sesiones.found(store, first, RULES)
    second = sesiones.begin(store, ana, RULES, previa=sesion)
    assert first != second
    assert sesiones.found(store, first, RULES) is None
    assert sesiones.found(store, second, RULES)


def test_others_end_and_this_one_stays(store: Store, ana: Persona) -> None:
    """Somebody else's sessions too."""
    beto = personas.create(store, "beto", nombre="Beto", rol="asesor", clave=CLAVE)
    his = opened(store, beto)
    tokens = [opened(store, ana) for _ in range(3)]
    sesion = sesiones.found(store, tokens[1], RULES)
    assert sesion is not None
    assert len(sesiones.of_user(store, "ana", RULES)) == 3
    assert sesiones.end_others(store, sesion) == 2
    assert [bool(sesiones.found(store, token, RULES)) for token in (*tokens, his)] == [False, True, False, True]


@pytest.mark.parametrize(
    "act",
    [
        lambda store: personas.set_password(store, "ana", "otra clave bien larga"),
        lambda store: personas.change(store, "ana", rol="supervisor"),
        lambda store: personas.change(store, "ana", activa=False),
    ],
    ids=["clave", "rol", "desactivar"],
)
def test_what_changes_access_ends_sessions(store: Store, ana: Persona, act: Callable[[Store], object]) -> None:
    """A new password, a new role, or being deactivated."""
    token = opened(store, ana)
    act(store)
    assert sesiones.found(store, token, RULES) is None


def test_a_new_name_ends_none(store: Store, ana: Persona) -> None:
    """What changes no access leaves sessions alone."""
    token = opened(store, ana)
    personas.change(store, "ana", nombre="Ana María", serviweb="ana.sw")
    found = sesiones.found(store, token, RULES)
    assert found is not None
    assert (found.persona.nombre, found.persona.serviweb) == ("Ana María", "ana.sw")


# Administrators.


def test_the_last_administrator_stays(store: Store, ana: Persona) -> None:
    """Neither another role nor deactivation; those who aren't active don't count."""
    for name in ("jefe", "otra"):
        personas.create(store, name, nombre=name, rol="administrador", clave=CLAVE)
    personas.change(store, "otra", activa=False)
    for change in ({"rol": "asesor"}, {"activa": False}):
        assert "administrador" in refused(lambda change=change: personas.change(store, "jefe", **change))
    assert personas.found(store, "jefe").rol == "administrador"
    personas.change(store, "otra", activa=True)
    assert personas.change(store, "jefe", rol="asesor").rol == "asesor"
    assert ana.rol == "asesor"


def test_two_that_depose_each_other_leave_one(store: Store) -> None:
    """At the same moment only one of both succeeds."""
    names = ("una", "otra")
    for name in names:
        personas.create(store, name, nombre=name, rol="administrador", clave=CLAVE)
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda name: refused(lambda: personas.change(store, name, rol="asesor")), names))
    assert sorted(map(bool, said)) == [False, True]
    assert [row["rol"] for row in personas.everybody(store)].count("administrador") == 1


def test_roles_that_are_none_are_refused(store: Store, ana: Persona) -> None:
    """In Spanish, with those there are."""
    assert "no es un rol" in refused(lambda: personas.change(store, ana.usuario, rol="root"))
    assert "no es un rol" in refused(lambda: personas.create(store, "x1", nombre="x", rol="", clave=CLAVE))


def test_who_works_under_a_serviweb_user(store: Store, ana: Persona) -> None:
    """However it is written; nobody works under none."""
    personas.change(store, ana.usuario, serviweb=" Ana.SW ")
    assert personas.with_serviweb(store, "ana.sw") == ["ana"]
    assert personas.with_serviweb(store, "") == []


# Their user of Serviweb.


@pytest.mark.parametrize("after", ["ana.2", ""])
def test_unfinished_cases_follow_a_new_user(store: Store, ana: Persona, after: str) -> None:
    """Nothing waits for a user that its advisor has no more; what is over, or somebody else's, stays as it was."""
    personas.change(store, ana.usuario, serviweb="ana.1")

    def made(codigo: str, estado: str, asesor: str = "ana", user: str = "ana.1") -> str:
        batch = Batch(asesor=asesor, para_usuario=user)
        caso = take(store, [NewCase(solicitud=request(codigo=codigo))], batch)[0].caso
        run(store, "UPDATE casos SET estado = :e, motivo = 'porque sí' WHERE id = :id", e=estado, id=caso)
        return caso

    def now(caso: str) -> tuple[str, str]:
        found = (one(store, f"SELECT {name} FROM casos WHERE id = :id", id=caso) for name in ("para_usuario", "motivo"))
        return tuple(found)

    waits, doubt = made("200001", "en_cola"), made("200002", "en_duda")
    others = [made("200003", "terminado"), made("200004", "en_cola", asesor="beto")]
    robots = made("200005", "en_cola", user="")
    assert personas.change(store, ana.usuario, activa=False).serviweb == "ana.1"
    personas.change(store, ana.usuario, serviweb=after)
    assert [now(waits), now(doubt)] == [(after, ""), (after, "porque sí")]
    assert [now(caso) for caso in others] == [("ana.1", "porque sí")] * 2
    assert now(robots) == ("", "porque sí")
    personas.change(store, ana.usuario, serviweb="ana.3")
    assert now(robots)[0] == ""
