"""What goes in and out of the API about webhooks, and what a webhook says."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from robot.panel.api.modelos import Marca, Modelo, Momento, Texto
from robot.records.caso import Estado
from robot.records.store.ganchos import EVENTOS

Evento = Literal[
    "caso.esperando_pago", "caso.terminado", "caso.rechazado", "caso.fallido", "caso.en_duda", "caso.incompleto"
]
if get_args(Evento) != EVENTOS:
    raise AssertionError("the events of the API are those of the webhooks")


class GanchoNuevo(Modelo):
    """Dónde y de qué avisar."""

    url: Texto = Field(
        max_length=500,
        description="Dirección https:// que recibe los avisos (http:// solo en el mismo equipo)",
        examples=["https://empresa.com.co/avisos"],
    )
    eventos: list[Evento] = Field(min_length=1, max_length=20, description="De qué avisar")


class Gancho(Modelo):
    """Un gancho (webhook)."""

    id: str = Field(examples=["G-1A2B3C4D"])
    url: str
    eventos: list[Evento]
    creado: Momento


class GanchoCreado(Gancho):
    """Un gancho nuevo, con el secreto que firma sus avisos: no se puede leer otra vez."""

    secreto: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class Entrega(Modelo):
    """Un aviso que se envió, o se está por enviar, a un gancho."""

    evento: str
    caso: str
    estado: Literal["pendiente", "enviando", "enviado", "fallido", "incierto"]
    intentos: int
    error: str | None
    creado: Momento
    enviado: Momento | None


class GanchoConEntregas(Gancho):
    """Un gancho y sus últimos avisos, los más nuevos primero."""

    entregas: list[Entrega]


class CasoAvisado(Modelo):
    """Lo que un aviso dice de un caso."""

    caso: Marca
    estado: Estado
    codigo: str
    solicitud: str | None
    factura: str | None
    recibo: str | None
    radicado: str | None
    motivo: str | None
    que_hacer: str | None


class AvisoDeCaso(Modelo):
    """El cuerpo de un aviso."""

    type: Evento
    timestamp: Momento
    data: CasoAvisado
