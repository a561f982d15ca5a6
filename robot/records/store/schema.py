"""The tables. Times are UTC as ISO text of one width, which sorts as it reads and is the same on both databases."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

ESTADOS: Final = (
    "en_cola",
    "en_curso",
    "esperando_pago",
    "terminado",
    "rechazado",
    "fallido",
    "en_duda",
    "incompleto",
    "cancelado",
)
OPEN: Final = ("en_curso", "en_duda", "incompleto")
"""A subscriber has at most one case in these states."""
NOTHING: Final = ("rechazado", "fallido", "cancelado")
"""Nothing of such a case is in Serviweb."""
EFECTOS: Final = (
    "intencion",
    "enviado",
    "respondido",
    "confirmado",
    "rechazado",
    "no_enviado",
    "en_duda",
    "anulado",
)
SETTLED: Final = ("rechazado", "no_enviado", "anulado")
"""Effects that left nothing in Serviweb: the same key may be used again."""
PRESENT: Final = ("enviado", "respondido", "confirmado", "en_duda")
"""Effects of which something is, or may be, in Serviweb."""
DOCUMENTOS: Final = ("factura", "abono", "tramite")
TIPOS: Final = ("tercero", *DOCUMENTOS)
ETAPAS: Final = ("cobro", "tramite")
POR_VENCER: Final = ("en_cola", "en_curso", "en_duda", "incompleto")
"""States in which the clock of a paid case runs (casos.vence)."""
NEVER: Final = "9999-12-31T23:59:59.999999Z"

TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    "en_cola": frozenset({"en_curso", "cancelado", "esperando_pago"}),
    "en_curso": frozenset(ESTADOS) - {"en_curso"},
    "esperando_pago": frozenset({"en_cola", "en_curso", "incompleto", "cancelado"}),
    "en_duda": frozenset({"en_cola", "en_curso", "incompleto", "esperando_pago", "terminado", "fallido", "cancelado"}),
    "incompleto": frozenset({"en_cola", "en_curso", "esperando_pago", "terminado", "en_duda", "cancelado"}),
    "fallido": frozenset({"en_cola"}),
    "terminado": frozenset(),
    "rechazado": frozenset(),
    "cancelado": frozenset(),
}
"""From each state, where a case may go (docs/decisiones.md, *La base de datos de los casos*)."""


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the SQL that says that a column has one of these values."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def values_of(table: str, column: str, values: tuple[str, ...]) -> CheckConstraint:
    """Return the rule that a column has one of these values."""
    return CheckConstraint(one_of(column, values), name=f"{table}_{column}")


def time(name: str, *, nullable: bool = True) -> Column[str]:
    """Return a column that holds a time."""
    return Column(name, String(27), nullable=nullable)


def _case(*, primary: bool = False) -> Column[str]:
    return Column("caso", String(12), ForeignKey("casos.id"), primary_key=primary, nullable=False)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index of some of a table's rows, the same on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


metadata = MetaData()

casos = Table(
    "casos",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("codigo", String(40), nullable=False),
    Column("ruta", String(40), nullable=False),
    Column("suscriptor", Text, nullable=False, server_default=""),
    Column("etapa", String(10), nullable=False, server_default="cobro"),
    Column("estado", String(20), nullable=False, server_default="en_cola"),
    Column("prioridad", Integer, nullable=False),
    Column("orden", BigInteger, nullable=False),
    Column("lote", String(12), ForeignKey("lotes.id")),
    Column("referencia", Text, nullable=False, server_default=""),
    Column("nueva_ocasion", Text, nullable=False, server_default=""),
    Column("asesor", Text, nullable=False, server_default=""),
    Column("huella", String(64), nullable=False),
    Column("token", Integer, nullable=False, server_default="0"),
    Column("trabajador", Text),
    Column("usuario", Text),
    Column("para_usuario", Text, nullable=False, server_default=""),
    time("vence_arriendo"),
    Column("intentos", Integer, nullable=False, server_default="0"),
    time("disponible", nullable=False),
    time("vence", nullable=False),
    Column("cancelar_por", Text),
    time("cancelar_cuando"),
    Column("papel_pendiente", Boolean, nullable=False, server_default=text("false")),
    Column("motivo", Text, nullable=False, server_default=""),
    Column("que_hacer", Text, nullable=False, server_default=""),
    Column("buscable", Boolean, nullable=False, server_default=text("false")),
    Column("clase", String(80), nullable=False, server_default=""),  # the kind of its reason (buscador.py)
    time("por_responder"),  # when its trámite was filed, while nobody has said that it was answered
    time("creado", nullable=False),
    time("cambiado", nullable=False),
    values_of("casos", "estado", ESTADOS),
    values_of("casos", "etapa", ETAPAS),
    CheckConstraint(
        "(trabajador IS NULL) = (vence_arriendo IS NULL) AND (estado <> 'en_curso' OR trabajador IS NOT NULL)",
        name="casos_arriendo",
    ),
    partial("casos_un_abierto", "codigo", where=one_of("estado", OPEN), unique=True),
    partial(
        "casos_referencia",
        "referencia",
        where=f"referencia <> '' AND NOT ({one_of('estado', NOTHING)})",
        unique=True,
    ),
    Index("casos_cola", "estado", "prioridad", "vence", "orden"),  # the next one is its first row: nothing is sorted
    partial("casos_arrendados", "vence_arriendo", where="trabajador IS NOT NULL"),
    Index("casos_codigo", "codigo"),
    partial("casos_lote", "lote", "estado", "creado", "id", where="lote IS NOT NULL"),
    partial("casos_por_referencia", "referencia", where="referencia <> ''"),
    Index("casos_creado", "creado", "estado", "asesor", "id"),  # the dashboard counts in it, without the table
    Index("casos_cambiado", "cambiado"),
    Index("casos_por_fecha", "creado", "id"),  # these and casos_lote are what listado.py pages through
    Index("casos_por_estado", "estado", "etapa", "creado", "id"),
    Index("casos_por_asesor", "asesor", "estado", "etapa", "creado", "id"),
    partial("casos_por_clase", "clase", "estado", "creado", "id", where="clase <> ''"),
    partial("casos_por_indexar", "orden", where="NOT buscable"),
    partial("casos_por_vencer", "vence", "id", where=f"vence < '9999' AND {one_of('estado', POR_VENCER)}"),
    partial("casos_por_responder", "por_responder", "id", where="por_responder IS NOT NULL"),
)

corridas = Table(
    "corridas",
    metadata,
    _case(primary=True),
    Column("corrida", Integer, primary_key=True),
    Column("etapa", String(10), nullable=False),
    Column("ensayo", Boolean, nullable=False),
    Column("navegador", Text, nullable=False),
    Column("usuario_serviweb", Text, nullable=False),
    time("empezada", nullable=False),
    Column("milisegundos", Integer),
    Column("resultado", Text),
)

pasos = Table(
    "pasos",
    metadata,
    _case(primary=True),
    Column("n", Integer, primary_key=True),
    Column("corrida", Integer, nullable=False),
    Column("paso", String(8), nullable=False),
    Column("titulo", Text, nullable=False),
    Column("estado", String(10), nullable=False),
    time("empezado", nullable=False),
    Column("milisegundos", Integer),
    Column("error", Text),
    Column("motivo", Text),
    Column("control", Text),
    values_of("pasos", "estado", ("abierto", "hecho", "fallido")),
    Index("pasos_de_corrida", "caso", "corrida", "paso"),
)

efectos = Table(
    "efectos",
    metadata,
    _case(primary=True),
    Column("n", Integer, primary_key=True),
    Column("tipo", String(10), nullable=False),
    Column("clave", String(80), nullable=False),
    Column("estado", String(12), nullable=False),
    Column("con_compuerta", Boolean, nullable=False),
    Column("token", Integer, nullable=False),
    Column("numero", Text),
    Column("total", BigInteger),
    Column("que", Text, nullable=False, server_default="{}"),
    Column("motivo", Text),
    time("intencion", nullable=False),
    time("enviado"),
    time("respondido"),
    time("cerrado"),
    values_of("efectos", "tipo", TIPOS),
    values_of("efectos", "estado", EFECTOS),
    CheckConstraint("estado <> 'confirmado' OR tipo = 'tercero' OR numero IS NOT NULL", name="efectos_con_numero"),
    partial("efectos_una_vez", "clave", where=f"NOT ({one_of('estado', SETTLED)})", unique=True),
    partial(
        "efectos_numero",
        "tipo",
        "numero",
        where="numero IS NOT NULL AND estado <> 'anulado' AND tipo <> 'tercero'",
        unique=True,
    ),
    Index("efectos_estado", "estado"),
    partial("efectos_por_numero", "numero", where="numero IS NOT NULL"),
    partial("efectos_cerrado", "cerrado", where="cerrado IS NOT NULL"),
    partial("efectos_por_anular", "caso", where="motivo = 'por anular' AND estado = 'confirmado'"),
)

documentos = Table(
    "documentos",
    metadata,
    _case(primary=True),
    Column("tipo", String(30), primary_key=True),
    Column("archivo", Text),
    Column("sha256", String(64)),
    Column("paginas", Integer),
    Column("copias_archivo", Text),
    Column("copias_sha256", String(64)),
    Column("falta", Text),
    time("cuando", nullable=False),
    CheckConstraint("(archivo IS NULL) <> (falta IS NULL)", name="documentos_uno"),
)

pagos = Table(
    "pagos",
    metadata,
    Column("recibo", String(60), primary_key=True),
    Column("caso", String(12), ForeignKey("casos.id"), nullable=False, unique=True),
    Column("fecha", String(10), nullable=False),
    Column("valor", BigInteger),
    Column("otro_recibo", Text, nullable=False, server_default=""),
    Column("registrado_por", Text, nullable=False),
    time("cuando", nullable=False),
    Column("confirmado", Boolean),  # read again in Serviweb: paid there, not paid there, or not read
    time("confirmado_cuando"),
    Column("confirmado_motivo", Text, nullable=False, server_default=""),
    Index("pagos_fecha", "fecha"),
    partial("pagos_no_confirmados", "cuando", where="NOT confirmado"),
)

pagos_inesperados = Table(
    "pagos_inesperados",
    metadata,
    _case(primary=True),
    Column("n", Integer, primary_key=True),
    Column("recibo", String(60), nullable=False),
    Column("fecha", String(10), nullable=False),
    Column("valor", BigInteger),
    Column("motivo", Text, nullable=False),
    Column("que_hacer", Text, nullable=False),
    Column("registrado_por", Text, nullable=False),
    time("cuando", nullable=False),
    Column("atendido_por", Text),
    time("atendido_cuando"),
    Column("atendido_motivo", Text, nullable=False, server_default=""),
    CheckConstraint("(atendido_por IS NULL) = (atendido_cuando IS NULL)", name="pagos_inesperados_atendido"),
    Index("pagos_inesperados_recibo", "recibo"),
    partial("pagos_sin_atender", "cuando", where="atendido_por IS NULL"),
)

diario = Table(
    "diario",
    metadata,
    _case(primary=True),
    Column("n", Integer, primary_key=True),
    Column("evento", String(40), nullable=False),
    Column("entrada", Text, nullable=False),
    Column("previa", String(64), nullable=False),
    Column("huella", String(64), nullable=False),
)

valores = Table("valores", metadata, _case(primary=True), Column("sal", String(64)), Column("solicitud", Text))

lotes = Table(
    "lotes",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("archivo", Text, nullable=False),
    Column("huella", String(64), nullable=False),
    Column("asesor", Text, nullable=False),
    time("creado", nullable=False),
)

filas = Table(
    "filas",
    metadata,
    Column("lote", String(12), ForeignKey("lotes.id"), primary_key=True),
    Column("fila", Integer, primary_key=True),
    Column("caso", String(12), ForeignKey("casos.id")),
    Column("resultado", String(12), nullable=False),
    Column("campo", Text, nullable=False, server_default=""),
    Column("mensaje", Text, nullable=False, server_default=""),
    values_of("filas", "resultado", ("nuevo", "ya_atendido", "error")),
    Index("filas_caso", "caso"),
)

usuarios = Table(
    "usuarios",
    metadata,
    Column("usuario", String(120), primary_key=True),
    Column("trabajador", Text),
    time("vence_arriendo"),
    Column("token", Integer, nullable=False, server_default="0"),
    Column("fallos", Integer, nullable=False, server_default="0"),
    time("bloqueado"),
)

control = Table(
    "control",
    metadata,
    Column("clave", String(40), primary_key=True),
    Column("valor", Text, nullable=False),
    Column("por", Text, nullable=False, server_default=""),
    time("cuando", nullable=False),
)
