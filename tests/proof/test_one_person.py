"""Two subscribers of one person: the tercero is asked for once, and the second case waits while nobody knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from robot_without_browser import Installation

from robot.work import decision as decisions
from robot.work.expediente import request_of

PERSON = "40781234"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Installation]:
    """Return an installation whose cases wait an hour before they are taken again."""
    changes = {"reintento_segundos": 3600, "reintento_maximo_segundos": 3600, "tomas": 50}
    made = Installation(tmp_path, changes=changes)
    yield made
    made.close()


def test_a_tercero_in_doubt_holds_the_same_persons_next_case_up(one: Installation) -> None:
    """The second case is put back with the reason, at no cost; once a person decided, it goes on."""
    first = one.enqueue(codigo="100234", ruta="01-383", documento=PERSON)
    second = one.enqueue(codigo="100310", ruta="02-115", documento=PERSON)
    one.site.faults = {"tercero": "closed"}
    assert one.process(one.work())
    assert one.row(first)["estado"] == "en_duda"
    row = one.row(second)
    assert (row["estado"], row["intentos"]) == ("en_cola", 0)
    assert first in row["motivo"]
    assert row["disponible"] > row["cambiado"]
    assert [kind for kind, _, _ in one.site.posts] == ["tercero"]
    assert one.faults() == []

    async def decided() -> None:
        caso, request = one.caso(first), request_of(one.store, first)
        who = decisions.Decision(persona="Ana", motivo="no está en Serviweb")
        await decisions.not_exists(one.worker(), caso, request, who, codigo=caso.codigo, confirma="Luis")

    assert one.process(decided())
    assert one.process(one.work())
    assert one.row(second)["estado"] == "esperando_pago"
    assert one.faults() == []


def test_a_tercero_that_was_made_and_is_not_there_is_a_persons_business(one: Installation) -> None:
    """Serviweb doesn't show what the first case is said to have created: nothing is created twice, nothing waits."""
    first = one.enqueue(codigo="100234", ruta="01-383", documento=PERSON)
    assert one.process(one.work())
    assert one.row(first)["estado"] == "esperando_pago"
    one.site.saved = [there for there in one.site.saved if there.kind != "tercero"]
    second = one.enqueue(codigo="100310", ruta="02-115", documento=PERSON)
    assert one.process(one.work())
    row = one.row(second)
    assert (row["estado"], first in row["motivo"]) == ("rechazado", True)
    assert "a mano" in row["que_hacer"]
    assert [kind for kind, _, _ in one.site.posts].count("tercero") == 1
    assert one.faults() == []


def test_a_tercero_that_a_person_took_for_another_stops_its_case(one: Installation) -> None:
    """A wrong decision on the tercero's own doubt: the case doesn't send it again, and doesn't come back for ever."""
    mark = one.enqueue(codigo="100234", ruta="01-383", documento=PERSON)
    one.site.faults = {"tercero": "closed"}
    assert one.process(one.work())

    async def decided() -> None:
        caso, request = one.caso(mark), request_of(one.store, mark)
        who = decisions.Decision(persona="Ana", motivo="se vio en Serviweb")
        await decisions.exists(one.worker(), caso, request, "T-00099", who)

    assert one.process(decided())
    one.site.faults = {}
    with one.store.write() as connection:
        connection.exec_driver_sql("UPDATE casos SET estado = 'en_cola'")
    assert one.process(one.work())
    row = one.row(mark)
    assert "Este caso ya creó este tercero" in row["motivo"]
    assert row["estado"] not in ("en_cola", "en_curso")
    assert [kind for kind, _, _ in one.site.posts] == ["tercero"]
    assert one.faults() == []


def test_killed_between_the_folder_and_a_database_that_says_no(one: Installation) -> None:
    """What the database would have refused is set aside when the case is opened again: it never left."""
    first = one.enqueue(codigo="100234", ruta="01-383", documento=PERSON)
    one.site.faults = {"tercero": "closed"}
    assert one.process(one.work())
    second = one.enqueue(codigo="100310", ruta="02-115", documento=PERSON)
    for killed_at in range(5, 45):
        one.site.faults = {}
        one.process(one.work(), killed_at=killed_at)
        for _ in range(2):  # the first takes over what the killed one left
            assert one.process(one.work())
        assert one.row(second)["estado"] == "en_cola", killed_at
        assert first in one.row(second)["motivo"], killed_at
        assert one.faults() == [], killed_at
    assert [kind for kind, _, _ in one.site.posts] == ["tercero"]
    assert list((one.settings.casos / second).glob("*aparte*")) != []
