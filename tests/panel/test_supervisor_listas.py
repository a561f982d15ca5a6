"""What a supervisor looks through: the list with filters and search, today, clocks, reviews; an advisor's own."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from a_request import request as solicitud
from anyio.from_thread import BlockingPortal
from oficina import Oficina
from playwright.sync_api import Page, expect
from some_figures import a_payment
from sqlalchemy import text

from robot.panel.indexacion import indexar
from robot.records.store import acciones, buscador, muestra
from robot.records.store.engine import stamp
from robot.records.store.requests import Batch, NewCase, take
from robot.work import muestreo

CASES = 130
PRIVATE = ("40781234", "3104567890")


def put(oficina: Oficina, n: int, **changed: object) -> str:
    """Put one case of a subscriber into the database; no robot works here."""
    known = {"codigo": str(700_000 + n), "documento": str(50_000_000 + n), "celular": f"300{n:07d}"}
    (taken,) = take(oficina.panel.store, [NewCase(solicitud=solicitud(**{**known, **changed}))], Batch())
    return taken.caso


def change(oficina: Oficina, caso: str, **values: object) -> None:
    """Change a case's row, as the robot's work would have."""
    named = ", ".join(f"{name} = :{name}" for name in values)
    with oficina.panel.store.write() as connection:
        connection.execute(text(f"UPDATE casos SET {named} WHERE id = :id"), {**values, "id": caso})


@pytest.fixture(scope="module")
def llena(oficina_quieta: Oficina) -> Oficina:
    """Give an office with cases of two advisors, in several states."""
    oficina, now = oficina_quieta, datetime.now(UTC)
    for n in range(CASES):
        extra = {"suscriptor": "Zoraida Peña", "documento": PRIVATE[0], "celular": PRIVATE[1]} if n == 3 else {}
        caso = put(oficina, n, **extra)
        when = stamp(now - timedelta(days=40) + timedelta(minutes=n))
        estado = "rechazado" if n % 10 == 3 else "terminado"
        motivo = f"El suscriptor {700_000 + n} tiene otra factura pendiente: F-{n}" if estado == "rechazado" else ""
        asesor = "ana" if n % 2 else "beto"
        change(oficina, caso, estado=estado, motivo=motivo, asesor=asesor, creado=when, cambiado=when)
    return oficina


def search(page: Page, what: str) -> None:
    """Type into the list's own search and send it."""
    page.get_by_label("Nombre, código, número").fill(what)
    page.get_by_role("button", name="Buscar", exact=True).click()


def test_filter_and_turn_pages(llena: Oficina) -> None:
    """A supervisor filters by state, goes forward and back, and the address holds the filter."""
    page = llena.como("sofia", "/casos")
    expect(page.get_by_text(f"{CASES} casos")).to_be_visible()
    first = page.locator("tbody a.mono").first.inner_text()
    page.get_by_role("link", name="Más antiguos").click()
    expect(page).to_have_url(re.compile("despues="))
    assert page.locator("tbody a.mono").first.inner_text() != first
    page.get_by_role("link", name="Más antiguos").click()
    expect(page.get_by_role("link", name="Más antiguos")).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(CASES - 100)
    for _ in range(2):
        page.get_by_role("link", name="Más nuevos").click()
        page.wait_for_load_state()
    expect(page.locator("tbody a.mono").first).to_have_text(first)
    page.get_by_text("Más filtros").click()
    page.get_by_label("Rechazado").check()
    page.get_by_role("button", name="Aplicar").click()
    expect(page).to_have_url(re.compile(r"/casos\?estado=rechazado$"))
    expect(page.get_by_text("13 casos")).to_be_visible()
    page.get_by_text("Más filtros").click()
    page.get_by_label("Motivo").select_option("El suscriptor … tiene otra factura pendiente")
    page.get_by_role("button", name="Aplicar").click()
    expect(page.locator("tbody tr")).to_have_count(13)
    page.get_by_role("link", name="Quitar el estado Rechazado").click()
    expect(page).to_have_url(re.compile(r"/casos\?clase=[^&]*$"))


def test_save_apply_and_delete_a_filter(llena: Oficina) -> None:
    """A filter is kept by its name, for that person alone, applied with one click, and deleted."""
    page = llena.como("sofia", "/casos?estado=rechazado&asesor=ana")
    page.get_by_text("Guardar este filtro").click()
    page.get_by_label("Nombre del filtro").fill("Rechazados de Ana")
    page.get_by_role("button", name="Guardar", exact=True).click()
    saved = page.get_by_role("navigation", name="Filtros guardados").get_by_role("link", name="Rechazados de Ana")
    expect(saved).to_have_attribute("aria-current", "true")
    page.goto(f"{llena.url}/casos")
    saved.click()
    expect(page.locator("tbody tr")).to_have_count(13)
    other = llena.como("marta", "/casos")
    expect(other.get_by_role("navigation", name="Filtros guardados")).to_have_count(0)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Borrar el filtro Rechazados de Ana").click()
    expect(saved).to_have_count(0)


@pytest.mark.parametrize(
    "what", ["zorai", "peña zoraida", "700003 zoraida", "700003", "40.781.234", "3104567890", "+57 310 456 7890"]
)
def test_search_by_name_code_document_and_phone(llena: Oficina, what: str) -> None:
    """The beginning of a name, a code, an exact document or phone find the case."""
    page = llena.como("sofia", "/casos")
    search(page, what)
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("ZORAIDA PEÑA")


def test_of_a_number_of_ten_digits_the_phone_and_the_document_are_found(llena: Oficina) -> None:
    """It may be either, so the address carries two hashes: one case has it as its phone, another as its document."""
    for n, changed in ((801, {"celular": "3126845882"}), (802, {"documento": "3126845882"})):
        put(llena, n, suscriptor="Otra Persona", **changed)
    page = llena.como("sofia", "/casos")
    search(page, "3126845882")
    expect(page).to_have_url(re.compile(r"\?x=[0-9a-f]{64}\.[0-9a-f]{64}$"))
    assert page.locator("tbody td[data-t=Código]").all_inner_texts() == ["700802", "700801"]
    with llena.panel.store.write() as connection:  # the other tests count the office's cases
        for table in ("palabras", "exactas", "valores"):
            query = f"DELETE FROM {table} WHERE caso IN (SELECT id FROM casos WHERE codigo IN ('700801', '700802'))"
            connection.execute(text(query))
        connection.execute(text("DELETE FROM casos WHERE codigo IN ('700801', '700802')"))


def test_a_document_stands_in_no_address_and_no_journal(llena: Oficina) -> None:
    """What was typed goes on as its keyed hash, also when it stood in the address and when it finds nothing."""
    page = llena.como("sofia", "/casos")
    seen: list[str] = []
    page.on("framenavigated", lambda frame: seen.append(frame.url))
    for what in ("40781234", "3104567890", "99887766"):
        search(page, what)
        expect(page).to_have_url(re.compile(r"\?x=[0-9a-f]{64}"))
    expect(page.get_by_text("Ningún caso tiene ese documento o celular")).to_be_visible()
    search(page, "zoraida 40781234")
    expect(page.get_by_role("alert")).to_contain_text("Busque el documento o el celular solo")
    page.goto(f"{llena.url}/casos?q=40781234")
    assert "40781234" not in page.url
    assert not [url for url in seen if any(value in url for value in (*PRIVATE, "99887766")) and "?q=" not in url]
    with llena.panel.store.read() as connection:
        noted = "".join(connection.execute(text("SELECT detalle FROM acciones")).scalars())
    assert not [value for value in (*PRIVATE, "99887766", "zorai") if value in noted]
    assert "busqueda" in {row["accion"] for row in all_acts(llena)}


def all_acts(oficina: Oficina) -> list[dict[str, str]]:
    """Return what the audit journal holds, and see that its chain is whole."""
    assert acciones.verify(oficina.panel.store).rota is None
    with oficina.panel.store.read() as connection:
        return [dict(row) for row in connection.execute(text("SELECT accion, quien FROM acciones")).mappings()]


def test_an_advisor_sees_only_her_own(llena: Oficina) -> None:
    """Ana's list has her cases, whatever the address asks, and the supervisor's pages are refused to her."""
    page = llena.como("ana", "/mis-casos")
    expect(page.get_by_text(f"{CASES // 2} casos")).to_be_visible()
    page.goto(f"{llena.url}/mis-casos?asesor=beto")
    expect(page.get_by_text(f"{CASES // 2} casos")).to_be_visible()
    search(page, "700002")
    expect(page.get_by_text("Ningún caso corresponde")).to_be_visible()
    for path in ("/casos", "/hoy", "/plazos", "/revision", "/casos/exportar/csv"):
        answer = page.request.get(f"{llena.url}{path}")
        assert answer.status == 403, path
    sheet = page.request.get(f"{llena.url}/mis-casos/exportar/csv?asesor=beto").text()
    assert {row["Asesor"] for row in csv.DictReader(io.StringIO(sheet.lstrip("\ufeff")), delimiter=";")} == {"ana"}


def test_sheets_have_all_pages(llena: Oficina, tmp_path: Path) -> None:
    """What is shown is exported whole, in both forms; formulas stay text."""
    page = llena.como("sofia", "/casos?estado=rechazado")
    for name in ("CSV", "Excel"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        if name == "CSV":
            lines = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))
            assert (len(lines), {row["Estado"] for row in lines}) == (13, {"Rechazado"})
        else:
            from openpyxl import load_workbook

            assert load_workbook(path, read_only=True).active.max_row in (None, 14)


def test_today_leads_to_what_it_counts(llena: Oficina) -> None:
    """Each figure of the first page is a link to those cases."""
    caso = put(llena, 900)
    change(llena, caso, estado="incompleto", motivo="Se guardó la factura y no el abono")
    page = llena.como("sofia", "/")
    expect(page.get_by_role("heading", name="Hoy", exact=True)).to_be_visible()
    page.get_by_role("link", name=re.compile("incompletos?")).click()
    expect(page.locator("tbody")).to_contain_text(caso)
    page.goto(f"{llena.url}/hoy")
    page.get_by_role("link", name=re.compile("casos? nuevos?")).click()
    expect(page.locator("tbody")).to_contain_text(caso)


def test_clocks_are_in_order_and_an_answer_is_marked(llena: Oficina) -> None:
    """What is overdue stands in front; a person says that a petition was answered, and the journal says who."""
    late, soon, filed = (put(llena, n) for n in (910, 911, 912))
    now = datetime.now(UTC)
    unshown = put(llena, 913)
    change(llena, unshown, estado="esperando_pago", etapa="tramite", vence=stamp(now + timedelta(hours=20)))
    change(llena, late, etapa="tramite", vence=stamp(now - timedelta(hours=2)))
    change(llena, soon, etapa="tramite", vence=stamp(now + timedelta(hours=1)))
    change(llena, filed, estado="terminado", etapa="tramite", por_responder=stamp(now - timedelta(days=60)))
    page = llena.como("sofia", "/plazos")
    order = [row.inner_text() for row in page.locator("tbody tr").all()]
    assert [caso for line in order for caso in (late, soon, filed) if caso in line] == [filed, late, soon]
    expect(page.locator("tr", has_text=unshown)).to_contain_text("Comprobar el pago, que Serviweb no muestra")
    expect(page.locator("tr.vencido")).to_have_count(2)
    expect(page.locator("tr.pronto")).to_have_count(1)
    page.get_by_role("link", name=re.compile("Responder la petición")).click()
    page.get_by_text("Ya se respondió").click()
    page.get_by_label("Con qué").fill("Oficio 77")
    page.get_by_role("button", name="Marcar como respondida").dblclick()
    expect(page.get_by_text("Ningún plazo corre")).to_be_visible()
    (noted,) = [row for row in acciones.of_case(llena.panel.store, filed) if row["accion"] == "peticion_respondida"]
    assert (noted["quien"], "Oficio 77" in noted["detalle"]) == ("sofia", True)
    for caso in (late, soon, unshown):
        change(llena, caso, estado="cancelado")


def test_review_and_sign(llena: Oficina) -> None:
    """A drawn case is looked at and signed by somebody else than its advisor, with a word where something is odd."""
    mine, other, paid = put(llena, 920), put(llena, 921), put(llena, 922)
    change(llena, mine, estado="terminado", asesor="sofia")
    change(llena, other, estado="terminado", asesor="ana")
    change(llena, paid, estado="terminado", asesor="ana")
    a_payment(llena.panel.store, paid, datetime.now(UTC).date(), por="sofia")
    muestreo.choose(llena.panel.store, llena.panel.boveda, 100)
    page = llena.como("sofia", "/revision")
    expect(page.locator("tr", has_text=mine)).to_contain_text("Revísela otra persona")
    expect(page.locator("tr", has_text=paid)).to_contain_text("Usted registró su pago")
    for own in (mine, paid):
        page.goto(f"{llena.url}/revision/{own}")
        expect(page.get_by_text("Revísela otra persona")).to_be_visible()
        expect(page.get_by_role("button", name="Firmar la revisión")).to_have_count(0)
    page.goto(f"{llena.url}/revision/{other}")
    page.get_by_label("Con observaciones").check()
    page.get_by_role("button", name="Firmar la revisión").click()
    expect(page.get_by_role("alert")).to_contain_text("Faltan las observaciones")
    page.get_by_label("Observaciones (").fill("Falta una firma en el papel")
    page.get_by_role("button", name="Firmar la revisión").dblclick()
    expect(page.get_by_text("Falta una firma en el papel")).to_be_visible()
    review = muestra.of(llena.panel.store, other)
    assert review is not None
    assert (review["revisor"], review["dictamen"]) == ("sofia", "con_observaciones")


def test_the_background_makes_cases_searchable(llena: Oficina, portal: BlockingPortal) -> None:
    """A case that was just made is indexed without anybody searching, and finished ones are drawn."""
    caso = put(llena, 930)
    task = portal.start_task_soon(indexar, llena.panel)
    llena.espera(lambda: not buscador.pending(llena.panel.store))
    later = put(llena, 931)
    llena.espera(lambda: not buscador.pending(llena.panel.store))
    task.cancel()
    with llena.panel.store.read() as connection:
        query = text("SELECT DISTINCT caso FROM palabras WHERE palabra = 'nanez' AND caso IN (:a, :b)")
        assert set(connection.execute(query, {"a": caso, "b": later}).scalars()) == {caso, later}
