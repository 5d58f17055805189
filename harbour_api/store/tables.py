"""The rows of both databases, declared once. A column type turns what a driver returns into our values, and nothing
past this folder sees the difference between SQLite and PostgreSQL with PostGIS."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from geoalchemy2 import Geography
from geoalchemy2.shape import to_shape
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from harbour_api.domain.notice import NoticeKind
from harbour_api.domain.place import Place
from harbour_api.domain.report import ReportKind, ReportState
from harbour_api.domain.station import Access, Audience, Basis, OfferingState, Status
from harbour_api.domain.tally import Source

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class PlaceColumn(TypeDecorator[Place]):
    """A Place: geography(Point, 4326) on PostGIS, a GeoJSON text on SQLite.

    PostGIS would wrap 181 degrees and keep NaN, so a Place is checked again as it is bound; a CHECK stands behind it.
    """

    impl = Geography("POINT", srid=4326, spatial_index=False)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        """Return the dialect's own type; GeoAlchemy2's listeners ask without a dialect."""
        if dialect is not None and dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return self.impl_instance

    def process_bind_param(self, value: Place | None, dialect: Dialect) -> str | None:
        """Write a place the way the database takes it."""
        if value is None:
            return None
        value = Place.at(value.lon, value.lat)  # whoever built it without the check meets it here
        if dialect.name == "sqlite":
            return json.dumps({"type": "Point", "coordinates": [value.lon, value.lat]}, separators=(",", ":"))
        return f"SRID=4326;POINT({value.lon!r} {value.lat!r})"

    def process_result_value(self, value: Any, dialect: Dialect) -> Place | None:
        """Read a place back, figure for figure as it was written."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return Place(*json.loads(value)["coordinates"])
        [(lon, lat)] = to_shape(value).coords
        return Place(lon, lat)


class UtcTime(TypeDecorator[datetime]):
    """An instant with its zone. SQLite's DateTime drops the zone, so it is put back here; naive times are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write the instant in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its zone")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Read the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")  # only an INTEGER key counts up by itself on SQLite


def one_of(column: str, words: Iterable[StrEnum]) -> CheckConstraint:
    """Return the CHECK that holds a column to the domain's words."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


SQLITE_PLACE = (
    "json_extract(place, '$.type') = 'Point' AND json_array_length(place, '$.coordinates') = 2"
    " AND json_type(place, '$.coordinates[0]') IN ('real', 'integer')"
    " AND json_type(place, '$.coordinates[1]') IN ('real', 'integer')"
    " AND json_extract(place, '$.coordinates[0]') BETWEEN -180 AND 180"
    " AND json_extract(place, '$.coordinates[1]') BETWEEN -90 AND 90"
)
POSTGIS_PLACE = (  # NaN sorts above every number, so BETWEEN refuses it; an empty point has no X to compare
    "NOT ST_IsEmpty(place::geometry) AND ST_X(place::geometry) BETWEEN -180 AND 180"
    " AND ST_Y(place::geometry) BETWEEN -90 AND 90"
)
SEASON = "(first_day IS NULL) = (last_day IS NULL) AND (first_day IS NULL OR first_day <= last_day)"

# One row: the revision that every process watches, grown by one in the same transaction as any change of the picture.
network = Table(
    "network",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True),
    Column("revision", BigInteger, nullable=False),
)

towns = Table(
    "towns",
    metadata,
    Column("code", String(9), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("name_en", String(80), nullable=False),
    Column("place", PlaceColumn, nullable=False),
)

former_towns = Table(
    "former_towns",
    metadata,
    Column("code", String(9), primary_key=True),
    Column("name", String(40), nullable=False),
    Column("town", ForeignKey("towns.code"), nullable=False),
)

amenities = Table(
    "amenities",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("zh", String(40), nullable=False),
    Column("en", String(80), nullable=False),
    Column("category", String(40), nullable=False),
    Column("icon", String(40), nullable=False),
    Column("aliases", JSON, nullable=False),
    Column("osm_tag", String(120)),
    Column("source", String(80), nullable=False),
)

stations = Table(
    "stations",
    metadata,
    Column("code", String(12), primary_key=True),
    Column("cnaps", String(12), nullable=False),
    Column("name", String(80), nullable=False),
    Column("name_en", String(120), nullable=False),
    Column("official_name", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("pinyin", String(400), nullable=False),
    Column("town", ForeignKey("towns.code"), nullable=False),
    Column("former_town", ForeignKey("former_towns.code")),
    Column("place", PlaceColumn, nullable=False),
    Column("location_basis", String(20), nullable=False),
    Column("address", String(200)),
    Column("phone", String(40)),
    Column("access", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("opening_hours", String(400)),
    Column("specials", JSON, nullable=False),
    Column("basis", JSON, nullable=False),
    Column("verified_at", UtcTime),
    Column("answered_at", UtcTime),
    Column("version", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    UniqueConstraint("cnaps"),
    one_of("access", Access),
    one_of("status", Status),
    one_of("location_basis", Basis),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint(SQLITE_PLACE, name="place").ddl_if(dialect="sqlite"),
    CheckConstraint(POSTGIS_PLACE, name="place").ddl_if(dialect="postgresql"),
    Index("ix_stations_place", "place", postgresql_using="gist").ddl_if(dialect="postgresql"),
)

offerings = Table(
    "offerings",
    metadata,
    Column("station", ForeignKey("stations.code"), primary_key=True),
    Column("amenity", ForeignKey("amenities.code"), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("count", Integer),
    Column("note", String(200)),
    Column("basis", String(20), nullable=False),
    Column("source", String(80), nullable=False),
    Column("verified_at", UtcTime),
    Column("first_day", Date),
    Column("last_day", Date, CheckConstraint(SEASON, name="days")),
    Column("reported_at", UtcTime),
    one_of("state", OfferingState),
    one_of("basis", Basis),
    CheckConstraint("count BETWEEN 0 AND 1000", name="count"),
)

closures = Table(
    "closures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("station", ForeignKey("stations.code"), nullable=False, index=True),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("reason", String(200), nullable=False),
    CheckConstraint("starts_at < ends_at", name="order"),
    sqlite_autoincrement=True,
)

visits = Table(
    "visits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("station", ForeignKey("stations.code"), nullable=False),
    Column("day", Date, nullable=False),
    Column("audience", String(20), nullable=False),
    Column("count", Integer, nullable=False),
    Column("occurred_at", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("source", String(20), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("corrects", Id),
    Column("reason", String(200)),
    Column("note", String(200)),
    ForeignKeyConstraint(["corrects"], ["visits.id"]),
    Index("ix_visits_station_day", "station", "day"),
    Index("ix_visits_day", "day"),
    one_of("audience", Audience),
    one_of("source", Source),
    CheckConstraint("count BETWEEN 0 AND 1000", name="count"),
    CheckConstraint("(corrects IS NULL) = (reason IS NULL)", name="reason"),
    sqlite_autoincrement=True,
)

# What a key was answered with: kept in the transaction of the entry itself, so that neither can be without the other.
receipts = Table(
    "receipts",
    metadata,
    Column("actor", String(80), primary_key=True),
    Column("path", String(120), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("visit", ForeignKey("visits.id"), nullable=False),
)

managers = Table(
    "managers",
    metadata,
    Column("username", String(40), primary_key=True),
    Column("password_hash", String(200), nullable=False),
    Column("is_administrator", Boolean, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("totp_secret", String(64)),  # None: the account asks for no second factor
    Column("totp_last_step", BigInteger),  # step of the last code used: none counts twice; None: never
)

manager_stations = Table(
    "manager_stations",
    metadata,
    Column("username", ForeignKey("managers.username"), primary_key=True),
    Column("station", ForeignKey("stations.code"), primary_key=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("username", ForeignKey("managers.username"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("station", ForeignKey("stations.code"), nullable=False, index=True),
    Column("field", String(60), nullable=False),
    Column("old", JSON),
    Column("new", JSON),
    sqlite_autoincrement=True,
)

# `amenity` is '' where a report is about none: a unique constraint holds no two NULLs to be alike.
reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("station", ForeignKey("stations.code"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("amenity", String(40), nullable=False),
    Column("hour", UtcTime, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reported_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("handled_by", String(80)),
    UniqueConstraint("station", "kind", "amenity", "hour"),
    one_of("kind", ReportKind),
    one_of("state", ReportState),
    sqlite_autoincrement=True,
)

# Secrets that may only log visits of one station; of each only a hash is kept.
tally_links = Table(
    "tally_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("station", ForeignKey("stations.code"), nullable=False, index=True),
    Column("secret_hash", String(64), nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    UniqueConstraint("secret_hash"),
    sqlite_autoincrement=True,
)

unlocked_days = Table(
    "unlocked_days",
    metadata,
    Column("station", ForeignKey("stations.code"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("reason", String(200), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("unlocked_at", UtcTime, nullable=False),
)

# What was done to anything but a station's facts: accounts, links, locks, the notice, imports. `history` has the rest.
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("old", JSON),
    Column("new", JSON),
    sqlite_autoincrement=True,
)

# One row or none: the banner above every public page.
notice = Table(
    "notice",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("text", String(200), nullable=False),
    Column("text_en", String(400), nullable=False),
    one_of("kind", NoticeKind),
    CheckConstraint("starts_at < ends_at", name="order"),
)
