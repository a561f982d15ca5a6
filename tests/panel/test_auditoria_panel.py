"""The audit journal's page: filters, pages, the file, the proof, and that looking is itself written down."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from oficina import CLAVE
from playwright.sync_api import Browser, Page, expect
from puerta import Puerta, puerta_en
from sqlalchemy import update

from robot.records.store import acciones
from robot.records.store.schema_panel import acciones as rows
from robot.settings import BOGOTA


@pytest.fixture(scope="module")
def puerta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Puerta]:
    """Give a panel whose journal has some acts."""
    with puerta_en(tmp_path_factory.mktemp("auditoria")) as puerta:
        for n in range(230):
            caso = "R-2ABCDEF" if n % 10 == 0 else None
            detail = {"nota": "=1+1"} if n == 0 else {}
            acciones.note(puerta.panel.store, "ve_caso", quien="ana", rol="asesor", caso=caso, **detail)
        yield puerta


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page that nobody entered with."""
    with browser.new_context(locale="es-CO", viewport={"width": 1366, "height": 768}) as context:
        yield context.new_page()


def shown(page: str) -> list[int]:
    """Return the numbers of the acts on a page."""
    found = re.findall(r'data-t="N\.º" class="num">([\d.]+)<', page)
    return [int(text.replace(".", "")) for text in found]


def test_pages_go_back_to_the_first_act(puerta: Puerta) -> None:
    """Each page follows the one before, without repeating or leaving out."""
    sofia, path, seen = puerta.como("sofia"), "/auditoria?persona=ana", []
    while path:
        page = sofia.get(path).text
        seen += shown(page)
        older = re.search(r'href="(/auditoria\?[^"]*)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == len(seen) >= 230


def test_filters_are_a_case_a_day_an_act(puerta: Puerta) -> None:
    """Alone and together; a day is Colombia's; what is no day filters nothing."""
    sofia = puerta.como("sofia")
    today = datetime.now(BOGOTA).date()
    assert len(shown(sofia.get("/auditoria?caso=r-2abcdef").text)) == 23
    assert shown(sofia.get("/auditoria?caso=R-2ABCDEF&accion=ingreso").text) == []
    assert len(shown(sofia.get(f"/auditoria?caso=R-2ABCDEF&desde={today}&hasta={today}").text)) == 23
    assert shown(sofia.get(f"/auditoria?caso=R-2ABCDEF&desde={today + timedelta(days=1)}").text) == []
    assert shown(sofia.get(f"/auditoria?caso=R-2ABCDEF&hasta={today - timedelta(days=1)}").text) == []
    for odd in ("desde=ayer", "hasta=9999-12-31", "antes=-1", "antes=1e9", "antes=" + "9" * 40, "desde=0001-01-01"):
        assert sofia.get(f"/auditoria?{odd}").status_code == 200


def test_the_file_holds_what_was_asked_for(puerta: Puerta) -> None:
    """Excel reads it, and runs nothing of it."""
    answer = puerta.como("sofia").get("/auditoria/csv?caso=R-2ABCDEF")
    assert answer.headers["content-disposition"] == 'attachment; filename="auditoria.csv"'
    assert answer.text.startswith("\ufeff")
    lines = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert len(lines) == 23
    assert lines[0]["detalle"] == '{"nota": "=1+1"}'
    assert not [cell for line in lines for cell in line.values() if re.match(r"[=+\-@\t\r]", cell)]


def test_looking_is_written_down(puerta: Puerta) -> None:
    """Who looked at the journal, checked it or took a copy."""
    marta = puerta.como("marta")
    for path in ("/auditoria", "/auditoria/cadena", "/auditoria/csv"):
        assert marta.get(path).status_code == 200
    done = [row["accion"] for row in puerta.hecho(quien="marta")]
    assert done == ["auditoria_exportada", "auditoria_comprobada", "ver_auditoria"]
    assert datetime.fromisoformat(puerta.hecho(quien="marta")[0]["cuando"]) <= datetime.now(UTC)


def test_the_proof_is_a_button(puerta: Puerta, page: Page) -> None:
    """Whole, it says so; altered, it names the act."""
    page.goto(f"{puerta.url}/ingresar?sigue=/auditoria")
    page.get_by_label("Usuario", exact=True).fill("sofia")
    page.get_by_label("Clave", exact=True).fill(CLAVE)
    page.get_by_role("button", name="Ingresar", exact=True).click()
    button = page.get_by_role("button", name="Comprobar que está íntegra")
    button.click()
    expect(page.get_by_text("La auditoría está íntegra")).to_be_visible()
    with puerta.panel.store.write() as connection:
        connection.execute(update(rows).where(rows.c.n == 7).values(quien="nadie"))
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("La acción número 7")
