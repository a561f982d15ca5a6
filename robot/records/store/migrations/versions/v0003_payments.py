"""Payments: read again in Serviweb or not, and those that no case waits for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is known of a payment from Serviweb, and the table of unexpected ones."""
    op.add_column("pagos", sa.Column("confirmado", sa.Boolean(), nullable=True))
    op.add_column("pagos", sa.Column("confirmado_cuando", sa.String(length=27), nullable=True))
    op.add_column("pagos", sa.Column("confirmado_motivo", sa.Text(), server_default="", nullable=False))
    _partial("pagos_no_confirmados", "pagos", "NOT confirmado")
    op.create_table(
        "pagos_inesperados",
        sa.Column("caso", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("recibo", sa.String(length=60), nullable=False),
        sa.Column("fecha", sa.String(length=10), nullable=False),
        sa.Column("valor", sa.BigInteger(), nullable=True),
        sa.Column("motivo", sa.Text(), nullable=False),
        sa.Column("que_hacer", sa.Text(), nullable=False),
        sa.Column("registrado_por", sa.Text(), nullable=False),
        sa.Column("cuando", sa.String(length=27), nullable=False),
        sa.Column("atendido_por", sa.Text(), nullable=True),
        sa.Column("atendido_cuando", sa.String(length=27), nullable=True),
        sa.Column("atendido_motivo", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("(atendido_por IS NULL) = (atendido_cuando IS NULL)", name="pagos_inesperados_atendido"),
        sa.ForeignKeyConstraint(["caso"], ["casos.id"]),
        sa.PrimaryKeyConstraint("caso", "n"),
    )
    op.create_index("pagos_inesperados_recibo", "pagos_inesperados", ["recibo"], unique=False)
    _partial("pagos_sin_atender", "pagos_inesperados", "atendido_por IS NULL")


def _partial(name: str, table: str, where: str) -> None:
    op.create_index(name, table, ["cuando"], unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    """Refuse: a copy of the file from before is the way back."""
    raise RuntimeError("there is no way down: go back to a copy of the database from before")
