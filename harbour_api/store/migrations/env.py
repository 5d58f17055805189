"""How Alembic runs here: on the connection it is handed, in one transaction, comparing with `tables.metadata`."""

from __future__ import annotations

from typing import Any

from alembic import context

from harbour_api.store.tables import metadata


def is_ours(item: Any, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave out what PostGIS brings, and indexes that only one of the two databases has."""
    if kind == "table":
        return name in metadata.tables
    return not (kind == "index" and getattr(item, "_ddl_if", None) is not None) and name != "ix_stations_place"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=is_ours,
    compare_type=True,
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
