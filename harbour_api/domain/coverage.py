"""Who is near a station: the share of places from which an open one lies within a walk (the field promises 1 km).

Nothing public says where people work, so the question is asked of sample points: a grid around each town's point, and
inside the operator's boundary where there is one. What rests on placeholders is counted and said.
"""

from __future__ import annotations

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


class Gap(NamedTuple):
    """A sample point too far from every station that counts; `nearest_m` is None where none counts at all."""

    place: Place
    town: str
    nearest_m: float | None
    nearest_code: str | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much is near: shares from 0 to 1, of all sample points and of each town's (by code)."""

    radius_m: float
    share: float
    towns: Mapping[str, float]
    gaps: tuple[Gap, ...]
    n_points: int
    n_stations: int
    n_placeholder: int


def coverage(
    network: Network,
    radius_m: float,
    needs: Needs,
    *,
    inside: BaseGeometry | None = None,
    and_here: Sequence[Place] = (),
) -> Coverage:
    """Return the coverage by the stations that meet the needs, and by stations that might open at `and_here`."""
    counted = network.matching(needs)
    points = {town.code: _points(town, inside) for town in network.towns.values()}
    gaps = {
        code: [gap for place in places if (gap := _gap(network, place, code, radius_m, needs, and_here)) is not None]
        for code, places in points.items()
    }
    n_points = sum(map(len, points.values()))
    n_gaps = sum(map(len, gaps.values()))
    return Coverage(
        radius_m=radius_m,
        share=_share(n_points, n_gaps),
        towns={code: _share(len(points[code]), len(gaps[code])) for code in points},
        gaps=tuple(gap for code in gaps for gap in gaps[code]),
        n_points=n_points,
        n_stations=len(counted),
        n_placeholder=sum(not station.is_placed for station in counted),
    )


@lru_cache(maxsize=256)
def sample_points(town: Town) -> tuple[Place, ...]:
    """Return a square grid around the town's point, as far as REACH_M from it."""
    steps = range(-(REACH_M // STEP_M), REACH_M // STEP_M + 1)
    offsets = [(x * STEP_M, y * STEP_M) for y in steps for x in steps if (x * x + y * y) * STEP_M**2 <= REACH_M**2]
    return tuple(_moved(town.place, east, north) for east, north in offsets)


def _points(town: Town, inside: BaseGeometry | None) -> list[Place]:
    return [place for place in sample_points(town) if inside is None or inside.covers(Point(place.lon, place.lat))]


def _gap(
    network: Network, place: Place, town: str, radius_m: float, needs: Needs, and_here: Sequence[Place]
) -> Gap | None:
    if any(place.distance_m(other) <= radius_m for other in and_here):
        return None
    nearest = network.nearest(place, needs, limit=1)
    if not nearest:
        return Gap(place, town, None, None)
    [found] = nearest
    return None if found.distance_m <= radius_m else Gap(place, town, found.distance_m, found.station.code)


def _moved(place: Place, east_m: float, north_m: float) -> Place:
    lon, lat, _ = GEOD.fwd(place.lon, place.lat, 0, north_m)
    lon, lat, _ = GEOD.fwd(lon, lat, 90, east_m)
    return Place.at(lon, lat)


def _share(n_points: int, n_gaps: int) -> float:
    return round(1 - n_gaps / n_points, 4) if n_points else 0.0
