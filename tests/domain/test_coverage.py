"""Who is near a station: held against brute force, and by what can never be otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from harbour_api.domain.coverage import REACH_M, coverage, sample_points, sampled
from harbour_api.domain.network import Needs, Network
from harbour_api.domain.place import Place
from harbour_api.domain.station import Basis, Station, Town
from harbour_api.store.seed import Seed
from tests.conftest import MONDAY_MORNING

TOWNS = (
    Town("442000001", "甲", "A", Place.at(113.385, 22.517)),
    Town("442000002", "乙", "B", Place.at(113.405, 22.517)),
)
around = st.builds(Place.at, st.floats(113.34, 113.45), st.floats(22.48, 22.56))
radii = st.floats(100, 5000)
steady = settings(derandomize=True, deadline=None, max_examples=15)


def network_of(places: list[Place]) -> Network:
    stations = [
        Station(f"ZS{i:03d}", f"{i:012d}", "站", "S", TOWNS[0].code, place, Basis.PLACEHOLDER)
        for i, place in enumerate(places)
    ]
    return Network(stations, TOWNS, ())


@steady
@given(st.lists(around, max_size=6), radii)
def test_it_is_the_share_of_points_from_which_brute_force_finds_a_station(places: list[Place], radius: float) -> None:
    found = coverage(sampled(network_of(places), Needs()), radius)

    for town in TOWNS:
        points = sample_points(town)
        near = [p for p in points if any(p.distance_m(place) <= radius for place in places)]
        assert found.towns[town.code] == round(len(near) / len(points), 4)


@steady
@given(st.lists(around, max_size=5), around, radii)
def test_it_never_falls_when_a_station_is_added(places: list[Place], another: Place, radius: float) -> None:
    before = sampled(network_of(places), Needs())
    after = coverage(sampled(network_of([*places, another]), Needs()), radius)

    assert after.share >= coverage(before, radius).share
    assert after.towns == coverage(before, radius, [another]).towns, "what-if says what then comes true"


@steady
@given(st.lists(around, max_size=5), radii, radii)
def test_it_never_falls_when_the_radius_grows(places: list[Place], one: float, other: float) -> None:
    sample = sampled(network_of(places), Needs())

    assert coverage(sample, min(one, other)).share <= coverage(sample, max(one, other)).share


def test_at_night_nobody_is_near_an_open_station(seed: Seed) -> None:
    network = Network(seed.stations, seed.towns, seed.amenities, 1)

    night = coverage(sampled(network, Needs(open_at=MONDAY_MORNING + timedelta(hours=13))), 1000)

    assert (night.share, set(night.towns.values()), night.n_stations) == (0.0, {0.0}, 0)
    assert len(night.gaps) == night.n_points
    assert night.gaps[0].nearest_m is None


def test_it_counts_the_placeholders_it_rests_on(seed: Seed) -> None:
    verified = replace(seed.stations[0], location_basis=Basis.VERIFIED)
    network = Network([verified, *seed.stations[1:]], seed.towns, seed.amenities, 1)

    found = coverage(sampled(network, Needs()), 1000)

    assert (found.n_stations, found.n_placeholder) == (64, 63)
    assert 0 < found.share < 1


def test_a_gap_says_how_far_the_nearest_station_is() -> None:
    station = Place.at(113.385, 22.517)

    for gap in coverage(sampled(network_of([station]), Needs()), 500).gaps:
        assert gap.nearest_code == "ZS000"
        assert gap.nearest_m == round(gap.place.distance_m(station), 3) > 500


def test_the_points_lie_within_reach_of_the_town_and_inside_the_boundary() -> None:
    boundary = box(113.385, 22.4, 113.5, 22.6)

    assert all(point.distance_m(TOWNS[0].place) <= REACH_M + 1 for point in sample_points(TOWNS[0]))
    inside = sampled(network_of([]), Needs(), boundary).spots
    assert inside
    assert all(spot.place.lon >= 113.385 for spot in inside)


def test_a_town_wholly_outside_the_boundary_has_no_share() -> None:
    found = coverage(sampled(network_of([TOWNS[0].place]), Needs(), box(0, 0, 1, 1)), 1000)

    assert (found.share, found.n_points) == (0.0, 0)
