"""Who calls: the token's program, what it may do and how fast, and the audit journal of what it saw and did."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from robot.panel.acceso import ElPanel, panel_of
from robot.panel.api.fallas import FallaError
from robot.records.store import acciones, clientes
from robot.records.store.clientes import Cliente

ROL: Final = "api"
_portador = HTTPBearer(
    scheme_name="token",
    description="El token de un programa, que un administrador crea en el panel, en «Programas (API)».",
    auto_error=False,
)


@dataclass
class Ritmo:
    """How many calls each program may make: a store of them that fills up again."""

    reserva: float = 120
    por_segundo: float = 10
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, cliente: str) -> float:
        """Take one call; return 0, or the seconds to wait for the next one."""
        with self._lock:
            now = time.monotonic()
            left, since = self._left.get(cliente, (self.reserva, now))
            left = min(self.reserva, left + (now - since) * self.por_segundo)
            if left < 1:
                return (1 - left) / self.por_segundo
            self._left[cliente] = (left - 1, now)
            return 0


def cliente_of(
    request: Request, panel: ElPanel, portador: Annotated[HTTPAuthorizationCredentials | None, Security(_portador)]
) -> Cliente:
    """Return the program that calls. Raises 401 and 429."""
    cliente = clientes.of_token(panel.store, portador.credentials) if portador else None
    if cliente is None:
        raise FallaError(
            401,
            "Falta un token válido",
            "Envíe «Authorization: Bearer TOKEN»; un administrador lo crea en el panel.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    ritmo: Ritmo = request.app.state.ritmo
    if wait := ritmo.take(cliente.id):
        seconds = str(int(wait) + 1)
        raise FallaError(429, "Demasiadas llamadas seguidas", "Espere y repita.", headers={"Retry-After": seconds})
    return cliente


def con_permiso(permiso: str) -> Callable[[Request, Cliente], Cliente]:
    """Return a dependency: the program that calls, if its token permits this; else 403."""

    def allowed(request: Request, cliente: Annotated[Cliente, Depends(cliente_of)]) -> Cliente:
        if permiso not in cliente.permisos:
            anotar(request, cliente, "api_sin_permiso", permiso=permiso)
            raise FallaError(
                403, f"El token no tiene el permiso {permiso}", "Pida a un administrador un token que lo tenga."
            )
        return cliente

    return allowed


def anotar(request: Request, cliente: Cliente, accion: str, caso: str | None = None, **detalle: Any) -> None:
    """Write into the audit journal what a program saw or did; *detalle* holds no personal data."""
    origin = request.client.host if request.client else ""
    store = panel_of(request).store
    acciones.note(store, accion, quien=cliente.quien, rol=ROL, caso=caso, origen=origin, **detalle)


Lee = Annotated[Cliente, Depends(con_permiso("casos:leer"))]
Crea = Annotated[Cliente, Depends(con_permiso("casos:crear"))]
Paga = Annotated[Cliente, Depends(con_permiso("pagos:registrar"))]
Carga = Annotated[Cliente, Depends(con_permiso("lotes:crear"))]
Engancha = Annotated[Cliente, Depends(con_permiso("ganchos:administrar"))]
