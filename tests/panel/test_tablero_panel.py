"""Dashboard, reports and checks of the screens, as a supervisor and an administrator use them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import openpyxl
import pytest
from oficina import Oficina, oficina_con
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from some_figures import a_case, a_document, a_payment, steps
from vitrina import ROOT

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.checking.fingerprint import Fingerprint, Place
from robot.browser.maps import load as load_map
from robot.records import revision_mapa
from robot.records.store import encargos
from robot.records.store.engine import stamp
from robot.resources import map_folder
from robot.settings import BOGOTA

CHARTS = ("por_dia", "plazo", "espera", "paso", "motivos")
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
SIZES: tuple[tuple[int, int, Literal["light", "dark"]], ...] = ((1366, 768, "light"), (390, 844, "dark"))
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f0003830181a0ba5fb60000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def llena(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oficina]:
    """Give an office with two days of cases, a comparison with Serviweb, and a map of its own that was checked."""
    folder = tmp_path_factory.mktemp("tablero")
    mapa = folder / "mapa"
    shutil.copytree(map_folder("mock"), mapa)
    with oficina_con(browser, folder, con_robot=False, mapa=str(mapa)) as oficina:
        _fill(oficina)
        _compare(oficina.panel.settings.informes)
        _check(oficina, "2026-11-20-080000", changed=False)
        _check(oficina, "2026-11-21-080000", changed=True)
        yield oficina


def _fill(oficina: Oficina) -> None:
    store = oficina.panel.store
    now = datetime.now(UTC)
    today = now.astimezone(BOGOTA).date()
    yesterday = now - timedelta(days=1)
    for number in range(1, 4):
        due = stamp(yesterday + timedelta(hours=24))
        case = a_case(store, number, yesterday, "terminado", asesor="ana", vence=due)
        a_document(store, case, "tramite", yesterday + timedelta(hours=1 if number < 3 else 30))
        a_payment(store, case, today - timedelta(days=1))
        steps(store, case, yesterday, p4=number * 100, p14=2000)
    waiting = a_case(store, 4, yesterday, "esperando_pago", asesor="ana")
    a_document(store, waiting, "abono", yesterday)
    a_case(store, 5, now, "rechazado", asesor="beto", motivo="La cédula 40781234 es de otra persona")
    a_case(store, 6, now, "en_duda", asesor="beto", motivo="=HOY() no hubo respuesta")


def _compare(informes: Path) -> None:
    folder = informes / "2026-11-20"
    folder.mkdir(parents=True)
    titles = "Diferencia;Documento;Número;Código;Caso;Detalle;Qué hacer;Fecha en Serviweb;Usuario en Serviweb"
    row = "Solo en el robot;Recibo;RC-8120;100234;R-0000001;No está en sus listas;Mire el caso;;"
    (folder / "conciliacion.csv").write_text(f"{titles}\r\n{row}\r\n", encoding="utf-8-sig")


def _check(oficina: Oficina, name: str, *, changed: bool) -> None:
    maps = oficina.panel.maps
    folder = oficina.panel.settings.revisiones / name
    folder.mkdir(parents=True)
    look = Fingerprint("button", "button", "Guardar factura", "submit", "", Place(0.1, 0.2, 0.1, 0.05))
    lines = {"role": "button", "name": "Guardar factura"}
    candidate = {
        "candidato": 1,
        "que": "el botón «Guardar factura»",
        "parecido": 0.83,
        "lineas": lines,
        "toml": 'role = "button"\nname = "Guardar factura"',
        "huella": asdict(look),
    }
    revision = {
        "mapa": maps.name,
        "carpeta_mapa": str(maps.folder),
        "sha256": maps.sha256,
        "cuando": f"{name[:10]}T13:00:00+00:00",
        "segundos": 9.5,
        "url": "http://serviweb/",
        "usuario": "asesor2",
        "navegador": "Chromium",
        "guardado_bloqueado": "comprobado",
        "bloqueados": [],
        "hay_cambios": changed,
        "resumen": {"falta": 1, "encontrado": 1} if changed else {"encontrado": 2},
        "avisos": [],
        "controles": [
            _control("factura.guardar", "falta" if changed else "encontrado", [candidate] if changed else []),
            _control("factura.imprimir", "encontrado", []),
        ],
        "imagenes": [
            {"pantalla": "factura", "titulo": "Factura", "archivo": "factura-1.png", "controles": ["factura.guardar"]}
        ],
    }
    (folder / "factura-1.png").write_bytes(PNG)
    (folder / "secreto.txt").write_text("no es una imagen", "utf-8")
    revision_mapa.escribir(revision, folder)


def _control(title: str, verdict: str, candidates: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "control": title,
        "pantalla": "factura",
        "titulo_pantalla": "Factura",
        "paso": "14",
        "veredicto": verdict,
        "detalle": "no está en la pantalla" if candidates else "",
        "coincidencias": 0 if candidates else 1,
        "candidatos": candidates,
    }


def rows(page: Page, region: str) -> list[list[str]]:
    """Return the cells of a table of the page."""
    body = page.get_by_role("region", name=region, exact=True).locator("tbody tr")
    return [row.locator("td").all_inner_texts() for row in body.all()]


def opened(page: Page) -> Page:
    """Open all tables of a page."""
    page.evaluate("for (const one of document.querySelectorAll('details.cifras-de')) one.open = true")
    return page


def test_every_chart_is_drawn_from_its_table(llena: Oficina) -> None:
    """Each canvas has something painted on it, and the chart's values are the table's."""
    page = opened(llena.como("sofia", "/tablero?periodo=7"))
    for name in CHARTS:
        canvas = page.locator(f"#g-{name}")
        expect(canvas).to_be_visible()
        assert "tabla de abajo" in (canvas.get_attribute("aria-label") or "")
        painted = canvas.evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 == 3 && v)"
            ".length"
        )
        assert painted > 500, name
    shown = page.evaluate("Chart.getChart('g-por_dia').data.datasets.map(d => [d.label, d.data])")
    table = rows(page, "Tabla: Casos por día")
    titles = page.get_by_role("region", name="Tabla: Casos por día").locator("th").all_inner_texts()
    for label, values in shown:
        assert [row[titles.index(label)] for row in table] == [str(value) for value in values]
    assert [row[-1] for row in table] == ["0", "0", "0", "0", "0", "4", "2"]
    kept = page.evaluate("Chart.getChart('g-plazo').data.datasets[0].data")
    assert kept[-2:] == [pytest.approx(66.667), None]
    told = rows(page, "Tabla: Trámite radicado dentro de las 24 horas del pago")
    assert told[-2][1:] == ["3", "2", "1", "0", "66,7 %".replace(" ", "\u00a0")]


def test_the_figures_on_top_and_the_reasons(llena: Oficina) -> None:
    """The figures are those of the cases; a reason is shown without what is somebody's own."""
    page = opened(llena.como("sofia", "/tablero?periodo=7"))
    figures = page.locator("dl.cifras .cifra")
    expect(figures.filter(has_text="Casos hoy").locator("b")).to_have_text("2")
    expect(figures.filter(has_text="Casos del período").locator("b")).to_have_text("6")
    expect(figures.filter(has_text="En duda ahora").locator("b")).to_have_text("1")
    assert rows(page, "Tabla: Motivos de falla") == [
        ["=HOY() no hubo respuesta", "En duda", "1", "50,0\u00a0%"],
        ["La cédula … es de otra persona", "Rechazado", "1", "50,0\u00a0%"],
    ]
    assert rows(page, "Tabla: Pagos que se esperan")[1] == ["1 a 3 días", "1", "$ 98.700"]
    expect(page.get_by_role("region", name="Diferencias con Serviweb")).to_contain_text("RC-8120")


def test_a_step_is_chosen_in_place_and_stands_in_the_address(llena: Oficina) -> None:
    """Choosing a step draws its times anew, in the page and in its table; the address can be passed on."""
    page = opened(llena.como("sofia", "/tablero?periodo=7"))
    assert rows(page, "Tabla: Paso 4 en el tiempo")[-2][1:] == ["3", "0,2", "0,3"]
    page.get_by_label("Paso", exact=True).select_option("14")
    expect(page.locator("#t-paso + p")).to_contain_text("Paso 14")
    expect(page).to_have_url(re.compile("periodo=7.*paso=14"))
    opened(page)
    assert rows(page, "Tabla: Paso 14 en el tiempo")[-2][1:] == ["3", "2,0", "2,0"]
    assert page.evaluate("Chart.getChart('g-paso').data.datasets[0].data.at(-2)") == 2
    assert rows(page, "Tabla: Duración de cada paso") == [
        ["4", "Título 4", "3", "0,2", "0,3"],
        ["14", "Título 14", "3", "2,0", "2,0"],
    ]


def test_the_theme_recolours_the_charts(llena: Oficina) -> None:
    """A chart takes its colours from the theme, also after somebody changes it."""
    page = llena.como("sofia", "/tablero?periodo=7")
    colour = "Chart.getChart('g-plazo').data.datasets[0].borderColor"
    assert page.evaluate(colour) == "#14692f"
    page.locator("details.yo summary").click()
    page.get_by_role("button", name="Oscuro").click()
    page.wait_for_function(f"{colour} === '#7fd79a'")


def test_the_filters_are_in_the_address(llena: Oficina) -> None:
    """Dates and advisor are sent as the address; dates the wrong way round are told in the page."""
    page = llena.como("sofia", "/tablero")
    page.get_by_label("Asesor").select_option("beto")
    page.get_by_role("button", name="Ver", exact=True).click()
    expect(page).to_have_url(re.compile("asesor=beto.*periodo=otro"))
    expect(page.locator("dl.cifras .cifra").filter(has_text="Casos del período").locator("b")).to_have_text("2")
    page.goto(f"{llena.url}/tablero?periodo=otro&desde=2026-02-02&hasta=2026-02-01")
    expect(page.get_by_role("alert")).to_contain_text("El primer día está después del último")


def test_what_is_exported_is_what_is_shown(llena: Oficina) -> None:
    """The workbook has a sheet per block with the page's own figures; the CSV has them too, guarded."""
    page = opened(llena.como("sofia", "/tablero?periodo=7&paso=4"))
    with page.expect_download() as book:
        page.get_by_role("link", name="Excel", exact=True).click()
    sheets = openpyxl.load_workbook(io.BytesIO(book.value.path().read_bytes()))
    assert len(sheets.sheetnames) == 8
    cells = [list(row) for row in sheets["Duración de cada paso"].iter_rows(min_row=2, values_only=True)]
    assert cells == [["4", "Título 4", 3, 0.2, 0.3], ["14", "Título 14", 3, 2, 2]]
    shown = rows(page, "Tabla: Casos por día")
    exported = sheets["Casos por día"].iter_rows(min_row=2, values_only=True)
    assert [[f"{row[0]:%d/%m/%Y}", *map(str, row[1:])] for row in exported] == shown
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    raw = download.value.path().read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert ["'=HOY() no hubo respuesta", "En duda", "1", "50,0 %"] in lines
    assert all(row in lines for row in shown)


def test_an_advisor_is_refused(llena: Oficina) -> None:
    """None of these pages and files is an advisor's."""
    page = llena.como("ana")
    for path in (
        "/tablero",
        "/tablero/exportar",
        "/informes",
        "/informes/diario.pdf",
        "/informes/informe.xlsx",
        "/informes/planilla.pdf",
        "/pantallas",
        "/pantallas/2026-11-21-080000",
        "/pantallas/2026-11-21-080000/factura-1.png",
    ):
        assert page.request.get(llena.url + path).status == 403, path


def test_the_days_papers(llena: Oficina) -> None:
    """The PDF, the page, the workbook and the planilla of a day are given; a day to come is refused kindly."""
    store = llena.panel.store
    given = {"documento": "factura", "codigo": "1"}
    number = encargos.ask(
        store, "R-0000006", "no_existe", datos=given, persona="Sofía (sofia)", motivo="no está", segunda=True
    )
    encargos.confirm(store, number, "Marta (marta)")
    taken = encargos.take(store, "w")
    assert taken is not None
    encargos.end(store, number, "w", "hecho", "comprobado")
    page = llena.como("sofia", "/hoy")
    page.get_by_role("navigation", name="Secciones").get_by_role("link", name="Informes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Informes del día")
    made = page.request.get(f"{llena.url}/informes/diario.pdf")
    assert made.headers["content-type"] == "application/pdf"
    text = " ".join(" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(made.body())).pages)
    assert "por Sofía Restrepo" in text
    assert "En duda (1)" in text
    assert "Decisiones de personas (1)" in text
    assert "No existe: la factura Sofía (sofia): no está Marta (marta)" in text
    assert "R-0000006" in text
    assert "40781234" not in text.replace("R-0000005", "")
    book = page.request.get(f"{llena.url}/informes/informe.xlsx").body()
    assert openpyxl.load_workbook(io.BytesIO(book)).worksheets[0].max_row > 2
    assert page.request.get(f"{llena.url}/informes/planilla.pdf").body().startswith(b"%PDF")
    page.goto(f"{llena.url}/informes/informe.html")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") != "none"
    page.goto(f"{llena.url}/informes?dia=2999-01-01")
    expect(page.get_by_role("alert")).to_contain_text("está en el futuro")


def test_a_check_shows_its_pictures_and_nothing_else_of_its_folder(llena: Oficina) -> None:
    """The list tells verdicts, a check every control with its picture; no other file is given."""
    page = llena.como("sofia", "/pantallas")
    expect(page.get_by_role("region", name="Revisiones del mapa")).to_contain_text("factura.guardar")
    page.get_by_role("region", name="Revisiones del mapa").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("21/11/2026")
    picture = page.get_by_role("img", name="Factura, con sus controles marcados")
    expect(picture).to_be_visible()
    page.wait_for_function("document.querySelector('img.vista').naturalWidth === 1")
    expect(page.get_by_text("Se parece en 83 %")).to_be_visible()
    expect(page.get_by_role("button", name="Aceptar el candidato 1")).to_have_count(0)
    here = f"{llena.url}/pantallas/2026-11-21-080000"
    for name in ("secreto.txt", "revision.json", "..%2F..%2Fserviweb.sqlite3"):
        assert page.request.get(f"{here}/{name}").status == 404
    assert page.request.get(f"{llena.url}/pantallas/..%2F..").status == 404


@pytest.mark.parametrize("path", ["/tablero?periodo=7", "/pantallas/2026-11-21-080000", "/informes"])
def test_it_is_accessible_at_both_sizes(llena: Oficina, path: str) -> None:
    """With all tables open nothing serious is found, on a desk in light and on a phone in dark; nothing overflows."""
    page = llena.como("admin", path)
    for ancho, alto, tema in SIZES:
        page.set_viewport_size({"width": ancho, "height": alto})
        page.emulate_media(color_scheme=tema)
        opened(page)
        page.evaluate(AXE)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        grave = [(one["id"], one["nodes"][0]["target"]) for one in found if one["impact"] in ("serious", "critical")]
        assert grave == [], (path, ancho)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_an_administrator_accepts_a_candidate_once(llena: Oficina) -> None:
    """A double click changes the map once; who, why and both maps stand in its history and in the audit journal."""
    panel = llena.panel
    before = panel.maps.sha256
    page = llena.como("admin", "/pantallas/2026-11-20-080000")
    expect(page.get_by_role("button", name="Aceptar")).to_have_count(0)
    page.goto(f"{llena.url}/pantallas/2026-11-21-080000")
    page.get_by_label("Por qué es este").fill("Cambió el rótulo en la versión 8")
    page.get_by_role("button", name="Aceptar el candidato 1").dblclick()
    expect(page.get_by_text("Aceptado por Andrés Ruiz (admin)")).to_be_visible()
    control = load_map(panel.maps.folder, REQUIRED, OPTIONAL).screens["factura"]["guardar"]
    assert (control.role, control.name) == ("button", "Guardar factura")
    (line,) = revision_mapa.historia(panel.maps.folder)
    assert (line["control"], line["motivo"]) == ("factura.guardar", "Cambió el rótulo en la versión 8")
    assert (line["mapa_antes"], line["mapa_despues"]) == (before, panel.maps.sha256)
    page.goto(f"{llena.url}/auditoria")
    with panel.store.read() as connection:
        found = connection.exec_driver_sql("SELECT quien, detalle FROM acciones WHERE accion = 'mapa_aceptado'").all()
    assert [(who, json.loads(told)["control"]) for who, told in found] == [("admin", "factura.guardar")]
