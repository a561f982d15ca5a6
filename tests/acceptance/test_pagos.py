"""The wait at step 23 from the outside: the caja's list, what Serviweb confirms, a payment that nobody waits for."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from lote import a_file, states, today, whole

if TYPE_CHECKING:
    from conftest import Office


def receipts(office: Office) -> dict[str, str]:
    """Return the receipt of each subscriber from Serviweb's ledger."""
    return {abono["codigo"]: abono["number"] for abono in office.control.ledger()["abonos"]}


def the_list(office: Office, *numbers: str) -> Path:
    """Write the caja's list of today."""
    path = office.folder / "caja.csv"
    with path.open("w", encoding="cp1252", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["No. de recibo", "Fecha y hora", "Valor pagado", "Cajero"])
        rows.writerows([number, f"{today()} 08:30", "$ 98.700", "cajero1"] for number in (*numbers, "AC-118834"))
        rows.writerow(["", "", "$ 999.999", ""])
    return path


def test_the_caja_s_list_and_what_serviweb_confirms(office: Office) -> None:
    """Both are on the list and one is paid in truth: one trámite is filed, the other waits until Serviweb shows it."""
    office.environment["SERVIWEB_EVIDENCIA"] = "ninguna"
    office.run("cola", "cargar", str(a_file(office, 2)))
    assert office.run("cola", "trabajar").code == 0
    recibo = receipts(office)
    office.pay(recibo["100701"])
    path = the_list(office, *recibo.values())
    loaded = office.run("pagos", "cargar", str(path))
    assert loaded.code == 0, loaded.err
    assert "2 pagos registrados, 0 ya registrados, 1 de otros, 0 por atender, 0 con error (de 4 filas)" in loaded.out
    assert office.run("cola", "trabajar").code == 0
    assert [tramite["codigo"] for tramite in office.control.ledger()["tramites"]] == ["100701"]
    assert office.posts("tramite.guardar") == 1
    assert states(office) == {"terminado": 1, "esperando_pago": 1}
    shown = office.run("casos", "--esperando-pago").out
    assert "no confirmado" in shown
    assert "«Sin pagar»" in shown
    [unread] = office.run("pagos", "lista", "--json").json["sin_confirmar"]
    assert (unread["codigo"], unread["recibo"]) == ("100702", recibo["100702"])

    office.pay(recibo["100702"])
    again = office.run("pagos", "cargar", str(path), "--json")
    assert (again.code, again.json["registrados"], again.json["ya_registrados"]) == (0, 0, 2)
    assert office.run("cola", "trabajar").code == 0
    assert states(office) == {"terminado": 2}
    assert office.posts("tramite.guardar") == 2
    _nobody_waits(office, unread["caso"])
    assert whole(office) == []


def _nobody_waits(office: Office, case: str) -> None:
    """Pay a closed case once more: it is recorded, shown to everybody who looks, until somebody attends to it."""
    pay = ("pago", case, "--fecha", today(), "--valor", "98.700")
    odd = office.run(*pay, "--recibo", "RC-7777777")
    assert (odd.code, "ya tiene el pago" in odd.err, f"serviweb pagos atender {case}" in odd.err) == (7, True, True)
    assert states(office) == {"terminado": 2}
    for command in ("casos", "dudas"):
        [row] = office.run(command, "--json").json["pagos_por_atender"]
        assert (row["caso"], row["recibo"]) == (case, "RC-7777777")
    page = Path(office.run("informe", "--json").json["pagina"]).read_text("utf-8")
    assert "Pagaron el recibo RC-7777777 y nadie lo esperaba" in page
    assert "RC-7777777" in (office.folder / "datos" / "casos" / case / "caso.html").read_text("utf-8")
    attended = office.run("pagos", "atender", case, "--motivo", "se le devolvió", "--json")
    assert (attended.code, attended.json["atendidos"]) == (0, ["RC-7777777"])
    assert office.run("pagos", "lista", "--json").json == {"por_atender": [], "sin_confirmar": []}
    assert "se le devolvió" in (office.folder / "datos" / "casos" / case / "caso.html").read_text("utf-8")


def test_the_foreground_reads_the_payment_too(office: Office) -> None:
    """`tramite` of an unpaid receipt files nothing; once paid it does; a paper that is there isn't replaced."""
    from maria import MARIA

    office.environment["SERVIWEB_EVIDENCIA"] = "ninguna"
    case = office.run("reconexion", *MARIA, "--json").json["caso"]
    recibo = receipts(office)["100234"]
    ask = ("tramite", case, "--recibo", recibo, "--fecha", today())
    refused = office.run(*ask)
    assert (refused.code, "«Sin pagar»" in refused.err) == (3, True), refused.err
    assert office.posts("tramite.guardar") == 0
    office.pay(recibo)
    filed = office.run(*ask, "--json")
    assert (filed.code, filed.json["estado"]) == (0, "terminado"), filed.err
    assert office.posts("tramite.guardar") == 1
    paper = filed.json["papeles"][0]
    attached = office.run("adjuntar", case, "recibo-abono", paper)
    assert (attached.code, "ya tiene ese papel" in attached.err) == (3, True)
    assert whole(office) == []
