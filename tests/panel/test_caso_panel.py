"""The page of a case: its steps with their pictures, its papers, its journal, its film, and who may see and do what."""

from __future__ import annotations

import io
import shutil
from datetime import date
from pathlib import Path

import pytest
from oficina import Oficina
from PIL import Image
from playwright.sync_api import Page, expect
from solicitudes import abierto, datos, facturado

from robot.recording import read
from robot.records.solicitud import Pago, validate
from robot.records.store import acciones, cases
from robot.work.apertura import register
from robot.work.pago import register as register_payment

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def sin_faltas(page: Page) -> None:
    """Find no serious violation of accessibility on a page; Serviweb's own, replayed, isn't ours."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run({include: 'main', exclude: 'main iframe'})).violations")
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in serious] == []


@pytest.fixture(scope="module")
def terminado(oficina: Oficina) -> str:
    """Give a finished case of ana's, with all its evidence."""
    archivo = oficina.panel.archivo()
    caso = register(archivo, validate(datos("100701")), asesor="ana", para_usuario="asesor1")
    assert oficina.espera_estado(caso, "esperando_pago", "fallido", "rechazado", "en_duda") == "esperando_pago"
    [recibo] = [row["numero"] for row in cases.effects(oficina.panel.store, caso) if row["tipo"] == "abono"]
    oficina.pagar(recibo)
    register_payment(archivo, caso, Pago(recibo=recibo, fecha=date.today(), confirmado_por="ana"))  # noqa: DTZ011
    assert oficina.espera_estado(caso, "terminado", "en_duda", "incompleto") == "terminado"
    return caso


def test_every_step_is_told_with_its_picture(oficina: Oficina, terminado: str) -> None:
    """Number, documented text, time, what was read, what was clicked, and a picture that opens large."""
    page = oficina.como("ana", f"/casos/{terminado}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(terminado)
    done = [e for e in cases.diary(oficina.panel.store, terminado) if e["event"] == "step.finished"]
    expect(page.locator(".paso")).to_have_count(len(done))
    guardar = page.locator("#paso-14-1")
    expect(guardar).to_contain_text("Guardar")
    expect(guardar).to_contain_text("F-")
    expect(guardar.get_by_role("list", name="Qué hizo el robot en la pantalla")).to_contain_text("clic en Guardar")
    suscriptor = page.locator("#paso-6-1")
    expect(suscriptor).to_contain_text("CECILIA LILIANA CALDERÓN ARTUNDUAGA")
    expect(suscriptor).to_contain_text("escribió en Código del suscriptor: 100701")
    thumbnail = suscriptor.get_by_role("link", name="así quedó la pantalla")
    thumbnail.scroll_into_view_if_needed()
    page.wait_for_function(
        "image => image.complete && image.naturalWidth >= 1000", arg=thumbnail.locator("img").element_handle()
    )
    thumbnail.click()
    viewer = page.get_by_role("dialog", name="Imagen del paso")
    expect(viewer).to_contain_text("Paso 6")
    page.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("Paso 7")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(viewer).to_contain_text("Paso 5")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    sin_faltas(page)


def test_a_picture_is_painted_once_and_kept(oficina: Oficina, terminado: str) -> None:
    """A real PNG of the screen; what there is no picture of is drawn as such, and no other file can be had."""
    page = oficina.como("sofia")
    file = oficina.carpeta / "casos" / terminado / "imagenes" / "paso-30.png"
    answer = page.request.get(f"{oficina.url}/casos/{terminado}/imagenes/paso-30.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"].startswith("private")
    with Image.open(io.BytesIO(answer.body())) as image:
        assert image.format == "PNG"
        assert image.width >= 1000
    assert file.read_bytes() == answer.body()
    for name in ("paso-99.png", "..%2Fjournal.jsonl", "journal.jsonl", "%2e%2e"):
        other = page.request.get(f"{oficina.url}/casos/{terminado}/imagenes/{name}")
        assert other.headers["content-type"].startswith(("image/svg+xml", "text/html", "application/json"))
        assert b"case.opened" not in other.body()
    nothing = page.request.get(f"{oficina.url}/casos/{terminado}/imagenes/paso-99.png")
    assert nothing.ok
    assert "sin imagen" in nothing.text()


def test_pictures_come_while_the_case_still_runs(oficina_quieta: Oficina, oficina: Oficina, terminado: str) -> None:
    """From a recording that isn't finished: the steps that ended have theirs, the one under way has none yet."""
    caso = abierto(oficina_quieta, "100704", asesor="ana")
    folder = oficina_quieta.carpeta / "casos" / caso
    shutil.copytree(oficina.carpeta / "casos" / terminado / "grabacion", folder / "grabacion")
    events = folder / "grabacion" / "eventos.jsonl.gz"
    whole = events.read_bytes()
    half = len(whole)
    while "21" in {c.number for c in read(folder).chapters() if c.finished is not None}:
        half -= len(whole) // 40
        events.write_bytes(whole[:half])
    done = [chapter for chapter in read(folder).chapters() if chapter.finished is not None]
    assert len(done) >= 3
    page = oficina_quieta.como("ana")
    address = f"{oficina_quieta.url}/casos/{caso}/imagenes"
    assert page.request.get(f"{address}/{done[-1].file}").body().startswith(b"\x89PNG")
    assert "sin imagen" in page.request.get(f"{address}/paso-31.png").text()


def test_papers_effects_and_the_chained_journal(oficina: Oficina, terminado: str) -> None:
    """The papers are PDFs, each effect is told from intent to confirmation, the journal is whole and found by entry."""
    page = oficina.como("sofia", f"/casos/{terminado}")
    paper = page.get_by_role("link", name="Ver Recibo de pago")
    assert page.request.get(f"{oficina.url}{paper.get_attribute('href')}").body().startswith(b"%PDF")
    effects = {row["tipo"]: row for row in cases.effects(oficina.panel.store, terminado)}
    factura = page.get_by_role("article", name=f"Factura {effects['factura']['numero']}")
    for stage in ("Intención", "Enviado", "Respondido", "Confirmado"):
        expect(factura.get_by_role("link", name=stage, exact=True)).to_be_visible()
    factura.get_by_text("Qué se iba a guardar").click()
    expect(factura).to_contain_text(effects["factura"]["clave"])
    expect(factura).to_contain_text("CORTE: $ 25.000")
    factura.get_by_role("link", name="Confirmado", exact=True).click()
    entries = cases.diary(oficina.panel.store, terminado)
    expect(page.locator(".diario > li")).to_have_count(len(entries))
    expect(page.get_by_text("La cadena está completa")).to_be_visible()
    [confirmed] = [e for e in entries if e["event"] == "effect.confirmed" and e["kind"] == "factura"]
    expect(page.locator(f"#entrada-{confirmed['n']} .huella")).to_contain_text(confirmed["hash"])
    assert "17665833" not in page.content()  # the document of who asks


def test_the_film_has_a_chapter_per_step(oficina: Oficina, terminado: str) -> None:
    """The player shows the screen of the chapter that is asked for, by click, by key and from the case's page."""
    page = oficina.como("sofia")
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    answer = page.goto(f"{oficina.url}/casos/{terminado}/pelicula")
    assert answer
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "http" not in policy
    chapters = read(oficina.carpeta / "casos" / terminado).chapters()
    buttons = page.locator("#capitulos button")
    expect(buttons).to_have_count(len(chapters))
    page.get_by_role("button", name="13 Observación").click()
    expect(page.locator("#capitulos [aria-current]")).to_contain_text("Observación")
    screen = page.frame_locator("#pantalla iframe")
    expect(screen.get_by_text("RECUPERACIÓN ACUEDUCTO CARTERA").last).to_be_visible()
    page.goto(f"{oficina.url}/casos/{terminado}/pelicula#paso=30&vez=1")
    page.reload()
    expect(page.locator("#capitulos [aria-current]")).to_contain_text("30")
    page.locator("h1").click()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#capitulos [aria-current]")).to_contain_text("29")
    sin_faltas(page)
    page.goto(f"{oficina.url}/casos/{terminado}")
    page.locator("#paso-14-1").get_by_role("button", name="ver en la película").click()
    frame = page.frame_locator("iframe[title='Película del caso']")
    expect(frame.locator("#capitulos [aria-current]")).to_contain_text("14")
    page.locator("#paso-22-1").get_by_role("button", name="ver en la película").click()
    expect(frame.locator("#capitulos [aria-current]")).to_contain_text("22")
    assert [text for text in errors if "404" not in text] == []


def test_an_advisor_sees_only_her_own(oficina: Oficina, terminado: str) -> None:
    """Neither the page nor the evidence of another's case, and that is written down; a supervisor reads who looked."""
    page = oficina.como("beto")
    for path in ("", "/imagenes/paso-06.png", "/pelicula", "/pelicula.json", "/diario", "/pulso"):
        assert page.request.get(f"{oficina.url}/casos/{terminado}{path}").status == 403
    assert page.request.get(f"{oficina.url}/casos/R-0000000").status == 404
    refused = [a for a in acciones.of_case(oficina.panel.store, terminado) if a["accion"] == "sin_permiso"]
    assert {a["quien"] for a in refused} == {"beto"}
    seen = oficina.como("ana", f"/casos/{terminado}")
    expect(seen.get_by_role("heading", name="Quién vio o tocó este caso")).to_have_count(0)
    page = oficina.como("marta", f"/casos/{terminado}")
    page.get_by_role("heading", name="Quién vio o tocó este caso").click()
    audit = page.get_by_role("region", name="Quién vio o tocó este caso")
    expect(audit.get_by_role("row", name="Pidió una página sin permiso").first).to_be_visible()
    expect(audit.get_by_role("row", name="Ana Gómez (asesor) Vio el caso").first).to_be_visible()


def test_a_case_of_the_queue_shows_its_place_and_is_cancelled(oficina_quieta: Oficina) -> None:
    """Before it begins the page says how many go first; a second click on «Cancelar» changes nothing."""
    first, second = abierto(oficina_quieta, "100701", asesor="ana"), abierto(oficina_quieta, "100702", asesor="ana")
    store = oficina_quieta.panel.store
    page = oficina_quieta.como("ana", f"/casos/{second}")
    place = page.get_by_role("region", name="Su lugar en la cola")
    ahead = cases.ahead(store, cases.case(store, second))
    expect(place).to_contain_text("1 caso" if ahead == 1 else f"{ahead} casos")
    expect(place).to_contain_text("está detenido")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancelar").dblclick()
    expect(page.get_by_text("Cancelado", exact=True)).to_be_visible()
    assert oficina_quieta.estado(second) == "cancelado"
    assert oficina_quieta.estado(first) == "en_cola"
    done = [a["accion"] for a in acciones.of_case(oficina_quieta.panel.store, second)]
    assert done.count("cancelar_caso") == 1


def test_a_supervisor_closes_what_was_annulled(oficina: Oficina) -> None:
    """Number by number; an advisor isn't offered it. With nothing left the case is cancelled."""
    caso = facturado(oficina, "100702", asesor="ana")
    expect(oficina.como("ana", f"/casos/{caso}").get_by_role("button", name="Cerrar el caso…")).to_have_count(0)
    numbers = {row["tipo"]: row["numero"] for row in cases.effects(oficina.panel.store, caso)}
    page = oficina.como("sofia", f"/casos/{caso}")
    for kind, estado in (("abono", "incompleto"), ("factura", "cancelado")):
        page.get_by_role("button", name="Cerrar el caso…").click()
        box = page.get_by_role("dialog", name=f"Cerrar el caso {caso}")
        box.get_by_label(numbers[kind]).check()
        box.get_by_label("Motivo").fill("el usuario desistió")
        box.get_by_role("button", name="Registrar la anulación").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(estado.capitalize())
        assert oficina.estado(caso) == estado
    told = [e for e in cases.diary(oficina.panel.store, caso) if e["event"] == "effect.annulled"]
    assert {e["persona"] for e in told} == {"Sofía Restrepo (sofia)"}


def test_the_technical_error_stands_behind_the_sentence(oficina: Oficina) -> None:
    """A case that was refused says why in one sentence; its class and step are folded away, and no command is named."""
    pedro = datos("100703") | {"documento": "1117499001"}  # another person's
    caso = register(oficina.panel.archivo(), validate(pedro), asesor="ana")
    assert oficina.espera_estado(caso, "rechazado", "fallido", "en_duda", "esperando_pago") == "rechazado"
    [failed] = [e for e in cases.diary(oficina.panel.store, caso) if e["event"] == "step.failed"]
    page = oficina.como("ana", f"/casos/{caso}")
    expect(page.locator("main .aviso")).to_contain_text("pertenece en Serviweb a PEDRO")
    errors = page.get_by_role("region", name="El error técnico detrás de la frase")
    errors.locator("summary").first.click()
    expect(errors).to_contain_text(failed["error"])
    expect(errors).to_contain_text("Clase del error")
    assert "«serviweb" not in page.content()
