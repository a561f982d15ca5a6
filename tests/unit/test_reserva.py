"""Reasons without names."""

from __future__ import annotations

import pytest

from robot.records.reserva import sin_nombres


@pytest.mark.parametrize(
    ("told", "left"),
    [
        (
            "Paso 6: El código 100234 es en Serviweb de ROSA ELVIRA CHAUX y la solicitud dice Ana Ruiz",
            "Paso 6: El código 100234 es en Serviweb de un suscriptor con otro nombre que el de la solicitud",
        ),
        ("Serviweb dice: «El tercero es de ROSA CHAUX DE PEÑA»", "Serviweb dice: «El tercero es de …»"),
        ("Serviweb dice: es de Ana María de la Peña", "Serviweb dice: es de …"),
        ("El suscriptor 100234 tiene la factura F-12 y RC-33", "El suscriptor 100234 tiene la factura F-12 y RC-33"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_reason(told: str, left: str) -> None:
    """Names go, in capitals or not; codes, numbers and the sentence stay."""
    assert sin_nombres(told) == left
