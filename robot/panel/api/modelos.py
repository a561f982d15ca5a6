"""What goes in and out of the API, as OpenAPI describes it: names, words and examples in Spanish."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from robot.records.caso import Estado, Etapa
from robot.records.solicitud import Arreglo, FormaPago, TipoDocumento

_UNKEEPABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def keepable(value: Any) -> bool:
    """Say whether a database can hold every text in a value of JSON: no control characters, no halves of letters."""
    if isinstance(value, str):
        return not _UNKEEPABLE.search(value)
    if isinstance(value, dict):
        return all(keepable(key) and keepable(inner) for key, inner in value.items())
    return all(keepable(inner) for inner in value) if isinstance(value, list) else True


def _kept(value: str) -> str:
    if not keepable(value):
        raise ValueError("trae caracteres que no se pueden guardar")
    return value


Texto = Annotated[str, AfterValidator(_kept)]
Marca = Annotated[
    str, Field(pattern=r"^R-[0-9A-HJKMNP-TV-Z]{7}$", description="Marca del caso", examples=["R-7K3QF2M"])
]
Momento = Annotated[str, Field(description="Fecha y hora, UTC", examples=["2026-11-24T15:04:05.000000Z"])]
Resultado = Literal["nuevo", "ya_atendido", "error"]


class Modelo(BaseModel):
    """A body with these fields and no others."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class Campo(Modelo):
    """Lo que está mal en un campo."""

    campo: str = Field(description="Nombre del campo, como en la solicitud", examples=["documento"])
    problema: str = Field(description="Qué está mal y cómo corregirlo", examples=["falta"])
    fila: int | None = Field(None, description="En un lote, el número de la fila, desde 1", examples=[None])


class Falla(Modelo):
    """Por qué no se pudo y qué hacer."""

    motivo: str = Field(examples=["La solicitud tiene datos por corregir"])
    que_hacer: str | None = Field(None, examples=["Corrija los campos indicados y envíela de nuevo."])
    campos: list[Campo] = Field(default_factory=list)


class Solicitud(BaseModel):
    """Solicitud de reconexión."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "codigo": "100234",
                    "ruta": "01-383",
                    "tipo_documento": "CC",
                    "documento": "40781234",
                    "nombres": "María Fernanda",
                    "apellidos": "Rojas Vargas",
                    "celular": "3131271693",
                    "forma_pago": "Contado",
                    "concepto": "RECONEXION DEL SERVICIO",
                    "medidor": True,
                    "arreglo": "sin deuda",
                    "solicitud": "PQR-2026-000123",
                }
            ]
        },
    )

    codigo: str = Field(description="Código del suscriptor, como aparece en la factura")
    ruta: str = Field(description="Ruta de lectura, como 01-383")
    suscriptor: str | None = Field(None, description="Nombre del suscriptor; si falta, se lee de Serviweb")
    tipo_documento: TipoDocumento | None = Field(None, description="Tipo de documento; si falta, CC")
    documento: str = Field(description="Documento de quien solicita; un NIT, con guion y dígito de verificación")
    nombres: str = Field(description="Nombres de quien solicita, o razón social", max_length=80)
    apellidos: str | None = Field(None, description="Apellidos de quien solicita; obligatorios salvo con NIT")
    celular: str = Field(description="Celular (3 y nueve dígitos) o fijo (60 y ocho dígitos)")
    forma_pago: FormaPago = Field(description="Cómo paga")
    concepto: str = Field(description="Concepto, como va en la observación", max_length=100)
    medidor: bool = Field(description="Si tiene medidor")
    arreglo: Arreglo = Field(description="Arreglo de la deuda (paso 2)")
    arreglo_ref: str | None = Field(
        None, description="Referencia del acuerdo o de la diligencia; obligatoria con ellos"
    )
    solicitud: str | None = Field(
        None, description="Referencia propia de quien pide: la misma referencia es la misma solicitud"
    )
    nueva_ocasion: str | None = Field(None, description="Motivo por el que es otra reconexión y no la misma repetida")


SolicitudCruda = Annotated[dict[str, Any], WithJsonSchema(Solicitud.model_json_schema())]
"""Taken as it comes, so that the records' own rules name every fault at once, each in Spanish."""


class Pagado(Modelo):
    """Pago registrado."""

    recibo: str
    fecha: str = Field(description="Día del pago, aaaa-mm-dd", examples=["2026-11-24"])
    valor: int | None = Field(description="Pesos")


class Caso(Modelo):
    """Un caso, sin documentos ni teléfonos."""

    id: Marca
    estado: Estado
    estado_texto: str = Field(examples=["esperando el pago en caja"])
    etapa: Etapa
    codigo: str = Field(description="Código del suscriptor")
    solicitud: str | None = Field(description="Referencia propia de quien lo pidió")
    lote: str | None
    factura: str | None = Field(description="Número en Serviweb")
    recibo: str | None = Field(description="Número del recibo que se paga en la caja")
    radicado: str | None = Field(description="Radicado del trámite")
    total: int | None = Field(description="Valor por pagar, en pesos")
    pago: Pagado | None
    papeles: list[str] = Field(description="Papeles que se pueden pedir", examples=[["recibo-abono"]])
    motivo: str | None = Field(description="Por qué está así, si hay algo que decir")
    que_hacer: str | None
    creado: Momento
    cambiado: Momento


class Casos(Modelo):
    """Una página de casos, los más nuevos primero."""

    casos: list[Caso]
    cursor: str | None = Field(description="Para pedir la página que sigue; nulo en la última")


class PagoNuevo(Modelo):
    """El pago que alguien vio en el recibo cancelado."""

    recibo: Texto = Field(min_length=1, max_length=60, description="Número del recibo pagado", examples=["RC-0004521"])
    fecha: Texto = Field(description="dd/mm/aaaa o aaaa-mm-dd", examples=["2026-11-24"])
    valor: int | None = Field(None, ge=0, le=10**12, description="Pesos pagados", examples=[98700])
    otro_recibo: Texto | None = Field(
        None, max_length=200, description="Motivo, si pagó con un recibo distinto del que generó el caso"
    )


class PagoAnotado(Modelo):
    """Qué se hizo con el pago."""

    resultado: Literal["nuevo", "corregido", "igual", "inesperado"] = Field(
        description="inesperado: quedó registrado, pero el caso no lo esperaba y una persona debe atenderlo"
    )
    caso: Caso
    reconectar_antes: Momento | None = Field(description="Hasta cuándo debe volver el servicio")
    motivo: str | None
    que_hacer: str | None


_FILA: Final = {
    "type": "object",
    "description": "Una solicitud, con los campos de POST /casos; lo que tenga mal se dice en su fila",
    "examples": Solicitud.model_json_schema()["examples"],
}


class LoteNuevo(Modelo):
    """Varias solicitudes."""

    solicitudes: list[Annotated[dict[str, Any], WithJsonSchema(_FILA)]] = Field(min_length=1, max_length=5000)
    todo_o_nada: bool = Field(False, description="Con un error en una, no se toma ninguna")
    nombre: Texto = Field("API", min_length=1, max_length=80, description="Cómo se ve el lote en el panel")


class FilaLote(Modelo):
    """Qué fue de una solicitud del lote."""

    fila: int = Field(description="Desde 1; en un CSV, la fila de la hoja")
    resultado: Resultado
    caso: str | None
    estado: str | None = Field(description="Estado del caso ahora")
    mensaje: str | None
    campos: list[Campo]


class Lote(Modelo):
    """Un lote y sus filas."""

    id: str = Field(examples=["L-7K3QF2M"])
    nombre: str
    creado: Momento
    nuevas: int
    ya_atendidas: int
    con_error: int
    filas: list[FilaLote]


class Salud(Modelo):
    """Si el panel atiende."""

    estado: Literal["bien"]
