"""Bring a database to the newest schema, in one transaction: a migration that fails half-way has changed nothing.

Alembic is heavy, so a start with nothing to do never imports it: the newest file's number is compared with the one row
that Alembic keeps.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from harbour_api.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The database was written by a newer version of this program."""


def head() -> str:
    """Return the newest revision's number, such as '0001'."""
    return max(path.name[:4] for path in (SCRIPTS / "versions").glob("[0-9]*.py"))


def current(database: Database) -> str | None:
    """Return the revision the database is at; None while it is empty."""
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def migrate(database: Database) -> bool:
    """Bring the database to the head and return whether there was anything to do."""
    found = current(database)
    if found == head():
        return False
    if found is not None and found > head():
        raise SchemaTooNew(f"the database is at schema {found}, this program knows up to {head()}: update the program")
    with database.write() as connection:
        upgrade(connection, "head")
    return True


def upgrade(connection: Connection, revision: str) -> None:
    """Run the upgrades up to a revision on an open transaction."""
    from alembic import command

    command.upgrade(alembic_config(connection), revision)


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config
