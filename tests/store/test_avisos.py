"""Notices: one for each occurrence, resolved when it is over, seen by whom they concern."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from a_request import request, settings
from some_cases import one, run
from sqlalchemy import Connection

from robot.records.store import avisos, cases, personas
from robot.records.store.avisos import Asunto
from robot.records.store.engine import Store, later, open_store
from robot.records.store.requests import Batch, NewCase, take
from robot.work.avisar import notice
from robot.work.mensajeria import Destino

PLACES = [Destino(huella="a" * 32, url="json://uno", nombre="uno"), Destino(huella="b" * 32, url="x", nombre="dos")]


def case_of(store: Store, asesor: str, codigo: str) -> str:
    """Take a request of an advisor."""
    (taken,) = take(store, [NewCase(solicitud=request(codigo=codigo))], Batch(asesor=asesor))
    return taken.caso


def set_state(store: Store, case: str, estado: str, **more: Any) -> None:
    """Put a case into a state, however it is."""
    run(
        store,
        "UPDATE casos SET estado = :estado, trabajador = NULL, vence_arriendo = NULL WHERE id = :id",
        estado=estado,
        id=case,
    )
    for name, value in more.items():
        run(store, f"UPDATE casos SET {name} = :value WHERE id = :id", value=value, id=case)


def living(store: Store) -> list[str]:
    """Return the titles of the notices that last, oldest first."""
    rows = avisos.listing(store, "nadie", asesor=None)
    return [str(row["titulo"]) for row in reversed(rows) if row["resuelto"] is None]


def now_of(store: Store) -> str:
    """Return the time."""
    with store.read() as connection:
        return store.now(connection)


def test_a_matter_is_told_once_while_it_lasts_and_again_when_it_comes_back(where: str, store: Store) -> None:
    """Looks of four processes at once make one notice; over and back again, there is a second one."""
    told: list[str] = []

    def tell(_: Connection, fresh: Sequence[tuple[int, Asunto]]) -> None:
        told.extend(asunto.que for _, asunto in fresh)

    matter = Asunto(que="sitio:x", tipo="sitio", titulo="Serviweb no responde")

    def look(_: int) -> int:
        with open_store(where) as mine:
            return avisos.keep(mine, ["sitio:"], [matter], tell)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(look, range(8))) == 1
    assert avisos.keep(store, ["sitio:"], [], tell) == 0
    assert one(store, "SELECT count(*) FROM avisos WHERE resuelto IS NOT NULL") == 1
    assert avisos.keep(store, ["sitio:"], [matter], tell) == 1
    assert told == ["sitio:x"] * 2
    assert avisos.keep(store, ["disco:"], [], tell) == 0
    assert len(living(store)) == 1


def test_doubts_and_deadlines_reach_every_place_once(store: Store, tmp_path: Path) -> None:
    """Each notice is one message for each place, and looking again makes no other."""
    doubt, late, soon = (case_of(store, "ana", f"10020{n}") for n in range(3))
    set_state(store, doubt, "en_duda")
    set_state(store, late, "en_cola", vence=later(now_of(store), -3600))
    set_state(store, soon, "en_cola", vence=later(now_of(store), 3600))
    with_places = settings(tmp_path, aviso_plazo_horas=4)
    assert [notice(store, with_places, PLACES) for _ in range(3)] == [3, 0, 0]
    assert one(store, "SELECT count(*) FROM envios") == 6
    assert one(store, "SELECT count(DISTINCT clave) FROM envios") == 6
    assert sorted(living(store)) == [
        f"El caso {doubt} quedó en duda",
        f"Está por vencer el plazo de reconexión del caso {soon}",
        f"Venció el plazo de reconexión del caso {late}",
    ]
    set_state(store, soon, "en_cola", vence=later(now_of(store), -1))
    set_state(store, doubt, "terminado")
    assert notice(store, with_places, PLACES) == 1
    assert len([title for title in living(store) if title.startswith("Venció")]) == 2


def test_an_answer_that_is_due_is_told_until_somebody_gave_it(store: Store, tmp_path: Path) -> None:
    """A trámite filed long ago is overdue, one of yesterday isn't, one that was answered is over."""
    here = settings(tmp_path)
    late, early = case_of(store, "ana", "100211"), case_of(store, "ana", "100212")
    set_state(store, late, "terminado", por_responder=later(now_of(store), -60 * 86400))
    set_state(store, early, "terminado", por_responder=later(now_of(store), -86400))
    assert notice(store, here, []) == 1
    assert living(store) == [f"Venció el plazo para responder el trámite del caso {late}"]
    set_state(store, late, "terminado", por_responder=None)
    notice(store, here, [])
    assert living(store) == []


def test_many_at_once_are_one_message(store: Store, tmp_path: Path) -> None:
    """Five cases in doubt at once are five notices on the page, and one message for each place."""
    marks = [case_of(store, "ana", f"10030{n}") for n in range(5)]
    for mark in marks:
        set_state(store, mark, "en_duda")
    assert notice(store, settings(tmp_path), PLACES) == 5
    assert one(store, "SELECT count(*) FROM envios") == 2
    body = json.loads(one(store, "SELECT cuerpo FROM envios LIMIT 1"))
    assert body["titulo"] == "5 casos en duda"
    assert all(mark in body["texto"] for mark in marks)


def test_a_silent_serviweb_is_told_after_a_minute(store: Store, tmp_path: Path) -> None:
    """A circuit that opens and closes at once wakes nobody; one that stays open is told, and resolved."""
    here = settings(tmp_path)
    circuit = {
        "fase": "abierto",
        "recientes": [],
        "caidas": 1,
        "hasta": later(now_of(store), 30),
        "prueba": "",
        "motivo": "no responde",
    }
    cases.switch_on(store, cases.CIRCUIT, "el robot", json.dumps(circuit))
    assert notice(store, here, PLACES) == 0
    run(store, "UPDATE control SET valor = :since WHERE clave = 'aviso_sitio'", since=later(now_of(store), -61))
    assert notice(store, here, PLACES) == 1
    assert living(store) == ["Serviweb no responde"]
    cases.switch_off(store, cases.CIRCUIT)
    notice(store, here, PLACES)
    assert living(store) == []
    assert one(store, "SELECT count(*) FROM control WHERE clave = 'aviso_sitio'") == 0


def test_a_pause_of_the_robots_is_a_changed_screen_and_a_persons_is_none(store: Store, tmp_path: Path) -> None:
    """Only the robot's own pause is told."""
    cases.switch_on(store, cases.PAUSE, "sofia", "almuerzo")
    assert notice(store, settings(tmp_path), PLACES) == 0
    cases.switch_off(store, cases.PAUSE)
    cases.switch_on(store, cases.PAUSE, "el robot", "Serviweb cambió. Pida revisar el mapa; luego, «serviweb cola x»")
    assert notice(store, settings(tmp_path), PLACES) == 1
    assert one(store, "SELECT texto FROM avisos") == "Serviweb cambió. Pida revisar el mapa."


def test_a_machine_tells_of_its_own_robot_and_disk(store: Store, tmp_path: Path) -> None:
    """What one machine's robot says is not resolved by another machine's silence."""
    one_machine = settings(tmp_path, equipo="caja-1", minimo_disco_mb=10**9)
    other = settings(tmp_path, equipo="caja-2")
    assert notice(store, one_machine, PLACES, robot_dicho="Traceback") == 2
    assert notice(store, other, PLACES) == 0
    assert len(living(store)) == 2
    notice(store, settings(tmp_path, equipo="caja-1"), PLACES)
    assert living(store) == []


def test_an_advisor_sees_her_own_cases_notices(store: Store, tmp_path: Path) -> None:
    """Supervisors see all; what somebody looked at isn't counted again."""
    personas.create(store, "ana", nombre="Ana", rol="asesor", clave="una-clave-larga")
    set_state(store, case_of(store, "ana", "100401"), "en_duda")
    set_state(store, case_of(store, "beto", "100402"), "en_duda")
    notice(store, settings(tmp_path), [])
    assert (avisos.unseen(store, "ana", asesor="ana"), avisos.unseen(store, "ana", asesor=None)) == (1, 2)
    rows = avisos.listing(store, "ana", asesor="ana")
    assert [bool(row["nuevo"]) for row in rows] == [True]
    avisos.look(store, "ana", int(rows[0]["id"]) + 5)
    avisos.look(store, "ana", 1)
    assert avisos.unseen(store, "ana", asesor=None) == 0
