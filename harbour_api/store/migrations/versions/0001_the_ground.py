"""The ground."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from harbour_api.store.tables import POSTGIS_PLACE, SQLITE_PLACE, Id, PlaceColumn, UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQLITE_TRIGGERS = (
    "CREATE TRIGGER visits_never_change BEFORE UPDATE ON visits"
    " BEGIN SELECT RAISE(ABORT, 'visits are append-only'); END",
    "CREATE TRIGGER visits_never_go BEFORE DELETE ON visits WHEN OLD.source <> 'sample'"
    " BEGIN SELECT RAISE(ABORT, 'visits are append-only'); END",
)
POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION visits_are_append_only() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RAISE EXCEPTION 'visits are append-only' USING ERRCODE = 'check_violation'; END $$",
    "CREATE TRIGGER visits_never_change BEFORE UPDATE ON visits FOR EACH ROW EXECUTE FUNCTION visits_are_append_only()",
    "CREATE TRIGGER visits_never_go BEFORE DELETE ON visits FOR EACH ROW WHEN (OLD.source <> 'sample')"
    " EXECUTE FUNCTION visits_are_append_only()",
)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _place_check() -> sa.CheckConstraint:
    return sa.CheckConstraint(SQLITE_PLACE if _is_sqlite() else POSTGIS_PLACE, name=op.f("ck_stations_place"))


def upgrade() -> None:
    if not _is_sqlite():
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.create_table(
        "amenities",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("zh", sa.String(length=40), nullable=False),
        sa.Column("en", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("osm_tag", sa.String(length=120), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_amenities")),
    )
    op.create_table(
        "managers",
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_administrator", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_managers")),
    )
    op.create_table(
        "network",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network")),
    )
    op.create_table(
        "towns",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("place", PlaceColumn(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_towns")),
    )
    op.create_table(
        "former_towns",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("town", sa.String(length=9), nullable=False),
        sa.ForeignKeyConstraint(["town"], ["towns.code"], name=op.f("fk_former_towns_town")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_former_towns")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["username"], ["managers.username"], name=op.f("fk_sessions_username")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_username"), "sessions", ["username"], unique=False)
    op.create_table(
        "stations",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("cnaps", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("official_name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("pinyin", sa.String(length=400), nullable=False),
        sa.Column("town", sa.String(length=9), nullable=False),
        sa.Column("former_town", sa.String(length=9), nullable=True),
        sa.Column("place", PlaceColumn(), nullable=False),
        sa.Column("location_basis", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("access", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("opening_hours", sa.String(length=400), nullable=True),
        sa.Column("specials", sa.JSON(), nullable=False),
        sa.Column("basis", sa.JSON(), nullable=False),
        sa.Column("verified_at", UtcTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        _place_check(),
        sa.CheckConstraint(
            "access IN ('walk_in', 'ask_staff', 'door_code', 'app', 'unknown')", name=op.f("ck_stations_access")
        ),
        sa.CheckConstraint(
            "location_basis IN ('directory', 'article', 'assumed', 'placeholder', 'imported', 'verified')",
            name=op.f("ck_stations_location_basis"),
        ),
        sa.CheckConstraint("status IN ('operating', 'suspended', 'retired')", name=op.f("ck_stations_status")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_stations_version")),
        sa.ForeignKeyConstraint(["former_town"], ["former_towns.code"], name=op.f("fk_stations_former_town")),
        sa.ForeignKeyConstraint(["town"], ["towns.code"], name=op.f("fk_stations_town")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_stations")),
        sa.UniqueConstraint("cnaps", name=op.f("uq_stations_cnaps")),
    )
    op.create_index(op.f("ix_stations_revision"), "stations", ["revision"], unique=False)
    op.create_table(
        "closures",
        sa.Column("id", Id, nullable=False),
        sa.Column("station", sa.String(length=12), nullable=False),
        sa.Column("starts_at", UtcTime(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_closures_order")),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name=op.f("fk_closures_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_closures_station"), "closures", ["station"], unique=False)
    op.create_table(
        "history",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("station", sa.String(length=12), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("old", sa.JSON(), nullable=True),
        sa.Column("new", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name=op.f("fk_history_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_history_station"), "history", ["station"], unique=False)
    op.create_table(
        "manager_stations",
        sa.Column("username", sa.String(length=40), nullable=False),
        sa.Column("station", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name=op.f("fk_manager_stations_station")),
        sa.ForeignKeyConstraint(["username"], ["managers.username"], name=op.f("fk_manager_stations_username")),
        sa.PrimaryKeyConstraint("username", "station", name=op.f("pk_manager_stations")),
    )
    op.create_table(
        "offerings",
        sa.Column("station", sa.String(length=12), nullable=False),
        sa.Column("amenity", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("verified_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "basis IN ('directory', 'article', 'assumed', 'placeholder', 'imported', 'verified')",
            name=op.f("ck_offerings_basis"),
        ),
        sa.CheckConstraint("state IN ('yes', 'no', 'out_of_order', 'unknown')", name=op.f("ck_offerings_state")),
        sa.CheckConstraint("count BETWEEN 0 AND 1000", name=op.f("ck_offerings_count")),
        sa.ForeignKeyConstraint(["amenity"], ["amenities.code"], name=op.f("fk_offerings_amenity")),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name=op.f("fk_offerings_station")),
        sa.PrimaryKeyConstraint("station", "amenity", name=op.f("pk_offerings")),
    )
    op.create_table(
        "visits",
        sa.Column("id", Id, nullable=False),
        sa.Column("station", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("occurred_at", UtcTime(), nullable=False),
        sa.Column("recorded_at", UtcTime(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("corrects", Id, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "audience IN ('sanitation_worker', 'taxi_driver', 'traffic_police', 'urban_management', 'courier', 'volunteer', 'outdoor_worker', 'elderly', 'sick_or_disabled', 'pregnant_or_infant', 'lost_child', 'exam_candidate', 'public')",
            name=op.f("ck_visits_audience"),
        ),
        sa.CheckConstraint("source IN ('manager', 'tally', 'import', 'sample')", name=op.f("ck_visits_source")),
        sa.CheckConstraint("(corrects IS NULL) = (reason IS NULL)", name=op.f("ck_visits_reason")),
        sa.CheckConstraint("count BETWEEN 0 AND 1000", name=op.f("ck_visits_count")),
        sa.ForeignKeyConstraint(["corrects"], ["visits.id"], name=op.f("fk_visits_corrects")),
        sa.ForeignKeyConstraint(["station"], ["stations.code"], name=op.f("fk_visits_station")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_visits_day", "visits", ["day"], unique=False)
    op.create_index("ix_visits_station_day", "visits", ["station", "day"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("path", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("visit", Id, nullable=False),
        sa.ForeignKeyConstraint(["visit"], ["visits.id"], name=op.f("fk_receipts_visit")),
        sa.PrimaryKeyConstraint("actor", "path", "key", name=op.f("pk_receipts")),
    )
    if not _is_sqlite():
        op.create_index("ix_stations_place", "stations", ["place"], postgresql_using="gist")
    for trigger in SQLITE_TRIGGERS if _is_sqlite() else POSTGRESQL_TRIGGERS:
        op.execute(trigger)
    op.execute("INSERT INTO network (id, revision) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_table("receipts")
    op.drop_index("ix_visits_station_day", table_name="visits")
    op.drop_index("ix_visits_day", table_name="visits")
    op.drop_table("visits")
    op.drop_table("offerings")
    op.drop_table("manager_stations")
    op.drop_index(op.f("ix_history_station"), table_name="history")
    op.drop_table("history")
    op.drop_index(op.f("ix_closures_station"), table_name="closures")
    op.drop_table("closures")
    op.drop_index(op.f("ix_stations_revision"), table_name="stations")
    op.drop_table("stations")
    op.drop_index(op.f("ix_sessions_username"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("former_towns")
    op.drop_table("towns")
    op.drop_table("network")
    op.drop_table("managers")
    op.drop_table("amenities")
    if not _is_sqlite():
        op.execute("DROP FUNCTION visits_are_append_only()")
