"""The panel as an attacker meets it: sessions, forged forms, other sites, other roles, scripts, double sendings."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from http.client import HTTPConnection
from pathlib import Path
from secrets import token_urlsafe

import httpx
import pytest
from a_request import request
from oficina import CLAVE
from puerta import QUIENES, Puerta, puerta_en, routes
from sqlalchemy import insert, update

from robot.errors import Rejected
from robot.panel.app import create_app
from robot.panel.formulario import SAFE, Formulario
from robot.panel.rutas.ingreso import safe_goal
from robot.records.store import cases, personas, sesiones
from robot.records.store.schema import casos, pagos, pagos_inesperados
from robot.records.store.schema_panel import ROLES
from robot.work import cuarentena
from robot.work.apertura import register

# Least role of every address. «dueño» is an advisor whose own case it is, and every supervisor.
QUIEN_PUEDE: dict[tuple[str, str], str] = {
    ("GET", "/ingresar"): "nadie",
    ("POST", "/ingresar"): "nadie",
    ("POST", "/salir"): "alguien",
    ("GET", "/"): "alguien",
    ("GET", "/mi-cuenta"): "asesor",
    ("POST", "/mi-cuenta/clave"): "asesor",
    ("POST", "/mi-cuenta/serviweb"): "asesor",
    ("POST", "/mi-cuenta/serviweb/borrar"): "asesor",
    ("POST", "/mi-cuenta/sesiones/cerrar"): "asesor",
    ("GET", "/personas"): "administrador",
    ("POST", "/personas"): "administrador",
    ("GET", "/personas/{usuario}"): "administrador",
    ("POST", "/personas/{usuario}/rol"): "administrador",
    ("POST", "/personas/{usuario}/datos"): "administrador",
    ("POST", "/personas/{usuario}/activa"): "administrador",
    ("POST", "/personas/{usuario}/clave"): "administrador",
    ("POST", "/personas/{usuario}/desbloquear"): "administrador",
    ("GET", "/clientes"): "administrador",
    ("POST", "/clientes"): "administrador",
    ("POST", "/clientes/{cliente}/revocar"): "administrador",
    ("GET", "/auditoria"): "supervisor",
    ("GET", "/auditoria/cadena"): "supervisor",
    ("GET", "/auditoria/csv"): "supervisor",
    ("GET", "/avisos/cuenta"): "asesor",
    ("GET", "/avisos"): "asesor",
    ("POST", "/avisos/vistos"): "asesor",
    ("POST", "/avisos/mensajes/{envio}/reenviar"): "supervisor",
    ("GET", "/solicitud"): "asesor",
    ("GET", "/solicitud/suscriptor"): "asesor",
    ("POST", "/solicitud/validar"): "asesor",
    ("POST", "/solicitud"): "asesor",
    ("GET", "/esperando-pago"): "asesor",
    ("GET", "/esperando-pago/{caso}"): "dueño",
    ("GET", "/casos/{caso}"): "dueño",
    ("GET", "/casos/{caso}/pulso"): "dueño",
    ("GET", "/casos/{caso}/diario"): "dueño",
    ("POST", "/casos/{caso}/continuar"): "dueño",
    ("POST", "/casos/{caso}/cancelar"): "dueño",
    ("POST", "/casos/{caso}/consultar"): "dueño",
    ("POST", "/casos/{caso}/cerrar"): "supervisor",
    ("GET", "/casos/{caso}/en-vivo"): "dueño",
    ("GET", "/casos/{caso}/en-vivo/eventos"): "dueño",
    ("POST", "/casos/{caso}/en-vivo/cancelar"): "dueño",
    ("POST", "/casos/{caso}/en-vivo/continuar"): "dueño",
    ("POST", "/casos/{caso}/en-vivo/robot"): "dueño",
    ("GET", "/casos/{caso}/papeles/{tipo}"): "dueño",
    ("POST", "/casos/{caso}/papeles/{tipo}/imprimir"): "dueño",
    ("POST", "/casos/{caso}/papeles/{tipo}/adjuntar"): "dueño",
    ("GET", "/casos/{caso}/pago"): "dueño",
    ("POST", "/casos/{caso}/pago"): "dueño",
    ("POST", "/casos/{caso}/pago/atender"): "supervisor",
    ("GET", "/casos/{caso}/imagenes/{archivo}"): "dueño",
    ("GET", "/casos/{caso}/pelicula"): "dueño",
    ("GET", "/casos/{caso}/pelicula.json"): "dueño",
    ("GET", "/dudas"): "supervisor",
    ("GET", "/dudas/pulso"): "supervisor",
    ("GET", "/dudas/{caso}"): "supervisor",
    ("GET", "/dudas/{caso}/consultas"): "supervisor",
    ("POST", "/dudas/{caso}/decidir"): "supervisor",
    ("POST", "/dudas/{caso}/confirmar"): "supervisor",
    ("POST", "/dudas/{caso}/retirar"): "supervisor",
    ("POST", "/dudas/{caso}/anulada"): "supervisor",
    ("GET", "/cola"): "supervisor",
    ("GET", "/cola/eventos"): "supervisor",
    ("POST", "/cola/iniciar"): "supervisor",
    ("POST", "/cola/parar"): "supervisor",
    ("POST", "/cola/pausar"): "supervisor",
    ("POST", "/cola/reanudar"): "supervisor",
    ("POST", "/cola/cancelar"): "supervisor",
    ("POST", "/cola/desbloquear"): "supervisor",
    ("GET", "/cola/archivos"): "supervisor",
    ("POST", "/cola/archivos"): "supervisor",
    ("GET", "/cola/archivos/plantilla.xlsx"): "supervisor",
    ("GET", "/cola/archivos/{draft}"): "supervisor",
    ("GET", "/cola/archivos/{draft}/avance"): "supervisor",
    ("GET", "/cola/archivos/{draft}/filas/{numero}"): "supervisor",
    ("POST", "/cola/archivos/{draft}/filas/{numero}"): "supervisor",
    ("POST", "/cola/archivos/{draft}/filas/{numero}/fuera"): "supervisor",
    ("POST", "/cola/archivos/{draft}/filas/{numero}/dentro"): "supervisor",
    ("POST", "/cola/archivos/{draft}/cola"): "supervisor",
    ("POST", "/cola/archivos/{draft}/leer"): "supervisor",
    ("POST", "/cola/archivos/{draft}/descartar"): "supervisor",
    ("GET", "/cola/archivos/{draft}/errores.csv"): "supervisor",
    ("GET", "/cola/lotes"): "supervisor",
    ("GET", "/cola/lotes/{lote}"): "supervisor",
    ("GET", "/cola/lotes/{lote}/avance"): "supervisor",
    ("POST", "/cola/lotes/{lote}/cancelar"): "supervisor",
    ("GET", "/cola/lotes/{lote}/resultados.{forma}"): "supervisor",
    ("GET", "/casos"): "supervisor",
    ("GET", "/mis-casos"): "asesor",
    ("POST", "/casos/buscar"): "supervisor",
    ("POST", "/mis-casos/buscar"): "asesor",
    ("POST", "/mis-casos/filtros"): "asesor",
    ("POST", "/casos/filtros"): "asesor",
    ("POST", "/mis-casos/filtros/quitar"): "asesor",
    ("POST", "/casos/filtros/quitar"): "asesor",
    ("GET", "/casos/exportar/{tipo}"): "supervisor",
    ("GET", "/mis-casos/exportar/{tipo}"): "asesor",
    ("GET", "/hoy"): "supervisor",
    ("GET", "/hoy/cifras"): "supervisor",
    ("GET", "/plazos"): "supervisor",
    ("GET", "/plazos/exportar/{tipo}"): "supervisor",
    ("POST", "/plazos/{caso}/respondido"): "supervisor",
    ("POST", "/plazos/{caso}/sin-responder"): "supervisor",
    ("GET", "/revision"): "supervisor",
    ("GET", "/revision/{caso}"): "supervisor",
    ("POST", "/revision/{caso}"): "supervisor",
    ("POST", "/revision/{caso}/pedir"): "supervisor",
    ("GET", "/tablero"): "supervisor",
    ("GET", "/tablero/exportar"): "supervisor",
    ("GET", "/informes"): "supervisor",
    ("GET", "/informes/diario.pdf"): "supervisor",
    ("GET", "/informes/planilla.pdf"): "supervisor",
    ("GET", "/informes/informe.html"): "supervisor",
    ("GET", "/informes/informe.xlsx"): "supervisor",
    ("GET", "/pantallas"): "supervisor",
    ("GET", "/pantallas/{nombre}"): "supervisor",
    ("GET", "/pantallas/{nombre}/{archivo}"): "supervisor",
    ("POST", "/pantallas/{nombre}/aceptar"): "administrador",
}
ROUTES = [(method, route) for route in routes() for method in sorted(route.methods)]
STREAMS = ("/eventos",)
STYLED = ("/pelicula", "/papeles/{tipo}")
"""Where foreign styles are shown: what Serviweb's screens looked like, a browser's viewer of papers."""
FILLED = {"tipo": "recibo-abono", "archivo": "1.webp", "numero": "1", "forma": "csv", "envio": "1", "usuario": "beto"}


@pytest.fixture(scope="module")
def puerta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Puerta]:
    """Give a panel that the tests of this file share."""
    with puerta_en(tmp_path_factory.mktemp("puerta")) as puerta:
        yield puerta


@pytest.fixture(scope="module")
def caso(puerta: Puerta) -> str:
    """Give a case of ana's."""
    return register(puerta.panel.archivo(), request(), asesor="ana")


def address(path: str, caso: str = "R-00000") -> str:
    """Return an address with something in each of its places."""
    return re.sub(r"{(\w+)}", lambda found: (FILLED | {"caso": caso}).get(found[1], "x1"), path)


def at_least(rol: str, least: str) -> bool:
    """Say whether a role is this one, or one that may do more."""
    return ROLES.index(rol) >= ROLES.index("asesor" if least == "dueño" else least)


# Roles.


def test_every_address_has_its_role() -> None:
    """A new address without a line in the table is a mistake, and so is a line without an address."""
    assert sorted((method, route.path) for method, route in ROUTES) == sorted(QUIEN_PUEDE)


def test_a_stranger_gets_nothing(puerta: Puerta, caso: str) -> None:
    """Without a session every address but the door leads to the door, and nothing is done."""
    before, stranger = len(puerta.hecho()), puerta.nadie()
    for method, route in ROUTES:
        if QUIEN_PUEDE.get((method, route.path)) == "nadie":
            continue
        answer = stranger.http.request(method, address(route.path, caso))
        assert (route.path, answer.status_code) == (route.path, 303)
        assert answer.headers["location"].startswith("/ingresar")
    assert len(puerta.hecho()) == before


@pytest.mark.parametrize("rol", ["asesor", "supervisor"])
def test_a_lesser_role_is_refused(puerta: Puerta, caso: str, rol: str) -> None:
    """With a session and a true form, what is a higher role's is 403, written in the journal, and not done."""
    cliente = puerta.como(QUIENES[rol])
    before = personas.everybody(puerta.panel.store)
    for method, route in ROUTES:
        least = QUIEN_PUEDE[method, route.path]
        if least in ("nadie", "alguien") or at_least(rol, least):
            continue
        path = address(route.path, caso)
        answer = cliente.get(path) if method == "GET" else cliente.post(path, rol="administrador", activa="no")
        assert (path, answer.status_code) == (path, 403)
        assert path in puerta.hecho("sin_permiso", quien=QUIENES[rol])[0]["detalle"]
    assert personas.everybody(puerta.panel.store) == before


@pytest.mark.parametrize("rol", ROLES)
def test_a_role_sees_its_pages(puerta: Puerta, rol: str) -> None:
    """What a role may see opens."""
    cliente = puerta.como(QUIENES[rol])
    for method, route in ROUTES:
        if method != "GET" or "{" in route.path or route.path.endswith(STREAMS):
            continue
        least = QUIEN_PUEDE[method, route.path]
        if least in ("nadie", "alguien") or at_least(rol, least):
            assert cliente.get(route.path).status_code in (200, 204, 303), route.path


def test_another_advisors_case_is_nobody_elses(puerta: Puerta, caso: str) -> None:
    """An advisor who guesses a case's mark sees and does nothing with it; its own and a supervisor do."""
    beto = puerta.como("beto")
    for method, route in ROUTES:
        if "{caso}" not in route.path:
            continue
        path = address(route.path, caso)
        answer = beto.get(path) if method == "GET" else beto.post(path)
        assert answer.status_code in (400, 403, 404), (path, answer.status_code)
        assert "Ñáñez" not in answer.text
    for usuario in ("ana", "sofia"):
        assert puerta.como(usuario).get(f"/casos/{caso}").status_code == 200


# Forged forms.


def test_anothers_payment_is_told_to_who_recorded_it_alone(puerta: Puerta) -> None:
    """Whoever is at the desk may record it and reads what became of it; an address tells no other advisor."""
    caso = register(puerta.panel.archivo(), request(codigo="200778"), asesor="ana")
    paid = {"recibo": "RC-778", "caso": caso, "fecha": "2026-11-24", "cuando": "2026-11-24T15:00:00.000000Z"}
    odd = paid | {"n": 9, "recibo": "RC-779", "motivo": "otro", "que_hacer": "Mire."}
    with puerta.panel.store.write() as connection:
        connection.execute(insert(pagos), paid | {"registrado_por": "beto"})

    def told(quien: str) -> list[bool]:
        text = puerta.como(quien).get(f"/esperando-pago?pagado={caso}").text
        return [number in text for number in ("RC-778", "RC-779")]

    personas.create(puerta.panel.store, "curiosa", nombre="C", rol="asesor", clave=CLAVE, cambiar_clave=False)
    assert told("curiosa") == [False, False]
    assert [told(quien) for quien in ("beto", "ana", "sofia")] == [[True, False]] * 3
    with puerta.panel.store.write() as connection:
        connection.execute(insert(pagos_inesperados), odd | {"registrado_por": "curiosa"})
    assert [told(quien) for quien in ("curiosa", "ana")] == [[False, True]] * 2
    assert told("beto") == [True, False]


def test_every_order_is_a_form() -> None:
    """Whatever is no GET goes through the guards of a form, but for the door itself."""
    unguarded = {(m, r.path) for m, r in ROUTES if m not in SAFE and not isinstance(r, Formulario)}
    assert unguarded == {("POST", "/ingresar")}


def test_the_application_has_no_other_addresses(puerta: Puerta) -> None:
    """What people use is in PANEL_ROUTERS; besides them there are the API and two folders of files."""
    mounts = [route.path for route in create_app(puerta.panel).routes if getattr(route, "path", None)]
    assert sorted(mounts) == ["/api", "/biblioteca", "/estatico"]


@pytest.mark.parametrize("which", ["missing", "wrong", "another's", "accents"])
def test_a_form_without_its_secret_does_nothing(puerta: Puerta, which: str) -> None:
    """Missing, wrong, or another session's: 403, and nobody is added."""
    admin = puerta.como("admin")
    forged = {"missing": "", "wrong": "x" * 43, "another's": puerta.como("admin").csrf, "accents": "ñandú"}[which]
    answer = admin.post("/personas", csrf=forged, usuario="intruso", nombre="I", rol="administrador")
    assert answer.status_code == 403
    with pytest.raises(Rejected):
        personas.found(puerta.panel.store, "intruso")


def test_every_order_wants_the_secret(puerta: Puerta, caso: str) -> None:
    """No form of the panel acts with another session's secret."""
    admin, other = puerta.como("admin"), puerta.como("admin")
    for method, route in ROUTES:
        if method in SAFE or QUIEN_PUEDE[method, route.path] == "nadie":
            continue
        answer = admin.post(address(route.path, caso), csrf=other.csrf)
        assert (route.path, answer.status_code) == (route.path, 403)


def test_the_secret_is_no_address(puerta: Puerta) -> None:
    """A secret in the query, where logs and histories keep it, counts for nothing."""
    admin = puerta.como("admin")
    query = {"csrf": admin.csrf, "marca": token_urlsafe(18)}
    assert admin.http.post("/mi-cuenta/sesiones/cerrar", params=query).status_code == 403


@pytest.mark.parametrize("mark", ["", "corta", "x" * 65])
def test_a_form_without_its_mark_does_nothing(puerta: Puerta, mark: str) -> None:
    """An order that could act twice doesn't act."""
    assert puerta.como("admin").post("/mi-cuenta/sesiones/cerrar", marca=mark).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://malo.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/ingresar", "/mi-cuenta/sesiones/cerrar", "/api/casos"])
def test_orders_from_other_sites_are_turned_away(puerta: Puerta, path: str, headers: dict[str, str]) -> None:
    """What a browser says came from elsewhere isn't even read, the door's form neither."""
    ana = puerta.como("ana")
    sealed = {"csrf": ana.csrf, "marca": token_urlsafe(18), "usuario": "ana", "clave": CLAVE}
    answer = ana.http.post(path, data=sealed, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_orders_from_this_panel_pass(puerta: Puerta) -> None:
    """With what a browser adds to the panel's own forms."""
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": puerta.url}, {}):
        answer = puerta.nadie(**headers).http.post("/ingresar", data={"usuario": "ana", "clave": CLAVE})
        assert answer.status_code == 303


# Names, addresses, bodies.


@pytest.mark.parametrize(
    "host", ["malo.example", "malo.example:8765", "127.0.0.1.malo.example", "", "[", "localhost.x"]
)
def test_other_names_are_turned_away(puerta: Puerta, host: str) -> None:
    """A name that was pointed at this machine (DNS rebinding) gets nothing, not even a page's look."""
    for path in ("/ingresar", "/estatico/panel.css", "/api/salud"):
        assert puerta.nadie().get(path, headers={"Host": host}).status_code in (400, 421)


@pytest.mark.parametrize("host", ["127.0.0.1:1234", "localhost", "LOCALHOST:80", "[::1]:8765", "192.168.1.20:8765"])
def test_its_own_names_pass(puerta: Puerta, host: str) -> None:
    """Loopback's names, and plain addresses, which no other site can be called."""
    assert puerta.nadie().get("/ingresar", headers={"Host": host}).status_code == 200


def test_further_names_are_a_setting(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Behind a proxy the panel has another name; its forms come from there."""
    folder = tmp_path_factory.mktemp("nombres")
    with puerta_en(folder, panel_nombres="panel.empresa.gov.co|otro.local", panel_https=True) as puerta:
        named = {"Host": "panel.empresa.gov.co"}
        assert puerta.nadie(**named).get("/ingresar").status_code == 200
        answer = puerta.nadie(Origin="https://panel.empresa.gov.co").http.post(
            "/ingresar", data={"usuario": "ana", "clave": CLAVE}
        )
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"].lower()
        assert "secure" in cookie
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_endless_bodies_are_not_read(puerta: Puerta) -> None:
    """Too long by its own word, or without one; a stranger's file is not read at all."""
    stranger = puerta.nadie()
    said = {"Content-Length": str(40 << 20), "Content-Type": "application/x-www-form-urlencoded"}
    assert raw(puerta, "POST", "/mi-cuenta/clave", said) == 413
    assert stranger.http.post("/ingresar", data={"usuario": "x" * 20_000}).status_code == 413
    assert raw(puerta, "POST", "/ingresar", {"Content-Length": "-1"}) in (400, 413)

    def chunks() -> Iterator[bytes]:
        yield from (b"usuario=" + b"x" * 4096 for _ in range(10))

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert stranger.http.post("/ingresar", content=chunks(), headers=form).status_code == 413


def raw(puerta: Puerta, method: str, path: str, headers: dict[str, str]) -> int:
    """Send a request's head alone and return the answer's status."""
    host, port = puerta.url.removeprefix("http://").split(":")
    head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "127.0.0.1", **headers}.items())
    with socket.create_connection((host, int(port)), timeout=20) as one:
        one.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode())
        return int(one.recv(200).split()[1])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/casos?hasta=9999-12-31", 200),
        ("/mis-casos?hasta=9999-12-31&desde=0001-01-01&movido=9999-12-31", 200),
        ("/casos/exportar/csv?hasta=9999-12-31", 200),
        ("/informes?dia=0001-01-01", 422),
        ("/informes/diario.pdf?dia=0001-01-01", 422),
        ("/informes/planilla.pdf?dia=9999-12-31", 422),
        ("/tablero?periodo=otro&desde=0001-01-01&hasta=0001-01-01", 200),
    ],
)
def test_days_at_the_ends_of_the_calendar_are_no_error_of_ours(puerta: Puerta, path: str, status: int) -> None:
    """They are left out, or refused in a sentence, as other days that make no sense."""
    assert puerta.como("sofia").get(path).status_code == status


def test_a_saved_filter_holds_no_day_beyond_the_calendar(puerta: Puerta) -> None:
    """Its address works."""
    sofia = puerta.como("sofia")
    saved = sofia.post("/casos/filtros", nombre="Siempre", consulta="hasta=9999-12-31&estado=en_cola")
    assert saved.headers["location"] == "/casos?estado=en_cola"
    assert sofia.get(saved.headers["location"]).status_code == 200


def test_letters_that_no_database_holds_are_refused(puerta: Puerta) -> None:
    """A NUL would be an error of the database."""
    assert puerta.nadie().get("/ingresar?sigue=%00").status_code == 400
    assert puerta.como("sofia").get("/auditoria?persona=a%00b").status_code == 400
    answer = puerta.como("ana").post("/mi-cuenta/serviweb", usuario="a\0b", contrasena="x")
    assert answer.status_code == 400
    assert puerta.nadie().http.post("/ingresar", data={"usuario": "a\0b", "clave": "\0"}).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/estatico/%2e%2e/acceso.py",
        "/estatico/..%2facceso.py",
        "/biblioteca/%2e%2e%2fsettings.py",
        "/pantallas/%2e%2e/serviweb.sqlite3",
        "/pantallas/..%2f/serviweb.sqlite3",
        "/casos/%2e%2e/pelicula.json",
        "/casos/%2e%2e",
        "/casos/{caso}/imagenes/%2e%2e",
        "/casos/{caso}/imagenes/..%5c..%5cserviweb.sqlite3",
        "/casos/{caso}/papeles/%2e%2e",
        "/casos/{caso}/papeles/..%2f..%2fserviweb.sqlite3",
        "/cola/archivos/%2e%2e/errores.csv",
        "/cola/lotes/%2e%2e/resultados.csv",
        "/cola/lotes/x/resultados.%2e%2e",
    ],
)
def test_no_address_leads_out_of_its_folder(puerta: Puerta, caso: str, path: str) -> None:
    """Sent as it is, as no browser would: neither the database nor the program's own files come back."""
    host, port = puerta.url.removeprefix("http://").split(":")
    http = HTTPConnection(host, int(port), timeout=20)
    http.request("GET", path.format(caso=caso), headers={"Cookie": f"serviweb_sesion={puerta.como('admin').token}"})
    answer = http.getresponse()
    body = answer.read()
    http.close()
    assert answer.status in (400, 404, 422) or body.startswith(b"<svg"), (answer.status, body[:200])
    assert b"SQLite format" not in body
    assert b"import annotations" not in body


@pytest.mark.parametrize(
    "goal",
    [
        "https://malo.example",
        "//malo.example",
        "/\\malo.example",
        "\\\\malo.example",
        "/\t/malo.example",
        "/\n/malo.example",
        "\t//malo.example",
        "javascript:alert(1)",
        "malo.example",
        "",
        "/ingresar?sigue=/ingresar",
        "/" + "x" * 2000,
    ],
)
def test_after_entering_nobody_is_sent_to_another_site(goal: str) -> None:
    """What isn't an address of this panel is its first page."""
    assert safe_goal(goal) == "/"


def test_after_entering_one_goes_where_one_wanted(puerta: Puerta) -> None:
    """The page that was asked for, with its query."""
    asked = puerta.nadie().get("/auditoria?persona=ana&caso=R-1")
    assert asked.headers["location"] == "/ingresar?sigue=/auditoria%3Fpersona%3Dana%26caso%3DR-1"
    assert safe_goal("/auditoria?persona=ana&caso=R-1") == "/auditoria?persona=ana&caso=R-1"
    assert puerta.como("ana").get("/ingresar?sigue=//malo.example").headers["location"] == "/"


def test_a_link_in_a_mail_keeps_the_session(puerta: Puerta) -> None:
    """The cookie doesn't come along from another site: a page of ours asks again; who has no session gets the form."""
    linked = puerta.nadie(**{"Sec-Fetch-Site": "cross-site"}).get("/dudas?x=1")
    assert linked.status_code == 200
    assert 'content="0;url=/dudas?x=1"' in linked.text
    again = puerta.nadie(**{"Sec-Fetch-Site": "same-origin"}).get("/dudas?x=1")
    assert again.headers["location"].startswith("/ingresar")


# Sessions.


def test_the_cookie_is_out_of_scripts_reach(puerta: Puerta) -> None:
    """HttpOnly, SameSite=Strict, for this host alone, for as long as the browser is open."""
    cookie = puerta.nadie().enter("ana").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert not any(word in cookie for word in ("domain", "max-age", "expires", "secure"))


def test_a_session_that_was_there_before_is_not_gone_on_with(puerta: Puerta) -> None:
    """Session fixation: neither a made-up token nor one's own of before is the session after entering."""
    victim = puerta.nadie()
    victim.http.cookies.set("serviweb_sesion", "elegido-por-el-atacante", domain="127.0.0.1")
    assert victim.enter("ana").status_code == 303
    assert "elegido" not in victim.token
    first = victim.token
    victim.enter("ana")
    assert victim.token != first
    assert sesiones.found(puerta.panel.store, first, puerta.panel.rules) is None


def test_leaving_ends_the_session_on_the_server(puerta: Puerta) -> None:
    """A copy of the cookie is worth nothing afterwards."""
    ana = puerta.como("ana")
    token = ana.token
    assert ana.post("/salir").headers["location"] == "/ingresar"
    copy = puerta.nadie()
    copy.http.cookies.set("serviweb_sesion", token, domain="127.0.0.1")
    assert copy.get("/solicitud").status_code == 303


def test_leaving_is_no_link(puerta: Puerta) -> None:
    """An image of another page can't end somebody's session."""
    ana = puerta.como("ana")
    assert ana.get("/salir").status_code == 405
    assert ana.get("/mi-cuenta").status_code == 200


@pytest.mark.parametrize("rules", [{"sesion_minutos": 1e-6}, {"sesion_horas": -1}], ids=str)
def test_a_session_that_is_over_is_over(puerta: Puerta, rules: dict[str, float]) -> None:
    """Without use, or after its hours: pages lead to the door, forms do nothing."""
    ana = puerta.como("ana")
    patient = puerta.panel.rules
    try:
        puerta.panel.rules = personas.Rules(**rules)
        late = puerta.nadie()
        late.http.cookies.set("serviweb_sesion", sesiones.begin(puerta.panel.store, whose(puerta), puerta.panel.rules))
        assert late.get("/solicitud").status_code == 303
        assert late.post("/mi-cuenta/sesiones/cerrar").status_code == 303
    finally:
        puerta.panel.rules = patient
    assert ana.csrf


def whose(puerta: Puerta) -> personas.Persona:
    """Return ana."""
    return personas.found(puerta.panel.store, "ana")


def test_who_is_deactivated_is_out_at_once(puerta: Puerta) -> None:
    """The next request of an open page is refused."""
    personas.create(puerta.panel.store, "breve", nombre="B", rol="asesor", clave=CLAVE, cambiar_clave=False)
    breve, admin = puerta.como("breve"), puerta.como("admin")
    assert breve.get("/solicitud").status_code == 200
    assert admin.post("/personas/breve/activa", activa="no").status_code == 303
    assert breve.get("/solicitud").status_code == 303
    assert puerta.nadie().enter("breve").status_code == 422


def test_a_live_page_keeps_no_session_alive(puerta: Puerta) -> None:
    """What a page asks by itself doesn't count as use."""
    ana = puerta.como("ana")
    store, rules = puerta.panel.store, puerta.panel.rules
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE sesiones SET vista = '2020-01-01T00:00:00.000000Z' WHERE usuario = 'ana'")
    puerta.panel.rules = personas.Rules(sesion_minutos=60 * 24 * 365 * 900)
    try:
        ana.get("/avisos/cuenta", headers={"HX-Sondeo": "1"})
        assert seen(puerta) == {"2020"}
        ana.get("/mi-cuenta")
        assert seen(puerta) != {"2020"}
    finally:
        puerta.panel.rules = rules


def seen(puerta: Puerta) -> set[str]:
    """Return the years in which ana's sessions were used last."""
    with puerta.panel.store.read() as connection:
        found = connection.exec_driver_sql("SELECT vista FROM sesiones WHERE usuario = 'ana'").scalars()
        return {text[:4] for text in found}


# Pages.


class _Active(HTMLParser):
    """What of a page runs, or may: scripts and styles in it, handlers, addresses that are code or of other sites."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag."""
        given = dict(attrs)
        self._inside = (
            tag
            if tag in ("script", "style") and not given.get("src") and given.get("type") != "application/json"
            else ""
        )
        if self._inside:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            handler = name.startswith(("on", "hx-on")) or name == "style" or "js:" in (value or "")
            elsewhere = name in ("href", "src", "action", "formaction", "data") and re.match(
                r"\s*(?:(?!data:image/)[a-z][a-z0-9+.-]*:|//)", value or "", re.IGNORECASE
            )
            if handler or elsewhere:
                self.found.append(f"{tag} {name}={value}")
        if tag == "form" and given.get("method", "get").lower() not in ("get", "post", "dialog"):
            self.found.append(f"form {given}")


def pages(puerta: Puerta, caso: str) -> Iterator[tuple[str, httpx.Response]]:
    """Yield every page of each role, and those of errors."""
    for rol in ROLES:
        cliente = puerta.como(QUIENES[rol])
        for method, route in ROUTES:
            if method == "GET" and not route.path.endswith(STREAMS):
                yield f"{rol} {route.path}", cliente.get(address(route.path, caso))
        yield f"{rol} 404", cliente.get("/no-existe")
        yield f"{rol} 422", cliente.post("/mi-cuenta/clave", actual="x")
    yield "nadie", puerta.nadie().get("/ingresar")
    yield "nadie, negado", puerta.nadie().http.post("/ingresar", data={"usuario": "<script>", "clave": "x"})


def test_pages_hold_no_script_no_style_and_go_nowhere_else(puerta: Puerta, caso: str) -> None:
    """Every page of every role obeys the policy that its headers state, and they state all there is."""
    for name, answer in pages(puerta, caso):
        assert answer.status_code < 500, name
        policy = answer.headers["content-security-policy"]
        if name.endswith(STYLED):
            policy = policy.replace("style-src 'self' 'unsafe-inline'", "").replace("style-src 'unsafe-inline'", "")
        assert "unsafe" not in policy, name
        assert "default-src 'none'" in policy, name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer"), name
        assert answer.headers["x-frame-options"] in ("SAMEORIGIN", "DENY"), name
        assert answer.headers["cross-origin-opener-policy"] == "same-origin", name
        assert "no-store" in answer.headers["cache-control"] or "immutable" in answer.headers["cache-control"], name
        if answer.headers.get("content-type", "").startswith("text/html") and "style-src 'sha256-" not in policy:
            active = _Active()
            active.feed(answer.text)
            assert (name, active.found) == (name, [])


def test_every_form_bears_its_seals(puerta: Puerta, caso: str) -> None:
    """Each form that acts has the session's secret and a mark that no other form of the page has."""
    for name, answer in pages(puerta, caso):
        forms = re.findall(r"<form\b[^>]*(?:method=\"post\"|hx-post)[^>]*>.*?</form>", answer.text, re.DOTALL)
        marks = [mark for form in forms for mark in re.findall(r'name="marca" value="([^"]+)"', form)]
        assert len(marks) == len(set(marks)), name
        for form in forms:
            if 'action="/ingresar"' not in form:
                assert 'name="csrf"' in form, (name, form[:200])


def test_what_people_type_is_shown_as_text(puerta: Puerta) -> None:
    """Names, users and queries with markup are letters."""
    evil = "<img src=x onerror=alert(1)>"
    admin = puerta.como("admin")
    personas.create(puerta.panel.store, "raro", nombre=evil, rol="asesor", clave=CLAVE)
    shown = [admin.get("/personas").text, admin.get("/personas/raro").text]
    shown += [admin.get("/auditoria", params={"persona": evil, "caso": f'"{evil}'}).text]
    shown += [admin.post("/personas", usuario=evil, nombre=evil, rol=evil).text]
    shown += [puerta.nadie().get("/ingresar", params={"sigue": f'/"{evil}'}).text]
    shown += [puerta.nadie().http.post("/ingresar", data={"usuario": f'"{evil}', "clave": "x"}).text]
    for page in shown:
        assert "<img src=x" not in page


def test_an_error_of_ours_says_nothing_of_itself(puerta: Puerta, monkeypatch: pytest.MonkeyPatch) -> None:
    """No trace on the page, the same headers as always."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secreto interno")

    ana = puerta.como("ana")
    monkeypatch.setattr("robot.panel.rutas.cuenta.sesiones.of_user", broken)
    logging.disable(logging.CRITICAL)
    try:
        answer = ana.get("/mi-cuenta")
    finally:
        logging.disable(logging.NOTSET)
    assert answer.status_code == 500
    assert "secreto" not in answer.text
    assert "El panel falló" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


# Nothing leaks.


def test_secrets_are_in_no_address_log_or_journal(puerta: Puerta, caplog: pytest.LogCaptureFixture) -> None:
    """Passwords of the panel and of Serviweb go into forms' bodies and stay there."""
    caplog.set_level(logging.DEBUG)
    personas.create(puerta.panel.store, "sigilo", nombre="S", rol="asesor", clave=CLAVE, cambiar_clave=False)
    quien = puerta.nadie()
    answers = [
        quien.http.post("/ingresar", data={"usuario": "Clave-En-El-Campo-Equivocado", "clave": "otra-cosa"}),
        quien.enter("sigilo"),
        quien.post("/mi-cuenta/serviweb", usuario="sigilo.sw", contrasena="contraseña-de-serviweb"),
        quien.get("/mi-cuenta"),
        quien.post("/mi-cuenta/clave", actual=CLAVE, nueva="nueva clave larga", otra_vez="nueva clave larga"),
    ]
    written = caplog.text + repr(puerta.hecho()) + "".join(str(a.url) + str(a.headers) for a in answers)
    written += "".join(answer.text for answer in answers)
    for secret in ("contraseña-de-serviweb", CLAVE, "nueva clave larga", "otra-cosa"):
        assert secret not in written
    assert "clave-en-el-campo" not in repr(puerta.hecho()).lower()
    with puerta.panel.store.read() as connection:
        dumped = "\n".join(connection.connection.driver_connection.iterdump())
    assert "contraseña-de-serviweb" not in dumped
    assert "nueva clave larga" not in dumped


# An installation whose database is an old copy.


ESCRITA = {
    "codigo": "200777",
    "ruta": "01-383",
    "suscriptor": "ANA",
    "tipo_documento": "CC",
    "documento": "40781234",
    "nombres": "ANA",
    "apellidos": "RUIZ",
    "celular": "3104567890",
    "forma_pago": "contado",
    "concepto": "RECONEXION DEL SERVICIO",
    "medidor": "si",
    "arreglo": "sin-deuda",
}


@pytest.mark.parametrize(
    ("quien", "path", "fields"),
    [
        ("ana", "/solicitud", ESCRITA),
        ("ana", "/casos/{caso}/continuar", {}),
        ("ana", "/casos/{caso}/en-vivo/continuar", {}),
        ("sofia", "/casos/{caso}/cerrar", {"anulada": "F-1", "motivo": "ya no sirve"}),
        ("ana", "/casos/{caso}/papeles/recibo-abono/adjuntar", {}),
    ],
)
def test_nothing_is_done_in_quarantine(tmp_path: Path, quien: str, path: str, fields: dict[str, str]) -> None:
    """Whatever may lead to a document in Serviweb, or tells of one, waits until somebody has recovered."""
    with puerta_en(tmp_path) as puerta:
        store, archivo = puerta.panel.store, puerta.panel.archivo()
        caso = register(archivo, request(), asesor="ana")
        with store.write() as connection:
            connection.execute(update(casos).values(estado="incompleto"))
        cuarentena.put(archivo, "prueba")
        cliente = puerta.como(quien)
        sealed = {"csrf": cliente.csrf, "marca": token_urlsafe(18)}
        files = {"archivo": ("a.pdf", b"%PDF-1.4")} if path.endswith("adjuntar") else None
        answer = cliente.http.post(path.format(caso=caso), data=sealed | fields, files=files)
        assert (answer.status_code, "cuarentena" in answer.text) == (409, True), answer.text
        assert cases.counts(store) == {"incompleto": 1}


# The same form twice.


def test_the_same_form_twice_acts_once(puerta: Puerta) -> None:
    """The second sending gets the first one's answer."""
    admin, mark = puerta.como("admin"), token_urlsafe(18)
    fields = {"usuario": "una.vez", "nombre": "Una", "rol": "asesor"}
    first, second = (admin.post("/personas", marca=mark, **fields) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"] == "/personas/una.vez"
    assert len([row for row in puerta.hecho("usuario_creado") if "una.vez" in row["detalle"]]) == 1


def test_the_same_form_at_once_acts_once(puerta: Puerta) -> None:
    """Eight sendings at the same moment: one act, eight answers alike."""
    admin, mark = puerta.como("admin"), token_urlsafe(18)
    together = threading.Barrier(8)

    def send(_: int) -> httpx.Response:
        together.wait()
        return admin.post("/personas/beto/datos", marca=mark, nombre="Alberto", serviweb="")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {(a.status_code, a.headers["location"]) for a in answers} == {(303, "/personas/beto?hecho=datos")}
    assert len([row for row in puerta.hecho("usuario_cambiado") if "beto" in row["detalle"]]) == 1


def test_a_refused_form_may_be_sent_again(puerta: Puerta) -> None:
    """What wasn't done is no first time: each sending gets its own refusal, and the mended one acts."""
    admin, mark = puerta.como("admin"), token_urlsafe(18)
    for _ in range(2):
        assert admin.post("/personas", marca=mark, usuario="á", nombre="x", rol="asesor").status_code == 422
    assert admin.post("/personas", marca=mark, usuario="segunda", nombre="x", rol="asesor").status_code == 303


def test_a_mark_is_its_persons_and_its_forms(puerta: Puerta) -> None:
    """Somebody else's form, or another of the same page, with the same mark is another order."""
    mark = token_urlsafe(18)
    for usuario in ("ana", "beto"):
        assert puerta.como(usuario).post("/mi-cuenta/sesiones/cerrar", marca=mark).status_code == 303
    admin = puerta.como("admin")
    admin.post("/personas/beto/datos", marca=mark, nombre="Beto", serviweb="")
    assert (
        admin.post("/personas/beto/desbloquear", marca=mark).headers["location"] == "/personas/beto?hecho=desbloqueada"
    )
    assert len(puerta.hecho("usuario_desbloqueado")) == 1


def test_after_an_error_of_ours_the_same_form_does_not_act(puerta: Puerta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows what the first one did: the person looks, and loads the page anew."""
    admin, mark = puerta.como("admin"), token_urlsafe(18)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    logging.disable(logging.CRITICAL)
    try:
        with monkeypatch.context() as patched:
            patched.setattr("robot.panel.rutas.personas.personas.unlock", broken)
            assert admin.post("/personas/beto/desbloquear", marca=mark).status_code == 500
    finally:
        logging.disable(logging.NOTSET)
    again = admin.post("/personas/beto/desbloquear", marca=mark)
    assert again.status_code == 422
    assert "No se sabe" in again.text
    assert admin.post("/personas/beto/desbloquear").status_code == 303


def test_one_who_must_choose_a_password_does_nothing_else(puerta: Puerta) -> None:
    """With a temporary password every address leads to the account, every order is refused, until it is changed."""
    clave = personas.temporary()
    personas.create(puerta.panel.store, "nueva", nombre="N", rol="administrador", clave=clave)
    nueva = puerta.nadie()
    assert nueva.enter("nueva", clave).headers["location"] == "/mi-cuenta"
    for method, route in ROUTES:
        path = address(route.path)
        if path in ("/ingresar", "/salir", "/mi-cuenta", "/mi-cuenta/clave"):
            continue
        answer = nueva.get(path) if method == "GET" else nueva.post(path, usuario="colado", nombre="x", rol="asesor")
        assert (path, answer.status_code, answer.headers.get("location")) == (path, 303, "/mi-cuenta")
    assert nueva.get("/avisos/cuenta", headers={"HX-Sondeo": "1"}).status_code == 204
    again = {"actual": clave, "nueva": "mi propia clave", "otra_vez": "mi propia clave"}
    assert nueva.post("/mi-cuenta/clave", **again).headers["location"] == "/mi-cuenta?hecho=clave"
    assert nueva.get("/personas").status_code == 200
