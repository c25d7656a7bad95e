"""Alembic's entrance: run the steps of the operational store over the connection at hand."""

from __future__ import annotations

from alembic import context

from data.store import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite alters a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
