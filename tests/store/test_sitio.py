"""What all processes know of Serviweb together: two of them, each with its own connection to one database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from some_cases import begun, new, run

from robot.errors import LoginRefused, OutcomeUnknown, Rejected, RobotError, SelectorDrift, SiteDown, UnexpectedDialog
from robot.records.store import cases, leases
from robot.records.store.engine import Store, open_store
from robot.work.circuito import Umbral
from robot.work.sitio import ROBOT, Sitio

RULES = Umbral(fallos=2, pausa_segundos=300)


@pytest.fixture
def here(store: Store) -> Sitio:
    """Give what one process sees."""
    return Sitio(store, RULES)


@pytest.fixture
def there(where: str, store: Store) -> Iterator[Sitio]:  # noqa: ARG001 — the tables are made first
    """Give what another process sees."""
    with open_store(where) as other:
        yield Sitio(other, RULES)


def let_the_pause_pass(sitio: Sitio) -> None:
    """Move the end of the circuit's pause a thousand years back."""
    run(sitio.store, "UPDATE control SET valor = replace(valor, :end, :past)", end='"hasta": "2', past='"hasta": "1')


def test_failures_of_two_processes_open_one_circuit(here: Sitio, there: Sitio) -> None:
    """One failure here and one there: nobody begins; a person lets the queue go on, and everybody does."""
    here.termina("a", "R-1", "cobro", SiteDown("caído"))
    assert there.pide("b")
    there.termina("b", "R-2", "cobro", SiteDown("sin respuesta"))
    assert not here.pide("a")
    assert (here.circuito().fase, here.circuito().motivo) == ("abierto", "sin respuesta")
    there.reanuda()
    assert here.pide("a")
    assert cases.CIRCUIT not in cases.switches(here.store)


def test_one_probe_for_all_and_its_death_frees_the_place(here: Sitio, there: Sitio) -> None:
    """After the pause one process probes; when its machine says that it died, the next one does."""
    for quien in ("a", "b"):
        here.termina(quien, "R-1", "cobro", SiteDown())
    let_the_pause_pass(here)
    assert here.pide("pc1:a")
    assert not there.pide("pc2:b")
    there.sin("pc3:")
    assert not there.pide("pc2:b")
    there.sin("pc1:")
    assert there.pide("pc2:b")
    there.termina("pc2:b", "R-2", "cobro", None)
    assert here.circuito().fase == "cerrado"


@pytest.mark.parametrize("error", [OutcomeUnknown(), LoginRefused(), Rejected(), None])
def test_what_is_no_word_on_the_site_opens_and_closes_nothing(here: Sitio, error: RobotError | None) -> None:
    """Without failures nothing is kept: to ask costs a reading."""
    here.termina("a", "R-1", "cobro", error)
    assert cases.switches(here.store) == {}


def test_a_probe_with_an_unknown_outcome_does_not_close_the_circuit(here: Sitio) -> None:
    """An answer was lost: that says nothing for Serviweb; the next one probes."""
    for quien in ("a", "b"):
        here.termina(quien, "R-1", "cobro", SiteDown())
    let_the_pause_pass(here)
    assert here.pide("a")
    here.termina("a", "R-1", "cobro", OutcomeUnknown())
    assert here.circuito().fase == "abierto"
    assert here.pide("b")


def drift(control: str = "factura.agregar") -> SelectorDrift:
    """Return a control that isn't there."""
    return SelectorDrift("No está", step="9", control=control)


def test_two_cases_in_a_row_without_a_control_pause_the_queue(here: Sitio, there: Sitio) -> None:
    """One in each process; the pause names the control and both cases, and ends with a person's word."""
    assert here.termina("a", "R-1", "cobro", drift()) == ""
    told = there.termina("b", "R-2", "cobro", drift())
    row = cases.switches(here.store)[cases.PAUSE]
    assert (row["por"], row["valor"]) == (ROBOT, told)
    for words in ("R-1", "R-2", "factura.agregar", "paso 9", "cola reanudar"):
        assert words in told
    here.reanuda()
    assert here.termina("a", "R-3", "cobro", drift()) == ""


@pytest.mark.parametrize(
    ("second", "third"),
    [
        (("R-1", "cobro", drift()), None),  # the same case again says nothing of the screen
        (("R-2", "cobro", drift("factura.guardar")), ("R-3", "cobro", drift())),
        (("R-2", "cobro", None), ("R-3", "cobro", drift())),  # the stage came through: the control is there
    ],
)
def test_what_is_no_changed_screen(here: Sitio, second: tuple[str, str, RobotError], third: object) -> None:
    """The same case twice, another control, or a case that came through in between."""
    here.termina("a", "R-1", "cobro", drift())
    assert here.termina("a", *second) == ""
    if isinstance(third, tuple):
        assert here.termina("a", *third) == ""


def test_the_other_stage_says_nothing_of_a_screen(here: Sitio) -> None:
    """A trámite that comes through doesn't prove the factura's screen; a refused request doesn't either."""
    here.termina("a", "R-1", "cobro", UnexpectedDialog("Mantenimiento a las 8"))
    here.termina("a", "R-2", "tramite", None)
    here.termina("a", "R-3", "cobro", Rejected())
    assert "Mantenimiento a las 8" in here.termina("a", "R-4", "cobro", UnexpectedDialog("Mantenimiento a las 8"))


def test_a_dead_worker_s_case_waits_by_how_often_it_was_taken(store: Store) -> None:
    """The sweep asks how long; a database that went away costs the case nothing."""
    claim = begun(store, new(store))
    leases.sweep(store, workers=("uno",), wait=lambda takes: 3600 * (takes - 1))
    assert leases.claim(store, "dos") is not None
    leases.sweep(store, workers=("dos",), wait=lambda takes: 3600 * (takes - 1))
    assert leases.claim(store, "tres") is None
    assert leases.to_come(store)[0] == 1
    run(store, "UPDATE casos SET disponible = creado")
    again = leases.claim(store, "tres")
    assert again is not None
    assert again.attempts == 3
    leases.sweep(store, workers=("tres",), costs_attempt=False)
    assert cases.case(store, claim.case)["intentos"] == 2


def test_a_case_behind_one_that_waits_for_a_person_is_not_to_come(store: Store) -> None:
    """Whoever works the queue may go home: that case begins when a person has decided the other."""
    case = new(store)
    new(store, nueva_ocasion="otro corte")
    first = begun(store, case)
    assert leases.to_come(store)[0] == 1
    leases.finish(store, first, "incompleto")
    assert leases.to_come(store) == (0, None)
