"""The in-doubt inbox: a person decides with the pictures before her, and it counts once the robot has proved it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from mock_client import User
from oficina import Oficina, oficina_con
from playwright.sync_api import Browser, Page, expect
from solicitudes import abierto, datos, facturado
from test_caso_panel import sin_faltas

from robot.records.store import acciones, cases, encargos

SOFIA, MARTA = "Sofía Restrepo (sofia)", "Marta Quintero (marta)"


@pytest.fixture(scope="module")
def oficina(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oficina]:
    """Give an office whose robot adopts nothing by itself: without the lists before, a person says which one it is."""
    given = {
        "consulta_previa": False,
        "consulta_intervalos": (600, 3600),
        "espera_duda_minutos": 0,
        "espera_confirmacion_segundos": 3,
    }
    with oficina_con(browser, tmp_path_factory.mktemp("dudas"), **given) as oficina:
        yield oficina


def en_duda(oficina: Oficina, codigo: str, fault: str) -> str:
    """Bring a case's factura into doubt, and wait until the robot has looked once; return its mark."""
    oficina.control.faults({"at": "factura.guardar", "fault": fault})
    caso = abierto(oficina, codigo)
    oficina.espera_estado(caso, "en_duda")
    oficina.espera(lambda: "effect.lookup" in events(oficina, caso) and not worker(oficina, caso))
    oficina.control.faults()
    return caso


def events(oficina: Oficina, caso: str) -> list[str]:
    """Return what the journal tells of, in order."""
    return [entry["event"] for entry in cases.diary(oficina.panel.store, caso)]


def worker(oficina: Oficina, caso: str) -> str | None:
    """Return who works a case."""
    return cases.case(oficina.panel.store, caso)["trabajador"]


def facturas(oficina: Oficina, codigo: str) -> list[str]:
    """Return the numbers of a subscriber's facturas in Serviweb."""
    return [row["number"] for row in oficina.ledger()["facturas"] if row["codigo"] == codigo]


def decided(oficina: Oficina, caso: str) -> dict[str, str]:
    """Return the decision that the journal has."""
    [entry] = [e for e in cases.diary(oficina.panel.store, caso) if e["event"] == "effect.decided"]
    return entry


def existe(page: Page, numero: str, motivo: str = "se ve en la lista") -> None:
    """Decide that it exists, with this number."""
    form = page.get_by_role("form", name="Existe", exact=True)
    form.get_by_label("Número en Serviweb").fill(numero)
    form.get_by_label("Motivo").fill(motivo)
    form.get_by_role("button", name="Existe con ese número").click()


def test_it_exists_with_a_number_that_serviweb_shows(oficina: Oficina) -> None:
    """A number that isn't the subscriber's is refused by the robot; the right one counts, and the case goes on."""
    caso = en_duda(oficina, "100701", "lost_answer")
    [numero] = facturas(oficina, "100701")
    page = oficina.como("sofia", "/dudas")
    row = page.get_by_role("article", name=f"La factura del caso {caso}")
    expect(row).to_contain_text("CECILIA LILIANA CALDERÓN ARTUNDUAGA")
    sin_faltas(page)
    row.get_by_role("link", name="Ver y decidir").click()
    for moment in ("Antes", "Después"):
        image = page.get_by_role("img", name=f"{moment} de guardar, caso {caso}")
        page.wait_for_function("i => i.complete && i.naturalWidth >= 1000", arg=image.element_handle())
    expect(page.get_by_role("region", name="Lo que se iba a guardar")).to_contain_text("RECONEXIÓN DEL SERVICIO: $")
    expect(page.get_by_role("region", name="Lo que mostró Serviweb")).to_contain_text("muestra 1 documento")
    sin_faltas(page)
    existe(page, "F-999999")
    expect(
        page.get_by_text("El robot no lo aceptó: F-999999 no está en la lista del suscriptor 100701")
    ).to_be_visible()
    expect(page.get_by_text("Serviweb muestra 1 documento")).to_be_visible()
    assert oficina.estado(caso) == "en_duda"
    assert "effect.decided" not in events(oficina, caso)
    existe(page, numero)
    expect(page.get_by_text(f"Comprobado: Comprobado en Serviweb: la factura {numero} es de este caso")).to_be_visible()
    oficina.espera_estado(caso, "esperando_pago")
    entry = decided(oficina, caso)
    assert (entry["decision"], entry["persona"], entry["motivo"]) == ("existe", SOFIA, "se ve en la lista")
    assert facturas(oficina, "100701") == [numero]
    effects = [row for row in cases.effects(oficina.panel.store, caso) if row["tipo"] == "factura"]
    assert [(row["numero"], row["estado"]) for row in effects] == [(numero, "confirmado")]
    done = [a["accion"] for a in acciones.of_case(oficina.panel.store, caso) if a["quien"] == "sofia"]
    assert {"ver_duda", "decidir_existe"} <= set(done)


def test_what_cannot_be_is_told_at_once(oficina: Oficina) -> None:
    """No reason, no form of a number, another case's number: beside the field, and the robot isn't asked."""
    otro = facturado(oficina, "100703")
    ajeno = next(row["numero"] for row in cases.effects(oficina.panel.store, otro) if row["tipo"] == "factura")
    caso = en_duda(oficina, "100702", "lost_answer")
    page = oficina.como("sofia", f"/dudas/{caso}")
    form = page.get_by_role("form", name="Existe", exact=True)
    for numero, said in (("ninguno", "no tiene forma de número"), (ajeno, f"ya es del caso {otro}")):
        existe(page, numero)
        expect(form.get_by_text(said)).to_be_visible()
        expect(form.get_by_label("Número en Serviweb")).to_have_value(numero)
    existe(page, "F-1", motivo="   ")
    expect(form.get_by_text("Escriba por qué")).to_be_visible()
    double = page.get_by_role("form", name="Existen dos")
    double.get_by_label("Primer número").fill("F-900001")
    double.get_by_label("Segundo número").fill("F-900001")
    double.get_by_label("Motivo").fill("x")
    double.get_by_role("button", name="Existen los dos").click()
    expect(double.get_by_text("Los dos números son el mismo")).to_be_visible()
    summary = page.get_by_role("alert").filter(has_text="Todavía no se decidió nada: falta corregir 1 dato")
    expect(summary.get_by_role("link", name="Segundo número")).to_have_attribute("href", "#otro-doble")
    expect(double.get_by_label("Segundo número")).to_be_focused()
    tried = [a["detalle"] for a in acciones.of_case(oficina.panel.store, caso) if a["accion"] == "decision_rechazada"]
    assert sorted(json.loads(told)["que"] for told in tried) == ["doble", "existe", "existe", "existe"]
    assert not any("F-900001" in told or ajeno in told for told in tried)
    assert list(encargos.of_case(oficina.panel.store, caso)) == []
    assert oficina.estado(caso) == "en_duda"


def test_it_does_not_exist_needs_a_second_person(oficina: Oficina) -> None:
    """The code typed, another supervisor's yes, the robot's look: then it may be saved again, and is there once."""
    caso = en_duda(oficina, "100705", "closed_before_commit")
    assert facturas(oficina, "100705") == []
    page = oficina.como("sofia", f"/dudas/{caso}")
    page.on("dialog", lambda dialog: dialog.accept())
    form = page.get_by_role("region", name="No existe").locator("form")
    form.get_by_label("Código del suscriptor").fill("100704")
    form.get_by_label("Motivo").fill("no está en la lista")
    form.get_by_role("button", name="No existe").click()
    expect(form.get_by_text("No es el código del suscriptor")).to_be_visible()
    form.get_by_label("Código del suscriptor").fill("100705")
    form.get_by_role("button", name="No existe").dblclick()
    expect(page.get_by_role("heading", name="Falta que otra persona lo confirme")).to_be_visible()
    expect(page.get_by_role("button", name="Confirmo que no existe")).to_have_count(0)
    [row] = encargos.of_case(oficina.panel.store, caso)
    assert (row["estado"], row["persona"]) == ("espera_segunda", SOFIA)
    assert "effect.decided" not in events(oficina, caso)
    other = oficina.como("marta", "/dudas")
    other.on("dialog", lambda dialog: dialog.accept())
    waiting = other.get_by_role("region", name="Esperan una segunda persona")
    expect(waiting).to_contain_text("no está en la lista")
    expect(waiting.get_by_role("button")).to_have_count(0)
    hoy = oficina.como("marta", "/hoy")
    expect(hoy.get_by_role("link", name="1 decisión espera su confirmación")).to_have_class(re.compile("duda"))
    expect(oficina.como("sofia", "/hoy").get_by_text("espera su confirmación")).to_have_count(0)
    waiting.get_by_role("link", name="Ver y confirmar").click()
    expect(other.get_by_role("img", name=f"Después de guardar, caso {caso}")).to_be_visible()
    mine = other.get_by_role("region", name="Su confirmación")
    expect(mine).to_contain_text("no está en la lista")
    sin_faltas(other)
    mine.get_by_label("Código del suscriptor").fill("100704")
    mine.get_by_role("button", name="Confirmo que no existe").click()
    expect(other.get_by_role("alert").filter(has_text="Todavía no se confirmó nada")).to_be_visible()
    expect(mine.get_by_label("Código del suscriptor")).to_be_focused()
    mine.get_by_label("Código del suscriptor").fill("100705")
    mine.get_by_role("button", name="Confirmo que no existe").click()
    expect(other.get_by_text("la factura no existe; se puede guardar de nuevo")).to_be_visible()
    expect(page.get_by_text("la factura no existe; se puede guardar de nuevo")).to_be_visible()  # hers heard it too
    entry = decided(oficina, caso)
    assert (entry["decision"], entry["persona"], entry["confirma"]) == ("no_existe", SOFIA, MARTA)
    assert oficina.estado(caso) == "incompleto"
    page.goto(f"{oficina.url}/casos/{caso}")
    page.get_by_role("button", name="Continuar").click()
    oficina.espera_estado(caso, "esperando_pago")
    assert len(facturas(oficina, "100705")) == 1


def test_it_cannot_be_said_too_early(oficina: Oficina) -> None:
    """Until the waiting time is over there is a countdown instead of the form, and a form sent anyway is refused."""
    caso = en_duda(oficina, "100706", "closed_before_commit")
    page = oficina.como("sofia", f"/dudas/{caso}")
    settings = oficina.panel.settings
    late = page.get_by_role("region", name="No existe").locator("form")
    late.get_by_label("Código del suscriptor").fill("100706")
    late.get_by_label("Motivo").fill("no está")
    page.on("dialog", lambda dialog: dialog.accept())
    oficina.panel.settings = settings.model_copy(update={"espera_duda_minutos": 30})
    try:
        late.get_by_role("button", name="No existe").click()
        expect(page.get_by_text("Serviweb puede guardar tarde")).to_be_visible()
        page.goto(f"{oficina.url}/dudas/{caso}")
        expect(page.get_by_role("timer")).to_contain_text(":")
        expect(page.get_by_role("region", name="No existe").get_by_role("button")).to_have_count(0)
    finally:
        oficina.panel.settings = settings
    assert list(encargos.of_case(oficina.panel.store, caso)) == []


def test_two_exist_and_one_stays_to_be_annulled(oficina: Oficina) -> None:
    """One is kept; the other stands in the inbox until somebody records that it was annulled."""
    caso = en_duda(oficina, "100707", "lost_answer")
    given = datos("100707")
    with User(oficina.serviweb, "asesor3") as advisor:  # saves by hand what the robot is in doubt about
        advisor.get("/factura")
        advisor.save(advisor.half_filled("100707", given["documento"]) | {"observacion": f"100707 otra vez {caso}"})
    one, two = sorted(facturas(oficina, "100707"))
    page = oficina.como("sofia", f"/dudas/{caso}")
    form = page.get_by_role("form", name="Existen dos")
    form.get_by_label("Primer número").fill(one)
    form.get_by_label("Segundo número").fill(two)
    form.get_by_label("el primero").check()
    form.get_by_label("Motivo").fill("se ven las dos")
    form.get_by_role("button", name="Existen los dos").click()
    expect(page.get_by_text(f"Se conserva {one}; {two} queda por anular en Serviweb")).to_be_visible()
    assert oficina.estado(caso) == "incompleto"
    page.goto(f"{oficina.url}/dudas")
    twins = page.get_by_role("region", name="Por anular en Serviweb")
    expect(twins).to_contain_text(two)
    oficina.control.change(two, void=True)
    twins.get_by_label("Motivo").fill("anulada en Serviweb")
    twins.get_by_role("button", name="Ya lo anulé").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("En duda")
    expect(twins).to_have_count(0)
    rows = {
        row["numero"]: row["estado"] for row in cases.effects(oficina.panel.store, caso) if row["tipo"] == "factura"
    }
    assert rows == {one: "confirmado", two: "anulado"}
    page.goto(f"{oficina.url}/casos/{caso}")
    page.get_by_role("button", name="Continuar").click()
    oficina.espera_estado(caso, "esperando_pago")
    [abono] = [row for row in oficina.ledger()["abonos"] if row["codigo"] == "100707"]
    assert one in json.dumps(abono)
    assert two not in json.dumps(abono)


def test_the_robot_looks_again_when_it_is_asked(oficina: Oficina) -> None:
    """An advisor may ask for it of her own case; what isn't known is said in clear words."""
    caso = en_duda(oficina, "100708", "closed_before_commit")
    page = oficina.como("beto", f"/casos/{caso}")
    before = events(oficina, caso).count("effect.lookup")
    page.get_by_role("button", name="Consultar ahora").click()
    expect(page.get_by_role("region", name="Decisiones y consultas pedidas")).to_contain_text("Sigue en duda")
    assert events(oficina, caso).count("effect.lookup") == before + 1
    [row] = encargos.of_case(oficina.panel.store, caso)
    assert (row["que"], row["estado"]) == ("consultar", "rechazado")
    assert json.loads(row["datos"])["continuar"] is True


def test_an_advisor_does_not_decide(oficina: Oficina) -> None:
    """Neither the inbox nor a decision is an advisor's."""
    page = oficina.como("beto")
    for path in ("/dudas", "/dudas/pulso", "/dudas/R-0000000"):
        assert page.request.get(f"{oficina.url}{path}").status == 403
