"""The API as a program uses it: cases, payments, papers, batches; what it may do, and what is written down of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_cliente import BUENA, CONOCIDA, programa
from oficina import Oficina
from playwright.sync_api import expect
from sqlalchemy import select, update

from robot.panel.api.modelos import Solicitud
from robot.records.store.clientes import Cliente
from robot.records.store.engine import StoreDownError
from robot.records.store.schema import casos
from robot.records.store.schema_panel import acciones
from robot.work import cuarentena

Programa = tuple[Cliente, httpx.Client]


@pytest.fixture
def api(oficina_quieta: Oficina) -> Iterator[Programa]:
    """Give a program that may do everything but see others' cases."""
    may = ["casos:leer", "casos:crear", "pagos:registrar", "lotes:crear", "ganchos:administrar"]
    made, client = programa(oficina_quieta.panel, oficina_quieta.url, may)
    with client:
        yield made, client


def acts(oficina: Oficina, quien: str) -> list[tuple[str, str | None]]:
    """Return what the audit journal has of somebody."""
    query = select(acciones.c.accion, acciones.c.caso).where(acciones.c.quien == quien).order_by(acciones.c.n)
    with oficina.panel.store.read() as connection:
        return [(row.accion, row.caso) for row in connection.execute(query)]


def test_a_case_through_the_api_from_request_to_papers(oficina: Oficina) -> None:
    """A program asks, the robot bills, the program pays and fetches its paper; the second asking makes nothing."""
    made, client = programa(oficina.panel, oficina.url)
    with client:
        answer = client.post("/casos", json=CONOCIDA)
        assert answer.status_code == 201, answer.text
        case = answer.json()["id"]
        assert answer.headers["Location"] == f"/api/casos/{case}"
        oficina.espera_estado(case, "esperando_pago")
        seen = client.get(f"/casos/{case}").json()
        assert seen["recibo"]
        assert seen["total"] > 0
        oficina.pagar(seen["recibo"])
        today = seen["creado"][:10]
        paid = client.post(f"/casos/{case}/pago", json={"recibo": seen["recibo"], "fecha": today})
        assert (paid.status_code, paid.json()["resultado"]) == (200, "nuevo"), paid.text
        oficina.espera_estado(case, "terminado")
        seen = client.get(f"/casos/{case}").json()
        assert seen["radicado"]
        paper = client.get(f"/casos/{case}/papeles/solicitud-tramite", params={"copias": True})
        assert (paper.status_code, paper.headers["content-type"], paper.content[:4]) == (
            200,
            "application/pdf",
            b"%PDF",
        )
        again = client.post("/casos", json=CONOCIDA)
        assert (again.status_code, again.json()["id"]) == (200, case)
    done = [act for act, _ in acts(oficina, made.quien)]
    for act in ("api_caso_crear", "api_caso_ver", "api_pago", "api_papel"):
        assert act in done


def test_the_example_of_the_documentation_is_billed(oficina: Oficina) -> None:
    """What docs/api.md and the description show is accepted as it stands, and the bundled Serviweb bills it."""
    guide = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
    shown = re.search(r"/api/casos -H .*?-d '(\{.*?\})'", guide, re.DOTALL)
    assert shown
    body = json.loads(shown[1])
    assert Solicitud.model_json_schema()["examples"] == [body]
    _, client = programa(oficina.panel, oficina.url)
    with client:
        case = client.post("/casos", json=body).raise_for_status().json()["id"]
        oficina.espera_estado(case, "esperando_pago")
        assert client.get(f"/casos/{case}").json()["factura"]
        refused = client.post(f"/casos/{case}/cancelar")
    assert refused.status_code == 409
    assert refused.json()["motivo"].endswith("en Serviweb: anúlelos allí y ciérrelo")
    assert "anúlelos" in refused.text, "UTF-8, as answers are"


def test_people_see_the_name_of_a_program(api: Programa, oficina_quieta: Oficina) -> None:
    """Its cases bear what it is called, not its mark; whoever asked stands where the subscriber isn't known."""
    _, client = api
    case = client.post("/casos", json=BUENA | {"codigo": "200308"}).json()["id"]
    page = oficina_quieta.como("sofia", f"/casos?q={case}")
    line = page.locator("tbody tr")
    expect(line).to_contain_text("Prueba (programa)")
    expect(line).to_contain_text("ÑÁÑEZ RUIZ (quien solicita)")
    page.goto(f"{oficina_quieta.url}/casos/{case}")
    expect(page.locator("dl.datos").filter(has_text="Asesor")).to_contain_text("Prueba (programa)")


def test_nobody_is_named(api: Programa, oficina_quieta: Oficina) -> None:
    """A reason says what was wrong, not whose a document or a code is in Serviweb."""
    _, client = api
    case = client.post("/casos", json=BUENA | {"codigo": "200307"}).json()["id"]
    why = "Paso 7: El documento de la solicitud pertenece en Serviweb a ROSA ELVIRA CHAUX, no a Ana María Ñáñez Ruiz"
    with oficina_quieta.panel.store.write() as connection:
        connection.execute(update(casos).where(casos.c.id == case).values(motivo=why))
    told = client.get(f"/casos/{case}").text
    assert "El documento de la solicitud no es en Serviweb de quien solicita" in told
    assert not [name for name in ("ROSA", "CHAUX", "Ana", "Ñáñez") if name in told]


def test_faults_are_named_all_at_once_in_spanish(api: Programa) -> None:
    """Each field that is wrong is told, whatever is wrong with it, and nothing was made."""
    _, client = api
    bad = BUENA | {"codigo": 5, "documento": "x", "celular": "1", "medidor": "sí", "apellidos": None, "sobra": 1}
    answer = client.post("/casos", json=bad)
    assert answer.status_code == 422
    told = {campo["campo"]: campo["problema"] for campo in answer.json()["campos"]}
    assert set(told) == {"codigo", "documento", "celular", "medidor", "apellidos", "sobra"}
    assert told["codigo"] == "debe ser texto"
    assert client.get("/casos").json()["casos"] == []


def test_other_data_of_an_open_case_is_a_conflict(api: Programa) -> None:
    """The field that differs is named."""
    _, client = api
    client.post("/casos", json=BUENA | {"codigo": "200301"}).raise_for_status()
    answer = client.post("/casos", json=BUENA | {"codigo": "200301", "celular": "3001112233"})
    assert answer.status_code == 409
    assert [campo["campo"] for campo in answer.json()["campos"]] == ["celular"]


def test_the_same_call_sent_at_once_acts_once(api: Programa, oficina_quieta: Oficina) -> None:
    """Eight equal calls with one key make one case, and a key of other data is refused."""
    _, client = api
    body, key = BUENA | {"codigo": "200302"}, {"Idempotency-Key": "llave-1"}

    def call(_: int) -> httpx.Response:
        return client.post("/casos", json=body, headers=key)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    again = call(0)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    with oficina_quieta.panel.store.read() as connection:
        assert connection.execute(select(casos.c.id).where(casos.c.codigo == "200302")).scalars().all() == [
            again.json()["id"]
        ]
    other = client.post("/casos", json=body | {"codigo": "200303"}, headers=key)
    assert (other.status_code, "otros datos" in other.json()["motivo"]) == (409, True)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/casos"),
        ("POST", "/casos"),
        ("GET", "/casos/R-0000000"),
        ("POST", "/casos/R-0000000/pago"),
        ("POST", "/casos/R-0000000/cancelar"),
        ("GET", "/casos/R-0000000/papeles/recibo-abono"),
        ("POST", "/lotes"),
        ("GET", "/lotes/L-0000000"),
        ("GET", "/ganchos"),
        ("POST", "/ganchos"),
        ("GET", "/ganchos/G-00000000"),
        ("DELETE", "/ganchos/G-00000000"),
    ],
)
def test_nobody_enters_without_a_token_that_permits_it(oficina_quieta: Oficina, method: str, path: str) -> None:
    """Without a token, or with a wrong one: 401. Without the permission: 403, and it is written down."""
    url = f"{oficina_quieta.url}/api{path}"
    for headers in ({}, {"Authorization": "Bearer swb_no"}, {"Authorization": "Basic YTpi"}):
        answer = httpx.request(method, url, headers=headers, json=BUENA if method == "POST" else None)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert set(answer.json()) == {"motivo", "que_hacer", "campos"}
    made, client = programa(oficina_quieta.panel, oficina_quieta.url, ["casos:leer:todos"])
    with client:
        answer = client.request(method, path, json=BUENA if method == "POST" else None)
    assert answer.status_code == 403, answer.text
    assert [act for act, _ in acts(oficina_quieta, made.quien)] == ["api_sin_permiso"]


def test_a_program_sees_its_own_cases(api: Programa, oficina_quieta: Oficina) -> None:
    """Another's case doesn't exist for it, unless it may see all."""
    _, client = api
    case = client.post("/casos", json=BUENA | {"codigo": "200304"}).json()["id"]
    _, other = programa(oficina_quieta.panel, oficina_quieta.url, ["casos:leer", "casos:crear", "pagos:registrar"])
    _, all_seeing = programa(oficina_quieta.panel, oficina_quieta.url, ["casos:leer", "casos:leer:todos"])
    with other, all_seeing:
        assert other.get(f"/casos/{case}").status_code == 404
        assert other.post(f"/casos/{case}/cancelar").status_code == 404
        assert other.post(f"/casos/{case}/pago", json={"recibo": "X", "fecha": "2026-01-01"}).status_code == 404
        assert other.get("/casos").json()["casos"] == []
        repeated = other.post("/casos", json=BUENA | {"codigo": "200304"})
        assert repeated.status_code == 409
        assert all_seeing.get(f"/casos/{case}").json()["id"] == case
        assert case in [one["id"] for one in all_seeing.get("/casos").json()["casos"]]


def test_a_program_acts_on_its_own_cases_alone(api: Programa, oficina_quieta: Oficina) -> None:
    """Who may see all cases may neither cancel nor pay those of others."""
    _, client = api
    case = client.post("/casos", json=BUENA | {"codigo": "200310"}).json()["id"]
    _, all_seeing = programa(oficina_quieta.panel, oficina_quieta.url)
    with all_seeing:
        assert all_seeing.get(f"/casos/{case}").status_code == 200
        assert all_seeing.post(f"/casos/{case}/cancelar").status_code == 404
        assert all_seeing.post(f"/casos/{case}/pago", json={"recibo": "X", "fecha": "2026-01-01"}).status_code == 404
    assert oficina_quieta.estado(case) == "en_cola"


def test_no_payment_is_taken_in_quarantine(api: Programa, oficina_quieta: Oficina) -> None:
    """The database is an old copy: nobody knows what it forgot."""
    _, client = api
    case = client.post("/casos", json=BUENA | {"codigo": "200311"}).json()["id"]
    cuarentena.put(oficina_quieta.panel.archivo(), "prueba")
    try:
        answer = client.post(f"/casos/{case}/pago", json={"recibo": "RC-311", "fecha": "2026-01-01"})
        assert (answer.status_code, "cuarentena" in answer.json()["motivo"]) == (409, True)
    finally:
        cuarentena.lift(oficina_quieta.panel.archivo(), "{}")


def test_after_an_error_of_ours_the_key_does_not_act(api: Programa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows what the first call did: the same key says so, and makes nothing."""
    _, client = api
    body, key = BUENA | {"codigo": "200312"}, {"Idempotency-Key": "llave-rota"}

    def broken(*_: object, **__: object) -> None:
        raise StoreDownError

    with monkeypatch.context() as patched:
        patched.setattr("robot.panel.api.casos.take", broken)
        assert client.post("/casos", json=body, headers=key).status_code == 503
    again = client.post("/casos", json=body, headers=key)
    assert (again.status_code, again.json()["motivo"]) == (409, "No se sabe si esa llamada se hizo")
    assert body["codigo"] not in [row["codigo"] for row in client.get("/casos").json()["casos"]]


def test_a_refused_call_may_be_sent_again_with_its_key(api: Programa, oficina_quieta: Oficina) -> None:
    """What was refused was not done."""
    _, client = api
    body, key = BUENA | {"codigo": "200314"}, {"Idempotency-Key": "llave-negada"}
    cuarentena.put(oficina_quieta.panel.archivo(), "prueba")
    try:
        assert client.post("/casos", json=body, headers=key).status_code == 409
    finally:
        cuarentena.lift(oficina_quieta.panel.archivo(), "{}")
    assert client.post("/casos", json=body, headers=key).status_code == 201


def test_a_list_goes_on_page_by_page(api: Programa) -> None:
    """A cursor leads to the next page, and no case is on two; a wrong one is told."""
    _, client = api
    rows = [BUENA | {"codigo": f"3{number:05}"} for number in range(120)]
    lot = client.post("/lotes", json={"solicitudes": rows})
    assert (lot.status_code, lot.json()["nuevas"]) == (201, 120), lot.text
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = client.get("/casos", params={"estado": "en_cola"} | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["id"] for one in page["casos"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 120
    assert client.get("/casos", params={"codigo": "300007"}).json()["casos"][0]["codigo"] == "300007"
    assert client.get("/casos", params={"cursor": "nada"}).status_code == 422
    assert client.get("/casos", params={"desde": "2100-01-01"}).json() == {"casos": [], "cursor": None}


def test_a_case_is_cancelled_once(api: Programa, oficina_quieta: Oficina) -> None:
    """Cancelling twice is no fault, and the journal says who did."""
    made, client = api
    case = client.post("/casos", json=BUENA | {"codigo": "200305"}).json()["id"]
    assert [client.post(f"/casos/{case}/cancelar").json()["estado"] for _ in range(2)] == ["cancelado"] * 2
    assert ("api_caso_cancelar", case) in acts(oficina_quieta, made.quien)


def test_a_wrong_payment_names_its_fields(api: Programa) -> None:
    """A date that is none, or is to come, is told."""
    _, client = api
    case = client.post("/casos", json=BUENA | {"codigo": "200306"}).json()["id"]
    for fecha in ("mañana", "2999-01-01"):
        answer = client.post(f"/casos/{case}/pago", json={"recibo": "RC-1", "fecha": fecha})
        assert answer.status_code == 422
        assert [campo["campo"] for campo in answer.json()["campos"]] == ["fecha"]


@pytest.mark.parametrize("todo_o_nada", [False, True])
def test_a_batch_tells_of_each_row(api: Programa, oficina_quieta: Oficina, *, todo_o_nada: bool) -> None:
    """Good rows are taken and bad ones told; with all or nothing, none is taken."""
    made, client = api
    first = 400100 + 10 * todo_o_nada
    rows: list[dict[str, Any]] = [BUENA | {"codigo": str(first)}, BUENA | {"codigo": str(first + 1), "celular": "1"}]
    answer = client.post("/lotes", json={"solicitudes": rows, "todo_o_nada": todo_o_nada, "nombre": "Corte"})
    if todo_o_nada:
        assert answer.status_code == 422
        assert [(one["fila"], one["campo"]) for one in answer.json()["campos"]] == [(2, "celular")]
        assert client.get("/casos").json()["casos"] == []
        return
    assert answer.status_code == 201, answer.text
    lot = answer.json()
    assert [(one["fila"], one["resultado"]) for one in lot["filas"]] == [(1, "nuevo"), (2, "error")]
    seen = client.get(answer.headers["Location"].removeprefix("/api")).json()
    assert (seen["nombre"], [one["estado"] for one in seen["filas"]]) == ("Corte", ["en_cola"])
    _, other = programa(oficina_quieta.panel, oficina_quieta.url, ["lotes:crear"])
    with other:
        assert other.get(f"/lotes/{lot['id']}").status_code == 404
    assert "api_lote" in [act for act, _ in acts(oficina_quieta, made.quien)]


def test_a_batch_comes_as_the_panels_file_too(api: Programa) -> None:
    """CSV with the template's columns is taken; what isn't a file of requests is told."""
    _, client = api
    lines = [";".join(BUENA), ";".join("sí" if one is True else str(one) for one in BUENA.values())]
    body = "\r\n".join([lines[0], lines[1].replace("100234", "400200"), lines[1].replace("100234", "4")]).encode()
    answer = client.post("/lotes?nombre=corte.csv", content=body, headers={"Content-Type": "text/csv; charset=utf-8"})
    assert answer.status_code == 201, answer.text
    assert [(one["fila"], one["resultado"]) for one in answer.json()["filas"]] == [(2, "nuevo"), (3, "error")]
    assert client.post("/lotes", content=b"a;b\n1;2", headers={"Content-Type": "text/csv"}).status_code == 422
    assert client.post("/lotes", content=b"<a/>", headers={"Content-Type": "text/xml"}).status_code == 415


def test_health_says_nothing_private_and_asks_for_no_token(oficina_quieta: Oficina) -> None:
    """Whoever watches the panel needs no token."""
    answer = httpx.get(f"{oficina_quieta.url}/api/salud")
    assert (answer.status_code, answer.json()) == (200, {"estado": "bien"})


def test_whoever_calls_too_fast_is_told_to_wait(oficina_quieta: Oficina) -> None:
    """After its reserve a program gets 429 with the seconds to wait; another one is not slowed."""
    _, client = programa(oficina_quieta.panel, oficina_quieta.url, ["ganchos:administrar"])
    _, other = programa(oficina_quieta.panel, oficina_quieta.url, ["ganchos:administrar"])
    with client, other:
        refused = next(answer for _ in range(1000) if (answer := client.get("/ganchos")).status_code != 200)
        assert (refused.status_code, int(refused.headers["Retry-After"]) >= 1) == (429, True)
        assert other.get("/ganchos").status_code == 200


def test_an_administrator_makes_and_revokes_a_token(oficina_quieta: Oficina) -> None:
    """The token is shown once and works until it is revoked, which is written down; others have no such page."""
    page = oficina_quieta.como("admin", "/clientes")
    page.get_by_label("Nombre").fill("Página web")
    page.get_by_role("button", name="Crear el token").click()
    token = page.locator("#token").inner_text()
    ask = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{oficina_quieta.url}/api/casos", headers=ask).status_code == 200
    page.goto(f"{oficina_quieta.url}/clientes")
    assert token not in page.content()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("row").filter(has_text="Página web").get_by_role("button", name="Revocar").click()
    page.get_by_role("row").filter(has_text="Página web").get_by_text("Revocado").wait_for()
    assert httpx.get(f"{oficina_quieta.url}/api/casos", headers=ask).status_code == 401
    assert [act for act, _ in acts(oficina_quieta, "admin") if act.startswith("cliente_")] == [
        "cliente_crear",
        "cliente_revocar",
    ]
    assert oficina_quieta.como("sofia", "/clientes").get_by_text("Su rol no permite").is_visible()
