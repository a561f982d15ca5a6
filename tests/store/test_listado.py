"""Pages of cases: every filter, forward and back, and fast however many there are."""

from __future__ import annotations

from datetime import date

import pytest
from some_cases import new, run

from robot.errors import Rejected
from robot.records.boveda import Boveda
from robot.records.store import buscador, listado
from robot.records.store.engine import Store
from robot.records.store.listado import Filtro

BOVEDA = Boveda(b"x" * 32)


def some(store: Store, number: int, **changed: object) -> list[str]:
    """Make cases of several subscribers, the oldest first."""
    return [new(store, codigo=str(300000 + n), **changed) for n in range(number)]


def marks(store: Store, filtro: Filtro, **how: object) -> list[str]:
    """Return the marks of a page."""
    return [row["id"] for row in listado.page(store, filtro, **how).filas]


def test_pages_go_forward_and_back(store: Store) -> None:
    """Every case stands on one page, the newest first, and the way back shows the same pages."""
    made = some(store, 7)[::-1]
    first = listado.page(store, Filtro(), limit=3)
    second = listado.page(store, Filtro(), after=first.siguiente, limit=3)
    third = listado.page(store, Filtro(), after=second.siguiente, limit=3)
    assert [row["id"] for page in (first, second, third) for row in page.filas] == made
    assert (first.anterior, third.siguiente) == ("", "")
    back = listado.page(store, Filtro(), before=third.anterior, limit=3)
    assert [row["id"] for row in back.filas] == made[3:6]
    start = listado.page(store, Filtro(), before=back.anterior, limit=3)
    assert ([row["id"] for row in start.filas], start.anterior) == (made[:3], "")
    assert start.siguiente == first.siguiente


@pytest.mark.parametrize("cursor", ["x", "~", "2026-13-01T00:00:00Z~R-1", "' OR 1=1 --"])
def test_a_cursor_that_nobody_gave_is_refused(store: Store, cursor: str) -> None:
    """What stands in the address is not trusted."""
    with pytest.raises(Rejected):
        listado.page(store, Filtro(), after=cursor)


def test_every_filter_alone_and_together(store: Store) -> None:
    """State, stage, advisor, day, kind of reason, lot, code and number each leave the others out."""
    one, two, three = some(store, 3)
    run(store, "UPDATE casos SET asesor = 'ana' WHERE id <> :c", c=two)
    run(store, "UPDATE casos SET estado = 'rechazado', motivo = 'La ruta 01-383 no es' WHERE id = :c", c=one)
    run(store, "UPDATE casos SET etapa = 'tramite' WHERE id = :c", c=three)
    run(store, "UPDATE casos SET creado = '2026-01-05T04:59:59.000000Z' WHERE id = :c", c=two)
    run(store, "INSERT INTO pagos VALUES ('RC-7', :c, '2026-01-05', 1, '', 'x', 'x', NULL, NULL, '')", c=three)
    buscador.index_pending(store, BOVEDA)
    day = date(2026, 1, 4)
    for filtro, wanted in (
        (Filtro(estados=("rechazado",)), [one]),
        (Filtro(estados=("rechazado", "en_cola")), [three, one, two]),
        (Filtro(etapa="tramite"), [three]),
        (Filtro(asesor="ana"), [three, one]),
        (Filtro(asesor="ana", estados=("en_cola",), etapa="tramite"), [three]),
        (Filtro(desde=day, hasta=day), [two]),
        (Filtro(hasta=date(2026, 1, 3)), []),
        (Filtro(clase="La ruta … no es"), [one]),
        (Filtro(clase="La ruta … no es", asesor="beto"), []),
        (Filtro(clase="La ruta … no es", asesor="ana", estados=("rechazado",), etapa="cobro"), [one]),
        (Filtro(codigo="300001"), [two]),
        (Filtro(codigo="300001", asesor="ana"), []),
        (Filtro(numero="rc-7"), [three]),
        (Filtro(ids=(one, two), estados=("en_cola",)), [two]),
        (Filtro(lote="L-1234567"), []),
        (Filtro(palabras=("nanez",), asesor="ana"), [three, one]),
    ):
        assert marks(store, filtro) == wanted, filtro
        if filtro.ids is None and not filtro.codigo:
            assert listado.count(store, filtro) in (None, len(wanted)), filtro


def test_a_search_that_stops_early_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page for which too much had to be tried is short, says so, and the next one finds what was left."""
    made = some(store, 12)
    run(store, "UPDATE casos SET asesor = 'ana'")
    run(store, "UPDATE casos SET motivo = 'Raro', estado = 'fallido'")
    run(store, "UPDATE casos SET lote = NULL, referencia = 'x' WHERE id = :c", c=made[0])
    buscador.index_pending(store, BOVEDA)
    run(store, "DELETE FROM palabras WHERE palabra = 'ana' AND caso <> :c", c=made[0])
    run(store, "UPDATE casos SET buscable = true")
    monkeypatch.setattr(listado, "ROUNDS", (2, 3))
    monkeypatch.setattr("robot.records.store.caminos.WEIGHED", 1)
    wanted = Filtro(palabras=("nanez", "ana"), asesor="ana")
    found, after, pages = [], "", 0
    while True:
        page = listado.page(store, wanted, after=after)
        found += [row["id"] for row in page.filas]
        pages += 1
        after = page.siguiente
        if not after:
            break
        assert page.corta
    assert found == [made[0]]
    assert pages > 1


def test_everything_goes_through_all_pages(store: Store) -> None:
    """An export has every case up to its limit."""
    made = some(store, 5)[::-1]
    assert [row["id"] for row in listado.everything(store, Filtro(), 1000)] == made
    assert [row["id"] for row in listado.everything(store, Filtro(), 2)] == made[:2]
