"""What the robot advises for a terminal, in the panel's words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from robot import errors
from robot.browser.approval import _GO_ON
from robot.errors import RobotError
from robot.panel.palabras import en_pantalla
from robot.work.apertura import _REMEDIES
from robot.work.pago import _CLOSED, _WHAT_TO_DO


def remedies() -> Iterator[str]:
    """Yield the advice of every error."""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, RobotError):
            yield kind.remedy


SENTENCES = (
    *dict.fromkeys(remedies()),
    *(text.format(caso="R-7K3QF2M") for text in _REMEDIES.values()),
    _CLOSED,
    *_WHAT_TO_DO.values(),
    _GO_ON.format(case="R-7K3QF2M"),
    f"{_CLOSED} Cuando lo haya atendido: serviweb pagos atender R-7K3QF2M --motivo …",
    "Diga con --motivo qué se hizo: queda en el diario del caso.",
    "Véalos con «serviweb pagos lista».",
    "Continúe con «serviweb continuar R-7K3QF2M».",
    "Continúe con «serviweb continuar R-7K3QF2M»; nunca lo empiece de nuevo.",
    "Compruebe en la caja que el recibo 7 esté pagado y repita «serviweb tramite R-7K3QF2M …» con los datos del pago.",
    (
        "Compruébelo en la caja. Cuando Serviweb lo muestre pagado: serviweb pago R-7K3QF2M … con los datos del "
        "recibo; si eran otros, con los correctos."
    ),
    "Indique el nombre con --suscriptor.",
    "La factura F-1 ya existe. Resuelva las otras en Serviweb y continúe el caso con «serviweb continuar».",
    "El abono la cobraría también. Resuélvala en Serviweb (pago o financiación) y vuelva a ejecutar.",
    "Lo comienza «serviweb cola trabajar»; «serviweb cola cancelar R-7K3QF2M» lo quita de la cola.",
    "Véalo con «serviweb caso R-7K3QF2M»; para que no siga, «serviweb cola cancelar»: se detiene antes.",
    "Búsquelo en Serviweb y use «serviweb resolver R-7K3QF2M …».",
    "Véalo en Serviweb y use «serviweb resolver R-7K3QF2M --existe …».",
    "Búsquelo en Serviweb y vea «serviweb dudas»; una persona decide con «serviweb resolver».",
    "Anúlelos y use «serviweb cerrar R-7K3QF2M --anulada …».",
    "Vea «serviweb caso R-7K3QF2M».",
    "No se guardó nada: corrija la causa y cargue la solicitud otra vez.",
)


@pytest.mark.parametrize("told", SENTENCES)
def test_no_command_reaches_a_page(told: str) -> None:
    """A button stands where a command stood, and a sentence is left."""
    shown = en_pantalla(told)
    assert "serviweb " not in shown
    assert " --" not in shown
    assert "ejecut" not in shown.lower()
    assert len(shown) > 15
    assert shown.endswith(".")


def test_who_waits_at_the_desk_is_told_which_button() -> None:
    """An unfinished case names its button; an unconfirmed payment, the page where it is recorded again."""
    assert en_pantalla("Continúe con «serviweb continuar R-7K3QF2M»; nunca lo empiece de nuevo.") == (
        "Continúelo con el botón «Continuar» de su página; nunca lo empiece de nuevo."
    )
    assert "«Esperando pago»" in en_pantalla(errors.PaymentUnconfirmed.remedy)
