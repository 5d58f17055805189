"""Facts as the rows of a spreadsheet, in the columns of their kind: what an import of the same rows finds unchanged.

One rule: an invented point never leaves in a file. The place of a placeholder is left empty in a sheet, and whoever
draws a map from these rows asks `Row.place`, which is None then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from harbour_api.domain.hours import ZONE
from harbour_api.domain.network import Network
from harbour_api.domain.place import Datum, Place
from harbour_api.domain.sheet import COLUMNS, Cell, Kind
from harbour_api.domain.station import Audience, Offering, Station
from harbour_api.domain.tally import DayTotal


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells in the order of its kind's columns, and where on a map it belongs, None for nowhere."""

    cells: tuple[Cell, ...]
    name: str
    place: Place | None


def station_rows(network: Network, stations: Iterable[Station], datum: Datum) -> Iterator[Row]:
    """Yield a row for each station."""
    for station in stations:
        lon, lat = station.place.figures(datum) if station.is_placed else (None, None)
        values: dict[str, Cell] = {
            "code": station.code,
            "cnaps": station.cnaps,
            "name": station.name,
            "name_en": station.name_en,
            "town": station.town,
            "town_name": network.town(station.town).name,
            "lon": lon,
            "lat": lat,
            "datum": datum.value if station.is_placed else None,
            "location_basis": station.location_basis.value,
            "address": station.address,
            "phone": station.phone,
            "access": station.access.value,
            "status": station.status.value,
            "opening_hours": station.opening_hours,
            "verified_at": _local(station.verified_at),
            "version": station.version,
        }
        yield _row(Kind.STATIONS, values, station)


def offering_rows(network: Network, stations: Iterable[Station]) -> Iterator[Row]:
    """Yield a row for whatever is known of an amenity at each station."""
    for station in stations:
        for offering in station.offerings:
            yield _row(Kind.OFFERINGS, _offering(network, station, offering), station)


def day_rows(stations: Iterable[Station], days: Mapping[str, Iterable[DayTotal]]) -> Iterator[Row]:
    """Yield a row for each day of each station that was recorded; samples were not."""
    for station in stations:
        for day in days.get(station.code, ()):
            if day.recorded and not day.is_sample:
                yield _row(Kind.DAYS, _day(station, day), station)


def _offering(network: Network, station: Station, offering: Offering) -> dict[str, Cell]:
    season = offering.season
    return {
        "station": station.code,
        "station_name": station.name,
        "amenity": offering.amenity,
        "amenity_name": network.amenity(offering.amenity).zh,
        "state": offering.state.value,
        "count": offering.count,
        "note": offering.note,
        "from": None if season is None else season.first.isoformat(),
        "to": None if season is None else season.last.isoformat(),
        "basis": offering.basis.value,
        "verified_at": _local(offering.verified_at),
    }


def _day(station: Station, day: DayTotal) -> dict[str, Cell]:
    counted: dict[str, Cell] = {audience.value: day.by_audience.get(audience) for audience in Audience}
    told: dict[str, Cell] = {"station": station.code, "station_name": station.name, "day": day.day.isoformat()}
    return told | {"total": day.total} | counted


def _row(kind: Kind, values: Mapping[str, Cell], station: Station) -> Row:
    cells = tuple(values.get(column) for column in COLUMNS[kind])
    return Row(cells, station.name, station.place if station.is_placed else None)


def _local(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(ZONE).isoformat()
