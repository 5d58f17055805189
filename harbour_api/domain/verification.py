"""When a place is believed, when facts grow stale, and which stations somebody has to go and see.

One rule: the bounds of belief are named here, once; what asks for them shows them with the refusal.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from harbour_api.domain.network import Nearby, Network
from harbour_api.domain.place import Datum, Place
from harbour_api.domain.station import Basis, Station, Status, Town

STALE_AFTER = timedelta(days=90)
ACCURATE_M = 50  # past it, a device may stand at the next door but two
FAR_FROM_TOWN_M = 30_000  # no part of any town here lies as far from its point


class Method(StrEnum):
    """How a place was found: standing at the door, pointing at it on a map, or typing its figures."""

    DEVICE = "device"
    MAP = "map"
    TYPED = "typed"


class Slip(StrEnum):
    """What may have gone wrong with figures that lie far off: swapped, or another datum's."""

    SWAPPED = "swapped"
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class Progress(NamedTuple):
    """How many places are verified, of how many stations: retired ones are nobody's work any more."""

    n_verified: int
    n_stations: int


def is_near(place: Place, town: Town) -> bool:
    """Whether a place can be in that town at all."""
    return place.distance_m(town.place) <= FAR_FROM_TOWN_M


def likely_slips(lon: float, lat: float, datum: Datum, town: Town) -> Iterator[Slip]:
    """Yield each slip that would explain figures far from the town: read the other way, they lie near it."""
    if _lies_near(lat, lon, datum, town):
        yield Slip.SWAPPED
    for other in Datum:
        if other is not datum and _lies_near(lon, lat, other, town):
            yield Slip(other.value)


def is_stale(verified_at: datetime | None, now: datetime) -> bool:
    """Whether a fact was verified so long ago that it must be seen again; one never verified is not stale but open."""
    return verified_at is not None and now - verified_at > STALE_AFTER


def needs_a_visit(station: Station, now: datetime) -> bool:
    """Whether somebody has to go and see: its place was never verified, or what was verified has grown stale."""
    if station.status is Status.RETIRED:
        return False
    stamps = (station.verified_at, *(offering.verified_at for offering in station.offerings))
    return station.location_basis is not Basis.VERIFIED or any(is_stale(stamp, now) for stamp in stamps)


def progress(stations: Iterable[Station]) -> Progress:
    """Return how far the verifying of these stations is."""
    counted = [station for station in stations if station.status is not Status.RETIRED]
    return Progress(sum(station.location_basis is Basis.VERIFIED for station in counted), len(counted))


def days_round(network: Network, start: Place, now: datetime, own: Container[str] | None, limit: int) -> list[Nearby]:
    """Return the stations to be seen, of one's own (None: of all), nearest to the start first."""

    def is_wanted(station: Station) -> bool:
        return (own is None or station.code in own) and needs_a_visit(station, now)

    return network.nearest_of(start, is_wanted, limit=limit)


def _lies_near(lon: float, lat: float, datum: Datum, town: Town) -> bool:
    try:
        return is_near(Place.at(lon, lat, datum), town)
    except ValueError:
        return False
