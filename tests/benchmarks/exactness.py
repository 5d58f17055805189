"""The search by itself: microseconds a question, and every answer held against brute force over pyproj.Geod."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harbour_api.domain.network import Needs, Network
from harbour_api.domain.place import GEOD, Place
from harbour_api.domain.station import OfferingState, Station
from harbour_api.store.seed import Seed
from tests.benchmarks import city

SIZES = (64, 1_500, 14_000, 200_000)
LIMIT = 10
GLOBE = (-180.0, -90.0, 180.0, 90.0)
NEARBY, FAR = 200, 100  # askers among the stations, and anywhere on the globe
TIMED_QUESTIONS = 3_000


@dataclass(frozen=True)
class Searched:
    """What was seen of one size: microseconds a question, and how many answers equal brute force."""

    count: int
    is_filtered: bool
    microseconds: float
    equal: int
    asked: int


def searched(count: int, seed: Seed) -> list[Searched]:
    """Return what was seen without and with the filter that 1 in 100 matches."""
    network = city.network(count, seed)
    return [_searched(network, needs) for needs in (Needs(), Needs(amenities=(city.RARE,)))]


def _searched(network: Network, needs: Needs) -> Searched:
    askers = city.askers(NEARBY) + city.askers(FAR, GLOBE)
    members = [station for station in network.stations if _meets(station, needs)]
    exact = _brute(members, askers)
    equal = sum(_answer(network, needs, asker) == right for asker, right in zip(askers, exact, strict=True))
    return Searched(len(network), bool(needs.amenities), _microseconds(network, needs), equal, len(askers))


def _meets(station: Station, needs: Needs) -> bool:
    return all(station.offers(amenity) is OfferingState.YES for amenity in needs.amenities)


def _answer(network: Network, needs: Needs, asker: Place) -> list[tuple[float, str]]:
    return [(near.distance_m, near.station.code) for near in network.nearest(asker, needs, limit=LIMIT)]


def _brute(members: Sequence[Station], askers: Sequence[Place]) -> list[list[tuple[float, str]]]:
    """Return each asker's nearest by measuring the geodesic to every single station."""
    lons = np.array([station.place.lon for station in members])
    lats = np.array([station.place.lat for station in members])
    codes = np.array([station.code for station in members])
    answers = []
    for asker in askers:
        _, _, metres = GEOD.inv(np.full(len(lons), asker.lon), np.full(len(lats), asker.lat), lons, lats)
        rounded = np.round(metres, 3)
        first = np.lexsort((codes, rounded))[:LIMIT]
        answers.append([(float(rounded[row]), str(codes[row])) for row in first])
    return answers


def _microseconds(network: Network, needs: Needs) -> float:
    askers = city.askers(TIMED_QUESTIONS)
    began = time.process_time()
    for asker in askers:
        network.nearest(asker, needs, limit=LIMIT)
    return (time.process_time() - began) / len(askers) * 1e6
