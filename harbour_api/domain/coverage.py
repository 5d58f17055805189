"""Who is near a station: the share of places from which an open one lies within a walk (the field promises 1 km).

Nothing public says where people work, so the question is asked of sample points: a grid around each town's point, and
inside the operator's boundary where there is one. What rests on placeholders is counted and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from shapely import Point
from shapely.geometry.base import BaseGeometry

from harbour_api.domain.network import Needs, Network
from harbour_api.domain.place import GEOD, Place
from harbour_api.domain.station import Town

REACH_M = 2_000  # how far around a town's point the sample goes
STEP_M = 400


class Spot(NamedTuple):
    """A sample point and the nearest station that counts; None for both where none counts at all."""

    place: Place
    town: str
    nearest_m: float | None
    nearest_code: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """All sample points as one choice of stations sees them: the costly part, and the same for every radius."""

    towns: tuple[str, ...]
    spots: tuple[Spot, ...]
    n_stations: int
    n_placeholder: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much is near: shares from 0 to 1, of all sample points and of each town's (by code)."""

    radius_m: float
    share: float
    towns: Mapping[str, float]
    gaps: tuple[Spot, ...]
    n_points: int
    n_stations: int
    n_placeholder: int


def sampled(network: Network, needs: Needs, inside: BaseGeometry | None = None) -> Sample:
    """Return every sample point with the nearest station that meets the needs."""
    counted = network.matching(needs)
    spots = [
        _spot(network, place, town.code, needs) for town in network.towns.values() for place in _points(town, inside)
    ]
    return Sample(
        towns=tuple(network.towns),
        spots=tuple(spots),
        n_stations=len(counted),
        n_placeholder=sum(not station.is_placed for station in counted),
    )


def coverage(sample: Sample, radius_m: float, and_here: Sequence[Place] = ()) -> Coverage:
    """Return the coverage of a sample within a radius, by its stations and by those that might open at `and_here`."""
    gaps = tuple(spot for spot in sample.spots if _is_gap(spot, radius_m, and_here))
    n_points, n_gaps = Counter(spot.town for spot in sample.spots), Counter(gap.town for gap in gaps)
    return Coverage(
        radius_m=radius_m,
        share=_share(len(sample.spots), len(gaps)),
        towns={code: _share(n_points[code], n_gaps[code]) for code in sample.towns},
        gaps=gaps,
        n_points=len(sample.spots),
        n_stations=sample.n_stations,
        n_placeholder=sample.n_placeholder,
    )


@lru_cache(maxsize=256)
def sample_points(town: Town) -> tuple[Place, ...]:
    """Return a square grid around the town's point, as far as REACH_M from it."""
    steps = range(-(REACH_M // STEP_M), REACH_M // STEP_M + 1)
    offsets = [(x * STEP_M, y * STEP_M) for y in steps for x in steps if (x * x + y * y) * STEP_M**2 <= REACH_M**2]
    return tuple(_moved(town.place, east, north) for east, north in offsets)


def _points(town: Town, inside: BaseGeometry | None) -> list[Place]:
    return [place for place in sample_points(town) if inside is None or inside.covers(Point(place.lon, place.lat))]


def _spot(network: Network, place: Place, town: str, needs: Needs) -> Spot:
    nearest = network.nearest(place, needs, limit=1)
    if not nearest:
        return Spot(place, town, None, None)
    [found] = nearest
    return Spot(place, town, found.distance_m, found.station.code)


def _is_gap(spot: Spot, radius_m: float, and_here: Sequence[Place]) -> bool:
    if spot.nearest_m is not None and spot.nearest_m <= radius_m:
        return False
    return all(spot.place.distance_m(other) > radius_m for other in and_here)


def _moved(place: Place, east_m: float, north_m: float) -> Place:
    lon, lat, _ = GEOD.fwd(place.lon, place.lat, 0, north_m)
    lon, lat, _ = GEOD.fwd(lon, lat, 90, east_m)
    return Place.at(lon, lat)


def _share(n_points: int, n_gaps: int) -> float:
    return round(1 - n_gaps / n_points, 4) if n_points else 0.0
