"""Run the migrations on the connection that the program hands over."""

from __future__ import annotations

from alembic import context

from vsla_desktop.models import Base

connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # Head office's schema public holds the 47 tables and nothing else.
    version_table_schema="sync" if connection.dialect.name == "postgresql" else None,
    render_as_batch=True,
)
context.run_migrations()
