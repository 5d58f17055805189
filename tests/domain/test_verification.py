"""Which facts must be seen again, who is to be seen next, and which figures nobody can believe."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harbour_api.domain.network import Network
from harbour_api.domain.place import Datum, Place
from harbour_api.domain.station import Basis, Offering, OfferingState, Station, Status, Town
from harbour_api.domain.verification import (
    FAR_FROM_TOWN_M,
    STALE_AFTER,
    Slip,
    days_round,
    is_near,
    is_stale,
    likely_slips,
    needs_a_visit,
    progress,
)
from tests.domain.test_station import station

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TOWN = Town("T", "东区街道", "Dongqu", Place.at(113.4, 22.51))


def verified(code: str, days_ago: int = 0, **facts: object) -> Station:
    return station(code=code, location_basis=Basis.VERIFIED, verified_at=NOW - timedelta(days=days_ago), **facts)


def test_a_fact_is_stale_after_ninety_days_and_never_before_it_was_verified() -> None:
    assert not is_stale(None, NOW)
    assert not is_stale(NOW - STALE_AFTER, NOW)
    assert is_stale(NOW - STALE_AFTER - timedelta(seconds=1), NOW)


@pytest.mark.parametrize(
    ("one", "answer"),
    [
        (station(), True),
        (station(location_basis=Basis.DIRECTORY, verified_at=NOW), True),
        (verified("A"), False),
        (verified("A", 91), True),
        (replace(station(), status=Status.RETIRED), False),
        (replace(station(), status=Status.SUSPENDED), True),
    ],
)
def test_a_visit_is_needed_where_the_place_was_never_verified_or_a_fact_is_stale(one: Station, answer: bool) -> None:
    assert needs_a_visit(one, NOW) is answer


def test_one_stale_amenity_is_enough_and_one_never_verified_is_not() -> None:
    wifi = Offering("wifi", OfferingState.YES, Basis.VERIFIED)
    assert not needs_a_visit(verified("A", offerings=(wifi,)), NOW)
    assert needs_a_visit(verified("A", offerings=(replace(wifi, verified_at=NOW - timedelta(days=91)),)), NOW)


def test_progress_counts_verified_places_of_all_stations_but_retired_ones() -> None:
    retired = replace(verified("D"), status=Status.RETIRED)
    assert progress([verified("A", 200), station(), station(), retired]) == (1, 3)
    assert progress([]) == (0, 0)


def test_the_days_round_goes_by_distance_over_those_that_need_it() -> None:
    stations = [
        station(code="FAR", place=Place.at(113.5, 22.51)),
        station(code="NEAR", place=Place.at(113.41, 22.51), status=Status.SUSPENDED),
        verified("SEEN", place=TOWN.place),
        verified("STALE", 91, place=Place.at(113.42, 22.51)),
    ]
    network = Network(stations, [TOWN], [])
    codes = [one.station.code for one in days_round(network, TOWN.place, NOW, None, 10)]
    assert codes == ["NEAR", "STALE", "FAR"]
    assert [one.station.code for one in days_round(network, TOWN.place, NOW, {"FAR", "SEEN"}, 10)] == ["FAR"]
    assert len(days_round(network, TOWN.place, NOW, None, 1)) == 1
    assert days_round(network, TOWN.place, NOW, (), 10) == []


def test_a_place_lies_near_its_town_or_is_not_believed() -> None:
    assert is_near(Place.at(113.6, 22.6), TOWN)
    assert not is_near(Place.at(113.4, 22.8), TOWN)


def test_the_slip_that_explains_figures_far_away_is_named() -> None:
    assert list(likely_slips(22.51, 113.4, Datum.WGS84, TOWN)) == [Slip.SWAPPED]
    assert list(likely_slips(114.5, 22.5, Datum.WGS84, TOWN)) == []
    assert list(likely_slips(200.0, 22.5, Datum.WGS84, TOWN)) == []


def test_another_datum_is_named_where_it_would_bring_the_figures_near() -> None:
    edge = Place.at(TOWN.place.lon + 0.288, TOWN.place.lat)
    assert FAR_FROM_TOWN_M - 600 < edge.distance_m(TOWN.place) < FAR_FROM_TOWN_M
    shifted = edge.figures(Datum.BD09)
    assert not is_near(Place.at(*shifted), TOWN)
    assert Slip.BD09 in list(likely_slips(*shifted, Datum.WGS84, TOWN))
