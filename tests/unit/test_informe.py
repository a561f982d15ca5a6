"""The day's report: what it counts, whom it links, that nothing is fetched, and that it fits a desk and a phone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from a_line import AHORA, HOY, line, open_line
from playwright.sync_api import Browser, Page

from robot.records.informe import Pie, escribir_informe, informe_html, por_estado, por_motivo, por_plazo
from robot.records.linea import ESTADOS, Linea
from robot.records.planilla_entrega import cadena

LATE = AHORA - timedelta(hours=3)


def day(casos: Path) -> list[Linea]:
    """Return the lines of a busy day; the first has its page on the disk."""
    page = casos / "R-0000001" / "caso.html"
    page.parent.mkdir(parents=True)
    page.write_text("<title>Caso R-0000001</title>", "utf-8")
    long = "JUNTA DE ACCIÓN COMUNAL DEL BARRIO LA ESPERANZA ALTA Y VEREDAS VECINAS"
    return [
        line(1, carpeta=page.parent),
        open_line(2, vence=LATE, motivo="Paso 30: Serviweb no respondió", que_hacer="Siga con «serviweb continuar»."),
        open_line(3, vence=AHORA + timedelta(hours=2), suscriptor=long),
        open_line(4, estado="esperando_pago", motivo="", pagado=None),
        open_line(
            5, estado="rechazado", motivo="La cédula pertenece a otra persona", factura="", recibo="", total=None
        ),
        open_line(6, estado="en_duda", motivo="Se envió la factura y no hubo respuesta"),
    ]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """Return the page of the busy day, written where the office has it."""
    lines = day(tmp_path / "casos")
    return escribir_informe(lines, tmp_path / "informes" / "2026-11-24", HOY, AHORA)[0]


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    """Return each of the two themes."""
    return str(request.param)


@pytest.fixture
def shown(browser: Browser, report: Path, theme: str) -> Iterator[tuple[Page, list[str]]]:
    """Open the page from the disk in a theme, without a network, and note what its console says."""
    context = browser.new_context(offline=True, color_scheme=theme, viewport={"width": 1366, "height": 768})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda asked: said.append(asked.url) if asked.url != report.as_uri() else None)
    page.goto(report.as_uri())
    yield page, said
    context.close()


def test_the_page_needs_nothing_and_breaks_no_rule(shown: tuple[Page, list[str]]) -> None:
    """No request, no message of its policy, no script; the style is in force."""
    page, said = shown
    assert page.locator("script, img, link").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.cifras')).display") == "grid"
    assert said == []


def test_it_fits_a_desk_and_a_phone(shown: tuple[Page, list[str]]) -> None:
    """Neither at 1366, nor on a tablet, nor on a phone does anything stand out to the side."""
    page, _ = shown
    for width in (1366, 900, 390, 320):
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        wide = page.evaluate(
            "[...document.querySelectorAll('td, th, figure, li')].filter(e => e.scrollWidth > e.clientWidth + 1"
            " && getComputedStyle(e).display !== 'none' && !e.closest('.oculto')).map(e => e.textContent)"
        )
        assert wide == []


def test_every_text_can_be_read(shown: tuple[Page, list[str]]) -> None:
    """Each text stands out from what lies behind it by 4.5 to 1 or more (WCAG 2.2, 1.4.3), in both themes."""
    page, _ = shown
    assert page.evaluate(CONTRAST) == []


CONTRAST = """() => {
  const rgb = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126*r + 0.7152*g + 0.0722*b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const bad = [];
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg, style') || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(`${e.textContent.trim()} ${ratio.toFixed(2)}`);
  }
  return bad; }"""


def test_the_filter_needs_no_script(browser: Browser, report: Path) -> None:
    """One click shows the overdue alone, another those that need a person, and again all."""
    page = browser.new_page()
    page.goto(report.as_uri())
    rows = page.locator(".casos tbody tr:visible")
    for label, count in (("Vencidos", 1), ("Necesitan a una persona", 4), ("Terminados", 1), ("Todos", 6)):
        page.get_by_text(label, exact=True).and_(page.locator(".filtro span")).click()
        assert rows.count() == count, label
    page.close()


def test_a_row_leads_to_its_case_page(browser: Browser, report: Path) -> None:
    """The link is relative, so it works wherever the data folder is; a case without a page has none."""
    page = browser.new_page()
    page.goto(report.as_uri())
    assert page.locator(".casos a").count() == 1
    assert page.locator(".casos a").get_attribute("href") == "../../casos/R-0000001/caso.html"
    page.get_by_role("link", name="R-0000001").click()
    page.wait_for_url("**/caso.html")
    assert page.title() == "Caso R-0000001"
    page.close()


def test_charts_speak_to_who_cannot_see_them(browser: Browser, report: Path) -> None:
    """Each chart has a name and its numbers in words, and the same numbers stand in a table."""
    page = browser.new_page()
    page.goto(report.as_uri())
    ring = page.get_by_role("img", name="Casos por estado")
    assert ring.locator("desc").text_content() == (
        "En duda: 1; Incompleto: 2; Rechazado: 1; Esperando pago: 1; Terminado: 1."
    )
    assert page.get_by_role("img", name="Casos abiertos por plazo").count() == 1
    table = page.get_by_role("table", name="Casos por estado")
    assert table.get_by_role("row").all_inner_texts()[1].split() == ["En", "duda", "1", "17", "%"]
    assert page.get_by_role("table", name="Casos por motivo").get_by_role("img").count() == 4
    page.close()


def test_the_overdue_stand_on_top(browser: Browser, report: Path) -> None:
    """The first row is the overdue one, and says for how long."""
    page = browser.new_page()
    page.goto(report.as_uri())
    first = page.locator(".casos tbody tr").first
    assert first.get_by_text("Venció hace 3\u00a0h").is_visible()
    assert first.get_by_text("Siga con «serviweb continuar».").is_visible()
    page.close()


def test_only_the_hashed_style_is_allowed(tmp_path: Path) -> None:
    """The policy names the style by its SHA-256 and allows nothing else; no element carries a style of its own."""
    html = informe_html(day(tmp_path), HOY, AHORA, tmp_path)
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert len(style) == 1
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'" in html
    assert " style=" not in html
    assert "http" not in html.replace("http-equiv", "")


def test_what_a_case_holds_is_never_markup(tmp_path: Path) -> None:
    """A name or a reason with tags is shown as text."""
    html = informe_html([open_line(1, suscriptor="<b>Ñ</b>", motivo="<script>x</script>")], HOY, AHORA, tmp_path)
    assert "<script" not in html
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert "&lt;b&gt;Ñ&lt;/b&gt;" in html


def test_states_are_counted_once_each() -> None:
    """Shares add up to the whole, begin where the one before ends, and those that need a person come first."""
    lines = [line(n, estado=estado) for n, estado in enumerate([*ESTADOS, "terminado"], start=1)]
    parts = por_estado(lines)
    assert sum(part.cuantos for part in parts) == len(lines)
    assert sum(part.fraccion for part in parts) == pytest.approx(1)
    for before, part in pairwise(parts):
        assert part.desde == pytest.approx(before.desde + before.fraccion)
    assert [part.nombre for part in parts] == list(ESTADOS.values())


def test_reasons_are_counted_without_their_step() -> None:
    """The same reason at two steps is one; the rarest are told together; cases without a reason don't count."""
    lines = [open_line(1, motivo="Paso 7: no existe."), open_line(2, motivo="Paso 9: no existe"), line(3)]
    assert [(p.nombre, p.cuantos) for p in por_motivo(lines)] == [("No existe", 2)]
    many = [open_line(n, motivo=f"Motivo {chr(65 + n)}") for n in range(12)]
    parts = por_motivo(many)
    assert [parts[-1].nombre, parts[-1].cuantos, len(parts)] == ["Otros motivos", 4, 9]
    assert por_motivo([line(1)]) == []


def test_due_times_count_open_cases_only() -> None:
    """Overdue, soon (under four hours), later and without a clock; closed cases aren't due."""
    lines = [
        open_line(1, vence=LATE),
        open_line(2, vence=AHORA + timedelta(hours=3)),
        open_line(3, vence=AHORA + timedelta(hours=4)),
        open_line(4, estado="esperando_pago"),
        line(5),
    ]
    assert [part.cuantos for part in por_plazo(lines, AHORA)] == [1, 1, 1, 1]
    assert sum(part.fraccion for part in por_plazo([line(1)], AHORA)) == 0


def test_the_report_says_what_it_rests_on(tmp_path: Path) -> None:
    """The office's own numbers with their law, the list's chain head, altered folders, and what isn't shown."""
    lines = [line(1)]
    pie = Pie(horas=36, dias=10, alterados=["R-BROKEN1"], sin_mostrar=99_500)
    html = informe_html(lines, HOY, AHORA, tmp_path, pie)
    assert "36 horas" in html
    assert "10 días hábiles" in html
    assert cadena(lines) in html
    assert re.search(r"El diario en la carpeta de R-BROKEN1 no es el de la base de datos", html)
    assert "99500 casos en la cola" in html
    assert 'class="aviso"' not in informe_html(lines, HOY, AHORA, tmp_path)


def test_a_quiet_day_has_its_page(tmp_path: Path) -> None:
    """Without cases a sentence stands where charts and table would, and the workbook has its titles."""
    page, book = escribir_informe([], tmp_path, HOY, AHORA)
    text = page.read_text("utf-8")
    assert "No hubo casos el 24 de noviembre de 2026." in text
    assert "<svg" not in text
    assert openpyxl.load_workbook(book).active.max_row == 1


def test_page_and_workbook_tell_of_the_same_cases(tmp_path: Path) -> None:
    """Both hold the day's cases in the same order, and nothing half written is left beside them."""
    old = line(9, creado=AHORA - timedelta(days=9), cambiado=AHORA - timedelta(days=9), pagado=None, radicado_en=None)
    page, book = escribir_informe([*day(tmp_path / "casos"), old], tmp_path / "i", HOY, AHORA)
    sheet = openpyxl.load_workbook(book).active
    marks = [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert len(marks) == 6
    assert re.findall(r'data-t="Caso">(?:<a [^>]*>)?(R-\d+)', page.read_text("utf-8")) == marks
    assert sorted(path.name for path in page.parent.iterdir()) == ["informe.html", "informe.xlsx"]
