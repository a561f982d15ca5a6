"""The outbox: each thing enters once, one sender has it, and what nobody knows of is never sent by itself."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from a_request import request
from some_cases import new, one, run
from sqlalchemy import select

from robot.records.store import cases, clientes, envios, ganchos
from robot.records.store.cases import Row
from robot.records.store.engine import Store, open_store
from robot.records.store.requests import Batch, NewCase, take
from robot.records.store.schema_panel import envios as outbox

LONG_AGO = "2026-01-01T00:00:00.000000Z"


def put(store: Store, clave: str, canal: envios.Canal = "aviso") -> bool:
    """Put a message into the outbox."""
    with store.write() as connection:
        return envios.enqueue(store, connection, canal, clave, "destino", "{}")


def state(store: Store, clave: str) -> str:
    """Return the state of a message."""
    return str(one(store, "SELECT estado FROM envios WHERE clave = :clave", clave=clave))


def of_api(store: Store, **changed: str) -> tuple[clientes.Cliente, str]:
    """Make a program and a case of its own."""
    cliente, _ = clientes.create(store, "Web", ["casos:crear"], por="admin")
    (taken,) = take(store, [NewCase(solicitud=request(**changed))], Batch(asesor=cliente.quien))
    return cliente, taken.caso


def go(store: Store, case: str, *estados: str) -> None:
    """Let a case pass through these states."""
    for estado in estados:
        free = {"trabajador": "uno", "vence_arriendo": LONG_AGO} if estado == "en_curso" else {}
        with store.write() as connection:
            assert cases.move(connection, case, estado, now=store.now(connection), motivo=f"por {estado}", **free)


def test_a_key_enters_once(store: Store) -> None:
    """The same thing noticed twice is one message."""
    assert put(store, "a")
    assert not put(store, "a")
    assert one(store, "SELECT count(*) FROM envios") == 1


def test_each_message_has_one_sender(where: str, store: Store) -> None:
    """Eight senders on connections of their own share forty messages out, and nobody gets another's."""
    for number in range(40):
        put(store, f"m{number}")

    def work(_: int) -> list[int]:
        taken = []
        with open_store(where) as mine:
            while row := envios.claim(mine):
                taken.append(int(row["id"]))
                envios.sent(mine, row)
        return taken

    with ThreadPoolExecutor(8) as pool:
        taken = [number for some in pool.map(work, range(8)) for number in some]
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 40
    assert one(store, "SELECT count(*) FROM envios WHERE estado = 'enviado' AND intentos = 1") == 40


def test_a_failure_waits_its_turn(store: Store) -> None:
    """A message that certainly did not arrive is tried again after its pause, not before."""
    put(store, "a")
    row = claimed(store)
    envios.again(store, row, "nadie atiende", espera_segundos=60)
    assert envios.claim(store) is None
    run(store, "UPDATE envios SET disponible = :when", when=LONG_AGO)
    again = claimed(store)
    assert (again["intentos"], again["error"]) == (2, "nadie atiende")
    envios.failed(store, again, "nunca")
    assert state(store, "a") == "fallido"
    assert [row["clave"] for row in envios.in_trouble(store)] == ["a"]


def test_a_dead_senders_email_is_uncertain_and_its_webhook_goes_again(store: Store) -> None:
    """Nobody knows whether the e-mail arrived: only a person sends it again. A webhook bears its id."""
    put(store, "correo")
    put(store, "gancho", "gancho")
    claimed(store)
    claimed(store)
    assert envios.sweep(store) == 0
    run(store, "UPDATE envios SET tomado = :when", when=LONG_AGO)
    assert envios.sweep(store) == 2
    assert (state(store, "correo"), state(store, "gancho")) == ("incierto", "pendiente")
    taken = claimed(store)
    assert taken["clave"] == "gancho"
    assert envios.claim(store) is None
    number = one(store, "SELECT id FROM envios WHERE clave = 'correo'")
    assert envios.send_again(store, number) is not None
    assert envios.send_again(store, number) is None
    assert claimed(store)["clave"] == "correo"


def test_a_late_sender_changes_nothing_of_anothers(store: Store) -> None:
    """Whoever comes back after its message was taken by another says nothing about it."""
    put(store, "gancho", "gancho")
    first = claimed(store)
    run(store, "UPDATE envios SET tomado = :when", when=LONG_AGO)
    envios.sweep(store)
    second = claimed(store)
    envios.failed(store, first, "tarde")
    assert state(store, "gancho") == "enviando"
    envios.sent(store, second)
    assert state(store, "gancho") == "enviado"


def claimed(store: Store) -> Row:
    """Take a message that is there."""
    row = envios.claim(store)
    assert row is not None
    return row


def test_every_state_of_a_programs_case_is_told_once(where: str, store: Store) -> None:
    """States that came and went between two looks are told too, each once, whoever looks; others' cases aren't."""
    cliente, case = of_api(store)
    hears = ["caso.esperando_pago", "caso.terminado", "caso.incompleto"]
    ganchos.create(store, cliente.id, "https://x.co/a", hears, secreto="s")
    ganchos.create(store, cliente.id, "https://x.co/b", ["caso.terminado"], secreto="s")
    other = new(store, codigo="100999")
    go(store, other, "en_curso", "incompleto")
    go(store, case, "en_curso", "incompleto", "en_curso", "incompleto", "terminado")

    def look(_: int) -> int:
        with open_store(where) as mine:
            return ganchos.draw(mine)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(look, range(4))) == 5
    with store.read() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.id)).mappings().all()
    told = [json.loads(row["cuerpo"]) for row in rows]
    assert [body["type"] for body in told] == ["caso.incompleto"] * 2 + ["caso.terminado"] * 2
    assert {body["data"]["caso"] for body in told} == {case}
    assert told[0]["data"]["motivo"] == "por incompleto"
    assert ganchos.draw(store) == 0


def test_what_a_webhook_says_has_nothing_private(store: Store) -> None:
    """No name, document or phone leaves with it."""
    cliente, case = of_api(store, suscriptor="Zoila Ñustes", documento="40781234", celular="3104567890")
    ganchos.create(store, cliente.id, "https://x.co/a", ["caso.rechazado"], secreto="s")
    go(store, case, "en_curso", "rechazado")
    ganchos.draw(store)
    body = str(one(store, "SELECT cuerpo FROM envios"))
    for private in ("40781234", "3104567890", "ZOILA", "ÑÁÑEZ"):
        assert private not in body
    assert json.loads(body)["data"]["codigo"] == "100234"


def test_a_webhook_says_a_sentence_as_its_reader_shall_see_it(store: Store) -> None:
    """The panel has buttons where the robot names commands."""
    cliente, case = of_api(store)
    ganchos.create(store, cliente.id, "https://x.co/a", ["caso.rechazado"], secreto="s")
    go(store, case, "en_curso", "rechazado")
    ganchos.draw(store, lambda said: said.replace("por", "a causa de"))
    assert json.loads(str(one(store, "SELECT cuerpo FROM envios")))["data"]["motivo"] == "a causa de rechazado"


def test_a_webhook_that_was_removed_gets_nothing_more(store: Store) -> None:
    """What waited for it is given up, and its program's others go on."""
    cliente, case = of_api(store)
    gone = ganchos.create(store, cliente.id, "https://x.co/a", ["caso.rechazado"], secreto="s")
    ganchos.create(store, cliente.id, "https://x.co/b", ["caso.rechazado"], secreto="s")
    go(store, case, "en_curso", "rechazado")
    ganchos.draw(store)
    assert not ganchos.remove(store, "C-OTRO", gone["id"])
    assert ganchos.remove(store, cliente.id, gone["id"])
    assert one(store, "SELECT count(*) FROM envios WHERE estado = 'fallido'") == 1
    assert one(store, "SELECT count(*) FROM envios WHERE estado = 'pendiente'") == 1
    clientes.revoke(store, cliente.id)
    assert ganchos.found(store, ganchos.of_client(store, cliente.id)[0]["id"]) is None
