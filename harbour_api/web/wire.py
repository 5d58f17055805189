"""Domain values to the bytes of the contract. A station's JSON is made once and kept until the station changes or opens
or shuts; an answer joins such fragments, which is most of what makes it fast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson

from harbour_api.domain.hours import ZONE, Opening
from harbour_api.domain.nearest import Found
from harbour_api.domain.network import Board, Network, walk_minutes
from harbour_api.domain.place import Datum
from harbour_api.domain.station import AUDIENCE_NAMES, Amenity, Audience, Offering, Station, Town
from harbour_api.domain.tally import DayTotal, Entry

GEOJSON = "application/geo+json"
JSON = "application/json"


class Features:
    """Stations as GeoJSON Features, in bytes. One object serves every picture: a fragment is tied to its station."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Datum], tuple[Station, Opening, bytes]] = {}
        self._current: dict[Datum, tuple[Board, list[bytes | None]]] = {}  # what needs no check while a board holds

    def one(self, network: Network, station: Station, now: datetime, datum: Datum = Datum.WGS84) -> bytes:
        """Return one station's Feature."""
        return self._open(network, station, now, datum) + b"}}"

    def collection(self, network: Network, stations: Iterable[Station], now: datetime, following: str | None) -> bytes:
        """Return a FeatureCollection of a list's page; `following` is the address of the next page, or None."""
        features = b",".join([self.one(network, station, now) for station in stations])
        return b'{"type":"FeatureCollection","features":[' + features + b'],"next":' + orjson.dumps(following) + b"}"

    def nearest(self, network: Network, found: Sequence[Found], now: datetime, datum: Datum = Datum.WGS84) -> bytes:
        """Return a FeatureCollection of the nearest, with how far, which way and how long on foot."""
        ready = self._ready(network, now, datum)
        parts = [b'{"type":"FeatureCollection","features":[']
        for metres, row, bearing in found:
            fragment = ready[row]
            if fragment is None:
                fragment = ready[row] = self._open(network, network.stations[row], now, datum)
            minutes = walk_minutes(metres) if network.placed[row] else None
            far = {"distance_m": metres, "bearing_deg": bearing, "walk_minutes": minutes}
            parts += fragment, b",", orjson.dumps(far)[1:], b"},"
        if found:
            parts[-1] = b"}"
        parts.append(b"]}" if datum is Datum.WGS84 else b'],"datum":"%s"}' % datum.encode())
        return b"".join(parts)

    def _ready(self, network: Network, now: datetime, datum: Datum) -> list[bytes | None]:
        """Return the fragments made so far under the board that holds now, by row: one look-up, no station touched."""
        board = network.board(now)
        current = self._current.get(datum)
        if current is None or current[0] is not board:
            current = self._current[datum] = (board, [None] * len(network))
        return current[1]

    def _open(self, network: Network, station: Station, now: datetime, datum: Datum) -> bytes:
        """Return a Feature whose properties are still open at the end."""
        opening = network.opening(station, now)
        kept = self._kept.get((station.code, datum))
        if kept is not None and kept[0] is station and kept[1] == opening:
            return kept[2]
        fragment = orjson.dumps(feature(network, station, opening, datum))[:-2]
        self._kept[station.code, datum] = (station, opening, fragment)
        return fragment


def feature(network: Network, station: Station, opening: Opening, datum: Datum = Datum.WGS84) -> dict[str, Any]:
    """Return a station as a GeoJSON Feature whose last member is its properties."""
    return {
        "type": "Feature",
        "id": station.code,
        "geometry": {"type": "Point", "coordinates": station.place.figures(datum)},
        "properties": properties(network, station, opening),
    }


def properties(network: Network, station: Station, opening: Opening) -> dict[str, Any]:
    """Return every fact of a station, with the basis of each."""
    town = network.town(station.town)
    return {
        "code": station.code,
        "cnaps": station.cnaps,
        "name": station.name,
        "name_en": station.name_en,
        "town": {"code": town.code, "name": town.name, "name_en": town.name_en},
        "address": station.address,
        "phone": station.phone,
        "access": station.access,
        "status": station.status,
        "opening_hours": station.opening_hours,
        "is_open": opening.is_open,
        "next_change": local(opening.next_change),
        "amenities": [offering_json(offering) for offering in station.offerings],
        "specials": [{"zh": special.zh, "en": special.en} for special in station.specials],
        "basis": dict(station.basis),
        "location_basis": station.location_basis,
        "verified_at": local(station.verified_at),
        "answered_at": local(station.answered_at),
        "version": station.version,
    }


def offering_json(offering: Offering) -> dict[str, Any]:
    """Return what is known of one amenity at one station; `from` and `to` are the days it is there, null for always."""
    season = offering.season
    return {
        "code": offering.amenity,
        "state": offering.state,
        "count": offering.count,
        "note": offering.note,
        "from": None if season is None else season.first.isoformat(),
        "to": None if season is None else season.last.isoformat(),
        "basis": offering.basis,
        "verified_at": local(offering.verified_at),
        "reported_at": local(offering.reported_at),
    }


def amenity_json(amenity: Amenity) -> dict[str, Any]:
    """Return one word of the amenities' vocabulary."""
    return {
        "code": amenity.code,
        "zh": amenity.zh,
        "en": amenity.en,
        "category": amenity.category,
        "icon": amenity.icon,
        "aliases": amenity.aliases,
        "osm_tag": amenity.osm_tag,
        "source": amenity.source,
    }


def town_json(town: Town) -> dict[str, Any]:
    """Return one town; its point is a gazetteer's, WGS-84 longitude and latitude."""
    return {
        "code": town.code,
        "name": town.name,
        "name_en": town.name_en,
        "point": [town.place.lon, town.place.lat],
        "former": [{"code": old.code, "name": old.name} for old in town.former],
    }


def audience_json(audience: Audience) -> dict[str, str]:
    """Return one word of the audiences' vocabulary."""
    zh, en = AUDIENCE_NAMES[audience]
    return {"code": audience, "zh": zh, "en": en}


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return one visit entry."""
    return {
        "id": entry.id,
        "station": entry.station,
        "day": entry.day.isoformat(),
        "audience": entry.audience,
        "count": entry.count,
        "occurred_at": local(entry.occurred_at),
        "recorded_at": local(entry.recorded_at),
        "source": entry.source,
        "corrects": entry.corrects,
        "reason": entry.reason,
        "note": entry.note,
    }


def day_json(day: DayTotal) -> dict[str, Any]:
    """Return one day of a station; `total` is null where nothing was recorded."""
    source = None if not day.recorded else "sample" if day.is_sample else "recorded"
    return {
        "day": day.day.isoformat(),
        "recorded": day.recorded,
        "total": day.total,
        "by_audience": {audience.value: count for audience, count in day.by_audience.items()},
        "source": source,
    }


def local(moment: datetime | None) -> str | None:
    """Return an instant as RFC 3339 in Zhongshan's time."""
    return None if moment is None else moment.astimezone(ZONE).isoformat()


def dumps(value: Any) -> bytes:
    """Return a value as JSON."""
    return orjson.dumps(value)
