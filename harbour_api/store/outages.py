"""Amenities out of order, each with since when: what the history tells of those that are so at present."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from harbour_api.domain.outage import Outage, Turn, outage
from harbour_api.domain.station import OfferingState, Station
from harbour_api.store import tables
from harbour_api.store.database import Database

PREFIX = "amenities."  # of the history's fields


def outages(database: Database, stations: Iterable[Station]) -> list[Outage]:
    """Return what is out of order at these stations, the longest first; what is not known since when comes last."""
    turns = _turns(database)
    found = [
        outage(station.code, one.amenity, one.verified_at, turns[station.code, PREFIX + one.amenity])
        for station in stations
        for one in station.offerings
        if one.state is OfferingState.OUT_OF_ORDER
    ]
    return sorted(found, key=lambda one: (one.since is None, one.since and one.since.timestamp(), one.station))


def _turns(database: Database) -> defaultdict[tuple[str, str], list[Turn]]:
    """Return the history of amenities at every station that has one out of order, by station and field."""
    history, offerings = tables.history.c, tables.offerings.c
    broken = select(offerings.station).where(offerings.state == OfferingState.OUT_OF_ORDER)
    lines = select(history.station, history.field, history.at, history.old, history.new)
    wanted = lines.where(history.station.in_(broken), history.field.startswith(PREFIX)).order_by(history.id)
    turns: defaultdict[tuple[str, str], list[Turn]] = defaultdict(list)
    with database.read() as connection:
        for row in connection.execute(wanted):
            turns[row.station, row.field].append(Turn(row.at, _state(row.old), _state(row.new)))
    return turns


def _state(told: dict[str, Any] | None) -> str | None:
    return None if told is None else told["state"]
