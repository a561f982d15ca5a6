"""Tell whoever waits for work that there may be some: no program that changes the queue can forget it.

PostgreSQL notifies the channel `serviweb_cola`, when the transaction is kept; SQLite counts in `control` (key `aviso`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"
branch_labels = None
depends_on = None

# Only a claim is no news: a case that ends lets another one of its subscriber begin, and a doubt is to be looked up.
_MOVED = "NEW.estado <> OLD.estado AND NEW.estado <> 'en_curso'"
_SOONER = (
    "NEW.estado = 'en_cola' AND (NEW.disponible <> OLD.disponible OR NEW.prioridad <> OLD.prioridad "
    "OR NEW.vence <> OLD.vence OR coalesce(NEW.cancelar_por, '') <> coalesce(OLD.cancelar_por, ''))"
)
_CHANGED = f"({_MOVED}) OR ({_SOONER})"
_COLUMNS = "estado, disponible, prioridad, vence, cancelar_por"
# The circuit changes while workers look; only its end is news.
_SWITCH = "('pausa', 'cuarentena')"


def upgrade() -> None:
    """Make the triggers."""
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    op.execute(
        "INSERT INTO control (clave, valor, por, cuando) VALUES ('aviso', '0', '', '1970-01-01T00:00:00.000000Z')"
    )
    count = "BEGIN UPDATE control SET valor = valor + 1 WHERE clave = 'aviso'; END"
    for name, moment, condition in (
        ("casos_avisan_nuevos", "INSERT ON casos", "NEW.estado = 'en_cola'"),
        ("casos_avisan", f"UPDATE OF {_COLUMNS} ON casos", _CHANGED),
        ("control_avisa_nuevo", "INSERT ON control", f"NEW.clave IN {_SWITCH}"),
        ("control_avisa", "UPDATE ON control", f"NEW.clave IN {_SWITCH}"),
        ("control_avisa_fin", "DELETE ON control", f"OLD.clave IN {_SWITCH} OR OLD.clave = 'circuito'"),
    ):
        op.execute(sa.text(f"CREATE TRIGGER {name} AFTER {moment} WHEN {condition} {count}"))


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION avisar_cola() RETURNS trigger AS $$ BEGIN NOTIFY serviweb_cola; RETURN NULL; END $$ "
        "LANGUAGE plpgsql"
    )
    once, each = "FOR EACH STATEMENT", "FOR EACH ROW"
    for name, moment, how in (
        ("casos_avisan_nuevos", "INSERT ON casos", once),
        ("casos_avisan", f"UPDATE OF {_COLUMNS} ON casos", f"{each} WHEN ({_CHANGED})"),
        ("control_avisa_nuevo", "INSERT OR UPDATE ON control", f"{each} WHEN (NEW.clave IN {_SWITCH})"),
        ("control_avisa_fin", "DELETE ON control", f"{each} WHEN (OLD.clave IN {_SWITCH} OR OLD.clave = 'circuito')"),
    ):
        op.execute(sa.text(f"CREATE TRIGGER {name} AFTER {moment} {how} EXECUTE FUNCTION avisar_cola()"))


def downgrade() -> None:
    """Refuse: a copy of the file from before is the way back."""
    raise RuntimeError("there is no way down: go back to a copy of the database from before")
