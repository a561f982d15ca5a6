"""The clocks that run: begun by the journal, in the order in which they end, stopped by a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from some_cases import begun, journal, new, one, run, saved

from robot.errors import Rejected
from robot.records import plazos
from robot.records.store import relojes as guardados
from robot.records.store.engine import Store, stamp
from robot.settings import BOGOTA, Settings
from robot.work import relojes

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SETTINGS = Settings(url="http://serviweb/", usuario="x")


def test_a_filed_tramite_waits_for_its_answer(store: Store, tmp_path: Path) -> None:
    """Its confirmation begins the clock, its annulment ends it; the subscriber's name that was read is kept."""
    case = new(store)
    with journal(tmp_path, store, begun(store, case)) as book:
        book.write("effect.intent", durable=True, kind="factura", what={"total": 1, "suscriptor": "ELVIRA QUIÑONES"})
        book.write("effect.not_sent", durable=True, kind="factura")
        saved(book, "tramite", "2026-1")
        assert one(store, "SELECT por_responder FROM casos") is not None
        assert one(store, "SELECT suscriptor FROM casos") == "ELVIRA QUIÑONES"
        book.write("effect.annulled", durable=True, kind="tramite", number="2026-1", persona="sofia")
    assert one(store, "SELECT por_responder FROM casos") is None


def test_clocks_by_due_time_in_pages(store: Store) -> None:
    """The overdue one is in front, pages follow one another, and the counts are those of the list."""
    made = [new(store, codigo=str(300000 + n)) for n in range(5)]
    for n, case in enumerate(made):
        run(store, "UPDATE casos SET vence = :v WHERE id = :c", v=stamp(NOW + timedelta(hours=n * 3 - 4)), c=case)
    run(store, "UPDATE casos SET estado = 'terminado' WHERE id = :c", c=made[4])
    first = relojes.lista(store, SETTINGS, "reconectar", limit=3)
    rest = relojes.lista(store, SETTINGS, "reconectar", after=first[-1].cursor, limit=3)
    assert [one.fila["id"] for one in (*first, *rest)] == made[:4]
    assert [one.tono(NOW, timedelta(hours=4)) for one in first] == ["vencido", "vencido", "pronto"]
    counted = relojes.cuenta(store, SETTINGS, "reconectar", NOW)
    assert (counted.vencidos, counted.pronto) == (2, 1)
    assert [one.fila["id"] for one in relojes.todos(store, SETTINGS, "reconectar", 3)] == made[:3]


def test_a_paid_case_whose_payment_is_not_shown_keeps_its_clock(store: Store) -> None:
    """It waits for its payment again and stands among the others by its due time, in pages and in the counts."""
    made = [new(store, codigo=str(300000 + n)) for n in range(5)]
    for n, case in enumerate(made):
        run(store, "UPDATE casos SET vence = :v WHERE id = :c", v=stamp(NOW + timedelta(hours=n * 3 - 4)), c=case)
    back = "UPDATE casos SET estado = 'esperando_pago', etapa = 'tramite' WHERE id IN (:a, :b)"
    run(store, back, a=made[1], b=made[3])
    new(store, codigo="399999")
    run(store, "UPDATE casos SET estado = 'esperando_pago' WHERE codigo = '399999'")  # nobody has paid this one
    first = relojes.lista(store, SETTINGS, "reconectar", limit=2)
    rest = relojes.lista(store, SETTINGS, "reconectar", after=first[-1].cursor, limit=9)
    assert [one.fila["id"] for one in (*first, *rest)] == made
    counted = relojes.cuenta(store, SETTINGS, "reconectar", NOW)
    assert (counted.vencidos, counted.pronto) == (2, 1)


def test_an_answer_has_a_day_and_a_word(store: Store) -> None:
    """It can't be before the radicado nor in the future; marked by mistake, its clock runs again."""
    case, filed = new(store), NOW - timedelta(days=5)
    run(store, "UPDATE casos SET estado = 'terminado', por_responder = :v", v=stamp(filed))
    today = NOW.astimezone(BOGOTA).date()
    for how in (
        {"fecha": today, "como": " "},
        {"fecha": today + timedelta(days=1), "como": "Oficio 1"},
        {"fecha": filed.date() - timedelta(days=1), "como": "Oficio 1"},
    ):
        with pytest.raises(Rejected):
            relojes.respondido(store, case, hoy=today, **how)
    assert relojes.respondido(store, case, fecha=today, como="Oficio 1", hoy=today) == stamp(filed)
    with pytest.raises(Rejected):
        relojes.respondido(store, case, fecha=today, como="Oficio 1", hoy=today)
    with pytest.raises(Rejected):
        guardados.unanswered(store, case)
    insert = (
        "INSERT INTO efectos (caso, n, tipo, clave, estado, con_compuerta, token, numero, intencion, cerrado) "
        "VALUES (:c, 1, 'tramite', 'k', 'confirmado', true, 0, '1', :t, :t)"
    )
    run(store, insert, c=case, t=stamp(filed))
    guardados.unanswered(store, case)
    assert [one.fila["id"] for one in relojes.lista(store, SETTINGS, "responder")] == [case]


@pytest.mark.parametrize("day", [date(2026, 1, 13), date(2026, 4, 6), date(2026, 11, 28), date(2027, 1, 4)])
def test_what_is_overdue_is_counted_as_it_is_shown(day: date) -> None:
    """What was filed before the day that is counted from is overdue, what was filed on it is not."""
    first = relojes.filed_until(day, 15)
    assert plazos.sumar_habiles(first, 15) >= day
    assert plazos.sumar_habiles(first - timedelta(days=1), 15) < day
