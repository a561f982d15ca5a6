"""Every fault at the wire: what is answered, and what the ledger says."""

from __future__ import annotations

import socket
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from mock_client import TERCERO, Control, User, eventually

from mock_serviweb.faults import ALLOWED, KINDS


def fault(kind: str, at: str = "factura.guardar", **more: Any) -> dict[str, Any]:
    """Write one fault."""
    return {"at": at, "fault": kind, **more}


def raw_post(user: User, path: str, form: dict[str, str]) -> bytes:
    """Send a GET and then a POST over one connection by hand; answer every byte that came for the POST."""
    url = urlsplit(str(user.base_url))
    cookie = "; ".join(f"{name}={value}" for name, value in user.cookies.items())
    head = f"Host: {url.netloc}\r\nCookie: {cookie}\r\n"
    body = urlencode(form)
    with socket.create_connection((url.hostname, url.port), timeout=5) as wire:
        wire.sendall(f"GET /estatico/icono.svg HTTP/1.1\r\n{head}\r\n".encode())
        answer = b""
        while b"</svg>" not in answer:
            answer += wire.recv(4096)
        wire.sendall(
            f"POST {path} HTTP/1.1\r\n{head}Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        received = b""
        while part := wire.recv(4096):
            received += part
            if b"\r\n\r\n" in received:
                break
        return received


@pytest.mark.parametrize(("kind", "saved"), [("lost_answer", 1), ("closed_before_commit", 0), ("late_commit", 0)])
def test_closed_without_one_byte(asesor: User, control: Control, kind: str, saved: int) -> None:
    """A kept-alive connection is closed with no byte sent; only lost_answer has saved by then."""
    form = asesor.half_filled()
    control.faults(fault(kind, seconds=60))
    assert raw_post(asesor, "/factura/guardar", form) == b""
    ledger = control.ledger()
    assert (len(ledger["facturas"]), ledger["posts"]["factura.guardar"]) == (saved, 1)


def test_kept_alive(asesor: User) -> None:
    """Without a fault the same connection carries the answer."""
    assert raw_post(asesor, "/factura/guardar", asesor.half_filled()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("answer", [None, 504])
def test_late_commit(asesor: User, control: Control, answer: int | None) -> None:
    """What was asked for is saved later as it stood, whether the connection closed or 504 was answered."""
    form = asesor.half_filled()
    control.faults(fault("late_commit", seconds=0.3, answer=answer))
    if answer:
        assert asesor.post("/factura/guardar", data=form).status_code == 504
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            asesor.save(form)
    assert control.ledger()["facturas"] == []
    asesor.post("/factura/limpiar")
    assert eventually(lambda: len(control.ledger()["facturas"]) == 1)
    assert len(control.ledger()["facturas"][0]["productos"]) == 3


def test_late_commit_dies_with_reset(asesor: User, control: Control) -> None:
    """A reset also forgets what was to be saved later."""
    control.faults(fault("late_commit", seconds=0.1, answer=504))
    asesor.save(asesor.half_filled())
    control.reset()
    assert not eventually(lambda: bool(control.ledger()["facturas"]), seconds=0.4)


@pytest.mark.parametrize(("kind", "saved"), [("error_500", 0), ("error_500_after_commit", 1)])
def test_error_500(asesor: User, control: Control, kind: str, saved: int) -> None:
    """An error of the server may come before or after the save."""
    form = asesor.half_filled()
    control.faults(fault(kind))
    assert asesor.post("/factura/guardar", data=form).status_code == 500
    assert len(control.ledger()["facturas"]) == saved


def test_slow(asesor: User, control: Control) -> None:
    """The answer waits, then is an ordinary one."""
    form = asesor.half_filled()
    control.faults(fault("slow", seconds=0.3))
    begun = time.monotonic()
    assert asesor.save(form)["ok"]
    assert time.monotonic() - begun >= 0.3


def test_expired_session(asesor: User, control: Control) -> None:
    """The session is gone just before the route is served; nothing is saved."""
    form = asesor.half_filled()
    control.faults(fault("expired_session"))
    assert asesor.post("/factura/guardar", data=form).status_code == 401
    assert asesor.get("/inicio").status_code == 302
    assert control.ledger()["facturas"] == []


def test_double_click_creates_two(asesor: User, control: Control) -> None:
    """One POST saves two documents and answers the second."""
    form = asesor.half_filled()
    control.faults(fault("double_click_creates_two"))
    assert asesor.save(form)["numero"] == "F-000125"
    ledger = control.ledger()
    assert [f["number"] for f in ledger["facturas"]] == ["F-000124", "F-000125"]
    assert ledger["posts"]["factura.guardar"] == 1


def test_stale_list(asesor: User, control: Control) -> None:
    """A young document isn't listed once; opening the empty form doesn't use the fault up."""
    number = asesor.billed()
    control.faults(fault("stale_list", "consulta.facturas", seconds=60))
    asesor.get("/consulta/facturas")
    assert number not in asesor.get("/consulta/facturas", params={"codigo": "100234"}).text
    assert number in asesor.get("/consulta/facturas", params={"codigo": "100234"}).text


def test_unknown_dialog(asesor: User, control: Control) -> None:
    """The box that nobody expects travels with the page or the data."""
    control.faults(
        fault("unknown_dialog", "factura.pantalla"), fault("unknown_dialog", "factura.suscriptor", native=False)
    )
    assert "su clave vence en 3 días" in asesor.get("/factura").text
    assert asesor.look_up()["aviso"] == {"texto": "Aviso: su clave vence en 3 días", "nativo": False}


def test_times_count_down(asesor: User, control: Control) -> None:
    """A fault happens as often as it was told; absent is once."""
    control.faults(fault("error_500", "tercero.guardar", times=2), fault("slow", "abono.buscar"))
    statuses = [asesor.post("/tercero/guardar", data=TERCERO).status_code for _ in range(3)]
    assert statuses == [500, 500, 200]
    assert [left["at"] for left in control.left()] == ["abono.buscar"]


def test_a_fault_of_one_subscriber_waits_for_it(asesor: User, control: Control) -> None:
    """Others pass it by; a tercero is named by its document."""
    control.faults(
        fault("error_500", of="100235", times=1),
        fault("error_500", "factura.suscriptor", of="100234"),
        fault("error_500", "tercero.guardar", of="17634567"),
    )
    assert asesor.get("/factura/suscriptor", params={"codigo": "000789"}).status_code == 200
    assert asesor.get("/factura/suscriptor", params={"codigo": "100234"}).status_code == 500
    assert asesor.save(asesor.half_filled())["ok"]
    assert asesor.post("/tercero/guardar", data=TERCERO).status_code == 500
    assert [left["of"] for left in control.left()] == ["100235"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "factura.borrar", "fault": "slow"},
        {"at": "factura.guardar", "fault": "fuego"},
        {"at": "factura.guardar", "fault": "stale_list"},
        {"at": "abono.imprimir", "fault": "unknown_dialog"},
        {"at": "factura.guardar", "fault": "slow", "times": 0},
        {"at": "factura.guardar", "fault": "slow", "seconds": -1},
        {"at": "factura.guardar", "fault": "slow", "answer": 504},
        {"at": "factura.guardar", "fault": "slow", "veces": 2},
        {"at": "factura.guardar", "fault": "slow", "of": 100234},
        "slow",
    ],
)
def test_wrong_faults_are_refused(control: Control, wrong: Any) -> None:
    """A fault that can't be is refused with the list of routes, and the earlier ones stay."""
    control.faults(fault("slow", "abono.buscar"))
    answer = control.faults(wrong)
    assert answer.status_code == 422
    assert answer.json()["at"] == list(ALLOWED)
    assert len(answer.json()["errors"]) == 1
    assert [left["at"] for left in control.left()] == ["abono.buscar"]


def test_every_kind_makes_sense_somewhere() -> None:
    """No kind of fault is without a route."""
    assert set().union(*ALLOWED.values()) == set(KINDS)


ROUTES = {
    "ingreso.entrar": ("POST", "/ingreso"),
    "factura.pantalla": ("GET", "/factura"),
    "factura.suscriptor": ("GET", "/factura/suscriptor?codigo=100234"),
    "factura.tercero": ("GET", "/factura/tercero?tipo=CC&numero=40781234"),
    "tercero.guardar": ("POST", "/tercero/guardar"),
    "factura.agregar": ("POST", "/factura/agregar"),
    "factura.guardar": ("POST", "/factura/guardar"),
    "factura.imprimir": ("GET", "/factura/F-000101/solicitud"),
    "abono.pantalla": ("GET", "/abono"),
    "abono.buscar": ("GET", "/abono/buscar?tipo=Ruta&texto=01-"),
    "abono.pendientes": ("GET", "/abono/pendientes?codigo=100411"),
    "abono.generar": ("POST", "/abono/generar"),
    "abono.imprimir": ("GET", "/abono/RC-0004521/recibo.pdf"),
    "tramite.pantalla": ("GET", "/tramite"),
    "tramite.suscriptor": ("GET", "/tramite/suscriptor?codigo=100234"),
    "tramite.guardar": ("POST", "/tramite/guardar"),
    "tramite.imprimir": ("GET", "/tramite/2026-000457/solicitud"),
    "consulta.facturas": ("GET", "/consulta/facturas?codigo=100234"),
    "consulta.recibos": ("GET", "/consulta/recibos?codigo=100234"),
    "consulta.tramites": ("GET", "/consulta/tramites?codigo=100234"),
}


@pytest.mark.parametrize("at", list(ALLOWED))
def test_every_name_is_a_route(asesor: User, control: Control, at: str) -> None:
    """A fault put at a name happens at its route, and nowhere else."""
    method, path = ROUTES[at]
    control.faults(*[fault("error_500", name) for name in ALLOWED])
    assert asesor.request(method, path).status_code == 500
    assert at not in [left["at"] for left in control.left()]
    assert len(control.left()) == len(ALLOWED) - 1
