"""The one frozen `Settings`: built at the edge, passed in, read from the environment here and nowhere else.

Values come, in this order, from the caller, from `SERVIWEB_…` variables, from a `.env` file in the current folder and
from the defaults. The password may also live in the operating system's keyring (service `serviweb`).
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from robot.errors import SettingsError
from robot.text import fold

BOGOTA = ZoneInfo("America/Bogota")
PREFIX = "SERVIWEB_"
_SECRETS = frozenset({"clave", "claves", "usuario", "usuarios", "llave", "avisos"})
_PLACES = frozenset(
    {
        "carpeta",
        "base_datos",
        "equipo",
        "navegador",
        "url",
        "proxy",
        "prueba_codigo",
        "prueba_documento",
        "prueba_guardar",
        "panel_direccion",
        "panel_puerto",
        "panel_nombres",
        "panel_https",
        "impresora",
    }
)


class Settings(BaseSettings):
    """Everything an installation decides. Names are Spanish, since people write them."""

    model_config = SettingsConfigDict(
        frozen=True,
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        env_ignore_empty=True,
    )

    url: str = Field("", description="Dirección de Serviweb, por ejemplo https://serviweb.empresa.gov.co/")
    usuario: str = Field("", description="Usuario de Serviweb con el que entra el robot")
    clave: SecretStr | None = Field(None, description="Contraseña; si falta, se toma del llavero del sistema")
    mapa: str = Field("mock", description="Mapa de pantallas: nombre en selectors/ o ruta de una carpeta")
    prueba_codigo: str = Field(
        "", description="Código del suscriptor con el que se comprueba el mapa; nunca se le guarda nada"
    )
    prueba_documento: str = Field(
        "", repr=False, description="Documento [TIPO:]N de un tercero que ya existe, para comprobar el mapa"
    )
    prueba_guardar: str = Field(
        "", description="Código del suscriptor al que «selectores aprender --segunda» sí le guarda; vacío: lo pregunta"
    )
    revisar_antes: bool = Field(
        True, description="Comprueba el mapa de pantallas antes del primer caso de la cola, y cuando falta un control"
    )
    casos_asistidos: int = Field(
        5,
        ge=0,
        description="Casos que una persona aprueba, guardado por guardado, con un mapa recién aprendido; luego la cola",
    )
    carpeta: Path = Field(Path("~/serviweb-datos"), description="Carpeta de casos, papeles y evidencias")
    base_datos: str = Field(
        "",
        repr=False,
        description="Base de datos postgresql://… donde trabajan varias máquinas; si falta, un archivo en la carpeta",
    )
    equipo: str = Field(
        "",
        max_length=40,
        pattern=r"^[^:\s]*$",
        description="Nombre de este equipo, distinto en cada uno; si falta, el que tiene en la red",
    )
    navegador: Path | None = Field(None, description="Navegador que se usa; si falta, el primero que se encuentre")
    visible: bool = Field(False, description="Muestra el navegador mientras trabaja")
    evidencia: Literal["grabacion", "imagenes", "ninguna"] = Field(
        "grabacion", description="Qué evidencia se guarda de cada paso"
    )
    productos: Annotated[tuple[str, ...], NoDecode] = Field(
        ("CORTE", "RECONEXIÓN DEL SERVICIO", "RECUPERACIÓN ACUEDUCTO CARTERA"),
        description="Productos que se facturan, separados por «|» (pasos 8, 10 y 12, que agrega los demás)",
    )
    zona: str = Field("FLORENCIA", description="Zona del trámite (paso 25)")
    medio: str = Field("PERSONAL", description="Medio del trámite (paso 25)")
    servicio: str = Field("ACUEDUCTO", description="Servicio del trámite (paso 27)")
    tipo_tramite: str = Field("PETICIÓN", description="Tipo de trámite (paso 27)")
    causal: str = Field("RECONEXIÓN DEL SERVICIO", description="Causal del trámite (paso 28)")
    observacion_factura: str = Field(
        "{codigo} {ruta} {concepto}", description="Observación de la factura (paso 13); campos: codigo, ruta, concepto"
    )
    observacion_tramite: str = Field(
        "{codigo} {ruta} {concepto} {celular} {medidor}",
        description="Observación del trámite (paso 29); campos: codigo, ruta, concepto, celular, medidor",
    )
    marca_en_observacion: bool = Field(
        True, description="Agrega la marca del caso a la observación: con ella se encuentra el documento si hay duda"
    )
    patron_codigo: str = Field(r"\d{3,10}", description="Forma del código de suscriptor (expresión regular)")
    patron_ruta: str = Field(r"\d{2}-\d{3}", description="Forma de la ruta de lectura (expresión regular)")
    espera_segundos: float = Field(15, gt=0, le=120, description="Cuánto se espera a cada control de una pantalla")
    espera_confirmacion_segundos: float = Field(
        30, gt=0, le=300, description="Cuánto se espera el número después de guardar; luego el caso queda en duda"
    )
    intentos: int = Field(3, ge=1, le=10, description="Intentos de un documento mientras no se haya enviado nada")
    tomas: int = Field(
        5, ge=1, le=50, description="Veces que la cola toma un caso que falla sin enviar nada; luego lo ve una persona"
    )
    reintento_segundos: float = Field(
        60, gt=0, le=3600, description="Espera de un caso que falló, antes de tomarlo otra vez; se duplica cada vez"
    )
    reintento_maximo_segundos: float = Field(3600, gt=0, le=86400, description="La mayor espera de un caso que falló")
    circuito_fallos: int = Field(
        3, ge=1, le=100, description="Casos seguidos en que Serviweb no responde, tras los que la cola se detiene"
    )
    circuito_pausa_segundos: float = Field(
        30, gt=0, le=3600, description="Espera antes de probar si Serviweb ya responde; se duplica cada vez"
    )
    circuito_pausa_maxima_segundos: float = Field(
        900, gt=0, le=86400, description="La mayor espera antes de probar si Serviweb ya responde"
    )
    dias_duplicado: int = Field(25, ge=0, description="Días en que una solicitud igual se toma por repetida")
    consulta_previa: bool = Field(
        True,
        description="Consulta las facturas, recibos y trámites del suscriptor antes de guardar, si el mapa los tiene",
    )
    consulta_intervalos: Annotated[tuple[float, ...], NoDecode] = Field(
        (5, 30, 120, 600, 3600),
        description="Cada cuánto se consulta un caso en duda, en segundos separados por «|»; el último se repite",
    )
    espera_consulta_segundos: float = Field(
        60, ge=0, le=3600, description="Cuánto se busca enseguida un documento en duda; con 0 no se busca"
    )
    espera_duda_minutos: float = Field(
        30, ge=0, description="Minutos desde el envío antes de poder decidir que un documento no existe"
    )
    segunda_persona: bool = Field(True, description="Pide una segunda persona para decidir que un documento no existe")
    arriendo_segundos: float = Field(
        300, ge=1, le=3600, description="Segundos sin señal tras los que otro equipo puede tomar un caso en curso"
    )
    horario: str = Field(
        "", description="Horas en que la cola trabaja, como L-V 07:00-12:00 13:00-17:30; S 08:00-12:00; vacío: siempre"
    )
    festivos: bool = Field(False, description="No trabaja la cola en los festivos de Colombia")
    espera_cola_segundos: float = Field(
        2, gt=0, le=60, description="Cada cuánto mira la cola un trabajador que no tiene qué hacer"
    )
    usuarios: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Usuarios de Serviweb de los trabajadores de la cola, separados por «|»; si faltan, «usuario»"
    )
    horas_reconexion: float = Field(
        24, gt=0, le=720, description="Horas para reconectar desde el pago registrado (24, según la Superservicios)"
    )
    dias_pqr: int = Field(
        15,
        ge=1,
        le=90,
        description="Días hábiles para responder el trámite desde que se radica (Ley 142, art. 158)",
    )
    claves: SecretStr | None = Field(
        None,
        description="Contraseñas de «usuarios», en el mismo orden y separadas por «|»; si faltan, se toman del llavero",
    )
    puestos: int = Field(
        4, ge=1, le=32, description="Asesores cuyos casos se trabajan a la vez, cada uno con su usuario de Serviweb"
    )
    llave: SecretStr | None = Field(
        None,
        description="Llave del panel, de 32 letras o más: cifra contraseñas y busca documentos; si falta, un archivo",
    )
    panel_direccion: str = Field("127.0.0.1", description="Dirección en la que atiende el panel")
    panel_puerto: int = Field(8765, ge=0, le=65535, description="Puerto del panel")
    panel_nombres: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Nombres con los que se abre el panel, como panel.empresa.gov.co, separados por «|»"
    )
    panel_https: bool = Field(
        False, description="El panel se ve por https (detrás de un proxy): la sesión solo viaja cifrada"
    )
    panel_sesion_minutos: int = Field(
        30, ge=1, le=1440, description="Minutos sin uso tras los que el panel pide entrar"
    )
    panel_sesion_horas: int = Field(12, ge=1, le=168, description="Horas tras las que el panel pide entrar otra vez")
    panel_intentos: int = Field(5, ge=1, le=50, description="Claves equivocadas del panel tras las que se bloquea")
    panel_bloqueo_minutos: int = Field(15, ge=1, le=1440, description="Minutos que dura ese bloqueo")
    muestra_porcentaje: float = Field(
        5, ge=0, le=100, description="Parte de los casos terminados que un supervisor debe mirar y firmar (%)"
    )
    imprimir: bool = Field(False, description="Permite imprimir los papeles desde el panel, en la impresora del equipo")
    impresora: str = Field("", description="Impresora del panel; vacío: la del sistema")
    avisos: SecretStr | None = Field(
        None, description="A dónde se avisa: direcciones de apprise (mailto://…, json://…), separadas por espacios"
    )
    aviso_plazo_horas: float = Field(4, ge=0, le=240, description="Horas antes de que venza un plazo en que se avisa")
    proxy: str = Field("", repr=False, description="Proxy de salida, por ejemplo http://proxy:3128")
    minimo_disco_mb: int = Field(200, ge=0, description="Espacio libre sin el cual no se inicia ningún caso (MB)")

    @field_validator("usuarios", "productos", "panel_nombres", mode="before")
    @classmethod
    def _split_products(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split("|") if part.strip())
        return value

    @field_validator("consulta_intervalos", mode="before")
    @classmethod
    def _split_intervals(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split("|")) if isinstance(value, str) else value

    @field_validator("consulta_intervalos")
    @classmethod
    def _growing(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or value[0] <= 0 or list(value) != sorted(value):
            raise ValueError("indique segundos mayores que cero, de menor a mayor, por ejemplo 5|30|120")
        return value

    @field_validator("productos")
    @classmethod
    def _no_twins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("indique por lo menos un producto")
        if len({fold(product) for product in value}) != len(value):
            raise ValueError("hay un producto repetido: se cobraría dos veces")
        return value

    @field_validator("carpeta")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("patron_codigo", "patron_ruta")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"no es una expresión regular: {error}") from error
        return value

    @field_validator("observacion_factura", "observacion_tramite")
    @classmethod
    def _known_fields(cls, value: str) -> str:
        sample = dict.fromkeys(("codigo", "ruta", "concepto", "celular", "medidor"), "x")
        try:
            value.format_map(sample)
        except (KeyError, ValueError, IndexError, AttributeError, TypeError) as error:
            raise ValueError(
                "tiene un campo que no existe; los campos son {codigo} {ruta} {concepto} {celular} {medidor}"
            ) from error
        return value

    @property
    def casos(self) -> Path:
        """Folder with one folder per case."""
        return self.carpeta / "casos"

    @property
    def ensayos(self) -> Path:
        """Folder of rehearsals, which are no cases."""
        return self.carpeta / "ensayos"

    @property
    def informes(self) -> Path:
        """Folder with one folder per day: report, workbook, planilla."""
        return self.carpeta / "informes"

    @property
    def revisiones(self) -> Path:
        """Folder with one folder per check of the map."""
        return self.carpeta / "revisiones"

    @property
    def privado(self) -> Path:
        """Folder of the requests themselves: personal data that can be erased."""
        return self.carpeta / "privado"

    def fingerprint(self) -> str:
        """Return the SHA-256 of the settings that decide what is done, without secrets and places."""
        values = self.model_dump(
            mode="json",
            exclude={*_SECRETS, *_PLACES},
        )
        return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()

    def of_user(self, user: str) -> Settings:
        """Return these settings for another Serviweb user, with its password. Raises `SettingsError`."""
        if user == self.usuario:
            return self
        given = self.claves.get_secret_value().split("|") if self.claves else []
        if given and len(given) != len(self.usuarios):
            raise SettingsError("SERVIWEB_CLAVES debe traer una contraseña por cada usuario de SERVIWEB_USUARIOS")
        clave = SecretStr(given[self.usuarios.index(user)]) if given else None
        return self.model_copy(update={"usuario": user, "clave": clave})

    def password(self) -> str:
        """Return the password of `usuario`, from the settings or the keyring. Raises `SettingsError`."""
        if self.clave is not None:
            return self.clave.get_secret_value()
        import keyring
        from keyring.errors import KeyringError

        try:
            found = keyring.get_password("serviweb", self.usuario)
        except KeyringError:
            found = None
        if not found:
            raise SettingsError(
                f"Falta la contraseña de Serviweb del usuario «{self.usuario}»",
                remedy=f"Guárdela con «keyring set serviweb {self.usuario}» o defina SERVIWEB_CLAVE.",
            )
        return found


_MESSAGES = {
    "bool_parsing": "debe ser «true» o «false»",
    "int_parsing": "debe ser un número entero",
    "float_parsing": "debe ser un número",
    "extra_forbidden": "no es un ajuste conocido",
    "string_pattern_mismatch": "no puede tener espacios ni «:»",
    "string_too_long": "es demasiado largo: {max_length} letras como mucho",
    "greater_than": "debe ser mayor que {gt:g}",
    "greater_than_equal": "debe ser {ge:g} o más",
    "less_than_equal": "debe ser {le:g} o menos",
    "literal_error": "debe ser uno de {expected}",
}


def load(**given: Any) -> Settings:
    """Build the settings; what is `None` in *given* counts as not given. Raises `SettingsError` with every fault."""
    unknown = sorted(
        name
        for name in {*os.environ, *map(str.upper, dotenv_values(".env", encoding="utf-8"))}
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in Settings.model_fields
    )
    wrong = [f"{name}: no es un ajuste conocido" for name in unknown]
    try:
        settings = Settings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        for fault in error.errors():
            name = "_".join(str(part) for part in fault["loc"][:1])
            name = name if name.upper().startswith(PREFIX) else f"{PREFIX}{name}"
            context = {
                k: str(v).replace("' or '", "' o '") if k == "expected" else v for k, v in fault.get("ctx", {}).items()
            }
            text = _MESSAGES.get(fault["type"], "").format_map(context) or str(fault["msg"])
            wrong.append(f"{name.upper()}: {text.removeprefix('Value error, ')}")
        raise SettingsError("Ajustes incorrectos:\n  " + "\n  ".join(wrong)) from None
    if wrong:
        raise SettingsError("Ajustes incorrectos:\n  " + "\n  ".join(wrong))
    return settings


def environment_of(**given: str) -> dict[str, str]:
    """Return the environment of a command of ours with these settings and no others, but which browser is taken."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    browser = f"{PREFIX}NAVEGADOR"
    if browser in os.environ:
        kept[browser] = os.environ[browser]
    return {**kept, **{f"{PREFIX}{name.upper()}": value for name, value in given.items()}}


def environment(settings: Settings, **besides: str) -> dict[str, str]:
    """Return the environment of a child process that works with these settings: what was given, not the defaults."""
    given = {}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        elif isinstance(value, tuple):
            value = "|".join(map(str, value))
        elif isinstance(value, bool):
            value = str(value).lower()
        if value is not None:
            given[name] = str(value)
    return {**environment_of(**given), **besides}
