"""Run migrations on the connection that `open_store` hands in, within its transaction."""

from __future__ import annotations

from alembic import context

from robot.records.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
