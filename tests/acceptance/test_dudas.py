"""The doubts from the outside: `dudas`, `resolver`, `cerrar`, and `continuar` of a case in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maria import MARIA

if TYPE_CHECKING:
    from conftest import Office


def test_a_lost_answer_is_found_again_by_the_run_itself(office: Office) -> None:
    """Exit 7: it was saved, the rest is missing; `continuar` finishes the stage, with one factura."""
    office.environment["SERVIWEB_ESPERA_CONSULTA_SEGUNDOS"] = "30"
    office.control.faults({"at": "factura.guardar", "fault": "lost_answer"})
    said = office.run("reconexion", *MARIA, "--json")
    assert said.code == 7, said.err
    assert said.json["estado"] == "incompleto"
    assert "Se encontró en Serviweb" in said.json["error"]["motivo"]
    [factura] = office.control.ledger()["facturas"]
    assert said.json["factura"] == factura["number"]
    again = office.run("continuar", said.json["caso"], "--json")
    assert again.code == 0, again.err
    assert again.json["estado"] == "esperando_pago"
    assert office.posts("factura.guardar") == office.posts("abono.generar") == 1


def test_a_person_decides_and_later_closes(office: Office) -> None:
    """In doubt, listed, refused without its guards, decided, continued, and closed once both were voided."""
    office.control.faults({"at": "factura.guardar", "fault": "closed_before_commit"})
    said = office.run("reconexion", *MARIA, "--json")
    assert said.code == 6, said.err
    caso = said.json["caso"]
    listed = office.run("dudas", "--json").json
    [doubt] = listed["dudas"]
    assert (doubt["caso"], doubt["codigo"], doubt["documento"]) == (caso, "100234", "factura")
    assert doubt["imagen_antes"].endswith(".png")
    assert listed["por_anular"] == []
    shown = office.run("dudas")
    assert "100234" in shown.out
    assert f"serviweb resolver {caso}" in " ".join(shown.out.split())

    refused = office.run("resolver", caso, "--no-existe", "--motivo", "no está")
    assert refused.code == 3
    for words in ("minutos", "--codigo", "--confirma"):
        assert words in refused.err
    assert office.run("resolver", caso, "--motivo", "nada").code == 3
    office.environment["SERVIWEB_ESPERA_DUDA_MINUTOS"] = "0"
    guards = ("--codigo", "100234", "--persona", "Ana", "--confirma", "Luis")
    decided = office.run("resolver", caso, "--no-existe", "--motivo", "no está", *guards, "--json")
    assert decided.code == 0, decided.err
    assert decided.json["estado"] == "incompleto"
    assert office.run("dudas").out.strip() == "No hay casos en duda."

    again = office.run("continuar", caso, "--json")
    assert again.code == 0, again.err
    documents = (again.json["factura"], again.json["recibo"])
    one = office.run("cerrar", caso, "--anulada", documents[1], "--motivo", "desistió", "--json")
    assert (one.code, one.json["estado"]) == (0, "incompleto")
    assert office.run("continuar", caso).code == 3
    both = office.run("cerrar", caso, "--anulada", documents[0], "--motivo", "desistió", "--json")
    assert (both.code, both.json["estado"]) == (0, "cancelado")
