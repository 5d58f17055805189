"""The nearest, held against brute force over pyproj.Geod: the same places in the same order, to the millimetre."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Geod

from harbour_api.domain.nearest import SCAN, PlaceIndex
from harbour_api.domain.network import Chosen, Needs, Network
from harbour_api.domain.place import Place
from harbour_api.domain.station import Amenity, Basis, Offering, OfferingState, Station, Town

GEOD = Geod(ellps="WGS84")
Degrees = NDArray[np.float64]
Answer = list[tuple[int, float]]

anywhere = st.builds(Place.at, st.floats(-180, 180), st.floats(-90, 90))
awkward = st.builds(
    Place.at,
    st.sampled_from([-180.0, -179.999999, -90.0, 0.0, 1e-6, 113.4, 179.999999, 180.0]),
    st.sampled_from([-90.0, -89.999999, -45.0, 0.0, 1e-6, 22.5, 89.999999, 90.0]),
)
crowded = st.builds(Place.at, st.floats(113.3999, 113.4001), st.floats(22.4999, 22.5001))
how_many = st.one_of(st.integers(1, 12), st.sampled_from([50, 200, 6000]))
steady = settings(derandomize=True, deadline=None, max_examples=24)
thorough = settings(steady, max_examples=200)


def brute(lons: Degrees, lats: Degrees, asker: Place, limit: int, rows: list[int] | None = None) -> Answer:
    """Measure every place, round, sort by distance and then by row."""
    starts = np.full(len(lons), asker.lon), np.full(len(lons), asker.lat)
    metres = GEOD.inv(*starts, lons, lats)[2].tolist()
    measured = [(round(metres[row], 3), row) for row in (range(len(lons)) if rows is None else rows)]
    return [(row, distance) for distance, row in sorted(measured)[:limit]]


def told(index: PlaceIndex | Chosen, asker: Place, limit: int) -> Answer:
    return [(found.row, found.distance_m) for found in index.nearest(asker, limit)]


def scattered(count: int, box: tuple[float, float, float, float], seed: int) -> tuple[Degrees, Degrees]:
    west, south, east, north = box
    dice = np.random.default_rng(seed)
    return np.asarray(dice.uniform(west, east, count)), np.asarray(dice.uniform(south, north, count))


def over_the_globe(count: int) -> tuple[Degrees, Degrees]:
    return scattered(count, (-180, -90, 180, 90), count)


def along_the_antimeridian() -> tuple[Degrees, Degrees]:
    lons, lats = scattered(3000, (179, -70, 181, 70), 7)
    lons[:200], lons[200:400] = 180.0, -180.0
    return np.where(lons > 180, lons - 360, lons), lats


def around_the_poles() -> tuple[Degrees, Degrees]:
    lons, lats = scattered(3000, (-180, 89, 180, 90), 8)
    lats[:50] = 90.0  # one point under fifty longitudes
    return lons, np.where(np.arange(3000) % 2, lats, -lats)


def at_few_points() -> tuple[Degrees, Degrees]:
    lons, lats = scattered(30, (113, 22, 114, 23), 9)
    at = np.random.default_rng(10).integers(0, 30, 3000)
    return lons[at], lats[at]


def clusters_far_apart() -> tuple[Degrees, Degrees]:
    crowds = [scattered(1000, (x, y, x + 1e-3, y + 1e-3), 11) for x, y in ((113.4, 22.5), (-70.0, -22.5), (0.0, 51.5))]
    hermits = scattered(5, (-180, -90, 180, 90), 12)
    lons, lats = zip(*crowds, hermits, strict=True)
    return np.concatenate(lons), np.concatenate(lats)


def a_millimetre_grid() -> tuple[Degrees, Degrees]:
    """Steps of 1e-6 degrees, mirrored: distances that tie, and many that tie but for less than a millimetre."""
    x, y = np.meshgrid(np.arange(-20, 21), np.arange(-20, 21))
    return np.asarray(113.4 + x.ravel() * 1e-6), np.asarray(22.5 + y.ravel() * 1e-6)


WORLDS: dict[str, Callable[[], tuple[Degrees, Degrees]]] = {
    "over the globe": lambda: over_the_globe(5000),
    "in one city": lambda: scattered(4000, (113.1, 22.2, 113.7, 22.8), 6),
    "along the antimeridian": along_the_antimeridian,
    "around the poles": around_the_poles,
    "at few points": at_few_points,
    "all at one point": lambda: (np.full(SCAN + 100, 113.4), np.full(SCAN + 100, 22.5)),
    "on one parallel": lambda: (np.linspace(-180, 180, 2000), np.full(2000, 22.5)),
    "on one meridian": lambda: (np.full(2000, 180.0), np.linspace(-90, 90, 2000)),
    "in clusters far apart": clusters_far_apart,
    "on a millimetre grid": a_millimetre_grid,
    "as many as are scanned": lambda: over_the_globe(SCAN),
    "one more than are scanned": lambda: over_the_globe(SCAN + 1),
}


@cache
def world(name: str) -> tuple[PlaceIndex, Degrees, Degrees]:
    lons, lats = WORLDS[name]()
    lons, lats = np.round(lons, 6) + 0.0, np.round(lats, 6) + 0.0
    return PlaceIndex(lons, lats), lons, lats


def some_asker(data: st.DataObject, lons: Degrees, lats: Degrees) -> Place:
    """Draw an asker anywhere, or near one of the places, at it, or opposite to it on the globe."""
    row = data.draw(st.integers(0, len(lons) - 1))
    lon, lat = float(lons[row]), float(lats[row])
    away = data.draw(st.floats(-0.01, 0.01))
    near = Place.at((lon + away + 180) % 360 - 180, max(-90.0, min(90.0, lat + away)))
    opposite = Place.at(lon + 180 if lon <= 0 else lon - 180, -lat)
    return data.draw(st.one_of(anywhere, awkward, st.sampled_from([near, opposite, Place.at(lon, lat)])))


@pytest.mark.parametrize("name", WORLDS)
@given(data=st.data(), limit=how_many)
@steady
def test_the_nearest_are_those_of_brute_force_in_its_order(name: str, data: st.DataObject, limit: int) -> None:
    index, lons, lats = world(name)
    asker = some_asker(data, lons, lats)
    assert told(index, asker, limit) == brute(lons, lats, asker, limit)


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("share", [0.002, 0.05, 0.4, 0.9])
@given(data=st.data(), limit=how_many)
@settings(steady, max_examples=8)
def test_a_part_is_searched_as_if_the_rest_were_not_there(
    name: str, share: float, data: st.DataObject, limit: int
) -> None:
    index, lons, lats = world(name)
    asker = some_asker(data, lons, lats)
    rows = np.flatnonzero(np.random.default_rng(13).random(len(lons)) < share)
    among = Chosen(rows, index)
    assert told(among, asker, limit) == brute(lons, lats, asker, limit, rows.tolist())


@given(st.lists(st.one_of(anywhere, awkward, crowded), min_size=1, max_size=12), st.data(), st.integers(1, 13))
@thorough
def test_few_places_are_compared_as_exactly_as_many(places: list[Place], data: st.DataObject, limit: int) -> None:
    lons, lats = np.array([place.lon for place in places]), np.array([place.lat for place in places])
    asker = data.draw(st.one_of(anywhere, awkward, crowded, st.sampled_from(places)))
    assert told(PlaceIndex(lons, lats), asker, limit) == brute(lons, lats, asker, limit)


@given(anywhere, anywhere)
@thorough
def test_the_bearing_leads_from_the_asker_to_the_place(asker: Place, place: Place) -> None:
    (found,) = PlaceIndex(np.array([place.lon]), np.array([place.lat])).nearest(asker, 1)
    assert 0 <= found.bearing_deg < 360
    assert found.bearing_deg == round(found.bearing_deg, 1)
    exact = GEOD.inv(asker.lon, asker.lat, place.lon, place.lat)[0]
    assert abs((found.bearing_deg - exact + 180) % 360 - 180) <= 0.0501


def test_places_whose_distances_round_alike_come_in_their_own_order() -> None:
    index, _, _ = world("all at one point")
    assert told(index, Place.at(113.4, 22.5), 4) == [(0, 0.0), (1, 0.0), (2, 0.0), (3, 0.0)]


def test_an_index_of_nothing_finds_nothing() -> None:
    assert PlaceIndex(np.array([]), np.array([])).nearest(Place.at(0, 0), 5) == []


def test_nothing_chosen_is_nothing_found() -> None:
    index, _, _ = world("over the globe")
    assert Chosen(np.array([], dtype=np.intp), index).nearest(Place.at(0, 0), 5) == []


@pytest.mark.parametrize("limit", [0, -1])
@pytest.mark.parametrize("name", ["over the globe", "all at one point", "as many as are scanned"])
def test_asking_for_none_is_refused_and_never_runs_on(name: str, limit: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        world(name)[0].nearest(Place.at(113.4, 22.5), limit)


def test_a_box_across_the_antimeridian_holds_both_its_sides() -> None:
    index, lons, lats = world("along the antimeridian")
    inside = index.inside(179.5, -10, -179.5, 10)
    wanted = [abs(lon) >= 179.5 and -10 <= lat <= 10 for lon, lat in zip(lons.tolist(), lats.tolist(), strict=True)]
    assert inside.tolist() == wanted
    assert any(wanted)


N_STATIONS = 2 * SCAN
KINDS = {"aed": 1000, "toilet": 20, "seating": 3, "umbrella": 1}  # one station in so many has it


@cache
def network() -> Network:
    """Stations handed over in an order that is not that of their codes; every third stands where another does."""
    lons, lats = scattered(N_STATIONS, (113.0, 22.0, 114.0, 23.0), 14)
    lons[::3], lats[::3] = lons[1::3], lats[1::3]
    town = Town("442000001", "石岐街道", "Shiqi", Place.at(113.4, 22.5))
    stations = [
        Station(
            code=f"ZS{row:05}", cnaps="105603000016", name="支行", name_en="Branch", town=town.code,
            place=Place.at(float(lons[row]), float(lats[row])), location_basis=Basis.PLACEHOLDER,
            offerings=tuple(Offering(k, OfferingState.YES, Basis.ASSUMED) for k, n in KINDS.items() if row % n == 0),
        )
        for row in np.random.default_rng(15).permutation(N_STATIONS).tolist()
    ]  # fmt: skip
    return Network(stations, [town], [Amenity(code, code, code, "basic", "dot") for code in KINDS])


@pytest.mark.parametrize("kind", [None, *KINDS])
@given(data=st.data(), limit=how_many)
@settings(steady, max_examples=25)
def test_a_network_names_the_nearest_stations_by_distance_then_code(
    kind: str | None, data: st.DataObject, limit: int
) -> None:
    stations = network().stations
    lons, lats = np.array([s.place.lon for s in stations]), np.array([s.place.lat for s in stations])
    asker = some_asker(data, lons, lats)
    rows = [row for row, s in enumerate(stations) if kind is None or s.offers(kind) is OfferingState.YES]
    found = network().nearest(asker, Needs(amenities=() if kind is None else (kind,)), limit=limit)
    wanted = [(stations[row].code, metres) for row, metres in brute(lons, lats, asker, limit, rows)]
    assert [(near.station.code, near.distance_m) for near in found] == wanted


def test_a_reach_cuts_off_what_lies_beyond_it_and_keeps_what_lies_on_it() -> None:
    asker = Place.at(113.4, 22.5)
    five = network().nearest(asker, Needs(), limit=5)
    third = five[2].distance_m
    within = network().nearest(asker, Needs(), limit=5, max_distance_m=third)
    assert within == [near for near in five if near.distance_m <= third]
    assert network().nearest(asker, Needs(), limit=5, max_distance_m=0.0) == []
