"""The whole procedure killed at every single moment at which anything becomes durable, and again in its recovery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from robot_without_browser import Installation

KINDS = ("tercero", "factura", "abono", "tramite")


@pytest.fixture
def made() -> Iterator[list[Installation]]:
    """Collect installations; they are closed at the end."""
    made: list[Installation] = []
    yield made
    for one in made:
        one.close()


def installation(made: list[Installation], folder: Path) -> tuple[Installation, str]:
    """Return a new one with one case in its queue."""
    while made:
        made.pop().close()
    made.append(Installation(folder))
    return made[0], made[0].enqueue()


def whole_procedure(one: Installation, mark: str, killed_at: int | None) -> int:
    """Run cobro, payment and trámite, killed at one moment and begun again; return how many moments there were."""

    async def all_of_it() -> None:
        await one.work()
        if one.row(mark)["estado"] == "esperando_pago":
            one.pay(mark)
            await one.work()

    one.process(all_of_it(), killed_at=killed_at)
    moments = one.reaper.moments
    for _ in range(2):
        assert one.process(all_of_it())
    return moments


def check(one: Installation, mark: str, moment: object) -> None:
    """Nothing twice, no lie, and every doubt is one that only a person can end."""
    codigo, document = one.row(mark)["codigo"], "40781234"
    number = {kind: len(one.site.of(kind, document if kind == "tercero" else codigo)) for kind in KINDS}
    assert max(number.values()) <= 1, moment
    estado = one.row(mark)["estado"]
    if estado == "en_duda":
        [kind] = one.caso(mark).open_effects()
        assert kind == "tercero" or number[kind] == 0, (moment, "Serviweb lists it, and it was not found")
    else:
        assert (estado, set(number.values())) == ("terminado", {1}), (moment, number)
    assert one.faults() == [], moment


def kill_at(made: list[Installation], tmp_path: Path, step: int) -> None:
    """Kill the procedure at each *step*-th moment, in an installation of its own."""
    one, mark = installation(made, tmp_path / "entero")
    moments = whole_procedure(one, mark, None)
    check(one, mark, None)
    assert one.row(mark)["estado"] == "terminado"
    assert moments > 100
    doubts: set[str] = set()
    for moment in range(0, moments, step):
        one, mark = installation(made, tmp_path / str(moment))
        whole_procedure(one, mark, moment)
        check(one, mark, moment)
        doubts |= set(one.caso(mark).open_effects())
    assert doubts == set(KINDS)


def test_killed_at_every_third_moment(made: list[Installation], tmp_path: Path) -> None:
    """One kill: the case is done, or in doubt where nobody can know."""
    kill_at(made, tmp_path, 3)


@pytest.mark.full
def test_killed_at_every_moment(made: list[Installation], tmp_path: Path) -> None:
    """The same at each moment."""
    kill_at(made, tmp_path, 1)


@pytest.mark.full
@pytest.mark.parametrize("later", [0, 5, 11, 18, 26])
def test_killed_again_in_the_recovery(made: list[Installation], tmp_path: Path, later: int) -> None:
    """A second kill, some moments after the next start."""
    for moment in range(0, 160, 2):
        one, mark = installation(made, tmp_path / str(moment))
        one.process(one.work(), killed_at=moment % 80)
        one.process(one.work(), killed_at=later)
        whole_procedure(one, mark, moment if moment >= 80 else None)
        check(one, mark, (moment, later))
