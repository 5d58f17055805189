"""What the maps' tests draw: a few stations in two towns, a square of land, and texts that would like to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harbour_api.domain.place import Place
from harbour_api.domain.station import Basis, FormerTown, Offering, OfferingState, Special, Station, Town
from maps.ground import Ground
from tests.hostile import HOSTILE

SOUTH, NORTH = "442000107", "442000118"


def land() -> dict[str, Any]:
    """A square of land with a property no map may show."""
    ring = [[113.1, 22.2], [113.7, 22.2], [113.7, 22.8], [113.1, 22.8], [113.1, 22.2]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"kind": "land"}, "geometry": shape}],
    }


@pytest.fixture
def ground() -> Ground:
    return Ground(land())


@pytest.fixture
def towns() -> dict[str, Town]:
    return {
        SOUTH: Town(SOUTH, "坦洲镇", "Tanzhou Town", Place(113.466920, 22.255030)),
        NORTH: Town(NORTH, "小榄镇", "Xiaolan Town", Place(113.231340, 22.678250)),
    }


MakeStation = Callable[..., Station]


@pytest.fixture
def station() -> MakeStation:
    """Build a station; what matters to a test is said by it."""

    def make(number: int = 1, town: str = SOUTH, **facts: Any) -> Station:
        place = Place(113.4 + number / 1000, 22.3 + number / 1000)
        known: dict[str, Any] = {"name": f"支行{number}", "name_en": f"Branch {number}", "place": place}
        known |= {"location_basis": Basis.PLACEHOLDER, "cnaps": "105603000016"}
        return Station(code=f"ZS{number:03}", town=town, **(known | facts))

    return make


@pytest.fixture
def stations(station: MakeStation) -> list[Station]:
    """Three stations: two in the north, of which one is verified, and one in the south."""
    return [station(1, NORTH), station(2, SOUTH), station(3, NORTH, location_basis=Basis.VERIFIED)]


@pytest.fixture
def hostile_stations(station: MakeStation) -> list[Station]:
    """One station for every hostile text, which stands in each of its fields that anybody may type into."""
    return [_poisoned(station, number, text) for number, text in enumerate(HOSTILE, start=1)]


@pytest.fixture
def hostile_towns() -> dict[str, Town]:
    poison = HOSTILE[0] + HOSTILE[6]
    former = (FormerTown("442000999", poison),)
    return {code: Town(code, poison, poison, Place(113.4, 22.4), former) for code in (SOUTH, NORTH)}


@pytest.fixture
def hostile_ground() -> Ground:
    drawn = land()
    drawn["name"] = drawn["features"][0]["id"] = HOSTILE[0]
    drawn["features"][0]["properties"] = {text: text for text in HOSTILE}
    return Ground(drawn)


def _poisoned(make: MakeStation, number: int, text: str) -> Station:
    words = dict.fromkeys(("name", "name_en", "official_name", "pinyin", "address", "phone", "opening_hours"), text)
    offering = Offering("wifi", OfferingState.OUT_OF_ORDER, Basis.VERIFIED, note=text, source=text)
    return make(number, specials=(Special(text, text),), offerings=(offering,), **words)
