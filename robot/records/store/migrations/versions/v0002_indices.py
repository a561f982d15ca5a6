"""Index what people ask for: a number, a reference, a day, what is to be voided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    """Make the indexes."""
    op.create_index("casos_creado", "casos", ["creado"])
    op.create_index("casos_cambiado", "casos", ["cambiado"])
    _partial("casos_por_referencia", "casos", ["referencia"], "referencia <> ''")
    _partial("efectos_por_numero", "efectos", ["numero"], "numero IS NOT NULL")
    _partial("efectos_cerrado", "efectos", ["cerrado"], "cerrado IS NOT NULL")
    _partial("efectos_por_anular", "efectos", ["caso"], "motivo = 'por anular' AND estado = 'confirmado'")
    op.create_index("pagos_fecha", "pagos", ["fecha"])


def downgrade() -> None:
    """Refuse: a copy of the file from before is the way back."""
    raise RuntimeError("there is no way down: go back to a copy of the database from before")
