"""What Serviweb's lists say of a payment: paid, or the sentence why not; and which payment is still to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from robot.records.busqueda import Documento
from robot.records.caso import Caso
from robot.records.pagado import Visto, en_facturas, en_recibos
from robot.work.comprobacion import to_check

SEEN = Visto(recibo="RC-1", valor=98700, factura="F-1")
OTHER = Visto(recibo="RC-9", valor=98700, factura="F-1", otro_recibo="reimpreso")


def receipt(**changed: Any) -> Documento:
    """Return the row of the paid receipt with some of it changed."""
    right = {"numero": "RC-1", "total": 98700, "estado": "Pagado", "pagado": True, "facturas": ("F-1",)}
    return Documento(**right | changed)


def test_the_paid_receipt_is_paid() -> None:
    """In whatever case its letters were typed, and where the list shows neither value nor facturas."""
    assert en_recibos(SEEN, [receipt()]).pagado
    assert en_recibos(Visto(recibo="rc-1", valor=98700, factura="F-1"), [receipt()]).pagado
    assert en_recibos(SEEN, [receipt(total=None, facturas=None)]).pagado
    assert en_recibos(Visto(recibo="RC-1", valor=None, factura=""), [receipt()]).pagado


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"numero": "RC-2"}, "no muestra el recibo RC-1"),
        ({"pagado": False, "estado": "Sin pagar"}, "como «Sin pagar»"),
        ({"estado": "Anulado"}, "como «Anulado»"),
        ({"facturas": ("F-7",)}, "paga F-7 y no la factura F-1"),
        ({"total": 98701}, "por $ 98.701 y se esperaban $ 98.700"),
    ],
)
def test_what_the_list_shows_otherwise_is_said(changed: dict[str, Any], told: str) -> None:
    """Not there, not paid, void, of another factura, or of another value."""
    found = en_recibos(SEEN, [receipt(**changed)])
    assert not found.pagado
    assert told in found.motivo


def test_a_person_answers_for_another_value() -> None:
    """With a reason for it the value isn't compared, but paid it must be."""
    reason = Visto(recibo="RC-1", valor=90000, factura="F-1", otro_recibo="pagó el saldo")
    assert en_recibos(reason, [receipt()]).pagado
    assert not en_recibos(reason, [receipt(pagado=False)]).pagado


def test_another_receipt_is_judged_by_the_factura() -> None:
    """It is paid once the factura isn't open; void or unknown it says nothing."""
    otherwise = en_recibos(OTHER, [])
    assert en_facturas(OTHER, [Documento(numero="F-1", estado="Pagada")], otherwise).pagado
    for row in (
        Documento(numero="F-1", estado="Pendiente", abierto=True),
        Documento(numero="F-1", estado="Anulada"),
        Documento(numero="F-2", estado="Pagada"),
    ):
        assert en_facturas(OTHER, [row], otherwise) is otherwise


def test_what_serviweb_showed_once_is_not_read_again() -> None:
    """Until it was shown as paid, after a refused trámite, and after a corrected payment, it is."""

    def asked(*events: tuple[str, dict[str, Any]]) -> bool:
        entries = [{"n": n, "event": event, **data} for n, (event, data) in enumerate(events, 1)]
        return to_check(Caso(Path("R-1"), entries)) is not None

    paid, shown, not_shown = (
        ("payment.recorded", {"recibo": "RC-1", "fecha": "2026-11-24"}),
        ("payment.checked", {"pagado": True}),
        ("payment.checked", {"pagado": False}),
    )
    refused = ("effect.rejected", {"kind": "tramite"})
    assert not asked(("case.opened", {}))
    assert asked(paid)
    assert asked(paid, not_shown)
    assert not asked(paid, not_shown, shown)
    assert asked(paid, shown, refused)
    assert asked(paid, shown, paid)
