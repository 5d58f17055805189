"""Rows to domain values: how the frozen picture is read. A later picture reads only the stations changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, update

from harbour_api.domain.network import Network
from harbour_api.domain.notice import Notice, NoticeKind
from harbour_api.domain.season import Season
from harbour_api.domain.station import (
    Access,
    Amenity,
    Basis,
    Closure,
    FormerTown,
    Offering,
    OfferingState,
    Special,
    Station,
    Status,
    Town,
)
from harbour_api.store import tables

AnyRow = Row[tuple[Any, ...]]
AnySelect = Select[tuple[Any, ...]]


def read_revision(connection: Connection) -> int:
    """Return the revision the database is at."""
    revision: int = connection.execute(select(tables.network.c.revision)).scalar_one()
    return revision


def next_revision(connection: Connection) -> int:
    """Let the revision grow, in the transaction of the change that makes it, and return it."""
    grown = update(tables.network).values(revision=tables.network.c.revision + 1)
    revision: int = connection.execute(grown.returning(tables.network.c.revision)).scalar_one()
    return revision


def read_network(connection: Connection, before: Network) -> Network:
    """Return the picture as it is now, keeping the station objects that have not changed since `before`."""
    revision = read_revision(connection)
    towns = _read_towns(connection)
    amenities = read_amenities(connection)
    changed = _read_stations(connection, tables.stations.c.revision > before.revision)
    return before.with_changes(changed, towns, amenities, revision, read_notice(connection))


def read_notice(connection: Connection) -> Notice | None:
    """Return the notice, whether it holds at present or not; None where there is none."""
    row = connection.execute(select(tables.notice)).one_or_none()
    if row is None:
        return None
    return Notice(NoticeKind(row.kind), row.starts_at, row.ends_at, row.text, row.text_en)


def _read_towns(connection: Connection) -> list[Town]:
    former: defaultdict[str, list[FormerTown]] = defaultdict(list)
    for row in connection.execute(select(tables.former_towns).order_by(tables.former_towns.c.code)):
        former[row.town].append(FormerTown(row.code, row.name))
    rows = connection.execute(select(tables.towns).order_by(tables.towns.c.code))
    return [Town(row.code, row.name, row.name_en, row.place, tuple(former[row.code])) for row in rows]


def read_amenities(connection: Connection) -> list[Amenity]:
    """Return the vocabulary of amenities, in its order."""
    rows = connection.execute(select(tables.amenities).order_by(tables.amenities.c.position))
    return [
        Amenity(row.code, row.zh, row.en, row.category, row.icon, tuple(row.aliases), row.osm_tag, row.source)
        for row in rows
    ]


def read_station(connection: Connection, code: str) -> Station:
    """Return one station as it is now; the caller knows that it is there."""
    [station] = _read_stations(connection, tables.stations.c.code == code)
    return station


def _read_stations(connection: Connection, wanted: ColumnElement[bool]) -> list[Station]:
    rows = select(tables.stations).where(wanted)
    codes = rows.with_only_columns(tables.stations.c.code)
    offerings = _by_station(connection, select(tables.offerings).where(tables.offerings.c.station.in_(codes)))
    closures = _by_station(connection, select(tables.closures).where(tables.closures.c.station.in_(codes)))
    return [_station(row, offerings[row.code], closures[row.code]) for row in connection.execute(rows)]


def _by_station(connection: Connection, query: AnySelect) -> defaultdict[str, list[AnyRow]]:
    rows: defaultdict[str, list[AnyRow]] = defaultdict(list)
    for row in connection.execute(query):
        rows[row.station].append(row)
    return rows


def _station(row: AnyRow, offerings: Iterable[AnyRow], closures: Iterable[AnyRow]) -> Station:
    return Station(
        code=row.code,
        cnaps=row.cnaps,
        name=row.name,
        name_en=row.name_en,
        town=row.town,
        place=row.place,
        location_basis=Basis(row.location_basis),
        official_name=row.official_name,
        kind=row.kind,
        former_town=row.former_town,
        pinyin=row.pinyin,
        address=row.address,
        phone=row.phone,
        access=Access(row.access),
        status=Status(row.status),
        opening_hours=row.opening_hours,
        offerings=tuple(sorted(map(_offering, offerings), key=lambda offering: offering.amenity)),
        closures=tuple(sorted(map(_closure, closures), key=lambda closure: closure.id)),
        specials=tuple(Special(**special) for special in row.specials),
        basis={field: Basis(word) for field, word in row.basis.items()},
        verified_at=row.verified_at,
        answered_at=row.answered_at,
        version=row.version,
    )


def _offering(row: AnyRow) -> Offering:
    state, basis = OfferingState(row.state), Basis(row.basis)
    # Rows are tuples, so `row.count` would be the method of that name.
    return Offering(
        row.amenity, state, basis, row._mapping["count"], row.note, row.source, row.verified_at,
        _season(row), row.reported_at,
    )  # fmt: skip


def _season(row: AnyRow) -> Season | None:
    return None if row.first_day is None else Season(row.first_day, row.last_day)


def _closure(row: AnyRow) -> Closure:
    return Closure(row.id, row.starts_at, row.ends_at, row.reason)
