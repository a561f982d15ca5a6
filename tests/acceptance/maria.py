"""The request that the acceptance tests type."""

from __future__ import annotations

MARIA = [
    "100234", "--ruta", "01-383", "--documento", "40.781.234", "--nombres", "María Fernanda", "--apellidos",
    "Rojas Vargas", "--celular", "+57 312 456 7890", "--forma-pago", "contado", "--concepto", "RECONEXION", "--medidor",
    "--arreglo", "sin-deuda",
]  # fmt: skip
