"""One good request and what the records tests make of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from robot.browser.maps import Map
from robot.records.solicitud import Solicitud, validate
from robot.settings import Settings, load

GOOD: dict[str, Any] = {
    "codigo": "100234",
    "ruta": "01-383",
    "documento": "40781234",
    "nombres": "Ana María",
    "apellidos": "Ñáñez Ruiz",
    "celular": "3104567890",
    "forma_pago": "contado",
    "concepto": "RECONEXION DEL SERVICIO",
    "medidor": True,
    "arreglo": "sin-deuda",
}
MAP = Map(name="mock", folder=Path(), sha256="0" * 64, start="/", shared_session=False, titles={}, screens={})


def request(**changed: Any) -> Solicitud:
    """Return the good request with some fields changed."""
    return validate(GOOD | changed)


def settings(folder: Path, **changed: Any) -> Settings:
    """Return settings whose data folder is *folder*."""
    return load(**{"carpeta": folder, "minimo_disco_mb": 0} | changed)
