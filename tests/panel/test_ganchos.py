"""Webhooks: signed, sent from the outbox until they arrive, to addresses that may be told."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from api_cliente import BUENA, Receptor, programa, receptor
from oficina import Oficina
from sqlalchemy import text

from robot.panel.mensajes import Ronda
from robot.records.store import cases
from robot.records.store.clientes import Cliente

Programa = tuple[Cliente, httpx.Client]
LONG_AGO = "2026-01-01T00:00:00.000000Z"


@pytest.fixture
def api(oficina_quieta: Oficina) -> Iterator[Programa]:
    """Give a program that may do everything."""
    made, client = programa(oficina_quieta.panel, oficina_quieta.url)
    with client:
        yield made, client


@pytest.fixture
def oye() -> Iterator[Receptor]:
    """Give a server that hears webhooks."""
    with receptor() as hears:
        yield hears


def hook(client: httpx.Client, url: str, *eventos: str) -> dict[str, Any]:
    """Make a webhook."""
    answer = client.post("/ganchos", json={"url": url, "eventos": list(eventos)})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def delivery(client: httpx.Client, made: dict[str, Any]) -> dict[str, Any]:
    """Return the only message to a webhook, once it is in the outbox."""
    sent = client.get(f"/ganchos/{made['id']}").json()["entregas"]
    assert len(sent) <= 1
    return dict(sent[0]) if sent else {"estado": "", "intentos": 0, "error": ""}


def rejected(oficina: Oficina, client: httpx.Client, codigo: str) -> str:
    """Make a case and let Serviweb reject it, and return its mark."""
    case = str(client.post("/casos", json=BUENA | {"codigo": codigo}).json()["id"])
    store = oficina.panel.store
    lease = {"trabajador": "uno", "vence_arriendo": LONG_AGO}
    with store.write() as connection:
        now = store.now(connection)
        assert cases.move(connection, case, "en_curso", now=now, **lease)
        assert cases.move(connection, case, "rechazado", now=now, motivo="El suscriptor no existe")
    return case


def soon(oficina: Oficina) -> None:
    """Let what waits for its next attempt be sent now."""
    with oficina.panel.store.write() as connection:
        connection.execute(text("UPDATE envios SET disponible = :when WHERE estado = 'pendiente'"), {"when": LONG_AGO})


def rounds(oficina: Oficina, over: Callable[[], bool]) -> None:
    """Send, and send again what failed without its pause, until it is over; the panel sends beside."""

    def tried() -> bool:
        Ronda(panel=oficina.panel).once()
        soon(oficina)
        return over()

    oficina.espera(tried)


def test_a_webhook_is_signed_and_arrives_once(oficina_quieta: Oficina, api: Programa, oye: Receptor) -> None:
    """The receiver verifies the signature with the secret it was given; later rounds send nothing more."""
    _, client = api
    secret = hook(client, f"{oye.url}/x", "caso.rechazado")["secreto"]
    hook(client, f"{oye.url}/y", "caso.terminado")
    case = rejected(oficina_quieta, client, "500101")
    rounds(oficina_quieta, lambda: bool(oye.heard))
    for _ in range(2):
        Ronda(panel=oficina_quieta.panel).once()
    (told,) = oye.verified(secret)
    assert (told["type"], told["data"]["caso"], told["data"]["motivo"]) == (
        "caso.rechazado",
        case,
        "El suscriptor no existe",
    )
    assert secret not in str(client.get("/ganchos").json())
    with oficina_quieta.panel.store.read() as connection:
        assert secret not in str(connection.execute(text("SELECT * FROM ganchos")).all())


def test_a_failure_is_tried_again_with_the_same_id(oficina_quieta: Oficina, api: Programa, oye: Receptor) -> None:
    """An error, a redirect and then a yes: three attempts with one id, and the redirect is not followed."""
    _, client = api
    made = hook(client, f"{oye.url}/x", "caso.rechazado")
    oye.answers[:] = [500, 302]
    rejected(oficina_quieta, client, "500102")
    rounds(oficina_quieta, lambda: delivery(client, made)["estado"] == "enviado")
    told = oye.verified(made["secreto"])
    assert len(told) == 3
    assert len({one["id"] for one in told}) == 1
    sent = delivery(client, made)
    assert (sent["estado"], sent["intentos"], sent["error"]) == ("enviado", 3, None)


def test_one_that_never_answers_is_given_up_where_it_can_be_seen(oficina_quieta: Oficina, api: Programa) -> None:
    """After the last attempt it waits for a person, who may send it again from the page of notices."""
    _, client = api
    made = hook(client, "http://127.0.0.1:9/nadie", "caso.rechazado")
    rejected(oficina_quieta, client, "500103")
    rounds(oficina_quieta, lambda: delivery(client, made)["estado"] == "fallido")
    gone = delivery(client, made)
    assert gone["intentos"] == 8
    assert gone["error"].startswith("No respondió")
    page = oficina_quieta.como("sofia", "/avisos")
    row = page.get_by_role("row").filter(has_text=made["id"])
    row.get_by_role("button", name="Volver a enviar").click()
    page.wait_for_url("**/avisos")
    assert delivery(client, made)["intentos"] < 8
    client.delete(f"/ganchos/{made['id']}").raise_for_status()


@pytest.mark.parametrize(
    "url",
    [
        "http://empresa.co/x",
        "ftp://empresa.co/x",
        "https://",
        "https://usuario:clave@empresa.co/",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://0.0.0.0/",
        "https://empresa.co/\r\nHost: otra",
        "https://empresa.co:99999/",
        "no es una dirección",
    ],
)
def test_an_address_that_may_not_be_told_is_refused(api: Programa, url: str) -> None:
    """Only https, or this very machine; no clouds' own addresses, no passwords."""
    _, client = api
    answer = client.post("/ganchos", json={"url": url, "eventos": ["caso.terminado"]})
    assert answer.status_code == 422, answer.text
    assert [campo["campo"] for campo in answer.json()["campos"]] == ["url"]


@pytest.mark.parametrize("url", ["https://10.0.0.5/x", "http://localhost:8080/x", "https://caja.local:8443/x"])
def test_an_offices_own_server_may_be_told(api: Programa, url: str) -> None:
    """Private addresses are allowed."""
    _, client = api
    gone = hook(client, url, "caso.terminado")["id"]
    assert client.delete(f"/ganchos/{gone}").status_code == 204
    assert client.delete(f"/ganchos/{gone}").status_code == 404


def test_a_name_that_leads_to_a_cloud_is_not_told(
    oficina_quieta: Oficina, api: Programa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is looked at again when it is sent."""
    _, client = api
    real = socket.getaddrinfo
    cloud = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443))]
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda host, *a, **k: cloud if host == "traicion.example" else real(host, *a, **k)
    )
    made = hook(client, "https://traicion.example/x", "caso.rechazado")
    rejected(oficina_quieta, client, "500104")
    rounds(oficina_quieta, lambda: bool(delivery(client, made)["error"]))
    assert delivery(client, made)["error"] == "La dirección lleva a donde no se envían avisos"
    client.delete(f"/ganchos/{made['id']}").raise_for_status()
