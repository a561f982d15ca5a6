"""Business rules that the robot doesn't know, asserted on the ledger."""

from __future__ import annotations

import io

import pytest
from mock_client import CORTE, RECONEXION, TERCERO, TRAMITE, Control, User
from pypdf import PdfReader


def test_happy_path(asesor: User, cajero: User, control: Control) -> None:
    """Factura, abono, payment and trámite follow each other, and the ledger ties them together."""
    factura = asesor.billed()
    recibo = asesor.generate()["numero"]
    assert cajero.pay(recibo)["ok"]
    radicado = asesor.post("/tramite/guardar", data=TRAMITE).json()["numero"]
    ledger = control.ledger()
    assert (factura, recibo) == ("F-000124", "RC-0004521")
    assert radicado.endswith("-000457")
    [saved] = ledger["facturas"]
    assert saved["productos"] == ["CORTE", "RECONEXIÓN DEL SERVICIO", "RECUPERACIÓN ACUEDUCTO CARTERA"]
    assert (saved["codigo"], saved["amount"], saved["user"], saved["estado"]) == ("100234", 98700, "asesor1", "pagada")
    assert saved["tercero"]["documento"] == "40781234"
    assert [(a["factura"], a["estado"]) for a in ledger["abonos"]] == [(factura, "pagado")]
    assert [p["abono"] for p in ledger["pagos"]] == [recibo]
    assert [(t["number"], t["abono"], t["notificacion"]) for t in ledger["tramites"]] == [(radicado, recibo, False)]
    assert ledger["posts"]["factura.guardar"] == ledger["posts"]["tramite.guardar"] == 1


@pytest.mark.parametrize(
    ("codigo", "sentence"),
    [("999999", "No existe el suscriptor 999999."), ("100500", "El suscriptor 100500 está retirado.")],
)
def test_look_up_refuses(asesor: User, codigo: str, sentence: str) -> None:
    """Unknown and retired subscribers are refused by the look-up."""
    assert asesor.look_up(codigo)["error"] == sentence


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"forma_pago": ""}, "escoja la forma de pago."),
        ({"codigo": "999999"}, "no existe el suscriptor 999999."),
        ({"codigo": "100310"}, "el suscriptor no es el de los productos agregados."),
        ({"documento": "17634567"}, "el tercero no aparece en el sistema."),
        ({"observacion": " "}, "falta la observación."),
        ({"observacion": "x" * 201}, "la observación supera 200 caracteres."),
        ({"borrador": "otro"}, "la factura de esta pantalla ya no está en la sesión."),
    ],
)
def test_factura_refused(asesor: User, control: Control, changed: dict[str, str], reason: str) -> None:
    """An incomplete or wrong form is not saved, and the page says why."""
    assert asesor.save(asesor.half_filled() | changed)["error"] == f"No se guardó: {reason}"
    assert control.ledger()["facturas"] == []


def test_factura_needs_products(asesor: User) -> None:
    """Limpiar empties the table, and an empty factura is not saved."""
    form = asesor.half_filled()
    form["borrador"] = asesor.post("/factura/limpiar").json()["borrador"]
    assert asesor.save(form)["error"] == "No se guardó: la factura no tiene productos."


def test_take_a_line_away(asesor: User) -> None:
    """Quitar takes one line out of the table."""
    asesor.look_up()
    asesor.add(CORTE, RECONEXION)
    table = asesor.post("/factura/quitar", data={"linea": "0"}).json()["tabla"]
    assert "RECONEXIÓN DEL SERVICIO" in table
    assert "CORTE" not in table


@pytest.mark.parametrize(("codigo", "price"), [("000789", "$ 20.000"), ("100412", "$ 30.000"), ("100600", "$ 47.500")])
def test_price_by_estrato(asesor: User, codigo: str, price: str) -> None:
    """The price list depends on the subscriber's estrato."""
    asesor.look_up(codigo)
    assert price in asesor.add(CORTE)["tabla"]


def test_last_number_still_stands(asesor: User) -> None:
    """A freshly opened screen still shows the user's last factura."""
    number = asesor.billed()
    page = asesor.get("/factura").text
    assert f'aria-label="Número de factura" id="numero">{number}<' in page
    assert "Sin productos" in page


def test_new_tercero(asesor: User, control: Control) -> None:
    """A new tercero is found by document afterwards, in upper case."""
    assert asesor.post("/tercero/guardar", data=TERCERO).json()["mensaje"] == "Tercero creado: 00123"
    found = asesor.get("/factura/tercero", params={"tipo": "CC", "numero": "17.634.567"}).json()
    assert found["nombre"] == control.ledger()["terceros"][0]["nombre"] == "JOSÉ ÁNGEL ÑÁÑEZ MUÑOZ"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"documento": "40781234"}, "el documento CC 40781234 ya existe."),
        ({"documento": "012345"}, "el número de documento CC no es válido."),
        ({"apellidos": ""}, "falta el campo Apellidos."),
        ({"celular": ""}, "falta el campo Celular."),
        ({"celular": "6081234567"}, "el celular no es válido."),
        ({"nombres": "A" * 61}, "el campo Nombres supera 60 caracteres."),
        ({"tipo_documento": "NIT", "documento": "900123456-7"}, "el dígito de verificación del NIT no es correcto."),
        ({"tipo_documento": "NIT", "documento": "9001234568"}, "el documento NIT 900123456-8 ya existe."),
    ],
)
def test_tercero_refused(asesor: User, control: Control, changed: dict[str, str], reason: str) -> None:
    """The box of a new tercero refuses duplicates, gaps and wrong documents."""
    answer = asesor.post("/tercero/guardar", data=TERCERO | changed).json()
    assert answer["error"] == f"No se guardó: {reason}"
    assert control.ledger()["terceros"] == []


def test_abono_takes_all_pending_facturas(asesor: User, control: Control) -> None:
    """GENERAR covers every pending factura shown, oldest first: why a robot must look before."""
    ours = asesor.billed("100412", "17655321")
    asesor.generate("100412")
    [abono] = control.ledger()["abonos"]
    assert abono["facturas"] == ["F-000105", "F-000119", ours]
    assert abono["factura"] == f"F-000105, F-000119, {ours}"


def test_abono_twice(asesor: User, control: Control) -> None:
    """A factura with an unpaid abono stays pending and gets no second one."""
    asesor.billed()
    asesor.generate()
    assert asesor.generate()["error"] == "No se guardó: la factura F-000124 ya tiene el abono RC-0004521 sin pagar."
    assert len(control.ledger()["abonos"]) == 1


def test_nothing_pending(asesor: User) -> None:
    """A subscriber without debts has nothing to generate."""
    assert asesor.generate()["error"] == "No se guardó: el suscriptor 100234 no tiene facturas pendientes."


def test_search_by_code_gives_several(asesor: User) -> None:
    """A code is searched by its beginning, so similar people come too."""
    found = asesor.get("/abono/buscar", params={"tipo": "Código", "texto": "100234"}).json()["suscriptores"]
    assert {row["codigo"] for row in found} == {"100234", "1002341", "1002345"}


def test_search_by_name_gives_homonyms(asesor: User) -> None:
    """A name is searched without accents, in any part; several people may bear it."""
    found = asesor.get("/abono/buscar", params={"tipo": "Nombre", "texto": "jose luis trujillo"}).json()["suscriptores"]
    assert len(found) > 2
    assert {row["nombre"] for row in found} == {"JOSÉ LUIS TRUJILLO ORTIZ"}


def test_recibo_is_a_pdf_with_text(asesor: User) -> None:
    """The recibo is made by the server, shown inline, with its number as text."""
    asesor.billed()
    number = asesor.generate()["numero"]
    answer = asesor.get(f"/abono/{number}/recibo.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline")
    [page] = PdfReader(io.BytesIO(answer.content)).pages
    text = page.extract_text()
    assert all(part in text for part in (number, "F-000124", "MARÍA FERNANDA ROJAS VARGAS", "$ 98.700"))


def test_caja_pays_once(asesor: User, cajero: User, control: Control) -> None:
    """A recibo is paid once, and an unknown one never."""
    asesor.billed()
    number = asesor.generate()["numero"]
    cajero.pay(number)
    assert cajero.pay(number)["error"] == f"No se guardó: el recibo {number} ya está pagado."
    assert cajero.pay("RC-9999999")["error"] == "No se guardó: no existe el recibo RC-9999999."
    assert len(control.ledger()["pagos"]) == 1


def test_tramite_needs_a_paid_abono(asesor: User, cajero: User, control: Control) -> None:
    """A reconnection is filed only with a paid abono, and only once for it."""
    refused = "No se guardó: el suscriptor no tiene un abono pagado de reconexión."
    asesor.billed()
    number = asesor.generate()["numero"]
    assert asesor.post("/tramite/guardar", data=TRAMITE).json()["error"] == refused
    cajero.pay(number)
    assert asesor.post("/tramite/guardar", data=TRAMITE).json()["ok"]
    assert asesor.post("/tramite/guardar", data=TRAMITE).json()["error"] == refused
    assert len(control.ledger()["tramites"]) == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"zona": ""}, "escoja la zona."),
        ({"medio": ""}, "escoja el medio."),
        ({"servicio": ""}, "escoja el servicio."),
        ({"causal": "ALTO CONSUMO"}, "escoja el tipo de trámite y la causal."),
        ({"observacion": ""}, "falta la observación."),
        ({"observacion": "x" * 301}, "la observación supera 300 caracteres."),
        ({"codigo": "100500"}, "el suscriptor 100500 está retirado."),
    ],
)
def test_tramite_refused(asesor: User, changed: dict[str, str], reason: str) -> None:
    """An incomplete trámite is not filed."""
    assert asesor.post("/tramite/guardar", data=TRAMITE | changed).json()["error"] == f"No se guardó: {reason}"


def test_consultations(asesor: User) -> None:
    """The consultation screens list a subscriber's documents, or say that there are none."""
    number = asesor.billed()
    recibo = asesor.generate()["numero"]
    assert number in asesor.get("/consulta/facturas", params={"codigo": "100234"}).text
    assert recibo in asesor.get("/consulta/recibos", params={"codigo": "100234"}).text
    assert "Sin registros" in asesor.get("/consulta/tramites", params={"codigo": "100234"}).text
    assert "No existe el suscriptor 999999." in asesor.get("/consulta/facturas", params={"codigo": "999999"}).text


def test_consultation_newest_first(asesor: User) -> None:
    """The newest document is on top."""
    page = asesor.get("/consulta/facturas", params={"codigo": "100412"}).text
    assert page.index("F-000119") < page.index("F-000105")


def test_typed_text_is_shown_as_text(asesor: User, control: Control) -> None:
    """What was typed never becomes markup."""
    asesor.save(asesor.half_filled(observacion="<b onclick='x'>hola</b>"))
    assert "&lt;b onclick" in asesor.get("/factura/F-000124/solicitud").text
    assert control.ledger()["facturas"][0]["observation"] == "<b onclick='x'>hola</b>"
