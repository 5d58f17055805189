"""Places: what is let in, how it is rounded, and what the shifted datums make of it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from harbour_api.domain.place import CHINA, Datum, Place

ZHONGSHAN = Place.at(113.38, 22.52)
SHIFTED = [Datum.GCJ02, Datum.BD09]
MARGIN = 0.05  # near its rim the box holds a place, but not always what the datum makes of it
NO_NUMBERS = [math.nan, math.inf, -math.inf]

west, south, east, north = CHINA
in_china = st.builds(
    Place.at, st.floats(west + MARGIN, east - MARGIN), st.floats(south + MARGIN, north - MARGIN)
)  # fmt: skip
anywhere = st.builds(Place.at, st.floats(-180, 180), st.floats(-90, 90))
out_of_china = anywhere.filter(lambda place: not (west <= place.lon <= east and south <= place.lat <= north))
steady = settings(derandomize=True, deadline=None, max_examples=200)


@pytest.mark.parametrize(("lon", "lat"), [(-180, -90), (180, 90), (180, -90), (-180, 90), (0, 0)])
def test_the_bounds_themselves_are_places(lon: float, lat: float) -> None:
    assert Place.at(lon, lat) == Place(lon, lat)


@pytest.mark.parametrize("lon", [-180.0000001, 180.0000001, 360.0, *NO_NUMBERS])
@pytest.mark.parametrize("datum", list(Datum))
def test_a_longitude_out_of_bounds_is_refused_by_name(lon: float, datum: Datum) -> None:
    with pytest.raises(ValueError, match="longitude must lie between -180 and 180"):
        Place.at(lon, 0, datum)


@pytest.mark.parametrize("lat", [-90.0000001, 90.0000001, 113.4, *NO_NUMBERS])
@pytest.mark.parametrize("datum", list(Datum))
def test_a_latitude_out_of_bounds_is_refused_by_name(lat: float, datum: Datum) -> None:
    with pytest.raises(ValueError, match="latitude must lie between -90 and 90"):
        Place.at(0, lat, datum)


@pytest.mark.parametrize("tiny", [-0.0, -1e-9, -4.9e-7])
def test_zero_has_no_sign(tiny: float) -> None:
    place = Place.at(tiny, tiny)
    assert [math.copysign(1, figure) for figure in (place.lon, place.lat)] == [1, 1]
    assert place == Place.at(0, 0)


def test_whole_degrees_become_floats() -> None:
    assert [type(figure) for figure in Place.at(113, 22).figures()] == [float, float]


@given(st.floats(-180, 180), st.floats(-90, 90))
@steady
def test_a_place_is_rounded_to_six_decimals_and_then_stays(lon: float, lat: float) -> None:
    place = Place.at(lon, lat)
    assert (place.lon, place.lat) == (round(lon, 6), round(lat, 6))
    assert Place.at(place.lon, place.lat) == place
    assert place.figures() == (place.lon, place.lat)


@pytest.mark.parametrize("datum", SHIFTED)
@given(place=in_china)
@steady
def test_a_place_in_china_comes_back_from_a_shifted_datum_within_a_centimetre(datum: Datum, place: Place) -> None:
    assert Place.at(*place.figures(datum), datum).distance_m(place) < 0.01


@pytest.mark.parametrize("datum", SHIFTED)
@given(lon=st.floats(113.1, 113.8), lat=st.floats(22.2, 22.9))
@steady
def test_in_zhongshan_a_place_comes_back_as_the_very_same(datum: Datum, lon: float, lat: float) -> None:
    place = Place.at(lon, lat)
    assert Place.at(*place.figures(datum), datum) == place


@pytest.mark.parametrize(("datum", "least", "most"), [(Datum.GCJ02, 620, 645), (Datum.BD09, 1260, 1290)])
def test_at_zhongshan_a_mixed_up_datum_is_off_by_what_the_contract_says(datum: Datum, least: int, most: int) -> None:
    assert least <= Place.at(*ZHONGSHAN.figures(datum)).distance_m(ZHONGSHAN) <= most


@pytest.mark.parametrize("datum", SHIFTED)
def test_the_shift_goes_the_way_the_datum_goes(datum: Datum) -> None:
    lon, lat = ZHONGSHAN.figures(datum)
    assert lon > ZHONGSHAN.lon
    assert (lat > ZHONGSHAN.lat) is (datum is Datum.BD09)


@given(out_of_china)
@steady
def test_outside_china_all_datums_agree(place: Place) -> None:
    for datum in Datum:
        assert place.figures(datum) == (place.lon, place.lat)
        assert Place.at(place.lon, place.lat, datum) == place


@given(anywhere, anywhere)
@steady
def test_a_distance_is_the_geodesic_on_wgs84_both_ways(one: Place, other: Place) -> None:
    metres = Geod(ellps="WGS84").inv(one.lon, one.lat, other.lon, other.lat)[2]
    assert one.distance_m(other) == metres
    assert other.distance_m(one) == pytest.approx(metres, abs=1e-6)
