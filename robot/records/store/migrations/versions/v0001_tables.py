"""Make the tables, and the rules that no program may forget."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None


_PRESENT = (
    "SELECT 1 FROM efectos WHERE caso = {case} AND tipo IN ('factura', 'abono', 'tramite') "
    "AND estado IN ('enviado', 'respondido', 'confirmado', 'en_duda')"
)
_IS_PRESENT = (
    "NEW.tipo IN ('factura', 'abono', 'tramite') AND NEW.estado IN ('enviado', 'respondido', 'confirmado', 'en_duda')"
)
_SAYS_NOTHING = "SELECT 1 FROM casos WHERE id = NEW.caso AND estado IN ('rechazado', 'fallido', 'cancelado')"
_WHEN_NOTHING = f"NEW.estado IN ('rechazado', 'fallido', 'cancelado') AND EXISTS ({_PRESENT.format(case='NEW.id')})"
_WHEN_PRESENT = f"{_IS_PRESENT} AND EXISTS ({_SAYS_NOTHING})"

# Name, table, when it fires, and what it refuses. No condition: it refuses always.
_RULES = (
    ("casos_nada_en_serviweb", "casos", "UPDATE OF estado", _WHEN_NOTHING),
    ("efectos_nuevos_con_caso", "efectos", "INSERT", _WHEN_PRESENT),
    ("efectos_con_caso", "efectos", "UPDATE OF estado", _WHEN_PRESENT),
    ("efectos_no_se_borran", "efectos", "DELETE", ""),
    ("diario_no_cambia", "diario", "UPDATE", ""),
    ("diario_no_se_borra", "diario", "DELETE", ""),
)


def _rules() -> None:
    """Make the triggers; each raises an integrity error that bears its name."""
    for name, table, moment, condition in _RULES:
        if op.get_bind().dialect.name == "sqlite":
            when = f"WHEN {condition}" if condition else ""
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {moment} ON {table} {when} BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
            continue
        body = f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';"
        if condition:
            body = f"IF {condition} THEN {body} END IF;"
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger AS $$ BEGIN {body} RETURN NEW; END $$ LANGUAGE plpgsql")
        op.execute(f"CREATE TRIGGER {name} BEFORE {moment} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("CREATE TRIGGER diario_no_se_vacia BEFORE TRUNCATE ON diario EXECUTE FUNCTION diario_no_se_borra()")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "control",
        sa.Column("clave", sa.String(length=40), nullable=False),
        sa.Column("valor", sa.Text(), nullable=False),
        sa.Column("por", sa.Text(), server_default="", nullable=False),
        sa.Column("cuando", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("clave"),
    )
    op.create_table(
        "lotes",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("archivo", sa.Text(), nullable=False),
        sa.Column("huella", sa.String(length=64), nullable=False),
        sa.Column("asesor", sa.Text(), nullable=False),
        sa.Column("creado", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "usuarios",
        sa.Column("usuario", sa.String(length=120), nullable=False),
        sa.Column("trabajador", sa.Text(), nullable=True),
        sa.Column("vence_arriendo", sa.String(length=27), nullable=True),
        sa.Column("token", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fallos", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bloqueado", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("usuario"),
    )
    op.create_table(
        "casos",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("codigo", sa.String(length=40), nullable=False),
        sa.Column("ruta", sa.String(length=40), nullable=False),
        sa.Column("suscriptor", sa.Text(), server_default="", nullable=False),
        sa.Column("etapa", sa.String(length=10), server_default="cobro", nullable=False),
        sa.Column("estado", sa.String(length=20), server_default="en_cola", nullable=False),
        sa.Column("prioridad", sa.Integer(), nullable=False),
        sa.Column("orden", sa.BigInteger(), nullable=False),
        sa.Column("lote", sa.String(length=12), nullable=True),
        sa.Column("referencia", sa.Text(), server_default="", nullable=False),
        sa.Column("nueva_ocasion", sa.Text(), server_default="", nullable=False),
        sa.Column("asesor", sa.Text(), server_default="", nullable=False),
        sa.Column("huella", sa.String(length=64), nullable=False),
        sa.Column("token", sa.Integer(), server_default="0", nullable=False),
        sa.Column("trabajador", sa.Text(), nullable=True),
        sa.Column("usuario", sa.Text(), nullable=True),
        sa.Column("vence_arriendo", sa.String(length=27), nullable=True),
        sa.Column("intentos", sa.Integer(), server_default="0", nullable=False),
        sa.Column("disponible", sa.String(length=27), nullable=False),
        sa.Column("vence", sa.String(length=27), nullable=False),
        sa.Column("cancelar_por", sa.Text(), nullable=True),
        sa.Column("cancelar_cuando", sa.String(length=27), nullable=True),
        sa.Column("papel_pendiente", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("motivo", sa.Text(), server_default="", nullable=False),
        sa.Column("que_hacer", sa.Text(), server_default="", nullable=False),
        sa.Column("creado", sa.String(length=27), nullable=False),
        sa.Column("cambiado", sa.String(length=27), nullable=False),
        sa.CheckConstraint(
            "(trabajador IS NULL) = (vence_arriendo IS NULL) AND (estado <> 'en_curso' OR trabajador IS NOT NULL)",
            name="casos_arriendo",
        ),
        sa.CheckConstraint(
            "estado IN ('en_cola', 'en_curso', 'esperando_pago', 'terminado', 'rechazado', 'fallido', 'en_duda', "
            "'incompleto', 'cancelado')",
            name="casos_estado",
        ),
        sa.CheckConstraint("etapa IN ('cobro', 'tramite')", name="casos_etapa"),
        sa.ForeignKeyConstraint(
            ["lote"],
            ["lotes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "casos_arrendados",
        "casos",
        ["vence_arriendo"],
        unique=False,
        sqlite_where=sa.text("trabajador IS NOT NULL"),
        postgresql_where=sa.text("trabajador IS NOT NULL"),
    )
    op.create_index("casos_codigo", "casos", ["codigo"], unique=False)
    op.create_index("casos_cola", "casos", ["estado", "prioridad", "vence", "orden"], unique=False)
    op.create_index("casos_lote", "casos", ["lote"], unique=False)
    op.create_index(
        "casos_referencia",
        "casos",
        ["referencia"],
        unique=True,
        sqlite_where=sa.text("referencia <> '' AND NOT (estado IN ('rechazado', 'fallido', 'cancelado'))"),
        postgresql_where=sa.text("referencia <> '' AND NOT (estado IN ('rechazado', 'fallido', 'cancelado'))"),
    )
    op.create_index(
        "casos_un_abierto",
        "casos",
        ["codigo"],
        unique=True,
        sqlite_where=sa.text("estado IN ('en_curso', 'en_duda', 'incompleto')"),
        postgresql_where=sa.text("estado IN ('en_curso', 'en_duda', 'incompleto')"),
    )
    op.create_table(
        "corridas",
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("corrida", sa.Integer(), nullable=False),
        sa.Column("etapa", sa.String(length=10), nullable=False),
        sa.Column("ensayo", sa.Boolean(), nullable=False),
        sa.Column("navegador", sa.Text(), nullable=False),
        sa.Column("usuario_serviweb", sa.Text(), nullable=False),
        sa.Column("empezada", sa.String(length=27), nullable=False),
        sa.Column("milisegundos", sa.Integer(), nullable=True),
        sa.Column("resultado", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("caso", "corrida"),
    )
    op.create_table(
        "diario",
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("evento", sa.String(length=40), nullable=False),
        sa.Column("entrada", sa.Text(), nullable=False),
        sa.Column("previa", sa.String(length=64), nullable=False),
        sa.Column("huella", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("caso", "n"),
    )
    op.create_table(
        "documentos",
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("tipo", sa.String(length=30), nullable=False),
        sa.Column("archivo", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("paginas", sa.Integer(), nullable=True),
        sa.Column("copias_archivo", sa.Text(), nullable=True),
        sa.Column("copias_sha256", sa.String(length=64), nullable=True),
        sa.Column("falta", sa.Text(), nullable=True),
        sa.Column("cuando", sa.String(length=27), nullable=False),
        sa.CheckConstraint("(archivo IS NULL) <> (falta IS NULL)", name="documentos_uno"),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("caso", "tipo"),
    )
    op.create_table(
        "efectos",
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("tipo", sa.String(length=10), nullable=False),
        sa.Column("clave", sa.String(length=80), nullable=False),
        sa.Column("estado", sa.String(length=12), nullable=False),
        sa.Column("con_compuerta", sa.Boolean(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("numero", sa.Text(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("que", sa.Text(), server_default="{}", nullable=False),
        sa.Column("motivo", sa.Text(), nullable=True),
        sa.Column("intencion", sa.String(length=27), nullable=False),
        sa.Column("enviado", sa.String(length=27), nullable=True),
        sa.Column("respondido", sa.String(length=27), nullable=True),
        sa.Column("cerrado", sa.String(length=27), nullable=True),
        sa.CheckConstraint(
            "estado <> 'confirmado' OR tipo = 'tercero' OR numero IS NOT NULL", name="efectos_con_numero"
        ),
        sa.CheckConstraint(
            "estado IN ('intencion', 'enviado', 'respondido', 'confirmado', 'rechazado', 'no_enviado', "
            "'en_duda', 'anulado')",
            name="efectos_estado",
        ),
        sa.CheckConstraint("tipo IN ('tercero', 'factura', 'abono', 'tramite')", name="efectos_tipo"),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("caso", "n"),
    )
    op.create_index("efectos_estado", "efectos", ["estado"], unique=False)
    op.create_index(
        "efectos_numero",
        "efectos",
        ["tipo", "numero"],
        unique=True,
        sqlite_where=sa.text("numero IS NOT NULL AND estado <> 'anulado' AND tipo <> 'tercero'"),
        postgresql_where=sa.text("numero IS NOT NULL AND estado <> 'anulado' AND tipo <> 'tercero'"),
    )
    op.create_index(
        "efectos_una_vez",
        "efectos",
        ["clave"],
        unique=True,
        sqlite_where=sa.text("NOT (estado IN ('rechazado', 'no_enviado', 'anulado'))"),
        postgresql_where=sa.text("NOT (estado IN ('rechazado', 'no_enviado', 'anulado'))"),
    )
    op.create_table(
        "filas",
        sa.Column("lote", sa.String(length=12), nullable=False),
        sa.Column("fila", sa.Integer(), nullable=False),
        sa.Column("caso", sa.String(length=12), nullable=True),
        sa.Column("resultado", sa.String(length=12), nullable=False),
        sa.Column("campo", sa.Text(), server_default="", nullable=False),
        sa.Column("mensaje", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("resultado IN ('nuevo', 'ya_atendido', 'error')", name="filas_resultado"),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.ForeignKeyConstraint(
            ["lote"],
            ["lotes.id"],
        ),
        sa.PrimaryKeyConstraint("lote", "fila"),
    )
    op.create_index("filas_caso", "filas", ["caso"], unique=False)
    op.create_table(
        "pagos",
        sa.Column("recibo", sa.String(length=60), nullable=False),
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("fecha", sa.String(length=10), nullable=False),
        sa.Column("valor", sa.BigInteger(), nullable=True),
        sa.Column("otro_recibo", sa.Text(), server_default="", nullable=False),
        sa.Column("registrado_por", sa.Text(), nullable=False),
        sa.Column("cuando", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("recibo"),
        sa.UniqueConstraint("caso"),
    )
    op.create_table(
        "pasos",
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("corrida", sa.Integer(), nullable=False),
        sa.Column("paso", sa.String(length=8), nullable=False),
        sa.Column("titulo", sa.Text(), nullable=False),
        sa.Column("estado", sa.String(length=10), nullable=False),
        sa.Column("empezado", sa.String(length=27), nullable=False),
        sa.Column("milisegundos", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("motivo", sa.Text(), nullable=True),
        sa.Column("control", sa.Text(), nullable=True),
        sa.CheckConstraint("estado IN ('abierto', 'hecho', 'fallido')", name="pasos_estado"),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("caso", "n"),
    )
    op.create_index("pasos_de_corrida", "pasos", ["caso", "corrida", "paso"], unique=False)
    op.create_table(
        "valores",
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("sal", sa.String(length=64), nullable=True),
        sa.Column("solicitud", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["caso"],
            ["casos.id"],
        ),
        sa.PrimaryKeyConstraint("caso"),
    )
    _rules()


def downgrade() -> None:
    """Refuse: a copy of the file from before is the way back."""
    raise RuntimeError("there is no way down: go back to a copy of the database from before")
