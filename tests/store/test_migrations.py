"""Migrations: one line for both databases, no drift from the declared tables, all or nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from harbour_api.store import migrate as migrate_module
from harbour_api.store import tables
from harbour_api.store.database import Database
from harbour_api.store.migrate import SchemaTooNew, alembic_config, current, head, migrate

VISIT = (
    "INSERT INTO visits (station, day, audience, count, occurred_at, recorded_at, source, actor) VALUES"
    " ('ZS001', '2026-11-23', 'public', 3, '2026-11-23 02:00', '2026-11-23 02:00', '{source}', 'x')"
)
BROKEN = """
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "{next}", "{newest}", None, None
def upgrade() -> None:
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("stations", sa.Column("half", sa.Integer))
    op.execute("UPDATE network SET revision = revision + 1")
    op.execute("SELECT nothing_of_that_name FROM nowhere")
def downgrade() -> None:
    pass
"""


@pytest.fixture
def empty(url: str) -> Database:
    return Database(url)


def names(database: Database) -> set[str]:
    with database.read() as connection:
        return set(inspect(connection).get_table_names())


def test_the_migrations_make_exactly_the_declared_tables(module_ground: Database) -> None:
    with module_ground.write() as connection:
        command.check(alembic_config(connection))


def test_the_newest_number_is_alembics_own_head(module_ground: Database) -> None:
    with module_ground.read() as connection:
        assert ScriptDirectory.from_config(alembic_config(connection)).get_current_head() == head()
    assert current(module_ground) == head()


def test_up_down_and_up_again_ends_where_it_began(empty: Database) -> None:
    assert current(empty) is None
    assert migrate(empty)
    first = names(empty)
    with empty.write() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert not names(empty) & set(tables.metadata.tables)
    assert migrate(empty)
    assert names(empty) == first
    assert not migrate(empty), "nothing was left to do"
    with empty.write() as connection:
        command.check(alembic_config(connection))
    empty.close()


def test_a_migration_that_fails_half_way_has_changed_nothing(
    ground: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ground.read() as connection:
        before = connection.execute(select(tables.network.c.revision)).scalar_one()
    shutil.copytree(migrate_module.SCRIPTS, tmp_path / "migrations")
    newest, following = head(), f"{int(head()) + 1:04}"
    script = BROKEN.replace("{newest}", newest).replace("{next}", following)
    (tmp_path / "migrations" / "versions" / f"{following}_half.py").write_text(script)
    monkeypatch.setattr(migrate_module, "SCRIPTS", tmp_path / "migrations")

    with pytest.raises(Exception, match=r"nowhere|cannot be reached"):
        migrate(ground)

    assert current(ground) == newest
    assert "half" not in names(ground)
    with ground.read() as connection:
        assert connection.execute(select(tables.network.c.revision)).scalar_one() == before
        assert "half" not in {column["name"] for column in inspect(connection).get_columns("stations")}
        assert len(connection.execute(select(tables.stations.c.code)).all()) == 64


def test_a_database_of_a_newer_program_is_refused_and_left_alone(ground: Database) -> None:
    with ground.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999"):
        migrate(ground)
    assert current(ground) == "9999"


@pytest.mark.postgis
def test_postgis_has_an_index_for_those_who_ask_it_by_sql(postgis_url: str) -> None:
    database = Database(postgis_url)
    migrate(database)
    with database.read() as connection:
        found = connection.execute(text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_stations_place'"))
        assert "USING gist (place)" in found.scalar_one()
    database.close()


def test_a_visit_entry_can_neither_be_changed_nor_removed(ground: Database) -> None:
    with ground.write() as connection:
        connection.execute(text(VISIT.format(source="manager")))
    for statement in ("UPDATE visits SET count = 4", "DELETE FROM visits"):
        with pytest.raises(DBAPIError, match="append-only"), ground.write() as connection:
            connection.execute(text(statement))
    with ground.read() as connection:
        assert connection.execute(text("SELECT count FROM visits")).scalar_one() == 3


def test_a_sample_entry_cannot_be_changed_but_may_go(ground: Database) -> None:
    with ground.write() as connection:
        connection.execute(text(VISIT.format(source="sample")))
    with pytest.raises(DBAPIError, match="append-only"), ground.write() as connection:
        connection.execute(text("UPDATE visits SET source = 'manager'"))
    with ground.write() as connection:
        assert connection.execute(text("DELETE FROM visits")).rowcount == 1
