"""A case as people ask for it, from the outside: in the queue, in doubt of its name, without its folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from maria import MARIA

if TYPE_CHECKING:
    from conftest import Office

FIXTURES = Path(__file__).parents[2] / "fixtures"


def test_a_case_of_the_queue_is_shown_and_runs_when_asked(office: Office) -> None:
    """`caso` tells since when it waits and what goes before; `continuar` says who begins it; its own run repeats it."""
    path = office.folder / "lote.csv"
    lines = (FIXTURES / "solicitudes.csv").read_text(encoding="utf-8-sig").splitlines()[:3]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    lote = office.run("cola", "cargar", str(path), "--json").json["lote"]
    shown = office.run("caso", "100702", "--json")
    assert (shown.code, shown.err) == (0, "")
    told = shown.json
    assert (told["codigo"], told["estado"], told["etapa"], told["pagina"]) == ("100702", "en_cola", "cobro", None)
    assert (told["cola"]["delante"], told["cola"]["lote"], told["cola"]["espera_al_caso"]) == (1, lote, None)
    people = office.run("caso", told["caso"])
    assert people.code == 0, people.err
    for words in ("en cola, para el cobro", "En cola desde", f"la de un lote ({lote})", "1 caso", "100702 · ruta"):
        assert words in people.out, people.out
    refused = office.run("continuar", told["caso"])
    assert (refused.code, "no ha comenzado: en cola" in refused.err) == (3, True)
    assert "serviweb cola trabajar" in refused.err
    nobody = office.run("caso", "R-0000000")
    assert (nobody.code, "Ningún caso corresponde" in nobody.err) == (3, True)
    assert office.posts("factura.guardar") == 0


def test_a_case_whose_folder_is_elsewhere_is_shown_and_closed(office: Office) -> None:
    """Without its folder the database tells the case, and a decision of a person restores its journal."""
    cobro = office.run("reconexion", *MARIA, "--json").json
    shutil.rmtree(office.folder / "datos" / "casos")
    shown = office.run("caso", cobro["recibo"])
    assert shown.code == 0, shown.err
    assert cobro["factura"] in shown.out
    assert "está en el equipo que lo trabajó" in " ".join(shown.out.split())
    assert office.run("informe", "--json").json["por_estado"] == {"Esperando pago": 1}
    numbers = ("--anulada", cobro["factura"], "--anulada", cobro["recibo"])
    closed = office.run("cerrar", cobro["caso"], *numbers, "--motivo", "desistió", "--json")
    assert (closed.code, closed.json["estado"]) == (0, "cancelado"), closed.err
    assert office.run("auditoria", "--json").json["faltas"] == 0
