"""A page that changed never yields a write with wrong data: the case is right in the ledger, or it stopped before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from changing import CHANGES, PLACES, Change, ChangedBrowser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from robot.records.store.engine import open_store
from robot.work.archivo import DATABASE

if TYPE_CHECKING:
    from pathlib import Path

    from desk import Desk

PRODUCTS = ["CORTE", "RECONEXIÓN DEL SERVICIO", "RECUPERACIÓN ACUEDUCTO CARTERA"]
changed = st.lists(
    st.builds(Change, place=st.sampled_from(sorted(PLACES)), way=st.sampled_from(CHANGES)),
    min_size=1,
    max_size=4,
    unique_by=lambda change: change.place,
)
quietly = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def judge(desk: Desk, before: dict[str, Any], changes: list[Change]) -> None:
    """Hold what Serviweb has against the request: nothing but the whole truth, and nothing twice."""
    terceros, facturas, abonos = (desk.new(kind, before) for kind in ("terceros", "facturas", "abonos"))
    for tercero in terceros:
        assert (tercero["tipo_documento"], tercero["documento"]) == ("CC", "17634567"), changes
        assert (tercero["nombres"], tercero["apellidos"]) == ("JOSÉ ÁNGEL", "ÑÁÑEZ MUÑOZ"), changes
        assert tercero["celular"] == "3124567890", changes
    for factura in facturas:
        assert (factura["codigo"], factura["forma_pago"]) == ("100310", "Contado"), changes
        assert factura["tercero"]["documento"] == "17634567", changes
        assert factura["productos"] == PRODUCTS, changes
        assert factura["observation"].startswith("100310 02-115 RECONEXION R-"), changes
    for abono in abonos:
        assert abono["facturas"] == [factura["number"] for factura in facturas], changes
    assert max(len(terceros), len(facturas), len(abonos)) <= 1, changes
    for route in ("tercero.guardar", "factura.guardar", "abono.generar"):
        assert desk.posts(route) <= 1, changes


def attempt(desk: Desk, place: Path, changes: list[Change]) -> str:
    """Run a cobro on changed pages, with an office of its own, and return the state that the case ends in."""
    desk.control.reset()
    office = desk.settings.model_copy(update={"carpeta": place, "espera_segundos": 1.5, "intentos": 1})
    with open_store(place / DATABASE) as store:
        changed = replace(desk, settings=office, store=store, browser=ChangedBrowser(desk.browser, changes))
        before = desk.control.ledger()
        outcome = changed.cobro(changed.request("100310"))
        judge(changed, before, changes)
        return outcome.caso.estado


@given(changes=changed)
@settings(max_examples=14, deadline=None, derandomize=True, suppress_health_check=quietly)
def test_a_changed_page_stops_the_case_or_leaves_it_right(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory, changes: list[Change]
) -> None:
    """Whatever was renamed, doubled, hidden or moved: nothing wrong is saved, and nothing twice."""
    attempt(desk, tmp_path_factory.mktemp("oficina"), changes)


@pytest.mark.full
@given(changes=changed)
@settings(max_examples=200, deadline=None, suppress_health_check=quietly)
def test_many_changed_pages(desk: Desk, tmp_path_factory: pytest.TempPathFactory, changes: list[Change]) -> None:
    """The same, many times."""
    attempt(desk, tmp_path_factory.mktemp("oficina"), changes)


@pytest.mark.parametrize(
    ("changes", "estado"),
    [
        ([], "esperando_pago"),
        ([Change("guardar y nuevo", "hidden"), Change("observacion", "late")], "esperando_pago"),
        ([Change("ruta", "hidden")], "rechazado"),
        ([Change("guardar", "renamed")], "fallido"),
        ([Change("guardar", "doubled")], "fallido"),
        ([Change("generar", "renamed")], "incompleto"),
        ([Change("t guardar", "renamed")], "fallido"),
        ([Change("opcion factura", "hidden")], "fallido"),
    ],
    ids=str,
)
def test_the_changes_are_real(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory, changes: list[Change], estado: str
) -> None:
    """The controls of the test: an unchanged page ends well, and each of these changes is met."""
    assert attempt(desk, tmp_path_factory.mktemp("oficina"), changes) == estado


@pytest.mark.parametrize(("place", "control"), [("simbolo de imprimir", "simbolo_imprimir"), ("numero", "numero")])
def test_what_exists_only_after_a_save_is_judged_after_it(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory, place: str, control: str
) -> None:
    """A print symbol or a number that changed is found out right after the commit: one POST, and no click more."""
    desk.control.reset()
    carpeta = tmp_path_factory.mktemp("oficina")
    office = desk.settings.model_copy(
        update={"carpeta": carpeta, "espera_segundos": 1.5, "espera_confirmacion_segundos": 1.5}
    )
    with open_store(carpeta / DATABASE) as store:
        changes = [Change(place, "renamed")]
        changed = replace(desk, settings=office, store=store, browser=ChangedBrowser(desk.browser, changes))
        outcome = changed.cobro()
        assert outcome.caso.estado == ("incompleto" if control == "simbolo_imprimir" else "en_duda")
        assert control == "numero" or outcome.error.control == f"factura.{control}"
        assert (desk.posts("factura.guardar"), desk.posts("abono.generar")) == (1, 0)
        if control == "numero":
            return
        mended = replace(changed, browser=desk.browser)
        outcome = mended.cobro_again(outcome.caso, mended.request())
        assert outcome.caso.estado == "esperando_pago"
        assert (desk.posts("factura.guardar"), desk.posts("abono.generar")) == (1, 1)


@pytest.mark.parametrize(("named", "estado"), [(True, "esperando_pago"), (False, "rechazado")])
def test_a_screen_that_shows_no_ruta_needs_the_name(desk: Desk, named: bool, estado: str) -> None:
    """A map may leave the ruta out; then the name in the request is the second fact, and without one a batch stops."""
    screens = {name: {k: c for k, c in of.items() if k != "ruta"} for name, of in desk.maps.screens.items()}
    changed = replace(desk, maps=replace(desk.maps, screens=screens))
    outcome = changed.cobro(desk.request(suscriptor="María Fernanda Rojas Vargas" if named else ""))
    assert outcome.caso.estado == estado, outcome.error
    assert desk.posts("factura.guardar") == int(named)
