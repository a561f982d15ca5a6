"""Notices: in the panel for those whom they concern, and outside exactly once, whoever dies in between."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from anyio.from_thread import BlockingPortal
from api_cliente import Receptor, receptor
from oficina import Oficina, free_port
from playwright.sync_api import expect
from solicitudes import datos
from sqlalchemy import text

from robot.panel.mensajes import Ronda, despachar
from robot.records.boveda import boveda_of
from robot.records.solicitud import validate
from robot.records.store import envios
from robot.records.store.engine import Store, StoreDownError, open_store
from robot.records.store.requests import Batch, NewCase, take
from robot.settings import Settings, environment_of, load
from robot.work.avisar import notice
from robot.work.mensajeria import Mensajero, destinos

LONG_AGO = "2026-01-01T00:00:00.000000Z"


class Buzon:
    """An SMTP server's handler that keeps what it gets; it may refuse, or cut the line after taking a message."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.refusals = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 — aiosmtpd's name
        """Take one message."""
        if self.refusals:
            self.refusals -= 1
            return "451 Vuelva más tarde"
        self.got.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def buzon() -> Iterator[tuple[Buzon, str]]:
    """Give a mailbox and the address of apprise that leads there."""
    box, port = Buzon(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, f"mailto://127.0.0.1:{port}?from=robot@oficina.co&to=sofia@oficina.co&mode=insecure"
    server.stop()


@pytest.fixture
def oye() -> Iterator[Receptor]:
    """Give an HTTP server that hears notices."""
    with receptor() as hears:
        yield hears


@contextmanager
def installation(folder: Path, places: str) -> Iterator[tuple[Settings, Store]]:
    """Open an installation with a case in doubt, its notice in the outbox."""
    settings = load(carpeta=folder, avisos=places, minimo_disco_mb=0)
    with open_store(folder / "serviweb.sqlite3") as store:
        doubt(store, "100234")
        assert notice(store, settings, destinos(settings, boveda_of(settings))) == 1
        yield settings, store


def doubt(store: Store, codigo: str, asesor: str = "ana") -> str:
    """Make a case that is in doubt."""
    solicitud = validate(datos("100701") | {"codigo": codigo})
    (taken,) = take(store, [NewCase(solicitud=solicitud)], Batch(asesor=asesor))
    change(store, "UPDATE casos SET estado = 'en_duda' WHERE id = :id", id=taken.caso)
    return taken.caso


def change(store: Store, statement: str, **values: Any) -> None:
    """Run a statement that no program of ours would."""
    with store.write() as connection:
        connection.execute(text(statement), values)


def states(store: Store) -> list[str]:
    """Return the states of the outbox, in order."""
    with store.read() as connection:
        return list(connection.execute(text("SELECT estado FROM envios ORDER BY id")).scalars())


def process(settings: Settings, how: str) -> subprocess.Popen[str]:
    """Begin a process that sends when it is told."""
    places = settings.avisos.get_secret_value() if settings.avisos else ""
    command = [sys.executable, str(Path(__file__).with_name("mensajero.py")), str(settings.carpeta), how]
    begun = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=environment_of(avisos=places) | {"PYTHONPATH": "."},
    )
    assert begun.stdout
    assert begun.stdout.readline() == "listo\n"
    return begun


def end(begun: subprocess.Popen[str]) -> int:
    """Tell it to send, and return how it ended."""
    begun.communicate("ya\n", timeout=60)
    return begun.returncode


def sender(settings: Settings, store: Store) -> Mensajero:
    """Return a sender of this process."""
    vault = boveda_of(settings)
    return Mensajero(store=store, boveda=vault, destinos=destinos(settings, vault))


def test_one_email_and_one_call_however_many_send(tmp_path: Path, buzon: tuple[Buzon, str], oye: Receptor) -> None:
    """Three processes at once and two rounds after them: one message at each place, readable, nothing private in it."""
    box, mail = buzon
    with installation(tmp_path, f"{mail} {oye.url.replace('http', 'json')}/x") as (settings, store):
        three = [process(settings, "todo") for _ in range(3)]
        threads = [threading.Thread(target=end, args=[one]) for one in three]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for _ in range(2):
            notice(store, settings, destinos(settings, boveda_of(settings)))
            sender(settings, store).round()
        assert states(store) == ["enviado"] * 2
    (email,) = box.got
    assert (len(oye.heard), email["To"]) == (1, "sofia@oficina.co")
    said = json.loads(oye.heard[0][1])
    assert "quedó en duda" in said["title"]
    assert "Avisos" in said["message"]
    assert not any(value in oye.heard[0][1] for value in validate(datos("100701")).private_values())


@pytest.mark.parametrize(("how", "arrived"), [("muere_antes", 0), ("muere_despues", 1)])
def test_whoever_dies_while_sending_leaves_it_uncertain(
    tmp_path: Path, buzon: tuple[Buzon, str], how: str, arrived: int
) -> None:
    """Killed before the message left or before its end was written: nobody sends it again, but a person may."""
    box, mail = buzon
    with installation(tmp_path, mail) as (settings, store):
        assert end(process(settings, how)) == -9
        assert (states(store), len(box.got)) == (["enviando"], arrived)
        for _ in range(2):
            sender(settings, store).round()
            envios.sweep(store)
        assert (states(store), len(box.got)) == (["enviando"], arrived)
        change(store, "UPDATE envios SET tomado = :when", when=LONG_AGO)
        envios.sweep(store)
        sender(settings, store).round()
        assert (states(store), len(box.got)) == (["incierto"], arrived)
        assert envios.send_again(store, 1)
        sender(settings, store).round()
        assert (states(store), len(box.got)) == (["enviado"], arrived + 1)


def test_what_certainly_did_not_arrive_is_sent_later(tmp_path: Path, buzon: tuple[Buzon, str]) -> None:
    """A server that says no, or isn't there, is asked again: one message in the end."""
    box, mail = buzon
    box.refusals = 2
    with installation(tmp_path, mail) as (settings, store):
        for _ in range(3):
            sender(settings, store).round()
            change(store, "UPDATE envios SET disponible = :when", when=LONG_AGO)
        assert (states(store), len(box.got)) == (["enviado"], 1)
    with installation(tmp_path / "dos", "json://127.0.0.1:9/x") as (settings, store):
        sender(settings, store).round()
        assert states(store) == ["pendiente"]
        assert envios.in_trouble(store)[0]["error"] == "No salió: nadie atiende en esa dirección"


def test_an_answer_that_never_came_is_uncertain(tmp_path: Path, oye: Receptor) -> None:
    """An error of the server itself may follow a message that it passed on: it isn't sent again."""
    oye.answers[:] = [502]
    with installation(tmp_path, f"{oye.url.replace('http', 'json')}/x") as (settings, store):
        for _ in range(2):
            sender(settings, store).round()
        assert (states(store), len(oye.heard)) == (["incierto"], 1)


def test_no_secret_of_an_address_is_kept_or_shown(tmp_path: Path) -> None:
    """The outbox holds a keyed hash, and people see the address without its password."""
    places = "json://juan:secretisimo@127.0.0.1:9/x"
    with installation(tmp_path, places) as (settings, store):
        sender(settings, store).round()
        with store.read() as connection:
            assert "secretisimo" not in str(connection.execute(text("SELECT * FROM envios")).all())
        (place,) = destinos(settings, boveda_of(settings))
    assert "secretisimo" not in place.nombre + repr(place)


def test_the_bell_counts_and_each_role_sees_its_own(oficina_quieta: Oficina) -> None:
    """A supervisor sees all notices and settles hers as seen; an advisor those of her own cases."""
    store = oficina_quieta.panel.store
    hers, his = doubt(store, "600101", "ana"), doubt(store, "600102", "beto")
    notice(store, oficina_quieta.panel.settings, [])
    ana = oficina_quieta.como("ana", "/avisos")
    expect(ana.get_by_text(f"El caso {hers} quedó en duda").first).to_be_visible()
    expect(ana.get_by_text(his)).to_have_count(0)
    expect(ana.locator("#cuenta-avisos")).to_contain_text("1")
    assert ana.get_by_role("link", name="Ver el caso").get_attribute("href") == f"/casos/{hers}"
    sofia = oficina_quieta.como("sofia", "/avisos")
    expect(sofia.locator("#cuenta-avisos")).to_contain_text("2")
    sofia.get_by_role("button", name="Marcar todo como visto").click()
    expect(sofia.locator("#cuenta-avisos")).to_be_empty()
    expect(sofia.get_by_text(f"El caso {his} quedó en duda").first).to_be_visible()
    expect(sofia.get_by_role("button", name="Marcar todo como visto")).to_have_count(0)
    change(store, "UPDATE casos SET estado = 'terminado' WHERE id = :id", id=hers)
    notice(store, oficina_quieta.panel.settings, [])
    ana.reload()
    expect(ana.get_by_text("No hay avisos")).to_be_visible()
    expect(ana.get_by_role("heading", name="Resueltos en la última semana")).to_be_visible()


def test_an_uncertain_message_is_sent_again_by_a_supervisor_alone(oficina_quieta: Oficina) -> None:
    """She confirms it; the audit journal has it; an advisor doesn't even see the message."""
    store = oficina_quieta.panel.store
    with store.write() as connection:
        body = json.dumps({"titulo": "Serviweb no responde", "texto": "x"})
        envios.enqueue(store, connection, "aviso", "prueba:incierto", "nadie", body)
    change(store, "UPDATE envios SET estado = 'incierto', error = 'No se sabe' WHERE clave = 'prueba:incierto'")
    ana = oficina_quieta.como("ana", "/avisos")
    expect(ana.get_by_text("Mensajes que no salieron")).to_have_count(0)
    sofia = oficina_quieta.como("sofia", "/avisos")
    asked: list[str] = []

    def accept(dialog: Any) -> None:
        asked.append(dialog.message)
        dialog.accept()

    sofia.on("dialog", accept)
    row = sofia.get_by_role("row").filter(has_text="Serviweb no responde")
    expect(row.get_by_text("Incierto")).to_be_visible()
    row.get_by_role("button", name="Volver a enviar").click()
    expect(sofia.get_by_role("row").filter(has_text="Incierto")).to_have_count(0)
    assert asked == ["Puede que este mensaje ya haya llegado. ¿Enviarlo otra vez?"]
    with store.read() as connection:
        query = text("SELECT quien FROM acciones WHERE accion = 'mensaje_reenviar'")
        assert list(connection.execute(query).scalars()) == ["sofia"]


def test_the_loop_sends_what_happens_and_survives_a_database_that_is_away(
    oficina_quieta: Oficina, oye: Receptor, monkeypatch: pytest.MonkeyPatch, portal: BlockingPortal
) -> None:
    """While the database is away nothing is lost: the notice goes out when it is back, and the loop ends when told."""
    panel = oficina_quieta.panel
    places = load(carpeta=oficina_quieta.carpeta, avisos=f"{oye.url.replace('http', 'json')}/x", minimo_disco_mb=0)
    monkeypatch.setattr(panel, "settings", places)
    once, fails = Ronda.once, [StoreDownError(5, "la base de datos no respondió")]

    def failing(work: Ronda) -> float:
        if fails:
            raise fails.pop()
        return once(work)

    monkeypatch.setattr(Ronda, "once", failing)
    case = doubt(panel.store, "600103")

    going = portal.start_task_soon(despachar, panel)
    oficina_quieta.espera(lambda: any(case in body for _, body in oye.heard))
    going.cancel()
    assert fails == []
    assert sum(case in body for _, body in oye.heard) == 1
