"""A supervisor's queue: a file dropped and mended, put into the queue, worked, held back, cancelled, taken away."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, count, islice
from pathlib import Path

import pytest
from a_file import FIXTURES, row, written
from oficina import Oficina, oficina_con
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Browser, Download, Page, expect
from sqlalchemy import text

from robot.records.columnas import TITLES
from robot.records.store import borradores, cases, leases, lotes
from robot.resources import map_folder
from robot.work import borrador

AXE = FIXTURES.parent / "node_modules" / "axe-core" / "axe.min.js"
Rows = Callable[..., list[list[str]]]


@pytest.fixture(scope="module")
def oficina_parada(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oficina]:
    """Give an office whose robot works only when somebody starts it."""
    with oficina_con(browser, tmp_path_factory.mktemp("parada"), con_robot=False) as oficina:
        yield oficina


@pytest.fixture(scope="module")
def filas() -> Rows:
    """Give good rows, each of a subscriber of its own, the bundled Serviweb's first; a column may be changed."""
    with (FIXTURES / "solicitudes.csv").open(encoding="utf-8-sig") as file:
        known = list(csv.reader(file, delimiter=";"))[1:]
    made = (row(codigo=str(300000 + number), documento=str(50000000 + number)) for number in count())
    lines = chain(known, made)

    def rows(number: int, **changed: str) -> list[list[str]]:
        found = list(islice(lines, number))
        for line in found:
            line[TITLES.index("Solicitud")] = ""
            for title, value in changed.items():
                line[TITLES.index(title)] = value
        return found

    return rows


def drop(page: Page, file: Path) -> None:
    """Drop a file onto the page, as a person drags it from a folder."""
    page.goto(page.url.partition("/cola")[0] + "/cola/archivos")
    transfer = page.evaluate_handle(
        """([bytes, name]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            return transfer;
        }""",
        [list(file.read_bytes()), file.name],
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#zona", event, {"dataTransfer": transfer})
    expect(page.get_by_role("heading", level=1, name=file.name)).to_be_visible()


def draft_of(page: Page) -> str:
    """Return the name of the draft that a page shows."""
    return page.url.partition("/archivos/")[2].partition("?")[0]


def queued(oficina: Oficina, draft: str) -> list[str]:
    """Return the cases of a draft's lot, in the order of its rows."""
    lot = str(borradores.found(oficina.panel.store, draft)["lote"])
    return [row["caso"] for row in cases.by_lot(oficina.panel.store, lot) if row["resultado"] == "nuevo"]


def acts(oficina: Oficina, accion: str) -> list[dict[str, object]]:
    """Return what the audit journal tells of one kind of act."""
    with oficina.panel.store.read() as connection:
        found = connection.execute(text("SELECT detalle FROM acciones WHERE accion = :a ORDER BY n"), {"a": accion})
        return [json.loads(detail) for detail in found.scalars()]


def loaded(page: Page, folder: Path, rows: Sequence[Sequence[str]], name: str = "lote.csv") -> str:
    """Drop a file of rows that are all good, queue them, and return the draft."""
    drop(page, written(folder, *rows, name=name))
    page.get_by_role("button", name="en cola").click()
    expect(page.get_by_text("El archivo ya está en la cola")).to_be_visible()
    return draft_of(page)


def taken_away(download: Download) -> Worksheet:
    """Return the first sheet of a workbook that was downloaded."""
    with Path(download.path()).open("rb") as file:
        return load_workbook(file).worksheets[0]


def test_a_file_is_mended_queued_and_worked(oficina_parada: Oficina, filas: Rows, tmp_path: Path) -> None:
    """Errors stand in their cells; mended in place and queued, the robot is started and the cases wait for payment."""
    oficina = oficina_parada
    good, bad, twin = filas(3)
    bad = [*bad]
    bad[TITLES.index("Celular")] = "3,2E+09"
    twin = [*good[:1], *twin[1:]]
    page = oficina.como("sofia", "/cola/archivos")
    drop(page, written(tmp_path, good, bad, twin, name="noviembre.csv"))
    expect(page.locator(".fila")).to_have_count(2)
    cell = page.locator("#fila-3").get_by_label("Celular")
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#fila-3")).to_contain_text("es un número que dañó Excel")
    cell.fill("3201234567")
    cell.press("Enter")
    expect(page.locator("#fila-3")).to_contain_text("Corregida")
    expect(page.locator("#fila-4")).to_contain_text("Este suscriptor ya está en la fila 2")
    expect(page.locator("#fila-4 [aria-invalid]")).to_be_focused()
    page.get_by_role("button", name="Dejar por fuera la fila 4").click()
    expect(page.locator("#fila-4")).to_contain_text("Por fuera")
    page.get_by_role("button", name="Poner 2 filas en cola").click()
    expect(page.get_by_text("El archivo ya está en la cola")).to_be_visible()
    marks = queued(oficina, draft_of(page))
    assert [oficina.estado(mark) for mark in marks] == ["en_cola", "en_cola"]
    page.get_by_role("link", name="Ver la cola").click()
    expect(page.locator("#siguen")).to_contain_text(marks[0])
    page.get_by_role("button", name="Iniciar el robot").click()
    expect(page.locator("#vivo")).to_contain_text("Trabajando", timeout=30_000)
    waiting = page.locator("a.cifra", has_text="esperando pago").locator("b")
    expect(waiting).to_have_text("2", timeout=90_000)
    assert {oficina.estado(mark) for mark in marks} == {"esperando_pago"}
    assert len({row["number"] for row in oficina.ledger()["facturas"]}) >= 2
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Detener el robot").click()
    expect(page.locator("#vivo")).to_contain_text("Nadie trabaja la cola", timeout=60_000)
    assert acts(oficina, "inicia_robot") == [{"comenzo": True}]


def test_results_are_taken_away(oficina_parada: Oficina) -> None:
    """A lot's results come as a workbook and as a CSV, one line for each of its cases."""
    page = oficina_parada.como("sofia", "/cola/lotes")
    lot = lotes.recent(oficina_parada.panel.store)[-1]
    with page.expect_download() as book:
        page.get_by_role("link", name=f"Resultados de {lot['id']} en Excel").click()
    sheet = taken_away(book.value)
    with page.expect_download() as plain:
        page.get_by_role("link", name=f"Resultados de {lot['id']} en CSV").click()
    lines = Path(plain.value.path()).read_text("utf-8-sig").splitlines()
    assert [sheet.max_row, len(lines), plain.value.suggested_filename] == [3, 3, f"{lot['id']}.csv"]
    assert "Esperando" in lines[1]
    page.get_by_role("link", name=lot["id"], exact=True).click()
    expect(page.get_by_role("region", name="Filas del lote").get_by_role("row")).to_have_count(3)


def test_a_double_click_queues_once(oficina_quieta: Oficina, filas: Rows, tmp_path: Path) -> None:
    """Two clicks on «Poner en cola» make one lot, and each row one case."""
    page = oficina_quieta.como("sofia", "/cola/archivos")
    drop(page, written(tmp_path, *filas(3), name="doble.csv"))
    draft = draft_of(page)
    page.locator("#poner").dblclick()
    expect(page.get_by_text("El archivo ya está en la cola")).to_be_visible()
    assert len(queued(oficina_quieta, draft)) == 3
    made = [lot for lot in lotes.recent(oficina_quieta.panel.store) if lot["archivo"] == "doble.csv"]
    assert len(made) == 1
    assert len(acts(oficina_quieta, "pone_en_cola")) == 1


def test_the_file_again_comes_back_with_its_cases(oficina_quieta: Oficina, filas: Rows, tmp_path: Path) -> None:
    """A file that was queued once is told, and its rows come back with a link to their cases; discarded, they go."""
    page = oficina_quieta.como("sofia", "/cola/archivos")
    rows = filas(2)
    first = loaded(page, tmp_path, rows, "otra.csv")
    mark = queued(oficina_quieta, first)[0]
    drop(page, written(tmp_path, *rows, name="otra.csv"))
    expect(page.get_by_text("Este mismo archivo ya se había subido")).to_be_visible()
    counts = page.locator("#cuentas")
    expect(counts).to_contain_text("0 nuevas")
    expect(counts).to_contain_text("2 ya atendidas")
    counts.get_by_text("Ya atendidas: no se factura otra vez").click()
    expect(counts.get_by_role("link", name=mark)).to_be_visible()
    page.locator("#poner").click()
    expect(page.get_by_role("link", name=f"Ver el caso {mark}")).to_be_visible()
    expect(page.locator("#poner")).to_have_count(0)
    expect(counts).to_contain_text("0 con errores")
    expect(page.locator("#fila-2").get_by_label("Nueva ocasión")).to_be_hidden()
    page.locator("#fila-2").get_by_text("Es otra reconexión…").click()
    expect(page.locator("#fila-2")).to_contain_text("factura otra vez")
    expect(page.locator("#fila-2").get_by_label("Nueva ocasión")).to_be_visible()
    with page.expect_download() as errors:
        page.get_by_role("link", name="Bajar errores").click()
    assert mark in Path(errors.value.path()).read_text("utf-8-sig")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Descartar").click()
    expect(page.get_by_role("heading", name="Archivos de solicitudes")).to_be_visible()
    with oficina_quieta.panel.store.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM borrador_filas")).scalar_one() == 0


def test_pause_and_resume_are_seen_by_others(oficina_quieta: Oficina) -> None:
    """A pause wants its reason, which another supervisor's page shows at once with who; she resumes."""
    page, other = oficina_quieta.como("sofia", "/cola"), oficina_quieta.como("marta", "/cola")
    page.get_by_role("button", name="Pausar…").click()
    page.get_by_label("Motivo").fill("cierre de caja")
    page.get_by_role("button", name="Pausar", exact=True).click()
    expect(other.locator("#vivo")).to_contain_text("por Sofía Restrepo")
    expect(other.locator("#vivo")).to_contain_text("cierre de caja")
    other.get_by_role("button", name="Reanudar").click()
    expect(page.locator("#vivo")).not_to_contain_text("cierre de caja")
    assert cases.PAUSE not in cases.switches(oficina_quieta.panel.store)


def test_a_case_and_the_rest_of_a_lot_are_cancelled(oficina_quieta: Oficina, filas: Rows, tmp_path: Path) -> None:
    """One case is cancelled from the queue, what is left of its lot with one button, each after a question."""
    page = oficina_quieta.como("sofia", "/cola/archivos")
    draft = loaded(page, tmp_path, filas(3), "cancelar.csv")
    marks = queued(oficina_quieta, draft)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{oficina_quieta.url}/cola")
    page.get_by_label("Caso, código, factura o recibo").fill(marks[0])
    page.get_by_role("button", name="Cancelar caso").click()
    oficina_quieta.espera_estado(marks[0], "cancelado")
    lot = borradores.found(oficina_quieta.panel.store, draft)["lote"]
    page.goto(f"{oficina_quieta.url}/cola/lotes/{lot}")
    page.get_by_role("button", name="Cancelar lo que falta").click()
    expect(page.locator("#avance-lote")).to_contain_text("3 cancelado")
    assert {oficina_quieta.estado(mark) for mark in marks} == {"cancelado"}
    assert acts(oficina_quieta, "cancela_lote") == [{"lote": lot, "casos": 2}]


def test_a_blocked_user_is_let_in_again(oficina_quieta: Oficina) -> None:
    """A Serviweb user whose password failed is told, and a person who put it right says so."""
    store = oficina_quieta.panel.store
    for _ in range(leases.MAX_FAILED_LOGINS):
        leases.login_failed(store, "asesor9")
    page = oficina_quieta.como("sofia", "/cola")
    expect(page.get_by_text("El usuario asesor9 de Serviweb no se usa")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Desbloquear").click()
    expect(page.get_by_text("El usuario asesor9 de Serviweb no se usa")).to_have_count(0)
    known = leases.known_user(store, "asesor9")
    assert known is not None
    assert [known["bloqueado"], known["fallos"]] == [None, 0]


def test_what_is_no_table_is_refused_in_place(oficina_quieta: Oficina, tmp_path: Path) -> None:
    """A file that is none of requests is refused with what to do, and nothing of it stays on the disk."""
    page = oficina_quieta.como("sofia", "/cola/archivos")
    wrong = tmp_path / "foto.csv"
    wrong.write_text("hola;mundo\n1;2\n")
    page.get_by_label("Elegir archivo…").set_input_files(wrong)
    page.get_by_role("button", name="Subir").click()
    expect(page.locator("#mensajes")).to_contain_text("no tiene una fila de títulos")
    assert list((oficina_quieta.carpeta / "subidas").iterdir()) == []


def test_the_template_is_given(oficina_quieta: Oficina) -> None:
    """The template comes as a workbook with every title."""
    page = oficina_quieta.como("sofia", "/cola/archivos")
    with page.expect_download() as got:
        page.get_by_role("link", name="Bajar la plantilla").click()
    sheet = taken_away(got.value)
    assert [cell.value for cell in sheet[1]] == list(TITLES)


def test_an_advisor_is_refused(oficina_quieta: Oficina) -> None:
    """None of the queue's pages is an advisor's, nor its stream."""
    page = oficina_quieta.como("ana")
    for path in ("/cola", "/cola/eventos", "/cola/archivos", "/cola/archivos/B-1", "/cola/lotes", "/cola/lotes/L-1"):
        assert page.request.get(f"{oficina_quieta.url}{path}").status == 403


def test_an_interrupted_reading_is_told_and_taken_up(oficina_quieta: Oficina, filas: Rows, tmp_path: Path) -> None:
    """Whoever opens a draft whose reader died is told so; while the file is here it can be read again."""
    page, panel = oficina_quieta.como("sofia", "/cola/archivos"), oficina_quieta.panel
    folder = borrador.place(panel.settings)
    with written(tmp_path, *filas(2), name="cortado.csv").open("rb") as source:
        reading = borrador.begin(panel.store, panel.settings, borrador.keep(source, "cortado.csv", folder), "sofia")
    page.goto(f"{oficina_quieta.url}/cola/archivos/{reading.draft}")
    expect(page.get_by_role("heading", name="Leyendo el archivo")).to_be_visible()
    with panel.store.write() as connection:
        statement = "UPDATE borradores SET cambiado = '2020-01-01T00:00:00.000000Z' WHERE id = :draft"
        connection.execute(text(statement), {"draft": reading.draft})
    expect(page.get_by_text("La lectura del archivo se interrumpió")).to_be_visible()
    page.get_by_role("button", name="Leer otra vez").click()
    expect(page.get_by_role("button", name="Poner 2 filas en cola")).to_be_visible()


def test_a_robot_that_ends_with_an_error_is_told(browser: Browser, tmp_path: Path) -> None:
    """Why the robot could not go on stands on the page, in its own words and without a command."""
    maps = tmp_path / "mapa"
    shutil.copytree(map_folder("mock"), maps)
    with oficina_con(browser, tmp_path, con_robot=False, mapa=str(maps)) as oficina:
        page = oficina.como("sofia", "/cola")
        shutil.rmtree(maps)
        page.get_by_role("button", name="Iniciar el robot").click()
        told = page.get_by_role("alert").filter(has_text="El robot se detuvo con un error")
        expect(told).to_contain_text("mapa", timeout=60_000)
        expect(told).not_to_contain_text("serviweb ")
        expect(page.get_by_role("button", name="Iniciar el robot")).to_be_visible()


def test_a_user_that_is_not_let_in_is_told(browser: Browser, filas: Rows, tmp_path: Path) -> None:
    """When Serviweb refuses the robot's user the page says so, and what to do before it is blocked."""
    with oficina_con(browser, tmp_path, con_robot=False, clave="otra-clave") as oficina:
        page = oficina.como("sofia", "/cola/archivos")
        loaded(page, tmp_path, filas(1))
        page.goto(f"{oficina.url}/cola")
        page.get_by_role("button", name="Iniciar el robot").click()
        told = page.get_by_role("alert").filter(has_text="Serviweb no dejó entrar al usuario asesor2")
        expect(told).to_be_visible(timeout=60_000)
        expect(page.locator("#vivo")).to_contain_text("Encendido, sin entrar a Serviweb")


def test_the_pages_are_accessible(oficina_quieta: Oficina, filas: Rows, tmp_path: Path) -> None:
    """No serious violation on any page of the queue, and none is wider than a phone or the office's screen."""
    page = oficina_quieta.como("sofia", "/cola/archivos")
    loaded(page, tmp_path, filas(1), "buena.csv")
    lot = lotes.recent(oficina_quieta.panel.store)[0]["id"]
    drop(page, written(tmp_path, *filas(1, Celular="1"), *filas(1), name="mala.csv"))
    page.get_by_role("button", name="Ver y editar toda la fila 2").click()
    expect(page.get_by_role("button", name="Cerrar la fila 2")).to_be_visible()
    draft = page.url
    found: list[tuple[str, str, str]] = []
    others = [
        f"{oficina_quieta.url}{path}" for path in ("/cola", "/cola/archivos", "/cola/lotes", f"/cola/lotes/{lot}")
    ]
    for address in (draft, *others):
        if address != draft:
            page.goto(address)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for size in ({"width": 390, "height": 844}, {"width": 1366, "height": 768}):
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
        violations = page.evaluate("async () => (await axe.run('main')).violations")
        serious = [one for one in violations if one["impact"] in ("serious", "critical")]
        found += [(address, one["id"], one["nodes"][0]["html"]) for one in serious]
    assert found == []
