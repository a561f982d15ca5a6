"""The panel: people, sessions, what they did, searches, reviews, errands, notices, programs, and drafts of files."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the panel's tables."""
    op.create_table(
        "acciones",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("cuando", sa.String(length=27), nullable=False),
        sa.Column("quien", sa.Text(), nullable=False),
        sa.Column("rol", sa.String(length=15), nullable=False),
        sa.Column("accion", sa.String(length=40), nullable=False),
        sa.Column("caso", sa.String(length=12), nullable=True),
        sa.Column("detalle", sa.Text(), server_default="{}", nullable=False),
        sa.Column("origen", sa.Text(), server_default="", nullable=False),
        sa.Column("previa", sa.String(length=64), nullable=False),
        sa.Column("huella", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("acciones_accion", "acciones", ["accion", "n"], unique=False)
    op.create_index("acciones_caso", "acciones", ["caso"], unique=False)
    op.create_index("acciones_cuando", "acciones", ["cuando"], unique=False)
    op.create_index("acciones_quien", "acciones", ["quien", "n"], unique=False)
    op.create_table(
        "avisos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("clave", sa.String(length=160), nullable=False),
        sa.Column("tipo", sa.String(length=20), nullable=False),
        sa.Column("nivel", sa.String(length=10), nullable=False),
        sa.Column("titulo", sa.Text(), nullable=False),
        sa.Column("texto", sa.Text(), server_default="", nullable=False),
        sa.Column("caso", sa.String(length=12), nullable=True),
        sa.Column("enlace", sa.Text(), server_default="", nullable=False),
        sa.Column("creado", sa.String(length=27), nullable=False),
        sa.Column("resuelto", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clave"),
    )
    op.create_index(
        "avisos_vivos",
        "avisos",
        ["id"],
        unique=False,
        sqlite_where=sa.text("resuelto IS NULL"),
        postgresql_where=sa.text("resuelto IS NULL"),
    )
    op.create_table(
        "clientes",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("huella", sa.String(length=64), nullable=False),
        sa.Column("permisos", sa.Text(), nullable=False),
        sa.Column("creado_por", sa.Text(), nullable=False),
        sa.Column("creado", sa.String(length=27), nullable=False),
        sa.Column("usado", sa.String(length=27), nullable=True),
        sa.Column("revocado", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("huella"),
    )
    op.create_table(
        "credenciales",
        sa.Column("usuario", sa.String(length=120), nullable=False),
        sa.Column("cifrada", sa.Text(), nullable=False),
        sa.Column("por", sa.Text(), nullable=False),
        sa.Column("cuando", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("usuario"),
    )
    op.create_table(
        "envios",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("clave", sa.String(length=200), nullable=False),
        sa.Column("canal", sa.String(length=10), nullable=False),
        sa.Column("destino", sa.Text(), nullable=False),
        sa.Column("cuerpo", sa.Text(), nullable=False),
        sa.Column("estado", sa.String(length=12), nullable=False),
        sa.Column("intentos", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("disponible", sa.String(length=27), nullable=False),
        sa.Column("tomado", sa.String(length=27), nullable=True),
        sa.Column("creado", sa.String(length=27), nullable=False),
        sa.Column("enviado", sa.String(length=27), nullable=True),
        sa.CheckConstraint(
            "estado IN ('pendiente', 'enviando', 'enviado', 'fallido', 'incierto')", name="envios_estado"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clave"),
    )
    op.create_index(
        "envios_en_camino",
        "envios",
        ["tomado"],
        unique=False,
        sqlite_where=sa.text("estado = 'enviando'"),
        postgresql_where=sa.text("estado = 'enviando'"),
    )
    op.create_index(
        "envios_pendientes",
        "envios",
        ["disponible"],
        unique=False,
        sqlite_where=sa.text("estado = 'pendiente'"),
        postgresql_where=sa.text("estado = 'pendiente'"),
    )
    op.create_table(
        "hechas",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("quien", sa.Text(), nullable=False),
        sa.Column("respuesta", sa.Text(), nullable=True),
        sa.Column("cuando", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hechas_cuando", "hechas", ["cuando"], unique=False)
    op.create_table(
        "intentos",
        sa.Column("llave", sa.String(length=64), nullable=False),
        sa.Column("fallos", sa.Integer(), nullable=False),
        sa.Column("cuando", sa.String(length=27), nullable=False),
        sa.Column("hasta", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("llave"),
    )
    op.create_index("intentos_cuando", "intentos", ["cuando"], unique=False)
    op.create_table(
        "personas",
        sa.Column("usuario", sa.String(length=60), nullable=False),
        sa.Column("nombre", sa.Text(), nullable=False),
        sa.Column("rol", sa.String(length=15), nullable=False),
        sa.Column("clave", sa.Text(), nullable=False),
        sa.Column("activa", sa.Boolean(), nullable=False),
        sa.Column("cambiar_clave", sa.Boolean(), nullable=False),
        sa.Column("serviweb", sa.Text(), server_default="", nullable=False),
        sa.Column("creada", sa.String(length=27), nullable=False),
        sa.Column("cambiada", sa.String(length=27), nullable=False),
        sa.CheckConstraint("rol IN ('asesor', 'supervisor', 'administrador')", name="personas_rol"),
        sa.PrimaryKeyConstraint("usuario"),
    )
    op.create_table(
        "borradores",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("archivo", sa.Text(), nullable=False),
        sa.Column("huella", sa.String(length=64), nullable=False),
        sa.Column("usuario", sa.Text(), nullable=False),
        sa.Column("columnas", sa.Text(), nullable=False),
        sa.Column("notas", sa.Text(), server_default="[]", nullable=False),
        sa.Column("estado", sa.String(length=12), nullable=False),
        sa.Column("lote", sa.String(length=12), nullable=True),
        sa.Column("turno", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hecho", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("leidas", sa.Integer(), server_default="0", nullable=False),
        sa.Column("puestas", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fallo", sa.Text(), server_default="", nullable=False),
        sa.Column("creado", sa.String(length=27), nullable=False),
        sa.Column("cambiado", sa.String(length=27), nullable=False),
        sa.CheckConstraint(
            "estado IN ('cargando', 'abierto', 'enviando', 'enviado', 'descartado')", name="borradores_estado"
        ),
        sa.ForeignKeyConstraint(
            ["lote"],
            ["lotes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("borradores_estado", "borradores", ["estado", "creado"], unique=False)
    op.create_table(
        "filtros",
        sa.Column("usuario", sa.String(length=60), nullable=False),
        sa.Column("nombre", sa.String(length=80), nullable=False),
        sa.Column("consulta", sa.Text(), nullable=False),
        sa.Column("creado", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["usuario"],
            ["personas.usuario"],
        ),
        sa.PrimaryKeyConstraint("usuario", "nombre"),
    )
    op.create_table(
        "ganchos",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("cliente", sa.String(length=12), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secreto", sa.Text(), nullable=False),
        sa.Column("eventos", sa.Text(), nullable=False),
        sa.Column("activo", sa.Boolean(), nullable=False),
        sa.Column("creado", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["cliente"],
            ["clientes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ganchos_cliente", "ganchos", ["cliente"], unique=False)
    op.create_table(
        "sesiones",
        sa.Column("huella", sa.String(length=64), nullable=False),
        sa.Column("usuario", sa.String(length=60), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("agente", sa.Text(), server_default="", nullable=False),
        sa.Column("creada", sa.String(length=27), nullable=False),
        sa.Column("vista", sa.String(length=27), nullable=False),
        sa.Column("vence", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["usuario"],
            ["personas.usuario"],
        ),
        sa.PrimaryKeyConstraint("huella"),
    )
    op.create_index("sesiones_usuario", "sesiones", ["usuario"], unique=False)
    op.create_index("sesiones_vence", "sesiones", ["vence"], unique=False)
    op.create_table(
        "vistos",
        sa.Column("usuario", sa.String(length=60), nullable=False),
        sa.Column("hasta", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["usuario"],
            ["personas.usuario"],
        ),
        sa.PrimaryKeyConstraint("usuario"),
    )
    op.create_table(
        "borrador_filas",
        sa.Column("borrador", sa.String(length=12), nullable=False),
        sa.Column("fila", sa.Integer(), nullable=False),
        sa.Column("celdas", sa.Text(), nullable=False),
        sa.Column("problemas", sa.Text(), server_default="[]", nullable=False),
        sa.Column("mala", sa.Boolean(), nullable=False),
        sa.Column("fuera", sa.Boolean(), nullable=False),
        sa.Column("codigo", sa.String(length=80), server_default="", nullable=False),
        sa.Column("referencia", sa.String(length=80), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["borrador"],
            ["borradores.id"],
        ),
        sa.PrimaryKeyConstraint("borrador", "fila"),
    )
    op.create_index(
        "borrador_malas",
        "borrador_filas",
        ["borrador", "fila"],
        unique=False,
        sqlite_where=sa.text("mala"),
        postgresql_where=sa.text("mala"),
    )
    op.create_index(
        "borrador_fuera",
        "borrador_filas",
        ["borrador", "fila"],
        unique=False,
        sqlite_where=sa.text("fuera"),
        postgresql_where=sa.text("fuera"),
    )
    for column in ("codigo", "referencia"):
        op.create_index(
            f"borrador_{column}",
            "borrador_filas",
            ["borrador", column],
            unique=False,
            sqlite_where=sa.text(f"{column} <> ''"),
            postgresql_where=sa.text(f"{column} <> ''"),
        )
    op.create_table(
        "encargos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("que", sa.String(length=20), nullable=False),
        sa.Column("datos", sa.Text(), server_default="{}", nullable=False),
        sa.Column("persona", sa.Text(), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=False),
        sa.Column("confirma", sa.Text(), server_default="", nullable=False),
        sa.Column("estado", sa.String(length=15), nullable=False),
        sa.Column("trabajador", sa.Text(), nullable=True),
        sa.Column("resultado", sa.Text(), server_default="", nullable=False),
        sa.Column("que_hacer", sa.Text(), server_default="", nullable=False),
        sa.Column("creado", sa.String(length=27), nullable=False),
        sa.Column("cambiado", sa.String(length=27), nullable=False),
        sa.CheckConstraint(
            "estado IN ('espera_segunda', 'pendiente', 'en_curso', 'hecho', 'rechazado', 'retirado')",
            name="encargos_estado",
        ),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("encargos_caso", "encargos", ["caso"], unique=False)
    op.create_index(
        "encargos_pendientes",
        "encargos",
        ["id"],
        unique=False,
        sqlite_where=sa.text("estado = 'pendiente'"),
        postgresql_where=sa.text("estado = 'pendiente'"),
    )
    op.create_index(
        "encargos_uno",
        "encargos",
        ["caso"],
        unique=True,
        sqlite_where=sa.text("estado IN ('espera_segunda', 'pendiente', 'en_curso')"),
        postgresql_where=sa.text("estado IN ('espera_segunda', 'pendiente', 'en_curso')"),
    )
    op.create_table(
        "exactas",
        sa.Column("huella", sa.String(length=64), nullable=False),
        sa.Column("orden", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("huella", "orden", "caso"),
        sqlite_with_rowid=False,
    )
    op.create_index("exactas_caso", "exactas", ["caso"], unique=False)
    op.create_table(
        "muestra",
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("elegido", sa.String(length=27), nullable=False),
        sa.Column("revisor", sa.Text(), nullable=True),
        sa.Column("cuando", sa.String(length=27), nullable=True),
        sa.Column("dictamen", sa.String(length=20), nullable=True),
        sa.Column("nota", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "dictamen IS NULL OR dictamen IN ('conforme', 'con_observaciones')", name="muestra_dictamen"
        ),
        sa.CheckConstraint("(revisor IS NULL) = (cuando IS NULL)", name="muestra_firmada"),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("caso"),
    )
    op.create_index(
        "muestra_sin_ver",
        "muestra",
        ["elegido"],
        unique=False,
        sqlite_where=sa.text("revisor IS NULL"),
        postgresql_where=sa.text("revisor IS NULL"),
    )
    op.create_index("muestra_elegido", "muestra", ["elegido"], unique=False)
    op.create_table(
        "palabras",
        sa.Column("palabra", sa.String(60).with_variant(sa.String(60, collation="C"), "postgresql"), nullable=False),
        sa.Column("orden", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("palabra", "orden", "caso"),
        sqlite_with_rowid=False,
    )
    op.create_index("palabras_caso", "palabras", ["caso", "palabra"], unique=False)
    op.add_column("casos", sa.Column("para_usuario", sa.Text(), server_default="", nullable=False))
    op.add_column("casos", sa.Column("buscable", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_index("casos_creado", table_name="casos")
    op.create_index("casos_creado", "casos", ["creado", "estado", "asesor", "id"], unique=False)
    op.create_index(
        "casos_por_indexar",
        "casos",
        ["orden"],
        unique=False,
        sqlite_where=sa.text("NOT buscable"),
        postgresql_where=sa.text("NOT buscable"),
    )
    op.create_table(
        "cambios",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("estado", sa.String(length=20), nullable=False),
        sa.Column("motivo", sa.Text(), server_default="", nullable=False),
        sa.Column("que_hacer", sa.Text(), server_default="", nullable=False),
        sa.Column("cuando", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sqlite_autoincrement=True,
    )
    _note_changes()
    _lists()


_NAMED = "NEW.motivo <> OLD.motivo OR NEW.suscriptor <> OLD.suscriptor"


def _lists() -> None:
    """Give the lists what they page through; a case whose reason or subscriber changed is indexed again."""
    op.add_column("casos", sa.Column("clase", sa.String(length=80), server_default="", nullable=False))
    op.add_column("casos", sa.Column("por_responder", sa.String(length=27), nullable=True))
    op.drop_index("casos_lote", table_name="casos")
    due = "vence < '9999' AND estado IN ('en_cola', 'en_curso', 'en_duda', 'incompleto')"
    for name, columns, where in (
        ("casos_por_fecha", ["creado", "id"], None),
        ("casos_por_estado", ["estado", "etapa", "creado", "id"], None),
        ("casos_por_asesor", ["asesor", "estado", "etapa", "creado", "id"], None),
        ("casos_lote", ["lote", "estado", "creado", "id"], "lote IS NOT NULL"),
        ("casos_por_clase", ["clase", "estado", "creado", "id"], "clase <> ''"),
        ("casos_por_vencer", ["vence", "id"], due),
        ("casos_por_responder", ["por_responder", "id"], "por_responder IS NOT NULL"),
    ):
        some = sa.text(where) if where else None
        only: dict[str, Any] = {"sqlite_where": some, "postgresql_where": some} if where else {}
        op.create_index(name, "casos", columns, unique=False, **only)
    moment = "UPDATE OF motivo, suscriptor ON casos"
    if op.get_bind().dialect.name == "sqlite":
        again = "BEGIN UPDATE casos SET buscable = false WHERE id = NEW.id; END"
        op.execute(sa.text(f"CREATE TRIGGER casos_por_indexar_otra_vez AFTER {moment} WHEN {_NAMED} {again}"))
        return
    body = "BEGIN NEW.buscable = false; RETURN NEW; END"  # `:=` would be a parameter
    op.execute(sa.text(f"CREATE FUNCTION indexar_otra_vez() RETURNS trigger AS $$ {body} $$ LANGUAGE plpgsql"))
    when = f"FOR EACH ROW WHEN ({_NAMED}) EXECUTE FUNCTION indexar_otra_vez()"
    op.execute(sa.text(f"CREATE TRIGGER casos_por_indexar_otra_vez BEFORE {moment} {when}"))


def _note_changes() -> None:
    """Write down each new state of a case of the API, within the transaction that changes it."""
    changed = "NEW.estado <> OLD.estado AND NEW.asesor LIKE 'api:%'"
    noted = (
        "INSERT INTO cambios (caso, estado, motivo, que_hacer, cuando) "
        "VALUES (NEW.id, NEW.estado, NEW.motivo, NEW.que_hacer, NEW.cambiado);"
    )
    moment = "AFTER UPDATE OF estado ON casos"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(sa.text(f"CREATE TRIGGER casos_anotan {moment} WHEN {changed} BEGIN {noted} END"))
        return
    body = f"CREATE FUNCTION anotar_cambio() RETURNS trigger AS $$ BEGIN {noted} RETURN NULL; END $$ LANGUAGE plpgsql"
    op.execute(sa.text(body))
    when = f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION anotar_cambio()"
    op.execute(sa.text(f"CREATE TRIGGER casos_anotan {moment} {when}"))


def downgrade() -> None:
    """Refuse: a copy of the file from before is the way back."""
    raise RuntimeError("there is no way down: go back to a copy of the database from before")
