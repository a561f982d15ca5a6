"""The dashboard's figures on both databases, each checked by numbers that were counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from some_figures import a_case, a_document, a_payment, at, steps
from sqlalchemy import insert

from robot.records.store import cifras
from robot.records.store.cifras import Espera, Periodo, Plazo
from robot.records.store.engine import Store, stamp
from robot.records.store.schema import corridas, pasos
from robot.settings import BOGOTA, Settings
from robot.work.cuadro import Pedido, cuadro

AHORA = datetime(2026, 11, 24, 15, 0, tzinfo=BOGOTA)
LUNES, MARTES = date(2026, 11, 23), date(2026, 11, 24)
DOS = Periodo(LUNES, MARTES)


@pytest.fixture
def two_days(store: Store) -> Store:
    """Give a Monday with three cases and a Tuesday with four, the first and the last minute among them."""
    a_case(store, 1, at(LUNES, 0, 0), "terminado", asesor="ana", cambiado=stamp(at(MARTES, 9)))
    a_case(store, 2, at(LUNES, 23, 59), "rechazado", asesor="ana", motivo="La cédula 40781234 es de otra persona")
    a_case(store, 3, at(LUNES, 12), "en_duda", asesor="beto", motivo="Se envió la factura y no hubo respuesta")
    a_case(store, 4, at(MARTES, 0, 0), "fallido", asesor="beto", motivo="La cédula 52000111 es de otra persona")
    a_case(store, 5, at(MARTES, 8), "esperando_pago", asesor="ana")
    a_case(store, 6, at(MARTES, 9), "terminado", asesor="beto", cambiado=stamp(at(MARTES, 10)))
    a_case(store, 7, at(MARTES, 10), "en_cola")
    a_case(store, 8, at(LUNES - timedelta(days=1), 23, 59), "terminado", asesor="ana")
    a_case(store, 9, at(MARTES + timedelta(days=1), 0, 0), "en_cola", asesor="ana")
    return store


def test_a_day_begins_and_ends_in_colombia(two_days: Store) -> None:
    """Midnight there, five hours behind UTC, parts the days; a day without cases is there too."""
    found = cifras.por_dia(two_days, Periodo(LUNES - timedelta(days=2), MARTES))
    assert {day: dict(count) for day, count in found.items()} == {
        date(2026, 11, 21): {},
        date(2026, 11, 22): {"terminado": 1},
        LUNES: {"terminado": 1, "rechazado": 1, "en_duda": 1},
        MARTES: {"fallido": 1, "esperando_pago": 1, "terminado": 1, "en_cola": 1},
    }


def test_an_advisors_figures_are_their_own(two_days: Store) -> None:
    """Every count can be of one advisor's cases alone."""
    assert cifras.asesores(two_days, DOS) == ["ana", "beto"]
    found = cifras.por_dia(two_days, DOS, "ana")
    assert [dict(count) for count in found.values()] == [{"terminado": 1, "rechazado": 1}, {"esperando_pago": 1}]
    assert cifras.hoy(two_days, MARTES) == (4, 2)
    assert cifras.hoy(two_days, MARTES, "ana") == (1, 1)
    assert (cifras.en_estado(two_days, "en_duda"), cifras.en_estado(two_days, "en_duda", "ana")) == (1, 0)


def test_reasons_are_those_of_what_failed(two_days: Store) -> None:
    """Only what was refused, failed, is in doubt or incomplete has its reason counted."""
    assert sorted(cifras.motivos(two_days, DOS)) == [
        ("La cédula 40781234 es de otra persona", "rechazado", 1),
        ("La cédula 52000111 es de otra persona", "fallido", 1),
        ("Se envió la factura y no hubo respuesta", "en_duda", 1),
    ]


def test_waiting_payments_stand_in_groups_by_the_age_of_their_receipt(store: Store) -> None:
    """A receipt of exactly a day is in the second group; without a receipt the case's last change counts."""
    ages = [
        timedelta(hours=1),
        timedelta(hours=23, minutes=59),
        timedelta(days=1),
        timedelta(days=6),
        timedelta(days=31),
    ]
    for number, age in enumerate(ages):
        case = a_case(store, number, AHORA - timedelta(days=40), "esperando_pago", asesor="ana" if number else "beto")
        a_document(store, case, "abono", AHORA - age, total=1000 * (number + 1))
    a_case(store, 9, AHORA - timedelta(days=20), "esperando_pago", asesor="ana")
    assert cifras.esperando(store, AHORA) == [
        Espera(2, 3000),
        Espera(1, 3000),
        Espera(1, 4000),
        Espera(0, 0),
        Espera(1, 0),
        Espera(1, 5000),
    ]
    assert cifras.esperando(store, AHORA, "beto")[0] == Espera(1, 1000)


def test_a_promise_is_kept_up_to_its_last_moment(store: Store) -> None:
    """Filed at the due time is in time, a moment later is late; missing is late only when the time is over."""
    due = at(MARTES, 9)
    given: list[tuple[datetime | None, datetime]] = [
        (due, due),
        (due + timedelta(microseconds=1), due),
        (None, AHORA - timedelta(seconds=1)),
        (None, AHORA + timedelta(hours=1)),
    ]
    for number, (filed, until) in enumerate(given, start=1):
        case = a_case(store, number, at(LUNES, 8), "esperando_pago", asesor="ana", vence=stamp(until))
        a_payment(store, case, LUNES)
        if filed:
            a_document(store, case, "tramite", filed)
    a_payment(store, a_case(store, 5, at(LUNES, 8), "esperando_pago", vence=stamp(due)), LUNES, confirmado=False)
    a_payment(store, a_case(store, 6, at(LUNES, 8), "esperando_pago"), LUNES)  # nobody set its clock
    assert cifras.plazo_por_dia(store, DOS, AHORA) == {LUNES: Plazo(1, 2, 1), MARTES: Plazo(0, 0, 0)}
    assert cifras.plazo_por_dia(store, DOS, AHORA, "beto")[LUNES] == Plazo(0, 0, 0)


def test_steps_and_cases_are_timed(two_days: Store) -> None:
    """Steps that ended well are given with their day; a case's time is the sum of its runs, rehearsals aside."""
    steps(two_days, "R-0000001", at(LUNES, 1), p4=100, p14=900)
    steps(two_days, "R-0000006", at(MARTES, 9), p4=300)
    with two_days.write() as connection:
        connection.execute(insert(pasos), {**_open_step(), "estado": "abierto", "milisegundos": None})
        for run, took, ensayo in ((1, 4000, False), (2, 1500, False), (3, 9999, True)):
            connection.execute(insert(corridas), _run(run, took, ensayo=ensayo))
    done = cifras.pasos_hechos(two_days, DOS, total=7)
    assert sorted(done) == [
        (LUNES, "14", "Título 14", 900),
        (LUNES, "4", "Título 4", 100),
        (MARTES, "4", "Título 4", 300),
    ]
    assert cifras.tiempos_de_caso(two_days, DOS, total=7) == [5500]


def _open_step() -> dict[str, Any]:
    facts = {"caso": "R-0000006", "n": 90, "corrida": 1, "paso": "5", "titulo": "Título 5"}
    return facts | {"empezado": stamp(at(MARTES, 9))}


def _run(run: int, took: int, *, ensayo: bool) -> dict[str, Any]:
    facts = {"caso": "R-0000001", "corrida": run, "etapa": "cobro", "ensayo": ensayo, "navegador": "x"}
    return facts | {"usuario_serviweb": "u", "empezada": stamp(at(LUNES, 1)), "milisegundos": took}


def test_of_many_cases_a_random_share_is_read(store: Store) -> None:
    """With more cases than the sample the marks choose: here those of the first half of all marks."""
    for mark in ("R-00AAAAA", "R-G0AAAAA", "R-FZAAAAA", "R-Z0AAAAA"):
        case = a_case(store, int(mark[2:4], 36), at(LUNES, 8), "terminado", id=mark)
        steps(store, case, at(LUNES, 8), p4=100)
    assert len(cifras.pasos_hechos(store, DOS, total=4)) == 4
    assert len(cifras.pasos_hechos(store, DOS, total=4, muestra=2)) == 2


@pytest.mark.parametrize(
    ("values", "middle", "high"),
    [([], None, None), ([7], 7, 7), ([1, 9], 5, 9), ([3, 1, 2], 2, 3), (list(range(1, 101)), 50.5, 95)],
)
def test_median_and_p95(values: list[int], middle: float | None, high: float | None) -> None:
    """The median lies between two middle values; p95 is a value that occurred."""
    assert (cifras.mediana(values), cifras.p95(values)) == (middle, high)


def test_the_dashboard_is_made_of_these_figures(two_days: Store, tmp_path: Path) -> None:
    """Its tables hold the same numbers; reasons that differ in a number alone are one."""
    steps(two_days, "R-0000001", at(LUNES, 1), p4=100)
    steps(two_days, "R-0000006", at(MARTES, 9), p4=300)
    settings = Settings(url="http://serviweb/", usuario="u", carpeta=tmp_path)
    found = cuadro(two_days, settings, Pedido(periodo=DOS), AHORA.astimezone(UTC))
    assert {one.titulo: one.valor for one in found.cifras} == {
        "Casos hoy": "4",
        "Terminados hoy": "2",
        "Casos del período": "7",
        "Tiempo del robot por caso": "—",
        "Plazo cumplido": "—",
        "En duda ahora": "1",
    }
    assert [row[:3] for row in found.tablas["motivos"].filas] == [
        ("La cédula … es de otra persona", "Rechazado, Fallido", 2),
        ("Se envió la factura y no hubo respuesta", "En duda", 1),
    ]
    assert list(found.tablas["pasos"].filas) == [("4", "Título 4", 2, 0.2, 0.3)]
    assert list(found.tablas["paso"].filas) == [(LUNES, 1, 0.1, 0.1), (MARTES, 1, 0.3, 0.3)]
    assert found.tablas["por_dia"].filas[0] == (LUNES, 1, 0, 0, 1, 1, 0, 3)
    assert found.muestra == 0
