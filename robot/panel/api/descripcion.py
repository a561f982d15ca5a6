"""The words of the OpenAPI description that are not of one address alone."""

from __future__ import annotations

from typing import Any, Final

from robot.panel.api.modelos import Falla

SOBRE: Final = """
Lo mismo que hacen las personas en el panel, para programas: crear casos de reconexión, seguirlos, registrar sus pagos y
pedir sus papeles.

- **Acceso.** `Authorization: Bearer TOKEN`. Un administrador crea el token en el panel, en «Programas (API)», y marca
  qué puede hacer. Un programa ve solo sus casos, salvo con el permiso `casos:leer:todos`.
- **Repetir sin miedo.** Una solicitud igual no crea otro caso. Además, `Idempotency-Key` hace que una llamada repetida
  se haga una sola vez.
- **Errores.** Siempre `{"motivo", "que_hacer", "campos"}`, en español.
- **Ritmo.** 10 llamadas por segundo, con una reserva de 120; después, 429 con `Retry-After`.
- **Ganchos (webhooks).** Firmados como dice Standard Webhooks (https://www.standardwebhooks.com).
- **Datos personales.** Ninguna respuesta trae documentos ni teléfonos.
"""
_SAID: Final[dict[int, str]] = {
    400: "No se entiende lo que se envió",
    401: "Falta un token válido",
    403: "El token no tiene el permiso",
    404: "No existe, o no es de este programa",
    409: "No se puede en el estado en que está",
    413: "El cuerpo es demasiado grande",
    415: "El cuerpo no es de un tipo que se entienda",
    422: "Hay datos por corregir",
    429: "Demasiadas llamadas seguidas",
    503: "La base de datos o Serviweb no responden",
}
NO_HAY: Final[dict[str, Any]] = {"model": Falla, "description": _SAID[404]}


def respuestas(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the failures of an address that wants a token: those of the token, and these."""
    found: dict[int | str, dict[str, Any]] = {
        status: {"model": Falla, "description": _SAID[status]}
        for status in (400, 401, 403, *statuses)
        if status in _SAID
    }
    if 429 in found:
        wait = {"description": "Segundos que hay que esperar", "schema": {"type": "string"}}
        found[429] = {**found[429], "headers": {"Retry-After": wait}}
    return found
