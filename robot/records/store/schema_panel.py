"""The tables of the panel: who may do what, what they did, what is searched, told, drafted and asked of the robot."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from robot.records.store.schema import metadata, one_of, partial, time, values_of

ROLES: Final = ("asesor", "supervisor", "administrador")
ENCARGOS: Final = ("espera_segunda", "pendiente", "en_curso", "hecho", "rechazado", "retirado")
"""States of an errand; the first three are open."""
ABIERTOS: Final = ENCARGOS[:3]
ENVIOS: Final = ("pendiente", "enviando", "enviado", "fallido", "incierto")
BORRADORES: Final = ("cargando", "abierto", "enviando", "enviado", "descartado")
"""States of a draft; the first three hold rows, and in *cargando* and *enviando* a process works it."""
DICTAMENES: Final = ("conforme", "con_observaciones")


PLAIN_TEXT: Final = String(60).with_variant(String(60, collation="C"), "postgresql")
"""Text in the order of its bytes, on both databases: a prefix is a range."""


def _number(name: str = "id") -> Column[int]:
    """Return a primary key that counts by itself; SQLite counts only in INTEGER."""
    return Column(name, BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)


personas = Table(
    "personas",
    metadata,
    Column("usuario", String(60), primary_key=True),
    Column("nombre", Text, nullable=False),
    Column("rol", String(15), nullable=False),
    Column("clave", Text, nullable=False),
    Column("activa", Boolean, nullable=False),
    Column("cambiar_clave", Boolean, nullable=False),
    Column("serviweb", Text, nullable=False, server_default=""),
    time("creada", nullable=False),
    time("cambiada", nullable=False),
    values_of("personas", "rol", ROLES),
)
"""People of the panel. `serviweb` is the user under which their cases run there."""

intentos = Table(
    "intentos",
    metadata,
    Column("llave", String(64), primary_key=True),
    Column("fallos", Integer, nullable=False),
    time("cuando", nullable=False),
    time("hasta"),
    Index("intentos_cuando", "cuando"),
)
"""Attempts to enter, by the hash of a name, known or not, or of an address; `hasta` is the end of a lock-out."""

credenciales = Table(
    "credenciales",
    metadata,
    Column("usuario", String(120), primary_key=True),
    Column("cifrada", Text, nullable=False),
    Column("por", Text, nullable=False),
    time("cuando", nullable=False),
)
"""Passwords of Serviweb's users, encrypted with a key that is not in the database."""

sesiones = Table(
    "sesiones",
    metadata,
    Column("huella", String(64), primary_key=True),
    Column("usuario", String(60), ForeignKey("personas.usuario"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("agente", Text, nullable=False, server_default=""),
    time("creada", nullable=False),
    time("vista", nullable=False),
    time("vence", nullable=False),
    Index("sesiones_usuario", "usuario"),
    Index("sesiones_vence", "vence"),
)

acciones = Table(
    "acciones",
    metadata,
    _number("n"),
    time("cuando", nullable=False),
    Column("quien", Text, nullable=False),
    Column("rol", String(15), nullable=False),
    Column("accion", String(40), nullable=False),
    Column("caso", String(12)),
    Column("detalle", Text, nullable=False, server_default="{}"),
    Column("origen", Text, nullable=False, server_default=""),
    Column("previa", String(64), nullable=False),
    Column("huella", String(64), nullable=False),
    Index("acciones_caso", "caso"),
    Index("acciones_quien", "quien", "n"),
    Index("acciones_accion", "accion", "n"),
    Index("acciones_cuando", "cuando"),
)
"""The audit journal: each row's hash holds the one before."""

hechas = Table(
    "hechas",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("quien", Text, nullable=False),
    Column("respuesta", Text),
    time("cuando", nullable=False),
    Index("hechas_cuando", "cuando"),
)
"""Acts of the panel by the mark that their form bore: the same form twice acts once."""

filtros = Table(
    "filtros",
    metadata,
    Column("usuario", String(60), ForeignKey("personas.usuario"), primary_key=True),
    Column("nombre", String(80), primary_key=True),
    Column("consulta", Text, nullable=False),
    time("creado", nullable=False),
)

palabras = Table(
    "palabras",
    metadata,
    Column("palabra", PLAIN_TEXT, primary_key=True),
    Column("orden", BigInteger, primary_key=True, autoincrement=False),
    Column("caso", String(12), ForeignKey("casos.id"), primary_key=True),
    Index("palabras_caso", "caso", "palabra"),
    sqlite_with_rowid=False,
)
"""Words of the names of a case, folded; they are erased with its request. `orden` is its `creado` in microseconds."""

exactas = Table(
    "exactas",
    metadata,
    Column("huella", String(64), primary_key=True),
    Column("orden", BigInteger, primary_key=True, autoincrement=False),
    Column("caso", String(12), ForeignKey("casos.id"), primary_key=True),
    Index("exactas_caso", "caso"),
    sqlite_with_rowid=False,
)
"""Documents and phones of a case as keyed hashes."""

muestra = Table(
    "muestra",
    metadata,
    Column("caso", String(12), ForeignKey("casos.id"), primary_key=True),
    time("elegido", nullable=False),
    Column("revisor", Text),
    time("cuando"),
    Column("dictamen", String(20)),
    Column("nota", Text, nullable=False, server_default=""),
    CheckConstraint("(revisor IS NULL) = (cuando IS NULL)", name="muestra_firmada"),
    CheckConstraint(f"dictamen IS NULL OR {one_of('dictamen', DICTAMENES)}", name="muestra_dictamen"),
    partial("muestra_sin_ver", "elegido", where="revisor IS NULL"),
    Index("muestra_elegido", "elegido"),
)

encargos = Table(
    "encargos",
    metadata,
    _number(),
    Column("caso", String(12), ForeignKey("casos.id"), nullable=False),
    Column("que", String(20), nullable=False),
    Column("datos", Text, nullable=False, server_default="{}"),
    Column("persona", Text, nullable=False),
    Column("motivo", Text, nullable=False),
    Column("confirma", Text, nullable=False, server_default=""),
    Column("estado", String(15), nullable=False),
    Column("trabajador", Text),
    Column("resultado", Text, nullable=False, server_default=""),
    Column("que_hacer", Text, nullable=False, server_default=""),
    time("creado", nullable=False),
    time("cambiado", nullable=False),
    values_of("encargos", "estado", ENCARGOS),
    Index("encargos_caso", "caso"),
    partial("encargos_uno", "caso", where=one_of("estado", ABIERTOS), unique=True),
    partial("encargos_pendientes", "id", where="estado = 'pendiente'"),
)
"""What a person decided of a case in doubt and the robot must prove on Serviweb's lists before it counts."""

avisos = Table(
    "avisos",
    metadata,
    _number(),
    Column("clave", String(160), nullable=False, unique=True),
    Column("tipo", String(20), nullable=False),
    Column("nivel", String(10), nullable=False),
    Column("titulo", Text, nullable=False),
    Column("texto", Text, nullable=False, server_default=""),
    Column("caso", String(12)),
    Column("enlace", Text, nullable=False, server_default=""),
    time("creado", nullable=False),
    time("resuelto"),
    partial("avisos_vivos", "id", where="resuelto IS NULL"),
)

vistos = Table(
    "vistos",
    metadata,
    Column("usuario", String(60), ForeignKey("personas.usuario"), primary_key=True),
    Column("hasta", BigInteger, nullable=False),
)

clientes = Table(
    "clientes",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("nombre", Text, nullable=False),
    Column("huella", String(64), nullable=False, unique=True),
    Column("permisos", Text, nullable=False),
    Column("creado_por", Text, nullable=False),
    time("creado", nullable=False),
    time("usado"),
    time("revocado"),
)
"""Programs that use the API; of a token only its SHA-256 is kept."""

ganchos = Table(
    "ganchos",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("cliente", String(12), ForeignKey("clientes.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("secreto", Text, nullable=False),
    Column("eventos", Text, nullable=False),
    Column("activo", Boolean, nullable=False),
    time("creado", nullable=False),
    Index("ganchos_cliente", "cliente"),
)
"""Webhooks; the secret that signs them is encrypted like the passwords."""

envios = Table(
    "envios",
    metadata,
    _number(),
    Column("clave", String(200), nullable=False, unique=True),
    Column("canal", String(10), nullable=False),
    Column("destino", Text, nullable=False),
    Column("cuerpo", Text, nullable=False),
    Column("estado", String(12), nullable=False),
    Column("intentos", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    time("disponible", nullable=False),
    time("tomado"),
    time("creado", nullable=False),
    time("enviado"),
    values_of("envios", "estado", ENVIOS),
    partial("envios_pendientes", "disponible", where="estado = 'pendiente'"),
    partial("envios_en_camino", "tomado", where="estado = 'enviando'"),
)
"""The outbox of e-mails and webhooks."""

cambios = Table(
    "cambios",
    metadata,
    _number("n"),
    Column("caso", String(12), nullable=False),
    Column("estado", String(20), nullable=False),
    Column("motivo", Text, nullable=False, server_default=""),
    Column("que_hacer", Text, nullable=False, server_default=""),
    time("cuando", nullable=False),
    sqlite_autoincrement=True,  # rows are taken out, and no number may come twice
)
"""Each new state of the API's cases, written by a trigger within the change itself, until the webhooks know of it."""

borradores = Table(
    "borradores",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("archivo", Text, nullable=False),
    Column("huella", String(64), nullable=False),
    Column("usuario", Text, nullable=False),
    Column("columnas", Text, nullable=False),
    Column("notas", Text, nullable=False, server_default="[]"),
    Column("estado", String(12), nullable=False),
    Column("lote", String(12), ForeignKey("lotes.id")),
    Column("turno", Integer, nullable=False, server_default="0"),
    Column("hecho", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, nullable=False, server_default="0"),
    Column("leidas", Integer, nullable=False, server_default="0"),
    Column("puestas", Integer, nullable=False, server_default="0"),
    Column("fallo", Text, nullable=False, server_default=""),
    time("creado", nullable=False),
    time("cambiado", nullable=False),
    values_of("borradores", "estado", BORRADORES),
    Index("borradores_estado", "estado", "creado"),
)
"""A file of requests that somebody looks through before it goes to the queue.

Whoever loads or sends it shows its `turno`, and tells how much of the `total` is done; `leidas` and `puestas` count
rows that were read and that became cases, and stay when the rows are erased.
"""

borrador_filas = Table(
    "borrador_filas",
    metadata,
    Column("borrador", String(12), ForeignKey("borradores.id"), primary_key=True),
    Column("fila", Integer, primary_key=True),
    Column("celdas", Text, nullable=False),
    Column("problemas", Text, nullable=False, server_default="[]"),
    Column("mala", Boolean, nullable=False),
    Column("fuera", Boolean, nullable=False),
    Column("codigo", String(80), nullable=False, server_default=""),
    Column("referencia", String(80), nullable=False, server_default=""),
    partial("borrador_malas", "borrador", "fila", where="mala"),
    partial("borrador_fuera", "borrador", "fila", where="fuera"),
    partial("borrador_codigo", "borrador", "codigo", where="codigo <> ''"),
    partial("borrador_referencia", "borrador", "referencia", where="referencia <> ''"),
)
"""Its rows: cells as JSON, and what is wrong with each; `fuera` was left out by a person, and is not `mala` then."""
